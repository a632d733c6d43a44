/*
 * said.h - the words that were said with a question, a reason and a ticket, and those of them that
 * the values have which it is about: in no log is anybody to be named by what was kept closed.
 */
#ifndef POLICY_SAID_H
#define POLICY_SAID_H

#include "base/text/words.h"
#include "policy/asking.h"

struct said {
	bool any; /* something was */
	struct words reason, ticket;
};

/* What was said with A. */
void said_of(const struct asking *a, struct said *out);

bool said_look(struct said *s, struct sc_span value);

/* Remember which of it VALUE has. True when it has any. Mostly nothing was said. */
static inline bool said_meets(struct said *s, struct sc_span value)
{
	return s->any && said_look(s, value);
}

/* Stars in K, a copy of whose asking it was said, for what was met. True when there are any. */
bool said_star(const struct said *s, struct asking_kept *k);

#endif
