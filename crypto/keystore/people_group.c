/*
 * people_group.c - what goes with each commit: how far the log is carried out, weeks,
 * leases, and what the log is told.
 *
 * `applied`, why no intent is ever passed over. A commit may say A only when each erasure
 * whose intent is an entry below A has been carried out and has its outcome in the log.
 *
 *	loop	people_intend() [floor F = the log's next entry] > append [index I >= F] >
 *		... I durable > people_erase() > done() [appends the outcome, O] >
 *		people_carried() [the floor counts until O is durable]
 *	store	D = durable, read first > floors that are over are dropped > A = the least of D
 *		and the floors that are left
 *
 * If I < D, then I was appended before D was read, so its floor was set before, and the
 * lock shows it to the store's thread: it is there, and A <= F <= I, unless it was
 * dropped because its outcome is below D. Then the erasure's own commit came before
 * done(). If I >= D, A <= D <= I. So A never passes I too early, whoever is faster. Nor does
 * A go back: a new floor is no less than the durable size that any earlier A was
 * bounded by.
 *
 * When an erasure is over, the largest floor not above its intent is let go. With several
 * open that may be another's, but then a smaller one stays in its stead: the least of
 * those left is never above the least that is truly open.
 */
#include "crypto/keystore/people_int.h"

#include "base/clock.h"
#include "base/grow.h"
#include "base/weak.h"
#include "crypto/rows/tables.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PROGRESS_MS 1000
#define REST_MS 50 /* sooner where nothing more comes */
#define LEASE_WAIT_MS 3000

/* ---- floors ---- */

static void add_floor(struct people *pp, uint64_t floor, uint64_t until)
{
	struct intent_floor *v;
	size_t cap = sc_grown(pp->cap_floors);

	pthread_mutex_lock(&pp->lock);
	if (pp->n_floors == pp->cap_floors) {
		if ((v = realloc(pp->floors, cap * sizeof(*v))) == NULL) {
			pp->stuck = true;
			goto out;
		}
		pp->floors = v;
		pp->cap_floors = cap;
	}
	pp->floors[pp->n_floors++] = (struct intent_floor){ floor, until };
out:
	pthread_mutex_unlock(&pp->lock);
}

void people_intend(struct people *pp)
{
	add_floor(pp, tlog_next(pp->log), UINT64_MAX);
}

void people_first_floor(struct people *pp)
{
	add_floor(pp, pp->ks->kept.applied, tlog_next(pp->log));
}

/* The largest open floor not above INTENT counts no longer than until UNTIL. */
static void let_go(struct people *pp, uint64_t intent, uint64_t until)
{
	struct intent_floor *best = NULL;

	pthread_mutex_lock(&pp->lock);
	for (size_t i = 0; i < pp->n_floors; i++) {
		struct intent_floor *f = &pp->floors[i];

		if (f->until == UINT64_MAX && f->floor <= intent &&
		    (best == NULL || f->floor >= best->floor))
			best = f;
	}
	if (best != NULL)
		best->until = until;
	pthread_mutex_unlock(&pp->lock);
}

void people_let_go(struct people *pp)
{
	let_go(pp, UINT64_MAX, 0);
}

void people_carried(struct people *pp, uint64_t intent)
{
	let_go(pp, intent, tlog_next(pp->log));
}

static uint64_t applied_now(struct people *pp)
{
	uint64_t durable = tlog_durable(pp->log), least = durable;
	size_t kept = 0;

	pthread_mutex_lock(&pp->lock);
	for (size_t i = 0; i < pp->n_floors; i++) {
		const struct intent_floor f = pp->floors[i];

		if (f.until <= durable)
			continue;
		pp->floors[kept++] = f;
		if (f.floor < least)
			least = f.floor;
	}
	pp->n_floors = kept;
	if (pp->stuck || least < pp->ks->now.applied)
		least = pp->ks->now.applied;
	pthread_mutex_unlock(&pp->lock);
	return least;
}

/* ---- leases ---- */

static enum sc_err tell_log(struct people *pp, uint64_t lease, uint64_t *record)
{
	const struct store_progress p = { pp->ks->kept.gen, pp->ks->kept.high, lease };

	return pp->tell.progress(pp->tell.arg, &p, record);
}

/*
 * Where N more are wanted than there are, or soon will be. A run in which nobody is new asks for
 * none: a start after a crash skips what is left of a lease, and a keyd that dies again and again
 * is not to use up all there are. So they begin small, too, and grow with what is given out:
 * a crash costs a leaf of slots, or about as many as were used.
 */
static void ask_lease(struct people *pp, uint64_t n)
{
	const struct keystore_now *now = &pp->ks->now;
	uint64_t left = now->lease - now->high, slots = pp->lease_slots, lease, record;

	if (pp->lease > now->lease || (n <= left && left >= slots / 4))
		return;
	slots = slots == 0 ? PEOPLE_LEASE_FIRST : 2 * slots;
	if (slots > PEOPLE_LEASE)
		slots = PEOPLE_LEASE;
	lease = now->high + (n > slots ? n : slots);
	if (lease > TREE_SLOTS)
		lease = TREE_SLOTS;
	if (lease <= now->lease || tlog_failed(pp->log) || tell_log(pp, lease, &record) != SC_OK)
		return;
	pp->lease = lease;
	pp->lease_record = record;
	pp->lease_slots = slots;
}

