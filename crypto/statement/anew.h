/*
 * anew.h - somebody's signed word that a log whose end was lost is taken as it is.
 *
 * What is signed is which log, and the last head that is known of it: so it serves for this loss
 * and for no other, and of no use once that head is forgotten. By whom, each host's own
 * file says ("anew_signers" in keyd.json and scrim.json): whoever has taken one host over starts
 * nothing anew at the other.
 *
 *	a statement (statement.h) of type ANEW, op "anew", with a reason, for an hour at most
 *	scope	the log's origin | entries under the head, decimal | its root, base64: the lines
 *		of a checkpoint (of a log whose head is not known: 0, and the root of zeros)
 *
 * Pure: no clock, no files.
 */
#ifndef CRYPTO_STATEMENT_ANEW_H
#define CRYPTO_STATEMENT_ANEW_H

#include "crypto/statement/statement.h"
#include "policy/asking.h"
#include "policy/principal/principal.h"
#include "policy/reason.h"

#define ANEW_OP "anew"

/* The log that was lost, as it was seen last. Pointers are borrowed. */
struct anew_lost {
	const struct sc_name *tenant;
	const char *keyd; /* the origin of keyd's own log */
	const char *origin;
	uint64_t size;
	uint8_t root[HASH_BYTES];
};

/* Whose word counts. Pointers are borrowed. */
struct anew_signers {
	const struct policy_names *names; /* each of a principal that signs */
	const struct policy_principals *principals;
};

/* Whose word it is, for the record that the log begins with. Not to be moved: ASKING points into it. */
struct anew_word {
	struct asking asking; /* who, why, and that it was signed */
	struct sc_name principal;
	struct policy_reason reason, ticket;
};

#define ANEW_TEXT_MAX (2 * CRYPTO_STATEMENT_MAX) /* of a statement's base64, and a line's end */

#define ANEW_ROOT_MAX 44 /* of its base64 */
/* LOST's root as text. */
void anew_root(const struct anew_lost *lost, char out[static ANEW_ROOT_MAX + 1]);
/* What a statement about LOST has as its scope. */
void anew_scope(const struct anew_lost *lost, uint8_t out[static HASH_BYTES]);

/*
 * NULL when the signed statement in TEXT, base64 and perhaps a line's end, is good at NOW_MS (Unix
 * time) for LOST, and OUT is whose it is; else why not, a literal.
 */
const char *anew_check(const struct anew_lost *lost, const struct anew_signers *s,
    struct sc_span text, uint64_t now_ms, struct anew_word *out);

#endif
