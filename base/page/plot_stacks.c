/*
 * plot_stacks.c - shares of one whole, side by side in a bar.
 */
#include "base/page/plot_private.h"

#include <stdio.h>

#define STACK_LETTERS 24
#define STACK_ROW (26 * PEN_PX)
#define STACK_LEGEND (18 * PEN_PX) /* a line of it */
#define STACK_PART 18              /* letters of a part's name there */

static const char *const ramp[] = { "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "q8" };
#define RAMP_STEPS (sizeof(ramp) / sizeof(ramp[0]))
#define RAMP_WHITE 6 /* from here on its text is white */

struct stacks {
	const struct plot_name *parts;
	const struct plot_stack *rows;
	size_t n, m;
	int64_t x; /* of the bars */
	int64_t width;
};

static size_t stack_step(const struct stacks *s, size_t part)
{
	return s->n == 1 ? RAMP_WHITE : part * (RAMP_STEPS - 1) / (s->n - 1);
}

static struct plot_name stack_name(const struct plot_stack *row)
{
	return (struct plot_name){ row->label_en, row->label_zh };
}

/* What the first N parts of a row make; what is below 0 is nothing. */
static unsigned __int128 stack_sum(const struct plot_stack *row, size_t n)
{
	unsigned __int128 sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += row->v[i] > 0 ? (uint64_t)row->v[i] : 0;
	return sum;
}

/* LENGTH times the first N parts over all of them, rounded. */
static int64_t stack_at(const struct stacks *s, const struct plot_stack *row, size_t n,
    int64_t length)
{
	const unsigned __int128 all = stack_sum(row, s->n);

	if (all == 0)
		return 0;
	return (int64_t)((stack_sum(row, n) * (uint64_t)length + all / 2) / all);
}

static int64_t stack_percent(const struct stacks *s, const struct plot_stack *row, size_t part)
{
	const unsigned __int128 all = stack_sum(row, s->n);
	const uint64_t v = row->v[part] > 0 ? (uint64_t)row->v[part] : 0;

	return all == 0 ? 0 : (int64_t)(((unsigned __int128)v * 100 + all / 2) / all);
}

/* ---- drawn ---------------------------------------------------------------------------- */

/* Swatches with names, from left to right and on the next line where one does not fit. */
static int64_t stack_legend(struct plot_pen *pen, const struct stacks *s)
{
	int64_t x = 0, y = 0;

	for (size_t i = 0; i < s->n; i++) {
		const size_t letters = plot_letters(s->parts[i]);
		const int64_t w = (int64_t)(letters < STACK_PART ? letters : STACK_PART) * 60 + 250;

		if (x > 0 && x + w > s->width) {
			x = 0;
			y += STACK_LEGEND;
		}
		if (pen != NULL) {
			pen_rect(pen, x + 5, y + 15, 100, 100, ramp[stack_step(s, i)]);
			pen_label(pen, x + 160, y + 110, "s", STACK_PART, s->parts[i]);
		}
		x += w;
	}
	return y + STACK_LEGEND + 40;
}

static void stack_row(struct plot_pen *pen, const struct stacks *s, size_t r, int64_t y)
{
	const struct plot_stack *row = &s->rows[r];
	const int64_t room = s->width - s->x;
	char percent[8];

	pen_label(pen, 0, y + 150, "", STACK_LETTERS, stack_name(row));
	pen_rect(pen, s->x, y + 30, room, 170, "t");
	for (size_t i = 0; i < s->n; i++) {
		const int64_t from = stack_at(s, row, i, room), to = stack_at(s, row, i + 1, room);

		if (to <= from)
			continue;
		pen_rect(pen, s->x + from, y + 30, to - from > 20 ? to - from - 10 : to - from, 170,
		    ramp[stack_step(s, i)]);
		if (to - from < 200)
			continue;
		snprintf(percent, sizeof(percent), "%d", (int)stack_percent(s, row, i));
		pen_text(pen, s->x + (from + to) / 2 - 5, y + 155,
		    stack_step(s, i) >= RAMP_WHITE ? "m n w" : "m n", percent);
	}
}

static void stacks_draw(struct plot_pen *pen, const void *what)
{
	const struct stacks *s = what;
	int64_t y = stack_legend(pen, s);

	for (size_t r = 0; r < plot_rows(s->m); r++, y += STACK_ROW)
		stack_row(pen, s, r, y);
	pen_missing(pen, y + 120, s->m);
}

static void stacks_words(struct plot_pen *pen, const void *what)
{
	const struct stacks *s = what;

	for (size_t r = 0; r < plot_rows(s->m); r++) {
		const char *between = ": ";

		page_raw(pen->p, r == 0 ? "" : "; ");
		pen_say(pen, stack_name(&s->rows[r]));
		for (size_t i = 0; i < s->n; i++) {
			if (s->rows[r].v[i] <= 0)
				continue;
			page_raw(pen->p, between);
			between = ", ";
			pen_say(pen, s->parts[i]);
			page_raw(pen->p, " ");
			pen_value(pen, stack_percent(s, &s->rows[r], i));
			page_raw(pen->p, " %");
		}
	}
}

void plot_stacks(struct page *p, struct plot_name name, const struct plot_name *parts, size_t n,
    const struct plot_stack *rows, size_t m)
{
	struct stacks s = { parts, rows, n < PLOT_PARTS_MAX ? n : PLOT_PARTS_MAX, m, 0,
		plot_width(p, 300, 1000) };
	size_t letters = 0;

	if (n == 0 || m == 0) {
		plot_empty(p, name);
		return;
	}
	for (size_t r = 0; r < plot_rows(m); r++) {
		const size_t l = plot_letters(stack_name(&rows[r]));

		letters = l > letters ? l : letters;
	}
	s.x = (int64_t)(letters < STACK_LETTERS ? letters : STACK_LETTERS) * PEN_LETTER + 100;
	plot_draw(p,
	    &(struct plot_picture){ name, s.width / PEN_PX,
		(stack_legend(NULL, &s) + (int64_t)plot_rows(m) * STACK_ROW) / PEN_PX +
		    (m > PLOT_ROWS_MAX ? 18 : 0),
		stacks_draw, stacks_words, &s });
}
