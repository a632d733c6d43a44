/*
 * key.h - a witness's own key: a file for nobody else to read.
 *
 *	{ "scrim_witness_key": 1, "name": "witness.example/w1", "seed": "64 hex digits" }
 */
#ifndef AUDIT_WITNESS_KEY_H
#define AUDIT_WITNESS_KEY_H

#include "base/diag.h"
#include "crypto/prim/secret.h"
#include "crypto/prim/sign.h"
#include "crypto/tlog/note.h"

struct witness_key {
	struct sign_secret secret;
	struct note_signer signer; /* its arg is the witness_key: it does not move */
};

/*
 * Append the text of a new key of NAME. Fails with SC_NOMEM, SC_LIMIT.
 */
SC_CHECKED enum sc_err witness_key_make(const char *name, struct sc_buf *out);

/*
 * Read the file at PATH, which must be NAME's and readable by us alone. Fails with SC_AUTH (who
 * may read it), SC_SYNTAX, SC_IO, SC_NOMEM; ALL (empty) tells, and quotes nothing of it.
 */
SC_CHECKED enum sc_err witness_key_load(const char *path, const char *name, struct sc_diags *all,
    struct witness_key *out);
void witness_key_fini(struct witness_key *k); /* wipes; all zero is fine */

#endif
