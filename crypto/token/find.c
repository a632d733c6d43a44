/*
 * find.c - well-formed tokens inside free text.
 *
 * Looks for "sct1-" by its hyphen, which is rarer in text than any letter,
 * and then decides from the run of base32 digits that follows. Linear: a run
 * that is no token is not read again, because no prefix can lie inside one.
 */
#include "crypto/token/shape.h"

#include "crypto/prim/crockford.h"
#include "crypto/prim/siv.h"

#include <string.h>

/* Where the digits that begin at FROM end. */
static size_t run_end(struct sc_span text, size_t from)
{
	while (from < text.n && crockford_is_digit(text.p[from]))
		from++;
	return from;
}

static bool prefix_before(struct sc_span text, size_t end)
{
	return end >= TOKEN_PREFIX_BYTES &&
	    strncasecmp((const char *)text.p + end - TOKEN_PREFIX_BYTES, TOKEN_PREFIX,
		TOKEN_PREFIX_BYTES) == 0;
}

/* Could DIGITS be a token's, by length, flags, class and padding? Gives the flags. */
static bool digits_fit(struct sc_span digits, uint8_t *flags)
{
	size_t bytes = crockford_bytes(digits.n), tail;
	uint8_t block[5];

	if (digits.n < 8 || crockford_length(bytes) != digits.n)
		return false;
	if (!crockford_decode(sc_span(digits.p, 8), block))
		return false;
	*flags = block[0];
	if (!token_flags_ok(block[0], block[1]) || !token_body_ok(block[0], block[1], bytes))
		return false;
	tail = digits.n % 8;
	return crockford_decode(sc_span_from(digits, digits.n - tail), block);
}

/* The end of the address that is a token whose digits begin at FROM, or 0. */
static size_t address_end(struct sc_span text, size_t from)
{
	uint8_t digits[ADDRESS_DIGITS_MAX], flags;
	struct sc_span domain;
	size_t n, len;

	from -= TOKEN_PREFIX_BYTES;
	len = address_read(sc_span_from(text, from), digits, &n, &domain);
	if (len == 0 || !digits_fit(sc_span(digits, n), &flags) || (flags & TOKEN_EMAIL_SHAPE) == 0)
		return 0;
	return from + len;
}

/* The end of the token whose digits begin at FROM and go on to END, or 0. */
static size_t token_end(struct sc_span text, size_t from, size_t end)
{
	uint8_t flags;
	size_t address;

	/* all of the local part are digits, and not only as many as the run has before another @ */
	if (end - from == LOCAL_BYTES - TOKEN_PREFIX_BYTES && end < text.n && text.p[end] == '@' &&
	    (address = address_end(text, from)) != 0)
		return address;
	/* a token written against the next one's prefix ends before that */
	if (end < text.n && prefix_before(text, end + 1) && end + 1 - TOKEN_PREFIX_BYTES >= from)
		end = end + 1 - TOKEN_PREFIX_BYTES;
	if (!digits_fit(sc_span(text.p + from, end - from), &flags))
		return 0;
	return (flags & TOKEN_EMAIL_SHAPE) == 0 ? end : 0;
}

bool token_hinted(struct sc_span text)
{
	const uint8_t *hyphen;

	for (size_t at = 0; at < text.n; at = (size_t)(hyphen - text.p) + 1)
		if ((hyphen = memchr(text.p + at, '-', text.n - at)) == NULL)
			return false;
		else if (prefix_before(text, (size_t)(hyphen - text.p) + 1))
			return true;
	return false;
}

bool token_find(struct sc_span text, size_t from, struct sc_span *hit)
{
	size_t at = from, digits, run, end;
	const uint8_t *hyphen;

	*hit = sc_span(NULL, 0);
	/* AT may be the hyphen of the prefix that is looked for, never later */
	while (at < text.n && text.n - at >= TOKEN_TEXT_MIN - (TOKEN_PREFIX_BYTES - 1)) {
		if ((hyphen = memchr(text.p + at, '-', text.n - at)) == NULL)
			return false;
		digits = (size_t)(hyphen - text.p) + 1;
		at = digits;
		if (digits < from + TOKEN_PREFIX_BYTES || !prefix_before(text, digits))
			continue;
		run = run_end(text, digits);
		if ((end = token_end(text, digits, run)) != 0) {
			*hit = sc_span(text.p + digits - TOKEN_PREFIX_BYTES,
			    end - digits + TOKEN_PREFIX_BYTES);
			return true;
		}
		at = run;
	}
	return false;
}
