/*
 * people_fetch.c - a batch of keys, found or made, in four trips to the store whatever the
 * number of people: whose slots, new rows, weeks. Boxes that are not open are read beside.
 *
 *	loop	key_fetch_id(), key_fetch_handle(), key_fetch_order() > people_fetch()
 *	store	(whose an order is) > find > give > look > weeks > (it is kept) > (nothing fails any
 *		more) put
 *	loop	deliver > done()
 */
#include "crypto/keystore/people_fetch_int.h"

#include "base/grow.h"
#include "base/weak.h"
#include "crypto/prim/random.h"
#include "crypto/prim/vault.h"
#include "crypto/rows/tables.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* ---- finding ---- */

static bool bind_find(void *arg, size_t i, struct store_value *v)
{
	const struct want *w = &((struct key_fetch *)arg)->wants[i];

	v[0] = store_blob(w->key.handle, HANDLE_BYTES);
	return w->by_handle && !w->found && !w->made;
}

/* The first row is the newest. Nobody is sealed for under a key that leaves: there will be another. */
static enum sc_err take_find(void *arg, size_t i, const struct store_value *v)
{
	struct key_fetch *f = arg;
	struct want *w = &f->wants[i];

	if (people_is_leaving(f->pp, (uint64_t)v[0].number)) {
		if (v[1].number >= w->seq)
			w->seq = v[1].number + 1;
		return SC_OK;
	}
	if (!w->found)
		w->key.slot = (uint64_t)v[0].number;
	w->found = true;
	return SC_OK;
}

static enum sc_err find(struct key_fetch *f, struct store_tx *tx)
{
	const struct store_batch b = { PERSON_FIND, f->n, bind_find, take_find, f };

	return store_ask(tx, &b);
}

/* ---- giving slots ---- */

static bool bind_give(void *arg, size_t i, struct store_value *v)
{
	const struct want *w = &((struct key_fetch *)arg)->wants[i];

	v[0] = store_blob(w->key.handle, HANDLE_BYTES);
	v[1] = store_number((uint64_t)w->seq);
	v[2] = store_number(w->key.slot);
	return w->by_handle && !w->found;
}

/* The row that stands: this want's, or that of another of the same handle. */
static enum sc_err take_given(void *arg, size_t i, const struct store_value *v)
{
	struct key_fetch *f = arg;
	struct want *w = &f->wants[i];

	if (people_is_leaving(f->pp, (uint64_t)v[0].number))
		return SC_OK;
	w->made = w->key.slot == (uint64_t)v[0].number;
	w->found = !w->made;
	w->key.slot = (uint64_t)v[0].number;
	f->n_made += w->made;
	f->n_people += w->made && w->seq == 0;
	return SC_OK;
}

/*
 * Whoever has no slot gets one. Two wants of one handle get two, of which the row takes
 * the first; the other stays empty.
 */
static enum sc_err give(struct key_fetch *f, struct store_tx *tx)
{
	struct people *pp = f->pp;
	const struct tree_rows rows = store_rows_boxes(tx);
	const struct store_batch add = { PERSON_ADD, f->n, bind_give, NULL, f };
	const struct store_batch given = { PERSON_FIND, f->n, bind_find, take_given, f };
	enum sc_err err;

	f->first = pp->ks->now.high;
	for (size_t i = 0; i < f->n; i++)
		if (f->wants[i].by_handle && !f->wants[i].found)
			f->wants[i].key.slot = f->first + f->n_new++;
	if (f->n_new == 0)
		return SC_OK;
	if ((err = people_may_give(pp, f->n_new)) != SC_OK ||
	    (err = store_ask(tx, &add)) != SC_OK || (err = store_ask(tx, &given)) != SC_OK)
		return err;
	for (size_t i = 0; i < f->n; i++)
		if (f->wants[i].made &&
		    (err = tree_reach(pp->ks->tree, &rows, f->wants[i].key.slot)) != SC_OK)
			return err;
	return SC_OK;
}

/* ---- looking ---- */

static enum sc_err wrap(struct people *pp, struct person_key *k,
    const uint8_t secret[TREE_SECRET_BYTES])
{
	uint8_t aad[8 + HANDLE_BYTES];
	const struct sc_span ad = person_bound(k, aad);

	return siv_seal(pp->below.wrap, &ad, 1, sc_span(secret, KEY_BYTES), k->wrapped);
}

/* A row that leads to nobody, or to somebody else, is damage; an id that does leads to nobody. */
static enum person_state state_of(const struct want *w, const struct tree_person *p, bool gone)
{
	if (!w->by_handle)
		return gone ? PERSON_GONE : PERSON_LIVE;
	return gone || memcmp(p->handle, w->key.handle, HANDLE_BYTES) != 0 ? PERSON_BROKEN :
									     PERSON_LIVE;
}

static enum sc_err look_one(struct key_fetch *f, const struct tree_rows *rows, struct want *w)
{
	struct keystore *ks = f->pp->ks;
	struct person_key *k = &w->key;
	struct tree_person p;
	bool gone = false;
	enum sc_err err;

