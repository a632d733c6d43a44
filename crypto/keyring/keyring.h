/*
 * keyring.h - KEKs, class keys, the keys of handles and of analytics, the log key.
 *
 *	ring key --+-- KEK of a tier ------ class keys of that tier -- HKDF: seal, index
 *	           |	              T0 -- keys of years (HMAC of handles, for records: key_year.h)
 *	           +-- handle key (HMAC of subjects), log key (Ed25519 seed)
 *	           +-- analytics' index key (HMAC of identifiers), dataset key (HMAC of that)
 *	           +-- slot key (people's slots as key ids: slot_id.h)
 *
 * The ring key stands in the top box of the tree of keys (tree.h), under the epoch's: what
 * lies in the store by itself opens nothing.
 *
 * Every key is random and stands in the store wrapped with AES-SIV, bound to
 * its own id, kind, tenant, class, tier, epoch and parent, so that no row can
 * stand in for another.
 */
#ifndef CRYPTO_KEYRING_KEYRING_H
#define CRYPTO_KEYRING_KEYRING_H

#include "base/store/store.h"
#include "crypto/prim/hash.h"
#include "crypto/prim/siv.h"
#include "crypto/tlog/note.h"
#include "policy/decide/decide.h"

#define KEY_BYTES 32
#define KEY_WRAPPED (SIV_BYTES + KEY_BYTES)

enum key_state {
	KEY_ACTIVE = 1, /* 0 is no state */
	KEY_DECRYPT_ONLY,
	KEY_DISABLED,
	KEY_DESTROYED,
	KEY_STATE_COUNT
};

#define KEY_VERSIONS 32 /* of a class, ever: one Crockford digit each */

struct keyring;

/* What a key was used for since it was made. */
struct key_use_counts {
	uint64_t sealed, opened; /* values; what was indexed counts as sealed */
	uint32_t last_opened;    /* the day, since 1970; 0: never */
};
struct key_use;

/* A version of a class's key. */
struct class_key {
	uint64_t id, since_ms;
	uint8_t class_id, tier;
	char epoch; /* the version: a Crockford digit, 'a' for the first, '9' for the last */
	enum key_state state;
	struct siv_ctx *seal; /* the loop thread's; NULL: it is not to be used, or destroyed */
	struct hmac_key index;
	struct class_key *older; /* the version before it */
	struct key_use *use;     /* keyring_sealed(), keyring_opened() */
};

/* Which a version is, from 0, or -1 for what is none; and back. */
int key_version_number(char version);
char key_version_letter(int number);

/*
 * Load the keyring that RING opens, which is not kept. With INIT, make what is missing: KEKs,
 * log key, slot key, the HMAC keys, this year's and the next's. Fails with SC_AUTH when RING does
 * not open it or not all of it is there, SC_CORRUPT, SC_IO, SC_NOMEM; D says why.
 */
SC_CHECKED enum sc_err keyring_open(struct store *s, const uint8_t ring[static KEY_BYTES],
    const struct sc_name *tenant, bool init, struct sc_diag *d, struct keyring **out);
void keyring_free(struct keyring *kr); /* NULL is fine */

/*
 * Make a key for every class of P that has none. Waits for the store: at
 * start and at reload only. MADE (may be NULL) is told each.
 */
typedef void keyring_made_fn(void *arg, const struct class_key *k, uint8_t tier);
SC_CHECKED enum sc_err keyring_add_classes(struct keyring *kr, const struct policy *p,
    keyring_made_fn *made, void *arg);

/* The key of a class that seals, or NULL. Older versions, behind it, open. */
const struct class_key *keyring_class(const struct keyring *kr, uint8_t class_id);
/* The newest of a class in whatever state, and all others behind it. */
const struct class_key *keyring_class_newest(const struct keyring *kr, uint8_t class_id);
/* The key that a token names, in whatever state; NULL: there never was one. */
const struct class_key *keyring_class_by_id(const struct keyring *kr, uint64_t id);

/* A KEK's context (NULL: destroyed). */
struct siv_ctx *keyring_kek(const struct keyring *kr, uint64_t id);

/* For the handles that stand for subjects in rows and records. */
const struct hmac_key *keyring_handle_key(const struct keyring *kr);
/* For what stands for orders in rows. */
const struct hmac_key *keyring_alias_key(const struct keyring *kr);
/*
 * For what stands for people in analytics: of an identifier, and of what that
 * came to. Neither is made from another key, so that nothing sealed or indexed for the
 * order table joins to a feature.
 */
const struct hmac_key *keyring_analytics_key(const struct keyring *kr);
const struct hmac_key *keyring_dataset_key(const struct keyring *kr);

/* For people's slots as key ids: KEY_BYTES, in the vault. */
const uint8_t *keyring_slot_key(const struct keyring *kr);

/*
 * A signer with the log key, under the key name NAME. Each belongs to one
 * thread; it lives as long as the keyring. Fails with SC_LIMIT past 4.
 */
SC_CHECKED enum sc_err keyring_signer(struct keyring *kr, const char *name,
    struct note_signer *out);
/* The log key's public half, under another key name. */
SC_CHECKED enum sc_err keyring_vkey(const struct keyring *kr, const char *name, struct sc_buf *out);

/*
 * A value is sealed or indexed under K, or opened. It counts at keyring_used_end(KEEP):
 * what has to start over is counted once. On the loop's thread; key_uses.h tells the store.
 */
void keyring_sealed(struct keyring *kr, const struct class_key *k);
void keyring_opened(struct keyring *kr, const struct class_key *k, uint64_t now_ms);
void keyring_used_end(struct keyring *kr, bool keep);
struct key_use_counts keyring_used(const struct class_key *k);

/* The KEK of a tier, for telling. */
struct tier_key {
	uint64_t id, since_ms;
	char version;
};
/* False: there is none. */
bool keyring_tier(const struct keyring *kr, uint8_t tier, struct tier_key *out);

/* How many keys there are of each state; KEKs and class keys. */
void keyring_count(const struct keyring *kr, uint32_t keks[KEY_STATE_COUNT],
    uint32_t classes[KEY_STATE_COUNT]);

#endif
