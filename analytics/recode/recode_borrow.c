/*
 * recode_borrow.c - a part that is too small borrows the nearest rows of the others.
 *
 * Whoever lends must stay publishable. What is near is told by the box as it was when the
 * borrowing began: to sort once is as good as to sort again after each loan.
 */
#include "analytics/recode/recode_private.h"

#include "base/grow.h"
#include "base/weak.h"

#include <stdlib.h>

static bool make_room(struct recode *r, size_t n)
{
	if (n <= r->cap_near)
		return true;
	struct recode_near *near = reallocarray(r->near, 2 * n, sizeof(*near));

	if (near == NULL) {
		r->err = SC_NOMEM;
		return false;
	}
	r->near = near;
	r->cap_near = 2 * n;
	return true;
}

static void sift(struct recode_near *v, size_t n, size_t i)
{
	const struct recode_near x = v[i];

	for (size_t child; (child = 2 * i + 1) < n; i = child) {
		if (child + 1 < n && v[child + 1].key < v[child].key)
			child++;
		if (x.key <= v[child].key)
			break;
		v[i] = v[child];
	}
	v[i] = x;
}

/* All that could be lent, as a heap with the nearest on top. */
static size_t gather(struct recode *r, const struct recode_group *g, size_t column,
    const struct recode_part *parts, const struct recode_part *rest)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++) {
		const struct recode_unit *u = unit_at(r, g->units, i);
		const uint16_t part = r->scan.part_of[u->v[column]];

		if (part == NO_PART || parts[part].people <= r->k)
			continue;
		const uint64_t cost = add_cost(r, &rest->box, u->v, UINT32_MAX);

		r->near[n++] = (struct recode_near){ cost << 32 | u->item, (uint32_t)i };
	}
	for (size_t i = n / 2; i-- > 0;)
		sift(r->near, n, i);
	return n;
}

/* How many rows of U the rest wants, and its part can spare by its people. */
static uint32_t wanted(const struct recode *r, const struct recode_part *from,
    const struct recode_part *rest, const struct recode_unit *u)
{
	const bool head = r->kinds[u->kind].head;
	uint32_t w = u->w;

	if (head && from->people - r->k < w)
		w = from->people - r->k;
	if (rest->people >= r->k)
		return recode_helps(r, rest, u->kind, w);
	if (!head)
		return 0;
	return r->k - rest->people < w ? r->k - rest->people : w;
}

static bool note(struct recode *r, uint32_t unit, uint32_t w)
{
	if (r->n_loans == r->cap_loans) {
		const size_t cap = sc_grown(r->cap_loans);
		struct recode_loan *v = reallocarray(r->loans, cap, sizeof(*v));

		if (v == NULL) {
			r->err = SC_NOMEM;
			return false;
		}
		r->loans = v;
		r->cap_loans = cap;
	}
	r->loans[r->n_loans++] = (struct recode_loan){ unit, w };
	return true;
}

bool recode_borrow(struct recode *r, const struct recode_group *g, size_t column,
    struct recode_part *parts, struct recode_part *rest)
{
	size_t n;

	r->n_loans = 0;
	if (WEAK("cuts-alone") || !make_room(r, g->n))
		return false;
	n = gather(r, g, column, parts, rest);
	while (!part_ok(r, rest)) {
		if (n == 0)
			return false;
		const uint32_t at = r->near[0].unit;
		const struct recode_unit *u = unit_at(r, g->units, at);
		struct recode_part *from = &parts[r->scan.part_of[u->v[column]]];
		const uint32_t w = wanted(r, from, rest, u);

		r->near[0] = r->near[--n];
		sift(r->near, n, 0);
		if (w == 0 || w >= from->rows)
			continue;
		part_uncount(r, from, u->kind, w);
		if (r->n_watch > 0 && !part_ok(r, from)) {
			part_count(r, from, u->kind, w);
			continue;
		}
		if (!note(r, at, w)) {
			part_count(r, from, u->kind, w);
			return false;
		}
		part_count(r, rest, u->kind, w);
		box_add(&rest->box, u->v, r->wide);
	}
	return true;
}
