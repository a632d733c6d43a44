/*
 * keeper.c - the thread for what takes its time: the rule log to disk, counts to analytics,
 * a new tag key, and a snapshot when one is due or asked for.
 */
#include "base/clock.h"
#include "base/log.h"
#include "gateway/collect/service_private.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TURN_S 2
#define PUT_MAX 256 /* verdicts handed over at once */
#define FULL_WAIT_S 1

static const char number_name[] = "snapshot", day_name[] = "snapshot_day";

/* ---- what is kept ---------------------------------------------------------------------- */

struct state_job {
	struct store_job job;
	const char *tenant;
	const char *names[2];
	uint64_t values[2];
};

static bool bind_get(void *arg, size_t i, struct store_value *v)
{
	const struct state_job *j = arg;

	v[0] = store_text(j->tenant);
	v[1] = store_text(j->names[i]);
	return true;
}

static bool bind_put(void *arg, size_t i, struct store_value *v)
{
	const struct state_job *j = arg;

	bind_get(arg, i, v);
	v[2] = store_number(j->values[i]);
	return true;
}

static enum sc_err take_value(void *arg, size_t i, const struct store_value *v)
{
	struct state_job *j = arg;

	j->values[i] = (uint64_t)v[0].number;
	return SC_OK;
}

static struct state_job state_job(struct collect_service *s)
{
	return (struct state_job){ .tenant = s->tenant.s,
		.names = { number_name, day_name },
		.values = { s->snapshot_number, s->snapshot_day } };
}

enum sc_err keeper_load(struct collect_service *s)
{
	struct state_job j = state_job(s);
	enum sc_err err;

	j.job.ask = (struct store_batch){ STATE_GET, 2, bind_get, take_value, &j };
	if ((err = store_run(s->store, &j.job)) != SC_OK)
		return err;
	s->snapshot_number = j.values[0];
	s->snapshot_day = j.values[1];
	return SC_OK;
}

static enum sc_err keep_state(struct collect_service *s)
{
	struct state_job j = state_job(s);

	j.job.ask = (struct store_batch){ STATE_PUT, 2, bind_put, NULL, &j };
	return store_run(s->store, &j.job);
}

/* ---- a snapshot ------------------------------------------------------------------------- */

struct verdicts {
	struct collect_service *service;
	struct feed_frame v[PUT_MAX];
	size_t n;
};

/* With the lock: sleep SECONDS, or until somebody has something; false: stop. */
static bool doze(struct collect_service *s, unsigned seconds)
{
	struct timespec until;

	if (s->stopping)
		return false;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += seconds;
	pthread_cond_timedwait(&s->wake, &s->lock, &until);
	return !s->stopping;
}

/* Put them, however long the spool is full. Fails with SC_AGAIN: it is time to stop. */
static enum sc_err put_patiently(struct collect_service *s, const struct feed_frame *v, size_t n)
{
	enum sc_err err;

	pthread_mutex_lock(&s->lock);
	while ((err = flow_put(s, v, n)) == SC_LIMIT)
		if (!doze(s, FULL_WAIT_S)) {
			err = SC_AGAIN;
			break;
		}
	pthread_mutex_unlock(&s->lock);
	return err;
}

static enum sc_err say(void *arg, const struct feed_verdict *v)
{
	struct verdicts *all = arg;
	size_t n = all->n;

	if (v->rule == FEED_NO_RULE) {
		all->n = 0;
		return put_patiently(all->service, all->v, n);
	}
	all->v[all->n++] = (struct feed_frame){ .type = FEED_VERDICT, .u.verdict = *v };
	if (all->n < PUT_MAX)
		return SC_OK;
	all->n = 0;
	return put_patiently(all->service, all->v, PUT_MAX);
}

static enum sc_err judge_again(struct collect_service *s, uint64_t now)
{
	struct verdicts *all = calloc(1, sizeof(*all));
	struct feed_frame end = { .type = FEED_SNAPSHOT,
		.u.snapshot = { s->snapshot_number + 1, now } };
	enum sc_err err;

