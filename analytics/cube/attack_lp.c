/*
 * attack_lp.c - the linear program of a part.
 */
#include "analytics/cube/attack_lp.h"

#include <Clp_C_Interface.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

#define ITERATIONS_MAX 100000
#define HAIR 1e-6 /* what a bound may be off by, and still be the whole number beside it */

struct attack_lp {
	const struct attack_system *s;
	const struct attack_part *part;
	Clp_Simplex *clp;
	/* by columns, as Clp wants it */
	int *start, *row;
	double *by, *objective, *multipliers; /* of the rows */
	double *column_lo, *column_hi, *row_lo, *row_hi;
	int rows;
};

void attack_lp_free(struct attack_lp *lp)
{
	if (lp == NULL)
		return;
	if (lp->clp != NULL)
		Clp_deleteModel(lp->clp);
	free(lp->start);
	free(lp->row);
	free(lp->by);
	free(lp->objective);
	free(lp->multipliers);
	free(lp->column_lo);
	free(lp->column_hi);
	free(lp->row_lo);
	free(lp->row_hi);
	free(lp);
}

static enum sc_err make_room(struct attack_lp *lp, size_t columns, size_t rows, size_t terms)
{
	lp->start = calloc(columns + 2, sizeof(*lp->start));
	lp->row = calloc(terms + 1, sizeof(*lp->row));
	lp->by = calloc(terms + 1, sizeof(*lp->by));
	lp->objective = calloc(columns + 1, sizeof(*lp->objective));
	lp->multipliers = calloc(rows + 1, sizeof(*lp->multipliers));
	lp->column_lo = calloc(columns + 1, sizeof(*lp->column_lo));
	lp->column_hi = calloc(columns + 1, sizeof(*lp->column_hi));
	lp->row_lo = calloc(rows + 1, sizeof(*lp->row_lo));
	lp->row_hi = calloc(rows + 1, sizeof(*lp->row_hi));
	return lp->start == NULL || lp->row == NULL || lp->by == NULL || lp->objective == NULL ||
		lp->multipliers == NULL || lp->column_lo == NULL || lp->column_hi == NULL ||
		lp->row_lo == NULL || lp->row_hi == NULL ?
	    SC_NOMEM :
	    SC_OK;
}

/* Each term of each rule that holds, in order: its row, and where its number is fixed, its value. */
typedef void each_fn(struct attack_lp *lp, int row, const struct attack_term *t, int column);

static int each_term(struct attack_lp *lp, each_fn *each)
{
	const struct attack_system *s = lp->s;
	int row = 0;

	for (uint32_t i = 0; i < lp->part->n_rules; i++) {
		const struct attack_rule *r = &s->rules[s->part_rules[lp->part->first_rule + i]];

		if (r->off)
			continue;
		lp->row_lo[row] = r->lo <= -ATTACK_MOST ? -DBL_MAX : (double)r->lo;
		lp->row_hi[row] = r->hi >= ATTACK_MOST ? DBL_MAX : (double)r->hi;
		for (uint32_t t = 0; t < r->n; t++) {
			const struct attack_term *term = &s->terms[r->first + t];

			each(lp, row, term,
			    s->part_of[term->var] == UINT32_MAX ? -1 : (int)s->place_of[term->var]);
		}
		row++;
	}
	return row;
}

static void count(struct attack_lp *lp, int row, const struct attack_term *t, int column)
{
	(void)row;
	(void)t;
	if (column >= 0)
		lp->start[column + 2]++;
}

static void place(struct attack_lp *lp, int row, const struct attack_term *t, int column)
{
	const double fixed = (double)(t->by * lp->s->lo[t->var]);

	if (column >= 0) {
		const int at = lp->start[column + 1]++;

		lp->row[at] = row;
		lp->by[at] = t->by;
		return;
	}
	if (lp->row_lo[row] > -DBL_MAX)
		lp->row_lo[row] -= fixed;
	if (lp->row_hi[row] < DBL_MAX)
		lp->row_hi[row] -= fixed;
}