	if (k->slot >= ks->now.high || keystore_is_lost(ks, k->slot)) {
		k->state = w->by_handle ? PERSON_BROKEN : PERSON_UNKNOWN;
		return SC_OK;
	}
	err = tree_look(ks->tree, rows, k->slot, &p, &gone);
	if (err == SC_CORRUPT) {
		k->state = PERSON_BROKEN;
		return SC_OK;
	}
	if (err == SC_OK && (k->state = state_of(w, &p, gone)) == PERSON_LIVE &&
	    people_is_leaving(f->pp, k->slot))
		k->state = PERSON_GONE;
	if (err == SC_OK && k->state == PERSON_LIVE) {
		memcpy(k->handle, p.handle, HANDLE_BYTES);
		err = wrap(f->pp, k, p.secret);
	}
	sc_wipe(&p, sizeof(p));
	return err;
}

static enum sc_err look(struct key_fetch *f, struct store_tx *tx)
{
	const struct tree_rows rows = store_rows_boxes(tx);
	enum sc_err err;

	for (size_t i = 0; i < f->n; i++) {
		struct want *w = &f->wants[i];

		if (w->by_handle &&
		    (err = slot_id_of(f->pp->below.ids, w->key.slot, &w->key.id)) != SC_OK)
			return err;
		if (!fetch_made_here(f, w) && (err = look_one(f, &rows, w)) != SC_OK)
			return err;
	}
	return SC_OK;
}

/* ---- weeks ---- */

static bool bind_week(void *arg, size_t i, struct store_value *v)
{
	const struct want *w = &((struct key_fetch *)arg)->wants[i];

	v[0] = store_number(w->key.slot);
	return !w->made && w->key.state == PERSON_LIVE;
}

static enum sc_err take_week(void *arg, size_t i, const struct store_value *v)
{
	struct person_key *k = &((struct key_fetch *)arg)->wants[i].key;

	k->week = (uint32_t)v[0].number;
	k->returns = v[1].number != 0;
	return SC_OK;
}

static bool bind_new_week(void *arg, size_t i, struct store_value *v)
{
	const struct key_fetch *f = arg;

	v[0] = store_number(f->wants[i].key.slot);
	v[1] = store_number(f->week);
	return f->wants[i].made;
}

/* Whose key is made, for them something is sealed at once: their row comes with them. */
static enum sc_err weeks(struct key_fetch *f, struct store_tx *tx)
{
	const struct store_batch read = { WEEK_FIND, f->n, bind_week, take_week, f },
				 add = { WEEK_KEEP, f->n, bind_new_week, NULL, f };
	enum sc_err err;

	f->week = people_week_believed(f->pp);
	f->renewals = f->pp->renewals;
	if ((err = store_ask(tx, &read)) != SC_OK)
		return err;
	return f->n_made == 0 ? SC_OK : store_ask(tx, &add);
}

/* ---- making ---- */

static enum sc_err make_one(struct people *pp, struct want *w,
    const uint8_t secret[static TREE_SECRET_BYTES])
{
	w->key.state = PERSON_LIVE;
	return wrap(pp, &w->key, secret);
}

/* From here on nothing fails: all keys at once into the tree. */
static void put_all(struct key_fetch *f, const uint8_t (*secrets)[TREE_SECRET_BYTES])
{
	struct keystore *ks = f->pp->ks;
	struct tree_person p;
	size_t k = 0;

	for (size_t i = 0; i < f->n; i++) {
		struct want *w = &f->wants[i];

		if (!w->made)
			continue;
		w->key.week = f->week;
		memcpy(p.handle, w->key.handle, HANDLE_BYTES);
		memcpy(p.secret, secrets[k++], TREE_SECRET_BYTES);
		tree_put(ks->tree, w->key.slot, &p);
	}
	sc_wipe(&p, sizeof(p));
	ks->now.high += f->n_new;
	ks->now.people += f->n_people;
	ks->changed = true;
}

/* What the second want of a handle gets: the first's key. */
static enum sc_err copy_made(struct key_fetch *f)
{
	for (size_t i = 0; i < f->n; i++) {
		struct want *w = &f->wants[i];
		size_t k = 0;

		if (w->made || !fetch_made_here(f, w))
			continue;
		while (k < f->n && !(f->wants[k].made && f->wants[k].key.slot == w->key.slot))
			k++;
		if (k == f->n)
			return SC_CORRUPT; /* a row past what was given out */
		w->key = f->wants[k].key;
	}
	return SC_OK;
}

static enum sc_err make(struct key_fetch *f)
{
	uint8_t(*secrets)[TREE_SECRET_BYTES];
	enum sc_err err = SC_OK;
	size_t k = 0;

	if (f->n_new == 0)
		return SC_OK;
	if ((secrets = vault_alloc((f->n_made + 1) * sizeof(*secrets))) == NULL)
		return SC_NOMEM;
	random_bytes(secrets, f->n_made * sizeof(*secrets));
	for (size_t i = 0; i < f->n && err == SC_OK; i++)
		if (f->wants[i].made)
			err = make_one(f->pp, &f->wants[i], secrets[k++]);
	if (err == SC_OK && (err = copy_made(f)) == SC_OK)
		put_all(f, (const uint8_t(*)[TREE_SECRET_BYTES])secrets);
	vault_free(secrets);
	return err;
}

