/*
 * plot_private.h - the pen that all plots draw with.
 *
 * A picture is drawn once for the marks and once for each language, by the same function: the
 * pen leaves out what is not of its turn. So nothing is drawn twice, and each language has a
 * picture with a title and a description of its own, of which a reader meets only the chosen one.
 *
 *	<svg>	<g aria-hidden>marks, and texts that are the same in both</g>
 *		<svg class="en" role="img"><title/><desc/>texts</svg>
 *		<svg class="zh" role="img"><title/><desc/>texts</svg>	</svg>
 *
 * Coordinates are tenths of a pixel, in integers: the same bytes on every machine.
 */
#ifndef BASE_PAGE_PLOT_PRIVATE_H
#define BASE_PAGE_PLOT_PRIVATE_H

#include "base/page/page_private.h"
#include "base/page/plot.h"

#define PEN_PX 10     /* coordinates in a pixel */
#define PEN_LETTER 68 /* the width of a narrow letter at 12 pixels, about */

struct plot_pen {
	struct page *p;
	unsigned turn; /* 0: marks; otherwise the language's texts */
};

/* A picture of WIDTH by HEIGHT; DRAW draws it, WORDS tells its figures in PEN's language. */
struct plot_picture {
	struct plot_name name;
	int64_t width, height;
	void (*draw)(struct plot_pen *pen, const void *what);
	void (*words)(struct plot_pen *pen, const void *what);
	const void *what;
};
void plot_draw(struct page *p, const struct plot_picture *picture);
/* In the place of a picture without anything in it. */
void plot_empty(struct page *p, struct plot_name name);

/* ---- marks, of the first turn ---- */
void pen_rect(struct plot_pen *pen, int64_t x, int64_t y, int64_t w, int64_t h, const char *class);
void pen_line(struct plot_pen *pen, int64_t x1, int64_t y1, int64_t x2, int64_t y2,
    const char *class);
void pen_dot(struct plot_pen *pen, int64_t x, int64_t y, int64_t r, const char *class);
/* The line through N values between LO and HI in the box; PLOT_NOTHING leaves a gap. */
struct plot_box {
	int64_t x, y, w, h, lo, hi;
};
void pen_curve(struct plot_pen *pen, const struct plot_box *box, const int64_t *v, size_t n,
    const char *class);
/* Markup as it is; numbers of it by pen_at(). */
void pen_raw(struct plot_pen *pen, const char *text);
void pen_at(struct plot_pen *pen, int64_t v);

/* ---- texts ---- */
/* The same in both languages, so of the first turn. */
void pen_text(struct plot_pen *pen, int64_t x, int64_t y, const char *class, const char *text);
void pen_number(struct plot_pen *pen, int64_t x, int64_t y, const char *class, int64_t v);
/* Whole in its tooltip where LETTERS (two for a Chinese one) are not enough. */
void pen_label(struct plot_pen *pen, int64_t x, int64_t y, const char *class, size_t letters,
    struct plot_name name);
/* How many letters the longer language takes. */
size_t plot_letters(struct plot_name name);

/* ---- words, in the pen's language ---- */
void pen_say(struct plot_pen *pen, struct plot_name name);
void pen_value(struct plot_pen *pen, int64_t v);

/* V between MIN and MAX as a part of LENGTH; the nearer end when it is beyond. */
int64_t plot_scale(int64_t v, int64_t min, int64_t max, int64_t length);
/* As wide as the card, between MIN and MAX pixels: in the pen's units. */
int64_t plot_width(const struct page *p, int64_t min, int64_t max);
/* What is not drawn of N rows, told below the picture at Y. */
size_t plot_rows(size_t n);
void pen_missing(struct plot_pen *pen, int64_t y, size_t n);
/* Round values from MIN to MAX, at most 7; their number. */
#define PLOT_TICKS_MAX 8
size_t plot_ticks(int64_t min, int64_t max, int64_t out[static PLOT_TICKS_MAX]);

#endif
