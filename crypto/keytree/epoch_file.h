/*
 * epoch_file.h - keyd.epoch: the key of the tree's top box, outside the database,
 * destroyed by writing over it.
 *
 * Two blocks of 4 KiB, made once and never renamed or cut: E_n stands in block
 * n mod 2, the spare E_n+1 in the other. Laying E_n+2 over E_n destroys that
 * and makes the next spare, in one write:
 *
 *	block  "SCE1" | epoch u64 | AES-SIV(key from the root, E) | fresh random bytes
 *
 * bound to tenant, store id and epoch. Written past the page cache where the file
 * system allows it, and durable when a call returns. A twin, on another
 * disk, is written the same way before anybody is told.
 */
#ifndef CRYPTO_KEYTREE_EPOCH_FILE_H
#define CRYPTO_KEYTREE_EPOCH_FILE_H

#include "base/diag.h"
#include "base/err.h"
#include "base/span.h"
#include "crypto/prim/secret.h"

#include <stdbool.h>

#define EPOCH_BLOCK 4096
#define EPOCH_KEY_BYTES 32
#define STORE_ID_BYTES 16

struct epoch_file;

struct epoch_place {
	const char *path, *twin;          /* twin: NULL: none */
	struct sc_span tenant;            /* borrowed while it is open */
	bool owner;                       /* writes it: no other owner while it is open */
	uint8_t store_id[STORE_ID_BYTES]; /* of the store it belongs to */
};

/* What a block holds, or that it holds nothing that opens. */
struct epoch_held {
	bool opens;
	uint64_t epoch;
};

/* Make both blocks with fresh E_0 and E_1. Fails with SC_IO (also when the file is there), SC_BUG. */
SC_CHECKED enum sc_err epoch_file_make(const struct epoch_place *at, struct sc_secret *root,
    struct sc_diag *d, struct epoch_file **out);
/*
 * Open what was made. Where one of file and twin is missing or behind, the other
 * counts; *REPAIRED then says so, and epoch_file_mend() puts it right, as the next write
 * does (not this: who only reads must not write beside keyd). Fails
 * with SC_IO (neither is there; D says what to do), SC_AUTH (the root opens no block, or they
 * are another store's), SC_SYNTAX (not such a file), SC_AGAIN (another process owns it), SC_NOMEM.
 */
SC_CHECKED enum sc_err epoch_file_open(const struct epoch_place *at, struct sc_secret *root,
    struct sc_diag *d, bool *repaired, struct epoch_file **out);
void epoch_file_close(struct epoch_file *f); /* NULL is fine */

/*
 * Bring the one that is missing or behind up to the other. A key that should be
 * destroyed may lie there: do it before anybody is served. SC_IO.
 */
SC_CHECKED enum sc_err epoch_file_mend(struct epoch_file *f);

void epoch_file_held(const struct epoch_file *f, struct epoch_held out[static 2]);
/* E_EPOCH; *THERE false: no block holds it. Its bytes: those of the vault, until the next write. */
const uint8_t *epoch_file_key(const struct epoch_file *f, uint64_t epoch);
/*
 * Lay a fresh key for EPOCH into its block, over what is there, on file and
 * twin. On SC_IO the block holds the old, the new, or neither: the next start says which.
 */
SC_CHECKED enum sc_err epoch_file_write(struct epoch_file *f, uint64_t epoch);
/* The same with a key that is known: of a backup being restored. */
SC_CHECKED enum sc_err epoch_file_put(struct epoch_file *f, uint64_t epoch,
    const uint8_t key[static EPOCH_KEY_BYTES]);

#endif
