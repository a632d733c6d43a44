/*
 * subject_keys.h - a random key for each person, kept wrapped; deleting its
 * row erases the person in every copy of the data.
 *
 * A subject is known by a handle, HMAC-SHA256 of its name cut to 16 bytes.
 * Rows are cached still wrapped, and unwrapped on use only. What is not
 * cached is fetched by the store's thread while the request waits its turn.
 */
#ifndef CRYPTO_KEYSTORE_SUBJECT_KEYS_H
#define CRYPTO_KEYSTORE_SUBJECT_KEYS_H

#include "crypto/keystore/inbox.h"
#include "crypto/keystore/keyring.h"
#include "crypto/tlog/writer.h"

/* people.h has the same words; this file goes when keyd uses that */
#define key_fetch_new subject_fetch_new
#define key_fetch_free subject_fetch_free
#define key_fetch_id subject_fetch_id
#define key_fetch_handle subject_fetch_handle

#define SUBJECT_CACHE 65536 /* rows; more than two frames can ask for */

struct subject_keys;

struct subject_key {
	uint64_t id;
	uint64_t kek;
	uint8_t handle[HANDLE_BYTES];
	uint8_t wrapped[KEY_WRAPPED];
	bool gone; /* there is no such key (any more): only id is set */
};

/* All are borrowed. While LOG has failed no key is made: nothing would tell of it. */
SC_CHECKED enum sc_err subject_keys_new(struct keyring *kr, struct inbox *inbox, struct tlog *log,
    struct subject_keys **out);
void subject_keys_free(struct subject_keys *sk); /* NULL is fine */

void subject_keys_handle(const struct subject_keys *sk, struct sc_span subject,
    uint8_t out[static HANDLE_BYTES]);

/* From the cache only; NULL: fetch it. Valid until the next fetch is delivered. */
const struct subject_key *subject_keys_by_handle(struct subject_keys *sk,
    const uint8_t handle[static HANDLE_BYTES]);
const struct subject_key *subject_keys_by_id(struct subject_keys *sk, uint64_t id);

/* Put K, unwrapped, into SIV. Fails with SC_CORRUPT when it does not unwrap. */
SC_CHECKED enum sc_err subject_keys_use(struct subject_keys *sk, const struct subject_key *k,
    struct siv_ctx *siv);

/*
 * A fetch: the keys of ids, and of handles, for which a key is made when
 * there is none. After the commit done() is called on the loop's thread, with
 * everything in the cache; SC_LIMIT: a key would have to be made, and the log
 * has failed.
 */
struct key_fetch;
SC_CHECKED enum sc_err key_fetch_new(struct subject_keys *sk, struct key_fetch **out);
void key_fetch_free(struct key_fetch *f); /* before subject_keys_fetch() only; NULL is fine */
SC_CHECKED enum sc_err key_fetch_id(struct key_fetch *f, uint64_t id);
SC_CHECKED enum sc_err key_fetch_handle(struct key_fetch *f,
    const uint8_t handle[static HANDLE_BYTES]);
/* Off it goes; it frees itself after done(). */
void subject_keys_fetch(struct key_fetch *f, void *owner,
    void (*done)(void *owner, enum sc_err err));

/* Destroy a subject's key: done() when nothing of it is left in the files. */
SC_CHECKED enum sc_err subject_keys_erase(struct subject_keys *sk,
    const uint8_t handle[static HANDLE_BYTES], void *owner,
    void (*done)(void *owner, enum sc_err err, bool found));

/* How many subjects have a key. */
uint64_t subject_keys_count(const struct subject_keys *sk);
/* Fetches and erasures under way. */
size_t subject_keys_pending(const struct subject_keys *sk);

#endif
