/*
 * backup_rig.h - an installation of keyd's files in a folder: people come in and are
 * erased by the ordering rule, without a keyd.
 */
#ifndef TESTS_UNIT_CRYPTO_BACKUP_RIG_H
#define TESTS_UNIT_CRYPTO_BACKUP_RIG_H

#include "crypto/backup/rebuild.h"
#include "crypto/keyring/keyring.h"
#include "crypto/keytree/tree.h"

struct backup_rig {
	char dir[64], store_path[128], epoch_path[128], months_path[128], target[128];
	struct settings settings;
	struct sc_secret *root;
	struct store *store;
	struct epoch_file *file;
	struct tree *tree;
	struct keyring *keyring;
	struct backup_header now; /* id, epoch, high, lease, people, gen, applied */
};

/* A new one, with nobody in it. False: it could not be made. */
bool backup_rig_make(struct backup_rig *r);
void backup_rig_remove(struct backup_rig *r);

/* N more people. The handle of slot S begins with its number, so do the secrets. */
bool backup_rig_add(struct backup_rig *r, uint64_t n);
/* Erase N slots from FIRST on, each STEP, in one epoch. */
bool backup_rig_erase(struct backup_rig *r, uint64_t first, uint64_t n, uint64_t step);
/* A row of its week. */
bool backup_rig_week(struct backup_rig *r, uint64_t slot, uint32_t week);

/* A row of its own for order N, in one commit. */
bool backup_rig_order(struct backup_rig *r, uint8_t n, uint64_t slot);

/* A backup into the rig's folder for them. */
enum sc_err backup_rig_take(struct backup_rig *r, const char *since, bool whole,
    struct backup_taken *out, struct sc_diag *d);

#endif
