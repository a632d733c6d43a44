/*
 * test_siv.c - AES-256-SIV: agreement with OpenSSL, with a naive S2V and with
 * published vectors, and nothing opens that was changed.
 *
 * RFC 5297's own examples are for AES-128. The known answers here were made
 * with OpenSSL's AES-256-SIV; where the vectors' folder is present they are
 * the better witness.
 */
#include "crypto/prim/siv.h"

#include <malloc.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "wycheproof.h"

enum { TEXT_MAX = 700 };

static struct siv_ctx *siv;
static int ran, other_sizes;

static void fill(uint8_t *p, size_t n, unsigned seed)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)((seed = seed * 1103515245u + 12345u) >> 16);
}

/* OpenSSL's AES-256-SIV; PLAIN must not be empty (it fails on that). */
static bool evp_seal(const uint8_t *key, const struct sc_span *ads, size_t n_ads,
    struct sc_span plain, uint8_t *out)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-256-SIV", NULL);
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	static const uint8_t nothing;
	bool ok;
	int n;

	ok = EVP_EncryptInit_ex2(c, cipher, key, NULL, NULL) == 1;
	for (size_t i = 0; i < n_ads; i++)
		ok = ok &&
		    EVP_EncryptUpdate(c, NULL, &n, ads[i].n == 0 ? &nothing : ads[i].p,
			(int)ads[i].n) == 1;
	ok = ok && EVP_EncryptUpdate(c, out + 16, &n, plain.p, (int)plain.n) == 1 &&
	    n == (int)plain.n && EVP_EncryptFinal_ex(c, out + 16, &n) == 1 &&
	    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, 16, out) == 1;
	EVP_CIPHER_CTX_free(c);
	EVP_CIPHER_free(cipher);
	return ok;
}

/* ---- the naive model: RFC 5297 §2 word by word over OpenSSL's CMAC and CTR ---- */

static void naive_cmac(const uint8_t *key, struct sc_span m, uint8_t out[16])
{
	OSSL_PARAM params[2] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, (char[]){ "AES-256-CBC" },
		    0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "CMAC", NULL);
	EVP_MAC_CTX *c = EVP_MAC_CTX_new(mac);
	size_t n = 0;

	CHECK(EVP_MAC_init(c, key, 32, params) == 1 &&
	    (m.n == 0 || EVP_MAC_update(c, m.p, m.n) == 1) && EVP_MAC_final(c, out, &n, 16) == 1 &&
	    n == 16);
	EVP_MAC_CTX_free(c);
	EVP_MAC_free(mac);
}

static void naive_dbl(uint8_t b[16])
{
	int carry = b[0] >> 7;

	for (int i = 0; i < 15; i++)
		b[i] = (uint8_t)(b[i] << 1 | b[i + 1] >> 7);
	b[15] = (uint8_t)(b[15] << 1);
	if (carry)
		b[15] ^= 0x87;
}

static void naive_seal(const uint8_t *key, const struct sc_span *ads, size_t n_ads,
    struct sc_span plain, uint8_t *out)
{
	uint8_t d[16], m[16], zero[16] = { 0 }, t[TEXT_MAX + 16] = { 0 }, q[16];
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	size_t t_n = plain.n;
	int n = 0;

	naive_cmac(key, sc_span(zero, 16), d);
	for (size_t i = 0; i < n_ads; i++) {
		naive_cmac(key, ads[i], m);
		naive_dbl(d);
		for (int j = 0; j < 16; j++)
			d[j] ^= m[j];
	}
	if (plain.n != 0)
		memcpy(t, plain.p, plain.n);
	if (plain.n < 16) {
		t[plain.n] = 0x80;
		t_n = 16;
		naive_dbl(d);
	}
	for (int j = 0; j < 16; j++)
		t[t_n - 16 + (size_t)j] ^= d[j];
	naive_cmac(key, sc_span(t, t_n), out);
	memcpy(q, out, 16);
	q[8] &= 0x7f;
	q[12] &= 0x7f;
	CHECK(EVP_EncryptInit_ex(c, EVP_aes_256_ctr(), NULL, key + 32, q) == 1);
	if (plain.n != 0)
		CHECK(EVP_EncryptUpdate(c, out + 16, &n, plain.p, (int)plain.n) == 1);
	EVP_CIPHER_CTX_free(c);
}

