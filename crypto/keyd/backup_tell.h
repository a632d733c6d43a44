/*
 * backup_tell.h - backups that another process took and drills that it made, told by keyd's
 * log.
 *
 * Each leaves a row in the store, beside keyd. Once a minute keyd looks for rows that it has
 * not told of: each becomes a record "keys.backup" or "keys.drill".
 */
#ifndef CRYPTO_KEYD_BACKUP_TELL_H
#define CRYPTO_KEYD_BACKUP_TELL_H

#include "base/text/jsonw.h"
#include "crypto/keyd/keylog.h"
#include "crypto/rows/inbox.h"

struct backup_tell;

/* All are borrowed and outlive it. SC_NOMEM. */
SC_CHECKED enum sc_err backup_tell_new(struct loop *l, struct inbox *inbox, struct keylog *kl,
    struct backup_tell **out);
/* From here on it looks. */
void backup_tell_begin(struct backup_tell *t);
/* When nothing of it is with the store any more (backup_tell_busy()). NULL is fine. */
void backup_tell_free(struct backup_tell *t);
bool backup_tell_busy(const struct backup_tell *t);

/* How many there are and how old the newest is, as the member "backups"; nothing when T is NULL. */
void backup_tell_print(struct jsonw *w, const struct backup_tell *t);

#endif
