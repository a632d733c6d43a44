/*
 * plot_pen.c - the pen that all plots draw with.
 */
#include "base/page/plot_private.h"

#include "base/text/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PEN_SCROLLS 560 /* pixels: a wider picture is scrolled on a phone rather than shrunk */

/* ---- a picture ------------------------------------------------------------------------ */

static void turn(struct page *p, const struct plot_picture *picture, enum page_language language)
{
	struct plot_pen pen = { p, language };

	page_raw(p, "<svg");
	if (p->languages == PAGE_BOTH)
		page_raw(p, language == PAGE_EN ? " class=\"en\"" : " class=\"zh\"");
	page_raw(p, language == PAGE_EN ? " lang=\"en\"" : " lang=\"zh-CN\"");
	page_raw(p, " role=\"img\"><title>");
	pen_say(&pen, picture->name);
	page_raw(p, "</title><desc>");
	picture->words(&pen, picture->what);
	page_raw(p, "</desc><rect class=\"cover\" width=\"100%\" height=\"100%\"/>");
	picture->draw(&pen, picture->what);
	page_raw(p, "</svg>");
}

void plot_draw(struct page *p, const struct plot_picture *picture)
{
	struct plot_pen pen = { p, 0 };
	const bool scrolls = picture->width > PEN_SCROLLS;

	if (scrolls)
		page_raw(p, "<div class=\"scroll far\" tabindex=\"0\">");
	page_raw(p, "<svg class=\"plot\" viewBox=\"0 0 ");
	page_textf(p, "%" PRId64 " %" PRId64, picture->width, picture->height);
	/* not much larger than it was meant: its text would outgrow the page's */
	page_raw(p, "\" style=\"max-width:");
	page_textf(p, "%" PRId64 "px", picture->width + picture->width / 20);
	if (scrolls)
		page_textf(p, ";--least:%" PRId64 "px", picture->width * 3 / 4);
	page_raw(p, "\"><g aria-hidden=\"true\">");
	picture->draw(&pen, picture->what);
	page_raw(p, "</g>");
	for (unsigned l = PAGE_EN; l <= PAGE_ZH; l++) {
		if ((p->languages & l) != 0)
			turn(p, picture, (enum page_language)l);
	}
	page_raw(p, scrolls ? "</svg></div>\n" : "</svg>\n");
}

static void empty_draw(struct plot_pen *pen, const void *what)
{
	(void)what;
	pen_label(pen, 0, 16 * PEN_PX, "s", 40,
	    (struct plot_name){ "nothing to show", "没有内容" });
}

static void empty_words(struct plot_pen *pen, const void *what)
{
	(void)what;
	pen_say(pen, (struct plot_name){ "Nothing to show.", "没有内容。" });
}

void plot_empty(struct page *p, struct plot_name name)
{
	plot_draw(p, &(struct plot_picture){ name, 200, 24, empty_draw, empty_words, NULL });
}

/* ---- marks ---------------------------------------------------------------------------- */

void pen_raw(struct plot_pen *pen, const char *text)
{
	if (pen->turn == 0)
		page_raw(pen->p, text);
}

void pen_at(struct plot_pen *pen, int64_t v)
{
	const int64_t whole = (v < 0 ? -v : v) / PEN_PX, tenth = (v < 0 ? -v : v) % PEN_PX;

	if (pen->turn != 0)
		return;
	page_textf(pen->p, "%s%" PRId64, v < 0 ? "-" : "", whole);
	if (tenth != 0)
		page_textf(pen->p, ".%" PRId64, tenth);
}

static void attribute(struct plot_pen *pen, const char *name, int64_t v)
{
	pen_raw(pen, name);
	pen_at(pen, v);
}

static void class_end(struct plot_pen *pen, const char *class)
{
	pen_raw(pen, "\" class=\"");
	pen_raw(pen, class);
	pen_raw(pen, "\"/>");
}

