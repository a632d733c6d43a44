/*
 * subject_keys.c - subjects' keys: handles, wrapping, fetching, erasing.
 */
#include "crypto/keyd/subject_keys.h"

#include "base/bytes.h"
#include "base/weak.h"
#include "crypto/keyd/key_cache.h"
#include "crypto/prim/random.h"

#include <stdlib.h>

#define KEY_BYTES 32
#define WANTS_MAX (2u * 4096 + 8)

struct subject_keys {
	struct store *store;
	struct keyring *kr;
	struct sc_name tenant;
	struct inbox *inbox;
	struct tlog *log;
	struct key_cache *cache;
	struct hmac_key no_salt; /* for HKDF, made once: a key is derived for every request */
	uint64_t count;
	size_t pending;
};

void subject_keys_handle(const struct subject_keys *sk, struct sc_span subject,
    uint8_t out[static SUBJECT_HANDLE])
{
	uint8_t full[HASH_BYTES];
	const struct sc_span parts[] = { SC_LIT("subject\0"), subject };

	hmac_sha256(keyring_handle_key(sk->kr), parts, 2, full);
	memcpy(out, full, SUBJECT_HANDLE);
}

const struct subject_key *subject_keys_by_handle(struct subject_keys *sk,
    const uint8_t handle[static SUBJECT_HANDLE])
{
	return key_cache_by_handle(sk->cache, handle);
}

const struct subject_key *subject_keys_by_id(struct subject_keys *sk, uint64_t id)
{
	return key_cache_by_id(sk->cache, id);
}

uint64_t subject_keys_count(const struct subject_keys *sk)
{
	return sk->count;
}

size_t subject_keys_pending(const struct subject_keys *sk)
{
	return sk->pending;
}

/* ---- wrapping ---- */

#define BINDING_MAX (16 + 1 + SC_NAME_MAX + 16 + SUBJECT_HANDLE)

static size_t binding(const struct subject_keys *sk, const struct subject_key *k,
    uint8_t out[BINDING_MAX])
{
	static const char label[] = "scrim1 subject";
	size_t n = sizeof(label), t = strlen(sk->tenant.s);

	memcpy(out, label, n);
	out[n++] = (uint8_t)t;
	memcpy(out + n, sk->tenant.s, t);
	n += t;
	sc_be64_store(out + n, k->id);
	sc_be64_store(out + n + 8, k->kek);
	memcpy(out + n + 16, k->handle, SUBJECT_HANDLE);
	return n + 16 + SUBJECT_HANDLE;
}

/* A new key for HANDLE, in case there is none. */
static enum sc_err make(struct subject_keys *sk, const uint8_t handle[static SUBJECT_HANDLE],
    struct subject_key *k)
{
	uint8_t key[KEY_BYTES], aad[BINDING_MAX];
	struct sc_span ad;
	enum sc_err err;

	memset(k, 0, sizeof(*k));
	memcpy(k->handle, handle, SUBJECT_HANDLE);
	random_bytes(&k->id, sizeof(k->id));
	k->kek = keyring_subject_kek(sk->kr);
	random_bytes(key, sizeof(key));
	ad = sc_span(aad, binding(sk, k, aad));
	err = siv_seal(keyring_kek(sk->kr, k->kek), &ad, 1, sc_span(key, sizeof(key)), k->wrapped);
	sc_wipe(key, sizeof(key));
	return err;
}

enum sc_err subject_keys_use(struct subject_keys *sk, const struct subject_key *k,
    struct siv_ctx *siv)
{
	struct siv_ctx *kek = keyring_kek(sk->kr, k->kek);
	uint8_t key[KEY_BYTES], wide[SIV_KEY_BYTES], aad[BINDING_MAX];
	const struct sc_span ad = sc_span(aad, binding(sk, k, aad));
	bool ok = false;
	enum sc_err err;

	if (k->gone || kek == NULL)
		return SC_CORRUPT;
	if ((err = siv_open(kek, &ad, 1, sc_span(k->wrapped, SUBJECT_WRAPPED), key, &ok)) != SC_OK)
		goto out;
	if (!ok) {
		err = SC_CORRUPT;
		goto out;
	}
	if ((err = hkdf_sha256_with(&sk->no_salt, sc_span(key, sizeof(key)),
		 sc_span_str("scrim1|seal"), wide, sizeof(wide))) == SC_OK)
		err = siv_set_key(siv, wide);
out:
	sc_wipe(key, sizeof(key));
	sc_wipe(wide, sizeof(wide));
	return err;
}

/* ---- fetching ---- */

struct want {
	struct subject_key key; /* by handle: a candidate, replaced by what stands */
	bool by_handle, made;
};

struct key_fetch {
	struct store_job job;
	struct inbox_item item;
	struct subject_keys *sk;
	void *owner;
	void (*done)(void *owner, enum sc_err err);
	struct want *wants;
	size_t n, cap;
	enum sc_err err;
};

static enum sc_err find(struct store_tx *tx, struct want *w)
{
	struct store_stmt *st = NULL;
	struct sc_span handle, wrapped;
	bool row;
	enum sc_err err;

