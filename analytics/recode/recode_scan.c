/*
 * recode_scan.c - a set of rows by one column: a part for each value present, then for each
 * node of every level.
 *
 * Values that are not present cost nothing: small sets are what takes the time.
 */
#include "analytics/recode/recode_private.h"

#include <stdlib.h>

enum sc_err recode_scan_init(struct recode *r)
{
	struct recode_scan *s = &r->scan;
	size_t n = 1;

	for (size_t a = 0; a < r->m; a++)
		n = r->col[a].n > n ? r->col[a].n : n;
	s->by_leaf = calloc(n, sizeof(*s->by_leaf));
	s->part = calloc(n, sizeof(*s->part));
	s->after = calloc(n, sizeof(*s->after));
	s->seen = calloc(n / 64 + 1, sizeof(*s->seen));
	s->part_of = calloc(n, sizeof(*s->part_of));
	s->cost = calloc(n, sizeof(*s->cost));
	s->good = calloc(n, sizeof(*s->good));
	s->hist = calloc((2 * n + 3) * r->n_hist + 1, sizeof(*s->hist));
	if (s->by_leaf == NULL || s->part == NULL || s->after == NULL || s->seen == NULL ||
	    s->part_of == NULL || s->cost == NULL || s->good == NULL || s->hist == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < n; i++) {
		s->by_leaf[i].hist = s->hist + i * r->n_hist;
		s->part[i].hist = s->hist + (n + i) * r->n_hist;
	}
	s->rest.hist = s->hist + 2 * n * r->n_hist;
	s->left.hist = s->rest.hist + r->n_hist;
	s->right.hist = s->left.hist + r->n_hist;
	return SC_OK;
}

void recode_scan_fini(struct recode_scan *s)
{
	free(s->by_leaf);
	free(s->part);
	free(s->after);
	free(s->seen);
	free(s->part_of);
	free(s->cost);
	free(s->good);
	free(s->hist);
	*s = (struct recode_scan){ 0 };
}

/* What is in by_leaf, in the order of leaves. */
static void gather(struct recode *r, size_t from, size_t to)
{
	struct recode_scan *s = &r->scan;

	s->n = 0;
	for (size_t w = from / 64; w <= to / 64; w++)
		for (uint64_t bits = s->seen[w]; bits != 0; bits &= bits - 1)
			part_copy(r, &s->part[s->n++],
			    &s->by_leaf[w * 64 + (size_t)__builtin_ctzll(bits)]);
}

void recode_scan_units(struct recode *r, const struct recode_group *g, size_t column)
{
	struct recode_scan *s = &r->scan;
	const size_t from = (size_t)g->part.box.lo[column], to = (size_t)g->part.box.hi[column];
	const uint8_t *at = g->units;

	for (size_t w = from / 64; w <= to / 64; w++)
		s->seen[w] = 0;
	for (size_t i = 0; i < g->n; i++, at += r->stride) {
		const struct recode_unit *u = unit_at(r, at, 0);
		const size_t leaf = (size_t)u->v[column];
		struct recode_part *p = &s->by_leaf[leaf];

		if ((s->seen[leaf / 64] >> leaf % 64 & 1) == 0) {
			s->seen[leaf / 64] |= UINT64_C(1) << leaf % 64;
			part_begin(r, p, u->v);
		} else {
			box_add(&p->box, u->v, r->wide);
		}
		part_count(r, p, u->kind, u->w);
	}
	gather(r, from, to);
}

bool recode_scan_level(struct recode *r, size_t column, size_t level)
{
	struct recode_scan *s = &r->scan;
	const uint16_t *node = hierarchy_nodes(r->col[column].h, level);
	const size_t before = s->n;
	size_t n = 0;

	for (size_t i = 1; i < before; i++) {
		if (node[s->part[i].box.lo[column]] == node[s->part[n].box.lo[column]])
			part_join(r, &s->part[n], &s->part[i]);
		else if (++n < i)
			part_copy(r, &s->part[n], &s->part[i]);
	}
	s->n = n + 1;
	return s->n < before;
}
