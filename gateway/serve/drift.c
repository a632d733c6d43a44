/*
 * drift.c - the table of places, and the entries made of it.
 */
#include "gateway/serve/drift.h"

#include "base/clock.h"
#include "gateway/serve/access_log.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS (2 * DRIFT_PLACES_MAX)

struct place {
	struct sc_name route;
	struct undeclared_seen what; /* its n: since it was told last */
	uint64_t told_ms;
};

struct drift {
	struct worker_shared *shared;
	pthread_mutex_t lock;
	uint16_t slot[SLOTS]; /* into PLACE, from 1; 0: free */
	size_t n;
	struct place place[DRIFT_PLACES_MAX];
};

struct drift *drift_new(struct worker_shared *shared)
{
	struct drift *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->shared = shared;
	pthread_mutex_init(&d->lock, NULL);
	return d;
}

/* ---- entries ---------------------------------------------------------------------------------- */

static void tell(struct drift *d, const struct place *p, uint64_t request_id)
{
	static const char *const did[] = { [UNDECLARED_REPORT] = "report",
		[UNDECLARED_MASK] = "mask",
		[UNDECLARED_SEAL] = "seal",
		[UNDECLARED_REFUSE] = "refuse" };
	static const char *const by[] = { [UNDECLARED_FORM] = "form",
		[UNDECLARED_TEXT] = "text",
		[UNDECLARED_NAME] = "name",
		[UNDECLARED_CLEAR] = "clear" };
	const struct audit_place at = { p->what.path, by[p->what.by], did[p->what.did] };
	const struct audit_class class = { .id = p->what.class_id, .n = p->what.n };
	struct generation *g;
	struct audit_record r;

	pthread_mutex_lock(&d->shared->lock);
	g = generation_hold(d->shared->next);
	pthread_mutex_unlock(&d->shared->lock);
	audit_record_init(&r, AUDIT_DRIFT);
	r.asking.tenant = &g->config->tenant;
	r.asking.policy_hash = g->config->policy_hash;
	r.asking.route = &p->route;
	r.asking.request_id = request_id;
	r.place = &at;
	r.classes = &class;
	r.n_classes = 1;
	r.outcome = AUDIT_OK;
	access_log_note(d->shared, &r);
	generation_release(g);
}

void drift_free(struct drift *d)
{
	if (d == NULL)
		return;
	for (size_t i = 0; i < d->n; i++)
		if (d->place[i].what.n != 0)
			tell(d, &d->place[i], 0);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

/* ---- the table ---------------------------------------------------------------------------------- */

/* FNV-1a: the table is bounded, and so is what somebody gains who makes places fall together. */
static size_t hash(const struct sc_name *route, const struct undeclared_seen *s)
{
	uint64_t h = 0xCBF29CE484222325u;

	for (const char *p = route->s; *p != '\0'; p++)
		h = (h ^ (uint8_t)*p) * 0x100000001B3u;
	for (const char *p = s->path; *p != '\0'; p++)
		h = (h ^ (uint8_t)*p) * 0x100000001B3u;
	h = (h ^ s->class_id ^ (uint64_t)s->did << 8 ^
		(uint64_t)(s->by == UNDECLARED_CLEAR) << 16) *
	    0x100000001B3u;
	return (size_t)(h ^ h >> 32) % SLOTS;
}

static bool is_same(const struct place *p, const struct sc_name *route,
    const struct undeclared_seen *s)
{
	return p->what.class_id == s->class_id && p->what.did == s->did &&
	    (p->what.by == UNDECLARED_CLEAR) == (s->by == UNDECLARED_CLEAR) &&
	    strcmp(p->what.path, s->path) == 0 && strcmp(p->route.s, route->s) == 0;
}

/* The place of S, a new one where there was none (its n is 0, told never); NULL: there is no room. */
static struct place *find(struct drift *d, const struct sc_name *route,
    const struct undeclared_seen *s)
{
	size_t at = hash(route, s);
	struct place *p;

	for (; d->slot[at] != 0; at = (at + 1) % SLOTS)
		if (is_same(&d->place[d->slot[at] - 1], route, s))
			return &d->place[d->slot[at] - 1];
	if (d->n == DRIFT_PLACES_MAX)
		return NULL;
	p = &d->place[d->n++];
	d->slot[at] = (uint16_t)d->n;
	*p = (struct place){ .route = *route, .what = *s };
	p->what.n = 0;
	return p;
}

void drift_note(struct drift *d, const struct sc_name *route, uint64_t request_id,
    const struct undeclared_seen *seen, size_t n)
{
	uint64_t now;

	if (d == NULL || n == 0)
		return;
	now = clock_unix_ms();
	for (size_t i = 0; i < n; i++) {
		struct place told = { .told_ms = 0 }, *p;

		pthread_mutex_lock(&d->lock);
		if ((p = find(d, route, &seen[i])) != NULL) {
			p->what.n += seen[i].n;
			/* a clock that was put back tells at once, too */
			if (p->told_ms == 0 || now - p->told_ms >= DRIFT_AGAIN_MS) {
				told = *p;
				p->told_ms = now;
				p->what.n = 0;
			}
		}
		pthread_mutex_unlock(&d->lock);
		if (told.what.n != 0)
			tell(d, &told, request_id);
	}
}