void pen_rect(struct plot_pen *pen, int64_t x, int64_t y, int64_t w, int64_t h, const char *class)
{
	attribute(pen, "<rect x=\"", x);
	attribute(pen, "\" y=\"", y);
	attribute(pen, "\" width=\"", w);
	attribute(pen, "\" height=\"", h);
	class_end(pen, class);
}

void pen_line(struct plot_pen *pen, int64_t x1, int64_t y1, int64_t x2, int64_t y2,
    const char *class)
{
	attribute(pen, "<path d=\"M", x1);
	attribute(pen, " ", y1);
	attribute(pen, "L", x2);
	attribute(pen, " ", y2);
	class_end(pen, class);
}

void pen_dot(struct plot_pen *pen, int64_t x, int64_t y, int64_t r, const char *class)
{
	attribute(pen, "<circle cx=\"", x);
	attribute(pen, "\" cy=\"", y);
	attribute(pen, "\" r=\"", r);
	class_end(pen, class);
}

/* ---- curves --------------------------------------------------------------------------- */

struct curve {
	struct plot_pen *pen;
	const struct plot_box *box;
	const int64_t *v;
	size_t n;
	bool down; /* the pen is on the paper */
};

static void curve_to(struct curve *c, size_t i)
{
	const struct plot_box *b = c->box;

	if (c->v[i] == PLOT_NOTHING) {
		c->down = false;
		return;
	}
	attribute(c->pen, c->down ? "L" : "M",
	    b->x + plot_scale((int64_t)i, 0, (int64_t)c->n - 1, b->w));
	attribute(c->pen, " ", b->y + b->h - plot_scale(c->v[i], b->lo, b->hi, b->h));
	c->down = true;
}

/* The least and the most of [from, to), as they come: what the eye sees of many points. */
static void curve_through(struct curve *c, size_t from, size_t to)
{
	size_t least = from, most = from;

	for (size_t i = from; i < to; i++) {
		least = c->v[i] < c->v[least] ? i : least;
		most = c->v[i] > c->v[most] ? i : most;
	}
	curve_to(c, least < most ? least : most);
	if (least != most)
		curve_to(c, least < most ? most : least);
}

void pen_curve(struct plot_pen *pen, const struct plot_box *box, const int64_t *v, size_t n,
    const char *class)
{
	const size_t parts = n <= PLOT_POINTS_MAX ? n : PLOT_POINTS_MAX / 2;
	struct curve c = { pen, box, v, n, false };

	if (pen->turn != 0)
		return;
	pen_raw(pen, "<path d=\"");
	for (size_t i = 0; i < parts; i++)
		curve_through(&c, n * i / parts, n * (i + 1) / parts);
	class_end(pen, class);
}

/* ---- texts ---------------------------------------------------------------------------- */

static size_t letters_of(uint32_t cp)
{
	return cp >= 0x1100 ? 2 : 1;
}

/* Letters of TEXT; in *FITS the bytes of it that LIMIT letters hold. */
static size_t letters_in(struct sc_span text, size_t limit, size_t *fits)
{
	size_t letters = 0;

	*fits = 0;
	for (size_t i = 0; i < text.n;) {
		uint32_t cp;
		const size_t n = utf8_decode(sc_span_from(text, i), &cp);

		letters += n == 0 ? 1 : letters_of(cp);
		i += n == 0 ? 1 : n;
		if (letters <= limit)
			*fits = i;
	}
	return letters;
}

static size_t letters_of_text(const char *text)
{
	size_t fits;

	return letters_in(sc_span_str(text), SIZE_MAX, &fits);
}

size_t plot_letters(struct plot_name name)
{
	const size_t en = letters_of_text(name.en);
	const size_t zh = name.zh == NULL ? 0 : letters_of_text(name.zh);

	return en > zh ? en : zh;
}

/* TEXT at a place, in whatever turn it is; of more than LETTERS the beginning. */
static void text_at(struct page *p, int64_t x, int64_t y, const char *class, size_t letters,
    struct sc_span text)
{
	struct plot_pen marks = { p, 0 };
	size_t fits, all;