static enum sc_err fetch_run(struct store_job *j, struct store_tx *tx)
{
	struct key_fetch *f = loop_owner(j, struct key_fetch, job.job);
	enum sc_err err;

	/* it may have been tried in a group that was full */
	f->n = f->n_asked;
	f->n_new = f->n_made = f->n_people = 0;
	for (size_t i = 0; i < f->n; i++) {
		f->wants[i].found = f->wants[i].made = false;
		f->wants[i].key.week = 0;
		f->wants[i].seq = 0;
		f->wants[i].key.returns = false;
	}
	if ((err = keystore_ready(f->pp->ks, tx)) != SC_OK ||
	    (f->order != NULL && (err = fetch_order_find(f, tx)) != SC_OK) ||
	    (err = find(f, tx)) != SC_OK || (err = give(f, tx)) != SC_OK ||
	    (err = look(f, tx)) != SC_OK || (err = weeks(f, tx)) != SC_OK ||
	    (f->order != NULL && (err = fetch_order_keep(f, tx)) != SC_OK))
		return err;
	return make(f);
}

/* ---- delivering ---- */

/* What is neither alive nor gone is told to those who wait, and not remembered. */
static void deliver_odd(struct people *pp, const struct want *w)
{
	size_t cap = pp->n_odd + 16;
	struct person_key *v;

	pthread_mutex_lock(&pp->lock);
	pp->counts.unknown += w->key.state == PERSON_UNKNOWN;
	pp->counts.broken += w->key.state == PERSON_BROKEN;
	pthread_mutex_unlock(&pp->lock);
	if (pp->n_odd % 16 == 0) {
		if ((v = realloc(pp->odd, cap * sizeof(*v))) == NULL)
			return; /* they ask again, and give up */
		pp->odd = v;
	}
	pp->odd[pp->n_odd++] = w->key;
}

static void deliver(struct key_fetch *f)
{
	struct people *pp = f->pp;

	pp->n_odd = pp->odd_at = 0;
	for (size_t i = 0; i < f->n; i++) {
		struct want *w = &f->wants[i];

		/* read before their turn came, and heard of behind it: it is looked for again */
		if (w->key.returns && f->renewals < pp->renewals_known)
			continue;
		w->key.newest = w->by_handle;
		if (w->key.state == PERSON_LIVE)
			people_name(pp, &w->key);
		if (w->key.state == PERSON_LIVE || w->key.state == PERSON_GONE)
			person_cache_put(pp->cache, &w->key);
		else
			deliver_odd(pp, w);
	}
}

static void on_fetched(struct inbox_job *j, enum sc_err err)
{
	struct key_fetch *f = loop_owner(j, struct key_fetch, job);
	struct people *pp = f->pp;

	if (err == SC_AGAIN && f->tries++ < PEOPLE_TRIES) {
		inbox_submit(pp->inbox, &f->job);
		return;
	}
	pp->pending--;
	if (err == SC_OK)
		deliver(f);
	people_worked(pp);
	f->done(f->owner, err == SC_AGAIN ? SC_LIMIT : err);
	key_fetch_free(f);
}

/* ---- asking ---- */

enum sc_err key_fetch_new(struct people *pp, struct key_fetch **out)
{
	struct key_fetch *f = calloc(1, sizeof(*f));

	*out = f;
	if (f == NULL)
		return SC_NOMEM;
	f->job.job.run = fetch_run;
	f->job.on_loop = on_fetched;
	f->pp = pp;
	return SC_OK;
}

void key_fetch_free(struct key_fetch *f)
{
	if (f == NULL)
		return;
	free(f->wants);
	free(f);
}

enum sc_err key_fetch_id(struct key_fetch *f, uint64_t id)
{
	const struct want *last = f->n == 0 ? NULL : &f->wants[f->n - 1];
	struct want *w;
	uint64_t slot;
	bool ok;
	enum sc_err err;

	if (last != NULL && !last->by_handle && last->key.id == id)
		return SC_OK;
	/* people_by_id() knows of one that is no slot's */
	if ((err = slot_id_slot(f->pp->loop.ids, id, &slot, &ok)) != SC_OK || !ok ||
	    (err = fetch_want(f, &w)) != SC_OK)
		return err;
	w->key.id = id;
	w->key.slot = slot;
	return SC_OK;
}

enum sc_err key_fetch_handle(struct key_fetch *f, const uint8_t handle[static HANDLE_BYTES])
{
	struct want *w;
	enum sc_err err;

	if ((err = fetch_want(f, &w)) != SC_OK)
		return err;
	w->by_handle = true;
	memcpy(w->key.handle, handle, HANDLE_BYTES);
	return SC_OK;
}

void people_fetch(struct key_fetch *f, void *owner, void (*done)(void *owner, enum sc_err err))
{
	f->owner = owner;
	f->done = done;
	f->n_asked = f->n;
	f->pp->pending++;
	inbox_submit(f->pp->inbox, &f->job);
}
