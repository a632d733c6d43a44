/*
 * prove.h - receipts: a c2sp.org/tlog-proof@v1 file that shows, without the log,
 * that an entry stands in it.
 *
 *	c2sp.org/tlog-proof@v1
 *	index 17
 *	<base64 hash>            inclusion proof, one hash a line
 *	                         blank line
 *	<signed checkpoint>
 */
#ifndef AUDIT_REVIEW_PROVE_H
#define AUDIT_REVIEW_PROVE_H

#include "base/buf.h"
#include "base/diag.h"
#include "crypto/tlog/note.h"

/*
 * Append the proof that entry INDEX of the log in DIR is under its latest
 * checkpoint; ENTRY, when not NULL, gets the entry's bytes.
 * SC_AGAIN: it is not under a signature yet. SC_LIMIT: there is no such entry.
 * SC_CORRUPT, SC_IO, SC_NOMEM.
 */
SC_CHECKED enum sc_err audit_prove(const char *dir, uint64_t index, struct sc_diag *d,
    struct sc_buf *proof, struct sc_buf *entry);

struct audit_proven {
	uint64_t index;
	struct note_head head;
	bool signature_checked; /* false: no vkey was given */
};

/*
 * Check PROOF for ENTRY (its exact bytes, no newline), offline. VKEY may be NULL.
 * SC_AUTH: it does not hold. SC_SYNTAX: not a proof, or a bad vkey.
 */
SC_CHECKED enum sc_err audit_proof_check(struct sc_span proof, struct sc_span entry,
    const char *vkey, struct sc_diag *d, struct audit_proven *out);

#endif
