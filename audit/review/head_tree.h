/*
 * head_tree.h - a log that others tell of: had it these entries, and this root?
 *
 * Answered from its tiles, which audit_verify() holds against its entries. Heads come in the order
 * in which they were recorded, so the next one is the last one with some more leaves: holding all
 * heads against a log costs about what hashing its tree once does, and no memory that grows.
 */
#ifndef AUDIT_REVIEW_HEAD_TREE_H
#define AUDIT_REVIEW_HEAD_TREE_H

#include "base/diag.h"
#include "crypto/tlog/state.h"
#include "crypto/tlog/tile.h"

struct head_tree {
	int dirfd; /* -1: there is no log to ask */
	struct tlog_state state;
	struct tile_reader tiles;
	struct merkle_frontier edge;
};

enum head_fit {
	HEAD_FITS,
	HEAD_BEYOND,  /* the log has fewer entries */
	HEAD_DIFFERS, /* it had another root */
	HEAD_UNKNOWN  /* its files do not tell */
};

/* T is the caller's to close, also after a failure. Fails with SC_CORRUPT, SC_IO. */
SC_CHECKED enum sc_err head_tree_open(struct head_tree *t, const char *dir, struct sc_diag *d);
void head_tree_close(struct head_tree *t);

/* A log that has grown since it was opened is looked at again. */
enum head_fit head_tree_fits(struct head_tree *t, uint64_t size,
    const uint8_t root[static HASH_BYTES]);

#endif
