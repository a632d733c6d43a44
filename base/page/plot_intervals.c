/*
 * plot_intervals.c - points with their ranges on one scale.
 */
#include "base/page/plot_private.h"

#include <stdio.h>
#include <string.h>

#define INTERVAL_ROW (30 * PEN_PX)
#define INTERVAL_LABEL 26 /* letters */
#define INTERVAL_NOTE 24

static const struct plot_name no_effect = { "a difference, not an effect", "只是差异，不是效果" };

struct intervals {
	const struct plot_interval *v;
	size_t n;
	int64_t min, max;
	const char *unit;
	int64_t x, w; /* of the scale */
};

static struct plot_name interval_name(const struct plot_interval *v)
{
	return (struct plot_name){ v->label_en, v->label_zh };
}

/* V with a plus where others have a minus. */
static void signed_print(const struct intervals *s, int64_t v, char out[static PAGE_NUMBER_MAX])
{
	const bool plus = s->min < 0 && v > 0;

	out[0] = '+';
	page_number_print(v, out + (plus ? 1 : 0));
}

/* "+14 % (+6 … +22)" */
static void figures_print(const struct intervals *s, const struct plot_interval *v, char *out,
    size_t size)
{
	char low[PAGE_NUMBER_MAX + 1], value[PAGE_NUMBER_MAX + 1], high[PAGE_NUMBER_MAX + 1];

	if (v->note != NULL) {
		snprintf(out, size, "%s", v->note);
		return;
	}
	signed_print(s, v->low, low);
	signed_print(s, v->value, value);
	signed_print(s, v->high, high);
	snprintf(out, size, "%s%s (%s \xE2\x80\xA6 %s)", value, s->unit, low, high);
}

#define FIGURES_MAX 256

static int64_t interval_x(const struct intervals *s, int64_t v)
{
	return s->x + plot_scale(v, s->min, s->max, s->w);
}

/* A small arrow where a range goes on beyond the scale. */
static void arrow(struct plot_pen *pen, int64_t x, int64_t y, int64_t to, bool hollow)
{
	pen_raw(pen, "<path d=\"M");
	pen_at(pen, x + to * 60);
	pen_raw(pen, " ");
	pen_at(pen, y);
	pen_raw(pen, to < 0 ? "l6 -4v8z" : "l-6 -4v8z");
	pen_raw(pen, hollow ? "\" class=\"r1\"/>" : "\" class=\"c0\"/>");
}

/* The mark alone: a disc on a line, or, where it is no effect, a hollow triangle on dashes. */
static void interval_mark(struct plot_pen *pen, const struct intervals *s,
    const struct plot_interval *v, int64_t y)
{
	const int64_t x = interval_x(s, v->value);

	pen_line(pen, interval_x(s, v->low), y, interval_x(s, v->high), y,
	    v->hollow ? "das" : "iv");
	if (v->low < s->min)
		arrow(pen, s->x, y, -1, v->hollow);
	if (v->high > s->max)
		arrow(pen, s->x + s->w, y, 1, v->hollow);
	if (!v->hollow) {
		pen_dot(pen, x, y, 45, "c0");
		return;
	}
	pen_raw(pen, "<path d=\"M");
	pen_at(pen, x);
	pen_raw(pen, " ");
	pen_at(pen, y - 60);
	pen_raw(pen, "l6.5 11h-13z\" class=\"hol\"/>");
}

static void intervals_axis(struct plot_pen *pen, const struct intervals *s, int64_t foot)
{
	int64_t ticks[PLOT_TICKS_MAX];
	const size_t n = plot_ticks(s->min, s->max, ticks);

	for (size_t i = 0; i < n; i++) {
		const int64_t x = interval_x(s, ticks[i]);
		char number[PAGE_NUMBER_MAX + 1];

		pen_line(pen, x, 0, x, foot, ticks[i] == 0 ? "a" : "g");
		signed_print(s, ticks[i], number);
		pen_text(pen, x, foot + 150, "m s", number);
	}
}

static void intervals_draw(struct plot_pen *pen, const void *what)
{
	const struct intervals *s = what;
	const int64_t foot = (int64_t)plot_rows(s->n) * INTERVAL_ROW;
	char figures[FIGURES_MAX];

	intervals_axis(pen, s, foot);
	for (size_t i = 0; i < plot_rows(s->n); i++) {
		const struct plot_interval *v = &s->v[i];
		const int64_t y = (int64_t)i * INTERVAL_ROW + INTERVAL_ROW / 2;

		pen_label(pen, 0, y + 40, "b", INTERVAL_LABEL, interval_name(v));
		interval_mark(pen, s, v, y);
		figures_print(s, v, figures, sizeof(figures));
		pen_label(pen, s->x + s->w + 120, y + (v->hollow ? -20 : 40), v->hollow ? "x" : "",
		    INTERVAL_NOTE, (struct plot_name){ figures, NULL });
		if (v->hollow)
			pen_label(pen, s->x + s->w + 120, y + 110, "x s", 32, no_effect);
	}
	pen_missing(pen, foot + 310, s->n);
}

static void intervals_words(struct plot_pen *pen, const void *what)
{
	const struct intervals *s = what;
	char figures[FIGURES_MAX];

	for (size_t i = 0; i < plot_rows(s->n); i++) {
		page_raw(pen->p, i == 0 ? "" : "; ");
		if (s->v[i].label_en != NULL) {
			pen_say(pen, interval_name(&s->v[i]));
			page_raw(pen->p, ": ");
		}
		figures_print(s, &s->v[i], figures, sizeof(figures));
		page_text(pen->p, sc_span_str(figures));
		if (s->v[i].hollow) {
			page_raw(pen->p, ", ");
			pen_say(pen, no_effect);
		}
	}
}

void plot_intervals(struct page *p, struct plot_name name, const struct plot_interval *v, size_t n,
    int64_t min, int64_t max, const char *unit)
{
	struct intervals s = { v, n, min, max, unit == NULL ? "" : unit, 0, 0 };
	const int64_t width = plot_width(p, 480, 1000);
	size_t letters = 0;

	if (n == 0) {
		plot_empty(p, name);
		return;
	}
	for (size_t i = 0; i < plot_rows(n); i++) {
		const size_t l = plot_letters(interval_name(&v[i]));

		letters = l > letters ? l : letters;
	}
	/* bold letters are wider */
	s.x = (int64_t)(letters < INTERVAL_LABEL ? letters : INTERVAL_LABEL) * (PEN_LETTER + 7) +
	    180;
	s.w = width - s.x - INTERVAL_NOTE * PEN_LETTER - 120;
	plot_draw(p,
	    &(struct plot_picture){ name, width / PEN_PX,
		(int64_t)plot_rows(n) * INTERVAL_ROW / PEN_PX + (n > PLOT_ROWS_MAX ? 40 : 22),
		intervals_draw, intervals_words, &s });
}

/* ---- one, in a cell ------------------------------------------------------------------- */

static void range_draw(struct plot_pen *pen, const void *what)
{
	const struct intervals *s = what;

	pen_line(pen, s->x, 90, s->x + s->w, 90, "g");
	if (s->min < 0 && s->max > 0)
		pen_line(pen, interval_x(s, 0), 0, interval_x(s, 0), 180, "a");
	interval_mark(pen, s, &s->v[0], 90);
}

void plot_range(struct page *p, struct plot_name name, const struct plot_interval *v, int64_t min,
    int64_t max)
{
	const struct intervals s = { v, 1, min, max, "", 70, 146 * PEN_PX };

	plot_draw(p, &(struct plot_picture){ name, 160, 18, range_draw, intervals_words, &s });
}
