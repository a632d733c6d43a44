/*
 * base.h - which backup another can go on from: one that this store remembers, and
 * since which it has forgotten no erasure.
 */
#ifndef CRYPTO_BACKUP_BASE_H
#define CRYPTO_BACKUP_BASE_H

#include "crypto/backup/take.h"

/* What the store remembers of the backups that were taken of it, inside a job. */
struct backup_memory {
	const uint8_t *hash; /* of the one that is looked for; NULL: none */
	bool known;          /* it is among them */
	uint64_t pruned;     /* erasures of epochs below are not told by `touched` any more */
};
SC_CHECKED enum sc_err backup_remember(struct store_tx *tx, struct backup_memory *m);

/* Can B be gone on from, in a store of ID, TENANT? If not, D says why. */
bool backup_base_fits(const struct backup_found *b, const struct backup_header *store,
    const struct backup_memory *m, struct sc_diag *d);

/*
 * What O is to go on from: *BASE, and *FOUND; else a whole one, and WHY (256 bytes) where that is
 * worth a word. Fails when SINCE was named and does not do: D says why.
 */
SC_CHECKED enum sc_err backup_base(struct store *s, const struct backup_order *o,
    const struct backup_header *store, struct sc_diag *d, bool *found, struct backup_found *base,
    char why[static 256]);

#endif
