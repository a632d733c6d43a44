/*
 * member_memory.c - what names said lately, by a keyed hash of each.
 */
#include "policy/detect/member.h"

#include <sodium.h>
#include <string.h>

_Static_assert(sizeof(((struct member_memory *)0)->key) == crypto_shorthash_KEYBYTES,
    "SipHash's key");

void member_recall(struct member_memory *m, struct sc_span name, struct member *out)
{
	uint64_t hash;
	size_t at;

	/* whoever chooses names must not choose which of them fall together */
	if (!m->keyed) {
		randombytes_buf(m->key, sizeof(m->key));
		m->keyed = true;
	}
	crypto_shorthash((uint8_t *)&hash, name.p, name.n, m->key);
	at = hash % MEMBER_KEPT;
	if (hash != 0 && m->hash[at] == hash) {
		*out = m->says[at];
		return;
	}
	member_read(name, out);
	m->hash[at] = hash;
	m->says[at] = *out;
}
