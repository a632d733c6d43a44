/*
 * attack_relate.c - each relation of attack_shape.c between the cells that are there, as rules;
 * and the differences that it makes somebody ask about.
 */
#include "analytics/cube/attack_private.h"
#include "base/grow.h"

#include <stdlib.h>
#include <string.h>

/* Cell A lies in cell B. */
struct link {
	uint32_t a, b, row; /* ROW is A's */
};

struct relating {
	struct attack_book *b;
	const struct attack_relation *r;
	uint16_t tag;
	enum attack_set a; /* one of the traits', where the relation says the first */
	struct link *links;
	size_t n, cap;
};

/* ---- which cell lies in which ------------------------------------------------------- */

/* The periods of B that a cell of A goes with. */
static size_t periods_of(const struct relating *g, const struct attack_cell *a, uint32_t out[2])
{
	const uint32_t first = attack_month_of(attack_week_day(a->period));
	const uint32_t last = attack_month_of(attack_week_day(a->period) + 6);

	out[0] = a->period;
	switch (g->r->time) {
	case ATTACK_SAME: return 1;
	case ATTACK_IN_MONTH: out[0] = first; return first == last;
	case ATTACK_TOUCHES:
		out[0] = first;
		out[1] = last;
		return first == last ? 1 : 2;
	case ATTACK_QUARTER_AGO:
		out[0] = a->period - ATTACK_QUARTER_WEEKS;
		return a->period >= ATTACK_QUARTER_WEEKS;
	case ATTACK_BORN: out[0] = 0; return g->a != ATTACK_COHORT || a->member[0] != a->member[1];
	case ATTACK_MONTH_OF: out[0] = g->b->dims[ATTACK_MONTHS].v[a->member[1]].month; return 1;
	}
	return 0;
}

/* A's place in B: the members of the dimensions that both have. */
static void project(const struct relating *g, const struct attack_cell *a,
    uint16_t out[ATTACK_DIMS])
{
	for (size_t i = 0; i < ATTACK_DIMS; i++) {
		const enum attack_dim dim = attack_set_dim(g->r->b, i);

		out[i] = 0;
		for (size_t k = 0; dim != ATTACK_NO_DIM && k < ATTACK_DIMS; k++)
			if (attack_set_dim(g->a, k) == dim)
				out[i] = a->member[k];
		if (g->r->time == ATTACK_BORN)
			out[i] = a->member[0];
	}
}

static enum sc_err add_link(struct relating *g, uint32_t a, uint32_t b)
{
	struct link *links;

	if (g->n == g->cap) {
		if ((links = realloc(g->links, sc_grown(g->cap) * sizeof(*links))) == NULL)
			return SC_NOMEM;
		g->links = links;
		g->cap = sc_grown(g->cap);
	}
	g->links[g->n++] = (struct link){ .a = a, .b = b, .row = g->b->cells[a].row };
	return SC_OK;
}

static enum sc_err find_links(struct relating *g)
{
	const uint32_t n = g->b->n_cells; /* more may be made */
	uint16_t member[ATTACK_DIMS];
	uint32_t periods[2], to;
	enum sc_err err = SC_OK;

	g->n = 0;
	for (uint32_t a = 0; err == SC_OK && a < n; a++) {
		const struct attack_cell cell = g->b->cells[a];
		const size_t k = cell.set == g->a ? periods_of(g, &cell, periods) : 0;

		for (size_t i = 0; err == SC_OK && i < k; i++) {
			project(g, &cell, member);
			to = attack_cell_find(g->b, g->r->b, periods[i], member);
			if (to == ATTACK_NOBODY && g->r->b >= ATTACK_HIDDEN)
				err = attack_cell_make(g->b, g->r->b, periods[i], member,
				    ATTACK_MOST, &to);
			if (err == SC_OK && to != ATTACK_NOBODY)
				err = add_link(g, a, to);
		}
	}
	return err;
}

static int by_row(const void *x, const void *y)
{
	const struct link *a = x, *b = y;

	if (a->row != b->row)
		return a->row < b->row ? -1 : 1;
	return a->a != b->a ? (a->a < b->a ? -1 : 1) : (a->b > b->b) - (a->b < b->b);
}

static int by_target(const void *x, const void *y)
{
	const struct link *a = x, *b = y;

	return a->b != b->b ? (a->b < b->b ? -1 : 1) : by_row(x, y);
}

/* How many of the N links from L on are of its row, or its target. */
static size_t run(const struct link *l, size_t n, bool of_target)
{
	size_t k = 1;

	while (k < n && (of_target ? l[k].b == l->b : l[k].row == l->row))
		k++;
	return k;
}

