/*
 * grammar.h - the character classes of HTTP (private to net/http).
 */
#ifndef NET_HTTP_GRAMMAR_H
#define NET_HTTP_GRAMMAR_H

#include "base/span.h"

#include <string.h>

#define GRAMMAR_TCHAR 1  /* RFC 9110 §5.6.2 */
#define GRAMMAR_VALUE 2  /* field values: printable, blank, TAB, obs-text */
#define GRAMMAR_TARGET 4 /* request targets: 0x21-0x7e but '#' and '\' */
#define GRAMMAR_METHOD 8 /* A-Z and '-' */

extern const uint8_t grammar_class[256];

/* Is every byte of S of CLASS? True for an empty S. */
static inline bool grammar_all(struct sc_span s, uint8_t class)
{
	uint8_t all = class;

	for (size_t i = 0; i < s.n; i++)
		all &= grammar_class[s.p[i]];
	return all != 0;
}

/* Has one of the eight bytes in X a value below 0x20, or is one DEL? */
static inline bool grammar_controls(uint64_t x)
{
	const uint64_t each = 0x0101010101010101u;
	uint64_t del = x ^ each * 0x7f;

	return ((((x - each * 0x20) & ~x) | ((del - each) & ~del)) & each * 0x80) != 0;
}

/* At least eight bytes, and surely no control among them, not even a TAB? */
static inline bool grammar_plain(struct sc_span s)
{
	uint64_t x;

	if (s.n < sizeof(x))
		return false;
	for (size_t i = 0; i < s.n - sizeof(x); i += sizeof(x)) {
		memcpy(&x, s.p + i, sizeof(x));
		if (grammar_controls(x))
			return false;
	}
	memcpy(&x, s.p + s.n - sizeof(x), sizeof(x)); /* overlaps the one before */
	return !grammar_controls(x);
}

/* grammar_all() of a field's value, which nearly always is plain. */
static inline bool grammar_value(struct sc_span s)
{
	return grammar_plain(s) || grammar_all(s, GRAMMAR_VALUE);
}

/* S without blanks and TABs at its ends. */
struct sc_span grammar_trim(struct sc_span s);

/*
 * Take the next member of the comma-separated list *REST (RFC 9110 §5.6.1),
 * trimmed and possibly empty. False at the end.
 */
bool grammar_list_next(struct sc_span *rest, struct sc_span *member);

#endif
