/*
 * mirror_load.h - a store out of its mirror: what was committed since the base, and the epoch's
 * key out of the twin.
 */
#ifndef CRYPTO_BACKUP_MIRROR_LOAD_H
#define CRYPTO_BACKUP_MIRROR_LOAD_H

#include "crypto/backup/chain.h"
#include "crypto/keytree/epoch_file.h"

/*
 * FOLDER's base as a chain of one, to be verified. Fails as backup_chain_find() does; D says
 * what is missing.
 */
SC_CHECKED enum sc_err mirror_chain(const char *folder, struct sc_diag *d,
    struct backup_chain *out);

/*
 * The records of FOLDER behind the base of HASH, put into S, where that was loaded: H then tells of
 * the last. Fails with SC_SYNTAX (a record in the middle is broken), as the store does; D says why.
 */
SC_CHECKED enum sc_err mirror_load(struct store *s, const char *folder,
    const uint8_t hash[static HASH_BYTES], const struct work_watch *watch, struct sc_diag *d,
    struct backup_header *h);

/*
 * The epoch file's twin of FOLDER, or where there is none, OTHER (may be NULL): the key of
 * H's epoch to KEY. Fails with SC_AUTH (it does not open the last state), SC_IO; D says why.
 */
SC_CHECKED enum sc_err mirror_key(const char *folder, const char *other, struct sc_secret *root,
    const struct backup_header *h, struct sc_diag *d, uint8_t key[static EPOCH_KEY_BYTES]);
/* And its blocks, as they lie, to PATH, where nothing is. SC_IO. */
SC_CHECKED enum sc_err mirror_epoch(const char *folder, const char *other, const char *path,
    struct sc_diag *d);

#endif