/* ---- tests ---- */

/* Every case with key, ads and plain of bytes 00 01 02 .. (plain from 80 on). */
static const struct {
	size_t n_ads, ad_n, plain_n;
	const char *sealed;
} answers[] = {
	{ 0, 0, 1, "a0e35de3c468b34244c4bd95e723c9cb68" },
	{ 0, 0, 16, "6a0470c9647d37c37efb658d82f7ec7c1ee39f492c3fadf522f792e56d966751" },
	{ 1, 0, 11, "af038f86ba8635e70dbc66ca590d31d0e04f70f44d15dfb1861f32" },
	{ 1, 16, 11, "3babbf1d0c8b6fc053ec38ce4036b629d7a67b5e41f6daed5f8bd0" },
	{ 1, 40, 12, "04c46785f15a96c37151809b0563b960a2425a988f63c91f7bce0e2b" },
	{ 2, 17, 15, "00994aa0e21fa5e628e44924acb9b852883973b8c4fc5506359208036e0a79" },
	{ 3, 33, 31,
	    "36c2d1a218889a2d230f1c06934c7dd89d099fb4cd0ef53ed60f3f2776770a8a"
	    "c301f0bc5af4e444276251310413c0" },
	{ 1, 40, 64,
	    "4ba3b80f31a25577a12d50fd0e5e6107d0f7b393f919814d8efca6daa99a8dd6"
	    "fe4db92e2653ffa8c624c2809cfe210b6ab3eabc7fc522778745b949b5b342b7"
	    "e1e9caf5219e526cbcf121cfafa074ed" },
};

static void known_answers(void)
{
	uint8_t key[64], ad[64], plain[64], out[80], back[64];
	struct sc_span ads[3] = { { ad, 0 }, { ad, 0 }, { ad, 0 } };
	struct bytes want;
	bool ok;

	for (size_t i = 0; i < 64; i++) {
		key[i] = ad[i] = (uint8_t)i;
		plain[i] = (uint8_t)(0x80 + i);
	}
	NEED(siv_set_key(siv, key) == SC_OK);
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		ads[0].n = ads[1].n = ads[2].n = answers[i].ad_n;
		want = bytes_from_hex(answers[i].sealed);
		CHECK(want.n == 16 + answers[i].plain_n);
		CHECK(siv_seal(siv, ads, answers[i].n_ads, sc_span(plain, answers[i].plain_n),
			  out) == SC_OK);
		CHECK(memcmp(out, want.p, want.n) == 0);
		CHECK(siv_open(siv, ads, answers[i].n_ads, bytes_span(want), back, &ok) == SC_OK);
		CHECK(ok && memcmp(back, plain, answers[i].plain_n) == 0);
		free(want.p);
	}
}

/* Compare with the naive model, and OpenSSL where it can, in one shape. */
static void compare(unsigned seed, size_t n_ads, size_t ad_n, size_t plain_n)
{
	uint8_t key[64], text[TEXT_MAX], ad[5][600];
	uint8_t ours[TEXT_MAX + 16], naive[TEXT_MAX + 16], evp[TEXT_MAX + 16], back[TEXT_MAX];
	struct sc_span ads[5], plain = sc_span(text, plain_n);
	bool ok = false;

	fill(key, sizeof(key), seed);
	fill(text, plain_n, seed + 1);
	for (size_t i = 0; i < n_ads; i++) {
		fill(ad[i], ad_n, seed + 2 + (unsigned)i);
		ads[i] = sc_span(ad[i], i % 2 == 0 ? ad_n : ad_n / 2);
	}
	NEED(siv_set_key(siv, key) == SC_OK);
	NEED(siv_seal(siv, ads, n_ads, plain, ours) == SC_OK);
	naive_seal(key, ads, n_ads, plain, naive);
	CHECK(memcmp(ours, naive, 16 + plain_n) == 0);
	if (plain_n != 0) {
		CHECK(evp_seal(key, ads, n_ads, plain, evp));
		CHECK(memcmp(ours, evp, 16 + plain_n) == 0);
	}
	CHECK(siv_open(siv, ads, n_ads, sc_span(ours, 16 + plain_n), back, &ok) == SC_OK);
	CHECK(ok && memcmp(back, text, plain_n) == 0);
}

