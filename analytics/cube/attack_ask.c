/*
 * attack_ask.c - the questions, and which answers are findings (attack.h).
 */
#include "analytics/cube/attack_private.h"

#include <stdio.h>
#include <string.h>

struct asking {
	struct attack_book *b;
	const struct attack_asked *asked;
	struct cube_attack *out;
	uint64_t at, all; /* questions */
};

/* ---- words -------------------------------------------------------------------------- */

static const char *const dim_names[ATTACK_DIM_END] = { [ATTACK_CATEGORY] = "category",
	[ATTACK_BAND] = "band",
	[ATTACK_CHANNEL] = "channel",
	[ATTACK_HOUR] = "hour",
	[ATTACK_WEEKDAY] = "weekday",
	[ATTACK_SEGMENT] = "segment",
	[ATTACK_MONTHS] = "month" };

static size_t put(char *out, size_t size, size_t n, const char *text)
{
	const int k = n < size ? snprintf(out + n, size - n, "%s", text) : 0;

	return n + (k < 0 ? 0 : (size_t)k);
}

void attack_tell(const struct attack_book *b, uint32_t cell, uint32_t row, char *out, size_t size)
{
	const struct attack_row *r = row == ATTACK_NOBODY ? NULL : &b->rows[row];
	const struct attack_cell *c = cell == ATTACK_NOBODY ? NULL : &b->cells[cell];
	const enum attack_set set = c != NULL ? c->set : r->set;
	size_t n = 0;

	attack_period_print(attack_set_shape(set)->period, c != NULL ? c->period : r->period, out);
	n = strlen(out);
	for (size_t i = 0; i < ATTACK_DIMS; i++) {
		const enum attack_dim dim = attack_set_dim(set, i);
		const size_t of = c != NULL ? 1 : r->n[i];

		if (dim == ATTACK_NO_DIM)
			continue;
		n = put(out, size, n, n == 0 ? "" : ", ");
		n = put(out, size, n, dim >= ATTACK_TRAIT ? "value" : dim_names[dim]);
		for (size_t k = 0; k < of; k++) {
			const uint16_t m = c != NULL ? c->member[i] : attack_row_member(b, r, i, k);

			n = put(out, size, n, k == 0 ? " " : " | ");
			n = put(out, size, n, b->dims[dim].v[m].name);
		}
	}
}

static void found(struct asking *q, enum attack_set set, const char *what,
    const struct attack_range *r)
{
	const bool narrow = r->hi - r->lo < q->b->floor;
	const bool seen = r->seen_lo <= r->seen_hi && !narrow;

	q->out->solved++;
	q->out->doubtful += !narrow;
	if (q->asked->found != NULL)
		q->asked->found(q->asked->arg, attack_set_table(q->b, set), what,
		    (uint64_t)(seen   ? r->seen_lo :
			    r->lo < 0 ? 0 :
					r->lo),
		    (uint64_t)(seen   ? r->seen_hi :
			    r->hi < 0 ? 0 :
					r->hi));
}

/* ---- what is asked about ------------------------------------------------------------ */

/* An older week is asked about again where a month or a quarter that is new says more of it. */
static bool is_asked_at(const struct asking *q, enum attack_set set, uint32_t period)
{
	const struct attack_asked *a = q->asked;
	const uint32_t quarter = period + ATTACK_QUARTER_WEEKS;
	uint32_t month;

	switch (attack_set_shape(set)->period) {
	case ATTACK_ALWAYS: return true;
	case ATTACK_MONTH: return period >= a->since_month;
	case ATTACK_WEEK: break;
	}
	for (int64_t day = attack_week_day(period); day <= attack_week_day(period) + 6; day += 6)
		if ((month = attack_month_of(day)) >= a->since_month &&
		    attack_is_told(q->b, ATTACK_MONTH_CELL, month))
			return true;
	return period >= a->since_week ||
	    (set == ATTACK_SEGMENT_PEOPLE && quarter >= a->since_week &&
		attack_is_told(q->b, ATTACK_QUARTER_PEOPLE, quarter));
}

