/*
 * plot.h - marks drawn as SVG: bars, lines, intervals, heat maps. Colours after Okabe and Ito;
 * each picture has a title and its figures in words, for who does not see it.
 *
 * Values are integers in units of the caller's; lengths are in user units, which are pixels at
 * the page's usual size. All of it is escaped; nothing is kept of what is given.
 */
#ifndef BASE_PAGE_PLOT_H
#define BASE_PAGE_PLOT_H

#include "base/page/page.h"

#include <stdbool.h>
#include <stdint.h>

/* What a picture is called, for who hears the page. */
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
void plot_lines(struct page *p, struct plot_name name, const char *const *labels, size_t n,
    const struct plot_line *lines, size_t m);

/* Points with their ranges on one scale, a row each; HOLLOW is drawn so: not an effect. */
struct plot_interval {
	const char *label_en, *label_zh;
	int64_t low, value, high;
	bool hollow;
	const char *note;
};
void plot_intervals(struct page *p, struct plot_name name, const struct plot_interval *v, size_t n,
    int64_t min, int64_t max, const char *unit);

/* ROWS times COLS of cells, darker where more is; PLOT_NOTHING is left blank and says "folded". */
#define PLOT_NOTHING INT64_MIN
struct plot_heat {
	const char *const *rows, *const *cols; /* labels */
	size_t n_rows, n_cols;
	const int64_t *v; /* [row * n_cols + col] */
	bool numbers;     /* write them into the cells */
	/* of each row a cell to frame, or n_cols; NULL: none */
	const size_t *framed;
};
void plot_heat(struct page *p, struct plot_name name, const struct plot_heat *h);

/* Shares of one whole, side by side in one bar, a row each. */
struct plot_stack {
	const char *label_en, *label_zh;
	const int64_t *v; /* N parts */
};
void plot_stacks(struct page *p, struct plot_name name, const char *const *parts, size_t n,
    const struct plot_stack *rows, size_t m);

#endif
