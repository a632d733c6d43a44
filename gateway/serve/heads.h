/*
 * heads.h - getting the heads of scrimd's log signed by keyd, and keeping
 * keyd's own heads in it: neither process alone can rewrite yesterday.
 */
#ifndef GATEWAY_SERVE_HEADS_H
#define GATEWAY_SERVE_HEADS_H

#include "gateway/serve/worker.h"

struct heads;

/*
 * Make the signer. It is bound to a worker later, for the log is opened before
 * there are workers. Fails with SC_NOMEM.
 */
SC_CHECKED enum sc_err heads_new(const char *vkey_path, struct heads **out);
void heads_free(struct heads *h); /* after the log and the worker are gone */

/* The tlog_sign_fn: called on the log's publisher thread; ARG is the heads. */
void heads_sign(void *arg, struct tlog *log, const struct tlog_head *head);

/* From now on ask through W's keyd client, on W's loop. */
void heads_bind(struct heads *h, struct worker *w);
/* No longer; called when W's loop has stopped. */
void heads_unbind(struct heads *h);

#endif
