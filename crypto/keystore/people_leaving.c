/*
 * people_leaving.c - people whose erasure waits: nothing of theirs opens, and their keys are there
 * still, until its time comes or an operator takes it back.
 *
 *	people_leave()		a row for each key; from then on they are as gone
 *	people_leaving_due()	its time has come: erased as anybody (people_change.c), rows and all
 *	people_stay()		no row any more: they open again
 *
 * A row is in the store before the answer, in backups and the mirror, and made anew from the log
 * where a crash or an older store lost it (keystore_replay.c). Time is that for which keyd ran
 * (people_clock.c): nobody's comes sooner because a clock was set.
 *
 * Slots that leave are known in memory, in order, so that whoever looks for a key asks no table;
 * where nobody leaves, nothing is asked. Whoever is sealed for meanwhile gets another key.
 */
#include "crypto/keystore/people_int.h"

#include "base/grow.h"
#include "crypto/rows/tables.h"

#include <stdlib.h>
#include <string.h>

/* ---- who ---- */

/* Where SLOT stands, or would; the lock is held. */
static size_t place_of(const struct people_leaving *l, uint64_t slot)
{
	size_t low = 0, high = l->n;

	while (low < high) {
		const size_t mid = (low + high) / 2;

		if (l->v[mid].slot < slot)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool people_is_leaving(struct people *pp, uint64_t slot)
{
	struct people_leaving *l = &pp->leavers;
	bool is;
	size_t at;

	if (atomic_load(&l->some) == 0)
		return false;
	pthread_mutex_lock(&pp->lock);
	at = place_of(l, slot);
	is = at < l->n && l->v[at].slot == slot;
	pthread_mutex_unlock(&pp->lock);
	return is;
}

static enum sc_err add(struct people *pp, const struct leaving_slot *s)
{
	struct people_leaving *l = &pp->leavers;
	size_t cap = sc_grown(l->cap), at;
	enum sc_err err = SC_OK;
	struct leaving_slot *v;

	pthread_mutex_lock(&pp->lock);
	at = place_of(l, s->slot);
	if (at < l->n && l->v[at].slot == s->slot)
		goto out;
	if (l->n == l->cap) {
		if ((v = realloc(l->v, cap * sizeof(*v))) == NULL) {
			err = SC_NOMEM;
			goto out;
		}
		l->v = v;
		l->cap = cap;
	}
	memmove(&l->v[at + 1], &l->v[at], (l->n - at) * sizeof(l->v[0]));
	l->v[at] = *s;
	atomic_store(&l->some, ++l->n);
out:
	pthread_mutex_unlock(&pp->lock);
	return err;
}

void people_left(struct people *pp, const uint64_t *slots, size_t n)
{
	struct people_leaving *l = &pp->leavers;

	if (atomic_load(&l->some) == 0)
		return;
	pthread_mutex_lock(&pp->lock);
	for (size_t i = 0; i < n; i++) {
		const size_t at = place_of(l, slots[i]);

		if (at == l->n || l->v[at].slot != slots[i])
			continue;
		memmove(&l->v[at], &l->v[at + 1], (--l->n - at) * sizeof(l->v[0]));
	}
	atomic_store(&l->some, l->n);
	pthread_mutex_unlock(&pp->lock);
}

/* ---- rows ---- */

static bool bind_leaving(void *arg, size_t i, struct store_value *v)
{
	const struct leaving_slot *s = &((const struct leaving_slot *)arg)[i];

	v[0] = store_number(s->slot);
	v[1] = store_blob(s->handle, HANDLE_BYTES);
	v[2] = store_number(s->intent);
	v[3] = store_number(s->asked_ms);
	v[4] = store_number(s->due_ms);
	return true;
}

enum sc_err leaving_rows_add(struct store_tx *tx, const struct leaving_slot *v, size_t n)
{
	/* bound, not written to */
	struct leaving_slot *open = (struct leaving_slot *)(uintptr_t)v;

	return store_ask(tx, &(struct store_batch){ LEAVING_ADD, n, bind_leaving, NULL, open });
}

static enum sc_err take_leaving(void *arg, size_t i, const struct store_value *v)
{
	struct leaving_slot s = { .slot = (uint64_t)v[0].number,
		.intent = (uint64_t)v[2].number,
		.asked_ms = (uint64_t)v[3].number,
		.due_ms = (uint64_t)v[4].number };

	(void)i;
	if (v[1].bytes.n != HANDLE_BYTES || v[0].number < 0)
		return SC_CORRUPT;
	memcpy(s.handle, v[1].bytes.p, HANDLE_BYTES);
	return add(arg, &s);
}

static enum sc_err load(struct store_job *j, struct store_tx *tx)
{
	struct people *pp = loop_owner(j, struct people, leavers.load);

	return store_ask(tx, &(struct store_batch){ LEAVING_ALL, 1, NULL, take_leaving, pp });
}

enum sc_err people_leaving_load(struct people *pp)
{
	pp->leavers.load.run = load;
	return store_run(pp->ks->store, &pp->leavers.load);
}

static bool bind_latest(void *arg, size_t i, struct store_value *v)
{
	(void)i;
	v[0] = store_number(*(uint64_t *)arg);
	return true;
}

static enum sc_err shorten(struct store_job *j, struct store_tx *tx)
{
	struct people *pp = loop_owner(j, struct people, leavers.load);
	uint64_t latest = people_ran(pp) + pp->leavers.grace_ms;

	return store_ask(tx,
	    &(struct store_batch){ LEAVING_NO_LATER, 1, bind_latest, NULL, &latest });
}

enum sc_err people_grace(struct people *pp, uint64_t ms)
{
	struct people_leaving *l = &pp->leavers;
	const uint64_t latest = people_ran(pp) + ms;

	l->grace_ms = ms;
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].due_ms > latest)
			l->v[i].due_ms = latest;
	l->load.run = shorten;
	return l->n == 0 ? SC_OK : store_run(pp->ks->store, &l->load);
}