/* What was logged and is durable by now may be given out. */
static void take_lease(struct people *pp)
{
	if (pp->lease > pp->ks->now.lease && tlog_durable(pp->log) > pp->lease_record)
		pp->ks->now.lease = pp->lease;
}

/*
 * Slots are asked for when a quarter is left, so once leases have grown this waits only when the
 * log is slower than 16,000 new people. The log's own threads do not need the store to
 * make an entry durable.
 */
static void await_lease(struct people *pp)
{
	const struct timespec pause = { .tv_nsec = 500000 };
	uint64_t end = clock_mono_ms() + LEASE_WAIT_MS;

	while (pp->lease > pp->ks->now.lease && !tlog_failed(pp->log) && clock_mono_ms() < end) {
		take_lease(pp);
		if (pp->lease > pp->ks->now.lease)
			nanosleep(&pause, NULL);
	}
}

enum sc_err people_may_give(struct people *pp, uint64_t n)
{
	struct keystore_now *now = &pp->ks->now;

	if (n == 0)
		return SC_OK;
	if (WEAK("unlogged-keys") && now->high + n > now->lease)
		now->lease = now->high + n;
	else if (tlog_failed(pp->log) && !WEAK("unlogged-keys"))
		return SC_LIMIT;
	take_lease(pp);
	/* twice: what was asked for may not reach so far */
	for (int i = 0; i < 2 && now->high + n > now->lease; i++) {
		ask_lease(pp, n);
		await_lease(pp);
	}
	return now->high + n > now->lease ? SC_LIMIT : SC_OK;
}

/* ---- weeks ---- */

static bool bind_week(void *arg, size_t i, struct store_value *v)
{
	const struct people *pp = arg;

	v[0] = store_number(pp->writing[i].slot);
	v[1] = store_number(pp->writing[i].week);
	return true;
}

/* What the loop has noted; after a group that failed, first what that would have written. */
static enum sc_err write_weeks(struct people *pp, struct store_tx *tx)
{
	struct store_batch b = { WEEK_KEEP, 0, bind_week, NULL, pp };

	pthread_mutex_lock(&pp->lock);
	if (pp->n_writing == 0) {
		free(pp->writing);
		pp->writing = pp->weeks;
		pp->n_writing = people_without_dying(pp, pp->weeks, pp->n_weeks);
		pp->weeks = NULL;
		pp->n_weeks = pp->cap_weeks = 0;
	}
	pthread_mutex_unlock(&pp->lock);
	if (pp->n_writing == 0)
		return SC_OK;
	pp->ks->changed = true;
	b.n = pp->n_writing;
	return store_ask(tx, &b);
}

/* ---- the group ---- */

static enum sc_err closing(void *arg, struct store_tx *tx)
{
	struct people *pp = arg;
	struct keystore *ks = pp->ks;
	enum sc_err err;

	if ((err = keystore_keyed(ks, tx)) != SC_OK)
		return err;
	/* a group in which nothing could be done, after one that failed */
	if (ks->stale || ks->owed)
		return SC_OK;
	if ((err = write_weeks(pp, tx)) != SC_OK ||
	    (pp->a_second && (err = people_return_run(pp, tx)) != SC_OK) || !ks->changed)
		return err;
	/* in this order: a lease that is below `applied` is the store's */
	ks->now.applied = applied_now(pp);
	take_lease(pp);
	return keystore_closing(ks, tx);
}

static void count(struct people *pp, bool untold)
{
	const struct keystore_now *k = &pp->ks->kept;

	pthread_mutex_lock(&pp->lock);
	pp->counts.people = k->people;
	pp->counts.slots = k->high;
	pp->counts.lease = k->lease;
	if (pp->counts.epoch != k->epoch)
		pp->counts.turned_ms = clock_unix_ms();
	pp->counts.epoch = k->epoch;
	pp->counts.gen = k->gen;
	pp->untold = untold;
	pthread_mutex_unlock(&pp->lock);
}

/*
 * A second's commits are told together, the last of them when no more come; an erasure at
 * once: an older store is known by it. Whoever leaves says where, even where nothing is new.
 */
static enum sc_err committed(void *arg, enum sc_err err)
{
	struct people *pp = arg;
	struct keystore *ks = pp->ks;
	bool work = ks->changed, turned = ks->now.epoch != ks->kept.epoch, untold;
	uint64_t now = clock_mono_ms(), past = now - pp->told_ms, record;

	if (err == SC_OK && work)
		pp->n_writing = 0;
	err = keystore_committed(ks, err);
	pthread_mutex_lock(&pp->lock);
	untold = pp->untold || (work && !ks->stale);
	pthread_mutex_unlock(&pp->lock);
	if ((untold || pp->leaving) &&
	    (pp->leaving || turned || pp->a_second || past >= PROGRESS_MS ||
		(!work && past >= REST_MS)) &&
	    tell_log(pp, pp->lease > ks->now.lease ? pp->lease : ks->now.lease, &record) == SC_OK) {
		untold = false;
		pp->told_ms = now;
	}
	if (pp->a_second)
		people_return_committed(pp, err);
	pp->a_second = false;
	count(pp, untold);
	if (!pp->leaving)
		ask_lease(pp, 0);
	return err;
}

const struct store_group people_group = { closing, committed, NULL };
