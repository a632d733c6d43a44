/*
 * optout.c - open addressing, at most half of the places taken; what is dropped
 * leaves no gap in a row of places.
 */
#include "gateway/phone/optout.h"

#include <stdlib.h>
#include <string.h>

#define CAP_MIN 64

void optout_fini(struct optout_set *t)
{
	free(t->v);
	memset(t, 0, sizeof(*t));
}

/* Blind indexes are as good as random; lines are not. */
static size_t home(const struct optout_set *t, uint32_t line, uint64_t person)
{
	return (size_t)(person ^ line * UINT64_C(0x9E3779B97F4A7C15)) & (t->cap - 1);
}

static size_t after(const struct optout_set *t, size_t i)
{
	return (i + 1) & (t->cap - 1);
}

/* Where it stands, or the empty place where it belongs. There is always one. */
static struct optout_entry *place(const struct optout_set *t, uint32_t line, uint64_t person)
{
	size_t i = home(t, line, person);

	while (t->v[i].person != 0 && (t->v[i].person != person || t->v[i].line != line))
		i = after(t, i);
	return &t->v[i];
}

bool optout_has(const struct optout_set *t, uint32_t line, uint64_t person)
{
	return t->cap != 0 && person != 0 && place(t, line, person)->person != 0;
}

static enum sc_err grow(struct optout_set *t)
{
	struct optout_set next = { .n = t->n, .cap = t->cap == 0 ? CAP_MIN : t->cap * 2 };

	if ((next.v = calloc(next.cap, sizeof(*next.v))) == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < t->cap; i++)
		if (t->v[i].person != 0)
			*place(&next, t->v[i].line, t->v[i].person) = t->v[i];
	free(t->v);
	*t = next;
	return SC_OK;
}

enum sc_err optout_put(struct optout_set *t, uint32_t line, uint64_t person)
{
	struct optout_entry *e;
	enum sc_err err;

	if (2 * (t->n + 1) > t->cap && (err = grow(t)) != SC_OK)
		return err;
	e = place(t, line, person);
	t->n += e->person == 0;
	*e = (struct optout_entry){ person, line };
	return SC_OK;
}

void optout_drop(struct optout_set *t, uint32_t line, uint64_t person)
{
	struct optout_entry *e;
	size_t hole, i;

	if (!optout_has(t, line, person))
		return;
	e = place(t, line, person);
	hole = (size_t)(e - t->v);
	t->n--;
	/* those behind move up, unless that were before their home */
	for (i = after(t, hole); t->v[i].person != 0; i = after(t, i)) {
		size_t at_home = home(t, t->v[i].line, t->v[i].person);

		if (((i - at_home) & (t->cap - 1)) < ((i - hole) & (t->cap - 1)))
			continue;
		t->v[hole] = t->v[i];
		hole = i;
	}
	memset(&t->v[hole], 0, sizeof(t->v[hole]));
}
