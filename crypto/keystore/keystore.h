/*
 * keystore.h - the store, its epoch file and the tree of keys, opened together and
 * held against each other, and against keyd's log.
 *
 *	keystore_open()    store, epoch file, tree: gives the ring key
 *	keyring_open()     under the ring key: gives the log's key
 *	keystore_mirror()  where there is one
 *	(the log is opened)
 *	keystore_replay()  what the log tells and the store has not done yet
 *	people_new()       from here on the store's thread owns the tree
 */
#ifndef CRYPTO_KEYSTORE_KEYSTORE_H
#define CRYPTO_KEYSTORE_KEYSTORE_H

#include "base/name.h"
#include "base/store/store.h"
#include "crypto/keystore/order.h"
#include "crypto/keytree/tree.h"
#include "crypto/prim/secret.h"

/* Slots that are skipped where nothing tells how many were given out. */
#define KEYSTORE_GAP (UINT64_C(1) << 24)

struct keystore;
struct keyring;
struct mirror;

struct keystore_place {
	const struct sc_name *tenant;
	const char *store; /* URL */
	const char *epoch, *epoch_twin;
	const char *node; /* the origin of keyd's log */
	bool mirrored;    /* keystore_mirror() follows: no key is destroyed before it */
};

/*
 * Open all three, or with INIT make them (never where one of them is there
 * and another is not). What a crash left undone between them is done. Fails
 * with SC_AUTH (the root opens none of it), SC_CORRUPT (they do not belong
 * together: an older one was put back, D says which and what to do), SC_IO, SC_NOMEM.
 */
SC_CHECKED enum sc_err keystore_open(const struct keystore_place *at, struct sc_secret *root,
    bool init, struct sc_diag *d, struct keystore **out);
void keystore_close(struct keystore *ks); /* NULL is fine */

/*
 * From now on what is committed goes to M too (mirror.h), the caller's until KS is closed. What it
 * lacks is brought there first. SC_IO, D says what to do.
 */
SC_CHECKED enum sc_err keystore_mirror(struct keystore *ks, struct mirror *m, struct sc_diag *d);

struct store *keystore_store(const struct keystore *ks);
/* The key of the keyring, TREE_SECRET_BYTES, until it changes. */
const uint8_t *keystore_ring(const struct keystore *ks);
/* Entries of keyd's log that it had carried out when it was opened. */
uint64_t keystore_applied(const struct keystore *ks);
/*
 * Inside a job of the store's: the key of *EPOCH, of the last commit, EPOCH_KEY_BYTES until
 * the job is over. NULL: it is being destroyed.
 */
const uint8_t *keystore_epoch_key(const struct keystore *ks, uint64_t *epoch);
/*
 * When the epoch file was written last, Unix time: that of its newest epoch, or of its mending.
 * 0: the epoch is the store's first.
 */
uint64_t keystore_turned_ms(const struct keystore *ks);

/*
 * An erasure as the log tells of it: a record of kind erase without a result, its keys in
 * what.keys (16 hex digits each). The next of that kind and those keys with a result, but for
 * `refused`, is its outcome.
 */
struct logged_erasure {
	uint64_t intent;     /* its entry */
	const uint64_t *ids; /* the keys that it names */
	size_t n;
	uint8_t handle[HANDLE_BYTES]; /* the store's, as they were asked about; zero: not known */
};

/* What was found and done at the start. */
struct keystore_replayed {
	enum order_store order;
	uint64_t entries; /* read behind what was carried out */
	uint64_t behind;  /* commits that the store lacks */
	uint64_t erased;  /* erasures carried out now */
	uint64_t lost;    /* slots that a newer store may have given out: unknown now */
	uint64_t skipped; /* slots that a run may have given out which ended without a clean stop */
	struct store_progress now; /* as it stands then */
};

/* Who else carries out what the log tells, in the same commits. */
struct keystore_follower {
	/* Each entry that is read back. */
	enum sc_err (*entry)(void *arg, struct store_tx *tx, uint64_t index, struct sc_span entry);
	/*
	 * Behind the erasures, until *NEXT is NULL: the keyring lies under RING, and is laid under
	 * *NEXT, which lives until the next call. That ends the epoch.
	 */
	enum sc_err (
	    *ring)(void *arg, struct store_tx *tx, const uint8_t *ring, const uint8_t **next);
	void *arg;
};

/*
 * Carry out what the log in DIR, of SIZE published entries, tells behind what the
 * store has. ERASED is told, after its commit, of each erasure that was carried out now or of
 * whose outcome the log does not tell. Where an older store was put back, D says so (SC_OK).
 * Fails with SC_CORRUPT when the log is shorter than what was carried out (D says
 * by how much; START_ANEW takes it as it is), or what it tells cannot be read.
 * Waits for store and disk: at the start.
 */
struct keystore_replay_from {
	const char *dir;
	uint64_t size;
	const uint8_t *slot_key;       /* keyring_slot_key() */
	const struct keyring *keyring; /* whose names of years say of whom entries are */
	bool start_anew;
	/* It is known to lie behind, whatever the log tells: it was restored just now. */
	bool older;
	const struct keystore_follower *follower; /* this and the next may be NULL */
	enum sc_err (*erased)(void *arg, const struct logged_erasure *x);
	void *arg;
};
SC_CHECKED enum sc_err keystore_replay(struct keystore *ks, const struct keystore_replay_from *from,
    struct sc_diag *d, struct keystore_replayed *out);

#endif
