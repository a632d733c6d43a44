/*
 * plot_bars.c - bars in rows, columns, and the small ones of tiles and tables.
 */
#include "base/page/plot_private.h"

#include <string.h>

struct bars {
	const struct plot_bar *v;
	size_t n;
	int64_t max;
	int64_t labels, notes; /* widths */
	int64_t width;
};

static struct plot_name bar_name(const struct plot_bar *b)
{
	return (struct plot_name){ b->label_en, b->label_zh };
}

static int64_t letters_wide(size_t letters, size_t most)
{
	return (int64_t)(letters < most ? letters : most) * PEN_LETTER;
}

/* The figure as it stands behind a bar. */
static const char *bar_note(const struct plot_bar *b, char number[static PAGE_NUMBER_MAX])
{
	if (b->note != NULL)
		return b->note;
	page_number_print(b->value, number);
	return number;
}

static void bars_words(struct plot_pen *pen, const void *what)
{
	const struct bars *b = what;
	char number[PAGE_NUMBER_MAX];

	for (size_t i = 0; i < plot_rows(b->n); i++) {
		page_raw(pen->p, i == 0 ? "" : "; ");
		pen_say(pen, bar_name(&b->v[i]));
		page_raw(pen->p, ": ");
		page_text(pen->p, sc_span_str(bar_note(&b->v[i], number)));
	}
}

/* ---- bars ----------------------------------------------------------------------------- */

#define BAR_LETTERS 26 /* of a label */
#define BAR_NOTE 18
#define BAR_ROW (24 * PEN_PX)
#define BAR_GAP (8 * PEN_PX)

static void bars_draw(struct plot_pen *pen, const void *what)
{
	const struct bars *b = what;
	const int64_t x = b->labels + BAR_GAP, room = b->width - x - b->notes - BAR_GAP;
	char number[PAGE_NUMBER_MAX];

	for (size_t i = 0; i < plot_rows(b->n); i++) {
		const int64_t y = (int64_t)i * BAR_ROW;
		const int64_t w = plot_scale(b->v[i].value, 0, b->max, room);

		pen_label(pen, 0, y + 160, "", BAR_LETTERS, bar_name(&b->v[i]));
		pen_rect(pen, x, y + 50, room, 140, "t");
		pen_rect(pen, x, y + 50, w > 0 || b->v[i].value <= 0 ? w : 5, 140, "c0");
		pen_text(pen, b->width, y + 160, "e", bar_note(&b->v[i], number));
	}
	pen_missing(pen, (int64_t)plot_rows(b->n) * BAR_ROW + 160, b->n);
}

void plot_bars(struct page *p, struct plot_name name, const struct plot_bar *v, size_t n,
    int64_t max)
{
	struct bars b = { .v = v, .n = n, .max = max, .width = plot_width(p, 280, 720) };
	char number[PAGE_NUMBER_MAX];

	if (n == 0) {
		plot_empty(p, name);
		return;
	}
	for (size_t i = 0; i < plot_rows(n); i++) {
		const struct plot_name note = { bar_note(&v[i], number), NULL };
		const int64_t label = letters_wide(plot_letters(bar_name(&v[i])), BAR_LETTERS);
		const int64_t figure = letters_wide(plot_letters(note), BAR_NOTE);

		b.labels = label > b.labels ? label : b.labels;
		b.notes = figure > b.notes ? figure : b.notes;
	}
	plot_draw(p,
	    &(struct plot_picture){ name, b.width / PEN_PX,
		(int64_t)(plot_rows(n) + (n > PLOT_ROWS_MAX)) * BAR_ROW / PEN_PX, bars_draw,
		bars_words, &b });
}

/* ---- columns -------------------------------------------------------------------------- */

#define COLUMN_HIGH (120 * PEN_PX) /* from the lowest to the highest */
#define COLUMN_TEXT (18 * PEN_PX)  /* a line of text */

/* From the least to the most, 0 between them. */
static void span_of(const struct plot_bar *v, size_t n, int64_t *lo, int64_t *hi)
{
	*lo = *hi = 0;
	for (size_t i = 0; i < n; i++) {
		*lo = v[i].value < *lo ? v[i].value : *lo;
		*hi = v[i].value > *hi ? v[i].value : *hi;
	}
}