static void models(void)
{
	static const size_t ad_sizes[] = { 0, 1, 15, 16, 17, 33, 255, 256, 257, 273, 512, 600 };
	unsigned seed = 1;

	for (size_t n = 0; n <= 70; n++)
		compare(seed++, n % 4, 11, n);
	for (size_t n = 230; n <= TEXT_MAX; n += n < 290 ? 1 : 41)
		compare(seed++, 1, 40, n);
	for (size_t i = 0; i < sizeof(ad_sizes) / sizeof(ad_sizes[0]); i++)
		for (size_t n_ads = 0; n_ads <= 5; n_ads++)
			compare(seed++, n_ads, ad_sizes[i], (i * 7 + n_ads) % 40);
}

static void key_changes(void)
{
	uint8_t a[64] = { 1 }, b[64] = { 2 }, first[40], again[40];
	struct sc_span ad = sc_span_str("place"), plain = sc_span_str("07700 900123");

	NEED(siv_set_key(siv, a) == SC_OK);
	NEED(siv_seal(siv, &ad, 1, plain, first) == SC_OK);
	NEED(siv_set_key(siv, b) == SC_OK);
	NEED(siv_seal(siv, &ad, 1, plain, again) == SC_OK);
	CHECK(memcmp(first, again, 28) != 0);
	NEED(siv_set_key(siv, a) == SC_OK);
	for (int i = 0; i < 3; i++) {
		NEED(siv_seal(siv, &ad, 1, plain, again) == SC_OK);
		CHECK(memcmp(first, again, 28) == 0);
	}
}

static void borders(void)
{
	uint8_t key[64] = { 5 }, one[40], two[40];
	struct sc_span ab_c[2] = { SC_LIT("ab"), SC_LIT("c") },
		       a_bc[2] = { SC_LIT("a"), SC_LIT("bc") };
	struct sc_span c_ab[2] = { SC_LIT("c"), SC_LIT("ab") },
		       empty[2] = { { NULL, 0 }, { NULL, 0 } };
	struct sc_span plain = SC_LIT("value");

	NEED(siv_set_key(siv, key) == SC_OK);
	NEED(siv_seal(siv, ab_c, 2, plain, one) == SC_OK &&
	    siv_seal(siv, a_bc, 2, plain, two) == SC_OK);
	CHECK(memcmp(one, two, 16) != 0);
	NEED(siv_seal(siv, c_ab, 2, plain, two) == SC_OK);
	CHECK(memcmp(one, two, 16) != 0);
	NEED(siv_seal(siv, NULL, 0, plain, one) == SC_OK &&
	    siv_seal(siv, empty, 1, plain, two) == SC_OK);
	CHECK(memcmp(one, two, 16) != 0);
	NEED(siv_seal(siv, empty, 2, plain, one) == SC_OK);
	CHECK(memcmp(one, two, 16) != 0);
}

