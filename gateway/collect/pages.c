/*
 * pages.c - what pages send, in the access log: a record a minute for each site, with
 * how much it was.
 *
 * A back end's batch is a record like any request. What pages send is anybody's, a thousand
 * times a second: each a record, they would bury those that tell who saw what.
 */
#include "base/clock.h"
#include "gateway/collect/service_private.h"
#include "gateway/serve/access_log.h"

#include <pthread.h>

#define EVERY_MS 60000

void pages_count(struct collect_service *s, uint16_t shop, size_t n)
{
	s->pages[shop - 1] += n;
}

/* With nothing locked. */
static void record(struct collect_service *s, struct worker_shared *shared, const struct config *c,
    const struct sc_name *site, uint64_t things)
{
	const struct collect_settings *set = c->collect != NULL ? c->collect : s->settings;
	struct audit_record r;

	audit_record_init(&r, AUDIT_REQUEST);
	r.act = "collect.pages";
	r.asking.tenant = &c->tenant;
	r.asking.policy_hash = c->policy_hash;
	r.asking.principal = site;
	r.asking.op = POLICY_WRITE;
	r.asking.role = set->role;
	r.role = policy_role_name(c->policy, set->role);
	r.asking.purpose = set->purpose;
	r.purpose = policy_purpose_name(c->policy, set->purpose);
	r.asking.records = things > UINT32_MAX ? UINT32_MAX : (uint32_t)things;
	r.outcome = AUDIT_OK;
	access_log_note(shared, &r);
}

void pages_record(struct collect_service *s)
{
	struct worker_shared *shared;
	struct generation *g;

	pthread_mutex_lock(&s->lock);
	shared = s->orders.worker == NULL ? NULL : s->orders.worker->shared;
	pthread_mutex_unlock(&s->lock);
	if (shared == NULL)
		return;
	pthread_mutex_lock(&shared->lock);
	g = generation_hold(shared->next);
	pthread_mutex_unlock(&shared->lock);
	for (size_t i = 0; i < s->settings->n_sites; i++) {
		uint64_t things;

		pthread_mutex_lock(&s->lock);
		things = s->pages[i];
		s->pages[i] = 0;
		pthread_mutex_unlock(&s->lock);
		if (things != 0)
			record(s, shared, g->config, &s->settings->sites[i].name, things);
	}
	generation_release(g);
}

void pages_tend(struct collect_service *s)
{
	uint64_t now = clock_mono_ms();

	if (now - s->pages_at_ms < EVERY_MS)
		return;
	s->pages_at_ms = now;
	pages_record(s);
}
