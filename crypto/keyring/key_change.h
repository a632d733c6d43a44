/*
 * key_change.h - keys that take the place of others, and versions that are destroyed.
 *
 *	key_change_classes() ...   made ready, on the loop's thread
 *	key_change_run()           carried out, in one job of the store's
 *	key_change_end()           in effect, on the loop's thread, when that is durable
 *
 * What a database deletes lies on in free pages and journals. A class key there, or a year's, is
 * wrapped under the KEK of its tier: so that KEK ends with it, and so does the ring key
 * which wrapped that, and the epoch which wrapped this. Where key_change_ring() gives a
 * key, the job is the one that makes it the tree's and ends the epoch (people_turn()).
 */
#ifndef CRYPTO_KEYRING_KEY_CHANGE_H
#define CRYPTO_KEYRING_KEY_CHANGE_H

#include "crypto/keyring/keyring.h"
#include "crypto/keytree/epoch_file.h"

struct key_change; /* one at a time of a keyring */

struct key_change_class {
	uint8_t class_id, tier; /* the new version's */
};

/*
 * Make a new version for each of V, which from the end on seals; those before it open. Fails
 * with SC_AGAIN (a change is under way), SC_LIMIT (one of V has no key yet, or no version
 * is left), SC_CORRUPT, SC_NOMEM; D says what to do.
 */
SC_CHECKED enum sc_err key_change_classes(struct keyring *kr, const struct key_change_class *v,
    size_t n, struct sc_diag *d, struct key_change **out);
/* Another KEK for TIER. Fails alike; SC_LIMIT: there is no such tier. */
SC_CHECKED enum sc_err key_change_tier(struct keyring *kr, uint8_t tier, struct sc_diag *d,
    struct key_change **out);
/*
 * Destroy a version. SC_LIMIT: it is the one that seals, was destroyed already, or never was.
 */
SC_CHECKED enum sc_err key_change_destroy(struct keyring *kr, uint8_t class_id, char version,
    struct sc_diag *d, struct key_change **out);

/* Likewise the key of YEAR (key_year.h). SC_LIMIT: there never was one, or it was destroyed. */
SC_CHECKED enum sc_err key_change_destroy_year(struct keyring *kr, unsigned year, struct sc_diag *d,
    struct key_change **out);

/* What the ring key becomes, KEY_BYTES, until the end; NULL: it stays. */
const uint8_t *key_change_ring(const struct key_change *c);
/* The keys it is about, those made or the one destroyed. They live until the end. */
const uint64_t *key_change_ids(const struct key_change *c, size_t *n);

/* What stands in the store's own row when it has run and the ring key changes. */
struct key_change_store {
	uint8_t id[STORE_ID_BYTES];
	uint64_t epoch; /* that ends with the change */
};
const struct key_change_store *key_change_store(const struct key_change *c);

/*
 * Inside a job; RING: as it stands (NULL where it stays). Not SC_OK: fail the job. May run
 * again for the same change when the job did not stand.
 */
SC_CHECKED enum sc_err key_change_run(struct key_change *c, struct store_tx *tx,
    const uint8_t *ring);
/* ERR: how the job ended. C is over. */
void key_change_end(struct key_change *c, enum sc_err err);

#endif
