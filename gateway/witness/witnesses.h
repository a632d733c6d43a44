/*
 * witnesses.h - telling witnesses (c2sp.org/tlog-witness) of our log's and keyd's heads, and
 * keeping what they say.
 *
 * On a thread of its own, once a second, with deadlines and a back-off: no order waits for it, and
 * a witness that is away costs nothing. What comes back stands under the log's own `checkpoint`
 * until the next head, and in heads/NAME.cosigned, of the newest head that any has cosigned.
 */
#ifndef GATEWAY_WITNESS_WITNESSES_H
#define GATEWAY_WITNESS_WITNESSES_H

#include "gateway/serve/worker.h"

struct witnesses;

/*
 * Those of C, none asked yet; HEADS is the folder of signed heads. *OUT is NULL when there are
 * none. Fails with SC_SYNTAX (a URL), SC_IO, SC_NOMEM; D says why.
 */
SC_CHECKED enum sc_err witnesses_new(const struct config *c, const char *heads,
    struct worker_shared *shared, struct sc_diag *d, struct witnesses **out);
/* From now on, with keyd asked through W's client. Fails with SC_IO. */
SC_CHECKED enum sc_err witnesses_start(struct witnesses *s, struct worker *w);
/* W's loop has stopped; harmless when it was not started. All take NULL. */
void witnesses_stop(struct witnesses *s);
void witnesses_free(struct witnesses *s);

/* False while one says that a log is not the one it saw. Any thread, as are the next two. */
bool witnesses_agree(const struct witnesses *s);
/* False while one does not answer, or answers what is of no use. */
bool witnesses_heard(const struct witnesses *s);
/* Append their metrics. */
SC_CHECKED enum sc_err witnesses_print(const struct witnesses *s, struct sc_buf *out);

#endif
