/*
 * email.c - addresses of RFC 5321 §4.1.2 as people write them: a dot-string,
 * an @, and a domain name that ends in letters.
 */
#include "policy/detect/digits.h"
#include "policy/detect/verify.h"

#include <strings.h>

/* RFC 5321 §4.5.3.1.1 has 64; what somebody wrote round a token is found on both its sides. */
#define LOCAL_MAX 160
#define DOMAIN_MAX 255 /* RFC 5321 §4.5.3.1.2 */

/* atext of RFC 5322 §3.2.3 and the dot, without what is rather punctuation
 * around an address: ! # $ & * / = ? ^ ` { | } ~ */
static bool local_char(uint8_t c)
{
	return ascii_letter(c) || ascii_digit(c) || c == '.' || c == '_' || c == '%' || c == '+' ||
	    c == '-';
}

static bool label_char(uint8_t c)
{
	return ascii_letter(c) || ascii_digit(c) || c == '-';
}

/* The apostrophe of o'brien, not the quote of 'brien. */
static bool inner_quote(struct sc_span text, uint32_t at, uint32_t floor)
{
	return text.p[at] == '\'' && at > floor && ascii_letter(text.p[at - 1]) &&
	    ascii_letter(text.p[at + 1]);
}

/* The first byte of the local part that ends at AT; AT when there is none. */
static uint32_t local_start(struct sc_span text, uint32_t at, uint32_t floor)
{
	uint32_t from = at;

	while (from > floor && at - from < LOCAL_MAX &&
	    (local_char(text.p[from - 1]) || inner_quote(text, from - 1, floor)))
		from--;
	while (from < at && (text.p[from] == '.' || text.p[from] == '-'))
		from++;
	return at > floor && text.p[at - 1] == '.' ? at : from;
}

/* How long a label of at most 63 characters stands at the start of S. */
static size_t label_length(struct sc_span s)
{
	size_t n = 0;

	while (n < s.n && n < 64 && label_char(s.p[n]))
		n++;
	while (n > 0 && s.p[n - 1] == '-')
		n--;
	return n > 63 || (n > 0 && s.p[0] == '-') ? 0 : n;
}

/* Letters at the start of the label; a top-level name has two or more, or is
 * the ASCII form of an international one (RFC 5890 §2.3.2.1). */
static size_t top_length(struct sc_span label)
{
	size_t n = 0;

	if (label.n > 4 && strncasecmp((const char *)label.p, "xn--", 4) == 0)
		return label.n;
	while (n < label.n && ascii_letter(label.p[n]))
		n++;
	return n >= 2 ? n : 0;
}

/* Behind the domain name at AT, or AT when there is none. */
static uint32_t domain_end(struct sc_span text, uint32_t at)
{
	uint32_t p = at, end = at;
	unsigned labels = 0;

	while (p - at < DOMAIN_MAX) {
		struct sc_span rest = sc_span_from(text, p);
		size_t n = label_length(rest), top;

		if (n == 0)
			break;
		top = top_length(sc_span(rest.p, n));
		if (labels > 0 && top > 0)
			end = p + (uint32_t)top;
		labels++;
		p += (uint32_t)n;
		if (p >= text.n || text.p[p] != '.')
			break;
		p++;
	}
	return end;
}

bool verify_email(struct sc_span text, uint32_t at, uint32_t floor, uint32_t *start, uint32_t *end)
{
	*start = local_start(text, at, floor);
	if (*start == at)
		return false;
	*end = domain_end(text, at + 1);
	return *end > at + 1;
}
