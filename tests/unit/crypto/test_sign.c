/*
 * test_sign.c - Ed25519 keeps to RFC 8032 and refuses forgeries.
 */
#include "crypto/prim/sign.h"

#include <openssl/evp.h>

#include "wycheproof.h"

static int ran;

static bool is_hex(const uint8_t *p, const char *hex)
{
	struct bytes want = bytes_from_hex(hex);
	bool same = memcmp(p, want.p, want.n) == 0;

	free(want.p);
	return same;
}

static void known(const char *seed_hex, const char *pk_hex, const char *msg_hex,
    const char *sig_hex)
{
	struct bytes seed = bytes_from_hex(seed_hex), msg = bytes_from_hex(msg_hex);
	struct sign_public pk;
	struct sign_secret sk;
	uint8_t sig[SIGN_BYTES];

	sign_keypair_from_seed(seed.p, &pk, &sk);
	CHECK(is_hex(pk.b, pk_hex));
	sign_detached(&sk, bytes_span(msg), sig);
	CHECK(is_hex(sig, sig_hex));
	CHECK(sign_verify(&pk, bytes_span(msg), sc_span(sig, sizeof(sig))));
	free(seed.p);
	free(msg.p);
}

static void rfc8032(void) /* §7.1, tests 1 to 3 */
{
	known("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
	    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
	    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
	    "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
	known("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
	    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
	    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
	known("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
	    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
	    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
	    "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");
}

static void openssl_agrees(void)
{
	uint8_t seed[SIGN_SEED_BYTES], msg[100], sig[SIGN_BYTES], theirs[SIGN_BYTES];
	struct sign_public pk;
	struct sign_secret sk;
	EVP_PKEY *key;
	EVP_MD_CTX *md;
	size_t n;

	for (size_t i = 0; i < sizeof(msg); i += 9) {
		memset(seed, (int)i + 1, sizeof(seed));
		memset(msg, (int)i, sizeof(msg));
		sign_keypair_from_seed(seed, &pk, &sk);
		sign_detached(&sk, sc_span(msg, i), sig);
		key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof(seed));
		md = EVP_MD_CTX_new();
		n = sizeof(theirs);
		CHECK(EVP_DigestSignInit(md, NULL, NULL, NULL, key) == 1 &&
		    EVP_DigestSign(md, theirs, &n, msg, i) == 1);
		CHECK(memcmp(sig, theirs, sizeof(sig)) == 0);
		EVP_MD_CTX_free(md);
		EVP_PKEY_free(key);
	}
}

static void tampering(void)
{
	uint8_t seed[SIGN_SEED_BYTES] = { 1 }, msg[20] = { 2 }, sig[SIGN_BYTES + 1] = { 0 };
	struct sc_span m = sc_span(msg, sizeof(msg)), s = sc_span(sig, SIGN_BYTES);
	struct sign_public pk, other;
	struct sign_secret sk;

	seed[0] = 9;
	sign_keypair_from_seed(seed, &other, &sk);
	seed[0] = 1;
	sign_keypair_from_seed(seed, &pk, &sk);
	sign_detached(&sk, m, sig);
	NEED(sign_verify(&pk, m, s));
	CHECK(!sign_verify(&other, m, s));
	for (size_t bit = 0; bit < 8 * SIGN_BYTES; bit++) {
		sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
		CHECK(!sign_verify(&pk, m, s));
		sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	msg[19] ^= 1;
	CHECK(!sign_verify(&pk, m, s));
	msg[19] ^= 1;
	CHECK(!sign_verify(&pk, m, sc_span(sig, SIGN_BYTES - 1)));
	CHECK(!sign_verify(&pk, m, sc_span(sig, SIGN_BYTES + 1)));
	CHECK(!sign_verify(&pk, m, sc_span(NULL, 0)));
}

static void one_case(const cJSON *group, const cJSON *test)
{
	const cJSON *key = cJSON_GetObjectItemCaseSensitive(group, "publicKey");
	struct bytes pk = bytes_of(key, "pk"), msg = bytes_of(test, "msg");
	struct bytes sig = bytes_of(test, "sig");
	struct sign_public p = { { 0 } };

	CHECK(pk.n == SIGN_PUBLIC_BYTES);
	if (pk.n == SIGN_PUBLIC_BYTES)
		memcpy(p.b, pk.p, pk.n);
	CHECK(sign_verify(&p, bytes_span(msg), bytes_span(sig)) == (result_of(test) == 'v'));
	ran++;
	free(pk.p);
	free(msg.p);
	free(sig.p);
}

static void wycheproof_ed25519(void)
{
	ran = 0;
	CHECK(wycheproof_each("ed25519", one_case));
	CHECK(ran >= 150);
	printf("# ed25519: %d cases\n", ran);
}

int main(void)
{
	RUN(rfc8032, "keys and signatures are RFC 8032's");
	RUN(openssl_agrees, "OpenSSL makes the same signatures");
	RUN(tampering, "any changed bit, another key or another length is refused");
	if (wycheproof_there())
		RUN(wycheproof_ed25519, "Wycheproof ed25519");
	else
		tap_skip("Wycheproof ed25519", "no " WYCHEPROOF_DIR);
	return tap_done();
}
