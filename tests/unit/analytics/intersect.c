/*
 * intersect.c - intersects classes and values of all releases, person by person.
 */
#include "intersect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOWHERE UINT32_MAX

/* A person's way through the releases. */
struct way {
	uint64_t person;
	uint32_t at[INTERSECT_MAX];
};

static size_t way_length;

static void *need(void *p)
{
	if (p == NULL) {
		printf("Bail out! memory\n");
		exit(1);
	}
	return p;
}

struct placed {
	uint64_t person;
	uint32_t class;
};

static int by_person(const void *va, const void *vb)
{
	const struct placed *a = va, *b = vb;

	return (a->person > b->person) - (a->person < b->person);
}

void intersect_add(struct intersect *x, const struct release_table *t,
    const struct recode_result *r, const unsigned *label_at)
{
	struct intersect_week *w = &x->weeks[x->n++];
	struct placed *v = need(calloc(t->n + 1, sizeof(*v)));
	size_t n = 0;

	*w = (struct intersect_week){ .n_classes = r->n };
	w->values = need(calloc(r->n + 1, sizeof(*w->values)));
	for (size_t i = 0; i < t->n; i++) {
		if (r->class_of[i] == RECODE_SUPPRESSED)
			continue;
		v[n++] = (struct placed){ t->persons[i], r->class_of[i] };
		if (t->shape.n_sensitive > 0)
			w->values[r->class_of[i]] |= UINT64_C(1)
			    << label_at[t->values[i * t->shape.n_sensitive]];
	}
	qsort(v, n, sizeof(*v), by_person);
	w->persons = need(calloc(n + 1, sizeof(*w->persons)));
	w->classes = need(calloc(n + 1, sizeof(*w->classes)));
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && v[i].person == v[i - 1].person)
			continue;
		w->persons[w->n] = v[i].person;
		w->classes[w->n++] = v[i].class;
	}
	free(v);
}

void intersect_fini(struct intersect *x)
{
	for (size_t i = 0; i < x->n; i++) {
		free(x->weeks[i].persons);
		free(x->weeks[i].classes);
		free(x->weeks[i].values);
	}
	*x = (struct intersect){ 0 };
}

static int by_number(const void *va, const void *vb)
{
	const uint64_t a = *(const uint64_t *)va, b = *(const uint64_t *)vb;

	return (a > b) - (a < b);
}

static uint32_t place(const struct intersect_week *w, uint64_t person)
{
	const uint64_t *at = bsearch(&person, w->persons, w->n, sizeof(person), by_number);

	return at == NULL ? NOWHERE : w->classes[at - w->persons];
}

/* Everybody who was ever there. */
static struct way *all_ways(const struct intersect *x, size_t from, size_t to, size_t *n)
{
	size_t all = 0, kept = 0;
	uint64_t *who;
	struct way *v;

	for (size_t i = from; i < to; i++)
		all += x->weeks[i].n;
	who = need(calloc(all + 1, sizeof(*who)));
	all = 0;
	for (size_t i = from; i < to; i++) {
		memcpy(who + all, x->weeks[i].persons, x->weeks[i].n * sizeof(*who));
		all += x->weeks[i].n;
	}
	qsort(who, all, sizeof(*who), by_number);
	v = need(calloc(all + 1, sizeof(*v)));
	for (size_t i = 0; i < all; i++) {
		if (i > 0 && who[i] == who[i - 1])
			continue;
		v[kept].person = who[i];
		for (size_t w = from; w < to; w++)
			v[kept].at[w - from] = place(&x->weeks[w], who[i]);
		kept++;
	}
	free(who);
	*n = kept;
	return v;
}

static int by_way(const void *va, const void *vb)
{
	const struct way *a = va, *b = vb;

	for (size_t i = 0; i < way_length; i++)
		if (a->at[i] != b->at[i])
			return a->at[i] < b->at[i] ? -1 : 1;
	return 0;
}

/* People of V that share their way through LENGTH releases with fewer than K. */
static size_t count_few(struct way *v, size_t n, size_t length, uint32_t k, size_t *smallest)
{
	size_t few = 0;

	way_length = length;
	qsort(v, n, sizeof(*v), by_way);
	*smallest = n;
	for (size_t i = 0, end; i < n; i = end) {
		bool there = false;

		for (end = i + 1; end < n && by_way(&v[i], &v[end]) == 0; end++)
			continue;
		for (size_t w = 0; w < length; w++)
			there |= v[i].at[w] != NOWHERE;
		if (!there)
			continue;
		few += end - i < k ? end - i : 0;
		*smallest = end - i < *smallest ? end - i : *smallest;
	}
	return few;
}

static size_t count_sure(const struct intersect *x, size_t from, size_t length, const struct way *v,
    size_t n, uint32_t m)
{
	size_t sure = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t left = UINT64_MAX;

		for (size_t w = 0; w < length; w++)
			if (v[i].at[w] != NOWHERE)
				left &= x->weeks[from + w].values[v[i].at[w]];
		sure += (uint32_t)__builtin_popcountll(left) < m;
	}
	return sure;
}

/* Two releases by themselves: how many are told by their place in both, or by coming or going. */
static void compare_two(const struct way *v, size_t n, size_t a, size_t b, uint32_t k,
    struct intersect_victims *out)
{
	struct way *two = need(calloc(n + 1, sizeof(*two)));
	size_t smallest;

	for (size_t i = 0; i < n; i++) {
		two[i].at[0] = v[i].at[a];
		two[i].at[1] = v[i].at[b];
	}
	out->common += count_few(two, n, 2, k, &smallest);
	for (size_t i = 0, end; b == a + 1 && i < n; i = end) {
		for (end = i + 1; end < n && by_way(&two[i], &two[end]) == 0; end++)
			continue;
		if ((two[i].at[0] == NOWHERE) != (two[i].at[1] == NOWHERE) && end - i < k)
			out->comings += end - i;
	}
	free(two);
}

struct intersect_victims intersect_run(const struct intersect *x, size_t from, size_t to,
    uint32_t k, uint32_t m)
{
	struct intersect_victims out = { 0 };
	struct way *v = all_ways(x, from, to, &out.people);

	out.records = count_few(v, out.people, to - from, k, &out.smallest);
	out.values = count_sure(x, from, to - from, v, out.people, m);
	for (size_t a = 0; a < to - from; a++)
		for (size_t b = a + 1; b < to - from; b++)
			compare_two(v, out.people, a, b, k, &out);
	free(v);
	return out;
}
