/*
 * order.h - the ordering rule between store, epoch file and log, and what each
 * state in which they are found at a start means. All of it is decided here.
 *
 *	An erasure:	intent logged > store commit > epoch block > answer
 *	A new person:	lease logged  > store commit > token
 *
 * A step's evidence is durable before the next begins, so whatever a crash, or a file
 * put back, leaves behind tells how far things had come.
 */
#ifndef CRYPTO_KEYSTORE_ORDER_H
#define CRYPTO_KEYSTORE_ORDER_H

#include "crypto/keytree/epoch_file.h"

/* How far a store has come. */
struct store_progress {
	uint64_t gen;   /* commits so far */
	uint64_t high;  /* slots given out */
	uint64_t lease; /* slots that may be given out: told by the log beforehand */
};

/* What the epoch file holds beside what the store says. */
enum order_epoch {
	ORDER_IN_STEP,     /* E_n and E_n+1: in order, or died before a commit */
	ORDER_BLOCK_OWED,  /* the store is at n+1, whose key is the spare: lay E_n+2 over E_n */
	ORDER_SPARE_OWED,  /* E_n, and no spare: lay E_n+1 */
	ORDER_STORE_OLDER, /* no E_n, newer ones: an older database was put back */
	ORDER_FILE_OLDER   /* no E_n, older ones: an older epoch file was put back */
};

/* STORE: the epoch of its top box. *WRITE: the epoch whose block is to be laid, where one is owed. */
enum order_epoch order_of_epochs(uint64_t store, const struct epoch_held held[static 2],
    uint64_t *write);

/* What the log says beside what the store says. */
struct order_log {
	struct store_progress store;  /* as the store has it */
	uint64_t applied;             /* entries that it has carried out */
	uint64_t size;                /* of the log */
	struct store_progress logged; /* the newest that the log tells of */
};

enum order_store {
	ORDER_SAME,        /* carry out what stands behind `applied` */
	ORDER_LOG_SHORT,   /* the log ends before what was carried out: it was rolled back */
	ORDER_STORE_BEHIND /* the log tells of later commits: an older store was put back */
};

enum order_store order_of_log(const struct order_log *o);

#endif