/* Whatever bit changes, nothing opens and nothing of the plaintext is left. */
static void tampering_of(size_t plain_n)
{
	uint8_t key[64] = { 7 }, text[40], sealed[56], out[40], zero[40] = { 0 };
	struct sc_span ad = sc_span_str("place"), other = sc_span_str("plac");
	bool ok;

	fill(text, sizeof(text), 9);
	NEED(siv_set_key(siv, key) == SC_OK);
	NEED(siv_seal(siv, &ad, 1, sc_span(text, plain_n), sealed) == SC_OK);
	for (size_t bit = 0; bit < 8 * (16 + plain_n); bit++) {
		sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		memset(out, 0xee, sizeof(out));
		ok = true;
		CHECK(siv_open(siv, &ad, 1, sc_span(sealed, 16 + plain_n), out, &ok) == SC_OK);
		CHECK(!ok && memcmp(out, zero, plain_n) == 0);
		sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	CHECK(siv_open(siv, &other, 1, sc_span(sealed, 16 + plain_n), out, &ok) == SC_OK && !ok);
	CHECK(siv_open(siv, NULL, 0, sc_span(sealed, 16 + plain_n), out, &ok) == SC_OK && !ok);
	CHECK(siv_open(siv, &ad, 1, sc_span(sealed, 16 + plain_n), out, &ok) == SC_OK && ok);
	for (size_t n = 0; n < 16 + plain_n; n++)
		CHECK(siv_open(siv, &ad, 1, sc_span(sealed, n), out, &ok) == SC_OK && !ok);
}

static void tampering(void)
{
	tampering_of(0);
	tampering_of(11);
	tampering_of(16);
	tampering_of(33);
}

static void in_place(void)
{
	uint8_t key[64] = { 3 }, text[300], apart[316], same[316];
	struct sc_span ad = sc_span_str("place");
	bool ok;

	fill(text, sizeof(text), 4);
	memcpy(same + 16, text, sizeof(text));
	NEED(siv_set_key(siv, key) == SC_OK);
	NEED(siv_seal(siv, &ad, 1, sc_span(text, sizeof(text)), apart) == SC_OK);
	NEED(siv_seal(siv, &ad, 1, sc_span(same + 16, sizeof(text)), same) == SC_OK);
	CHECK(memcmp(apart, same, sizeof(same)) == 0);
	CHECK(siv_open(siv, &ad, 1, sc_span(same, sizeof(same)), same + 16, &ok) == SC_OK && ok);
	CHECK(memcmp(same + 16, text, sizeof(text)) == 0);
}

static void no_key(void)
{
	struct sc_span plain = sc_span_str("value");
	struct siv_ctx *fresh = NULL;
	uint8_t key[64] = { 1 }, out[32], back[32];
	bool ok = true;

	NEED(siv_ctx_new(&fresh) == SC_OK);
	CHECK(siv_seal(fresh, NULL, 0, plain, out) == SC_BUG);
	NEED(siv_set_key(fresh, key) == SC_OK);
	CHECK(siv_seal(fresh, NULL, 0, plain, out) == SC_OK);
	siv_clear(fresh);
	CHECK(siv_seal(fresh, NULL, 0, plain, back) == SC_BUG);
	CHECK(siv_open(fresh, NULL, 0, sc_span(out, 21), back, &ok) == SC_BUG && !ok);
	siv_ctx_free(fresh);
	siv_ctx_free(NULL);
}

static void ceilings(void)
{
	struct sc_span ads[SIV_ADS_MAX + 1] = { { NULL, 0 } };
	uint8_t key[64] = { 1 }, out[21], back[5] = { 0xee };
	bool ok = true;

	NEED(siv_set_key(siv, key) == SC_OK);
	CHECK(siv_seal(siv, ads, SIV_ADS_MAX + 1, sc_span_str("value"), out) == SC_LIMIT);
	NEED(siv_seal(siv, ads, SIV_ADS_MAX, sc_span_str("value"), out) == SC_OK);
	CHECK(siv_open(siv, ads, SIV_ADS_MAX, sc_span(out, 21), back, &ok) == SC_OK && ok);
	CHECK(siv_open(siv, ads, SIV_ADS_MAX + 1, sc_span(out, 21), back, &ok) == SC_LIMIT);
	CHECK(!ok && back[0] == 0);
}

/* ---- what is left in memory ---- */

/* A sanitizer has its own allocator, in whose place ours cannot stand. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OWN_ALLOCATOR 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define OWN_ALLOCATOR 0
#endif
#endif
#ifndef OWN_ALLOCATOR
#define OWN_ALLOCATOR 1
#endif

static const void *watched; /* when it is freed, is anything but zeros left in it? */
static bool freed, was_wiped;
static int callocs_left = -1; /* until one fails; -1: never */

#if OWN_ALLOCATOR
void __libc_free(void *p);
void *__libc_calloc(size_t n, size_t size);

void free(void *p)
{
	if (p != NULL && p == watched) {
		freed = was_wiped = true;
		for (size_t i = 0; i < malloc_usable_size(p); i++)
			was_wiped = was_wiped && ((const uint8_t *)p)[i] == 0;
	}
	__libc_free(p);
}

void *calloc(size_t n, size_t size)
{
	if (callocs_left == 0)
		return NULL;
	callocs_left -= callocs_left > 0;
	return __libc_calloc(n, size);
}
#endif

static int mallocs_left = -1, live; /* OpenSSL's own */

static void *ossl_malloc(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	if (mallocs_left == 0)
		return NULL;
	mallocs_left -= mallocs_left > 0;
	live++;
	return malloc(n);
}

static void *ossl_realloc(void *p, size_t n, const char *file, int line)
{
	if (p == NULL)
		return ossl_malloc(n, file, line);
	return mallocs_left == 0 ? NULL : realloc(p, n);
}

static void ossl_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	live -= p != NULL;
	free(p);
}

