/*
 * recode_suppress.c - can the table be released at all, and which rows must stay out of it.
 *
 * Too few people, or too few values, no suppression mends. A value that is too frequent, or
 * an entropy that is too low, it does: rows of the most frequent value are left out, those
 * first whose other values are the rarest, until the whole table keeps its rules.
 */
#include "analytics/recode/recode_private.h"

#include <stdlib.h>
#include <string.h>

struct rare_unit {
	uint32_t support; /* rows that share its rarest leaf */
	uint32_t at;      /* the unit, which is its item too */
};

static int by_support(const void *va, const void *vb)
{
	const struct rare_unit *a = va, *b = vb;

	return a->support != b->support ? (a->support > b->support ? 1 : -1) :
					  (a->at > b->at) - (a->at < b->at);
}

/* All units, those with the rarest leaves first; the caller's, to free. */
static struct rare_unit *by_rarity(struct recode *r, const struct recode_group *all)
{
	struct rare_unit *v = calloc(all->n + 1, sizeof(*v));
	uint32_t *support = calloc(HIERARCHY_LEAVES_MAX, sizeof(*support));

	for (size_t i = 0; v != NULL && i < all->n; i++)
		v[i] = (struct rare_unit){ UINT32_MAX, (uint32_t)i };
	for (size_t a = 0; v != NULL && support != NULL && a < r->m; a++) {
		memset(support, 0, r->col[a].n * sizeof(*support));
		for (size_t i = 0; i < all->n; i++)
			support[unit_at(r, all->units, i)->v[a]] += unit_at(r, all->units, i)->w;
		for (size_t i = 0; i < all->n; i++) {
			const uint32_t n = support[unit_at(r, all->units, i)->v[a]];

			v[i].support = n < v[i].support ? n : v[i].support;
		}
	}
	if (v != NULL)
		qsort(v, all->n, sizeof(*v), by_support);
	if (support == NULL) {
		free(v);
		v = NULL;
	}
	free(support);
	return v;
}

static uint16_t most_frequent(const struct recode_watch *w, const uint32_t *hist)
{
	uint16_t most = w->from;

	for (uint16_t i = w->from; i < w->from + w->n; i++)
		most = hist[i] > hist[most] ? i : most;
	return most;
}

/* Does the table keep the rules of W alone? */
static bool keeps(const struct recode *r, const struct recode_watch *w, const struct recode_part *p)
{
	struct recode alone = { .logs = r->logs,
		.watch = { *w },
		.n_watch = 1,
		.all_rows = p->rows,
		.all_hist = p->hist };

	return recode_watched(&alone, p->rows, p->hist);
}

static const struct recode_watch *first_broken(const struct recode *r, const struct recode_part *p)
{
	for (size_t i = 0; i < r->n_watch; i++)
		if (!keeps(r, &r->watch[i], p))
			return &r->watch[i];
	return NULL;
}

/* How many of U go: until its value's share is as small as it must be, and few at a time. */
static uint32_t go_out(const struct recode_watch *w, const struct recode_part *p, uint32_t most,
    const struct recode_unit *u)
{
	const uint64_t alpha = w->rule.share_ppm;
	uint64_t n = 1 + p->rows / 1000;

	if (alpha > 0 && (uint64_t)most * RELEASE_PPM > p->rows * alpha)
		n = ((uint64_t)most * RELEASE_PPM - p->rows * alpha + RELEASE_PPM - alpha - 1) /
		    (RELEASE_PPM - alpha);
	return n < u->w ? (uint32_t)n : u->w;
}

static uint32_t distinct_of(const struct recode_watch *w, const struct recode_part *p)
{
	uint32_t n = 0;

	for (uint16_t i = w->from; i < w->from + w->n; i++)
		n += p->hist[i] > 0;
	return n;
}

/* Too few people or values: there is nothing to mend. */
static bool is_hopeless(const struct recode *r, const struct recode_part *p, struct sc_diag *d)
{
	if (p->people < r->k) {
		sc_diag_set(d, "%u people, fewer than the %u that every class must have", p->people,
		    r->k);
		return true;
	}
	for (const struct recode_watch *w = r->watch; w < r->watch + r->n_watch; w++) {
		const uint32_t n = distinct_of(w, p);

		if (n >= w->rule.distinct)
			continue;
		sc_diag_set(d,
		    "sensitive column %zu has %u values in all, fewer than the %u that "
		    "every class must have",
		    (size_t)(w->of - r->set->rules) + 1, n, w->rule.distinct);
		return true;
	}
	return false;
}

/* Leave rows out until the rules are kept or the limit is reached. */
static bool leave_out(struct recode *r, struct recode_group *all, const struct rare_unit *rare,
    uint32_t limit, struct recode_result *out)
{
	const struct recode_watch *w;
	struct recode_part *p = &all->part;

	while ((w = first_broken(r, p)) != NULL && out->n_suppressed < limit) {
		const uint16_t slot = most_frequent(w, p->hist);
		const struct recode_unit *u = NULL;
		const size_t column = (size_t)(w - r->watch);

		for (size_t i = 0; i < all->n && u == NULL; i++) {
			u = unit_at(r, all->units, rare[i].at);
			if (u->w == 0 || r->kinds[u->kind].slot[column] != slot)
				u = NULL;
		}
		if (u == NULL)
			return false;
		uint32_t n = go_out(w, p, p->hist[slot], u);

		n = n < limit - out->n_suppressed ? n : limit - (uint32_t)out->n_suppressed;
		part_uncount(r, p, u->kind, n);
		unit_at(r, all->units, u->item)->w -= n;
		for (uint32_t i = 0; i < n; i++)
			out->class_of[r->rows_by_item[r->first_row[u->item] + u->w + i]] =
			    RECODE_SUPPRESSED;
		out->n_suppressed += n;
	}
	return w == NULL && p->people >= r->k;
}

enum sc_err recode_suppress(struct recode *r, struct recode_group *all, struct recode_result *out,
    struct sc_diag *d)
{
	const uint32_t limit =
	    (uint32_t)((uint64_t)out->n_rows * r->set->suppression_ppm / RELEASE_PPM);
	struct rare_unit *rare;
	bool ok;

	const struct recode_watch *w = first_broken(r, &all->part);

	if (is_hopeless(r, &all->part, d))
		return SC_LIMIT;
	if (w == NULL)
		return SC_OK;
	/* told if it fails: what the table was like before */
	sc_diag_set(d,
	    "in sensitive column %zu one value has %u of %u rows: to keep its rule, "
	    "more than the %u rows that may be suppressed would have to be",
	    (size_t)(w->of - r->set->rules) + 1, all->part.hist[most_frequent(w, all->part.hist)],
	    all->part.rows, limit);
	if ((rare = by_rarity(r, all)) == NULL)
		return SC_NOMEM;
	ok = leave_out(r, all, rare, limit, out);
	free(rare);
	if (ok)
		sc_diag_set(d, "%s", "");
	return ok ? SC_OK : SC_LIMIT;
}
