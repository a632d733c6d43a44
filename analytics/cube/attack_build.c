/*
 * attack_build.c - rows become cells: each of them a number of people between none and the
 * row's, all of them together the row's, or at least the row's where people may be in two.
 * What no row names has fewer people than the floor: that is how a cube is made.
 */
#include "analytics/cube/attack_private.h"
#include "base/grow.h"

#include <stdlib.h>
#include <string.h>

/* ---- cells -------------------------------------------------------------------------- */

static uint64_t key_of(enum attack_set set, uint32_t period, const uint16_t member[ATTACK_DIMS])
{
	return (uint64_t)set << 56 | (uint64_t)(period & 0xffffffu) << 32 |
	    (uint64_t)member[0] << 16 | member[1];
}

static uint32_t *slot_of(const struct attack_book *b, enum attack_set set, uint32_t period,
    const uint16_t member[ATTACK_DIMS])
{
	const uint64_t key = key_of(set, period, member);
	uint32_t at = (uint32_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32) &
	    (b->n_cell_slots - 1);

	while (b->cell_slots[at] != 0) {
		const struct attack_cell *c = &b->cells[b->cell_slots[at] - 1];

		if (key_of(c->set, c->period, c->member) == key)
			break;
		at = (at + 1) & (b->n_cell_slots - 1);
	}
	return &b->cell_slots[at];
}

uint32_t attack_cell_find(const struct attack_book *b, enum attack_set set, uint32_t period,
    const uint16_t member[ATTACK_DIMS])
{
	return b->n_cell_slots == 0 ? ATTACK_NOBODY : *slot_of(b, set, period, member) - 1;
}

static enum sc_err room_for_cells(struct attack_book *b)
{
	const uint32_t cap = (uint32_t)sc_grown(b->cap_cells);
	struct attack_cell *cells;
	uint32_t *slots;

	if (b->n_cells < b->cap_cells)
		return SC_OK;
	if (b->n_cells >= ATTACK_CELLS_MAX)
		return SC_LIMIT;
	if ((cells = realloc(b->cells, cap * sizeof(*cells))) == NULL)
		return SC_NOMEM;
	b->cells = cells;
	if ((slots = calloc((size_t)cap * 2, sizeof(*slots))) == NULL)
		return SC_NOMEM;
	b->cap_cells = cap;
	free(b->cell_slots);
	b->cell_slots = slots;
	b->n_cell_slots = cap * 2;
	for (uint32_t i = 0; i < b->n_cells; i++)
		*slot_of(b, cells[i].set, cells[i].period, cells[i].member) = i + 1;
	return SC_OK;
}

/* A cell that is not there yet, as number VAR. */
static enum sc_err add_cell(struct attack_book *b, enum attack_set set, uint32_t period,
    const uint16_t member[ATTACK_DIMS], uint32_t var, uint32_t row)
{
	enum sc_err err = room_for_cells(b);

	if (err != SC_OK)
		return err;
	b->cells[b->n_cells] = (struct attack_cell){ .set = (uint8_t)set,
		.period = period,
		.member = { member[0], member[1] },
		.var = var,
		.row = row };
	*slot_of(b, set, period, member) = ++b->n_cells;
	return SC_OK;
}

enum sc_err attack_cell_make(struct attack_book *b, enum attack_set set, uint32_t period,
    const uint16_t member[ATTACK_DIMS], int64_t hi, uint32_t *out)
{
	uint32_t var;
	enum sc_err err;

	if ((*out = attack_cell_find(b, set, period, member)) != ATTACK_NOBODY)
		return SC_OK;
	if ((err = attack_system_var(&b->system, 0, hi, &var)) == SC_OK &&
	    (err = add_cell(b, set, period, member, var, ATTACK_NOBODY)) == SC_OK)
		*out = b->n_cells - 1;
	return err;
}

/* ---- the cells of a row ------------------------------------------------------------- */

/* Nobody bought before they first did. */
static bool is_possible(const struct attack_book *b, enum attack_set set,
    const uint16_t member[ATTACK_DIMS])
{
	const struct attack_member *v = b->dims[ATTACK_MONTHS].v;

	return set != ATTACK_COHORT || v[member[0]].month <= v[member[1]].month;
}