/* Without a region the vault puts a granule in front of what it gives out. */
enum { VAULT_HEAD = 16 };

static void *allocated(struct siv_ctx *c)
{
	return (uint8_t *)c - VAULT_HEAD;
}

static size_t room_of(struct siv_ctx *c)
{
	return malloc_usable_size(allocated(c)) - VAULT_HEAD;
}

static size_t times_in(const void *memory, size_t n, const uint8_t what[static 16])
{
	size_t times = 0;

	for (size_t i = 0; i + 16 <= n; i++)
		times += memcmp((const uint8_t *)memory + i, what, 16) == 0;
	return times;
}

/* L, K1, K2 of RFC 4493 and CMAC(<zero>), for the CMAC half of KEY. */
static void derived(const uint8_t *key, uint8_t out[4][16])
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	uint8_t zero[16] = { 0 };
	int n = 0;

	CHECK(EVP_EncryptInit_ex(c, EVP_aes_256_ecb(), NULL, key, NULL) == 1 &&
	    EVP_EncryptUpdate(c, out[0], &n, zero, 16) == 1 && n == 16);
	EVP_CIPHER_CTX_free(c);
	memcpy(out[1], out[0], 16);
	naive_dbl(out[1]);
	memcpy(out[2], out[1], 16);
	naive_dbl(out[2]);
	naive_cmac(key, sc_span(zero, 16), out[3]);
}

/* Of a key the context keeps what it needs, once, and after siv_clear() nothing. */
static void key_material(void)
{
	uint8_t key[64] = { 9, 8, 7 }, d[4][16];
	struct siv_ctx *c = NULL;
	size_t n;

	NEED(siv_ctx_new(&c) == SC_OK);
	n = room_of(c);
	derived(key, d);
	NEED(siv_set_key(c, key) == SC_OK);
	CHECK(times_in(c, n, d[0]) == 0);
	CHECK(times_in(c, n, d[1]) == 1 && times_in(c, n, d[2]) == 1);
	CHECK(times_in(c, n, d[3]) == 2); /* and as what cbc chains from */
	siv_clear(c);
	for (unsigned i = 0; i < 4; i++)
		CHECK(times_in(c, n, d[i]) == 0);
	NEED(siv_set_key(c, key) == SC_OK);
	freed = false;
	watched = allocated(c);
	siv_ctx_free(c);
	watched = NULL;
	CHECK(!OWN_ALLOCATOR || (freed && was_wiped));
}

/* Between BEFORE and NOW no byte may differ but 16 that lie together: what cbc chains from. */
static bool only_chain_differs(const uint8_t *before, const uint8_t *now, size_t n)
{
	size_t first = 0, last = n;

	while (first < n && before[first] == now[first])
		first++;
	while (last > first && before[last - 1] == now[last - 1])
		last--;
	return last - first <= 16;
}

