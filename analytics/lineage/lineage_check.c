/*
 * lineage_check.c - a release held against all that is remembered: by sets of people alone.
 *
 * Shares nothing with how the release was made. Everybody is told by a hash of their classes
 * in every release that is remembered, and of their class now; who is told by the same hash is
 * one part, and a part of fewer than k is a finding, be they there or gone. Then of each part
 * the values that every class of it had, in the releases of this dataset and now, are counted.
 */
#include "analytics/lineage/lineage_private.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct told {
	uint64_t person, past; /* hash of the classes before; 0: in none */
	uint32_t now;          /* class; UINT32_MAX: in none */
	uint32_t part, heads;  /* where its classes stand; 1, or how many erased */
};

struct checking {
	const struct lineage *l;
	const struct release_table *t;
	const struct recode_result *r;
	struct told *v;
	size_t n;
};

static uint64_t hash_of(const uint32_t *classes, size_t n)
{
	uint8_t sha256[crypto_hash_sha256_BYTES];
	uint64_t out;
	bool seen = false;

	for (size_t i = 0; i < n; i++)
		seen |= classes[i] != UINT32_MAX;
	if (!seen)
		return 0;
	crypto_hash_sha256(sha256, (const uint8_t *)classes, n * sizeof(*classes));
	memcpy(&out, sha256, sizeof(out));
	return out;
}

static struct told *tell(struct checking *c, uint64_t person, uint32_t part, uint32_t heads)
{
	struct told *t = &c->v[c->n++];

	*t = (struct told){ person, 0, UINT32_MAX, part, heads };
	if (part != UINT32_MAX)
		t->past = hash_of(c->l->classes + (size_t)part * LINEAGE_STRIDE, c->l->n_releases);
	return t;
}

static int by_who(const void *va, const void *vb)
{
	const struct told *a = va, *b = vb;

	if (a->person != b->person)
		return a->person < b->person ? -1 : 1;
	return (a->part > b->part) - (a->part < b->part); /* what is known before what is new */
}

static int by_told(const void *va, const void *vb)
{
	const struct told *a = va, *b = vb;

	if (a->past != b->past)
		return a->past < b->past ? -1 : 1;
	return (a->now > b->now) - (a->now < b->now);
}

/* A row for everybody. False: somebody's rows are in two classes. */
static bool gather(struct checking *c)
{
	const struct lineage *l = c->l;
	size_t kept = 0;

	for (size_t i = 0; i < l->n_members; i++)
		(void)tell(c, l->members[i].person, l->members[i].part, 1);
	for (size_t i = 0; i < c->t->n; i++)
		tell(c, c->t->persons[i], UINT32_MAX, 1)->now = c->r->class_of[i];
	qsort(c->v, c->n, sizeof(*c->v), by_who);
	for (size_t i = 0; i < c->n; i++) {
		struct told *to = kept > 0 ? &c->v[kept - 1] : NULL;

		if (to == NULL || to->person != c->v[i].person) {
			c->v[kept++] = c->v[i];
			continue;
		}
		if (i > 0 && c->v[i - 1].part == UINT32_MAX && to->now != c->v[i].now)
			return false;
		to->now = c->v[i].now;
	}
	c->n = kept;
	for (uint32_t p = 0; p < l->n_parts; p++)
		if (l->erased[p] > 0)
			(void)tell(c, 0, p, l->erased[p]);
	return true;
}

/* ---- values ----------------------------------------------------------------------------- */

/* Did class OF in release R have the value of column S whose text has this hash? */
static bool had(const struct lineage_release *r, uint32_t of, size_t s, uint64_t hash)
{
	for (size_t i = 0; i < r->n_values; i++)
		if (r->values[i].column == s && r->values[i].hash == hash)
			return (r->masks[(size_t)of * r->words + i / 64] >> i % 64 & 1) != 0;
	return false;
}

