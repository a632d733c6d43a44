/*
 * log_signer.h - a key and a signer of heads that remembers what it signed, for
 * the tests of this folder that open a log.
 */
#ifndef TESTS_UNIT_CRYPTO_LOG_SIGNER_H
#define TESTS_UNIT_CRYPTO_LOG_SIGNER_H

#include "crypto/tlog/merkle.h"
#include "crypto/tlog/note.h"
#include "crypto/tlog/writer.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

extern struct note_signer signer;
extern char vkey[NOTE_VKEY_MAX + 1];

void make_key(void);

/* Answers at once; counts. A head that does not extend the last one is not signed. */
struct heads {
	unsigned n, refused;
	_Atomic uint64_t size;
	struct merkle_hash root;
	atomic_bool mute, bent;
};

/* The tlog_sign_fn; ARG is a struct heads. */
void sign_now(void *arg, struct tlog *w, const struct tlog_head *head);

#endif