static void build(struct attack_lp *lp)
{
	const struct attack_system *s = lp->s;
	const int n = (int)lp->part->n;

	(void)each_term(lp, count);
	for (int c = 0; c < n; c++)
		lp->start[c + 2] += lp->start[c + 1];
	lp->rows = each_term(lp, place);
	for (int c = 0; c < n; c++) {
		const uint32_t v = s->members[lp->part->first + (uint32_t)c];

		lp->column_lo[c] = (double)s->lo[v];
		lp->column_hi[c] = (double)s->hi[v];
	}
}

enum sc_err attack_lp_new(const struct attack_system *s, const struct attack_part *part,
    struct attack_lp **out)
{
	struct attack_lp *lp;
	size_t terms = 0;
	enum sc_err err;

	*out = NULL;
	if (part->n > ATTACK_PART_MAX)
		return SC_LIMIT;
	if ((lp = calloc(1, sizeof(*lp))) == NULL)
		return SC_NOMEM;
	lp->s = s;
	lp->part = part;
	for (uint32_t i = 0; i < part->n_rules; i++)
		terms += s->rules[s->part_rules[part->first_rule + i]].n;
	if ((err = make_room(lp, part->n, part->n_rules, terms)) == SC_OK &&
	    (lp->clp = Clp_newModel()) == NULL)
		err = SC_NOMEM;
	if (err == SC_OK) {
		build(lp);
		Clp_setLogLevel(lp->clp, 0);
		Clp_loadProblem(lp->clp, (int)part->n, lp->rows, lp->start, lp->row, lp->by,
		    lp->column_lo, lp->column_hi, lp->objective, lp->row_lo, lp->row_hi);
		Clp_setMaximumIterations(lp->clp, ITERATIONS_MAX);
		*out = lp;
		lp = NULL;
	}
	attack_lp_free(lp);
	return err;
}

/*
 * For any multipliers y of the rows that have the right sign where a row has one end only,
 * y b + (c - yA) x, each at its cheaper end, is no more than the least c x.
 */
static double true_bound(struct attack_lp *lp, const double *y)
{
	const int n = (int)lp->part->n;
	double sum = 0;

	for (int c = 0; c < n; c++) {
		double spare = lp->objective[c];

		for (int i = lp->start[c]; i < lp->start[c + 1]; i++) {
			const int r = lp->row[i];
			const double end = y[r] > 0 ? lp->row_lo[r] : lp->row_hi[r];

			if (fabs(end) < DBL_MAX)
				spare -= y[r] * lp->by[i];
		}
		sum += spare * (spare > 0 ? lp->column_lo[c] : lp->column_hi[c]);
	}
	for (int r = 0; r < lp->rows; r++) {
		const double end = y[r] > 0 ? lp->row_lo[r] : lp->row_hi[r];

		if (fabs(end) < DBL_MAX)
			sum += y[r] * end;
	}
	return sum;
}

/* Multipliers are small fractions; what is beside one by less than a hair is one. */
static void clean(struct attack_lp *lp, const double *dual, double *y)
{
	for (int r = 0; r < lp->rows; r++) {
		const double near = nearbyint(dual[r] * 5040) / 5040;

		y[r] = fabs(near - dual[r]) < HAIR ? near : dual[r];
	}
}

enum attack_lp_answer attack_lp_solve(struct attack_lp *lp, const struct attack_term *first,
    size_t n, int sign, int64_t *bound, int64_t *point)
{
	const double *x;
	double low;
	int status;

	for (uint32_t c = 0; c < lp->part->n; c++)
		lp->objective[c] = 0;
	for (size_t i = 0; i < n; i++)
		lp->objective[lp->s->place_of[first[i].var]] += first[i].by * sign;
	Clp_chgObjCoefficients(lp->clp, lp->objective);
	(void)Clp_primal(lp->clp, 0);
	status = Clp_status(lp->clp);
	if (status == 1)
		return ATTACK_LP_NONE;
	if (status != 0)
		return ATTACK_LP_UNKNOWN;
	clean(lp, Clp_dualRowSolution(lp->clp), lp->multipliers);
	low = true_bound(lp, lp->multipliers);
	*bound = (int64_t)ceil(low - HAIR);
	x = Clp_primalColumnSolution(lp->clp);
	for (uint32_t c = 0; c < lp->part->n; c++)
		point[c] = (int64_t)nearbyint(x[c]);
	return ATTACK_LP_OPTIMAL;
}
