/*
 * open_boxes.h - the boxes that are open, found by their place, in one piece of the vault.
 *
 * A box that belongs to the group under way is held; of the others the one that was
 * used longest ago makes room.
 */
#ifndef CRYPTO_KEYTREE_OPEN_BOXES_H
#define CRYPTO_KEYTREE_OPEN_BOXES_H

#include "crypto/keytree/tree.h"

struct open_box {
	uint64_t place;
	uint8_t *plain;             /* TREE_PLAIN bytes */
	struct open_box *next_here; /* of the same bucket */
	struct open_box *prev, *next;
	bool used;   /* it is some place's */
	bool held;   /* of the group under way */
	bool absent; /* its key above is zero: there is no such box (yet) */
	bool changed;
	bool rekey; /* somebody below was erased: another key */
};

struct open_boxes;

/* Room for N. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err open_boxes_new(uint32_t n, struct open_boxes **out);
void open_boxes_free(struct open_boxes *b); /* wipes; NULL is fine */

/* The box at PLACE, or NULL; it was used now. */
struct open_box *open_boxes_find(struct open_boxes *b, uint64_t place);
/* A box for PLACE, which is not open; its bytes are those of whoever was there. NULL: all are held. */
struct open_box *open_boxes_take(struct open_boxes *b, uint64_t place);
/* Forget it. */
void open_boxes_give(struct open_boxes *b, struct open_box *x);

/* Keep X until the group is over. */
void open_boxes_hold(struct open_boxes *b, struct open_box *x);
/* How many more may be held. */
uint32_t open_boxes_room(const struct open_boxes *b);
/* The boxes held, one after another: from NULL on. */
struct open_box *open_boxes_held(const struct open_boxes *b, const struct open_box *before);

/* The group is over: nothing is held or changed, and what is absent is forgotten. */
void open_boxes_settle(struct open_boxes *b);
/* Forget all. */
void open_boxes_clear(struct open_boxes *b);

#endif
