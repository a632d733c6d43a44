/*
 * tag.h - the key of tags, which changes while it is used.
 * Private to protect/.
 */
#ifndef GATEWAY_PROTECT_TAG_H
#define GATEWAY_PROTECT_TAG_H

#include "gateway/protect/tap.h"

#include <stdatomic.h>

/*
 * All zero at first: there is no key. One thread sets, any may read. The seat
 * that is written is the one nobody reads; who is overtaken by two keys at once
 * has one tag that nothing equals.
 */
struct tag_key {
	_Atomic uint64_t half[2][2];
	atomic_uint turn; /* how many there were; the seat of the last is turn % 2 */
};

void tag_key_set(struct tag_key *k, const uint8_t key[static TAP_KEY_BYTES]);

#endif
