/*
 * subject_keys.c - subjects' keys: handles, wrapping, fetching, erasing.
 */
#include "crypto/keystore/subject_keys.h"

#include "base/bytes.h"
#include "base/grow.h"
#include "base/weak.h"
#include "crypto/keystore/key_cache.h"
#include "crypto/keystore/tables.h"
#include "crypto/prim/random.h"

#include <stdlib.h>
#include <string.h>

#define WANTS_MAX (2u * 4096 + 8)

struct subject_keys {
	struct keyring *kr;
	struct inbox *inbox;
	struct tlog *log;
	struct key_cache *cache;
	struct hmac_key no_salt; /* for HKDF, made once: a key is derived for every request */
	uint64_t count;
	size_t pending;
};

void subject_keys_handle(const struct subject_keys *sk, struct sc_span subject,
    uint8_t out[static HANDLE_BYTES])
{
	uint8_t full[HASH_BYTES];
	const struct sc_span parts[] = { SC_LIT("subject\0"), subject };

	hmac_sha256(keyring_handle_key(sk->kr), parts, 2, full);
	memcpy(out, full, HANDLE_BYTES);
}

const struct subject_key *subject_keys_by_handle(struct subject_keys *sk,
    const uint8_t handle[static HANDLE_BYTES])
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

static struct key_binding binding_of(const struct subject_key *k)
{
	return (struct key_binding){ "scrim1 subject", k->id, k->kek,
		sc_span(k->handle, HANDLE_BYTES) };
}

/* A new key for HANDLE, in case there is none. */
static enum sc_err make(struct subject_keys *sk, const uint8_t handle[static HANDLE_BYTES],
    struct subject_key *k)
{
	uint8_t key[KEY_BYTES];
	struct key_binding b;
	enum sc_err err;

	memset(k, 0, sizeof(*k));
	memcpy(k->handle, handle, HANDLE_BYTES);
	random_bytes(&k->id, sizeof(k->id));
	k->kek = keyring_subject_kek(sk->kr);
	random_bytes(key, sizeof(key));
	b = binding_of(k);
	err = keyring_wrap(sk->kr, keyring_kek(sk->kr, k->kek), &b, key, k->wrapped);
	sc_wipe(key, sizeof(key));
	return err;
}

enum sc_err subject_keys_use(struct subject_keys *sk, const struct subject_key *k,
    struct siv_ctx *siv)
{
	const struct key_binding b = binding_of(k);
	uint8_t key[KEY_BYTES], wide[SIV_KEY_BYTES];
	enum sc_err err;

	if (k->gone)
		return SC_CORRUPT;
	if ((err = keyring_unwrap(sk->kr, keyring_kek(sk->kr, k->kek), &b, k->wrapped, key)) !=
	    SC_OK) {
		err = err == SC_AUTH ? SC_CORRUPT : err;
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
	struct inbox_job job;
	struct subject_keys *sk;
	void *owner;
	void (*done)(void *owner, enum sc_err err);
	struct want *wants;
	size_t n, cap;
};

static bool bind_new(void *arg, size_t i, struct store_value *v)
{
	const struct want *w = &((struct key_fetch *)arg)->wants[i];

	v[0] = store_number(w->key.id);
	v[1] = store_blob(w->key.handle, HANDLE_BYTES);
	v[2] = store_number(w->key.kek);
	v[3] = store_blob(w->key.wrapped, KEY_WRAPPED);
	return w->by_handle;
}

static enum sc_err take_new(void *arg, size_t i, const struct store_value *v)
{
	(void)v;
	((struct key_fetch *)arg)->wants[i].made = true;
	return SC_OK;
}

/* What was not just made is gone until its row has come. */
static bool bind_handle(void *arg, size_t i, struct store_value *v)
{
	struct want *w = &((struct key_fetch *)arg)->wants[i];

	if (!w->by_handle || w->made)
		return false;
	w->key.gone = true;
	v[0] = store_blob(w->key.handle, HANDLE_BYTES);
	return true;
}

static bool bind_id(void *arg, size_t i, struct store_value *v)
{
	struct want *w = &((struct key_fetch *)arg)->wants[i];

	if (w->by_handle)
		return false;
	w->key.gone = true;
	v[0] = store_number(w->key.id);
	return true;
}

static enum sc_err take_row(void *arg, size_t i, const struct store_value *v)
{
	struct subject_key *k = &((struct key_fetch *)arg)->wants[i].key;

	if (v[2].bytes.n != HANDLE_BYTES || v[3].bytes.n != KEY_WRAPPED)
		return SC_CORRUPT;
	k->id = (uint64_t)v[0].number;
	k->kek = (uint64_t)v[1].number;
	memcpy(k->handle, v[2].bytes.p, HANDLE_BYTES);
	memcpy(k->wrapped, v[3].bytes.p, KEY_WRAPPED);
	k->gone = false;
	return SC_OK;
}

/* Three trips to the store at most, whatever the number of people. */
static enum sc_err fetch_run(struct store_job *j, struct store_tx *tx)
{
	struct key_fetch *f = loop_owner(j, struct key_fetch, job.job);
	const struct store_batch add = { SUBJECT_ADD, f->n, bind_new, take_new, f },
				 by_handle = { SUBJECT_BY_HANDLE, f->n, bind_handle, take_row, f },
				 by_id = { SUBJECT_BY_ID, f->n, bind_id, take_row, f };
	bool may_make = !tlog_failed(f->sk->log) || WEAK("unlogged-keys");
	enum sc_err err;

