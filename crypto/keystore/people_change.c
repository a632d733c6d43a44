/*
 * people_change.c - erasing, merging and turning the epoch: jobs for the store's thread, and
 * what the loop forgets when they are done.
 *
 * No key that was erased comes back into the cache: jobs run in the order in which they
 * are handed in and are delivered in that order, so what a fetch before the erasure brought
 * is dropped by the erasure's delivery, and a fetch behind it finds nobody.
 */
#include "crypto/keystore/people_int.h"

#include <stdlib.h>
#include <string.h>

/* Work on one person. */
struct person_work {
	struct inbox_job job;
	struct people *pp;
	void *owner;
	union {
		void (*ids)(void *owner, enum sc_err err, const uint64_t *ids, size_t n);
		void (*found)(void *owner, enum sc_err err, bool found);
		void (*turned)(void *owner, enum sc_err err);
	} done;
	uint8_t handle[HANDLE_BYTES], into[HANDLE_BYTES];
	uint64_t slots[PEOPLE_SLOTS_MAX];
	size_t n;
	uint64_t intent;
	const uint8_t *ring; /* the owner's */
	people_turn_fn *with;
	bool found, dying;
	unsigned tries;
};

static enum sc_err work_new(struct people *pp, void *owner,
    enum sc_err (*run)(struct store_job *j, struct store_tx *tx),
    void (*on_loop)(struct inbox_job *j, enum sc_err err), struct person_work **out)
{
	struct person_work *x = calloc(1, sizeof(*x));

	*out = x;
	if (x == NULL)
		return SC_NOMEM;
	x->pp = pp;
	x->owner = owner;
	x->job.job.run = run;
	x->job.on_loop = on_loop;
	return SC_OK;
}

static void submit(struct person_work *x)
{
	x->pp->pending++;
	inbox_submit(x->pp->inbox, &x->job);
}

/* True: the group was full, and it goes into the next. */
static bool tried_again(struct person_work *x, enum sc_err *err)
{
	if (*err == SC_AGAIN && x->tries++ < PEOPLE_TRIES) {
		inbox_submit(x->pp->inbox, &x->job);
		return true;
	}
	if (*err == SC_AGAIN)
		*err = SC_LIMIT;
	x->pp->pending--;
	people_worked(x->pp);
	return false;
}

/* ---- whom it would reach ---- */

static enum sc_err ids_run(struct store_job *j, struct store_tx *tx)
{
	struct person_work *x = loop_owner(j, struct person_work, job.job);
	enum sc_err err;
	size_t n;

	if ((err = keystore_ready(x->pp->ks, tx)) != SC_OK)
		return err;
	if ((err = store_rows_slots(tx, x->handle, x->slots, &n)) != SC_OK)
		return err;
	/* whoever leaves is not erased a second time */
	x->n = 0;
	for (size_t i = 0; i < n; i++)
		if (!people_is_leaving(x->pp, x->slots[i]))
			x->slots[x->n++] = x->slots[i];
	return SC_OK;
}

static void on_ids(struct inbox_job *j, enum sc_err err)
{
	struct person_work *x = loop_owner(j, struct person_work, job);
	uint64_t ids[PEOPLE_SLOTS_MAX];

	x->pp->pending--;
	for (size_t i = 0; i < x->n && err == SC_OK; i++)
		err = slot_id_of(x->pp->loop.ids, x->slots[i], &ids[i]);
	x->done.ids(x->owner, err, ids, err == SC_OK ? x->n : 0);
	free(x);
}

enum sc_err people_ids(struct people *pp, const uint8_t handle[static HANDLE_BYTES], void *owner,
    void (*done)(void *owner, enum sc_err err, const uint64_t *ids, size_t n))
{
	struct person_work *x;
	enum sc_err err;

	if ((err = work_new(pp, owner, ids_run, on_ids, &x)) != SC_OK)
		return err;
	x->done.ids = done;
	memcpy(x->handle, handle, HANDLE_BYTES);
	submit(x);
	return SC_OK;
}

/* ---- erasing ---- */

static enum sc_err erase_run(struct store_job *j, struct store_tx *tx)
{
	struct person_work *x = loop_owner(j, struct person_work, job.job);
	enum sc_err err;

