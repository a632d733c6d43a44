/*
 * box_rows.h - rows of boxes in memory, for tests of the tree: they can lose a group, fail at the
 * n-th write, and keep every box that ever was.
 */
#ifndef TESTS_UNIT_CRYPTO_BOX_ROWS_H
#define TESTS_UNIT_CRYPTO_BOX_ROWS_H

#include "crypto/keytree/tree.h"

/* A box as it was written once. */
struct box_version {
	struct box_version *older; /* of the same place */
	struct box_version *group; /* the one written before it in this group */
	struct box_row *row;
	bool there; /* false: it was removed */
	uint8_t box[TREE_BOX];
};

struct box_row {
	uint64_t place;
	struct box_version *newest;
	struct box_row *next;
};

#define BOX_BUCKETS 65536
struct box_rows {
	struct box_row *bucket[BOX_BUCKETS];
	struct box_version *group; /* not committed yet */
	bool keep;
	unsigned reads, writes, removes; /* since somebody last set them to 0 */
	unsigned fail_at;                /* the n-th write or removal from now fails; 0: none */
};

/* KEEP: versions are kept when newer ones are committed. Aborts without memory. */
struct box_rows *box_rows_new(bool keep);
void box_rows_free(struct box_rows *r);
/* As the tree sees them. */
struct tree_rows box_rows_of(struct box_rows *r);
/* The group stands, or it does not. */
void box_rows_commit(struct box_rows *r);
void box_rows_rollback(struct box_rows *r);
/* The box at PLACE as it lies; NULL: there is none. */
uint8_t *box_rows_at(struct box_rows *r, uint64_t place);

#endif
