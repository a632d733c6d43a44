/*
 * test_merkle.c - RFC 6962 hashing and proofs: a naive recursive tree beside
 * the frontier, every proof of every small tree, and the published probes.
 */
#include "crypto/tlog/merkle.h"

#include <cjson/cJSON.h>
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/prim/hash.h"
#include "crypto/tlog/note.h"
#include "tap.h"

#define N 131
static struct merkle_hash leaves[N];

static void make_leaves(void)
{
	for (unsigned i = 0; i < N; i++) {
		uint8_t e[3] = { 'e', (uint8_t)(i >> 8), (uint8_t)i };

		merkle_leaf(sc_span(e, i == 0 ? 0 : 3), &leaves[i]);
	}
}

/* MTH as RFC 6962 §2.1 writes it. */
static struct merkle_hash naive(size_t lo, size_t hi)
{
	struct merkle_hash l, r;
	size_t k = 1;

	if (lo == hi) {
		merkle_empty(&l);
		return l;
	}
	if (hi - lo == 1)
		return leaves[lo];
	while (k * 2 < hi - lo)
		k *= 2;
	l = naive(lo, lo + k);
	r = naive(lo + k, hi);
	merkle_node(&l, &r, &l);
	return l;
}

/* A merkle_get_fn that knows nothing but the leaves. */
static enum sc_err naive_get(void *arg, unsigned level, uint64_t index, struct merkle_hash *out)
{
	size_t lo = (size_t)index << level, hi = lo + ((size_t)1 << level);

	if (hi > *(size_t *)arg)
		return SC_BUG;
	*out = naive(lo, hi);
	return SC_OK;
}