static bool is_asked(const struct asking *q, uint32_t cell, uint32_t row)
{
	const struct attack_book *b = q->b;
	uint32_t last = 0;
	enum attack_set set;

	if (cell == ATTACK_NOBODY && row == ATTACK_NOBODY)
		return false;
	set = cell != ATTACK_NOBODY ? b->cells[cell].set : b->rows[row].set;
	if (set != ATTACK_COHORT)
		return is_asked_at(q, set,
		    cell != ATTACK_NOBODY ? b->cells[cell].period : b->rows[row].period);
	if (cell != ATTACK_NOBODY)
		last = b->dims[ATTACK_MONTHS].v[b->cells[cell].member[1]].month;
	for (size_t i = 0; cell == ATTACK_NOBODY && i < b->rows[row].n[1]; i++) {
		const uint16_t m = attack_row_member(b, &b->rows[row], 1, i);

		if (b->dims[ATTACK_MONTHS].v[m].month > last)
			last = b->dims[ATTACK_MONTHS].v[m].month;
	}
	return last >= q->asked->since_month;
}

static enum sc_err go_on(struct asking *q)
{
	q->at++;
	if (q->asked->progress != NULL && q->at % 256 == 0 &&
	    !q->asked->progress(q->asked->arg, (unsigned)(q->at * 1000 / (q->all + 1))))
		return SC_AGAIN;
	return SC_OK;
}

/* ---- findings ----------------------------------------------------------------------- */

/* Not certainly nobody, and certainly fewer than the floor, or known to within fewer than it. */
static bool is_small(const struct asking *q, const struct attack_range *r)
{
	const int64_t floor = q->b->floor;

	if (r->hi <= 0 || r->lo >= floor)
		return false;
	return r->seen_lo > r->seen_hi || r->seen_hi - r->seen_lo < floor;
}

static bool is_narrow(const struct asking *q, const struct attack_range *r)
{
	return r->seen_lo > r->seen_hi || r->seen_hi - r->seen_lo < q->b->floor;
}

/* In people; where it is not known to be less, what was seen. */
static uint64_t width(const struct asking *q, const struct attack_range *r)
{
	if (r->hi - r->lo < q->b->floor)
		return (uint64_t)(r->hi - r->lo);
	return r->seen_lo > r->seen_hi ? 0 : (uint64_t)(r->seen_hi - r->seen_lo);
}

/* A row itself must not be of few people. */
static void ask_row(struct asking *q, uint32_t row)
{
	const struct attack_row *r = &q->b->rows[row];
	const struct attack_range range = { r->people, r->people, r->people, r->people };
	char what[256];

	q->out->differences++;
	if (!is_small(q, &range))
		return;
	attack_tell(q->b, ATTACK_NOBODY, row, what, sizeof(what));
	found(q, r->set, what, &range);
}

static void tell_cell(const struct asking *q, uint32_t cell, const char *how,
    const struct attack_range *range)
{
	char what[256];
	size_t n;

	attack_tell(q->b, cell, ATTACK_NOBODY, what, sizeof(what));
	n = put(what, sizeof(what), strlen(what), ": ");
	n = put(what, sizeof(what), n, attack_set_shape(q->b->cells[cell].set)->told);
	(void)put(what, sizeof(what), n, how);
	found((struct asking *)(uintptr_t)q, q->b->cells[cell].set, what, range);
}

/* A cell of a row of several, or one that no row names, or one that nobody published. */
static enum sc_err ask_cell(struct asking *q, uint32_t cell)
{
	struct attack_book *b = q->b;
	const struct attack_cell *c = &b->cells[cell];
	const bool hidden = c->set >= ATTACK_HIDDEN, unnamed = !hidden && c->row == ATTACK_NOBODY;
	const bool strict = !hidden && !unnamed && !attack_set_shape(c->set)->second;
	const int64_t enough = unnamed ? b->floor - 1 : b->floor;
	struct attack_range r;
	enum sc_err err;

