/*
 * risk_groups.c - one hash table, filled anew for every set of columns.
 */
#include "analytics/views/risk_groups.h"

#include <stdlib.h>
#include <string.h>

enum sc_err risk_groups_init(struct risk_groups *g, const uint64_t *persons, size_t n)
{
	size_t slots = 16;

	while (slots < 2 * n)
		slots *= 2;
	*g = (struct risk_groups){ .persons = persons, .n = n, .n_slots = slots };
	g->slots = calloc(slots, sizeof(*g->slots));
	g->v = calloc(n + 1, sizeof(*g->v));
	g->row = calloc(n + 1, sizeof(*g->row));
	return g->slots == NULL || g->v == NULL || g->row == NULL ? SC_NOMEM : SC_OK;
}

void risk_groups_fini(struct risk_groups *g)
{
	free(g->slots);
	free(g->v);
	free(g->row);
	*g = (struct risk_groups){ .n = 0 };
}

/* SplitMix64's last steps: what is beside in the keys is not beside in the table. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* The slot of KEY, or where it would be. */
static struct risk_slot *slot_of(struct risk_groups *g, uint64_t key)
{
	size_t at = mix(key) & (g->n_slots - 1);

	while (g->slots[at].group != 0 && g->slots[at].key != key)
		at = (at + 1) & (g->n_slots - 1);
	return &g->slots[at];
}

void risk_split(struct risk_groups *g, const uint32_t *from, const uint32_t *values, uint32_t *to)
{
	memset(g->slots, 0, g->n_slots * sizeof(*g->slots));
	g->n_groups = 0;
	for (size_t i = 0; i < g->n; i++) {
		const uint64_t key = (uint64_t)(from == NULL ? 0 : from[i]) << 32 | values[i];
		struct risk_slot *slot = slot_of(g, key);
		struct risk_group *group;

		if (slot->group == 0) {
			*slot = (struct risk_slot){ key, (uint32_t)++g->n_groups };
			g->v[slot->group - 1] =
			    (struct risk_group){ .person = g->persons[i], .people = 1 };
		}
		group = &g->v[slot->group - 1];
		group->rows++;
		group->people += group->people == 1 && group->person != g->persons[i];
		if (to != NULL)
			to[i] = slot->group - 1;
	}
}

uint64_t risk_unique(const struct risk_groups *g)
{
	uint64_t n = 0;

	for (size_t i = 0; i < g->n_groups; i++)
		n += g->v[i].people == 1 ? g->v[i].rows : 0;
	return n;
}

/* A row's group and person. */
struct risk_member {
	uint32_t group;
	uint64_t person;
};

static int by_member(const void *va, const void *vb)
{
	const struct risk_member *a = va, *b = vb;

	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	return (a->person > b->person) - (a->person < b->person);
}

enum sc_err risk_people(struct risk_groups *g, const uint32_t *group)
{
	struct risk_member *v = calloc(g->n + 1, sizeof(*v));

	if (v == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < g->n_groups; i++)
		g->v[i].people = 0;
	for (size_t i = 0; i < g->n; i++)
		v[i] = (struct risk_member){ group[i], g->persons[i] };
	qsort(v, g->n, sizeof(*v), by_member);
	for (size_t i = 0; i < g->n; i++)
		g->v[v[i].group].people += i == 0 || by_member(&v[i], &v[i - 1]) != 0;
	free(v);
	return SC_OK;
}