static bool same(const struct merkle_hash *a, const struct merkle_hash *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

struct told {
	size_t n;
	bool ok;
};

static enum sc_err told(void *arg, unsigned level, uint64_t index, const struct merkle_hash *h)
{
	struct told *t = arg;
	struct merkle_hash want = naive((size_t)index << level, ((size_t)index + 1) << level);

	t->n++;
	t->ok = t->ok && same(h, &want);
	return SC_OK;
}

static void test_frontier(void)
{
	struct merkle_frontier f = { .size = 0 }, again;
	struct told t = { 0, true };
	size_t subtrees = 0;

	for (size_t i = 0; i <= N; i++) {
		struct merkle_hash root, want = naive(0, i);

		merkle_root(&f, &root);
		CHECK(same(&root, &want));
		NEED(merkle_frontier_load(i, naive_get, &i, &again) == SC_OK);
		merkle_root(&again, &root);
		CHECK(same(&root, &want));
		if (i == N)
			break;
		NEED(merkle_push(&f, &leaves[i], told, &t) == SC_OK);
		for (size_t s = i + 1; (s & 1) == 0; s >>= 1)
			subtrees++;
		subtrees++;
	}
	CHECK(t.ok && t.n == subtrees);
}

static void test_inclusion(void)
{
	for (size_t size = 1; size <= 70; size++) {
		struct merkle_hash root = naive(0, size), wrong;

		for (size_t i = 0; i < size; i++) {
			struct merkle_proof p;

			NEED(merkle_prove_inclusion(i, size, naive_get, &size, &p) == SC_OK);
			CHECK(
			    merkle_check_inclusion(&leaves[i], i, size, p.h, p.n, &root) == SC_OK);
			CHECK(merkle_check_inclusion(&leaves[i], (i + 1) % size, size, p.h, p.n,
				  &root) == (size == 1 ? SC_OK : SC_AUTH));
			CHECK(merkle_check_inclusion(&leaves[N - 1], i, size, p.h, p.n, &root) ==
			    SC_AUTH);
			if (p.n == 0)
				continue;
			CHECK(merkle_check_inclusion(&leaves[i], i, size, p.h, p.n - 1, &root) ==
			    SC_AUTH);
			wrong = p.h[i % p.n];
			p.h[i % p.n].b[i % 32] ^= 1;
			CHECK(merkle_check_inclusion(&leaves[i], i, size, p.h, p.n, &root) ==
			    SC_AUTH);
			p.h[i % p.n] = wrong;
			p.h[p.n] = wrong;
			CHECK(merkle_check_inclusion(&leaves[i], i, size, p.h, p.n + 1, &root) ==
			    SC_AUTH);
		}
		CHECK(merkle_check_inclusion(&leaves[0], size, size, NULL, 0, &root) == SC_AUTH);
	}
}

static void test_consistency(void)
{
	for (size_t size = 0; size <= 70; size++) {
		struct merkle_hash root = naive(0, size);

		for (size_t old = 0; old <= size; old++) {
			struct merkle_hash was = naive(0, old), bent = was;
			struct merkle_proof p;

			NEED(merkle_prove_consistency(old, size, naive_get, &size, &p) == SC_OK);
			CHECK(merkle_check_consistency(old, size, &was, &root, p.h, p.n) == SC_OK);
			bent.b[5] ^= 4;
			if (old > 0)
				CHECK(merkle_check_consistency(old, size, &bent, &root, p.h, p.n) ==
				    SC_AUTH);
			if (old == 0 || old == size)
				continue;
			CHECK(
			    merkle_check_consistency(old, size, &root, &was, p.h, p.n) == SC_AUTH);
			CHECK(merkle_check_consistency(old, size, &was, &root, p.h, p.n - 1) ==
			    SC_AUTH);
			p.h[old % p.n].b[0] ^= 0x80;
			CHECK(
			    merkle_check_consistency(old, size, &was, &root, p.h, p.n) == SC_AUTH);
		}
		CHECK(merkle_check_consistency(size + 1, size, &root, &root, NULL, 0) == SC_AUTH);
	}
}

/* RFC 6962 §2.1, by hand; and the leaf hash of nothing, which every log knows. */
static void test_hashes(void)
{
	uint8_t m[65] = { 0x00, 'a', 'b', 'c' };
	struct merkle_hash a, b, c, want;
	char hex[65];

	merkle_leaf(sc_span("abc", 3), &a);
	hash_sha256(sc_span(m, 4), want.b);
	CHECK(same(&a, &want));
	merkle_leaf(sc_span(NULL, 0), &b);
	for (unsigned i = 0; i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", b.b[i]);
	CHECK(strcmp(hex, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d") == 0);
	m[0] = 0x01;
	memcpy(m + 1, a.b, 32);
	memcpy(m + 33, b.b, 32);
	merkle_node(&a, &b, &c);
	hash_sha256(sc_span(m, 65), want.b);
	CHECK(same(&c, &want));
	merkle_empty(&c);
	hash_sha256(sc_span(NULL, 0), want.b);
	CHECK(same(&c, &want));
}

/* Hashes that add up are not enough: the proof must have the length that the sizes give it. */
static void test_lengths(void)
{
	struct merkle_hash root, r, x = leaves[99], old;
	struct merkle_proof p;
	size_t size;

	/* an inner node passed off as a leaf: one step fewer, and the hashes are right */
	for (size = 2; size <= 64; size *= 2) {
		root = naive(0, size);
		NEED(merkle_prove_inclusion(0, size, naive_get, &size, &p) == SC_OK);
		for (size_t skip = 1; skip <= p.n; skip++) {
			r = naive(0, (size_t)1 << skip);
			CHECK(merkle_check_inclusion(&r, 0, size, p.h + skip, p.n - skip, &root) ==
			    SC_AUTH);
			CHECK(merkle_check_inclusion(&r, 0, size >> skip, p.h + skip, p.n - skip,
				  &root) == SC_OK);
		}
		/* a step more, under the root that it leads to */
		merkle_node(&x, &root, &r);
		p.h[p.n] = x;
		CHECK(merkle_check_inclusion(&leaves[0], 0, size, p.h, p.n + 1, &r) == SC_AUTH);
		merkle_node(&root, &x, &r);
		CHECK(merkle_check_inclusion(&leaves[0], 0, size, p.h, p.n + 1, &r) == SC_AUTH);
		NEED(
		    merkle_prove_inclusion(size, size, naive_get, &size, &p) == SC_BUG && p.n == 0);
	}
	/* 4 -> 8 passed off as 4 -> 16 */
	size = 8;
	old = naive(0, 4);
	root = naive(0, 8);
	NEED(merkle_prove_consistency(4, 8, naive_get, &size, &p) == SC_OK);
	CHECK(merkle_check_consistency(4, 8, &old, &root, p.h, p.n) == SC_OK);
	CHECK(merkle_check_consistency(4, 16, &old, &root, p.h, p.n) == SC_AUTH);
	CHECK(merkle_check_consistency(4, 8, &old, &root, p.h, 0) == SC_AUTH);
	NEED(merkle_prove_consistency(9, 8, naive_get, &size, &p) == SC_BUG && p.n == 0);
	/* 3 -> 4 with a step more, under the roots that it leads to */
	size = 4;
	NEED(merkle_prove_consistency(3, 4, naive_get, &size, &p) == SC_OK);
	p.h[p.n] = x;
	old = naive(0, 3);
	root = naive(0, 4);
	merkle_node(&x, &old, &old);
	merkle_node(&x, &root, &root);
	CHECK(merkle_check_consistency(3, 4, &old, &root, p.h, p.n + 1) == SC_AUTH);
	/* nothing extends to anything, with an empty proof only; equal sizes are equal trees */
	old = naive(0, 0);
	CHECK(merkle_check_consistency(0, 4, &old, &root, p.h, 1) == SC_AUTH);
	CHECK(merkle_check_consistency(0, 4, &old, &root, NULL, 0) == SC_OK);
	CHECK(merkle_check_consistency(4, 4, &root, &root, p.h, 1) == SC_AUTH);
	CHECK(merkle_check_consistency(4, 4, &old, &root, NULL, 0) == SC_AUTH);
}

/* A callback that cannot answer ends it, with its own code. */
static enum sc_err fails_at(void *arg, unsigned level, uint64_t index, struct merkle_hash *out)
{
	(void)level;
	(void)index;
	memset(out, 0, sizeof(*out));
	return (*(unsigned *)arg)-- == 0 ? SC_IO : SC_OK;
}

static enum sc_err done_fails(void *arg, unsigned level, uint64_t index,
    const struct merkle_hash *h)
{
	(void)level;
	(void)index;
	(void)h;
	return (*(unsigned *)arg)-- == 0 ? SC_LIMIT : SC_OK;
}

static void test_failures(void)
{
	struct merkle_frontier f = { .size = 7 };
	struct merkle_proof p;
	unsigned left;

	for (unsigned n = 0; n < 3; n++) { /* 7 = 4 + 2 + 1 */
		left = n;
		CHECK(merkle_frontier_load(7, fails_at, &left, &f) == SC_IO);
	}
	left = 3;
	CHECK(merkle_frontier_load(7, fails_at, &left, &f) == SC_OK && f.size == 7);
	for (unsigned n = 0; n < 4; n++) { /* the 8th leaf completes four subtrees */
		left = n;
		f.size = 7;
		CHECK(merkle_push(&f, &leaves[0], done_fails, &left) == SC_LIMIT);
	}
	left = 4;
	CHECK(merkle_push(&f, &leaves[0], done_fails, &left) == SC_OK && f.size == 8);
	for (unsigned n = 0;; n++) {
		left = n;
		if (merkle_prove_inclusion(5, 11, fails_at, &left, &p) == SC_OK) {
			CHECK(n >= p.n && p.n == 4);
			break;
		}
		CHECK(left == UINT32_MAX);
	}
	for (unsigned n = 0;; n++) {
		left = n;
		if (merkle_prove_consistency(5, 11, fails_at, &left, &p) == SC_OK) {
			CHECK(n >= p.n && p.n == 5);
			break;
		}
		CHECK(left == UINT32_MAX);
	}
}

/* ---- published probes -------------------------------------------------------- */

/* Some roots are words, to say that only their being equal counts: zeros fill those up. */
static bool hash_of(const cJSON *item, struct merkle_hash *out, bool words)
{
	size_t n = sizeof(out->b);

	memset(out, 0, sizeof(*out));
	return cJSON_IsString(item) &&
	    note_base64_parse(sc_span_str(item->valuestring), out->b, &n) == SC_OK &&
	    (words || n == 32);
}

static const cJSON *get(const cJSON *o, const char *k)
{
	return cJSON_GetObjectItemCaseSensitive(o, k);
}

/* Numbers above 2^53 stand in some probes: read the digits, not the double. */
static uint64_t number(const char *text, const char *key)
{
	char want[64];
	const char *at;

	snprintf(want, sizeof(want), "\"%s\":", key);
	at = strstr(text, want);
	return at == NULL ? UINT64_MAX : strtoull(at + strlen(want), NULL, 10);
}

/*
 * The probes of subtrees [start, end) say the same about a tree of their own,
 * as long as start is where such a subtree can begin. A consistency probe whose
 * subtree does not begin at 0 is of a kind that logs have no use for.
 */
static bool translate(const char *text, bool inclusion, uint64_t *a, uint64_t *b)
{
	uint64_t start = number(text, "start"), end = number(text, "end"), whole = 1;

	*a = number(text, inclusion ? "leafIdx" : "size1");
	*b = number(text, inclusion ? "treeSize" : "size2");
	if (start == UINT64_MAX) /* ours says yes to the empty tree: anything extends it */
		return inclusion || *a > 0;
	if (!inclusion) {
		*a = end;
		*b = number(text, "size");
		return start == 0 && end > 0;
	}
	while (end > start && whole < end - start && whole != 0)
		whole *= 2;
	*a = *a >= start && whole != 0 && start % whole == 0 ? *a - start : UINT64_MAX;
	*b = end > start ? end - start : 0;
	return true;
}

/* What our code says: 0 holds, 1 refused, -1 not a probe of ours. */
static int probe(const char *text, const cJSON *o, bool inclusion)
{
	uint64_t x, y;
	struct merkle_hash a, b, proof[80];
	const cJSON *h;
	size_t n = 0;
	bool ok = true;

	cJSON_ArrayForEach(h, get(o, "proof")) ok = n < 80 && hash_of(h, &proof[n++], false) && ok;
	if (inclusion)
		ok = hash_of(get(o, "leafHash"), &a, false) && hash_of(get(o, "root"), &b, false) &&
		    ok;
	else
		ok = hash_of(get(o, "root1"), &a, true) && hash_of(get(o, "root2"), &b, true) && ok;
	if (!translate(text, inclusion, &x, &y))
		return -1;
	if (!ok)
		return 1; /* a hash of another length can never be right */
	if (inclusion)
		return merkle_check_inclusion(&a, x, y, proof, n, &b) != SC_OK;
	return merkle_check_consistency(x, y, &a, &b, proof, n) != SC_OK;
}

static unsigned probes, wrong;

static void one_file(const char *path, bool inclusion)
{
	static char text[1 << 16];
	FILE *f = fopen(path, "r");
	size_t n = f == NULL ? 0 : fread(text, 1, sizeof(text) - 1, f);
	cJSON *o;
	int said;

	if (f != NULL)
		fclose(f);
	text[n] = '\0';
	o = cJSON_Parse(text);
	said = o == NULL ? 2 : probe(text, o, inclusion);
	probes += said >= 0;
	if (said >= 0 && said != (cJSON_IsTrue(get(o, "wantErr")) ? 1 : 0)) {
		wrong++;
		printf("# %s\n", path);
	}
	cJSON_Delete(o);
}

static void walk(const char *dir, bool inclusion)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	char path[512];
	struct stat st;

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
			walk(path, inclusion);
		else if (strstr(path, ".json") != NULL)
			one_file(path, inclusion);
	}
	if (d != NULL)
		closedir(d);
}

static void test_probes(void)
{
	walk("../shared/vectors/merkle/testdata/inclusion", true);
	walk("../shared/vectors/merkle/testdata/subtreeinclusion", true);
	walk("../shared/vectors/merkle/testdata/consistency", false);
	walk("../shared/vectors/merkle/testdata/subtreeconsistency", false);
	printf("# %u probes\n", probes);
	CHECK(probes > 150);
	CHECK(wrong == 0);
}

int main(void)
{
	make_leaves();
	RUN(test_hashes, "leaves, nodes and nothing hash as RFC 6962 says");
	RUN(test_frontier, "the frontier agrees with the recursive definition at every size");
	RUN(test_inclusion, "every inclusion proof holds, and none that was bent");
	RUN(test_consistency, "every consistency proof holds, and none that was bent");
	RUN(test_lengths,
	    "a proof of another length than the sizes give is refused, though it adds up");
	RUN(test_failures, "what cannot be read is told");
	if (access("../shared/vectors/merkle/testdata", R_OK) == 0)
		RUN(test_probes, "the published probes are judged as published");
	else
		tap_skip("the published probes", "../shared/vectors/merkle is NOT THERE");
	return tap_done();
}