/* ---- rules -------------------------------------------------------------------------- */

static bool is_fixed(const struct attack_system *s, uint32_t var)
{
	return s->lo[var] == s->hi[var];
}

/* LO to HI is X - Y. What two fixed numbers keep need not be said. */
static enum sc_err say_between(struct relating *g, int64_t lo, int64_t hi, uint32_t x, uint32_t y)
{
	struct attack_system *s = &g->b->system;
	enum sc_err err;

	if (is_fixed(s, x) && is_fixed(s, y) && s->lo[x] - s->lo[y] >= lo &&
	    s->lo[x] - s->lo[y] <= hi)
		return SC_OK;
	if ((err = attack_system_rule(s, lo, hi, g->r->loose, g->tag)) == SC_OK &&
	    (err = attack_system_term(s, x, 1)) == SC_OK)
		err = attack_system_term(s, y, -1);
	return err;
}

static enum sc_err add_pair(struct relating *g, struct attack_pair pair)
{
	struct attack_book *b = g->b;
	struct attack_pair *pairs;

	pair.relation = g->tag;
	if (b->n_pairs >= ATTACK_CELLS_MAX)
		return SC_LIMIT;
	if (b->n_pairs == b->cap_pairs) {
		if ((pairs = realloc(b->pairs, sc_grown(b->cap_pairs) * sizeof(*pairs))) == NULL)
			return SC_NOMEM;
		b->pairs = pairs;
		b->cap_pairs = (uint32_t)sc_grown(b->cap_pairs);
	}
	b->pairs[b->n_pairs++] = pair;
	return SC_OK;
}

/* ---- within ------------------------------------------------------------------------- */

/* The row that all N targets are of, or ATTACK_NOBODY. */
static uint32_t one_row(const struct attack_book *b, const struct link *l, size_t n)
{
	const uint32_t row = b->cells[l->b].row;

	for (size_t i = 1; i < n; i++)
		if (b->cells[l[i].b].row != row)
			return ATTACK_NOBODY;
	return row;
}

/*
 * Those of the N targets' union as a number of its own: no fewer than any target or the row
 * that lies in it, no more than all of them together.
 */
static enum sc_err say_targets(struct relating *g, const struct link *l, size_t n, uint32_t *var)
{
	struct attack_book *b = g->b;
	struct attack_system *s = &b->system;
	const bool apart = attack_set_shape(g->r->b)->apart[0];
	enum sc_err err = attack_system_var(s, 0, ATTACK_MOST, var);

	if (err == SC_OK &&
	    (err = attack_system_rule(s, 0, apart ? 0 : ATTACK_MOST, g->r->loose, g->tag)) == SC_OK)
		err = attack_system_term(s, *var, -1);
	for (size_t i = 0; err == SC_OK && i < n; i++)
		if (i == 0 || l[i].b != l[i - 1].b)
			err = attack_system_term(s, b->cells[l[i].b].var, 1);
	for (size_t i = 0; err == SC_OK && i < n; i++)
		err = say_between(g, 0, ATTACK_MOST, *var, b->cells[l[i].b].var);
	return err == SC_OK ? say_between(g, 0, ATTACK_MOST, *var, b->rows[l->row].var) : err;
}

static size_t cells_of(const struct attack_row *r)
{
	return (size_t)r->n[0] * r->n[1];
}

/* Is the union of the link's row all within the target: do K links have all its cells? */
static bool is_all_of_row(const struct attack_book *b, const struct link *l, size_t k)
{
	return l->row != ATTACK_NOBODY && cells_of(&b->rows[l->row]) == k;
}

/* All of a row against all that it lies in. */
static enum sc_err pair_row(struct relating *g, const struct link *l, size_t n)
{
	struct attack_book *b = g->b;
	const uint32_t row = one_row(b, l, n);
	struct attack_pair p = { .a_row = l->row,
		.a_cell = ATTACK_NOBODY,
		.b_row = row,
		.b_cell = l->b,
		.a_var = b->rows[l->row].var,
		.b_var = b->cells[l->b].var };
	size_t targets = 1;
	enum sc_err err;

	for (size_t i = 1; i < n; i++)
		targets += l[i].b != l[i - 1].b;
	if (targets > 1)
		p.b_cell = ATTACK_NOBODY;
	err = targets > 1 ? say_targets(g, l, n, &p.b_var) :
			    say_between(g, 0, ATTACK_MOST, p.b_var, p.a_var);
	if (err != SC_OK || (err = add_pair(g, p)) != SC_OK || row == ATTACK_NOBODY ||
	    cells_of(&b->rows[row]) == 1)
		return err;
	/* and against the whole row that those are of */
	p.b_cell = ATTACK_NOBODY;
	p.b_var = b->rows[row].var;
	return add_pair(g, p);
}

