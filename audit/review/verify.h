/*
 * verify.h - recompute a log from its files: every entry hashed, every tile
 * held against those hashes, the root against the signed checkpoint.
 *
 * Works on a copy, on a log that is being written, and without its owner.
 */
#ifndef AUDIT_REVIEW_VERIFY_H
#define AUDIT_REVIEW_VERIFY_H

#include "base/diag.h"
#include "crypto/tlog/note.h"

struct audit_report {
	char origin[NOTE_NAME_MAX + 1];
	uint64_t signed_size;      /* entries under the checked signature */
	uint64_t unsigned_entries; /* published after it, consistent with it */
	uint64_t journal_entries;  /* durable, not yet in the tree */
	uint64_t bundles, tiles;   /* files that were checked */
	uint64_t bytes;            /* of entries that were hashed */
	uint8_t root[32];          /* of signed_size entries, recomputed */
	bool has_checkpoint;       /* false: a young log without one, or vkey was not asked for */
	bool signature_checked;    /* a vkey was given and its signature holds */
};

/*
 * Check the log in DIR. VKEY: text of the key that must have signed it; NULL
 * checks everything but the signature.
 * SC_OK: all of it holds. SC_CORRUPT: D names the file and the first entry or
 * tile that does not match. SC_AUTH: no signature by VKEY, or a bad one.
 * SC_SYNTAX: bad vkey. SC_IO, SC_NOMEM. REPORT holds what was reached.
 */
SC_CHECKED enum sc_err audit_verify(const char *dir, const char *vkey, struct sc_diag *d,
    struct audit_report *report);

#endif
