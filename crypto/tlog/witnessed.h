/*
 * witnessed.h - what witnesses (cosignature.h) need of a log that is open: its head with a proof
 * from the one they know, and a place for what they say.
 */
#ifndef CRYPTO_TLOG_WITNESSED_H
#define CRYPTO_TLOG_WITNESSED_H

#include "crypto/tlog/merkle.h"
#include "crypto/tlog/writer.h"

/*
 * Append the newest signed checkpoint to NOTE (nothing: there is none yet), and prove that it
 * extends the tree of OLD entries (RFC 6962 §2.1.2; empty also when OLD is more than it has).
 * Reads tiles: not for a loop. Fails with SC_CORRUPT, SC_IO, SC_NOMEM, SC_LIMIT.
 */
SC_CHECKED enum sc_err tlog_prove(struct tlog *w, uint64_t old, struct sc_buf *note,
    struct merkle_proof *proof);

/*
 * NOTE is the newest checkpoint with more signatures beneath it: the publisher puts it in the
 * place of the file `checkpoint`, if its text is that one's and the log's own signature holds. A
 * newer head, or a restart, begins without. Fails with SC_LIMIT, SC_NOMEM.
 */
SC_CHECKED enum sc_err tlog_cosigned(struct tlog *w, struct sc_span note);

#endif
