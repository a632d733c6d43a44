/*
 * keystore_replay.c - the log's tail, carried out at the start.
 *
 *	its end					how do store and log stand to each other?
 *	entries from `applied` on, once		others count; erasures and merges are noted
 *	these, all in one group			one commit, one turn of the epoch
 *
 * Slots are given out once, whatever is put back: where the log does not end with a clean stop,
 * all that is left of the newest lease is skipped. That a slot was given out shows in no log before
 * the next second, and a database of a moment before does not know it.
 *
 * Only erasures and merges stay in memory, no entries. Where they need more boxes than a group has,
 * there are several groups, and `gen` grows in the last: a start that dies
 * between them finds the store as far behind as it was.
 */
#include "crypto/keystore/keystore_int.h"

#include "base/grow.h"
#include "base/log.h"
#include "base/weak.h"
#include "crypto/keystore/log_end.h"
#include "crypto/keystore/log_fact.h"
#include "crypto/keytree/slot_id.h"
#include "crypto/tlog/tile.h"
#include "net/loop/loop.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* An erasure of the tail, or a merge: LOGGED's handle is who became INTO, and no ids. */
struct told_erasure {
	struct logged_erasure logged;
	bool merged;
	uint8_t into[HANDLE_BYTES];
	uint8_t told[HANDLE_BYTES]; /* what they are called in the intent */
	uint64_t *ids;
	bool answered;   /* the log tells of its outcome */
	bool done;       /* carried out now */
	bool looked_for; /* ... or there was nobody any more */
};

struct replay {
	struct store_job job;
	struct keystore *ks;
	const struct keystore_replay_from *from;
	struct sc_diag *d;
	struct slot_ids *ids;
	struct log_reader log;
	struct order_log order;
	enum order_store is;
	bool crashed; /* the log does not end with a clean stop */
	bool streamed, over;
	struct told_erasure *list;
	size_t n, cap;
	size_t open; /* all before it are answered */
	size_t next; /* to be carried out */
	struct store_tx *tx;
	uint64_t unknown; /* slots, from now on */
};

/* ---- noting ---- */

static enum sc_err note_intent(struct replay *r, uint64_t index, const struct log_fact *f)
{
	struct told_erasure *x;
	size_t cap = sc_grown(r->cap);

	if (r->n == r->cap) {
		if ((x = realloc(r->list, cap * sizeof(*x))) == NULL)
			return SC_NOMEM;
		r->list = x;
		r->cap = cap;
	}
	x = &r->list[r->n];
	memset(x, 0, sizeof(*x));
	if ((x->ids = malloc((f->n + 1) * sizeof(x->ids[0]))) == NULL)
		return SC_NOMEM;
	memcpy(x->ids, f->ids, f->n * sizeof(x->ids[0]));
	memcpy(x->logged.handle, f->handle, HANDLE_BYTES);
	memcpy(x->told, f->told, HANDLE_BYTES);
	x->logged.intent = index;
	x->logged.ids = x->ids;
	x->logged.n = f->n;
	r->n++;
	return SC_OK;
}

/* One that was done: it is answered. Of whom it is a store that lacks its year cannot know. */
static enum sc_err note_merge(struct replay *r, uint64_t index, const struct log_fact *f)
{
	enum sc_err err;

	if (!f->known) {
		log_event(LOG_WARN, "keyd.merge_unknown", LOG_U64("entry", index), LOG_END);
		return SC_OK;
	}
	if ((err = note_intent(r, index, f)) != SC_OK)
		return err;
	memcpy(r->list[r->n - 1].into, f->into, HANDLE_BYTES);
	r->list[r->n - 1].merged = r->list[r->n - 1].answered = true;
	return SC_OK;
}

/* By the keys that both name; where one names none, by what the person is called in both. */
static bool is_of(const struct told_erasure *x, const struct log_fact *f)
{
	if (x->logged.n == 0 || f->n == 0)
		return memcmp(x->told, f->told, HANDLE_BYTES) == 0;
	return x->logged.n == f->n && memcmp(x->ids, f->ids, f->n * sizeof(f->ids[0])) == 0;
}

/* Those of the same keys are carried out, and told, in the order of their intents. */
static void note_outcome(struct replay *r, const struct log_fact *f)
{
	for (size_t i = r->open; i < r->n; i++)
		if (!r->list[i].answered && is_of(&r->list[i], f)) {
			r->list[i].answered = true;
			break;
		}
	while (r->open < r->n && r->list[r->open].answered)
		r->open++;
}

