/*
 * tree.h - everybody's keys, in boxes: each box is the key of those below it, so
 * that a person is forgotten by changing one box a level.
 *
 *	E_n (epoch_file.h) > top box > box > box > box > leaf box = 80 x (secret | handle)
 *
 * Always four levels above the leaves, 120 keys each, so that forgetting costs the same in
 * every store. A box is AES-SIV under HKDF(its key, "scrim1|node"), bound to tenant,
 * store and place, always of one length, a row a box. The top box's
 * last place holds no child but the ring key, under which the keyring lies:
 * what the epoch key opens is all there is.
 *
 * Boxes change in memory and are written once a group (tree_write()). Each
 * change is made in two steps: what can fail reads (tree_reach()), what
 * changes cannot fail, so that a job of a group that fails has changed nothing. A tree
 * belongs to one thread; open boxes lie in the vault.
 */
#ifndef CRYPTO_KEYTREE_TREE_H
#define CRYPTO_KEYTREE_TREE_H

#include "base/err.h"
#include "base/span.h"
#include "crypto/keytree/epoch_file.h"
#include "crypto/limits.h"

#include <stdbool.h>

#define TREE_SECRET_BYTES 32
#define TREE_LEAF 80      /* people of a leaf box */
#define TREE_CHILDREN 120 /* of a box above */
#define TREE_LEVELS 5     /* level 0: leaves; TREE_LEVELS - 1: the top box */
#define TREE_PLAIN 3840   /* bytes of a box, open */
#define TREE_BOX (TREE_PLAIN + 16)
/* The top box has one child less. */
#define TREE_SLOTS \
	((uint64_t)TREE_LEAF * TREE_CHILDREN * TREE_CHILDREN * TREE_CHILDREN * (TREE_CHILDREN - 1))

/* Where a box lies: its row's key. */
#define TREE_PLACE(level, index) ((uint64_t)(level) << 56 | (index))

/* The rows of the boxes, inside a job of the store's (or whatever stands for it). */
struct tree_rows {
	SC_CHECKED enum sc_err (
	    *read)(void *arg, uint64_t place, uint8_t box[TREE_BOX], bool *there);
	enum sc_err (*write)(void *arg, uint64_t place, const uint8_t box[TREE_BOX]);
	enum sc_err (*remove)(void *arg, uint64_t place);
	void *arg;
};

struct tree_person {
	uint8_t secret[TREE_SECRET_BYTES];
	uint8_t handle[HANDLE_BYTES];
};

struct tree;

/*
 * At most BOXES open at once beside the top box, 10 at least: 4 for each change of a group, 5 more
 * for looking. Fails with SC_NOMEM, SC_LIMIT (a tenant of more than 255 bytes).
 */
SC_CHECKED enum sc_err tree_new(struct sc_span tenant,
    const uint8_t store_id[static STORE_ID_BYTES], uint32_t boxes, struct tree **out);
void tree_free(struct tree *t); /* wipes; NULL is fine */

/* An empty tree with a fresh ring key; the first tree_write() makes its top box. */
SC_CHECKED enum sc_err tree_begin(struct tree *t);
/*
 * Open the top box under KEY, the epoch's. Fails with SC_CORRUPT (it is missing
 * or does not open). What was open before is forgotten.
 */
SC_CHECKED enum sc_err tree_open(struct tree *t, const struct tree_rows *rows,
    const uint8_t key[static EPOCH_KEY_BYTES]);

/* The key of the keyring: TREE_SECRET_BYTES in the vault, until it changes. */
const uint8_t *tree_ring(const struct tree *t);

/*
 * Whose slot this is. *GONE: it, or a box's key above it, is zero, so there is nobody
 * (any more, or yet). Fails with SC_CORRUPT: a box is missing under a key that
 * is not zero, or does not open.
 */
SC_CHECKED enum sc_err tree_look(struct tree *t, const struct tree_rows *rows, uint64_t slot,
    struct tree_person *out, bool *gone);

/*
 * Read what changing SLOT needs, and keep it open until the group is over.
 * Fails with SC_AGAIN (no room in this group any more: come again in the next), SC_CORRUPT.
 */
SC_CHECKED enum sc_err tree_reach(struct tree *t, const struct tree_rows *rows, uint64_t slot);
/* These want tree_reach() before, in the same group. */
void tree_put(struct tree *t, uint64_t slot, const struct tree_person *p);
void tree_erase(struct tree *t, uint64_t slot);
/* Another ring key, which turns the epoch: what lies under the old one dies with it. */
void tree_set_ring(struct tree *t, const uint8_t key[static TREE_SECRET_BYTES]);
/* Turn the epoch though nobody is erased. */
void tree_turn(struct tree *t);

/* Does this group end an epoch: has it erased somebody? */
bool tree_turns(const struct tree *t);
/*
 * Write all that changed: with fresh keys above whom was erased, the top box
 * under KEY (the next epoch's when tree_turns()). Leaves that are full of nobody
 * lose their row. After a failure: tree_drop().
 */
SC_CHECKED enum sc_err tree_write(struct tree *t, const struct tree_rows *rows,
    const uint8_t key[static EPOCH_KEY_BYTES]);
/* The group's commit stands. */
void tree_keep(struct tree *t);
/* It does not: forget all that is open, and tree_open() again. */
void tree_drop(struct tree *t);

/*
 * For who reads boxes by themselves (backup, check): the box at PLACE as it lies,
 * opened under the key that stands for it in its parent.
 */
SC_CHECKED enum sc_err tree_box_open(const struct tree *t, uint64_t place,
    const uint8_t key[static TREE_SECRET_BYTES], const uint8_t box[static TREE_BOX],
    uint8_t plain[static TREE_PLAIN], bool *ok);

#endif
