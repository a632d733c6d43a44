/*
 * ring.h - the keyring of a store that another process owns, or that is just being made:
 * by way of the top box, to whoever has the epoch's key.
 */
#ifndef CRYPTO_BACKUP_RING_H
#define CRYPTO_BACKUP_RING_H

#include "crypto/keyring/keyring.h"
#include "crypto/keytree/tree.h"

/* The boxes of TX, for tree.h; writing and removing too. */
struct tree_rows backup_tree_rows(struct store_tx *tx);

/*
 * Open the top box of S under KEY, and what its ring key opens. Fails with SC_STALE (KEY is not its
 * epoch's), as keyring_open() does.
 */
SC_CHECKED enum sc_err backup_ring_open(struct store *s, const struct sc_name *tenant,
    const uint8_t store_id[static STORE_ID_BYTES], const uint8_t key[static EPOCH_KEY_BYTES],
    struct sc_diag *d, struct keyring **out);

#endif