static enum sc_err take_entry(void *arg, uint64_t index, struct sc_span entry)
{
	struct replay *r = arg;
	struct log_fact f;
	enum sc_err err;

	if ((err = log_fact_read(r->from->keyring, entry, &f)) != SC_OK ||
	    (err = keystore_told_leaving(r->tx, r->ids, index, &f)) != SC_OK)
		return err;
	if (f.kind == FACT_INTENT && (err = note_intent(r, index, &f)) != SC_OK)
		return err;
	if (f.kind == FACT_MERGED && (err = note_merge(r, index, &f)) != SC_OK)
		return err;
	if (f.kind == FACT_OUTCOME)
		note_outcome(r, &f);
	return r->from->follower == NULL ?
	    SC_OK :
	    r->from->follower->entry(r->from->follower->arg, r->tx, index, entry);
}

static enum sc_err stream(struct replay *r, struct store_tx *tx)
{
	r->tx = tx;
	return log_read_from(&r->log, r->order.applied, take_entry, r);
}

/* ---- carrying out ---- */

/*
 * The end of what may have been given out, by whichever of store and log knows more. What a log
 * told that is taken anew, nobody knows.
 */
static uint64_t leased(const struct replay *r)
{
	const uint64_t logged = r->order.logged.lease, own = r->ks->now.lease,
		       known = logged > own ? logged : own;

	if (!r->from->start_anew)
		return known;
	return known + KEYSTORE_GAP < TREE_SLOTS ? known + KEYSTORE_GAP : TREE_SLOTS;
}

/*
 * The store lies behind, or may do so by less than the log tells. One in which no slot was given
 * out behind the log's end has nothing to skip.
 */
static bool slots_go(const struct replay *r)
{
	return r->is == ORDER_STORE_BEHIND || (r->crashed && r->ks->now.high < leased(r));
}

/* Behind the others, or as one with the last of them. */
static enum sc_err keep_lost(struct keystore *ks, struct slot_range now, struct slot_range *out)
{
	struct slot_range *last = ks->n_lost == 0 ? NULL : &ks->lost[ks->n_lost - 1], *v;

	if (last != NULL && last->last + 1 == now.first && last->skipped == now.skipped) {
		last->last = now.last;
		*out = *last;
		return SC_OK;
	}
	if ((v = realloc(ks->lost, (ks->n_lost + 1) * sizeof(*v))) == NULL)
		return SC_NOMEM;
	ks->lost = v;
	ks->lost[ks->n_lost++] = *out = now;
	return SC_OK;
}

static enum sc_err slots_of(struct replay *r, const struct told_erasure *x, uint64_t *slots)
{
	bool ok;
	enum sc_err err;

	for (size_t i = 0; i < x->logged.n; i++) {
		if ((err = slot_id_slot(r->ids, x->ids[i], &slots[i], &ok)) != SC_OK)
			return err;
		if (!ok)
			return SC_CORRUPT;
	}
	return SC_OK;
}

static int by_number(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* The slots of all that the tail erases, in their order. */
static enum sc_err slots_erased(struct replay *r, uint64_t **out, size_t *n)
{
	size_t all = 0;
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < r->n; i++)
		all += r->list[i].logged.n;
	*n = 0;
	if ((*out = malloc((all + 1) * sizeof(**out))) == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < r->n && err == SC_OK; i++) {
		err = slots_of(r, &r->list[i], *out + *n);
		*n += r->list[i].logged.n;
	}
	if (err == SC_OK)
		qsort(*out, *n, sizeof(**out), by_number);
	return err;
}

static enum sc_err lose_range(struct replay *r, struct store_tx *tx, uint64_t first, uint64_t end)
{
	struct slot_range range = { first, end - 1, r->is != ORDER_STORE_BEHIND };
	enum sc_err err;

	if (first >= end)
		return SC_OK;
	if ((err = keep_lost(r->ks, range, &range)) == SC_OK)
		err = store_rows_lost_add(tx, &range);
	r->unknown += end - first;
	return err;
}

/*
 * Every slot that may have been given out since is unknown: somebody's token may name
 * it. But not those whose erasure the log tells of: they are gone, here as everywhere. What is
 * given out next lies behind all of them. A failure ends the start, and what is in memory with it.
 */
static enum sc_err lose_slots(struct replay *r, struct store_tx *tx)
{
	struct keystore *ks = r->ks;
	const uint64_t lease = leased(r);
	uint64_t from = ks->now.high, *erased;
	size_t n;
	enum sc_err err;

