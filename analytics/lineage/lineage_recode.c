/*
 * lineage_recode.c - a table into classes that may stand beside all releases that are remembered.
 *
 * A class is one group of people or several, never a part of one. Beside its rules, of the values
 * that were possible for a group in every release so far, M must be in its class again; else the
 * group is joined with others, who bring theirs, or waits.
 */
#include "analytics/lineage/lineage_private.h"

#include "base/weak.h"

#include <stdlib.h>
#include <string.h>

struct value_sets {
	const struct atoms *a;
	size_t words, from[RELEASE_SENSITIVE_MAX + 1]; /* bits of each sensitive column */
	uint64_t *has;                                 /* of each group: values in this table */
	uint64_t *possible; /* ... that were possible in all releases of the dataset */
	uint64_t *one;      /* of one class */
};

/* ---- what is possible ----------------------------------------------------------------------- */

static void put_bit(uint64_t *set, size_t bit)
{
	set[bit / 64] |= UINT64_C(1) << bit % 64;
}

static void gather_values(struct value_sets *v)
{
	const struct atoms *a = v->a;
	const size_t n = a->t->shape.n_sensitive;

	for (size_t i = 0; i < a->n_people; i++) {
		const struct atom_person *p = &a->people[i];

		for (uint32_t r = 0; r < p->rows && p->group != RECODE_SUPPRESSED; r++)
			for (size_t s = 0; s < n; s++)
				put_bit(v->has + p->group * v->words,
				    v->from[s] + a->t->values[a->rows[p->row + r] * n + s]);
	}
}

/* The bit of each value of R in this table's sets; SIZE_MAX: it is not there. */
static void translate(const struct value_sets *v, const struct lineage_release *r, size_t *bit)
{
	const struct release_table *t = v->a->t;

	for (size_t i = 0; i < r->n_values; i++)
		bit[i] = SIZE_MAX;
	for (size_t s = 0; s < t->shape.n_sensitive; s++)
		for (size_t x = 0; x < t->labels[s].n; x++) {
			const uint64_t hash = lineage_value_hash(t->labels[s].v[x]);

			for (size_t i = 0; i < r->n_values; i++)
				if (r->values[i].column == s && r->values[i].hash == hash)
					bit[i] = v->from[s] + x;
		}
}

/* Only what was in the group's class in release AT stays possible. */
static void narrow(struct value_sets *v, size_t at)
{
	const struct lineage *l = v->a->l;
	const struct lineage_release *r = &l->releases[at];
	size_t bit[RELEASE_SENSITIVE_MAX * RELEASE_VALUES_MAX];

	translate(v, r, bit);
	for (size_t g = 0; g < v->a->n_groups; g++) {
		const uint32_t part = v->a->part_of[g];
		uint64_t was[LINEAGE_WORDS] = { 0 };

		if (part == LINEAGE_NEW ||
		    l->classes[(size_t)part * LINEAGE_STRIDE + at] == LINEAGE_ABSENT)
			continue;
		const uint64_t *mask = r->masks +
		    (size_t)l->classes[(size_t)part * LINEAGE_STRIDE + at] * r->words;

		for (size_t i = 0; i < r->n_values; i++)
			if ((mask[i / 64] >> i % 64 & 1) != 0 && bit[i] != SIZE_MAX)
				put_bit(was, bit[i]);
		for (size_t w = 0; w < v->words; w++)
			v->possible[g * v->words + w] &= was[w];
	}
}

static bool sets_make(struct value_sets *v, size_t dataset)
{
	const struct atoms *a = v->a;

	for (size_t s = 0; s < a->t->shape.n_sensitive; s++)
		v->from[s + 1] = v->from[s] + a->t->labels[s].n;
	v->words = v->from[a->t->shape.n_sensitive] / 64 + 1;
	v->has = calloc(a->n_groups * v->words + 1, sizeof(*v->has));
	v->possible = calloc(a->n_groups * v->words + 1, sizeof(*v->possible));
	v->one = calloc(v->words, sizeof(*v->one));
	if (v->has == NULL || v->possible == NULL || v->one == NULL)
		return false;
	memset(v->possible, 0xff, a->n_groups * v->words * sizeof(*v->possible));
	gather_values(v);
	for (size_t i = 0; i < a->l->n_releases; i++)
		if (a->l->releases[i].dataset == dataset)
			narrow(v, i);
	return true;
}

static void sets_fini(struct value_sets *v)
{
	free(v->has);
	free(v->possible);
	free(v->one);
}

/* How many bits of column S are in both. */
static uint32_t count_both(const struct value_sets *v, size_t s, const uint64_t *a,
    const uint64_t *b)
{
	uint32_t n = 0;

	for (size_t i = v->from[s]; i < v->from[s + 1]; i++)
		n += (a[i / 64] & b[i / 64]) >> i % 64 & 1;
	return n;
}

