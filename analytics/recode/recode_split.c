/*
 * recode_split.c - does a cut: a set's units into the groups of its parts.
 */
#include "analytics/recode/recode_private.h"

#include <stdlib.h>

static void number_range(uint16_t *part_of, int16_t lo, int16_t hi, uint16_t part)
{
	for (int16_t leaf = lo; leaf <= hi; leaf++)
		part_of[leaf] = part;
}

/* Two parts: a child or what is below an edge, and the rest. */
static size_t number_two(struct recode *r, const struct recode_group *g, const struct recode_cut *c)
{
	const struct recode_box *b = &g->part.box;

	number_range(r->scan.part_of, b->lo[c->column], b->hi[c->column], 1);
	number_range(r->scan.part_of, c->kind == CUT_BELOW ? b->lo[c->column] : c->lo, c->hi, 0);
	return 2;
}

/* The smallest good parts join the rest until it is well. */
static void absorb(struct recode *r)
{
	struct recode_scan *s = &r->scan;

	while (!part_ok(r, &s->rest)) {
		size_t best = SIZE_MAX;

		for (size_t i = 0; i < s->n; i++)
			if (s->good[i] &&
			    (best == SIZE_MAX || s->part[i].rows < s->part[best].rows))
				best = i;
		if (best == SIZE_MAX)
			return;
		part_join(r, &s->rest, &s->part[best]);
		s->good[best] = false;
	}
}

/* The parts of the cut's level: good ones by themselves, the others into the rest. */
static bool look(struct recode *r, const struct recode_group *g, const struct recode_cut *c)
{
	struct recode_scan *s = &r->scan;
	bool any = false;

	recode_scan_units(r, g, c->column);
	for (size_t l = 1; l <= c->level; l++)
		(void)recode_scan_level(r, c->column, l);
	for (size_t i = 0; i < s->n; i++) {
		s->good[i] = part_ok(r, &s->part[i]);
		if (s->good[i])
			continue;
		if (any)
			part_join(r, &s->rest, &s->part[i]);
		else
			part_copy(r, &s->rest, &s->part[i]);
		any = true;
	}
	return any;
}

/* All nodes of a level. Returns the parts; 0: it cannot be. */
static size_t number_level(struct recode *r, const struct recode_group *g,
    const struct recode_cut *c)
{
	struct recode_scan *s = &r->scan;
	const bool any = look(r, g, c);
	uint16_t n = 0;

	if (c->kind == CUT_ABSORB)
		absorb(r);
	/* good parts keep their numbers while they lend */
	for (size_t i = 0; i < s->n; i++)
		number_range(s->part_of, s->part[i].box.lo[c->column], s->part[i].box.hi[c->column],
		    s->good[i] ? (uint16_t)i : NO_PART);
	if (c->kind == CUT_BORROW && !recode_borrow(r, g, c->column, s->part, &s->rest))
		return 0;
	for (size_t i = 0; i < s->n; i++)
		if (s->good[i])
			number_range(s->part_of, s->part[i].box.lo[c->column],
			    s->part[i].box.hi[c->column], n++);
	return n + (size_t)any;
}

static int by_unit(const void *va, const void *vb)
{
	const struct recode_loan *a = va, *b = vb;

	return (a->unit > b->unit) - (a->unit < b->unit);
}

/* Each unit into the group of its part, but for what was lent into the last. */
static void scatter(struct recode *r, const struct recode_group *g, size_t column,
    struct recode_group **to, uint16_t last)
{
	const struct recode_loan *loan = r->loans;
	const struct recode_loan *const end = loan + r->n_loans;

	for (size_t i = 0; i < g->n && r->err == SC_OK; i++) {
		const struct recode_unit *u = unit_at(r, g->units, i);
		const uint16_t part = r->scan.part_of[u->v[column]];
		uint32_t w = u->w;

		if (loan < end && loan->unit == i) {
			(void)recode_group_add(r, to[last], u, loan->w);
			w -= loan->w;
			loan++;
		}
		if (w > 0)
			(void)recode_group_add(r, to[part == NO_PART ? last : part], u, w);
	}
}

static bool make_groups(struct recode *r, const struct recode_group *g, size_t column,
    struct recode_list *out, size_t n)
{
	uint32_t *sizes = calloc(n, sizeof(*sizes));
	bool ok = sizes != NULL;

	if (!ok)
		r->err = SC_NOMEM;
	for (size_t i = 0; ok && i < g->n; i++) {
		const uint16_t part = r->scan.part_of[unit_at(r, g->units, i)->v[column]];

		sizes[part == NO_PART ? n - 1 : part]++;
	}
	for (size_t i = 0; ok && i < n; i++) {
		struct recode_group *new =
		    recode_group_new(r, sizes[i] + (i == n - 1 ? r->n_loans : 0));

		ok = new != NULL &&recode_list_add(r, out, new);
	}
	free(sizes);
	return ok;
}

bool recode_split(struct recode *r, const struct recode_group *g, const struct recode_cut *cut,
    struct recode_list *out)
{
	const size_t from = out->n;
	const bool two = cut->kind == CUT_CHILD || cut->kind == CUT_BELOW;
	size_t n;
	bool ok;

	r->n_loans = 0;
	n = two ? number_two(r, g, cut) : number_level(r, g, cut);
	ok = n > 1 && r->err == SC_OK && make_groups(r, g, cut->column, out, n);
	if (ok) {
		if (r->n_loans > 1)
			qsort(r->loans, r->n_loans, sizeof(*r->loans), by_unit);
		scatter(r, g, cut->column, out->v + from, (uint16_t)(n - 1));
	}
	for (size_t i = from; ok && i < out->n; i++) {
		struct recode_group *part = out->v[i];

		ok = r->err == SC_OK && part->n > 0 && part_ok(r, &part->part);
		part->cost = part->n > 0 ? box_cost(r, &part->part.box) : 0;
	}
	while (!ok && out->n > from)
		recode_group_free(out->v[--out->n]);
	return ok;
}
