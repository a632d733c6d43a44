/*
 * remember.h - rows that keyd's own store keeps of what was done beside it: backups taken,
 * drills made.
 */
#ifndef CRYPTO_BACKUP_REMEMBER_H
#define CRYPTO_BACKUP_REMEMBER_H

#include "crypto/backup/stream.h"

/*
 * Run J, which writes, in S, a store beside its owner. He commits all the time: a turn between two
 * of his commits may take some tries. Fails as J does, SC_IO.
 */
SC_CHECKED enum sc_err backup_remember_in(struct store *s, struct store_job *j);

/*
 * A drill of the backup that H heads went well, with PEOPLE people, at the store at PATH. SC_STALE:
 * that is another store than H's; D says why it is not remembered, whatever the reason.
 */
SC_CHECKED enum sc_err backup_remember_drill(const char *path, const struct backup_header *h,
    uint64_t people, struct sc_diag *d);

#endif
