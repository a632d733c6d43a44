/*
 * backup_tell.h - backups that another process took, told by keyd's log.
 *
 * A backup leaves a row in the store, beside keyd. Once a minute keyd looks for rows that it has
 * not told of: each becomes a record "keys.backup".
 */
#ifndef CRYPTO_KEYD_BACKUP_TELL_H
#define CRYPTO_KEYD_BACKUP_TELL_H

#include "crypto/keyd/keylog.h"
#include "crypto/rows/inbox.h"

struct backup_tell;

/* All are borrowed and outlive it. It begins at once. SC_NOMEM. */
SC_CHECKED enum sc_err backup_tell_new(struct loop *l, struct inbox *inbox, struct keylog *kl,
    struct backup_tell **out);
/* When nothing of it is with the store any more (backup_tell_busy()). NULL is fine. */
void backup_tell_free(struct backup_tell *t);
bool backup_tell_busy(const struct backup_tell *t);

#endif
