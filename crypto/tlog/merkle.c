/*
 * merkle.c - RFC 6962 §2.1 hashing, frontier and proofs; verification as the
 * loops of RFC 9162 §2.1.3.2 and §2.1.4.2.
 */
#include "crypto/tlog/merkle.h"

#include "crypto/prim/hash.h"

#include <string.h>

static bool hash_eq(const struct merkle_hash *a, const struct merkle_hash *b)
{
	return memcmp(a->b, b->b, HASH_BYTES) == 0;
}

void merkle_leaf(struct sc_span entry, struct merkle_hash *out)
{
	static const uint8_t prefix[1] = { 0x00 };
	struct hash_sha256 h;

	hash_sha256_init(&h);
	hash_sha256_update(&h, sc_span(prefix, 1));
	hash_sha256_update(&h, entry);
	hash_sha256_final(&h, out->b);
}

void merkle_node(const struct merkle_hash *l, const struct merkle_hash *r, struct merkle_hash *out)
{
	uint8_t m[1 + 2 * HASH_BYTES];

	m[0] = 0x01;
	memcpy(m + 1, l->b, HASH_BYTES);
	memcpy(m + 1 + HASH_BYTES, r->b, HASH_BYTES);
	hash_sha256(sc_span(m, sizeof(m)), out->b);
}

void merkle_empty(struct merkle_hash *out)
{
	hash_sha256(sc_span(NULL, 0), out->b);
}

enum sc_err merkle_push(struct merkle_frontier *f, const struct merkle_hash *leaf,
    merkle_done_fn *done, void *arg)
{
	struct merkle_hash h = *leaf;
	unsigned level = 0;
	enum sc_err err;

	for (;;) {
		if (done != NULL && (err = done(arg, level, f->size >> level, &h)) != SC_OK)
			return err;
		if ((f->size >> level & 1) == 0)
			break;
		merkle_node(&f->h[level], &h, &h);
		level++;
	}
	f->h[level] = h;
	f->size++;
	return SC_OK;
}

void merkle_root(const struct merkle_frontier *f, struct merkle_hash *out)
{
	bool any = false;

	for (unsigned i = 0; i < 64; i++) {
		if ((f->size >> i & 1) == 0)
			continue;
		if (any)
			merkle_node(&f->h[i], out, out);
		else
			*out = f->h[i];
		any = true;
	}
	if (!any)
		merkle_empty(out);
}

enum sc_err merkle_frontier_load(uint64_t size, merkle_get_fn *get, void *arg,
    struct merkle_frontier *out)
{
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	for (unsigned i = 0; i < 64; i++) {
		if ((size >> i & 1) == 0)
			continue;
		/* the perfect subtree that ends where the higher bits and this one end */
		if ((err = get(arg, i, (size >> i) - 1, &out->h[i])) != SC_OK)
			return err;
	}
	out->size = size;
	return SC_OK;
}

/* ---- making proofs: the recursion of RFC 6962, over [lo, hi) ----------------- */

struct prover {
	merkle_get_fn *get;
	void *arg;
	struct merkle_proof *out;
	bool leaf; /* of one leaf's inclusion */
};

/* The largest power of two below N, as an exponent; N >= 2. */
static unsigned split_level(uint64_t n)
{
	return 63 - (unsigned)__builtin_clzll(n - 1);
}

/* MTH(D[lo:hi]); LO is a multiple of the power of two that covers hi - lo. */
static enum sc_err range_hash(const struct prover *p, uint64_t lo, uint64_t hi,
    struct merkle_hash *out)
{
	struct merkle_hash r;
	uint64_t n = hi - lo;
	enum sc_err err;
	unsigned k;

	if ((n & (n - 1)) == 0) {
		k = (unsigned)__builtin_ctzll(n);
		return p->get(p->arg, k, lo >> k, out);
	}
	k = split_level(n);
	if ((err = range_hash(p, lo, lo + (1ULL << k), out)) != SC_OK ||
	    (err = range_hash(p, lo + (1ULL << k), hi, &r)) != SC_OK)
		return err;
	merkle_node(out, &r, out);
	return SC_OK;
}

