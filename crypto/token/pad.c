/*
 * pad.c - many lengths of values, few lengths of tokens.
 *
 * SIV hides what a value is and not how long it is, and how long a name is says a
 * good deal of whose it is. So a value is filled up before it is sealed, with a byte
 * that no UTF-8 text has: what fits exactly costs nothing, nothing is written down
 * of how much was added, and taking it off needs no trust, as it was sealed too.
 *
 *	+-------------------+---------------+
 *	| value             | ff ff ff ...  |	16, 32, 64, 96, 128, 256, 384 ... bytes
 *	+-------------------+---------------+
 */
#include "crypto/token/seal.h"
#include "crypto/token/shape.h"

#include "policy/words/class.h"

#define SIZE_USUAL 16
#define SIZE_FINE 32u    /* from here on sizes are multiples of it ... */
#define SIZE_COARSE 128u /* ... and from here on of that */
_Static_assert(CRYPTO_VALUE_MAX % SIZE_COARSE == 0, "the longest value is of a size");

/*
 * Most values of a class fit into its first size, so that for most people it is the
 * only one. A code that is always as long is left as it is.
 */
const uint8_t token_size_first[CLASS_MAX + 1] = {
	[CLASS_NONE] = SIZE_USUAL,
	[CLASS_NAME] = 16,        /* four characters of any script, most first and last names */
	[CLASS_PHONE] = 16,       /* E.164 with its plus: else the country shows */
	[CLASS_ADDRESS] = 32,     /* a short street; with a house and a flat in Chinese it is 64 */
	[CLASS_REGION] = 16,      /* province, city and county by their lengths are few places */
	[CLASS_POSTCODE] = 8,     /* all countries but some; the length is the country */
	[CLASS_EMAIL] = 32,       /* nineteen of twenty */
	[CLASS_RESIDENT_ID] = 18, /* always 18, but for those of before 1999: 15 */
	[CLASS_PASSPORT] = 16,
	[CLASS_BANK_CARD] = 19, /* 13 to 19 digits: the issuer shows */
	[CLASS_IBAN] = 34,      /* ISO 13616; the length is the country */
	[CLASS_IP] = 16,        /* version 4 */
	[CLASS_LICENSE_PLATE] = 16,
	[CLASS_WECHAT] = 16,
	[CLASS_QQ] = 16,  /* a short one is an old one */
	[CLASS_DOB] = 10, /* 3/4/1908 and 12/11/1908 */
	[CLASS_GEO] = 16,
	[CLASS_CUSTOMER_ID] = 16, /* a short number is an early customer */
	[CLASS_ORDER_ID] = 16,
	[CLASS_BUILTIN_END... CLASS_MAX] = SIZE_USUAL,
};

size_t token_size_above(size_t n)
{
	size_t step = n <= SIZE_COARSE ? SIZE_FINE : SIZE_COARSE;

	return n <= SIZE_USUAL ? SIZE_USUAL : (n + step - 1) / step * step;
}

size_t token_unpadded(struct sc_span padded)
{
	size_t n = padded.n;

	while (n != 0 && padded.p[n - 1] == TOKEN_FILL)
		n--;
	return n;
}

bool token_value_ok(struct sc_span value)
{
	return value.n == 0 || value.p[value.n - 1] != TOKEN_FILL;
}
