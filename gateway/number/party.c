/*
 * party.c - the whole-number entry of a blind index.
 */
#include "gateway/number/party.h"

#include "crypto/prim/crockford.h"

#include <string.h>

#define ENTRY_CHARS 11 /* "pf", the epoch, eight digits */
#define DIGITS 8

/* ENTRY without its dots; 0 when it is another kind, or malformed. */
static uint64_t party_of(struct sc_span entry)
{
	uint8_t bytes[5];
	const char *epoch;
	uint64_t v = 0;

	if (entry.n != ENTRY_CHARS || !sc_span_starts(entry, "pf"))
		return 0;
	epoch = strchr(crockford_digits, entry.p[2]);
	if (entry.p[2] == '\0' || epoch == NULL ||
	    !crockford_decode(sc_span(entry.p + 3, DIGITS), bytes))
		return 0;
	for (size_t i = 0; i < sizeof(bytes); i++)
		v = v << 8 | bytes[i];
	return (uint64_t)(epoch - crockford_digits + 1) << 40 | v;
}

uint64_t phone_party(struct sc_span index)
{
	uint64_t party = 0, one;

	while (index.n != 0) {
		const uint8_t *dot = memchr(index.p, '.', index.n);
		size_t n = dot == NULL ? index.n : (size_t)(dot - index.p);

		one = party_of(sc_span(index.p, n));
		if (one != 0 && party != 0)
			return 0;
		party |= one;
		index = sc_span_from(index, n + 1);
	}
	return party;
}
