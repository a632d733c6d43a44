/*
 * load.h - the rows of a chain put into an empty store, in large transactions.
 */
#ifndef CRYPTO_BACKUP_LOAD_H
#define CRYPTO_BACKUP_LOAD_H

#include "crypto/backup/chain.h"

/* Leaves that a later link changed: somebody of theirs may have been erased. Rising. */
struct load_touched {
	uint64_t *leaf;
	size_t n, room;
};

/*
 * Tables that every link tells whole are taken from the newest; boxes, weeks and orders from all.
 * Fails as backup_reader_row() and the store do; D says why. TOUCHED is the caller's to free()
 * the leaves of.
 */
SC_CHECKED enum sc_err backup_load(struct store *s, const struct backup_chain *c,
    const struct work_watch *watch, struct sc_diag *d, struct load_touched *touched);

#endif