static void columns_draw(struct plot_pen *pen, const void *what)
{
	const struct bars *b = what;
	const size_t n = plot_rows(b->n);
	const int64_t each = b->width / (int64_t)n;
	const size_t letters = (size_t)(each / 62 > 2 ? each / 62 : 2);
	int64_t lo, hi;
	char number[PAGE_NUMBER_MAX];

	span_of(b->v, n, &lo, &hi);
	const int64_t zero = COLUMN_TEXT + COLUMN_HIGH - plot_scale(0, lo, hi, COLUMN_HIGH);
	const int64_t foot = COLUMN_TEXT + COLUMN_HIGH + (lo < 0 ? 2 : 1) * COLUMN_TEXT;

	for (size_t i = 0; i < n; i++) {
		const int64_t v = b->v[i].value, x = (int64_t)i * each, middle = x + each / 2;
		const int64_t at = COLUMN_TEXT + COLUMN_HIGH - plot_scale(v, lo, hi, COLUMN_HIGH);

		pen_rect(pen, x + each / 8, v < 0 ? zero : at, each - each / 4,
		    v < 0 ? at - zero : zero - at, v < 0 ? "c1" : "c0");
		pen_text(pen, middle, v < 0 ? at + 130 : at - 50, "m s",
		    bar_note(&b->v[i], number));
		pen_label(pen, middle, foot, "m s", letters, bar_name(&b->v[i]));
	}
	pen_line(pen, 0, zero, b->width, zero, "a");
	pen_missing(pen, foot + COLUMN_TEXT, b->n);
}

void plot_columns(struct page *p, struct plot_name name, const struct plot_bar *v, size_t n)
{
	struct bars b = { .v = v, .n = n };
	const int64_t shown = (int64_t)plot_rows(n);
	int64_t lo, hi;

	if (n == 0) {
		plot_empty(p, name);
		return;
	}
	/* as wide as the card, but no column is wider than 60 pixels or narrower than 26 */
	b.width = plot_width(p, 26 * shown, 60 * shown);
	span_of(v, (size_t)shown, &lo, &hi);
	const int64_t lines = (lo < 0 ? 3 : 2) + (n > PLOT_ROWS_MAX);

	plot_draw(p,
	    &(struct plot_picture){ name, b.width / PEN_PX,
		(COLUMN_HIGH + lines * COLUMN_TEXT) / PEN_PX + 6, columns_draw, bars_words, &b });
}

/* ---- small ones ----------------------------------------------------------------------- */

static void meter_draw(struct plot_pen *pen, const void *what)
{
	const struct bars *b = what;

	pen_rect(pen, 0, 0, b->width, 120, "t");
	pen_rect(pen, 0, 0, plot_scale(b->v[0].value, 0, b->max, b->width), 120, "c0");
}

static void meter_words(struct plot_pen *pen, const void *what)
{
	const struct bars *b = what;

	pen_value(pen, b->v[0].value);
	page_raw(pen->p, " / ");
	pen_value(pen, b->max);
}

void plot_meter(struct page *p, struct plot_name name, int64_t value, int64_t max)
{
	const struct plot_bar v = { .value = value };
	const struct bars b = { .v = &v, .n = 1, .max = max, .width = 200 * PEN_PX };

	plot_draw(p, &(struct plot_picture){ name, 200, 12, meter_draw, meter_words, &b });
}

void plot_slims(struct page *p, const struct plot_slim *v, size_t n)
{
	struct plot_pen pen = { p, 0 };
	const size_t rows = n < 8 ? n : 8;

	page_raw(p, "<svg class=\"plot slim\" aria-hidden=\"true\" viewBox=\"0 0 120 ");
	page_textf(p, "%zu", rows * 11);
	page_raw(p, "\">");
	for (size_t i = 0; i < rows; i++) {
		const int64_t w = plot_scale(v[i].value, 0, v[i].max, 120 * PEN_PX);

		pen_rect(&pen, 0, (int64_t)i * 110 + 10, w > 8 || v[i].value <= 0 ? w : 8, 80,
		    i % 2 == 0 ? "c1" : "c0");
	}
	page_raw(p, "</svg>");
}
