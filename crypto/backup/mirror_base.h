/*
 * mirror_base.h - the mirror's base: a whole backup of one moment, made by the store's own
 * thread, and what is there held against the store at keyd's start.
 *
 * The base carries no epoch's key, not even a sealed one: that stands in the epoch file's twin.
 * It is written under a name that does not count, and gets its own when it is durable; only then
 * the journal is emptied.
 */
#ifndef CRYPTO_BACKUP_MIRROR_BASE_H
#define CRYPTO_BACKUP_MIRROR_BASE_H

#include "crypto/keyring/keyring.h"
#include "crypto/keystore/keystore.h"
#include "crypto/keystore/mirror.h"
#include "crypto/settings/settings.h"

struct mirror_keep;

/*
 * Begin to mirror KS into the folder of S (NULL: *OUT is, and nothing happens), before anything is
 * committed: where what lies there does not end with the store's last commit, a fresh base is made.
 * Fails with SC_AUTH (it is another store's), SC_IO; D says why. mirror_keep_free() when KS is
 * closed, and before KR is.
 */
SC_CHECKED enum sc_err mirror_keep_new(const struct settings *s, struct keystore *ks,
    struct keyring *kr, struct sc_diag *d, struct mirror_keep **out);
void mirror_keep_free(struct mirror_keep *k); /* NULL is fine */

#endif