static enum sc_err say_within(struct relating *g)
{
	struct attack_book *b = g->b;
	enum sc_err err = SC_OK;

	qsort(g->links, g->n, sizeof(*g->links), by_row);
	for (size_t i = 0, k; err == SC_OK && i < g->n; i += k) {
		const struct link *l = &g->links[i];

		k = run(l, g->n - i, false);
		for (size_t at = 0; err == SC_OK && at < k; at++) {
			const struct attack_cell *from = &b->cells[l[at].a],
						 *to = &b->cells[l[at].b];
			const struct attack_pair p = { .a_row = from->row,
				.a_cell = l[at].a,
				.b_row = to->row,
				.b_cell = l[at].b,
				.a_var = from->var,
				.b_var = to->var };

			err = say_between(g, 0, ATTACK_MOST, to->var, from->var);
			if (err == SC_OK && l->row != ATTACK_NOBODY &&
			    cells_of(&b->rows[l->row]) > 1)
				err = add_pair(g, p);
		}
		if (err == SC_OK && is_all_of_row(b, l, k))
			err = pair_row(g, l, k);
	}
	return err;
}

/* The same people twice; where the rows are the same too, somebody may have left in between. */
static enum sc_err say_equal(struct relating *g)
{
	struct attack_book *b = g->b;
	enum sc_err err = SC_OK;

	qsort(g->links, g->n, sizeof(*g->links), by_row);
	for (size_t i = 0, k; err == SC_OK && i < g->n; i += k) {
		const struct link *l = &g->links[i];
		const uint32_t row = one_row(b, l, k = run(l, g->n - i, false));

		for (size_t at = 0; err == SC_OK && at < k; at++)
			err = say_between(g, 0, 0, b->cells[l[at].b].var, b->cells[l[at].a].var);
		if (err == SC_OK && l->row != ATTACK_NOBODY && row != ATTACK_NOBODY &&
		    cells_of(&b->rows[row]) == k)
			err = add_pair(g,
			    (struct attack_pair){ .a_row = l->row,
				.a_cell = ATTACK_NOBODY,
				.b_row = row,
				.b_cell = ATTACK_NOBODY,
				.a_var = b->rows[l->row].var,
				.b_var = b->rows[row].var });
	}
	return err;
}

/* ---- cover, split, leave ------------------------------------------------------------ */

/* Are all weeks of the month that cell B is of told? Where there is no month, yes. */
static bool is_whole(const struct relating *g, const struct attack_cell *to)
{
	const struct attack_member *months = g->b->dims[ATTACK_MONTHS].v;
	const bool born = g->r->time == ATTACK_BORN;
	const enum attack_set a = g->a >= ATTACK_HIDDEN ? ATTACK_BUYERS : g->a;
	const uint32_t month = born ? months[to->member[0]].month : to->period;

	if (!born && g->r->time != ATTACK_TOUCHES)
		return true;
	for (int64_t day = attack_month_day(month); attack_month_of(day) == month; day++)
		if (!attack_is_told(g->b, a, (uint32_t)((day + 3) / 7)))
			return false;
	return true;
}

static enum sc_err cover_one(struct relating *g, const struct link *l, size_t n)
{
	struct attack_book *b = g->b;
	struct attack_system *s = &b->system;
	enum sc_err err;

	if (!is_whole(g, &b->cells[l->b]))
		return SC_OK;
	if ((err = attack_system_rule(s, 0, ATTACK_MOST, g->r->loose, g->tag)) == SC_OK)
		err = attack_system_term(s, b->cells[l->b].var, -1);
	for (size_t i = 0, k; err == SC_OK && i < n; i += k) {
		k = run(l + i, n - i, false);
		if (is_all_of_row(b, l + i, k))
			err = attack_system_term(s, b->rows[l[i].row].var, 1);
		else
			for (size_t at = 0; err == SC_OK && at < k; at++)
				err = attack_system_term(s, b->cells[l[i + at].a].var, 1);
	}
	return err;
}

static bool is_named(const struct relating *g, const struct link *l)
{
	return l->row != ATTACK_NOBODY || g->a >= ATTACK_HIDDEN;
}

