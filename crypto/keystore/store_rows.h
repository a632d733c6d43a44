/*
 * store_rows.h - the rows that go with the tree of keys, inside a job of the store's:
 * whose slots are whose, how far the store has come. Private to crypto/keystore.
 */
#ifndef CRYPTO_KEYSTORE_STORE_ROWS_H
#define CRYPTO_KEYSTORE_STORE_ROWS_H

#include "crypto/keystore/people.h"

/* How far the store has come. */
struct keystore_now {
	uint64_t epoch, high, lease, people; /* its own row */
	uint64_t gen, applied;               /* and this keyd's */
};

/* Whose store it is, and how far it has come; *THERE false: there is no store yet. */
SC_CHECKED enum sc_err store_rows_find(struct store_tx *tx, const char *node,
    uint8_t id[static STORE_ID_BYTES], struct keystore_now *now, bool *there);
SC_CHECKED enum sc_err store_rows_make(struct store_tx *tx, const uint8_t id[static STORE_ID_BYTES],
    const struct keystore_now *now);
SC_CHECKED enum sc_err store_rows_keep(struct store_tx *tx, const char *node,
    const struct keystore_now *now);
/* Is there a key in it, whoever's: is it no empty store? */
SC_CHECKED enum sc_err store_rows_used(struct store_tx *tx, bool *used);

/* The boxes, for the tree; valid within the job. */
struct tree_rows store_rows_boxes(struct store_tx *tx);

/* The slots of HANDLE, the oldest first; SC_LIMIT past PEOPLE_SLOTS_MAX. */
SC_CHECKED enum sc_err store_rows_slots(struct store_tx *tx,
    const uint8_t handle[static HANDLE_BYTES], uint64_t slots[static PEOPLE_SLOTS_MAX], size_t *n);
/* HANDLE has these slots from now on, given in that order; N 0: none. */
SC_CHECKED enum sc_err store_rows_give(struct store_tx *tx,
    const uint8_t handle[static HANDLE_BYTES], const uint64_t *slots, size_t n);
/* These slots are not as they were when EPOCH began. */
SC_CHECKED enum sc_err store_rows_touched(struct store_tx *tx, uint64_t epoch,
    const uint64_t *slots, size_t n);
/* Nobody asks when something was sealed for these, nor waits for their return; they have no order. */
SC_CHECKED enum sc_err store_rows_forget(struct store_tx *tx, const uint64_t *slots, size_t n);

/* SLOTS are not leaving, or no more: theirs or anybody's. */
SC_CHECKED enum sc_err store_rows_stay(struct store_tx *tx, const uint64_t *slots, size_t n);

/* A key whose erasure waits (people_leaving.c). */
struct leaving_slot {
	uint64_t slot;
	uint64_t intent;   /* the entry of keyd's log that tells of it */
	uint64_t asked_ms; /* Unix time */
	uint64_t due_ms;   /* of the time for which keyd ran */
	uint8_t handle[HANDLE_BYTES];
	bool going; /* in memory alone: it is being erased */
};
/* Where there is a row it stays. */
SC_CHECKED enum sc_err leaving_rows_add(struct store_tx *tx, const struct leaving_slot *v,
    size_t n);

/* Slots that are unknown. */
struct slot_range {
	uint64_t first, last;
	bool skipped; /* after a crash, so perhaps nobody's; else a newer store gave them out */
};
/* Where there is one with that first slot it becomes this one. */
SC_CHECKED enum sc_err store_rows_lost_add(struct store_tx *tx, const struct slot_range *r);
/* In order. *OUT is the caller's, to free(). */
SC_CHECKED enum sc_err store_rows_lost(struct store_tx *tx, struct slot_range **out, size_t *n);

#endif