	if (!is_asked(q, cell, ATTACK_NOBODY) ||
	    (c->row != ATTACK_NOBODY && b->rows[c->row].n[0] * b->rows[c->row].n[1] == 1) ||
	    (hidden && c->set != ATTACK_NEW_IN_MONTH))
		return SC_OK;
	if ((err = attack_system_range(&b->system, &(struct attack_term){ c->var, 1 }, 1, enough,
		 !strict && !unnamed, &r)) != SC_OK)
		return err;
	if (!strict)
		q->out->differences++;
	else if (q->out->folded++ == 0 || width(q, &r) < q->out->narrowest)
		q->out->narrowest = width(q, &r);
	if (unnamed    ? r.hi > 0 && (r.seen_lo > r.seen_hi || r.seen_hi - r.seen_lo < enough) :
		strict ? is_narrow(q, &r) :
			 is_small(q, &r))
		tell_cell(q, cell, unnamed ? ", whom no row names" : ", of a row of several", &r);
	return SC_OK;
}

static void tell_pair(struct asking *q, const struct attack_pair *p, const struct attack_range *r)
{
	const struct attack_relation *rel = &attack_relations[p->relation];
	const enum attack_set a = p->a_cell != ATTACK_NOBODY ? q->b->cells[p->a_cell].set :
							       q->b->rows[p->a_row].set;
	char what[256], of[160];
	size_t n;

	if (p->b_cell != ATTACK_NOBODY || p->b_row != ATTACK_NOBODY)
		attack_tell(q->b, p->b_cell, p->b_row, of, sizeof(of));
	else
		attack_tell(q->b, ATTACK_NOBODY, p->a_row, of, sizeof(of));
	n = put(what, sizeof(what), 0, of);
	n = put(what, sizeof(what), n, ": ");
	n = put(what, sizeof(what), n, attack_set_shape(rel->b)->told);
	n = put(what, sizeof(what), n, p->rest ? " who are in no row of " : " but not ");
	n = put(what, sizeof(what), n, attack_set_table(q->b, a));
	if (!p->rest) {
		attack_tell(q->b, p->a_cell, p->a_row, of, sizeof(of));
		n = put(what, sizeof(what), n, " ");
		(void)put(what, sizeof(what), n, of);
	}
	found(q, rel->b, what, r);
}

static enum sc_err ask_pair(struct asking *q, const struct attack_pair *p)
{
	const struct attack_term b_less_a[] = { { p->b_var, 1 }, { p->a_var, -1 } };
	const struct attack_term a[] = { { p->a_var, 1 } };
	struct attack_range r;
	enum sc_err err;

	if (!is_asked(q, p->a_cell, p->a_row) && !is_asked(q, p->b_cell, p->b_row))
		return SC_OK;
	if ((err = attack_system_range(&q->b->system, p->rest ? a : b_less_a, p->rest ? 1 : 2,
		 q->b->floor, true, &r)) != SC_OK)
		return err;
	if (attack_relations[p->relation].kind == ATTACK_EQUAL && r.hi < 0)
		r = (struct attack_range){ -r.hi, -r.lo, -r.seen_hi, -r.seen_lo };
	q->out->differences++;
	if (is_small(q, &r))
		tell_pair(q, p, &r);
	return SC_OK;
}

enum sc_err attack_ask(struct attack_book *b, const struct attack_asked *asked,
    struct cube_attack *out)
{
	struct asking q = { .b = b,
		.asked = asked,
		.out = out,
		.all = (uint64_t)b->n_rows + b->n_cells + b->n_pairs };
	enum sc_err err = SC_OK;

	for (uint32_t i = 0; err == SC_OK && i < b->n_rows; i++) {
		if (is_asked(&q, ATTACK_NOBODY, i))
			ask_row(&q, i);
		err = go_on(&q);
	}
	for (uint32_t i = 0; err == SC_OK && i < b->n_cells; i++)
		if ((err = ask_cell(&q, i)) == SC_OK)
			err = go_on(&q);
	for (uint32_t i = 0; err == SC_OK && i < b->n_pairs; i++)
		if ((err = ask_pair(&q, &b->pairs[i])) == SC_OK)
			err = go_on(&q);
	return err;
}
