/*
 * lineage_atoms.c - which people of a table may be published together, and who waits.
 *
 * Of a part, those who are there and those who are not are two parts from now on: each must
 * have k people, or be empty. So whoever is missing takes others along, by lot, until k are
 * missing; where that leaves too few, all of the part wait. Those who want to leave stay until
 * k of them can. A part of 2k or more may be divided, and those who are new are recoded by
 * themselves: each class of theirs is a part to come.
 */
#include "analytics/lineage/lineage_private.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* ---- people of the table ------------------------------------------------------------------ */

static int by_owner(const void *va, const void *vb, void *arg)
{
	const uint32_t a = *(const uint32_t *)va, b = *(const uint32_t *)vb;
	const uint64_t *persons = arg;

	return persons[a] != persons[b] ? (persons[a] > persons[b] ? 1 : -1) : (a > b) - (a < b);
}

/* Who is in the table, ascending, and which rows are theirs. */
static void gather_people(struct atoms *a)
{
	const struct release_table *t = a->t;

	for (uint32_t i = 0; i < t->n; i++)
		a->rows[i] = i;
	qsort_r(a->rows, t->n, sizeof(*a->rows), by_owner, t->persons);
	for (uint32_t i = 0; i < t->n; i++) {
		const uint64_t person = t->persons[a->rows[i]];

		if (i == 0 || a->people[a->n_people - 1].person != person)
			a->people[a->n_people++] = (struct atom_person){ .person = person,
				.part = LINEAGE_NEW,
				.row = i,
				.group = RECODE_SUPPRESSED };
		a->people[a->n_people - 1].rows++;
	}
}

/* Both lists ascend. */
static void find_parts(struct atoms *a)
{
	const struct lineage *l = a->l;
	size_t m = 0, e = 0;

	for (size_t i = 0; i < a->n_people; i++) {
		struct atom_person *p = &a->people[i];

		while (m < l->n_members && l->members[m].person < p->person)
			m++;
		while (e < l->n_leaving && l->leaving[e] < p->person)
			e++;
		if (m < l->n_members && l->members[m].person == p->person)
			p->part = l->members[m].part;
		p->leaving = e < l->n_leaving && l->leaving[e] == p->person;
	}
}

/* ORDER: each part's people together; FROM[p] is where part P's begin. */
static void order_people(struct atoms *a, uint32_t *from)
{
	const size_t n = a->l->n_parts;

	for (size_t i = 0; i < a->n_people; i++)
		from[(a->people[i].part == LINEAGE_NEW ? n : a->people[i].part) + 1]++;
	for (size_t p = 0; p <= n; p++)
		from[p + 1] += from[p];
	for (size_t i = a->n_people; i-- > 0;) {
		const uint32_t part = a->people[i].part;
		const size_t p = part == LINEAGE_NEW ? n : part;

		/* from the back, so that from[] ends as the beginnings of each */
		a->order[--from[p + 1]] = (uint32_t)i;
	}
	memmove(from, from + 1, (n + 1) * sizeof(*from));
}

/* ---- a table of some ------------------------------------------------------------------------ */

/* The least of a person's rows stands for them: whatever its place in the table. */
static uint32_t row_of(const struct atoms *a, const struct atom_person *p)
{
	const size_t m = a->t->shape.n_columns;
	uint32_t best = a->rows[p->row];

	for (uint32_t i = 1; i < p->rows; i++) {
		const uint32_t row = a->rows[p->row + i];

		if (memcmp(a->t->leaves + row * m, a->t->leaves + best * m,
			m * sizeof(*a->t->leaves)) < 0)
			best = row;
	}
	return best;
}

static void sub_free(struct release_table *sub)
{
	free(sub->leaves);
	free(sub->values);
	free(sub->persons);
}

/* A row for each of N PEOPLE; labels and hierarchies are the table's. */
static bool sub_make(const struct atoms *a, const uint32_t *people, size_t n,
    struct release_table *out)
{
	const struct release_table *t = a->t;
	const size_t m = t->shape.n_columns, s = t->shape.n_sensitive;

	*out = *t;
	out->n = out->cap = n;
	out->leaves = calloc(n * m + 1, sizeof(*out->leaves));
	out->values = calloc(n * s + 1, sizeof(*out->values));
	out->persons = calloc(n + 1, sizeof(*out->persons));
	if (out->leaves == NULL || out->values == NULL || out->persons == NULL) {
		sub_free(out);
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		const struct atom_person *p = &a->people[people[i]];
		const uint32_t row = row_of(a, p);

		memcpy(out->leaves + i * m, t->leaves + row * m, m * sizeof(*out->leaves));
		if (s > 0)
			memcpy(out->values + i * s, t->values + row * s, s);
		out->persons[i] = p->person;
	}
	return true;
}

uint32_t atoms_wanted(const struct release_table *t, size_t s, uint32_t m)
{
	return m < t->labels[s].n ? m : (uint32_t)t->labels[s].n;
}

/* A part must be diverse by itself: it may be alone in its class one day. */
static struct recode_settings settings_of(const struct atoms *a)
{
	struct recode_settings set = *a->set;

	set.progress = NULL;
	set.suppression_ppm = 0;
	for (size_t s = 0; s < a->t->shape.n_sensitive; s++) {
		const uint32_t m = atoms_wanted(a->t, s, a->m);

		if (set.rules[s].distinct < m)
			set.rules[s].distinct = m;
	}
	return set;
}

/* ---- groups ----------------------------------------------------------------------------------- */

static void add_group(struct atoms *a, const uint32_t *people, size_t n, uint32_t part)
{
	for (size_t i = 0; i < n; i++)
		a->people[people[i]].group = (uint32_t)a->n_groups;
	a->part_of[a->n_groups++] = part;
}

