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
	struct note_signer signer;	/* the log's publisher thread uses it */
	atomic_bool checked;		/* nothing is signed or kept before that */
};

/* The tlog_sign_fn: ARG is the own_head. Waits for the store, on the publisher's thread. */
void own_head_sign(void *arg, struct tlog *log, const struct tlog_head *head);

/*
 * Does LOG, just opened in DIR, extend the head that was kept for ORIGIN?
 * From now on heads are kept and signed. Fails with SC_CORRUPT when it does
 * not (D says what to do), SC_IO, SC_NOMEM. Waits for the store.
 */
SC_CHECKED enum sc_err own_head_check(struct own_head *o, const char *origin,
    struct tlog *log, const char *dir, struct sc_diag *d);

#endif
