/*
 * attack_range.c - how small and how great a sum may be: what is cheap first, and a linear
 * program only for what is not yet seen to be wide, nor shown to be narrow.
 */
#include "analytics/cube/attack_lp.h"
#include "analytics/cube/attack_system.h"

#include <stdlib.h>

/* A question about one part. */
struct question {
	const struct attack_term *terms; /* all of this part */
	size_t n;
	int64_t enough;
	bool from;
	struct attack_range r;
};

static bool done(const struct question *q)
{
	return q->r.seen_hi - q->r.seen_lo >= q->enough || q->r.hi - q->r.lo < q->enough ||
	    (q->from && q->r.lo >= q->enough);
}

/* What the kept witnesses show, and what the bounds of each number say. */
static void look_up(const struct attack_system *s, const struct attack_part *p, struct question *q)
{
	const uint32_t kept = p->n_witnesses < ATTACK_WITNESSES ? p->n_witnesses : ATTACK_WITNESSES;
	const uint32_t at = s->place_of[q->terms[0].var];
	int64_t lo = 0, hi = 0;

	if (kept > 0 && q->n == 1) {
		const int64_t least = p->witnesses[(size_t)ATTACK_WITNESSES * p->n + at];
		const int64_t most = p->witnesses[((size_t)ATTACK_WITNESSES + 1) * p->n + at];

		q->r.seen_lo = q->terms[0].by > 0 ? least : -most;
		q->r.seen_hi = q->terms[0].by > 0 ? most : -least;
	}
	for (uint32_t w = 0; q->n > 1 && w < kept; w++) {
		int64_t sum = 0;

		for (size_t i = 0; i < q->n; i++)
			sum += q->terms[i].by *
			    p->witnesses[(size_t)w * p->n + s->place_of[q->terms[i].var]];
		if (sum < q->r.seen_lo)
			q->r.seen_lo = sum;
		if (sum > q->r.seen_hi)
			q->r.seen_hi = sum;
	}
	for (size_t i = 0; i < q->n; i++) {
		const uint32_t v = q->terms[i].var;

		lo += q->terms[i].by > 0 ? s->lo[v] : -s->hi[v];
		hi += q->terms[i].by > 0 ? s->hi[v] : -s->lo[v];
	}
	if (lo > q->r.lo)
		q->r.lo = lo;
	if (hi < q->r.hi)
		q->r.hi = hi;
}

/* From the newest witness towards the end that SIGN says. */
static bool dive_from_last(struct attack_system *s, struct attack_part *p, const struct question *q,
    int sign, int64_t *target)
{
	if (p->n_witnesses == 0)
		return false;
	for (uint32_t i = 0; i < p->n; i++)
		target[i] =
		    p->witnesses[(size_t)((p->n_witnesses - 1) % ATTACK_WITNESSES) * p->n + i];
	return attack_dive(s, p, target, q->terms, q->n, sign);
}

static enum sc_err program(struct attack_system *s, struct attack_part *p, struct question *q,
    int sign, int64_t *target)
{
	const uint32_t number = (uint32_t)(p - s->parts);
	int64_t bound;
	enum sc_err err;

	if (s->lp_part != number) {
		attack_lp_free(s->lp);
		s->lp = NULL;
		s->lp_part = UINT32_MAX;
		if ((err = attack_lp_new(s, p, &s->lp)) != SC_OK)
			return err;
		s->lp_part = number;
	}
	if (s->programs++ >= ATTACK_PROGRAMS_MAX)
		return SC_LIMIT;
	if (attack_lp_solve(s->lp, q->terms, q->n, sign, &bound, target) != ATTACK_LP_OPTIMAL)
		return SC_OK;
	if (sign > 0 && bound > q->r.lo)
		q->r.lo = bound;
	if (sign < 0 && -bound < q->r.hi)
		q->r.hi = -bound;
	/* near the point, and first of all the sum as far out as it goes */
	if (!attack_dive(s, p, target, NULL, 0, 1))
		(void)attack_dive(s, p, target, q->terms, q->n, sign);
	return s->lost ? SC_NOMEM : SC_OK;
}

static enum sc_err answer(struct attack_system *s, struct attack_part *p, struct question *q)
{
	int64_t *target;
	enum sc_err err = SC_OK;

	look_up(s, p, q);
	if (done(q))
		return SC_OK;
	for (int sign = 1; !done(q) && sign >= -1; sign -= 2)
		if (attack_step(s, p, q->terms, q->n, sign))
			look_up(s, p, q);
	if (done(q))
		return SC_OK;
	if ((target = malloc((size_t)p->n * sizeof(*target))) == NULL)
		return SC_NOMEM;
	for (int sign = 1; !done(q) && sign >= -1; sign -= 2)
		if (dive_from_last(s, p, q, sign, target))
			look_up(s, p, q);
	for (int sign = 1; err == SC_OK && !done(q) && sign >= -1; sign -= 2)
		if ((err = program(s, p, q, sign, target)) == SC_OK)
			look_up(s, p, q);
	free(target);
	return s->lost ? SC_NOMEM : err;
}

/* The terms of FROM that are of part P, and P nowhere in DONE yet. */
static size_t terms_of(const struct attack_system *s, const struct attack_term *from, size_t n,
    uint32_t p, struct attack_term *out)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (s->part_of[from[i].var] == p)
			out[k++] = from[i];
	return k;
}

enum sc_err attack_system_range(struct attack_system *s, const struct attack_term *terms, size_t n,
    int64_t enough, bool from, struct attack_range *out)
{
	struct attack_term of_part[ATTACK_SUM_MAX] = { { 0, 0 } };
	enum sc_err err;

	*out = (struct attack_range){ 0 };
	for (size_t i = 0; i < n; i++) {
		const uint32_t p = s->part_of[terms[i].var];
		struct question q = { .terms = of_part,
			.enough = enough,
			.from = from && n == 1,
			.r = { .lo = -2 * ATTACK_MOST,
			    .hi = 2 * ATTACK_MOST,
			    .seen_lo = 2 * ATTACK_MOST,
			    .seen_hi = -2 * ATTACK_MOST } };

		if (p == UINT32_MAX) {
			const int64_t v = terms[i].by * s->lo[terms[i].var];

			q.r = (struct attack_range){ v, v, v, v };
		} else if (terms_of(s, terms, i, p, of_part) > 0) {
			continue; /* it was answered with its first */
		} else {
			q.n = terms_of(s, terms, n, p, of_part);
			if ((err = answer(s, &s->parts[p], &q)) != SC_OK)
				return err;
		}
		out->lo += q.r.lo;
		out->hi += q.r.hi;
		out->seen_lo += q.r.seen_lo;
		out->seen_hi += q.r.seen_hi;
	}
	return SC_OK;
}