/* ---- leaving, and staying ---- */

struct leaving_work {
	struct inbox_job job;
	struct people *pp;
	void *owner;
	void (*done)(void *owner, enum sc_err err, bool found);
	struct leaving_slot v[PEOPLE_SLOTS_MAX];
	uint64_t slots[PEOPLE_SLOTS_MAX];
	size_t n;
	uint64_t intent;
	unsigned tries;
};

static void on_worked(struct leaving_work *x, enum sc_err err)
{
	x->pp->pending--;
	people_worked(x->pp);
	x->done(x->owner, err == SC_AGAIN ? SC_LIMIT : err, x->n > 0);
	people_carried(x->pp, x->intent);
	free(x);
}

static enum sc_err leave_run(struct store_job *j, struct store_tx *tx)
{
	struct leaving_work *x = loop_owner(j, struct leaving_work, job.job);
	enum sc_err err;

	if ((err = keystore_ready(x->pp->ks, tx)) != SC_OK)
		return err;
	/* before any look-up behind this one, whatever becomes of the commit */
	for (size_t i = 0; i < x->n && err == SC_OK; i++)
		err = add(x->pp, &x->v[i]);
	x->pp->ks->changed = true;
	return err != SC_OK ? err : leaving_rows_add(tx, x->v, x->n);
}

static void on_leaving(struct inbox_job *j, enum sc_err err)
{
	struct leaving_work *x = loop_owner(j, struct leaving_work, job);

	if (err == SC_AGAIN && x->tries++ < PEOPLE_TRIES) {
		inbox_submit(x->pp->inbox, &x->job);
		return;
	}
	if (err != SC_OK)
		people_left(x->pp, x->slots, x->n);
	people_forget(x->pp, x->slots, x->n, err == SC_OK);
	on_worked(x, err);
}

static enum sc_err stay_run(struct store_job *j, struct store_tx *tx)
{
	struct leaving_work *x = loop_owner(j, struct leaving_work, job.job);
	enum sc_err err;

	if ((err = keystore_ready(x->pp->ks, tx)) != SC_OK)
		return err;
	x->pp->ks->changed = true;
	return store_rows_stay(tx, x->slots, x->n);
}

static void on_stayed(struct inbox_job *j, enum sc_err err)
{
	struct leaving_work *x = loop_owner(j, struct leaving_work, job);

	if (err == SC_AGAIN && x->tries++ < PEOPLE_TRIES) {
		inbox_submit(x->pp->inbox, &x->job);
		return;
	}
	if (err == SC_OK) {
		people_left(x->pp, x->slots, x->n);
		people_forget(x->pp, x->slots, x->n, false);
	}
	on_worked(x, err);
}

