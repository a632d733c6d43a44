/*
 * people.c - the loop's side of everybody's keys: handles, the cache, using a key, and
 * what is done each second.
 */
#include "crypto/keystore/people_int.h"

#include "base/bytes.h"
#include "base/grow.h"
#include "base/log.h"
#include "crypto/prim/random.h"

#include <stdlib.h>
#include <string.h>

#define BACKLOG_MS 10000 /* between two looks whether somebody who waits may return */

void people_handle(const struct people *pp, struct sc_span subject,
    uint8_t out[static HANDLE_BYTES])
{
	uint8_t full[HASH_BYTES];
	const struct sc_span parts[] = { SC_LIT("subject\0"), subject };

	hmac_sha256(keyring_handle_key(pp->kr), parts, 2, full);
	memcpy(out, full, HANDLE_BYTES);
}

/* ---- what is at hand ---- */

const struct person_key *people_by_handle(struct people *pp,
    const uint8_t handle[static HANDLE_BYTES])
{
	const struct person_key *k = person_cache_by_handle(pp->cache, handle);

	for (size_t i = 0; k == NULL && i < pp->n_odd; i++)
		if (pp->odd[i].newest && memcmp(pp->odd[i].handle, handle, HANDLE_BYTES) == 0)
			k = &pp->odd[i];
	return k;
}

const struct person_key *people_by_id(struct people *pp, uint64_t id)
{
	const struct person_key *k = person_cache_by_id(pp->cache, id);
	uint64_t slot;
	bool ok;

	if (k != NULL)
		return k;
	/* they are asked for in the order in which they came */
	for (size_t i = 0; i < pp->n_odd; i++) {
		const struct person_key *odd = &pp->odd[pp->odd_at++ % pp->n_odd];

		if (!odd->newest && odd->id == id)
			return odd;
	}
	if (slot_id_slot(pp->loop.ids, id, &slot, &ok) != SC_OK || ok)
		return NULL;
	pp->none.id = id;
	return &pp->none;
}

enum sc_err people_use(struct people *pp, const struct person_key *k, struct siv_ctx *siv)
{
	uint8_t aad[8 + HANDLE_BYTES], key[KEY_BYTES], wide[SIV_KEY_BYTES];
	const struct sc_span ad = person_bound(k, aad);
	bool ok = false;
	enum sc_err err;

	if (k->state != PERSON_LIVE)
		return SC_CORRUPT;
	if ((err = siv_open(pp->loop.wrap, &ad, 1, sc_span(k->wrapped, KEY_WRAPPED), key, &ok)) !=
		SC_OK ||
	    !ok) {
		err = err == SC_OK ? SC_CORRUPT : err;
		goto out;
	}
	if ((err = hkdf_sha256_with(&pp->no_salt, sc_span(key, sizeof(key)),
		 sc_span_str("scrim1|seal"), wide, sizeof(wide))) == SC_OK)
		err = siv_set_key(siv, wide);
out:
	sc_wipe(key, sizeof(key));
	sc_wipe(wide, sizeof(wide));
	return err;
}

/* ---- each second with work ---- */

void people_sealed(struct people *pp, const struct person_key *k, uint64_t now_ms, unsigned gateway)
{
	const uint32_t week = people_week_believed(pp);
	struct sealed_week *v;
	bool noted = false;
	size_t cap;

	if (k->state != PERSON_LIVE || people_asks_return(pp, k, now_ms, gateway) ||
	    k->week == week)
		return;
	pthread_mutex_lock(&pp->lock);
	cap = sc_grown(pp->cap_weeks);
	if (pp->n_weeks == pp->cap_weeks && (v = realloc(pp->weeks, cap * sizeof(*v))) != NULL) {
		pp->weeks = v;
		pp->cap_weeks = cap;
	}
	/* without memory it is noted the next time something is sealed for them */
	if (pp->n_weeks < pp->cap_weeks) {
		pp->weeks[pp->n_weeks++] = (struct sealed_week){ k->slot, week };
		noted = true;
	}
	pthread_mutex_unlock(&pp->lock);
	if (noted)
		person_cache_seal(pp->cache, k->id, week);
	people_worked(pp);
}

static enum sc_err tick_run(struct store_job *j, struct store_tx *tx)
{
	(void)tx;
	loop_owner(j, struct people, tick.job)->a_second = true;
	return SC_OK;
}

static void on_ticked(struct inbox_job *j, enum sc_err err)
{
	struct people *pp = loop_owner(j, struct people, tick);
	bool waits;

	(void)err; /* what it left is done with the next commit */
	pp->ticking = false;
	people_return_ticked(pp);
	pthread_mutex_lock(&pp->lock);
	waits = pp->backlog;
	pthread_mutex_unlock(&pp->lock);
	/* a day on which more may return comes by itself */
	if (waits && !loop_timer_is_set(&pp->second))
		loop_timer_set(pp->inbox->loop, &pp->second, BACKLOG_MS);
}

static void on_second(struct loop_timer *t)
{
	struct people *pp = loop_owner(t, struct people, second);
	bool work;

	pthread_mutex_lock(&pp->lock);
	work = pp->untold || pp->n_weeks > 0 || people_return_work(pp) || people_clock_due(pp);
	pthread_mutex_unlock(&pp->lock);
	if (!work || pp->ticking)
		return;
	pp->ticking = true;
	inbox_submit(pp->inbox, &pp->tick);
}