static enum sc_err add_range(const struct prover *p, uint64_t lo, uint64_t hi)
{
	if (p->out->n == CRYPTO_PROOF_MAX)
		return SC_BUG;
	return range_hash(p, lo, hi, &p->out->h[p->out->n++]);
}

/*
 * RFC 6962 §2.1.2 SUBPROOF(m, D[lo:hi], whole); of a leaf §2.1.1 PATH(m - 1, D[lo:hi]),
 * which goes the same way, but down to the leaf itself.
 */
static enum sc_err subproof(const struct prover *p, uint64_t m, uint64_t lo, uint64_t hi,
    bool whole)
{
	enum sc_err err;
	uint64_t mid;

	if (p->leaf ? hi - lo == 1 : m == hi)
		return whole ? SC_OK : add_range(p, lo, hi);
	mid = lo + (1ULL << split_level(hi - lo));
	if (m <= mid) {
		if ((err = subproof(p, m, lo, mid, whole)) != SC_OK)
			return err;
		return add_range(p, mid, hi);
	}
	if ((err = subproof(p, m, mid, hi, p->leaf)) != SC_OK)
		return err;
	return add_range(p, lo, mid);
}

enum sc_err merkle_prove_inclusion(uint64_t index, uint64_t size, merkle_get_fn *get, void *arg,
    struct merkle_proof *out)
{
	struct prover p = { get, arg, out, .leaf = true };

	out->n = 0;
	return index >= size ? SC_BUG : subproof(&p, index + 1, 0, size, true);
}

enum sc_err merkle_prove_consistency(uint64_t old, uint64_t size, merkle_get_fn *get, void *arg,
    struct merkle_proof *out)
{
	struct prover p = { get, arg, out, .leaf = false };

	out->n = 0;
	if (old > size)
		return SC_BUG;
	return old == 0 || old == size ? SC_OK : subproof(&p, old, 0, size, true);
}

/* ---- checking proofs ------------------------------------------------------- */

/*
 * From node FN of a level whose last node is SN up to the root: SR becomes it,
 * and FR (NULL: not asked) that of the tree which ended at FN. False when the
 * proof is too long or too short.
 */
static bool climb(uint64_t fn, uint64_t sn, const struct merkle_hash *proof, size_t n,
    struct merkle_hash *fr, struct merkle_hash *sr)
{
	for (size_t i = 0; i < n; i++) {
		if (sn == 0)
			return false;
		if ((fn & 1) != 0 || fn == sn) {
			if (fr != NULL)
				merkle_node(&proof[i], fr, fr);
			merkle_node(&proof[i], sr, sr);
			for (; (fn & 1) == 0 && fn != 0; fn >>= 1)
				sn >>= 1;
		} else {
			merkle_node(sr, &proof[i], sr);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0;
}

enum sc_err merkle_check_inclusion(const struct merkle_hash *leaf, uint64_t index, uint64_t size,
    const struct merkle_hash *proof, size_t n, const struct merkle_hash *root)
{
	struct merkle_hash r = *leaf;

	return index < size && climb(index, size - 1, proof, n, NULL, &r) && hash_eq(&r, root) ?
	    SC_OK :
	    SC_AUTH;
}

enum sc_err merkle_check_consistency(uint64_t old, uint64_t size,
    const struct merkle_hash *old_root, const struct merkle_hash *root,
    const struct merkle_hash *proof, size_t n)
{
	uint64_t fn = old - 1, sn = size - 1;
	struct merkle_hash fr, sr;
	bool repeated = (old & (old - 1)) != 0;

	if (old > size)
		return SC_AUTH;
	if (old == size)
		return n == 0 && hash_eq(old_root, root) ? SC_OK : SC_AUTH;
	if (old == 0)
		return n == 0 ? SC_OK : SC_AUTH;
	if (n == 0)
		return SC_AUTH;
	/* a power of two: its root is the first hash, and is not repeated */
	sr = fr = repeated ? proof[0] : *old_root;
	for (; (fn & 1) != 0; fn >>= 1)
		sn >>= 1;
	return climb(fn, sn, proof + repeated, n - repeated, &fr, &sr) && hash_eq(&fr, old_root) &&
		hash_eq(&sr, root) ?
	    SC_OK :
	    SC_AUTH;
}
