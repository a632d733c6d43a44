/*
 * plot_lines.c - lines: over axes, and sparks without them.
 */
#include "base/page/plot_private.h"

#include <stdio.h>
#include <string.h>

/* The least and the most of N values, and whether there is any. */
static bool range_of(const int64_t *v, size_t n, int64_t *lo, int64_t *hi)
{
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (v[i] == PLOT_NOTHING)
			continue;
		*lo = !any || v[i] < *lo ? v[i] : *lo;
		*hi = !any || v[i] > *hi ? v[i] : *hi;
		any = true;
	}
	return any;
}

/* "from 12 to 40, lowest 8, highest 41": enough of a line that has many points. */
static void say_course(struct plot_pen *pen, const int64_t *v, size_t n)
{
	static const struct plot_name words[] = { { "from ", "从 " }, { " to ", " 到 " },
		{ ", lowest ", "，最低 " }, { ", highest ", "，最高 " } };
	int64_t ends[4] = { 0, 0, 0, 0 };
	size_t first = 0, last = n;

	if (!range_of(v, n, &ends[2], &ends[3])) {
		pen_say(pen, (struct plot_name){ "nothing", "无" });
		return;
	}
	while (v[first] == PLOT_NOTHING)
		first++;
	while (v[last - 1] == PLOT_NOTHING)
		last--;
	ends[0] = v[first];
	ends[1] = v[last - 1];
	for (size_t i = 0; i < 4; i++) {
		pen_say(pen, words[i]);
		pen_value(pen, ends[i]);
	}
}

/* ---- sparks --------------------------------------------------------------------------- */

struct spark {
	struct plot_box box;
	const int64_t *v;
	size_t n;
};

static void spark_draw(struct plot_pen *pen, const void *what)
{
	const struct spark *s = what;
	const int64_t last = s->v[s->n - 1];

	pen_curve(pen, &s->box, s->v, s->n, "l l0");
	if (last != PLOT_NOTHING)
		pen_dot(pen, s->n == 1 ? s->box.x : s->box.x + s->box.w,
		    s->box.y + s->box.h - plot_scale(last, s->box.lo, s->box.hi, s->box.h), 30,
		    "c2");
}

static void spark_words(struct plot_pen *pen, const void *what)
{
	const struct spark *s = what;

	say_course(pen, s->v, s->n);
}

void plot_spark(struct page *p, struct plot_name name, const int64_t *v, size_t n, unsigned width,
    unsigned height)
{
	const int64_t w = width < 20 ? 20 : width > 2000 ? 2000 : width;
	const int64_t h = height < 12 ? 12 : height > 2000 ? 2000 : height;
	struct spark s = { { 20, 50, w * PEN_PX - 60, h * PEN_PX - 100, 0, 0 }, v, n };

	if (n == 0 || !range_of(v, n, &s.box.lo, &s.box.hi)) {
		plot_empty(p, name);
		return;
	}
	plot_draw(p, &(struct plot_picture){ name, w, h, spark_draw, spark_words, &s });
}

/* ---- lines ---------------------------------------------------------------------------- */

#define LINES_HIGH (180 * PEN_PX) /* of the axes */
#define LINES_TOP (10 * PEN_PX)
#define LINES_NAME 15  /* letters at a line's end */
#define LINES_WORDS 64 /* points told one by one */

struct lines {
	const struct plot_name *labels;
	const struct plot_line *v;
	size_t n, m;
	struct plot_box box;
	int64_t name_at[PLOT_LINES_MAX]; /* where each line's name stands */
};

/* Names at the ends of their lines, moved down until none covers another. */
static void lines_names(struct lines *l)
{
	size_t order[PLOT_LINES_MAX];
	int64_t floor = 0;

	for (size_t i = 0; i < l->m; i++) {
		const int64_t last = l->v[i].v[l->n - 1];
		const int64_t up = plot_scale(last, l->box.lo, l->box.hi, l->box.h);
		size_t at = i;

		l->name_at[i] = l->box.y + l->box.h - (last == PLOT_NOTHING ? 0 : up) + 40;
		for (; at > 0 && l->name_at[order[at - 1]] > l->name_at[i]; at--)
			order[at] = order[at - 1];
		order[at] = i;
	}
	for (size_t i = 0; i < l->m; i++) {
		int64_t *at = &l->name_at[order[i]];

		*at = *at < floor ? floor : *at;
		floor = *at + 140;
	}
}