/* VAR people are in one or more of the cells from FIRST on, and in no other. */
static enum sc_err say_union(struct attack_book *b, uint32_t first, uint32_t var)
{
	struct attack_system *s = &b->system;
	enum sc_err err = attack_system_rule(s, 0, ATTACK_MOST, false, UINT16_MAX);

	for (uint32_t c = first; err == SC_OK && c < b->n_cells; c++)
		err = attack_system_term(s, b->cells[c].var, 1);
	if (err == SC_OK)
		err = attack_system_term(s, var, -1);
	for (uint32_t c = first; err == SC_OK && c < b->n_cells; c++)
		if ((err = attack_system_rule(s, 0, ATTACK_MOST, false, UINT16_MAX)) == SC_OK &&
		    (err = attack_system_term(s, var, 1)) == SC_OK)
			err = attack_system_term(s, b->cells[c].var, -1);
	return err;
}

/* The N cells of ROW from I, whose union is of VAR people. */
static enum sc_err add_union(struct attack_book *b, uint32_t row, size_t i, size_t n, uint32_t var)
{
	const struct attack_row *r = &b->rows[row];
	const uint32_t first = b->n_cells;
	enum sc_err err = SC_OK;

	for (size_t at = i; err == SC_OK && at < i + n; at++) {
		const uint16_t member[ATTACK_DIMS] = { attack_row_member(b, r, 0, at / r->n[1]),
			attack_row_member(b, r, 1, at % r->n[1]) };
		uint32_t cell = var;

		if (!is_possible(b, r->set, member))
			continue;
		if (attack_cell_find(b, r->set, r->period, member) != ATTACK_NOBODY)
			return SC_SYNTAX;
		if (n > 1)
			err = attack_system_var(&b->system, 0, r->people, &cell);
		if (err == SC_OK)
			err = add_cell(b, r->set, r->period, member, cell, row);
	}
	if (err == SC_OK && n == 1 && b->n_cells == first)
		b->system.hi[var] = 0; /* nobody can be in it */
	return err == SC_OK && n > 1 ? say_union(b, first, var) : err;
}

/* Into how many unions a row's cells fall, so that nobody is in two of them. */
static size_t parts_of(const struct attack_row *r)
{
	const struct attack_set_shape *shape = attack_set_shape(r->set);

	if ((!shape->apart[0] && r->n[0] > 1) || r->n[0] * (size_t)r->n[1] == 1)
		return 1;
	return shape->apart[1] ? (size_t)r->n[0] * r->n[1] : r->n[0];
}

static enum sc_err add_parts(struct attack_book *b, uint32_t row, size_t parts, uint32_t *vars)
{
	const struct attack_row *r = &b->rows[row];
	const size_t each = parts == r->n[0] ? r->n[1] : 1;
	struct attack_system *s = &b->system;
	enum sc_err err = SC_OK;

	for (size_t i = 0; err == SC_OK && i < parts; i++)
		if ((err = attack_system_var(s, 0, r->people, &vars[i])) == SC_OK)
			err = add_union(b, row, i * each, each, vars[i]);
	if (err == SC_OK)
		err = attack_system_rule(s, r->people, r->people, false, UINT16_MAX);
	for (size_t i = 0; err == SC_OK && i < parts; i++)
		err = attack_system_term(s, vars[i], 1);
	return err;
}

static enum sc_err add_row(struct attack_book *b, uint32_t row)
{
	struct attack_row *r = &b->rows[row];
	const size_t n = (size_t)r->n[0] * r->n[1], parts = parts_of(r);
	uint32_t *vars;
	enum sc_err err;

	if (b->n_cells + n > ATTACK_CELLS_MAX)
		return SC_LIMIT;
	if ((err = attack_system_var(&b->system, r->people, r->people, &r->var)) != SC_OK)
		return err;
	if (parts == 1)
		return add_union(b, row, 0, n, r->var);
	if ((vars = calloc(parts + 1, sizeof(*vars))) == NULL)
		return SC_NOMEM;
	err = add_parts(b, row, parts, vars);
	free(vars);
	return err;
}

/* ---- cells that no row names -------------------------------------------------------- */