	if ((err = slots_erased(r, &erased, &n)) != SC_OK)
		goto out;
	for (size_t i = 0; i < n && erased[i] < lease; i++) {
		if (erased[i] < from)
			continue;
		if ((err = lose_range(r, tx, from, erased[i])) != SC_OK)
			goto out;
		from = erased[i] + 1;
	}
	if ((err = lose_range(r, tx, from, lease)) == SC_OK)
		ks->now.high = ks->now.lease = lease;
out:
	free(erased);
	return err;
}

static enum sc_err erase_one(struct replay *r, struct store_tx *tx, struct told_erasure *x)
{
	uint64_t slots[PEOPLE_SLOTS_MAX];
	enum sc_err err;

	if ((err = slots_of(r, x, slots)) != SC_OK)
		return err;
	err = keystore_erase(r->ks, tx, slots, x->logged.n, &x->done);
	x->looked_for = err == SC_OK;
	return err;
}

/* Whoever has no key here came later: their slots are unknown, and nobody's. */
static enum sc_err merge_one(struct replay *r, struct store_tx *tx, const struct told_erasure *x)
{
	uint64_t slots[PEOPLE_SLOTS_MAX];
	bool found;
	size_t n;

	return keystore_merge(r->ks, tx, x->logged.handle, x->into, slots, &n, &found);
}

/*
 * In order, an erasure that was answered has been carried out (or has failed, and who asked
 * was told). An older store lacks them all.
 */
static enum sc_err erase_all(struct replay *r, struct store_tx *tx)
{
	size_t first = r->next;
	enum sc_err err;

	for (; r->next < r->n; r->next++) {
		struct told_erasure *x = &r->list[r->next];

		if (r->is == ORDER_SAME && x->answered)
			continue;
		err = x->merged ? merge_one(r, tx, x) : erase_one(r, tx, x);
		if (err == SC_OK)
			continue;
		/* the group is full: the rest goes into the next */
		return err == SC_AGAIN && r->next > first ? SC_OK : err;
	}
	r->over = true;
	return SC_OK;
}

static bool to_be_told(const struct told_erasure *x)
{
	return x->done || (x->looked_for && !x->answered);
}

/* Those to be told stay in the tail until the log tells of them. */
static uint64_t applied_now(const struct replay *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (to_be_told(&r->list[i]))
			return r->list[i].logged.intent;
	return r->from->size;
}

static enum sc_err follow(struct replay *r, struct store_tx *tx)
{
	const struct keystore_follower *f = r->from->follower;
	const uint8_t *next;
	enum sc_err err;

	if (f == NULL)
		return SC_OK;
	while ((err = f->ring(f->arg, tx, tree_ring(r->ks->tree), &next)) == SC_OK && next != NULL)
		tree_set_ring(r->ks->tree, next);
	return err;
}

static enum sc_err carry_out(struct replay *r, struct store_tx *tx)
{
	struct keystore *ks = r->ks;
	enum sc_err err;

	if ((err = keystore_ready(ks, tx)) != SC_OK)
		return err;
	if (!r->streamed && r->is != ORDER_LOG_SHORT && (err = stream(r, tx)) != SC_OK)
		return err;
	if (!r->streamed && slots_go(r) && (err = lose_slots(r, tx)) != SC_OK)
		return err;
	r->streamed = true;
	if ((err = erase_all(r, tx)) != SC_OK)
		return err;
	ks->changed = true;
	ks->replaying = !r->over;
	if (!r->over)
		return SC_OK;
	if ((err = follow(r, tx)) != SC_OK)
		return err;
	ks->now.applied = applied_now(r);
	if (ks->now.gen < r->order.logged.gen)
		ks->now.gen = r->order.logged.gen;
	return SC_OK;
}

static enum sc_err replay_run(struct store_job *job, struct store_tx *tx)
{
	struct replay *r = loop_owner(job, struct replay, job);
	struct keystore *ks = r->ks;
	enum sc_err err = carry_out(r, tx);

	/* its rows are taken back, so what it did to the tree must not be written */
	if (err != SC_OK) {
		ks->changed = false;
		tree_drop(ks->tree);
		ks->stale = true;
		ks->now = ks->kept;
	}
	return err;
}

static enum sc_err closing(void *arg, struct store_tx *tx)
{
	return keystore_closing(arg, tx);
}

static enum sc_err committed(void *arg, enum sc_err err)
{
	return keystore_committed(arg, err);
}

/* ---- from outside ---- */

