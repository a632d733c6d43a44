/*
 * own_head.h - the last head of keyd's own log, kept in the store before it is
 * signed: a copy of the log that is older, or another, is known at the start.
 */
#ifndef CRYPTO_KEYD_OWN_HEAD_H
#define CRYPTO_KEYD_OWN_HEAD_H

#include "base/store/store.h"
#include "crypto/tlog/note.h"
#include "crypto/tlog/writer.h"

#include <stdatomic.h>

struct own_head {
	struct store *store;
	const char *origin, *dir;  /* of the log; these before it is opened */
	struct note_signer signer; /* the log's publisher thread uses it */
	atomic_bool checked;
};

/* The tlog_sign_fn: ARG is the own_head. Waits for the store, on the publisher's thread. */
void own_head_sign(void *arg, struct tlog *log, const struct tlog_head *head);

/*
 * Does LOG, just opened, extend the head that was kept? own_head_sign() signs
 * nothing when it does not. Fails with SC_CORRUPT then (D says what to do),
 * SC_IO, SC_NOMEM. Waits for the store. Any thread.
 */
SC_CHECKED enum sc_err own_head_check(struct own_head *o, struct tlog *log, struct sc_diag *d);

#endif