/* Was MONTH told of by any row of cohorts? */
static bool cohort_is_told(const struct attack_book *b, uint16_t month)
{
	for (uint16_t first = 0; first < b->dims[ATTACK_MONTHS].n; first++)
		if (attack_cell_find(b, ATTACK_COHORT, 0, (uint16_t[]){ first, month }) !=
		    ATTACK_NOBODY)
			return true;
	return false;
}

static enum sc_err add_unnamed(struct attack_book *b, enum attack_set set, uint32_t period)
{
	uint16_t n[ATTACK_DIMS] = { 1, 1 };
	enum sc_err err = SC_OK;
	uint32_t cell;

	for (size_t i = 0; i < ATTACK_DIMS; i++)
		if (attack_set_shape(set)->dims[i] != ATTACK_NO_DIM)
			n[i] = (uint16_t)b->dims[attack_set_dim(set, i)].n;
	for (uint16_t j = 0; err == SC_OK && j < n[1]; j++) {
		if (set == ATTACK_COHORT && !cohort_is_told(b, j))
			continue;
		for (uint16_t i = 0; err == SC_OK && i < n[0]; i++) {
			const uint16_t member[ATTACK_DIMS] = { i, j };

			if (is_possible(b, set, member))
				err = attack_cell_make(b, set, period, member, b->floor - 1, &cell);
		}
	}
	return err;
}

/* Whoever bought, and not before, did so for the first time. */
static enum sc_err add_new(struct attack_book *b, uint32_t period)
{
	static const uint16_t all[ATTACK_DIMS] = { 0, 0 };
	const uint32_t buyers = attack_cell_find(b, ATTACK_BUYERS, period, all);
	const uint32_t before = attack_cell_find(b, ATTACK_BEFORE, period, all);
	struct attack_system *s = &b->system;
	uint32_t cell;
	enum sc_err err;

	if ((err = attack_cell_make(b, ATTACK_NEW, period, all, ATTACK_MOST, &cell)) != SC_OK)
		return err;
	s->lo[b->cells[cell].var] = s->hi[b->cells[cell].var] = s->lo[b->cells[buyers].var] -
	    s->lo[b->cells[before].var];
	return s->lo[b->cells[cell].var] < 0 ? SC_SYNTAX : SC_OK;
}

static int by_set(const void *a, const void *b)
{
	const struct attack_told *x = a, *y = b;

	if (x->set != y->set)
		return x->set < y->set ? -1 : 1;
	return x->period < y->period ? -1 : x->period > y->period;
}

bool attack_is_told(const struct attack_book *b, enum attack_set set, uint32_t period)
{
	return bsearch(&(struct attack_told){ .set = (uint8_t)set, .period = period }, b->told,
		   b->n_told, sizeof(*b->told), by_set) != NULL;
}

static enum sc_err list_told(struct attack_book *b)
{
	uint32_t n = 0;

	if ((b->told = calloc((size_t)b->n_rows + 1, sizeof(*b->told))) == NULL)
		return SC_NOMEM;
	for (uint32_t i = 0; i < b->n_rows; i++)
		b->told[i] =
		    (struct attack_told){ .set = b->rows[i].set, .period = b->rows[i].period };
	qsort(b->told, b->n_rows, sizeof(*b->told), by_set);
	for (uint32_t i = 0; i < b->n_rows; i++)
		if (n == 0 || by_set(&b->told[n - 1], &b->told[i]) != 0)
			b->told[n++] = b->told[i];
	b->n_told = n;
	return SC_OK;
}

enum sc_err attack_build(struct attack_book *b, struct sc_diag *d)
{
	enum sc_err err = list_told(b);
	char what[160];

	for (uint32_t i = 0; err == SC_OK && i < b->n_rows; i++)
		if ((err = add_row(b, i)) == SC_SYNTAX) {
			attack_tell(b, ATTACK_NOBODY, i, what, sizeof(what));
			sc_diag_set(d, "two rows of %s are of one cell: %s",
			    attack_set_table(b, b->rows[i].set), what);
		}
	for (uint32_t i = 0; err == SC_OK && i < b->n_told; i++) {
		err = add_unnamed(b, b->told[i].set, b->told[i].period);
		if (err == SC_OK && b->told[i].set == ATTACK_BEFORE &&
		    (err = add_new(b, b->told[i].period)) == SC_SYNTAX)
			sc_diag_set(d, "more people bought before than bought");
	}
	return err;
}