/* May these groups be one class? */
static bool stay_possible(void *ctx, const uint32_t *groups, size_t n)
{
	struct value_sets *v = ctx;

	memset(v->one, 0, v->words * sizeof(*v->one));
	for (size_t i = 0; i < n; i++)
		for (size_t w = 0; w < v->words; w++)
			v->one[w] |= v->has[groups[i] * v->words + w];
	for (size_t s = 0; s < v->a->t->shape.n_sensitive; s++) {
		const uint32_t m = atoms_wanted(v->a->t, s, v->a->m);

		for (size_t i = 0; i < n; i++)
			if (count_both(v, s, v->one, v->possible + groups[i] * v->words) < m)
				return false;
	}
	return true;
}

/* ---- figures --------------------------------------------------------------------------------- */

/* The smallest group whose people were published: each is a part from now on. */
static uint64_t smallest(const struct atoms *a, const struct recode_result *r)
{
	uint64_t *people = calloc(a->n_groups + 1, sizeof(*people));
	uint64_t least = UINT64_MAX;

	if (people == NULL)
		return 0;
	for (size_t i = 0; i < a->n_people; i++)
		if (r->class_of[a->rows[a->people[i].row]] != RECODE_SUPPRESSED)
			people[a->people[i].group]++;
	for (size_t g = 0; g < a->n_groups; g++)
		least = people[g] > 0 && people[g] < least ? people[g] : least;
	free(people);
	return least == UINT64_MAX ? 0 : least;
}

static void count(const struct atoms *a, size_t dataset, const struct recode_result *r,
    struct lineage_figures *out)
{
	const struct lineage *l = a->l;
	const size_t before = lineage_newest(l, dataset);
	uint64_t were = 0;

	*out = (struct lineage_figures){ .smallest = smallest(a, r) };
	for (size_t i = 0; i < l->n_members && before < l->n_releases; i++)
		were += l->classes[(size_t)l->members[i].part * LINEAGE_STRIDE + before] !=
		    LINEAGE_ABSENT;
	for (size_t i = 0; i < a->n_people; i++) {
		const struct atom_person *p = &a->people[i];
		const bool was = p->part != LINEAGE_NEW && before < l->n_releases &&
		    l->classes[(size_t)p->part * LINEAGE_STRIDE + before] != LINEAGE_ABSENT;
		const bool is = r->class_of[a->rows[p->row]] != RECODE_SUPPRESSED;

		out->stayed += was && is;
		out->joined += !was && is;
		out->held_back += !is && !p->leaving;
		out->carried += is && p->leaving;
	}
	out->left = were - out->stayed;
}

/* ---- all of it --------------------------------------------------------------------------------- */

static enum sc_err join_atoms(const struct atoms *a, size_t dataset,
    const struct recode_settings *set, struct sc_diag *d, struct recode_result **out)
{
	struct value_sets v = { .a = a };
	struct recode_groups groups = { .n = a->n_groups, .may = stay_possible, .ctx = &v };
	uint32_t *of = calloc(a->t->n + 1, sizeof(*of));
	enum sc_err err = SC_NOMEM;

	groups.of = of;
	if (of != NULL && sets_make(&v, dataset)) {
		for (size_t i = 0; i < a->n_people; i++)
			for (uint32_t r = 0; r < a->people[i].rows; r++)
				of[a->rows[a->people[i].row + r]] = a->people[i].group;
		err = recode_join(a->t, set, &groups, d, out);
	}
	sets_fini(&v);
	free(of);
	return err;
}

static enum sc_err fits(const struct lineage *l, const char *dataset, uint64_t number, size_t *at,
    struct sc_diag *d)
{
	struct sc_name name;

	if (sc_name_parse(sc_span_str(dataset), &name) != SC_OK) {
		sc_diag_set(d, "a dataset is named by 1 to 63 letters, digits, '.', '_' and '-'");
		return SC_SYNTAX;
	}
	*at = lineage_dataset(l, dataset);
	if (*at == LINEAGE_LIVE && lineage_dataset(l, "") == LINEAGE_LIVE) {
		sc_diag_set(d,
		    "%d datasets about these people are live already: one more would tell them "
		    "apart by what the others do not say; retire one of them first",
		    LINEAGE_LIVE);
		return SC_LIMIT;
	}
	const size_t newest = lineage_newest(l, *at);

	if (newest < l->n_releases && l->releases[newest].number >= number) {
		sc_diag_set(d, "release %llu of this dataset was noted already",
		    (unsigned long long)l->releases[newest].number);
		return SC_STALE;
	}
	return SC_OK;
}

enum sc_err lineage_recode(struct lineage *l, const char *dataset, uint64_t number,
    const struct release_table *t, const struct recode_settings *set, uint32_t m, struct sc_diag *d,
    struct recode_result **out, struct lineage_figures *figures)
{
	struct atoms a = { .l = l, .t = t, .set = set, .m = m };
	size_t at;
	enum sc_err err;

	*out = NULL;
	*figures = (struct lineage_figures){ 0 };
	if ((err = fits(l, dataset, number, &at, d)) != SC_OK)
		return err;
	if (WEAK("past-ignored"))
		return recode_run(t, set, d, out);
	if ((err = atoms_make(&a)) == SC_OK)
		err = join_atoms(&a, at, set, d, out);
	if (err == SC_OK)
		count(&a, at, *out, figures);
	atoms_fini(&a);
	return err;
}
