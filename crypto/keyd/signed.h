/*
 * signed.h - a caller's own statement: is it theirs, about this question and these tokens,
 * now, and for the first time?
 *
 * The gateway that brings it is not believed in anything: what it says of who asks, why and
 * what for has to be what the caller signed.
 *
 * What was used is remembered until it would be too late for it anyway, in memory alone: so
 * a statement from before this start is refused, and so is all that was signed before the
 * latest moment that keyd's clock has shown, should it be put back.
 */
#ifndef CRYPTO_KEYD_SIGNED_H
#define CRYPTO_KEYD_SIGNED_H

#include "crypto/statement/statement.h"
#include "policy/decide/decide.h"

#define SIGNED_MAX (1u << 16) /* remembered of one minute; beyond it none is good */

struct signed_used;

/* Nothing was used yet; what was signed before NOW_MS (Unix time) is not taken. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err signed_used_new(uint64_t now_ms, struct signed_used **out);
void signed_used_free(struct signed_used *u); /* NULL is fine */

/* Whom a frame is for and what it asks, as keyd knows it or was told. */
struct signed_question {
	const struct sc_name *tenant;
	const char *keyd; /* the origin of our log */
	const struct policy *policy;
	const struct asking *asking;         /* with its statement and its time */
	const struct sign_public *key;       /* the principal's; NULL: it has none */
	uint8_t role;                        /* the principal's */
	const struct statement_scope *scope; /* of the frame's tokens */
};

/*
 * NULL when Q's statement is good, and OUT is it; else why not, a literal that a record may
 * carry. Nothing is remembered yet.
 */
const char *signed_check(struct signed_used *u, const struct signed_question *q,
    struct statement *out);
/* S, which was good a moment ago, is used. False: no more can be remembered. */
bool signed_use(struct signed_used *u, const struct statement *s, const struct sign_public *key);

#endif