static enum sc_err work(struct people *pp, const struct people_leaver *who, uint64_t intent,
    void *owner, void (*done)(void *owner, enum sc_err err, bool found), struct leaving_work **out)
{
	struct leaving_work *x = calloc(1, sizeof(*x));
	bool ok = true;
	enum sc_err err = SC_OK;

	*out = NULL;
	if (x == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < who->n && ok && err == SC_OK; i++) {
		err = slot_id_slot(pp->loop.ids, who->ids[i], &x->slots[i], &ok);
		x->v[i] = (struct leaving_slot){ x->slots[i], who->intent, who->asked_ms,
			people_ran(pp) + pp->leavers.grace_ms, { 0 }, false };
		memcpy(x->v[i].handle, who->handle, HANDLE_BYTES);
	}
	if (err != SC_OK || !ok) {
		free(x);
		return err != SC_OK ? err : SC_SYNTAX;
	}
	x->pp = pp;
	x->n = who->n;
	x->intent = intent;
	x->owner = owner;
	x->done = done;
	pp->pending++;
	*out = x;
	return SC_OK;
}

enum sc_err people_leave(struct people *pp, const struct people_leaver *who, void *owner,
    void (*done)(void *owner, enum sc_err err, bool found))
{
	struct leaving_work *x;
	enum sc_err err;

	if ((err = work(pp, who, who->intent, owner, done, &x)) != SC_OK)
		return err;
	x->job.job.run = leave_run;
	x->job.on_loop = on_leaving;
	inbox_submit(pp->inbox, &x->job);
	return SC_OK;
}

enum sc_err people_stay(struct people *pp, const struct people_leaver *who, uint64_t intent,
    void *owner, void (*done)(void *owner, enum sc_err err, bool found))
{
	struct leaving_work *x;
	enum sc_err err;

	if ((err = work(pp, who, intent, owner, done, &x)) != SC_OK)
		return err;
	x->job.job.run = stay_run;
	x->job.on_loop = on_stayed;
	inbox_submit(pp->inbox, &x->job);
	return SC_OK;
}

/* ---- whose time has come, and who waits ---- */

/* All keys of V[I]'s erasure; the lock is held. */
static void gather(struct people *pp, size_t i, struct people_leaver *out)
{
	const struct people_leaving *l = &pp->leavers;
	const uint64_t ran = people_ran(pp);

	memset(out, 0, sizeof(*out));
	out->intent = l->v[i].intent;
	out->asked_ms = l->v[i].asked_ms;
	out->left_ms = l->v[i].due_ms > ran ? l->v[i].due_ms - ran : 0;
	memcpy(out->handle, l->v[i].handle, HANDLE_BYTES);
	for (size_t k = i; k < l->n && out->n < PEOPLE_SLOTS_MAX; k++)
		if (l->v[k].intent == out->intent &&
		    slot_id_of(pp->loop.ids, l->v[k].slot, &out->ids[out->n]) == SC_OK)
			out->n++;
}

bool people_leaving_due(struct people *pp, struct people_leaver *out)
{
	struct people_leaving *l = &pp->leavers;
	const uint64_t ran = people_ran(pp);
	bool found = false;

	if (atomic_load(&l->some) == 0)
		return false;
	pthread_mutex_lock(&pp->lock);
	for (size_t i = 0; i < l->n && !found; i++) {
		if (l->v[i].due_ms > ran || l->v[i].going)
			continue;
		found = true;
		gather(pp, i, out);
		for (size_t k = i; k < l->n; k++)
			l->v[k].going |= l->v[k].intent == out->intent;
	}
	pthread_mutex_unlock(&pp->lock);
	return found;
}

bool people_leaving_next(struct people *pp, uint64_t from, struct people_leaver *out)
{
	const struct people_leaving *l = &pp->leavers;
	size_t best = SIZE_MAX;

	pthread_mutex_lock(&pp->lock);
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].intent >= from && !l->v[i].going &&
		    (best == SIZE_MAX || l->v[i].intent < l->v[best].intent))
			best = i;
	if (best != SIZE_MAX)
		gather(pp, best, out);
	pthread_mutex_unlock(&pp->lock);
	return best != SIZE_MAX;
}

size_t people_leaving_count(const struct people *pp)
{
	return atomic_load(&pp->leavers.some);
}

uint64_t people_grace_ms(const struct people *pp)
{
	return pp->leavers.grace_ms;
}

void people_leaving_failed(struct people *pp, uint64_t intent)
{
	struct people_leaving *l = &pp->leavers;

	pthread_mutex_lock(&pp->lock);
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].intent == intent)
			l->v[i].going = false;
	pthread_mutex_unlock(&pp->lock);
}
