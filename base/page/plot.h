/*
 * plot.h - marks drawn as SVG: bars, lines, intervals, heat maps. Colours after Okabe and Ito;
 * each picture has a title and its figures in words, for who does not see it.
 *
 * Values are integers in units of the caller's; lengths are in user units, which are pixels at
 * the page's usual size. All of it is escaped; nothing is kept of what is given. What does not
 * fit is said: a long label ends in "…" (whole in its tooltip), of more than PLOT_ROWS_MAX rows
 * the picture says how many are missing, values beyond a scale stop at its end.
 */
#ifndef BASE_PAGE_PLOT_H
#define BASE_PAGE_PLOT_H

#include "base/page/page.h"

#include <stdbool.h>
#include <stdint.h>

#define PLOT_ROWS_MAX 64    /* rows, or columns, of one picture */
#define PLOT_POINTS_MAX 240 /* of one line; of more, only those at which it turns most */
#define PLOT_LINES_MAX 8
#define PLOT_PARTS_MAX 24 /* of a stack */

/* What a picture, a row or a part is called; zh NULL: the same. */
struct plot_name {
	const char *en, *zh;
};

struct plot_bar {
	const char *label_en, *label_zh; /* label_zh NULL: the same */
	int64_t value;
	const char *note; /* behind the bar, such as "12 %"; NULL: the value */
};
/* Bars from left to right, a row each. */
void plot_bars(struct page *p, struct plot_name name, const struct plot_bar *v, size_t n,
    int64_t max);
/* Columns beside one another, negative ones downwards. */
void plot_columns(struct page *p, struct plot_name name, const struct plot_bar *v, size_t n);

/* A line without axes, its last point marked. WIDTH and HEIGHT in pixels. */
void plot_spark(struct page *p, struct plot_name name, const int64_t *v, size_t n, unsigned width,
    unsigned height);
/* Lines over common axes; LABELS below, N of them; each of the M lines N values. */
struct plot_line {
	const char *label_en, *label_zh;
	const int64_t *v;
};
void plot_lines(struct page *p, struct plot_name name, const struct plot_name *labels, size_t n,
    const struct plot_line *lines, size_t m);

/* Points with their ranges on one scale, a row each; HOLLOW is drawn so: not an effect. */
struct plot_interval {
	const char *label_en, *label_zh;
	int64_t low, value, high;
	bool hollow;
	const char *note; /* NULL: the figures */
};
void plot_intervals(struct page *p, struct plot_name name, const struct plot_interval *v, size_t n,
    int64_t min, int64_t max, const char *unit);
/* One of them for a table's cell: no label, no figures, a tick at 0. */
void plot_range(struct page *p, struct plot_name name, const struct plot_interval *v, int64_t min,
    int64_t max);

/* ROWS times COLS of cells, darker where more is; PLOT_NOTHING is left blank and says "folded". */
#define PLOT_NOTHING INT64_MIN
#define PLOT_OUTSIDE (INT64_MIN + 1) /* no cell at all, as at the end of a cohort's row */
struct plot_heat {
	const struct plot_name *rows, *cols; /* labels */
	size_t n_rows, n_cols;
	const int64_t *v; /* [row * n_cols + col] */
	bool numbers;     /* write them into the cells */
	/* of each row a cell to frame, or n_cols; NULL: none */
	const size_t *framed;
	struct plot_name rows_are, cols_are; /* over the labels; en NULL: nothing */
};
void plot_heat(struct page *p, struct plot_name name, const struct plot_heat *h);

/* Shares of one whole, side by side in one bar, a row each. */
struct plot_stack {
	const char *label_en, *label_zh;
	const int64_t *v; /* N parts */
};
void plot_stacks(struct page *p, struct plot_name name, const struct plot_name *parts, size_t n,
    const struct plot_stack *rows, size_t m);

/* How full something is: VALUE of MAX. */
void plot_meter(struct page *p, struct plot_name name, int64_t value, int64_t max);
/* Thin bars for a table's cell, one below the other, each against its own most. The figures are
 * in the table beside it: it is hidden from who hears the page. */
struct plot_slim {
	int64_t value, max;
};
void plot_slims(struct page *p, const struct plot_slim *v, size_t n);

#endif
