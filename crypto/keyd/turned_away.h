/*
 * turned_away.h - who asked keyd and had no answer: gateways and keys that it does not know,
 * callers that its file does not name, in a role or for a purpose that is not theirs.
 *
 * Asking costs whoever has a gateway nothing, so they are counted, and told in keyd's log together:
 * the first within a second, from then on once a minute. So the log of a minute grows by
 * TURNED_AWAY_ROWS records at most, whoever asks how often.
 */
#ifndef CRYPTO_KEYD_TURNED_AWAY_H
#define CRYPTO_KEYD_TURNED_AWAY_H

#include "crypto/keyd/keylog.h"

#define TURNED_AWAY_ROWS 32 /* told apart in a period; the last is of all others */

struct turned_away;

/* L and KL are borrowed. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err turned_away_new(struct loop *l, struct keylog *kl, struct turned_away **out);
/* Tells of nobody any more. NULL is fine. */
void turned_away_free(struct turned_away *x);

/* Of what kind one is: literals, the record's `act`. */
#define TURNED_AWAY_GATEWAY "gateway.refused"
#define TURNED_AWAY_KEY "key.refused"
#define TURNED_AWAY_CALLER "caller.refused"

/*
 * One of kind ACT, through the gateway that calls itself NODE; who A says it was, if anybody is
 * said (NULL). Of A who, role, purpose, operation and how it was known are kept, and no text.
 */
void turned_away(struct turned_away *x, const char *act, const struct sc_name *node,
    const struct asking *a);
/* What was counted until now, into the log: before the policy changes, and at the stop. */
void turned_away_tell(struct turned_away *x);

#endif