static void lines_axes(struct plot_pen *pen, const struct lines *l)
{
	int64_t ticks[PLOT_TICKS_MAX];
	const size_t n = plot_ticks(l->box.lo, l->box.hi, ticks);
	const size_t every = (l->n + 7) / 8;

	for (size_t i = 0; i < n; i++) {
		const int64_t y = l->box.y + l->box.h -
		    plot_scale(ticks[i], l->box.lo, l->box.hi, l->box.h);

		pen_line(pen, l->box.x, y, l->box.x + l->box.w, y, ticks[i] == 0 ? "a" : "g");
		pen_number(pen, l->box.x - 60, y + 40, "e s", ticks[i]);
	}
	for (size_t i = 0; i < l->n; i += every)
		pen_label(pen, l->box.x + plot_scale((int64_t)i, 0, (int64_t)l->n - 1, l->box.w),
		    l->box.y + l->box.h + 180, "m s", (size_t)(l->box.w / 8 / PEN_LETTER),
		    l->labels[i]);
}

static void lines_draw(struct plot_pen *pen, const void *what)
{
	/* a dash of its own for each, so that the colours are not needed */
	static const char *const classes[PLOT_LINES_MAX] = { "l l0", "l l1 d1", "l l2 d2",
		"l l3 d3", "l l4 d4", "l l5 d5", "l l6 d6", "l l7 d7" };
	const struct lines *l = what;

	lines_axes(pen, l);
	for (size_t i = 0; i < l->m; i++) {
		pen_curve(pen, &l->box, l->v[i].v, l->n, classes[i]);
		pen_label(pen, l->box.x + l->box.w + 80, l->name_at[i], "b", LINES_NAME,
		    (struct plot_name){ l->v[i].label_en, l->v[i].label_zh });
	}
}

static void lines_words(struct plot_pen *pen, const void *what)
{
	const struct lines *l = what;

	for (size_t i = 0; i < l->m; i++) {
		page_raw(pen->p, i == 0 ? "" : "; ");
		pen_say(pen, (struct plot_name){ l->v[i].label_en, l->v[i].label_zh });
		page_raw(pen->p, ": ");
		say_course(pen, l->v[i].v, l->n);
		for (size_t k = 0; l->n <= LINES_WORDS && k < l->n; k++) {
			page_raw(pen->p, k == 0 ? " (" : ", ");
			pen_say(pen, l->labels[k]);
			page_raw(pen->p, " ");
			if (l->v[i].v[k] == PLOT_NOTHING)
				page_raw(pen->p, "\xE2\x80\x93");
			else
				pen_value(pen, l->v[i].v[k]);
			page_raw(pen->p, k + 1 == l->n ? ")" : "");
		}
	}
}

/* The width of the longest number at the left. */
static int64_t ticks_wide(const struct plot_box *box)
{
	int64_t ticks[PLOT_TICKS_MAX], wide = 0;
	const size_t n = plot_ticks(box->lo, box->hi, ticks);
	char number[PAGE_NUMBER_MAX];

	for (size_t i = 0; i < n; i++) {
		page_number_print(ticks[i], number);
		const int64_t w = (int64_t)plot_letters((struct plot_name){ number, NULL }) *
		    PEN_LETTER;

		wide = w > wide ? w : wide;
	}
	return wide + 80;
}

void plot_lines(struct page *p, struct plot_name name, const struct plot_name *labels, size_t n,
    const struct plot_line *lines, size_t m)
{
	struct lines l = { .labels = labels, .v = lines, .n = n, .m = m };
	const int64_t width = plot_width(p, 400, 1000);
	bool any = false;

	l.m = m < PLOT_LINES_MAX ? m : PLOT_LINES_MAX;
	for (size_t i = 0; i < l.m; i++) {
		int64_t lo = 0, hi = 0;

		any |= range_of(lines[i].v, n, &lo, &hi);
		l.box.lo = lo < l.box.lo ? lo : l.box.lo;
		l.box.hi = hi > l.box.hi ? hi : l.box.hi;
	}
	if (!any) {
		plot_empty(p, name);
		return;
	}
	l.box.x = ticks_wide(&l.box);
	l.box.y = LINES_TOP;
	l.box.h = LINES_HIGH;
	l.box.w = width - l.box.x - (LINES_NAME + 1) * PEN_LETTER;
	lines_names(&l);
	plot_draw(p,
	    &(struct plot_picture){ name, width / PEN_PX, (LINES_TOP + LINES_HIGH) / PEN_PX + 26,
		lines_draw, lines_words, &l });
}
