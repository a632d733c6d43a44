/*
 * test_sha1.c - HMAC-SHA1 keeps to its standard (RFC 2202 §3), in pieces too.
 */
#include "crypto/prim/sha1.h"

#include "base/text/hex.h"
#include "tap.h"

static uint8_t bytes[80];

static const uint8_t *repeated(uint8_t c)
{
	memset(bytes, c, sizeof(bytes));
	return bytes;
}

static bool mac_is(const uint8_t *key, size_t key_n, const char *text, const char *hex)
{
	struct hmac_sha1_key k;
	uint8_t got[SHA1_BYTES], want[SHA1_BYTES];
	const struct sc_span parts[3] = { { (const uint8_t *)text, strlen(text) / 2 }, { NULL, 0 },
		{ (const uint8_t *)text + strlen(text) / 2, strlen(text) - strlen(text) / 2 } };

	if (!hex_parse(sc_span_str(hex), want, sizeof(want)))
		return false;
	hmac_sha1_key_init(&k, key, key_n);
	hmac_sha1(&k, parts, 3, got);
	if (memcmp(got, want, sizeof(want)) != 0)
		return false;
	hmac_sha1(&k, parts, 3, got); /* the key is as it was */
	return memcmp(got, want, sizeof(want)) == 0;
}

static void test_rfc2202(void)
{
	CHECK(mac_is(repeated(0x0b), 20, "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"));
	CHECK(mac_is((const uint8_t *)"Jefe", 4, "what do ya want for nothing?",
	    "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"));
	CHECK(mac_is(repeated(0x0c), 20, "Test With Truncation",
	    "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04"));
	CHECK(mac_is(repeated(0xaa), 80, "Test Using Larger Than Block-Size Key - Hash Key First",
	    "aa4ae5e15272d00e95705637ce8a3b55ed402112"));
	CHECK(mac_is(repeated(0xaa), 80,
	    "Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data",
	    "e8e99d0f45237d786d6bbaa7965c7808bbff1a91"));
	/* an empty key is one of zeros */
	CHECK(mac_is(NULL, 0, "", "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d"));
}

int main(void)
{
	RUN(test_rfc2202, "HMAC-SHA1 gives the published values, again and again");
	return tap_done();
}
