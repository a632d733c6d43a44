/*
 * chain.h - backups that belong together: a whole one, and what changed since, each naming
 * the one before it by its hash.
 */
#ifndef CRYPTO_BACKUP_CHAIN_H
#define CRYPTO_BACKUP_CHAIN_H

#include "crypto/backup/take.h"

struct backup_chain {
	struct backup_found *links; /* the whole one first */
	size_t n;
};

/*
 * SOURCES is one folder: the newest backup of TENANT in it and all that it goes on from; or
 * files, the whole one first, in order. Fails with SC_SYNTAX (none, cut, out of order, a link
 * is missing: D says which), SC_AUTH (another store's among them), SC_IO, SC_NOMEM.
 * backup_chain_fini() in any case.
 */
SC_CHECKED enum sc_err backup_chain_find(const char *const *sources, size_t n,
    const struct sc_name *tenant, struct sc_diag *d, struct backup_chain *out);
void backup_chain_fini(struct backup_chain *c); /* all zero is fine */

/*
 * Read every link through: is each what its trailer says, and signed by KEY (NULL: by
 * the key that it names itself, which whoever restores it holds against the keyring inside)?
 * Fails as backup_reader_row() does; D says which.
 */
SC_CHECKED enum sc_err backup_chain_verify(const struct backup_chain *c,
    const struct sign_public *key, const struct work_watch *watch, struct sc_diag *d);

#endif
