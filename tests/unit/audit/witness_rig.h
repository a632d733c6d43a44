/*
 * witness_rig.h - logs that witnesses of the tests are told of: trees of which any two sizes can be
 * proved, and heads that are signed.
 */
#ifndef TESTS_UNIT_AUDIT_WITNESS_RIG_H
#define TESTS_UNIT_AUDIT_WITNESS_RIG_H

#include "audit/witness/settings.h"
#include "crypto/tlog/merkle.h"

/* FILL tells one tree from another; all share their first twenty leaves. */
struct tree {
	uint8_t fill;
};

extern struct note_signer logs[2];
extern struct witness_log_settings log_settings[2];

/* The I-th log is of ORIGIN, with a key of its own. */
void make_log(unsigned i, const char *origin);
void root_of(struct tree *t, uint64_t size, struct merkle_hash *out);
/* What log I would send: OLD, a proof to SIZE of T, and T's head signed. OUT is made. */
void body_of(unsigned i, struct tree *t, uint64_t old, uint64_t size, struct sc_buf *out);

/* Make the key file of the witness NAME at PATH. */
void make_witness_key(const char *path, const char *name);

#endif
