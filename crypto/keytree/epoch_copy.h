/*
 * epoch_copy.h - keyd.epoch as a file on one disk: opened past the page cache, looked
 * at before it is believed, read and written by the block.
 */
#ifndef CRYPTO_KEYTREE_EPOCH_COPY_H
#define CRYPTO_KEYTREE_EPOCH_COPY_H

#include "crypto/keytree/epoch_file.h"

#define EPOCH_LENGTH (2 * EPOCH_BLOCK)

struct epoch_copy {
	const char *path; /* NULL: there is to be none */
	int fd;           /* -1: it is missing */
	bool direct;
	bool part;    /* it is shorter than it should be */
	bool owed[2]; /* the block is not what it should be */
	bool marked;  /* a block looks like one */
	bool opens;   /* a block is one, of this store */
};

/*
 * Open it, if it is there (else FD stays -1). PART is no failure: whoever made it may have been
 * ended. Fails with SC_SYNTAX (it is no such file, or others may touch it), SC_IO.
 */
SC_CHECKED enum sc_err epoch_copy_open(struct epoch_copy *c, struct sc_diag *d);
/* Make it, empty. False: it is there, or cannot be made; errno says which. */
bool epoch_copy_create(struct epoch_copy *c);
/* Nobody else has claimed it; until it is closed. False: somebody has. */
bool epoch_copy_claim(const struct epoch_copy *c);
bool epoch_copy_settle(const struct epoch_copy *c); /* its name and length are durable */
/* Remove what was made just now, under which no key lies yet. */
void epoch_copy_remove(struct epoch_copy *c);

/* Block I, from or to BLOCK, which is aligned; what is written is durable. False: errno says why. */
bool epoch_copy_read(struct epoch_copy *c, unsigned i, uint8_t *block);
bool epoch_copy_write(struct epoch_copy *c, unsigned i, const uint8_t *block);

/* Two names of one file? */
bool epoch_copy_same(const struct epoch_copy *a, const struct epoch_copy *b);
/* Say that C is of another length. */
enum sc_err epoch_copy_other(const struct epoch_copy *c, struct sc_diag *d);
/* Say WHAT of C in D (may be NULL), and give ERR back. */
enum sc_err epoch_copy_refuse(const struct epoch_copy *c, struct sc_diag *d, enum sc_err err,
    const char *what);

#endif
