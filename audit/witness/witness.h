/*
 * witness.h - what a witness answers to add-checkpoint (c2sp.org/tlog-witness), without a word
 * about HTTP but its status codes.
 */
#ifndef AUDIT_WITNESS_WITNESS_H
#define AUDIT_WITNESS_WITNESS_H

#include "audit/witness/key.h"
#include "audit/witness/seen.h"
#include "base/buf.h"

#define WITNESS_ANSWER_MAX 1024

struct witness {
	const struct witness_settings *settings;
	struct witness_key key;
	struct seen seen;
	uint64_t cosigned, refused; /* so many */
};

/* SETTINGS are borrowed; OUT does not move. Fails as witness_key_load() and seen_open() do. */
SC_CHECKED enum sc_err witness_open(const struct witness_settings *settings, struct sc_diags *all,
    struct witness *out);
void witness_close(struct witness *w);

struct witness_answer {
	unsigned status;    /* 200, 400, 403, 404, 409, 422; 500: it could not be kept */
	const char *why;    /* static text for a person; NULL with 200 and 409 */
	struct sc_buf body; /* of 200 and 409; WITNESS_ANSWER_MAX */
};

/*
 * Judge the body of an add-checkpoint at NOW (Unix seconds), and keep what is cosigned before
 * this returns. One at a time: between the look at what was seen and its replacement there is
 * nobody else. OUT's buffer is the caller's, initialised and empty.
 */
void witness_add(struct witness *w, struct sc_span body, uint64_t now, struct witness_answer *out);

#endif
