/*
 * plot_heat.c - maps of numbers: the darker a cell, the more is in it.
 */
#include "base/page/plot_private.h"

#define HEAT_LETTERS 22 /* of a row's label */
#define HEAT_GAP (2 * PEN_PX)
#define HEAT_LINE (17 * PEN_PX)
#define HEAT_STEPS 9   /* of the ramp q0 to q8 */
#define HEAT_WHITE 6   /* from here on its text is white */
#define HEAT_WORDS 400 /* cells that are told one by one */

static const struct plot_name folded = { "folded", "已并入" };

struct heat {
	const struct plot_heat *h;
	size_t rows, cols; /* drawn */
	int64_t lo, hi;
	bool steep;               /* the mean is below a third of the most */
	int64_t x, y, cell, high; /* of the first cell; its size */
	size_t every;             /* every so many columns have a label */
};

static int64_t heat_value(const struct heat *m, size_t row, size_t col)
{
	return m->h->v[row * m->h->n_cols + col];
}

/* Which step of the ramp V has: even steps, or, where few cells hold most, even in its root. */
static size_t heat_step(const struct heat *m, int64_t v)
{
	const int64_t part = plot_scale(v, m->lo, m->hi, HEAT_STEPS * HEAT_STEPS * 100 - 1);
	size_t step = 0;

	if (!m->steep)
		return (size_t)(part / (HEAT_STEPS * 100));
	while ((int64_t)((step + 1) * (step + 1)) * 100 <= part)
		step++;
	return step;
}

static void heat_cell(struct plot_pen *pen, const struct heat *m, size_t row, size_t col)
{
	static const char *const steps[HEAT_STEPS] = { "q0", "q1", "q2", "q3", "q4", "q5", "q6",
		"q7", "q8" };
	const int64_t x = m->x + (int64_t)col * m->cell, y = m->y + (int64_t)row * m->high;
	const int64_t w = m->cell - HEAT_GAP, h = m->high - HEAT_GAP, v = heat_value(m, row, col);

	if (v == PLOT_OUTSIDE)
		return;
	if (v == PLOT_NOTHING) {
		pen_rect(pen, x + 5, y + 5, w - 10, h - 10, "fold");
		if (m->cell >= 480)
			pen_label(pen, x + w / 2, y + h / 2 + 40, "m s", 12, folded);
		else
			pen_text(pen, x + w / 2, y + h / 2 + 40, "m s", "\xC2\xB7");
		return;
	}
	pen_rect(pen, x, y, w, h, steps[heat_step(m, v)]);
	if (m->h->numbers)
		pen_number(pen, x + w / 2, y + h / 2 + 40,
		    heat_step(m, v) >= HEAT_WHITE ? "m w" : "m", v);
}

static void heat_frames(struct plot_pen *pen, const struct heat *m)
{
	for (size_t r = 0; m->h->framed != NULL && r < m->rows; r++) {
		const size_t c = m->h->framed[r];

		if (c < m->cols)
			pen_rect(pen, m->x + (int64_t)c * m->cell, m->y + (int64_t)r * m->high,
			    m->cell - HEAT_GAP, m->high - HEAT_GAP, "frame");
	}
}

static void heat_draw(struct plot_pen *pen, const void *what)
{
	const struct heat *m = what;
	const size_t wide = (size_t)((int64_t)m->every * m->cell / 62);

	if (m->h->rows_are.en != NULL)
		pen_label(pen, 0, m->y - 60, "s b", HEAT_LETTERS, m->h->rows_are);
	if (m->h->cols_are.en != NULL)
		pen_label(pen, m->x, 110, "s b", 60, m->h->cols_are);
	for (size_t c = 0; c < m->cols; c += m->every)
		pen_label(pen, m->x + (int64_t)c * m->cell + (m->cell - HEAT_GAP) / 2, m->y - 60,
		    "m s", wide > 1 ? wide : 2, m->h->cols[c]);
	for (size_t r = 0; r < m->rows; r++) {
		pen_label(pen, m->x - 80,
		    m->y + (int64_t)r * m->high + (m->high - HEAT_GAP) / 2 + 40, "e", HEAT_LETTERS,
		    m->h->rows[r]);
		for (size_t c = 0; c < m->cols; c++)
			heat_cell(pen, m, r, c);
	}
	heat_frames(pen, m);
	pen_missing(pen, m->y + (int64_t)m->rows * m->high + 120,
	    m->h->n_rows > m->h->n_cols ? m->h->n_rows : m->h->n_cols);
}

