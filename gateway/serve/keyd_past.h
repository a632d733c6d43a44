/*
 * keyd_past.h - keyd's log goes on from where we saw it last: what no keyd may be asked for a
 * key without, on any connection.
 *
 * The newest head that keyd showed is kept in the access log's folder, keyd.seen
 * (crypto/tlog/seen.h). Each worker demands a proof from it when it meets keyd, before anything
 * else, and once a second; a log that was put back, is another or signed by another key opens
 * nothing, for as long as it is so.
 *
 *	keyd met, or a second later -> proof asked -> extends: admitted, the head is kept
 *	                                           -> does not: nothing passes, /readyz tells
 *	the worker's loop                             the thread writes
 */
#ifndef GATEWAY_SERVE_KEYD_PAST_H
#define GATEWAY_SERVE_KEYD_PAST_H

#include "crypto/tlog/seen.h"
#include "gateway/serve/worker.h"

struct keyd_past;

/*
 * Read what was seen from the folder DIR, which is there, and begin to keep it. A folder without
 * it is a new one, or (its log was signed) one whose keyd.seen was taken away, and then no keyd is
 * good.
 * Fails with SC_NOMEM, SC_IO; D says why.
 */
SC_CHECKED enum sc_err keyd_past_new(const char *dir, struct worker_shared *shared,
    struct sc_diag *d, struct keyd_past **out);
void keyd_past_free(struct keyd_past *p); /* after its workers; NULL is fine */

/* Examine whomever W meets, before its loop runs. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err keyd_past_bind(struct keyd_past *p, struct worker *w);
/*
 * No longer: no other keyd is good. When W's loop has stopped, before the log closes; harmless
 * when not bound.
 */
void keyd_past_unbind(struct worker *w);

/* Its gauges. Fails like sc_buf_put(). NULL is fine. */
SC_CHECKED enum sc_err keyd_past_print(struct keyd_past *p, struct sc_buf *out);

#endif