	attribute(&marks, "<text x=\"", x);
	attribute(&marks, "\" y=\"", y);
	if (class[0] != '\0') {
		page_raw(p, "\" class=\"");
		page_raw(p, class);
	}
	page_raw(p, "\">");
	all = letters_in(text, letters, &fits);
	if (all > letters) {
		letters_in(text, letters > 1 ? letters - 1 : 1, &fits);
		page_text(p, sc_span(text.p, fits));
		page_raw(p, "\xE2\x80\xA6<title>");
		page_text(p, text);
		page_raw(p, "</title></text>");
	} else {
		page_text(p, text);
		page_raw(p, "</text>");
	}
}

void pen_text(struct plot_pen *pen, int64_t x, int64_t y, const char *class, const char *text)
{
	if (pen->turn == 0)
		text_at(pen->p, x, y, class, SIZE_MAX, sc_span_str(text));
}

void pen_number(struct plot_pen *pen, int64_t x, int64_t y, const char *class, int64_t v)
{
	char text[PAGE_NUMBER_MAX];

	page_number_print(v, text);
	pen_text(pen, x, y, class, text);
}

static const char *in_language(unsigned language, struct plot_name name)
{
	return language == PAGE_ZH && name.zh != NULL ? name.zh : name.en;
}

void pen_label(struct plot_pen *pen, int64_t x, int64_t y, const char *class, size_t letters,
    struct plot_name name)
{
	if (page_same(name.en, name.zh) == (pen->turn == 0))
		text_at(pen->p, x, y, class, letters, sc_span_str(in_language(pen->turn, name)));
}

/* ---- words ---------------------------------------------------------------------------- */

void pen_say(struct plot_pen *pen, struct plot_name name)
{
	page_text(pen->p, sc_span_str(in_language(pen->turn, name)));
}

void pen_value(struct plot_pen *pen, int64_t v)
{
	page_number(pen->p, v);
}

/* ---- sizes ---------------------------------------------------------------------------- */

int64_t plot_scale(int64_t v, int64_t min, int64_t max, int64_t length)
{
	if (max <= min || v <= min)
		return 0;
	if (v >= max)
		return length;
	/* differences of any two numbers fit when they are unsigned */
	const unsigned __int128 part = (uint64_t)v - (uint64_t)min;
	const uint64_t whole = (uint64_t)max - (uint64_t)min;

	return (int64_t)((part * (uint64_t)length + whole / 2) / whole);
}

int64_t plot_width(const struct page *p, int64_t min, int64_t max)
{
	const int64_t room = page_room(p);

	return (room < min ? min : room > max ? max : room) * PEN_PX;
}

size_t plot_rows(size_t n)
{
	return n < PLOT_ROWS_MAX ? n : PLOT_ROWS_MAX;
}

void pen_missing(struct plot_pen *pen, int64_t y, size_t n)
{
	char en[64], zh[64];

	if (n <= PLOT_ROWS_MAX)
		return;
	snprintf(en, sizeof(en), "and %zu more, not drawn", n - PLOT_ROWS_MAX);
	snprintf(zh, sizeof(zh), "另有 %zu 项未画出", n - PLOT_ROWS_MAX);
	pen_label(pen, 0, y, "s", 60, (struct plot_name){ en, zh });
}

size_t plot_ticks(int64_t min, int64_t max, int64_t out[static PLOT_TICKS_MAX])
{
	static const uint64_t times[] = { 1, 2, 5 };
	const uint64_t range = max > min ? (uint64_t)max - (uint64_t)min : 0;
	uint64_t step = 1;
	size_t n = 0;

	for (uint64_t ten = 1; range / step > 5; ten *= 10) {
		for (size_t i = 0; i < 3 && range / step > 5; i++)
			step = ten * times[i];
	}
	/* the first multiple that is not below MIN */
	__int128 at = (__int128)min / (__int128)step * (__int128)step;

	if (at < min)
		at += step;
	for (; at <= max && n < PLOT_TICKS_MAX; at += step)
		out[n++] = (int64_t)at;
	return n;
}