	if (all == NULL)
		return SC_NOMEM;
	all->service = s;
	if ((err = traffic_snapshot(s->traffic, now, say, all)) == SC_OK) {
		/* its number is kept before it is used: none is used twice */
		s->snapshot_number++;
		if ((err = keep_state(s)) == SC_OK)
			err = put_patiently(s, &end, 1);
	}
	free(all);
	return err;
}

static void snapshot(struct collect_service *s)
{
	uint64_t began = clock_mono_ms(), took;
	enum sc_err err = judge_again(s, clock_unix_ms());

	took = clock_mono_ms() - began;
	pthread_mutex_lock(&s->lock);
	s->stats.snapshots += err == SC_OK;
	s->stats.snapshot_ms = took;
	s->snapshot_under_way = false;
	pthread_mutex_unlock(&s->lock);
	if (err == SC_OK)
		log_event(LOG_INFO, "collect.snapshot", LOG_U64("number", s->snapshot_number),
		    LOG_U64("ms", took), LOG_END);
	else
		log_event(LOG_ERROR, "collect.snapshot_failed", LOG_ERR("err", err), LOG_END);
}

enum sc_err collect_snapshot(struct collect_service *s)
{
	enum sc_err err = SC_AGAIN;

	pthread_mutex_lock(&s->lock);
	if (!s->snapshot_under_way && !s->snapshot_asked) {
		s->snapshot_asked = true;
		pthread_cond_signal(&s->wake);
		err = SC_OK;
	}
	pthread_mutex_unlock(&s->lock);
	return err;
}

/* The shop's day, when its hour has come and that day has had no snapshot; else 0. */
static uint64_t day_due(const struct collect_service *s)
{
	const struct collect_settings *set = s->settings;
	int64_t now = (int64_t)(clock_unix_ms() / 1000), local;

	if (set->n_sites == 0)
		return 0;
	local = now + zone_offset_s(set->sites[0].zone, now);
	if (local % 86400 / 3600 < set->snapshot_hour || (uint64_t)local / 86400 <= s->snapshot_day)
		return 0;
	return (uint64_t)local / 86400;
}

/* ---- turns ------------------------------------------------------------------------------ */

static void renew_tags(struct collect_service *s)
{
	uint64_t now = clock_unix_ms() / 1000;
	struct door_keys keys;

	if (now < s->keys.tag_from_s + (uint64_t)DOOR_TAG_DAYS * 86400)
		return;
	if (door_keys_load(&keys, s->store, s->tenant.s, now) == SC_OK) {
		pthread_mutex_lock(&s->lock);
		memcpy(s->keys.tag, keys.tag, sizeof(keys.tag));
		s->keys.tag_from_s = keys.tag_from_s;
		orders_key(s);
		pthread_mutex_unlock(&s->lock);
	}
	sc_wipe(&keys, sizeof(keys));
}

/* The rule log goes to disk without the lock: events go on meanwhile. */
static void tend(struct collect_service *s)
{
	if (traffic_tend(s->traffic, clock_unix_ms()) != SC_OK)
		log_event(LOG_WARN, "collect.rule_log_behind", LOG_END);
}

/* With the lock: is a snapshot to be made now? */
static bool take_snapshot_up(struct collect_service *s)
{
	uint64_t due = day_due(s);

	if (!s->snapshot_asked && due == 0)
		return false;
	if (due != 0)
		s->snapshot_day = due;
	s->snapshot_asked = false;
	s->snapshot_under_way = true;
	return true;
}

static void *keep(void *arg)
{
	struct collect_service *s = arg;
	bool go_on = true;

	while (go_on) {
		bool make;

		renew_tags(s);
		pages_tend(s);
		tend(s);
		pthread_mutex_lock(&s->lock);
		if (flow_counts(s) != SC_OK)
			s->counted = true; /* they stay counted */
		make = take_snapshot_up(s);
		if (!make)
			go_on = doze(s, TURN_S);
		pthread_mutex_unlock(&s->lock);
		if (make)
			snapshot(s);
	}
	return NULL;
}

enum sc_err keeper_start(struct collect_service *s)
{
	s->keeping = pthread_create(&s->keeper, NULL, keep, s) == 0;
	return s->keeping ? SC_OK : SC_NOMEM;
}

void keeper_stop(struct collect_service *s)
{
	if (!s->keeping)
		return;
	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->keeper, NULL);
	s->keeping = false;
}
