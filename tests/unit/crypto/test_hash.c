/*
 * test_hash.c - SHA-256, HMAC and HKDF keep to their standards.
 */
#include "crypto/prim/hash.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "wycheproof.h"

static int ran;

static bool is_hex(const uint8_t *p, const char *hex)
{
	struct bytes want = bytes_from_hex(hex);
	bool same = memcmp(p, want.p, want.n) == 0;

	free(want.p);
	return same;
}

static void fill(uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(i * 7 + 3);
}

static void sha256_known(void)
{
	uint8_t out[32];

	hash_sha256(sc_span(NULL, 0), out); /* FIPS 180-4 examples */
	CHECK(is_hex(out, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
	hash_sha256(sc_span_str("abc"), out);
	CHECK(is_hex(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
}

static void pieces(void)
{
	uint8_t data[200], want[32], got[32], model[32];
	struct hash_sha256 h, copy;

	fill(data, sizeof(data));
	for (size_t n = 0; n <= sizeof(data); n++) {
		hash_sha256(sc_span(data, n), want);
		EVP_Digest(data, n, model, NULL, EVP_sha256(), NULL);
		CHECK(memcmp(want, model, 32) == 0);
		hash_sha256_init(&h);
		hash_sha256_update(&h, sc_span(data, n / 3));
		hash_sha256_update(&h, sc_span(NULL, 0));
		copy = h;
		hash_sha256_update(&h, sc_span(data + n / 3, n - n / 3));
		hash_sha256_final(&h, got);
		CHECK(memcmp(want, got, 32) == 0);
		hash_sha256_update(&copy, sc_span(data + n / 3, n - n / 3));
		hash_sha256_final(&copy, got);
		CHECK(memcmp(want, got, 32) == 0);
	}
}

static void final_wipes(void)
{
	static const struct hash_sha256 zero;
	struct hash_sha256 h;
	uint8_t out[32];

	hash_sha256_init(&h);
	hash_sha256_update(&h, sc_span_str("abc"));
	hash_sha256_final(&h, out);
	CHECK(memcmp(&h, &zero, sizeof(h)) == 0);
}

static void hmac_known(void)
{
	struct sc_span parts[2];
	struct hmac_key k;
	uint8_t out[32], key[131];

	memset(key, 0x0b, 20); /* RFC 4231 §4.2 */
	hmac_key_init(&k, key, 20);
	parts[0] = sc_span_str("Hi There");
	hmac_sha256(&k, parts, 1, out);
	CHECK(is_hex(out, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"));
	hmac_key_init(&k, (const uint8_t *)"Jefe", 4); /* §4.3, in two parts */
	parts[0] = sc_span_str("what do ya want ");
	parts[1] = sc_span_str("for nothing?");
	hmac_sha256(&k, parts, 2, out);
	CHECK(is_hex(out, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
	memset(key, 0xaa, 131); /* §4.7: a key longer than a block */
	hmac_key_init(&k, key, 131);
	parts[0] = sc_span_str("Test Using Larger Than Block-Size Key - Hash Key First");
	hmac_sha256(&k, parts, 1, out);
	CHECK(is_hex(out, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
}

static void hmac_model(void)
{
	uint8_t key[150], data[150], want[32], got[32];
	struct sc_span part;
	struct hmac_key k;

	fill(key, sizeof(key));
	fill(data, sizeof(data));
	for (size_t n = 0; n <= sizeof(key); n++) {
		hmac_key_init(&k, key, n);
		part = sc_span(data, sizeof(data) - n);
		NEED(HMAC(EVP_sha256(), key, (int)n, part.p, part.n, want, NULL) != NULL);
		hmac_sha256(&k, &part, 1, got);
		CHECK(memcmp(want, got, 32) == 0);
		hmac_sha256(&k, &part, 1, got); /* the key is not used up */
		CHECK(memcmp(want, got, 32) == 0);
	}
	hmac_sha256(&k, NULL, 0, got);
	NEED(HMAC(EVP_sha256(), key, sizeof(key), data, 0, want, NULL) != NULL);
	CHECK(memcmp(want, got, 32) == 0);
}

static void hmac_wiped(void)
{
	static const struct hmac_key zero;
	struct hmac_key k;

	hmac_key_init(&k, (const uint8_t *)"Jefe", 4);
	CHECK(memcmp(&k, &zero, sizeof(k)) != 0);
	hmac_key_fini(&k);
	CHECK(memcmp(&k, &zero, sizeof(k)) == 0);
}

static void hkdf_known(void)
{
	struct bytes salt = bytes_from_hex("000102030405060708090a0b0c");
	struct bytes info = bytes_from_hex("f0f1f2f3f4f5f6f7f8f9");
	uint8_t ikm[22], out[42];

	memset(ikm, 0x0b, sizeof(ikm)); /* RFC 5869 A.1 */
	CHECK(hkdf_sha256(sc_span(ikm, 22), bytes_span(salt), bytes_span(info), out, 42) == SC_OK);
	CHECK(is_hex(out,
	    "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
	    "34007208d5b887185865"));
	/* A.3: no salt, no info */
	CHECK(hkdf_sha256(sc_span(ikm, 22), sc_span(NULL, 0), sc_span(NULL, 0), out, 42) == SC_OK);
	CHECK(is_hex(out,
	    "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
	    "9d201395faa4b61a96c8"));
	free(salt.p);
	free(info.p);
}

static void hkdf_ceiling(void)
{
	static uint8_t longest[HKDF_MAX + 1], shorter[100];
	struct sc_span ikm = sc_span_str("ikm"), none = sc_span(NULL, 0);

	CHECK(hkdf_sha256(ikm, none, none, longest, HKDF_MAX + 1) == SC_LIMIT);
	CHECK(longest[0] == 0 && memcmp(longest, longest + 1, HKDF_MAX) == 0);
	CHECK(hkdf_sha256(ikm, none, none, longest, HKDF_MAX) == SC_OK);
	CHECK(longest[HKDF_MAX] == 0);
	CHECK(hkdf_sha256(ikm, none, none, shorter, sizeof(shorter)) == SC_OK);
	CHECK(memcmp(longest, shorter, sizeof(shorter)) == 0);
	CHECK(hkdf_sha256(ikm, none, none, NULL, 0) == SC_OK);
}

static void one_hmac(const cJSON *group, const cJSON *test)
{
	struct bytes key = bytes_of(test, "key"), msg = bytes_of(test, "msg");
	struct bytes tag = bytes_of(test, "tag");
	struct sc_span part = bytes_span(msg);
	struct hmac_key k;
	uint8_t out[32];
	bool same;

	hmac_key_init(&k, key.p, key.n);
	hmac_sha256(&k, &part, 1, out);
	same = tag.n == (size_t)int_of(group, "tagSize") / 8 && memcmp(out, tag.p, tag.n) == 0;
	CHECK(same == (result_of(test) == 'v'));
	ran++;
	free(key.p);
	free(msg.p);
	free(tag.p);
}

static void wycheproof_hmac(void)
{
	ran = 0;
	CHECK(wycheproof_each("hmac_sha256", one_hmac));
	CHECK(ran >= 174);
	printf("# hmac_sha256: %d cases\n", ran);
}

static void one_hkdf(const cJSON *group, const cJSON *test)
{
	struct bytes ikm = bytes_of(test, "ikm"), salt = bytes_of(test, "salt");
	struct bytes info = bytes_of(test, "info"), okm = bytes_of(test, "okm");
	size_t n = (size_t)int_of(test, "size");
	uint8_t *out = calloc(1, n + 1);
	enum sc_err err;

	(void)group;
	err = hkdf_sha256(bytes_span(ikm), bytes_span(salt), bytes_span(info), out, n);
	if (result_of(test) == 'v')
		CHECK(err == SC_OK && okm.n == n && memcmp(out, okm.p, n) == 0);
	else
		CHECK(err == SC_LIMIT);
	ran++;
	free(ikm.p);
	free(salt.p);
	free(info.p);
	free(okm.p);
	free(out);
}

static void wycheproof_hkdf(void)
{
	ran = 0;
	CHECK(wycheproof_each("hkdf_sha256", one_hkdf));
	CHECK(ran >= 86);
	printf("# hkdf_sha256: %d cases\n", ran);
}

int main(void)
{
	RUN(sha256_known, "SHA-256 gives the published digests");
	RUN(pieces, "pieces, copies and one shot give OpenSSL's digest");
	RUN(final_wipes, "a finished hash is wiped");
	RUN(hmac_known, "HMAC gives RFC 4231's values");
	RUN(hmac_model, "HMAC agrees with OpenSSL's for every key and data length");
	RUN(hmac_wiped, "a finished HMAC key is wiped");
	RUN(hkdf_known, "HKDF gives RFC 5869's values");
	RUN(hkdf_ceiling, "HKDF stops at 255 blocks, and short output is a prefix of long");
	if (wycheproof_there()) {
		RUN(wycheproof_hmac, "Wycheproof hmac_sha256");
		RUN(wycheproof_hkdf, "Wycheproof hkdf_sha256");
	} else {
		tap_skip("Wycheproof hmac_sha256", "no " WYCHEPROOF_DIR);
		tap_skip("Wycheproof hkdf_sha256", "no " WYCHEPROOF_DIR);
	}
	return tap_done();
}