void people_count(const struct people *pp, struct people_counts *out)
{
	struct people *open = (struct people *)(uintptr_t)pp; /* a lock is no change */

	pthread_mutex_lock(&open->lock);
	*out = pp->counts;
	out->believed_ms = people_time(pp);
	pthread_mutex_unlock(&open->lock);
}

size_t people_pending(const struct people *pp)
{
	return pp->pending + pp->ticking;
}

/* ---- life ---- */

/* A key of this process, and nobody else's: what it wraps is worth nothing in a file. */
static enum sc_err make_tools(struct people *pp)
{
	struct people_tools *both[] = { &pp->loop, &pp->below };
	uint8_t key[SIV_KEY_BYTES];
	enum sc_err err = SC_OK;

	random_bytes(key, sizeof(key));
	for (size_t i = 0; i < 2 && err == SC_OK; i++)
		if ((err = slot_ids_new(keyring_slot_key(pp->kr), &both[i]->ids)) == SC_OK &&
		    (err = siv_ctx_new(&both[i]->wrap)) == SC_OK)
			err = siv_set_key(both[i]->wrap, key);
	sc_wipe(key, sizeof(key));
	return err;
}

enum sc_err people_new(struct keystore *ks, struct keyring *kr, struct inbox *inbox,
    struct tlog *log, const struct people_log *tell, struct people **out)
{
	struct people *pp = calloc(1, sizeof(*pp));
	struct store_group group = people_group;
	enum sc_err err;

	*out = NULL;
	if (pp == NULL)
		return SC_NOMEM;
	pthread_mutex_init(&pp->lock, NULL);
	pp->ks = ks;
	pp->kr = kr;
	pp->inbox = inbox;
	pp->log = log;
	pp->tell = *tell;
	pp->none.state = PERSON_NONE;
	pp->tick.job.run = tick_run;
	pp->tick.on_loop = on_ticked;
	loop_timer_init(&pp->second, on_second);
	hmac_key_init(&pp->no_salt, NULL, 0);
	if ((err = person_cache_new(PEOPLE_CACHE, &pp->cache)) != SC_OK ||
	    (err = make_tools(pp)) != SC_OK) {
		people_free(pp);
		return err;
	}
	pp->counts.people = ks->kept.people;
	pp->counts.slots = ks->kept.high;
	pp->counts.lease = ks->kept.lease;
	pp->counts.epoch = ks->kept.epoch;
	pp->counts.turned_ms = keystore_turned_ms(ks);
	pp->counts.gen = ks->kept.gen;
	for (size_t i = 0; i < ks->n_lost; i++)
		*(ks->lost[i].skipped ? &pp->counts.skipped : &pp->counts.lost) +=
		    ks->lost[i].last - ks->lost[i].first + 1;
	people_first_floor(pp);
	people_window(pp, UINT32_MAX);
	pp->backlog = true; /* whoever waits since an earlier run */
	if ((err = people_clock_start(pp)) != SC_OK || (err = people_leaving_load(pp)) != SC_OK) {
		people_free(pp);
		return err;
	}
	group.arg = pp;
	store_set_group(ks->store, &group);
	people_worked(pp);
	*out = pp;
	return SC_OK;
}

struct leaving {
	struct store_job job;
	struct people *pp;
};

static enum sc_err last_second(struct store_job *j, struct store_tx *tx)
{
	(void)tx;
	loop_owner(j, struct leaving, job)->pp->a_second = true;
	loop_owner(j, struct leaving, job)->pp->leaving = true;
	return SC_OK;
}

/* On the store's thread, so that no group is under way. */
static enum sc_err leave(struct store_job *j, struct store_tx *tx)
{
	const struct store_group none = { NULL, NULL, NULL };

	(void)tx;
	store_set_group(loop_owner(j, struct leaving, job)->pp->ks->store, &none);
	return SC_OK;
}

void people_free(struct people *pp)
{
	struct leaving last = { .job = { .run = last_second }, .pp = pp },
		       bye = { .job = { .run = leave }, .pp = pp };
	const struct store_group none = { NULL, NULL, NULL };

	if (pp == NULL)
		return;
	/* what was noted in the last second is written and told, if that still can be */
	if (store_run(pp->ks->store, &last.job) != SC_OK)
		log_event(LOG_WARN, "keyd.last_second_lost", LOG_END);
	if (store_run(pp->ks->store, &bye.job) != SC_OK)
		store_set_group(pp->ks->store, &none);
	loop_timer_clear(pp->inbox->loop, &pp->second);
	people_clock_stop(pp);
	person_cache_free(pp->cache);
	slot_ids_free(pp->loop.ids);
	slot_ids_free(pp->below.ids);
	siv_ctx_free(pp->loop.wrap);
	siv_ctx_free(pp->below.wrap);
	free(pp->odd);
	free(pp->floors);
	free(pp->weeks);
	free(pp->writing);
	free(pp->asked);
	free(pp->queueing);
	free(pp->renewing);
	free(pp->renewed);
	free(pp->dying);
	free(pp->leavers.v);
	pthread_mutex_destroy(&pp->lock);
	free(pp);
}
