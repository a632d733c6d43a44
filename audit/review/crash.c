/*
 * crash.c - starts that follow no stop, and the window that each of them has.
 */
#include "audit/review/crash.h"

#include "base/grow.h"

#include <stdlib.h>

static enum sc_err add(struct crashes *c, uint64_t index, uint64_t start_ms)
{
	struct crash *v;

	if (c->n == c->cap) {
		size_t cap = sc_grown(c->cap);

		if ((v = realloc(c->v, cap * sizeof(*v))) == NULL)
			return SC_NOMEM;
		c->v = v;
		c->cap = cap;
	}
	c->v[c->n++] = (struct crash){ .last_ms = c->last_ms,
		.start = index,
		.start_ms = start_ms,
		.first_ms = UINT64_MAX };
	return SC_OK;
}

enum sc_err crashes_note(struct crashes *c, uint64_t index, const struct audit_entry *e)
{
	enum sc_err err = SC_OK;

	if (e->kind == AUDIT_START) {
		if (c->running)
			err = add(c, index, e->at_ms);
		c->running = true;
		c->last_ms = e->at_ms;
	} else if (e->kind == AUDIT_STOP) {
		c->running = false;
	} else if (e->at_ms > c->last_ms) {
		c->last_ms = e->at_ms;
	}
	return err;
}

void crashes_fini(struct crashes *c)
{
	free(c->v);
}

/* The first start that is not before M, if what lies in front of it does not say otherwise. */
static struct crash *find(const struct crashes *c, struct missing m, uint64_t window_ms)
{
	size_t low = 0, high = c->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (c->v[middle].start_ms < m.last_ms)
			low = middle + 1;
		else
			high = middle;
	}
	/* the log is in order: whatever ended before its last entry began is in it */
	if (low == c->n || m.first_ms + window_ms < c->v[low].last_ms)
		return NULL;
	return &c->v[low];
}

void crashes_begin(struct crashes *c, struct missing m, uint64_t window_ms)
{
	struct crash *at = find(c, m, window_ms);

	if (at != NULL && m.first_ms < at->first_ms)
		at->first_ms = m.first_ms;
}

const struct crash *crashes_explain(const struct crashes *c, struct missing m, uint64_t window_ms)
{
	const struct crash *at = find(c, m, window_ms);

	return at != NULL && m.last_ms <= at->first_ms + window_ms ? at : NULL;
}