static bool always_had(const struct checking *c, size_t dataset, uint32_t part, size_t s,
    uint64_t hash)
{
	const struct lineage *l = c->l;

	for (size_t i = 0; i < l->n_releases && part != UINT32_MAX; i++) {
		const uint32_t of = l->classes[(size_t)part * LINEAGE_STRIDE + i];

		if (l->releases[i].dataset == dataset && of != UINT32_MAX &&
		    !had(&l->releases[i], of, s, hash))
			return false;
	}
	return true;
}

/* HAS: of each class and value of column S, is it there now? */
static void look(const struct checking *c, size_t s, bool *has)
{
	const size_t n = c->t->shape.n_sensitive, values = c->t->labels[s].n;

	for (size_t i = 0; i < c->t->n; i++)
		if (c->r->class_of[i] != UINT32_MAX)
			has[c->r->class_of[i] * values + c->t->values[i * n + s]] = true;
}

static enum sc_err check_values(const struct checking *c, size_t dataset, uint32_t m,
    struct sc_diag *d)
{
	for (size_t s = 0; s < c->t->shape.n_sensitive; s++) {
		const size_t values = c->t->labels[s].n;
		bool *has = calloc(c->r->n * values + 1, sizeof(*has));
		uint64_t hashes[RELEASE_VALUES_MAX];

		if (has == NULL)
			return SC_NOMEM;
		for (size_t x = 0; x < values; x++)
			hashes[x] = lineage_value_hash(c->t->labels[s].v[x]);
		look(c, s, has);
		for (size_t i = 0; i < c->n; i++) {
			const struct told *t = &c->v[i];
			uint32_t n = 0;

			if (t->now == UINT32_MAX || (i > 0 && by_told(t - 1, t) == 0))
				continue;
			for (size_t x = 0; x < values; x++)
				n += has[t->now * values + x] &&
				    always_had(c, dataset, t->part, s, hashes[x]);
			if (n >= m || n >= values)
				continue;
			sc_diag_set(d,
			    "of sensitive column %zu, somebody has %u values left that were "
			    "possible in every release: they must be %u",
			    s + 1, n, m);
			free(has);
			return SC_CORRUPT;
		}
		free(has);
	}
	return SC_OK;
}

/* ---- people ------------------------------------------------------------------------------- */

static enum sc_err check_people(const struct checking *c, uint32_t k, struct sc_diag *d)
{
	for (size_t from = 0, to; from < c->n; from = to) {
		const struct told *t = &c->v[from];
		uint64_t people = t->heads;

		for (to = from + 1; to < c->n && by_told(t, &c->v[to]) == 0; to++)
			people += c->v[to].heads;
		if (people >= k || (t->past == 0 && t->now == UINT32_MAX))
			continue;
		sc_diag_set(d,
		    "%llu people would be told from all others by the classes they were in%s: they "
		    "must be %u",
		    (unsigned long long)people, t->now == UINT32_MAX ? ", and by being gone" : "",
		    k);
		return SC_CORRUPT;
	}
	return SC_OK;
}

enum sc_err lineage_check(const struct lineage *l, const char *dataset,
    const struct release_table *t, const struct recode_result *r, uint32_t k, uint32_t m,
    struct sc_diag *d)
{
	struct checking c = { .l = l, .t = t, .r = r };
	enum sc_err err = SC_CORRUPT;

	c.v = calloc(l->n_members + t->n + l->n_parts + 1, sizeof(*c.v));
	if (c.v == NULL)
		return SC_NOMEM;
	if (!gather(&c)) {
		sc_diag_set(d, "somebody's rows are in two classes");
	} else {
		qsort(c.v, c.n, sizeof(*c.v), by_told);
		if ((err = check_people(&c, k, d)) == SC_OK)
			err = check_values(&c, lineage_dataset(l, dataset), m, d);
	}
	sc_wipe(c.v, c.n * sizeof(*c.v));
	free(c.v);
	return err;
}
