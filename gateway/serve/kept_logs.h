/*
 * kept_logs.h - logs that other processes write, and that scrimd looks after: their heads are
 * signed by keyd, which their writers never reach.
 *
 * A thread reads each folder once a second. What was signed stands in a folder of scrimd's own,
 * NAME.checkpoint and NAME.vkey: a log's writer can not take it back. A log that does not extend
 * what was signed, or is gone, is red in /readyz and in the metrics for as long as that lasts.
 *
 *	folder -> head, proof from the last signed one -> keyd -> heads/NAME.checkpoint
 *	  the thread                     the first worker's loop       the thread
 */
#ifndef GATEWAY_SERVE_KEPT_LOGS_H
#define GATEWAY_SERVE_KEPT_LOGS_H

#include "gateway/serve/worker.h"

/*
 * Make those of C, whose signed heads are in the folder HEADS, which is there. Borrows SHARED
 * and C. Fails with SC_NOMEM, SC_IO (D says why); *OUT is NULL when C has none.
 */
SC_CHECKED enum sc_err kept_logs_new(const struct config *c, const char *heads,
    struct worker_shared *shared, struct sc_diag *d, struct kept_logs **out);
/* Ask through W, and begin to look. Fails with SC_IO. NULL is fine, here and below. */
SC_CHECKED enum sc_err kept_logs_start(struct kept_logs *k, struct worker *w);
/* Look no more; called when W's loop has stopped. */
void kept_logs_stop(struct kept_logs *k);
void kept_logs_free(struct kept_logs *k); /* after kept_logs_stop() */

/* Is nothing wrong with any of them? From any thread. */
bool kept_logs_ok(struct kept_logs *k);
/* Their gauges. Fails like sc_buf_put(). */
SC_CHECKED enum sc_err kept_logs_print(struct kept_logs *k, struct sc_buf *out);

/* The folder of signed heads beside the log folder LOG, into OUT of SIZE bytes. */
void kept_logs_folder(const char *log, char *out, size_t size);

#endif
