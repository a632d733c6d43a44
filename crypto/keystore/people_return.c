/*
 * people_return.c - people for whom something is sealed after long: so many a day become young
 * again, the others wait in rows, the oldest first.
 *
 *	loop	people_sealed(): asked
 *	store	each second with work: a row for whom was asked > who may return today > their week,
 *		their row gone, the day's count, in one commit
 *	loop	their weeks, as it stands; from then on they are reached
 *
 * So nobody is reached before it is counted, and nobody is counted twice, wherever a crash comes. A
 * crash forgets who was asked in its last second: they stay old until something is sealed for
 * them again.
 *
 * Who is old is asked of the later of the two clocks, and what is written, days and weeks both, is
 * the believed one's (people_clock.c). While they are further apart than the window nobody returns:
 * whoever did would still be old.
 */
#include "crypto/keystore/people_int.h"

#include "base/clock.h"
#include "base/grow.h"
#include "base/log.h"
#include "base/weak.h"
#include "crypto/quota/quota_rows.h"
#include "crypto/rows/tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BITE 2000 /* people that one commit lets in */
#define DAY_MS UINT64_C(86400000)

/* ---- who is asked about ---- */

enum sc_err people_gateways(struct people *pp, const struct people_gateway *v, size_t n)
{
	if (n > PEOPLE_GATEWAYS_MAX)
		return SC_LIMIT;
	memcpy(pp->gateways, v, n * sizeof(*v));
	pp->n_gateways = n;
	return SC_OK;
}

void people_window(struct people *pp, uint32_t weeks)
{
	atomic_store(&pp->window, weeks);
}

bool people_asks_return(struct people *pp, const struct person_key *k, uint64_t now_ms,
    unsigned gateway)
{
	const uint32_t week = people_week(pp, now_ms);
	struct returning *v;
	size_t cap;

	if (k->week >= week || week - k->week <= atomic_load(&pp->window))
		return false;
	if (k->returns)
		return true;
	pthread_mutex_lock(&pp->lock);
	cap = sc_grown(pp->cap_asked);
	if (pp->n_asked == pp->cap_asked && (v = realloc(pp->asked, cap * sizeof(*v))) != NULL) {
		pp->asked = v;
		pp->cap_asked = cap;
	}
	/* without memory they stay old until something is sealed for them again */
	if (pp->n_asked < pp->cap_asked)
		pp->asked[pp->n_asked++] = (struct returning){ k->slot, people_time(pp), gateway };
	pthread_mutex_unlock(&pp->lock);
	person_cache_return(pp->cache, k->id);
	people_worked(pp);
	return true;
}

bool people_return_work(const struct people *pp)
{
	return pp->n_asked > 0 || pp->backlog;
}

/* ---- rows of who waits ---- */

static bool bind_asked(void *arg, size_t i, struct store_value *v)
{
	const struct people *pp = arg;
	const struct returning *r = &pp->queueing[i];

	if (r->gateway >= pp->n_gateways)
		return false;
	v[0] = store_number(r->slot);
	v[1] = store_number(r->at_ms);
	v[2] = store_text(pp->gateways[r->gateway].node.s);
	return true;
}

/*
 * Whoever was asked about has a row, unless they are being erased; after a group that failed,
 * first those of that. The loop changes who is dying, so they are looked for under the lock.
 */
static enum sc_err queue_up(struct people *pp, struct store_tx *tx)
{
	enum sc_err err;
	size_t kept = 0;

	pthread_mutex_lock(&pp->lock);
	if (pp->n_queueing == 0) {
		free(pp->queueing);
		pp->queueing = pp->asked;
		pp->n_queueing = pp->n_asked;
		pp->asked = NULL;
		pp->n_asked = pp->cap_asked = 0;
	}
	for (size_t i = 0; i < pp->n_queueing; i++)
		if (!people_is_dying(pp, pp->queueing[i].slot))
			pp->queueing[kept++] = pp->queueing[i];
	pp->n_queueing = kept;
	pthread_mutex_unlock(&pp->lock);
	if (pp->n_queueing == 0)
		return SC_OK;
	err = store_ask(tx,
	    &(struct store_batch){ RETURN_ADD, pp->n_queueing, bind_asked, NULL, pp });
	pp->ks->changed = true;
	return err;
}

/* ---- who may return ---- */

struct letting_in {
	struct people *pp;
	const struct people_gateway *gateway;
	uint64_t day, used, left;
	uint64_t counted; /* who were old, and not only asked about by a clock that was wrong */
	size_t first;     /* of pp->renewing */
	uint32_t week;    /* that is written, and ... */
	uint32_t latest;  /* ... by which they are old */
};

static bool bind_day(void *arg, size_t i, struct store_value *v)
{
	const struct letting_in *x = arg;

	(void)i;
	v[0] = store_number(x->day);
	v[1] = store_text(x->gateway->node.s);
	v[2] = store_number(QUOTA_RETURNED);
	v[3] = store_number(x->counted);
	return true;
}

static enum sc_err take_used(void *arg, size_t i, const struct store_value *v)
{
	(void)i;
	((struct letting_in *)arg)->used = (uint64_t)v[0].number;
	return SC_OK;
}

static bool bind_next(void *arg, size_t i, struct store_value *v)
{
	const struct letting_in *x = arg;

	(void)i;
	v[0] = store_text(x->gateway->node.s);
	v[1] = store_number(x->left < BITE ? x->left : BITE);
	return true;
}

static enum sc_err take_next(void *arg, size_t i, const struct store_value *v)
{
	struct letting_in *x = arg;
	struct people *pp = x->pp;
	const uint32_t week = (uint32_t)v[1].number;
	size_t cap = sc_grown(pp->cap_renewing);
	struct sealed_week *p;