/*
 * What the log ended with is what the store has: whoever stopped had given out no more. A commit
 * that the store has beside was of a start that came no further.
 */
static bool stopped_here(const struct replay *r, const struct log_end *end)
{
	return end->stopped && r->is == ORDER_SAME && end->last.high == r->order.store.high &&
	    end->last.gen <= r->order.store.gen;
}

static enum sc_err judge(struct replay *r)
{
	const struct keystore_now *now = &r->ks->now;
	struct log_end end;
	enum sc_err err;

	r->order.store = (struct store_progress){ now->gen, now->high, now->lease };
	r->order.applied = now->applied;
	r->order.size = r->from->size;
	if ((err = log_end_read(&r->log, r->order.applied, &end)) != SC_OK)
		return err;
	r->order.logged = end.told;
	r->is = order_of_log(&r->order);
	/* the log tells of progress each second only: what was done within the last one shows nowhere else */
	if (r->is == ORDER_SAME && r->from->older)
		r->is = ORDER_STORE_BEHIND;
	r->crashed = !stopped_here(r, &end) && !WEAK("slots-from-the-store");
	if (r->is != ORDER_LOG_SHORT || r->from->start_anew || WEAK("own-log-put-back"))
		return SC_OK;
	sc_diag_set(r->d,
	    "keyd's log has %llu entries, and %llu were carried out: an older log was put back, "
	    "or its end was lost. Put the newest one back; if it is lost, start anew with "
	    "--start-anew, which is recorded",
	    (unsigned long long)r->order.size, (unsigned long long)r->order.applied);
	return SC_CORRUPT;
}

static enum sc_err tell(struct replay *r, struct keystore_replayed *out)
{
	enum sc_err err;

	for (size_t i = 0; i < r->n; i++) {
		out->erased += r->list[i].done;
		if (r->from->erased != NULL && to_be_told(&r->list[i]) &&
		    (err = r->from->erased(r->from->arg, &r->list[i].logged)) != SC_OK)
			return err;
	}
	if (r->is != ORDER_STORE_BEHIND) {
		out->skipped = r->unknown;
		return SC_OK;
	}
	out->behind =
	    r->order.logged.gen > r->order.store.gen ? r->order.logged.gen - r->order.store.gen : 0;
	out->lost = r->unknown;
	sc_diag_set(r->d,
	    "an older database was put back: it lacks %llu commits. %llu entries of the log were "
	    "read, %llu erasures carried out again, %llu slots given out since are unknown. Put "
	    "back the newest one, or restore a backup",
	    (unsigned long long)out->behind, (unsigned long long)out->entries,
	    (unsigned long long)out->erased, (unsigned long long)out->lost);
	return SC_OK;
}

static enum sc_err run(struct replay *r, struct keystore_replayed *out)
{
	const struct store_group group = { closing, committed, r->ks };
	enum sc_err err;

	store_set_group(r->ks->store, &group);
	if (r->from->size > 0 &&
	    (r->log.dir = open(r->from->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
		sc_diag_set(r->d, "cannot open the log's folder");
		return SC_IO;
	}
	if ((err = slot_ids_new(r->from->slot_key, &r->ids)) != SC_OK || (err = judge(r)) != SC_OK)
		return err;
	out->order = r->is;
	if (r->order.size > r->order.applied)
		out->entries = r->order.size - r->order.applied;
	else if (r->order.size == r->order.applied && !slots_go(r))
		return SC_OK; /* nothing behind it */
	r->job.run = replay_run;
	while (!r->over)
		if ((err = store_run(r->ks->store, &r->job)) != SC_OK)
			return err;
	return tell(r, out);
}

enum sc_err keystore_replay(struct keystore *ks, const struct keystore_replay_from *from,
    struct sc_diag *d, struct keystore_replayed *out)
{
	struct sc_buf bundle;
	struct replay r = { .ks = ks, .from = from, .d = d };
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	sc_buf_init(&bundle, TILE_BUNDLE_MAX);
	r.log = (struct log_reader){ .dir = -1, .size = from->size, .bundle = &bundle, .d = d };
	err = run(&r, out);
	out->now = (struct store_progress){ ks->kept.gen, ks->kept.high, ks->kept.lease };
	ks->replaying = false;
	for (size_t i = 0; i < r.n; i++)
		free(r.list[i].ids);
	free(r.list);
	sc_buf_fini(&bundle);
	slot_ids_free(r.ids);
	if (r.log.dir >= 0)
		close(r.log.dir);
	return err;
}
