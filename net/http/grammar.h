/*
 * grammar.h - the character classes of HTTP (private to net/http).
 */
#ifndef NET_HTTP_GRAMMAR_H
#define NET_HTTP_GRAMMAR_H

#include "base/span.h"

#define GRAMMAR_TCHAR	1	/* RFC 9110 §5.6.2 */
#define GRAMMAR_VALUE	2	/* field values: printable, blank, TAB, obs-text */
#define GRAMMAR_TARGET	4	/* request targets: 0x21-0x7e but '#' and '\' */
#define GRAMMAR_METHOD	8	/* A-Z and '-' */

extern const uint8_t grammar_class[256];

/* Is every byte of S of CLASS? True for an empty S. */
static inline bool grammar_all(struct sc_span s, uint8_t class)
{
	uint8_t all = class;

	for (size_t i = 0; i < s.n; i++)
		all &= grammar_class[s.p[i]];
	return all != 0;
}

/* S without blanks and TABs at its ends. */
struct sc_span grammar_trim(struct sc_span s);

/*
 * Take the next member of the comma-separated list *REST (RFC 9110 §5.6.1),
 * trimmed and possibly empty. False at the end.
 */
bool grammar_list_next(struct sc_span *rest, struct sc_span *member);

/* Digits only, 1 to 19 of them. */
bool grammar_u64(struct sc_span s, uint64_t *out);

#endif