	if ((may_make && (err = store_ask(tx, &add)) != SC_OK) ||
	    (err = store_ask(tx, &by_handle)) != SC_OK || (err = store_ask(tx, &by_id)) != SC_OK)
		return err;
	for (size_t i = 0; i < f->n; i++)
		if (f->wants[i].by_handle && f->wants[i].key.gone)
			return SC_LIMIT;
	return SC_OK;
}

static void on_fetched(struct inbox_job *j, enum sc_err err)
{
	struct key_fetch *f = loop_owner(j, struct key_fetch, job);

	f->sk->pending--;
	for (size_t i = 0; i < f->n && err == SC_OK; i++) {
		key_cache_put(f->sk->cache, &f->wants[i].key);
		f->sk->count += f->wants[i].made;
	}
	f->done(f->owner, err);
	key_fetch_free(f);
}

enum sc_err key_fetch_new(struct subject_keys *sk, struct key_fetch **out)
{
	struct key_fetch *f = calloc(1, sizeof(*f));

	*out = f;
	if (f == NULL)
		return SC_NOMEM;
	f->job.job.run = fetch_run;
	f->job.on_loop = on_fetched;
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
	size_t cap = sc_grown(f->cap);
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

enum sc_err key_fetch_handle(struct key_fetch *f, const uint8_t handle[static HANDLE_BYTES])
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

void subject_keys_fetch(struct key_fetch *f, void *owner,
    void (*done)(void *owner, enum sc_err err))
{
	f->owner = owner;
	f->done = done;
	f->sk->pending++;
	inbox_submit(f->sk->inbox, &f->job);
}

/* ---- erasing ---- */

struct erasure {
	struct inbox_job job;
	struct subject_keys *sk;
	uint8_t handle[HANDLE_BYTES];
	void *owner;
	void (*done)(void *owner, enum sc_err err, bool found);
	bool found;
	uint64_t id;
};

static bool bind_erased(void *arg, size_t i, struct store_value *v)
{
	(void)i;
	v[0] = store_blob(((struct erasure *)arg)->handle, HANDLE_BYTES);
	return true;
}

static enum sc_err take_erased(void *arg, size_t i, const struct store_value *v)
{
	struct erasure *e = arg;

	(void)i;
	e->found = true;
	e->id = (uint64_t)v[0].number;
	return SC_OK;
}

static void on_erased(struct inbox_job *j, enum sc_err err)
{
	struct erasure *e = loop_owner(j, struct erasure, job);

	e->sk->pending--;
	/* the row may be gone even when wiping its traces failed: never use it again */
	if (e->found)
		key_cache_drop(e->sk->cache, e->id);
	if (e->found && err == SC_OK)
		e->sk->count--;
	e->done(e->owner, err, e->found);
	free(e);
}

enum sc_err subject_keys_erase(struct subject_keys *sk, const uint8_t handle[static HANDLE_BYTES],
    void *owner, void (*done)(void *owner, enum sc_err err, bool found))
{
	struct erasure *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return SC_NOMEM;
	e->job.job.ask = (struct store_batch){ SUBJECT_ERASE, 1, bind_erased, take_erased, e };
	/* also when there is no row: an earlier try may have died half-way */
	e->job.job.erase_traces = true;
	e->job.on_loop = on_erased;
	e->sk = sk;
	memcpy(e->handle, handle, HANDLE_BYTES);
	e->owner = owner;
	e->done = done;
	sk->pending++;
	inbox_submit(sk->inbox, &e->job);
	return SC_OK;
}

/* ---- life ---- */

static enum sc_err take_count(void *arg, size_t i, const struct store_value *v)
{
	(void)i;
	*(uint64_t *)arg = (uint64_t)v[0].number;
	return SC_OK;
}

enum sc_err subject_keys_new(struct keyring *kr, struct inbox *inbox, struct tlog *log,
    struct subject_keys **out)
{
	struct subject_keys *sk = calloc(1, sizeof(*sk));
	struct store_job count = { .ask = { SUBJECT_COUNT, 1, NULL, take_count, &sk->count } };
	enum sc_err err;

	*out = NULL;
	if (sk == NULL)
		return SC_NOMEM;
	sk->kr = kr;
	sk->inbox = inbox;
	sk->log = log;
	hmac_key_init(&sk->no_salt, NULL, 0);
	if ((err = key_cache_new(SUBJECT_CACHE, &sk->cache)) != SC_OK ||
	    (err = store_run(inbox->store, &count)) != SC_OK)
		goto out;
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
