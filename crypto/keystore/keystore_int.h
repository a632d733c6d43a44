/*
 * keystore_int.h - store, epoch file and tree as the store's thread works on them: in each
 * job, behind the jobs of a group, and after its commit. Private to crypto/keystore.
 *
 *	keystore_ready()      a job begins
 *	keystore_erase() ..   it reads, then writes rows, then changes the tree
 *	keystore_closing()    the group's boxes are written, under E_n or the spare
 *	keystore_committed()  the commit stands: E_n is destroyed, or nothing changed
 */
#ifndef CRYPTO_KEYSTORE_KEYSTORE_INT_H
#define CRYPTO_KEYSTORE_KEYSTORE_INT_H

#include "crypto/keystore/mirror.h"
#include "crypto/keystore/store_rows.h"

#include <limits.h>

#define KEYSTORE_BOXES 768 /* open at once: 3 MB of the vault */

struct keystore {
	struct store *store;
	struct epoch_file *file;
	struct tree *tree;
	struct sc_name tenant;
	char node[128], epoch_path[PATH_MAX], twin_path[PATH_MAX];
	struct epoch_place place;
	uint8_t id[STORE_ID_BYTES];
	struct slot_range *lost; /* in order; does not change once people_new() was called */
	size_t n_lost;
	/* the store's thread's, or the starter's before there is work */
	struct keystore_now kept; /* as the last commit left it */
	struct keystore_now now;  /* with what the group has done so far */
	bool changed;             /* the group has something to write */
	bool stale;               /* a group failed: the tree is to be opened again */
	bool replaying;           /* gen stays until the whole log is carried out */
	bool owed;                /* the block of a dead epoch is not written over yet */
	bool mirrored;            /* there will be a mirror */
	struct mirror *mirror;    /* whoever opened it has it; NULL: none */
};

/*
 * At the beginning of a job: what an earlier group left undone. Fails with SC_IO while a
 * dead epoch's key still lies in its block, SC_CORRUPT.
 */
SC_CHECKED enum sc_err keystore_ready(struct keystore *ks, struct store_tx *tx);

/*
 * Inside a job that is ready. A failed one has changed nothing in memory; SC_AGAIN:
 * the group is full, come again in the next.
 *
 * Destroy the keys of SLOTS (at most PEOPLE_SLOTS_MAX); *FOUND: one of them was alive.
 */
SC_CHECKED enum sc_err keystore_erase(struct keystore *ks, struct store_tx *tx,
    const uint64_t *slots, size_t n, bool *found);
/*
 * FROM's keys are INTO's from now on; *FOUND: there were any. SLOTS, N: all whose
 * person has changed, or of whom another may be the newest now. SC_LIMIT past PEOPLE_SLOTS_MAX.
 */
SC_CHECKED enum sc_err keystore_merge(struct keystore *ks, struct store_tx *tx,
    const uint8_t from[static HANDLE_BYTES], const uint8_t into[static HANDLE_BYTES],
    uint64_t slots[static PEOPLE_SLOTS_MAX], size_t *n, bool *found);

/* Entry INDEX of the log tells F: rows of erasures that wait follow it. SC_CORRUPT, SC_IO. */
struct slot_ids;
struct log_fact;
SC_CHECKED enum sc_err keystore_told_leaving(struct store_tx *tx, struct slot_ids *ids,
    uint64_t index, const struct log_fact *f);

/*
 * Behind the jobs: does the group change the keyring? Then it counts as a commit of the
 * mirror's, which is to be ready for it.
 */
SC_CHECKED enum sc_err keystore_keyed(struct keystore *ks, struct store_tx *tx);
/* The two of store_group. */
SC_CHECKED enum sc_err keystore_closing(struct keystore *ks, struct store_tx *tx);
SC_CHECKED enum sc_err keystore_committed(struct keystore *ks, enum sc_err err);

/* Destroy what stands in the block of EPOCH by laying that epoch's key there. */
SC_CHECKED enum sc_err keystore_lay(struct keystore *ks, uint64_t epoch);
/* Was SLOT given out by a store that was newer than this one, or skipped? */
bool keystore_is_lost(const struct keystore *ks, uint64_t slot);

#endif