static void scratch_of(size_t ad_n, size_t plain_n)
{
	static uint8_t ad_bytes[TEXT_MAX], text[TEXT_MAX], sealed[TEXT_MAX + 16], before[4096];
	uint8_t key[64] = { 4, 5 };
	struct sc_span ad = sc_span(ad_bytes, ad_n);
	struct siv_ctx *c = NULL;
	size_t n;
	bool ok;

	NEED(siv_ctx_new(&c) == SC_OK);
	n = room_of(c);
	NEED(n <= sizeof(before) && siv_set_key(c, key) == SC_OK);
	fill(text, plain_n, 77);
	fill(ad_bytes, ad_n, 78);
	memcpy(before, c, n);
	CHECK(siv_seal(c, &ad, 1, sc_span(text, plain_n), sealed) == SC_OK);
	CHECK(only_chain_differs(before, (const uint8_t *)c, n));
	CHECK(siv_open(c, &ad, 1, sc_span(sealed, 16 + plain_n), text, &ok) == SC_OK && ok);
	CHECK(only_chain_differs(before, (const uint8_t *)c, n));
	sealed[3] ^= 1;
	CHECK(siv_open(c, &ad, 1, sc_span(sealed, 16 + plain_n), text, &ok) == SC_OK && !ok);
	CHECK(only_chain_differs(before, (const uint8_t *)c, n));
	siv_ctx_free(c);
}

/* Nothing of a value or of its key stream stays in the context, whichever pass was the longest. */
static void scratch(void)
{
	static const size_t sizes[] = { 1, 15, 16, 17, 100, 255, 256, 257, 272, 700 };

	for (unsigned i = 0; i < 10; i++)
		for (unsigned k = 0; k < 10; k++)
			scratch_of(sizes[i], sizes[k]);
}

/* Whatever allocation fails, there is no context and nothing is left of it. */
static void no_memory(void)
{
	struct siv_ctx *c;
	int before, n = 0;
	enum sc_err err;

	NEED(siv_ctx_new(&c) == SC_OK); /* what OpenSSL makes once is made */
	siv_ctx_free(c);
	before = live;
	do {
		c = (struct siv_ctx *)(void *)&n;
		mallocs_left = n++;
		err = siv_ctx_new(&c);
		mallocs_left = -1;
		CHECK(err == SC_OK || (err == SC_NOMEM && c == NULL));
		if (err == SC_OK)
			siv_ctx_free(c);
		CHECK(live == before);
	} while (err != SC_OK && n < 100);
	CHECK(n > 2 && n < 100);
	if (!OWN_ALLOCATOR)
		return;
	callocs_left = 0;
	err = siv_ctx_new(&c);
	callocs_left = -1;
	CHECK(err == SC_NOMEM && c == NULL && live == before);
}

