/*
 * statement.h - one signed statement: somebody says, with a key of their own, what keyd may
 * do for them, once and within moments.
 *
 * A gateway carries it and can alter nothing in it: not whom it is for, nor of what it speaks.
 *
 *	statement  "scrim-statement1" | type u8 | tenant field8 | keyd field8 | scope 32
 *	           | nonce 16 | not_before u64 | not_after u64 | words
 *	words      op field8 | purpose field8 | principal field8 | recipient field8
 *	           | reason field8 | ticket field8
 *	signed     statement | Ed25519 signature of it, 64
 *
 * Integers are big-endian, times Unix milliseconds, a field8 a length byte and so many bytes;
 * what is not said is an empty field. Operation and purpose are names, for their numbers
 * change with a policy. SCOPE is the RFC 6962 §2.1 root over what it is about: of OPEN the
 * tokens' texts as they are sent, in order; of ANEW the log that was lost (anew.h).
 *
 * Pure: no clock, no files. Who may sign what is for keyd to say (crypto/keyd/signed.h).
 */
#ifndef CRYPTO_STATEMENT_STATEMENT_H
#define CRYPTO_STATEMENT_STATEMENT_H

#include "base/buf.h"
#include "crypto/limits.h"
#include "crypto/prim/sign.h"
#include "crypto/tlog/merkle.h"

#define STATEMENT_NONCE_BYTES 16
#define STATEMENT_OPEN_MS 60000u   /* from not_before to not_after of OPEN, at most */
#define STATEMENT_ANEW_MS 3600000u /* likewise of ANEW */
#define STATEMENT_FIELD_MAX 255

enum statement_type {
	STATEMENT_OPEN = 1,  /* the caller's: open these tokens */
	STATEMENT_APPROVAL,  /* another's: they may. Nobody reads this yet, nor ... */
	STATEMENT_ACTIVATE,  /* decide by this policy */
	STATEMENT_ANEW,      /* take a log as it is: this is read */
	STATEMENT_EMERGENCY, /* break the glass: this is not */
	STATEMENT_TYPE_END
};

/* Spans are borrowed: of the bytes it was read from, or of who makes it. */
struct statement {
	uint8_t type; /* enum statement_type */
	struct sc_span tenant;
	struct sc_span keyd; /* the origin of its log: no other takes it */
	uint8_t scope[HASH_BYTES];
	uint8_t nonce[STATEMENT_NONCE_BYTES];
	uint64_t not_before_ms,
	    not_after_ms; /* the first moment it holds, and the first it does not */
	struct {
		struct sc_span op, purpose, principal, recipient, reason, ticket;
	} words;
};

/* The root over what a statement is about, text by text. All zero at birth. */
struct statement_scope {
	struct merkle_frontier leaves;
};
void statement_scope_add(struct statement_scope *s, struct sc_span text);
void statement_scope_root(const struct statement_scope *s, uint8_t out[static HASH_BYTES]);

/*
 * Append S, signed by SK. Fails with SC_SYNTAX for what nobody would read: a type without
 * words, a field past STATEMENT_FIELD_MAX, a window that is empty or too long; else like
 * sc_buf_put(). OUT is then as it was.
 */
SC_CHECKED enum sc_err statement_sign(const struct statement *s, const struct sign_secret *sk,
    struct sc_buf *out);

/*
 * Read a signed statement, whose signature is not verified yet: OUT->words.principal says by
 * whose key it has to be. Fails with SC_SYNTAX for all but the one spelling.
 */
SC_CHECKED enum sc_err statement_decode(struct sc_span bytes, struct statement *out);
/* Is it PK's? BYTES are those that were read. */
bool statement_is_by(struct sc_span bytes, const struct sign_public *pk);

#endif
