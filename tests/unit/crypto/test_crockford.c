/*
 * test_crockford.c - base32 reads what it writes, and nothing else.
 */
#include "crypto/prim/crockford.h"

#include <ctype.h>

#include "crypto/prim/random.h"
#include "tap.h"

static void base32(void)
{
	uint8_t bytes[64], back[64];
	char digits[128], in_place[128];

	/* five bytes, and each shorter length; 0xff shows where padding begins */
	static const struct {
		const char *text;
		size_t n;
	} ones[] = {
		{ "", 0 },
		{ "zw", 1 },
		{ "zzzg", 2 },
		{ "zzzzy", 3 },
		{ "zzzzzzr", 4 },
		{ "zzzzzzzz", 5 },
		{ "zzzzzzzzzw", 6 },
	};
	memset(bytes, 0xff, sizeof(bytes));
	for (size_t i = 0; i < sizeof(ones) / sizeof(ones[0]); i++) {
		CHECK(crockford_length(ones[i].n) == strlen(ones[i].text));
		crockford_encode(bytes, ones[i].n, digits);
		CHECK(memcmp(digits, ones[i].text, strlen(ones[i].text)) == 0);
	}
	for (size_t n = 0; n <= sizeof(bytes); n++) {
		random_bytes(bytes, sizeof(bytes));
		crockford_encode(bytes, n, digits);
		CHECK(crockford_bytes(crockford_length(n)) == n);
		CHECK(crockford_decode(sc_span(digits, crockford_length(n)), back));
		CHECK(memcmp(bytes, back, n) == 0);
		memcpy(in_place + crockford_length(n) - n, bytes, n);
		crockford_encode((uint8_t *)in_place + crockford_length(n) - n, n, in_place);
		CHECK(memcmp(in_place, digits, crockford_length(n)) == 0);
	}
	for (unsigned c = 0; c < 256; c++) {
		bool digit = c != 0 &&
		    strchr("0123456789abcdefghjkmnpqrstvwxyz", tolower((int)c)) != NULL && c < 128;
		memset(digits, '0', 8);
		digits[3] = (char)c;
		CHECK(crockford_is_digit((uint8_t)c) == digit);
		CHECK(crockford_decode(sc_span(digits, 8), back) == digit);
	}
	CHECK(!crockford_decode(sc_span_str("0"), back));
	CHECK(!crockford_decode(sc_span_str("000"), back));
	CHECK(!crockford_decode(sc_span_str("000000"), back));
	CHECK(!crockford_decode(sc_span_str("01"), back)); /* a padding bit */
	CHECK(crockford_decode(sc_span_str("04"), back) && back[0] == 1);
}

int main(void)
{
	RUN(base32, "base32 is Crockford's without aliases, and its own inverse");
	return tap_done();
}
