/*
 * optout.h - who wants no texts from which X: a hash set in memory. Private to
 * gateway/phone/.
 */
#ifndef GATEWAY_PHONE_OPTOUT_H
#define GATEWAY_PHONE_OPTOUT_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct optout_entry {
	uint64_t person; /* blind index; 0: empty */
	uint32_t line;
};
struct optout_set { /* all zero: empty */
	struct optout_entry *v;
	size_t n, cap;
};
void optout_fini(struct optout_set *t);

bool optout_has(const struct optout_set *t, uint32_t line, uint64_t person);
/* PERSON (not 0) is in it. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err optout_put(struct optout_set *t, uint32_t line, uint64_t person);
void optout_drop(struct optout_set *t, uint32_t line, uint64_t person);

#endif