	if (w->by_handle)
		err = store_prepare(tx,
		    "SELECT id, kek, handle, wrapped FROM subject"
		    " WHERE handle = ?1",
		    &st);
	else
		err = store_prepare(tx,
		    "SELECT id, kek, handle, wrapped FROM subject"
		    " WHERE id = ?1",
		    &st);
	if (err == SC_OK)
		err = w->by_handle ?
		    store_bind_blob(st, 1, sc_span(w->key.handle, SUBJECT_HANDLE)) :
		    store_bind_i64(st, 1, (int64_t)w->key.id);
	if (err != SC_OK || (err = store_step(st, &row)) != SC_OK)
		goto out;
	w->key.gone = !row;
	if (!row)
		goto out;
	w->key.id = (uint64_t)store_i64(st, 0);
	w->key.kek = (uint64_t)store_i64(st, 1);
	handle = store_bytes(st, 2);
	wrapped = store_bytes(st, 3);
	if (handle.n != SUBJECT_HANDLE || wrapped.n != SUBJECT_WRAPPED) {
		err = SC_CORRUPT;
		goto out;
	}
	memcpy(w->key.handle, handle.p, SUBJECT_HANDLE);
	memcpy(w->key.wrapped, wrapped.p, SUBJECT_WRAPPED);
out:
	store_reset(st);
	return err;
}

static enum sc_err insert(struct store_tx *tx, struct want *w)
{
	struct store_stmt *st = NULL;
	bool row;
	enum sc_err err;

	if ((err = store_prepare(tx,
		 "INSERT INTO subject(id, handle, kek, wrapped)"
		 " VALUES(?1, ?2, ?3, ?4) ON CONFLICT(handle) DO NOTHING",
		 &st)) != SC_OK ||
	    (err = store_bind_i64(st, 1, (int64_t)w->key.id)) != SC_OK ||
	    (err = store_bind_blob(st, 2, sc_span(w->key.handle, SUBJECT_HANDLE))) != SC_OK ||
	    (err = store_bind_i64(st, 3, (int64_t)w->key.kek)) != SC_OK ||
	    (err = store_bind_blob(st, 4, sc_span(w->key.wrapped, SUBJECT_WRAPPED))) != SC_OK ||
	    (err = store_step(st, &row)) != SC_OK)
		goto out;
	w->made = store_changes(tx) == 1;
out:
	store_reset(st);
	return err;
}

static enum sc_err fetch_run(struct store_job *j, struct store_tx *tx)
{
	struct key_fetch *f = (struct key_fetch *)(void *)j;
	bool may_make = !tlog_failed(f->sk->log) || WEAK("unlogged-keys");
	enum sc_err err = SC_OK;
	size_t i;

	for (i = 0; i < f->n && err == SC_OK; i++) {
		struct want *w = &f->wants[i];

		if (w->by_handle && may_make)
			err = insert(tx, w);
		if (err == SC_OK && !w->made)
			err = find(tx, w);
		if (err == SC_OK && w->by_handle && w->key.gone)
			err = SC_LIMIT;
	}
	return err;
}

static void fetch_done(struct store_job *j, enum sc_err err)
{
	struct key_fetch *f = (struct key_fetch *)(void *)j;

	f->err = err;
	inbox_put(f->sk->inbox, &f->item);
}

static void fetch_on_loop(struct inbox_item *it)
{
	struct key_fetch *f = loop_owner(it, struct key_fetch, item);
	size_t i;

	f->sk->pending--;
	for (i = 0; i < f->n && f->err == SC_OK; i++) {
		key_cache_put(f->sk->cache, &f->wants[i].key);
		f->sk->count += f->wants[i].made;
	}
	f->done(f->owner, f->err);
	key_fetch_free(f);
}

enum sc_err key_fetch_new(struct subject_keys *sk, struct key_fetch **out)
{
	struct key_fetch *f = calloc(1, sizeof(*f));

	*out = f;
	if (f == NULL)
		return SC_NOMEM;
	f->job.run = fetch_run;
	f->job.done = fetch_done;
	f->item.on_loop = fetch_on_loop;
	f->sk = sk;
	return SC_OK;
}

void key_fetch_free(struct key_fetch *f)
{
	if (f == NULL)
		return;
	if (f->wants != NULL)
		sc_wipe(f->wants, f->cap * sizeof(*f->wants));
	free(f->wants);
	free(f);
}

static enum sc_err add_want(struct key_fetch *f, struct want **out)
{
	size_t cap = f->cap == 0 ? 8 : f->cap * 2;
	struct want *v;

	if (f->n == WANTS_MAX)
		return SC_LIMIT;
	if (f->n == f->cap) {
		if ((v = calloc(cap, sizeof(*v))) == NULL)
			return SC_NOMEM;
		if (f->n > 0) {
			memcpy(v, f->wants, f->n * sizeof(*v));
			sc_wipe(f->wants, f->n * sizeof(*v));
		}
		free(f->wants);
		f->wants = v;
		f->cap = cap;
	}
	*out = &f->wants[f->n++];
	return SC_OK;
}

enum sc_err key_fetch_id(struct key_fetch *f, uint64_t id)
{
	struct want *w;
	enum sc_err err;