/* Who is in cells that rows name, and REST, are all of the target; in REST are the unnamed ones. */
static enum sc_err split_one(struct relating *g, const struct link *l, size_t n)
{
	struct attack_book *b = g->b;
	struct attack_system *s = &b->system;
	const uint32_t to = b->cells[l->b].var;
	const bool whole = is_whole(g, &b->cells[l->b]);
	const int64_t more = g->r->kind == ATTACK_SPLIT && whole ? 0 : ATTACK_MOST;
	uint32_t rest;
	enum sc_err err;

	if ((err = attack_system_var(s, 0, ATTACK_MOST, &rest)) != SC_OK ||
	    (err = attack_system_rule(s, 0, 0, g->r->loose, g->tag)) != SC_OK ||
	    (err = attack_system_term(s, to, -1)) != SC_OK ||
	    (err = attack_system_term(s, rest, 1)) != SC_OK)
		return err;
	for (size_t i = 0; err == SC_OK && i < n; i++)
		if (is_named(g, &l[i]))
			err = attack_system_term(s, b->cells[l[i].a].var, 1);
	if (err == SC_OK && (err = attack_system_rule(s, 0, more, g->r->loose, g->tag)) == SC_OK)
		err = attack_system_term(s, rest, 1);
	for (size_t i = 0; err == SC_OK && i < n; i++)
		if (!is_named(g, &l[i]))
			err = attack_system_term(s, b->cells[l[i].a].var, -1);
	if (err != SC_OK || g->r->b >= ATTACK_HIDDEN || !whole)
		return err;
	return add_pair(g,
	    (struct attack_pair){ .rest = true,
		.a_row = ATTACK_NOBODY,
		.a_cell = l->a,
		.b_cell = l->b,
		.b_row = b->cells[l->b].row,
		.a_var = rest,
		.b_var = to });
}

static enum sc_err say_targets_in_turn(struct relating *g)
{
	enum sc_err err = SC_OK;

	qsort(g->links, g->n, sizeof(*g->links), by_target);
	for (size_t i = 0, k; err == SC_OK && i < g->n; i += k) {
		k = run(&g->links[i], g->n - i, true);
		err = g->r->kind == ATTACK_COVER ? cover_one(g, &g->links[i], k) :
						   split_one(g, &g->links[i], k);
	}
	return err;
}

/* ---- all of them -------------------------------------------------------------------- */

/* Who bought for the first time did so in one of the week's months. */
static enum sc_err make_new_in_month(struct attack_book *b)
{
	const uint32_t n = attack_is_told(b, ATTACK_COHORT, 0) ? b->n_cells : 0;
	uint16_t member[ATTACK_MEMBERS_MAX];
	enum sc_err err = SC_OK;
	char text[16];

	for (uint32_t c = 0; err == SC_OK && c < n; c++) {
		const uint32_t week = b->cells[c].period;
		const uint32_t first = attack_month_of(attack_week_day(week));
		const uint32_t last = attack_month_of(attack_week_day(week) + 6);

		for (uint32_t m = first; b->cells[c].set == ATTACK_NEW && err == SC_OK && m <= last;
		     m++) {
			size_t k = 0;
			uint32_t cell;

			attack_period_print(ATTACK_MONTH, m, text);
			if (!attack_members_parse(&b->dims[ATTACK_MONTHS], &b->arena,
				sc_span_str(text), member, &k, 1))
				return SC_NOMEM;
			err = attack_cell_make(b, ATTACK_NEW_IN_MONTH, week,
			    (uint16_t[]){ member[0], 0 }, ATTACK_MOST, &cell);
		}
	}
	return err;
}

static enum sc_err relate_one(struct relating *g)
{
	enum sc_err err = find_links(g);

	if (err != SC_OK || g->n == 0)
		return err;
	if (g->r->kind == ATTACK_WITHIN)
		return say_within(g);
	return g->r->kind == ATTACK_EQUAL ? say_equal(g) : say_targets_in_turn(g);
}

enum sc_err attack_relate(struct attack_book *b)
{
	struct relating g = { .b = b };
	enum sc_err err = make_new_in_month(b);

	for (size_t i = 0; err == SC_OK && i < attack_n_relations; i++) {
		g.r = &attack_relations[i];
		g.tag = (uint16_t)i;
		g.a = g.r->a;
		if (g.a != ATTACK_SEGMENT_TRAIT)
			err = relate_one(&g);
		for (uint32_t t = 0;
		     err == SC_OK && g.r->a == ATTACK_SEGMENT_TRAIT && t < b->n_traits; t++) {
			g.a = ATTACK_SEGMENT_TRAIT + t;
			err = relate_one(&g);
		}
	}
	free(g.links);
	return err;
}
