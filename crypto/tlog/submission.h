/*
 * submission.h - what a log asks of a witness: the body of add-checkpoint (c2sp.org/tlog-witness).
 *
 *	old 20852014                                    the tree that the witness knows
 *	PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=    RFC 6962 §2.1.2 proof, 0 to 63 lines
 *	                                                blank line
 *	example.com/behind-the-sofa                     the checkpoint, with its signatures
 *	...
 */
#ifndef CRYPTO_TLOG_SUBMISSION_H
#define CRYPTO_TLOG_SUBMISSION_H

#include "crypto/tlog/merkle.h"
#include "crypto/tlog/note.h"

#define SUBMISSION_PROOF_MAX 63u
#define SUBMISSION_MAX (64u + SUBMISSION_PROOF_MAX * 45u + NOTE_MAX) /* bytes of a body */

struct submission {
	uint64_t old;
	struct merkle_hash proof[SUBMISSION_PROOF_MAX];
	size_t n_proof;
	struct sc_span checkpoint; /* into what was parsed; not looked at yet */
};

/* Strict. Fails with SC_SYNTAX, SC_LIMIT (too many lines, or too long). */
SC_CHECKED enum sc_err submission_parse(struct sc_span body, struct submission *out);
/* Append the body. Fails with SC_LIMIT (too long a proof), SC_NOMEM. */
SC_CHECKED enum sc_err submission_print(const struct submission *s, struct sc_buf *out);

#endif
