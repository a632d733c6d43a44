/*
 * ids.c - the table of a growing segment: linear probing, at most two thirds full.
 *
 * Ids are keyed hashes already, made by the gateway; they are mixed once more so
 * that numbers of any other kind serve as well.
 */
#include "analytics/log/ids.h"

#include "analytics/log/ids_private.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 4096

void ids_table_fini(struct ids_table *t)
{
	free(t->id);
	free(t->place);
	memset(t, 0, sizeof(*t));
}

/* The slot for another entry of ID. */
static size_t free_slot(const struct ids_table *t, uint64_t id)
{
	size_t i = ids_mix(id) & (t->slots - 1);

	while (t->id[i] != 0)
		i = (i + 1) & (t->slots - 1);
	return i;
}

static enum sc_err grow(struct ids_table *t, size_t slots)
{
	struct ids_table larger = { .slots = slots };

	larger.id = calloc(slots, sizeof(*larger.id));
	larger.place = calloc(slots, sizeof(*larger.place));
	if (larger.id == NULL || larger.place == NULL) {
		ids_table_fini(&larger);
		return SC_NOMEM;
	}
	for (size_t i = 0; i < t->slots; i++)
		if (t->id[i] != 0)
			(void)ids_put(&larger, t->id[i], t->place[i]);
	ids_table_fini(t);
	*t = larger;
	return SC_OK;
}

enum sc_err ids_reserve(struct ids_table *t, size_t n)
{
	size_t slots = t->slots == 0 ? SLOTS_FIRST : t->slots;

	while ((t->n + n) * 3 > slots * 2)
		slots *= 2;
	return slots == t->slots ? SC_OK : grow(t, slots);
}

size_t ids_put(struct ids_table *t, uint64_t id, uint32_t place)
{
	const size_t i = free_slot(t, id);

	t->id[i] = id;
	t->place[i] = place;
	t->n++;
	return i;
}

/* Whatever was put later is gone already, so no run of slots goes on behind this one because of it. */
void ids_take_back(struct ids_table *t, size_t slot)
{
	t->id[slot] = 0;
	t->n--;
}

void ids_each(const struct ids_table *t, uint64_t id, ids_each_fn *each, void *arg)
{
	if (t->slots == 0)
		return;
	for (size_t i = ids_mix(id) & (t->slots - 1); t->id[i] != 0; i = (i + 1) & (t->slots - 1))
		if (t->id[i] == id && !each(arg, t->place[i]))
			return;
}

bool ids_is_event(void *arg, uint32_t place)
{
	bool *found = arg;

	*found = (place & IDS_VERDICT) == 0;
	return !*found;
}

bool ids_has(const struct ids_table *t, uint64_t id)
{
	bool found = false;

	ids_each(t, id, ids_is_event, &found);
	return found;
}