/* A gigabyte of addresses over one megabyte of memory. */
static uint8_t *wide(size_t n)
{
	const size_t part = (size_t)1 << 20;
	int fd = memfd_create("wide", 0);
	uint8_t *p = mmap(NULL, n, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (fd < 0 || ftruncate(fd, (off_t)part) != 0 || p == MAP_FAILED)
		abort();
	for (size_t at = 0; at < n; at += part)
		if (mmap(p + at, part, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) ==
		    MAP_FAILED)
			abort();
	close(fd);
	return p;
}

/* Without a key a length within the ceiling is told apart from one past it, and nothing is read. */
static void longest(void)
{
	const size_t max = SIV_PLAIN_MAX, room = max + ((size_t)1 << 20);
	uint8_t *p = wide(room);
	struct siv_ctx *c = NULL;
	bool ok = true;

	NEED(siv_ctx_new(&c) == SC_OK);
	CHECK(siv_seal(c, NULL, 0, sc_span(p, max), p) == SC_BUG);
	CHECK(siv_seal(c, NULL, 0, sc_span(p, max + 1), p) == SC_LIMIT);
	p[5] = 1;
	CHECK(siv_open(c, NULL, 0, sc_span(p, max + 16), p, &ok) == SC_BUG && !ok && p[5] == 0);
	CHECK(siv_open(c, NULL, 0, sc_span(p, max + 17), p, &ok) == SC_LIMIT && !ok);
	siv_ctx_free(c);
	munmap(p, room);
}

/* One case of either file, its associated data and its SIV || C given. */
static void one_case(struct bytes key, const struct sc_span *ads, size_t n_ads, struct bytes msg,
    const uint8_t *sealed, size_t sealed_n, bool valid)
{
	uint8_t *out = calloc(1, 16 + msg.n + sealed_n);
	bool ok = !valid;

	NEED(siv_set_key(siv, key.p) == SC_OK);
	NEED(siv_seal(siv, ads, n_ads, bytes_span(msg), out) == SC_OK);
	CHECK((16 + msg.n == sealed_n && memcmp(out, sealed, sealed_n) == 0) == valid);
	NEED(siv_open(siv, ads, n_ads, sc_span(sealed, sealed_n), out, &ok) == SC_OK);
	CHECK(ok == valid);
	if (ok)
		CHECK(memcmp(out, msg.p, msg.n) == 0);
	ran++;
	free(out);
}

static void one_daead(const cJSON *group, const cJSON *test)
{
	struct bytes key = bytes_of(test, "key"), aad = bytes_of(test, "aad");
	struct bytes msg = bytes_of(test, "msg"), ct = bytes_of(test, "ct");
	struct sc_span ad = bytes_span(aad);

	(void)group;
	if (key.n == SIV_KEY_BYTES)
		one_case(key, &ad, 1, msg, ct.p, ct.n, result_of(test) == 'v');
	else
		other_sizes++;
	free(key.p);
	free(aad.p);
	free(msg.p);
	free(ct.p);
}

static void one_aead(const cJSON *group, const cJSON *test)
{
	struct bytes key = bytes_of(test, "key"), aad = bytes_of(test, "aad");
	struct bytes msg = bytes_of(test, "msg"), iv = bytes_of(test, "iv");
	struct bytes ct = bytes_of(test, "ct"), tag = bytes_of(test, "tag");
	struct sc_span ads[2] = { bytes_span(aad), bytes_span(iv) };
	uint8_t *sealed = malloc(tag.n + ct.n + 1);

	(void)group;
	memcpy(sealed, tag.p, tag.n);
	memcpy(sealed + tag.n, ct.p, ct.n);
	if (key.n == SIV_KEY_BYTES)
		one_case(key, ads, 2, msg, sealed, tag.n + ct.n, result_of(test) == 'v');
	else
		other_sizes++;
	free(key.p);
	free(aad.p);
	free(msg.p);
	free(iv.p);
	free(ct.p);
	free(tag.p);
	free(sealed);
}

static void wycheproof_daead(void)
{
	ran = other_sizes = 0;
	CHECK(wycheproof_each("aes_siv_cmac", one_daead));
	CHECK(ran >= 147);
	printf("# aes_siv_cmac: %d cases, %d of other key sizes not run\n", ran, other_sizes);
}

static void wycheproof_aead(void)
{
	ran = other_sizes = 0;
	CHECK(wycheproof_each("aead_aes_siv_cmac", one_aead));
	CHECK(ran >= 300);
	printf("# aead_aes_siv_cmac: %d cases, %d of other key sizes not run\n", ran, other_sizes);
}

int main(void)
{
	if (CRYPTO_set_mem_functions(ossl_malloc, ossl_realloc, ossl_free) != 1 ||
	    siv_ctx_new(&siv) != SC_OK)
		return 1;
	RUN(known_answers, "known answers");
	RUN(models, "a naive S2V agrees in every shape, and OpenSSL wherever it works");
	RUN(key_changes, "a context that changed keys seals as a fresh one does");
	RUN(borders, "number, order and borders of the associated data count");
	RUN(tampering, "any changed bit is refused, and the output wiped");
	RUN(in_place, "sealing and opening in place");
	RUN(no_key, "without a key nothing is sealed or opened");
	RUN(ceilings, "too many associated data are refused");
	RUN(longest, "the longest value is within the ceiling, one byte more is not");
	RUN(key_material, "of a key nothing is left when it is cleared or freed");
	RUN(scratch, "of a value nothing is left in the context");
	RUN(no_memory, "without memory there is no context, and nothing is left of it");
	if (wycheproof_there()) {
		RUN(wycheproof_daead, "Wycheproof aes_siv_cmac");
		RUN(wycheproof_aead, "Wycheproof aead_aes_siv_cmac");
	} else {
		tap_skip("Wycheproof aes_siv_cmac", "no " WYCHEPROOF_DIR);
		tap_skip("Wycheproof aead_aes_siv_cmac", "no " WYCHEPROOF_DIR);
	}
	siv_ctx_free(siv);
	return tap_done();
}