/* N PEOPLE of PART as groups of k or more; one alone where they cannot be divided. */
static enum sc_err divide(struct atoms *a, const uint32_t *people, size_t n, uint32_t part)
{
	const struct recode_settings set = settings_of(a);
	struct recode_result *r = NULL;
	struct release_table sub;
	enum sc_err err;

	if (!sub_make(a, people, n, &sub))
		return SC_NOMEM;
	err = recode_run(&sub, &set, NULL, &r);
	sub_free(&sub);
	if (err == SC_LIMIT) {
		if (part != LINEAGE_NEW)
			add_group(a, people, n, part);
		return SC_OK;
	}
	if (err != SC_OK)
		return err;
	for (size_t i = 0; i < n; i++)
		a->people[people[i]].group = (uint32_t)a->n_groups + r->class_of[i];
	for (size_t c = 0; c < r->n; c++)
		a->part_of[a->n_groups++] = part;
	recode_result_free(r);
	return SC_OK;
}

struct atom_lot {
	uint64_t lot;
	uint32_t who;
	bool leaving;
};

/* Who wants to leave first, then by lot. */
static int by_leaving(const void *va, const void *vb)
{
	const struct atom_lot *a = va, *b = vb;

	if (a->leaving != b->leaving)
		return a->leaving ? -1 : 1;
	return a->lot != b->lot ? (a->lot > b->lot ? 1 : -1) :
				  (a->who > b->who) - (a->who < b->who);
}

static bool draw_lots(struct atoms *a, uint32_t *people, size_t n)
{
	struct atom_lot *v = calloc(n + 1, sizeof(*v));

	if (v == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct atom_person *p = &a->people[people[i]];

		v[i] = (struct atom_lot){ 0, people[i], p->leaving };
		_Static_assert(crypto_shorthash_BYTES == sizeof(v[i].lot), "a lot is a hash");
		crypto_shorthash((uint8_t *)&v[i].lot, (const uint8_t *)&p->person,
		    sizeof(p->person), a->set->key);
	}
	qsort(v, n, sizeof(*v), by_leaving);
	for (size_t i = 0; i < n; i++)
		people[i] = v[i].who;
	free(v);
	return true;
}

/* If OUT of N who are there are held back beside MISSING, is neither side too few? */
static bool is_safe(const struct atoms *a, size_t n, size_t missing, size_t out)
{
	const size_t k = a->set->k;

	return (missing + out == 0 || missing + out >= k) && n >= out + k;
}

/* How many of N who are there stay out, LEAVING of them because they want to. */
static size_t count_out(const struct atoms *a, size_t n, size_t missing, size_t leaving)
{
	const size_t k = a->set->k;
	const size_t need = missing > 0 && missing < k ? k - missing : 0;
	const size_t most = leaving > need ? leaving : need;

	if (is_safe(a, n, missing, most))
		return most;
	return leaving < n && is_safe(a, n, missing, need) ? need : n;
}

/* N PEOPLE of PART, of whom MISSING others are not in the table. */
static enum sc_err take_part(struct atoms *a, uint32_t *people, size_t n, size_t missing,
    uint32_t part)
{
	size_t leaving = 0, out;

	for (size_t i = 0; i < n; i++)
		leaving += a->people[people[i]].leaving;
	out = count_out(a, n, missing, leaving);
	if (out == n)
		return SC_OK;
	if (out > 0 && !draw_lots(a, people, n))
		return SC_NOMEM;
	people += out;
	n -= out;
	if (n >= 2 * (size_t)a->set->k)
		return divide(a, people, n, part);
	add_group(a, people, n, part);
	return SC_OK;
}

/* Those who are new and do not want to leave at once. */
static enum sc_err take_new(struct atoms *a, uint32_t *people, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (!a->people[people[i]].leaving)
			people[kept++] = people[i];
	return kept < a->set->k ? SC_OK : divide(a, people, kept, LINEAGE_NEW);
}

static enum sc_err take_all(struct atoms *a, const uint32_t *from, const uint32_t *size)
{
	const size_t n_parts = a->l->n_parts;
	enum sc_err err = SC_OK;

	for (uint32_t p = 0; p < n_parts && err == SC_OK; p++) {
		const size_t n = from[p + 1] - from[p];

		if (n > 0)
			err = take_part(a, a->order + from[p], n, size[p] - n, p);
	}
	return err != SC_OK ? err :
			      take_new(a, a->order + from[n_parts], a->n_people - from[n_parts]);
}

enum sc_err atoms_make(struct atoms *a)
{
	const struct lineage *l = a->l;
	const size_t n = a->t->n;
	uint32_t *from = calloc(l->n_parts + 2, sizeof(*from));
	uint32_t *size = calloc(l->n_parts + 1, sizeof(*size));
	enum sc_err err = SC_NOMEM;

	a->people = calloc(n + 1, sizeof(*a->people));
	a->rows = calloc(n + 1, sizeof(*a->rows));
	a->order = calloc(n + 1, sizeof(*a->order));
	a->part_of = calloc(n + 1, sizeof(*a->part_of));
	if (from != NULL && size != NULL && a->people != NULL && a->rows != NULL &&
	    a->order != NULL && a->part_of != NULL) {
		for (size_t p = 0; p < l->n_parts; p++)
			size[p] = l->erased[p];
		for (size_t i = 0; i < l->n_members; i++)
			size[l->members[i].part]++;
		gather_people(a);
		find_parts(a);
		order_people(a, from);
		err = take_all(a, from, size);
	}
	free(from);
	free(size);
	return err;
}

void atoms_fini(struct atoms *a)
{
	free(a->people);
	free(a->rows);
	free(a->order);
	free(a->part_of);
	*a = (struct atoms){ 0 };
}