/* ---- in words ------------------------------------------------------------------------- */

static void heat_row_words(struct plot_pen *pen, const struct heat *m, size_t r)
{
	const char *between = ": ";

	pen_say(pen, m->h->rows[r]);
	for (size_t c = 0; c < m->cols; c++) {
		const int64_t v = heat_value(m, r, c);

		if (v == PLOT_OUTSIDE)
			continue;
		page_raw(pen->p, between);
		between = ", ";
		pen_say(pen, m->h->cols[c]);
		page_raw(pen->p, " ");
		if (v == PLOT_NOTHING)
			pen_say(pen, folded);
		else
			pen_value(pen, v);
		if (m->h->framed != NULL && m->h->framed[r] == c)
			pen_say(pen, (struct plot_name){ " (framed)", "（加框）" });
	}
}

static void heat_words(struct plot_pen *pen, const void *what)
{
	const struct heat *m = what;

	if (m->rows * m->cols > HEAT_WORDS) {
		pen_say(pen, (struct plot_name){ "lowest ", "最低 " });
		pen_value(pen, m->lo);
		pen_say(pen, (struct plot_name){ ", highest ", "，最高 " });
		pen_value(pen, m->hi);
		return;
	}
	for (size_t r = 0; r < m->rows; r++) {
		page_raw(pen->p, r == 0 ? "" : "; ");
		heat_row_words(pen, m, r);
	}
}

/* ---- its sizes ------------------------------------------------------------------------ */

static void heat_range(struct heat *m)
{
	__int128 sum = 0;
	int64_t n = 0;

	for (size_t r = 0; r < m->rows; r++) {
		for (size_t c = 0; c < m->cols; c++) {
			const int64_t v = heat_value(m, r, c);

			if (v == PLOT_NOTHING || v == PLOT_OUTSIDE)
				continue;
			m->lo = v < m->lo ? v : m->lo;
			m->hi = v > m->hi ? v : m->hi;
			sum += v;
			n++;
		}
	}
	m->steep = m->lo == 0 && sum * 3 < (__int128)m->hi * n;
}

static void heat_sizes(struct heat *m, int64_t width)
{
	const bool numbers = m->h->numbers;
	size_t letters = m->h->rows_are.en == NULL ? 0 : plot_letters(m->h->rows_are), across = 1;
	char number[PAGE_NUMBER_MAX];

	for (size_t r = 0; r < m->rows; r++)
		letters = plot_letters(m->h->rows[r]) > letters ? plot_letters(m->h->rows[r]) :
								  letters;
	for (size_t c = 0; c < m->cols; c++)
		across = plot_letters(m->h->cols[c]) > across ? plot_letters(m->h->cols[c]) :
								across;
	m->x = (int64_t)(letters < HEAT_LETTERS ? letters : HEAT_LETTERS) * PEN_LETTER + 120;
	m->y = HEAT_LINE + (m->h->cols_are.en == NULL ? 0 : HEAT_LINE);
	page_number_print(m->hi, number);
	const int64_t least = numbers ?
	    (int64_t)plot_letters((struct plot_name){ number, NULL }) * PEN_LETTER + 120 :
	    21 * PEN_PX;
	const int64_t room = (width - m->x) / (int64_t)(m->cols + (m->cols == 0));

	m->cell = room < least ? least : room > 62 * PEN_PX ? 62 * PEN_PX : room;
	m->high = (numbers ? 28 : 23) * PEN_PX;
	m->every = (size_t)(((int64_t)(across < 10 ? across : 10) * 62 + 60) / m->cell) + 1;
}

void plot_heat(struct page *p, struct plot_name name, const struct plot_heat *h)
{
	struct heat m = { .h = h, .rows = plot_rows(h->n_rows), .cols = plot_rows(h->n_cols) };

	if (m.rows == 0 || m.cols == 0) {
		plot_empty(p, name);
		return;
	}
	heat_range(&m);
	heat_sizes(&m, plot_width(p, 300, 1000));
	plot_draw(p,
	    &(struct plot_picture){ name, (m.x + (int64_t)m.cols * m.cell) / PEN_PX,
		(m.y + (int64_t)m.rows * m.high) / PEN_PX +
		    (h->n_rows > PLOT_ROWS_MAX || h->n_cols > PLOT_ROWS_MAX ? 18 : 0),
		heat_draw, heat_words, &m });
}