	(void)i;
	if (pp->n_renewing == pp->cap_renewing) {
		if ((p = realloc(pp->renewing, cap * sizeof(*p))) == NULL)
			return SC_NOMEM;
		pp->renewing = p;
		pp->cap_renewing = cap;
	}
	pp->renewing[pp->n_renewing++] = (struct sealed_week){ (uint64_t)v[0].number, x->week };
	x->counted += week < x->latest && x->latest - week > atomic_load(&pp->window);
	return SC_OK;
}

static bool bind_renewed(void *arg, size_t i, struct store_value *v)
{
	const struct letting_in *x = arg;
	const struct sealed_week *w = &x->pp->renewing[x->first + i];

	v[0] = store_number(w->slot);
	v[1] = store_number(w->week);
	return true;
}

static bool bind_slot(void *arg, size_t i, struct store_value *v)
{
	const struct letting_in *x = arg;

	v[0] = store_number(x->pp->renewing[x->first + i].slot);
	return true;
}

static enum sc_err let_in(struct letting_in *x, struct store_tx *tx)
{
	enum sc_err err;
	size_t n;

	if ((err = store_ask(tx, &(struct store_batch){ QUOTA_FIND, 1, bind_day, take_used, x })) !=
	    SC_OK)
		return err;
	x->left = x->used < x->gateway->per_day ? x->gateway->per_day - x->used : 0;
	if (WEAK("returning-unlimited"))
		x->left = BITE;
	if (x->left == 0)
		return SC_OK;
	if ((err = store_ask(tx,
		 &(struct store_batch){ RETURN_NEXT, 1, bind_next, take_next, x })) != SC_OK ||
	    (n = x->pp->n_renewing - x->first) == 0)
		return err;
	x->pp->ks->changed = true;
	if ((err = store_ask(tx, &(struct store_batch){ WEEK_KEEP, n, bind_renewed, NULL, x })) !=
		SC_OK ||
	    (err = store_ask(tx, &(struct store_batch){ RETURN_REMOVE, n, bind_slot, NULL, x })) !=
		SC_OK)
		return err;
	return x->counted == 0 ?
	    SC_OK :
	    store_ask(tx, &(struct store_batch){ QUOTA_ADD, 1, bind_day, NULL, x });
}

static enum sc_err take_waiting(void *arg, size_t i, const struct store_value *v)
{
	(void)i;
	*(uint64_t *)arg = (uint64_t)v[0].number;
	return SC_OK;
}

enum sc_err people_return_run(struct people *pp, struct store_tx *tx)
{
	const uint32_t week = people_week_believed(pp), latest = people_week(pp, clock_unix_ms());
	const bool doubted = latest - week > atomic_load(&pp->window);
	enum sc_err err;

	pp->n_renewing = 0;
	pp->let_in = true;
	if ((err = people_clock_keep(pp, tx)) != SC_OK || (err = queue_up(pp, tx)) != SC_OK ||
	    (pp->n_queueing == 0 && !pp->backlog))
		return err;
	for (size_t i = 0; i < pp->n_gateways && err == SC_OK && !doubted; i++) {
		struct letting_in x = { .pp = pp,
			.gateway = &pp->gateways[i],
			.day = people_time(pp) / DAY_MS,
			.first = pp->n_renewing,
			.week = week,
			.latest = latest };

		err = let_in(&x, tx);
	}
	return err != SC_OK ?
	    err :
	    store_ask(tx,
		&(struct store_batch){ RETURN_COUNT, 1, NULL, take_waiting, &pp->waiting });
}

/* ---- afterwards ---- */

void people_return_committed(struct people *pp, enum sc_err err)
{
	const bool news = pp->n_renewing > 0 || pp->n_queueing > 0;
	const bool ran = pp->let_in;
	struct sealed_week *v;

	pp->let_in = false;
	if (err != SC_OK || !ran) {
		pp->n_renewing = 0;
		return;
	}
	pp->n_queueing = 0;
	people_clock_kept(pp);
	pthread_mutex_lock(&pp->lock);
	if (pp->waiting > 0 && pp->counts.waiting == 0)
		log_event(LOG_WARN, "keyd.returns_queued", LOG_U64("people", pp->waiting),
		    LOG_STR("do", "docs/OPERATIONS.md, People who return"), LOG_END);
	pp->counts.waiting = pp->waiting;
	pp->counts.returned += pp->n_renewing;
	pp->backlog = pp->waiting > 0;
	pp->renewals += pp->n_renewing > 0;
	/* without memory the loop goes on to take them for old, until it reads their rows again */
	if (pp->n_renewing > 0 &&
	    (v = realloc(pp->renewed, (pp->n_renewed + pp->n_renewing) * sizeof(*v))) != NULL) {
		memcpy(v + pp->n_renewed, pp->renewing, pp->n_renewing * sizeof(*v));
		pp->renewed = v;
		pp->n_renewed += pp->n_renewing;
	}
	pthread_mutex_unlock(&pp->lock);
	if (news && pp->tell.returned != NULL)
		pp->tell.returned(pp->tell.arg, pp->n_renewing, pp->waiting);
	pp->n_renewing = 0;
}

void people_return_ticked(struct people *pp)
{
	struct sealed_week *v;
	uint64_t id;
	size_t n;

	pthread_mutex_lock(&pp->lock);
	v = pp->renewed;
	n = pp->n_renewed;
	pp->renewed = NULL;
	pp->n_renewed = 0;
	pp->renewals_known = pp->renewals;
	pthread_mutex_unlock(&pp->lock);
	for (size_t i = 0; i < n; i++)
		if (slot_id_of(pp->loop.ids, v[i].slot, &id) == SC_OK)
			person_cache_seal(pp->cache, id, v[i].week);
	free(v);
}
