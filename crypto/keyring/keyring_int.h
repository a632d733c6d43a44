/*
 * keyring_int.h - the inside of the keyring, shared by the files that make it up:
 *
 *	keyring.c     opening it, and asking it
 *	key_wrap.c    what a wrapped key is bound to, and what is derived of one
 *	key_class.c   the versions of classes' keys
 *	key_year.c    the keys of years
 *	key_rows.c    its rows in the store
 *	key_change.c  rotating and destroying
 *	key_uses.c    what still uses each
 */
#ifndef CRYPTO_KEYRING_KEYRING_INT_H
#define CRYPTO_KEYRING_KEYRING_INT_H

#include "crypto/keyring/key_rows.h"
#include "crypto/keyring/key_year.h"
#include "crypto/keyring/keyring.h"
#include "crypto/prim/secret.h"
#include "crypto/prim/sign.h"
#include "crypto/rows/inbox.h"

#define SIGNERS_MAX 4
#define KEKS_MAX 64
#define KEY_YEAR_TIER TIER_T0 /* whose KEK wraps them: a handle is no value */

enum key_kind {
	KIND_KEK = 1,
	KIND_CLASS,
	KIND_LOG,
	KIND_HANDLE,
	KIND_ANALYTICS,
	KIND_DATASET,
	KIND_SLOT,
	KIND_YEAR,
	KIND_END
};

struct kek {
	uint64_t id, since_ms;
	uint8_t tier, epoch;
	enum key_state state;
	struct siv_ctx *siv; /* the loop thread's */
};

/* What was counted of a class key, and what of that the store has not been told. */
struct key_use {
	struct key_use_counts all, told, now; /* now: by the request in work ... */
	struct key_use *next;                 /* ... with others that it uses */
	bool in_use;
};

struct keyring {
	struct store *store;
	struct sc_name tenant;
	struct siv_ctx *ring; /* until all is open */
	struct kek keks[KEKS_MAX];
	size_t n_keks;
	struct class_key **classes; /* by id; each in the vault */
	size_t n_classes, room;
	struct class_key *newest[CLASS_MAX + 1]; /* in whatever state */
	struct mac_key {
		struct hmac_key key;
		bool there;
	} macs[KIND_END];                  /* of the kinds that are HMAC keys: see mac_kinds */
	struct hmac_key alias;             /* of the handles' */
	struct year_key *years[KEY_YEARS]; /* from KEY_YEAR_FIRST on; each in the vault */
	uint8_t slots[KEY_BYTES];
	bool has_slots;
	struct sign_public log_public;
	struct sc_secret *log_key; /* struct sign_secret; each signer has its copy */
	struct sc_secret *signers[SIGNERS_MAX];
	size_t n_signers;
	bool changing;          /* a struct key_change is under way */
	struct key_use *in_use; /* by the request in work */
	struct key_uses *uses;  /* NULL: nobody counts */
};

/* ---- key_wrap.c ---- */

/* A context under HKDF(KEY, LABEL). */
SC_CHECKED enum sc_err key_siv_new(const uint8_t key[static KEY_BYTES], const char *label,
    struct siv_ctx **out);
/* R's key under KEK, and back, bound to what else R says. SC_AUTH: it does not open, or was bound
 * to something else; KEK may be NULL: SC_BUG, and back SC_CORRUPT. */
SC_CHECKED enum sc_err key_row_wrap(const struct keyring *kr, struct siv_ctx *kek,
    struct key_row *r, const uint8_t key[static KEY_BYTES]);
SC_CHECKED enum sc_err key_row_unwrap(const struct keyring *kr, struct siv_ctx *kek,
    const struct key_row *r, uint8_t key[static KEY_BYTES]);

/* ---- key_class.c ---- */

/* The working form of R, whose key is KEY (NULL: it may not be used). */
SC_CHECKED enum sc_err key_class_new(const struct key_row *r, const uint8_t *key,
    struct class_key **out);
void key_class_free(struct class_key *c); /* NULL is fine */
/* Make room for N more, so that key_class_put() cannot fail. */
SC_CHECKED enum sc_err key_class_room(struct keyring *kr, size_t n);
/* C is the keyring's from now on, among the versions of its class. */
void key_class_put(struct keyring *kr, struct class_key *c);
/* Nothing is done with C's key any more. */
void key_class_forget(struct class_key *c);

/* ---- key_year.c ---- */

/* The working form of R, whose key is KEY (NULL: it is destroyed), is KR's. */
SC_CHECKED enum sc_err key_year_add(struct keyring *kr, const struct key_row *r,
    const uint8_t *key);
void key_year_free(struct year_key *y); /* NULL is fine */
/* Nothing is named by Y any more. */
void key_year_forget(struct year_key *y);

/* ---- keyring.c ---- */

/* Does a KEK wrap R's key? Else the ring key does. */
static inline bool key_row_under_kek(const struct key_row *r)
{
	return r->kind == KIND_CLASS || r->kind == KIND_YEAR;
}

/* The KEK in use for TIER, or NULL. */
struct kek *keyring_kek_of_tier(struct keyring *kr, uint8_t tier);

#endif
