/*
 * merkle.h - Merkle trees of RFC 6962 §2.1: hashes, the growing right edge,
 * proofs and their verification. No files here: proofs ask for the hashes of
 * whole subtrees through a callback (tile.h answers from files).
 */
#ifndef CRYPTO_TLOG_MERKLE_H
#define CRYPTO_TLOG_MERKLE_H

#include "base/err.h"
#include "base/span.h"
#include "crypto/limits.h"

struct merkle_hash {
	uint8_t b[HASH_BYTES];
};

/* SHA-256(0x00 || entry), SHA-256(0x01 || left || right), SHA-256(""). */
void merkle_leaf(struct sc_span entry, struct merkle_hash *out);
void merkle_node(const struct merkle_hash *l, const struct merkle_hash *r, struct merkle_hash *out);
void merkle_empty(struct merkle_hash *out);

/* The roots of the perfect subtrees that make up SIZE leaves; h[i] covers 2^i, if that bit is set. */
struct merkle_frontier {
	uint64_t size;
	struct merkle_hash h[64];
};

/*
 * Add a leaf. DONE, when not NULL, is told every whole subtree that this leaf
 * completes, lowest first: level L (2^L leaves), index I at that level. Fails
 * only as DONE does; F is then unusable.
 */
typedef enum sc_err merkle_done_fn(void *arg, unsigned level, uint64_t index,
    const struct merkle_hash *h);
SC_CHECKED enum sc_err merkle_push(struct merkle_frontier *f, const struct merkle_hash *leaf,
    merkle_done_fn *done, void *arg);
void merkle_root(const struct merkle_frontier *f, struct merkle_hash *out);

/* Answers the hash of the whole subtree of 2^LEVEL leaves that is the INDEXth at its level. */
typedef enum sc_err merkle_get_fn(void *arg, unsigned level, uint64_t index,
    struct merkle_hash *out);

struct merkle_proof {
	struct merkle_hash h[CRYPTO_PROOF_MAX];
	size_t n;
};

/* These fail as GET does. Rebuild the frontier of SIZE leaves: */
SC_CHECKED enum sc_err merkle_frontier_load(uint64_t size, merkle_get_fn *get, void *arg,
    struct merkle_frontier *out);
/* RFC 6962 §2.1.1: leaf INDEX in the tree of SIZE. SC_BUG when index >= size. */
SC_CHECKED enum sc_err merkle_prove_inclusion(uint64_t index, uint64_t size, merkle_get_fn *get,
    void *arg, struct merkle_proof *out);
/* RFC 6962 §2.1.2: SIZE extends OLD. Empty for old 0 and old == size. SC_BUG when old > size. */
SC_CHECKED enum sc_err merkle_prove_consistency(uint64_t old, uint64_t size, merkle_get_fn *get,
    void *arg, struct merkle_proof *out);

/* RFC 9162 §2.1.3.2. SC_AUTH: it does not hold. */
SC_CHECKED enum sc_err merkle_check_inclusion(const struct merkle_hash *leaf, uint64_t index,
    uint64_t size, const struct merkle_hash *proof, size_t n, const struct merkle_hash *root);
/* RFC 9162 §2.1.4.2. SC_AUTH: it does not hold. old 0 holds with an empty proof only. */
SC_CHECKED enum sc_err merkle_check_consistency(uint64_t old, uint64_t size,
    const struct merkle_hash *old_root, const struct merkle_hash *root,
    const struct merkle_hash *proof, size_t n);

#endif
