/*
 * address.c - tokens written as e-mail addresses, for a field that takes nothing else.
 *
 *	sct1-<59 digits>@<63 digits>.<the last, and one more>.scrim.example.com
 *
 * No validator takes more than 64 characters before the @, 63 between two dots or
 * 254 in all, so what does not fit before the @ stands behind it. Labels but the last
 * are full. The last digit of the last label is no part of the token: it tells how long
 * the domain is, so that whoever reads a token needs no setting to know where it ends,
 * and one that was sealed under another domain is still one.
 *
 * Whoever has a longer address than that leaves room for gets a token without shape:
 * with a domain of 17 characters that begins above 96 bytes.
 */
#include "crypto/token/shape.h"

#include "crypto/prim/crockford.h"
#include "crypto/prim/siv.h"

#include <string.h>

#define LOCAL_DIGITS (LOCAL_BYTES - TOKEN_PREFIX_BYTES)
#define LABEL_DIGITS 63
#define ADDRESS_MAX 254 /* RFC 5321 §4.5.3.1.3, without the brackets of a path */
#define VALUE_MAX 96    /* the largest size that has room in an address */
_Static_assert(ADDRESS_DIGITS_MAX ==
	((TOKEN_HEAD_BYTES + TOKEN_NONCE_BYTES + SIV_BYTES + VALUE_MAX) * 8 + 4) / 5 + 1,
    "the digits of the longest, and the one that tells of the domain");

static bool is_letter(uint8_t c)
{
	return (uint8_t)((c | 0x20) - 'a') < 26;
}

static bool is_alnum(uint8_t c)
{
	return is_letter(c) || (uint8_t)(c - '0') < 10;
}

bool token_domain_ok(struct sc_span domain)
{
	bool named = false; /* the last label begins with a letter, and is not the first */

	if (domain.n < TOKEN_DOMAIN_MIN || domain.n > TOKEN_DOMAIN_MAX)
		return false;
	for (size_t i = 0; i < domain.n; i++) {
		uint8_t c = domain.p[i];

		if (is_alnum(c))
			continue;
		/* whatever else stands there stands between two letters, or hyphens */
		if ((c != '.' && c != '-') || i == 0 || i == domain.n - 1 ||
		    (!is_alnum(domain.p[i - 1]) && (c == '.' || domain.p[i - 1] == '.')))
			return false;
		if (c == '.')
			named = is_letter(domain.p[i + 1]);
	}
	return named;
}

size_t address_length(size_t body_n, size_t domain_n)
{
	/* with the digit that tells of the domain */
	size_t digits = crockford_length(body_n) + 1, rest, n;

	if (digits <= LOCAL_DIGITS || digits > ADDRESS_DIGITS_MAX)
		return 0;
	rest = digits - LOCAL_DIGITS;
	/* full, the last label could not be told from the others */
	if (rest % LABEL_DIGITS == 0)
		return 0;
	n = LOCAL_BYTES + 1 + rest + rest / LABEL_DIGITS + 1 + domain_n;
	return n <= ADDRESS_MAX ? n : 0;
}

void address_write(uint8_t *text, size_t digits_n, struct sc_span domain)
{
	size_t rest = digits_n - LOCAL_DIGITS, labels = rest / LABEL_DIGITS,
	       n = rest % LABEL_DIGITS;
	uint8_t *from = text + LOCAL_BYTES + rest, *to;

	/* each label goes one place further than the one before it, so the last goes first */
	to = from + labels + 1;
	*to++ = (uint8_t)crockford_digits[domain.n - TOKEN_DOMAIN_MIN];
	*to++ = '.';
	for (size_t i = 0; i < domain.n; i++)
		to[i] = is_letter(domain.p[i]) ? domain.p[i] | 0x20 : domain.p[i];
	for (size_t i = labels + 1; i > 0; i--, n = LABEL_DIGITS) {
		from -= n;
		memmove(from + i, from, n);
		from[i - 1] = i == 1 ? '@' : '.';
	}
}

/* What a digit stands for. */
static size_t digit_value(uint8_t c)
{
	const uint8_t eight[8] = { '0', '0', '0', '0', '0', '0', '0', c };
	uint8_t five[5] = { 0 };

	return crockford_decode(sc_span(eight, sizeof(eight)), five) ? five[4] : 0;
}

size_t address_read(struct sc_span text, uint8_t digits[static ADDRESS_DIGITS_MAX], size_t *n,
    struct sc_span *domain)
{
	size_t at = LOCAL_BYTES, len;

	*n = 0;
	*domain = sc_span(NULL, 0);
	if (!address_at(text))
		return 0;
	memcpy(digits, text.p + TOKEN_PREFIX_BYTES, LOCAL_DIGITS);
	*n = LOCAL_DIGITS;
	do {
		at++;
		for (len = 0; len < LABEL_DIGITS && at < text.n && *n < ADDRESS_DIGITS_MAX &&
		     crockford_is_digit(text.p[at]);
		     len++)
			digits[(*n)++] = text.p[at++];
		if (len == 0 || at >= text.n || text.p[at] != '.')
			return 0;
	} while (len == LABEL_DIGITS);
	(*n)--;
	len = TOKEN_DOMAIN_MIN + digit_value(digits[*n]);
	at++;
	if (len > text.n - at || at + len > ADDRESS_MAX)
		return 0;
	*domain = sc_span(text.p + at, len);
	return token_domain_ok(*domain) ? at + len : 0;
}