	if (f->n > 0 && !f->wants[f->n - 1].by_handle && f->wants[f->n - 1].key.id == id)
		return SC_OK;
	if ((err = add_want(f, &w)) == SC_OK)
		w->key.id = id;
	return err;
}

enum sc_err key_fetch_handle(struct key_fetch *f, const uint8_t handle[static SUBJECT_HANDLE])
{
	struct want *w;
	enum sc_err err;

	if ((err = add_want(f, &w)) != SC_OK)
		return err;
	w->by_handle = true;
	if ((err = make(f->sk, handle, &w->key)) != SC_OK)
		f->n--;
	return err;
}

size_t key_fetch_count(const struct key_fetch *f)
{
	return f->n;
}

void subject_keys_fetch(struct key_fetch *f, void *owner,
    void (*done)(void *owner, enum sc_err err))
{
	f->owner = owner;
	f->done = done;
	f->sk->pending++;
	store_submit(f->sk->store, &f->job);
}

/* ---- erasing ---- */

struct erasure {
	struct store_job job;
	struct inbox_item item;
	struct subject_keys *sk;
	uint8_t handle[SUBJECT_HANDLE];
	void *owner;
	void (*done)(void *owner, enum sc_err err, bool found);
	enum sc_err err;
	bool found;
	uint64_t id;
};

static enum sc_err erase_run(struct store_job *j, struct store_tx *tx)
{
	struct erasure *e = (struct erasure *)(void *)j;
	struct store_stmt *st = NULL;
	bool row = false;
	enum sc_err err;

	if ((err = store_prepare(tx,
		 "DELETE FROM subject WHERE handle = ?1"
		 " RETURNING id",
		 &st)) != SC_OK ||
	    (err = store_bind_blob(st, 1, sc_span(e->handle, SUBJECT_HANDLE))) != SC_OK ||
	    (err = store_step(st, &row)) != SC_OK)
		goto out;
	e->found = row;
	if (row)
		e->id = (uint64_t)store_i64(st, 0);
	while (row && err == SC_OK)
		err = store_step(st, &row);
out:
	store_reset(st);
	return err;
}

static void erase_done(struct store_job *j, enum sc_err err)
{
	struct erasure *e = (struct erasure *)(void *)j;

	e->err = err;
	inbox_put(e->sk->inbox, &e->item);
}

static void erase_on_loop(struct inbox_item *it)
{
	struct erasure *e = loop_owner(it, struct erasure, item);

	e->sk->pending--;
	/* the row may be gone even when wiping its traces failed: never use it again */
	if (e->found)
		key_cache_drop(e->sk->cache, e->id);
	if (e->found && e->err == SC_OK)
		e->sk->count--;
	e->done(e->owner, e->err, e->found);
	free(e);
}

enum sc_err subject_keys_erase(struct subject_keys *sk, const uint8_t handle[static SUBJECT_HANDLE],
    void *owner, void (*done)(void *owner, enum sc_err err, bool found))
{
	struct erasure *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return SC_NOMEM;
	e->job.run = erase_run;
	e->job.done = erase_done;
	/* also when there is no row: an earlier try may have died half-way */
	e->job.erase_traces = true;
	e->item.on_loop = erase_on_loop;
	e->sk = sk;
	memcpy(e->handle, handle, SUBJECT_HANDLE);
	e->owner = owner;
	e->done = done;
	sk->pending++;
	store_submit(sk->store, &e->job);
	return SC_OK;
}

/* ---- life ---- */

struct count_job {
	struct store_job job;
	uint64_t n;
};

static enum sc_err count_run(struct store_job *j, struct store_tx *tx)
{
	struct store_stmt *st = NULL;
	bool row = false;
	enum sc_err err;

	if ((err = store_prepare(tx, "SELECT count(*) FROM subject", &st)) == SC_OK &&
	    (err = store_step(st, &row)) == SC_OK && row)
		((struct count_job *)(void *)j)->n = (uint64_t)store_i64(st, 0);
	store_reset(st);
	return err;
}

enum sc_err subject_keys_new(struct store *s, struct keyring *kr, const struct sc_name *tenant,
    struct inbox *inbox, struct tlog *log, struct subject_keys **out)
{
	struct count_job c = { .job = { .run = count_run } };
	struct subject_keys *sk;
	enum sc_err err;

	*out = NULL;
	if ((sk = calloc(1, sizeof(*sk))) == NULL)
		return SC_NOMEM;
	sk->store = s;
	sk->kr = kr;
	sk->tenant = *tenant;
	sk->inbox = inbox;
	sk->log = log;
	hmac_key_init(&sk->no_salt, NULL, 0);
	if ((err = key_cache_new(SUBJECT_CACHE, &sk->cache)) != SC_OK ||
	    (err = store_run(s, &c.job)) != SC_OK)
		goto out;
	sk->count = c.n;
	*out = sk;
	sk = NULL;
out:
	subject_keys_free(sk);
	return err;
}

void subject_keys_free(struct subject_keys *sk)
{
	if (sk == NULL)
		return;
	key_cache_free(sk->cache);
	free(sk);
}
