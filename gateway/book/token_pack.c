/*
 * token_pack.c - a number's token as its bytes, and back: five eighths of its
 * text, ten million times.
 */
#include "crypto/prim/crockford.h"
#include "crypto/token/token.h"
#include "gateway/book/book.h"

#include <string.h>

#define PREFIX_BYTES (sizeof(TOKEN_PREFIX) - 1)

_Static_assert(PHONE_TOKEN_TEXT_MAX > PREFIX_BYTES + (PHONE_TOKEN_PACKED_MAX * 8 + 4) / 5,
    "the longest token's text");

bool phone_token_pack(struct sc_span text, uint8_t out[static PHONE_TOKEN_PACKED_MAX], size_t *n)
{
	struct sc_span digits = sc_span_from(text, PREFIX_BYTES), hit;

	*n = 0;
	if (!token_seems(text) || crockford_bytes(digits.n) > PHONE_TOKEN_PACKED_MAX ||
	    !token_find(text, 0, &hit) || hit.p != text.p || hit.n != text.n ||
	    !crockford_decode(digits, out))
		return false;
	*n = crockford_bytes(digits.n);
	return true;
}

size_t phone_token_text(struct sc_span packed, char out[static PHONE_TOKEN_TEXT_MAX])
{
	size_t n = PREFIX_BYTES + crockford_length(packed.n);

	out[0] = '\0';
	if (packed.n == 0 || packed.n > PHONE_TOKEN_PACKED_MAX)
		return 0;
	memcpy(out, TOKEN_PREFIX, PREFIX_BYTES);
	crockford_encode(packed.p, packed.n, out + PREFIX_BYTES);
	out[n] = '\0';
	return n;
}