	x->found = false;
	if ((err = keystore_ready(x->pp->ks, tx)) != SC_OK)
		return err;
	if (!x->dying && (err = people_dying(x->pp, x->slots, x->n)) != SC_OK)
		return err;
	x->dying = true;
	return keystore_erase(x->pp->ks, tx, x->slots, x->n, &x->found);
}

static void on_erased(struct inbox_job *j, enum sc_err err)
{
	struct person_work *x = loop_owner(j, struct person_work, job);

	if (tried_again(x, &err))
		return;
	people_forget(x->pp, x->slots, x->n, err == SC_OK);
	if (err == SC_OK)
		people_left(x->pp, x->slots, x->n);
	if (x->dying)
		people_dead(x->pp, x->slots, x->n);
	x->done.found(x->owner, err, x->found);
	people_carried(x->pp, x->intent);
	free(x);
}

enum sc_err people_erase(struct people *pp, const uint64_t *ids, size_t n, uint64_t intent,
    void *owner, void (*done)(void *owner, enum sc_err err, bool found))
{
	struct person_work *x;
	bool ok = true;
	enum sc_err err;

	if (n > PEOPLE_SLOTS_MAX)
		return SC_LIMIT;
	if ((err = work_new(pp, owner, erase_run, on_erased, &x)) != SC_OK)
		return err;
	for (size_t i = 0; i < n && ok && err == SC_OK; i++)
		err = slot_id_slot(pp->loop.ids, ids[i], &x->slots[i], &ok);
	if (err != SC_OK || !ok) {
		free(x);
		return err != SC_OK ? err : SC_SYNTAX;
	}
	x->done.found = done;
	x->n = n;
	x->intent = intent;
	submit(x);
	return SC_OK;
}

/* ---- merging ---- */

static enum sc_err merge_run(struct store_job *j, struct store_tx *tx)
{
	struct person_work *x = loop_owner(j, struct person_work, job.job);
	enum sc_err err;

	if ((err = keystore_ready(x->pp->ks, tx)) != SC_OK)
		return err;
	return keystore_merge(x->pp->ks, tx, x->handle, x->into, x->slots, &x->n, &x->found);
}

static void on_merged(struct inbox_job *j, enum sc_err err)
{
	struct person_work *x = loop_owner(j, struct person_work, job);

	if (tried_again(x, &err))
		return;
	/* of another handle now, and perhaps not the newest any more */
	people_forget(x->pp, x->slots, x->n, false);
	x->done.found(x->owner, err, x->found);
	free(x);
}

enum sc_err people_merge(struct people *pp, const uint8_t from[static HANDLE_BYTES],
    const uint8_t into[static HANDLE_BYTES], void *owner,
    void (*done)(void *owner, enum sc_err err, bool found))
{
	struct person_work *x;
	enum sc_err err;

	if ((err = work_new(pp, owner, merge_run, on_merged, &x)) != SC_OK)
		return err;
	x->done.found = done;
	memcpy(x->handle, from, HANDLE_BYTES);
	memcpy(x->into, into, HANDLE_BYTES);
	submit(x);
	return SC_OK;
}

/* ---- turning ---- */

static enum sc_err turn_run(struct store_job *j, struct store_tx *tx)
{
	struct person_work *x = loop_owner(j, struct person_work, job.job);
	struct keystore *ks = x->pp->ks;
	enum sc_err err;

	if ((err = keystore_ready(ks, tx)) != SC_OK)
		return err;
	if (x->with != NULL && (err = x->with(x->owner, tx, tree_ring(ks->tree))) != SC_OK)
		return err;
	if (x->ring != NULL)
		tree_set_ring(ks->tree, x->ring);
	tree_turn(ks->tree);
	ks->changed = true;
	return SC_OK;
}

static void on_turned(struct inbox_job *j, enum sc_err err)
{
	struct person_work *x = loop_owner(j, struct person_work, job);

	if (tried_again(x, &err))
		return;
	x->done.turned(x->owner, err);
	free(x);
}

enum sc_err people_turn(struct people *pp, const uint8_t *ring, people_turn_fn *with, void *owner,
    void (*done)(void *owner, enum sc_err err))
{
	struct person_work *x;
	enum sc_err err;

	if ((err = work_new(pp, owner, turn_run, on_turned, &x)) != SC_OK)
		return err;
	x->ring = ring;
	x->with = with;
	x->done.turned = done;
	submit(x);
	return SC_OK;
}
