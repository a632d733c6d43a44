/*
 * grammar.c - the character classes of HTTP.
 */
#include "net/http/grammar.h"

#include <string.h>

/* One row for 16 bytes; the bits are those of grammar.h. */
/* clang-format off */
const uint8_t grammar_class[256] = {
	 0,  0,  0,  0,  0,  0,  0,  0,  0,  2,  0,  0,  0,  0,  0,  0,
	 0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,
	 2,  7,  6,  3,  7,  7,  7,  7,  6,  6,  7,  7,  6, 15,  7,  6,
	 7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  6,  6,  6,  6,  6,  6,
	 6, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
	15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,  6,  2,  6,  7,  7,
	 7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,
	 7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  6,  7,  6,  7,  0,
	 2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,
	 2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,
	 2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,
	 2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,
	 2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,
	 2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,
	 2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,
	 2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,
};
/* clang-format on */

static bool blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

struct sc_span grammar_trim(struct sc_span s)
{
	const uint8_t *from = s.p, *to = s.p + s.n;

	while (from < to && blank(*from))
		from++;
	while (from < to && blank(to[-1]))
		to--;
	return sc_span(from, (size_t)(to - from));
}

bool grammar_list_next(struct sc_span *rest, struct sc_span *member)
{
	const uint8_t *comma;

	if (rest->p == NULL)
		return false;
	comma = rest->n == 0 ? NULL : memchr(rest->p, ',', rest->n);
	if (comma == NULL) {
		*member = grammar_trim(*rest);
		*rest = sc_span(NULL, 0);
	} else {
		*member = grammar_trim(sc_span(rest->p, (size_t)(comma - rest->p)));
		*rest = sc_span_from(*rest, (size_t)(comma - rest->p) + 1);
	}
	return true;
}
