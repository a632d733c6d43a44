/*
 * member_memory.c - what names said lately, by a keyed hash of each.
 */
#include "policy/detect/member.h"

#include <sodium.h>
#include <string.h>

#define NEAR 8  /* places at which a name may be */
#define WORDS 4 /* of eight bytes: longer names are read each time */

/*
 * Whoever chooses names must not choose which of them fall together: each half of the name is a
 * product of two words with a secret added to each (NH of UMAC, RFC 4418 §5.2.2, in 64 bits).
 */
static uint64_t hash(const uint64_t key[5], struct sc_span name)
{
	uint64_t w[WORDS] = { 0 };
	unsigned __int128 a, b;

	if (name.n != 0)
		memcpy(w, name.p, name.n);
	a = (unsigned __int128)(w[0] + key[0]) * (w[1] + key[1]);
	b = (unsigned __int128)(w[2] + key[2]) * (w[3] + key[3]);
	a += b + name.n;
	return ((uint64_t)a ^ (uint64_t)(a >> 64)) * key[4];
}

void member_recall(struct member_memory *m, struct sc_span name, struct member *out)
{
	unsigned near = NEAR;
	uint64_t h;
	size_t at;

	if (name.n > WORDS * sizeof(uint64_t)) {
		member_read(name, out);
		return;
	}
	if (m->key[4] == 0) {
		randombytes_buf(m->key, sizeof(m->key));
		m->key[4] |= 1;
	}
	h = hash(m->key, name);
	/* a place or a few further on, so that two names of every document do not drive out each other */
	for (at = h >> 56; near > 0 && m->hash[at] != 0; at = (at + 1) % MEMBER_KEPT, near--)
		if (m->hash[at] == h) {
			*out = m->says[at];
			return;
		}
	at = near > 0 ? at : h >> 56;
	member_read(name, out);
	m->hash[at] = h;
	m->says[at] = *out;
}

_Static_assert(MEMBER_KEPT == 256, "a slot for each of the hash's topmost bytes");
