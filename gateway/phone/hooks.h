/*
 * hooks.h - telling others of events: an outbox that survives a crash, emptied
 * by worker 0 with retries.
 *
 * A payload names bindings, orders and virtual numbers, never a person's
 * number, name or text. An event is delivered at least once, under one id.
 */
#ifndef GATEWAY_PHONE_HOOKS_H
#define GATEWAY_PHONE_HOOKS_H

#include "gateway/phone/service.h"

struct phone_hooks;

/* Secrets are read here. Fails with SC_IO, SC_SYNTAX, SC_NOMEM; D says why. */
SC_CHECKED enum sc_err hooks_new(struct phone_service *s, struct sc_diag *d,
    struct phone_hooks **out);
/* When nobody tells any more and the worker, whose connections rest on it, was freed. NULL is fine. */
void hooks_free(struct phone_hooks *h);
/* Read the secrets anew from their files, all or, when one fails, none. Any thread. Fails as hooks_new(). */
SC_CHECKED enum sc_err hooks_reload(struct phone_hooks *h, struct sc_diag *d);
/* From now on deliver by W's client, on W's loop. */
SC_CHECKED enum sc_err hooks_bind(struct phone_hooks *h, struct worker *w, struct sc_diag *d);
/*
 * No longer; when W's loop has stopped, and before it and the store go. What was not
 * sent is sent after the next start. NULL is fine.
 */
void hooks_unbind(struct phone_hooks *h);

/* What an event tells; what is NULL, 0 or empty is left out. */
struct phone_told {
	enum phone_event event;
	const struct phone_binding *binding;
	const struct sc_name *pool;
	const char *x;
	const char *call;  /* hexadecimal */
	const char *cause; /* a literal */
	uint64_t seconds;  /* a call's length */
	unsigned percent;  /* a watermark */
};
/*
 * Within a job: put it into the outbox by the commit of the change that it tells of, so
 * that there is neither without the other. Zero P before the job; hooks_put_over()
 * when the job is over, with how. H NULL: nobody is told. Fails as store_ask(), and
 * with SC_NOMEM: fail the job too.
 */
struct hooks_put {
	uint64_t lines, rows; /* hooks that got something, as bits; how much */
};
SC_CHECKED enum sc_err hooks_put(struct phone_hooks *h, struct store_tx *tx,
    const struct phone_told *t, struct hooks_put *p);
void hooks_put_over(struct phone_hooks *h, struct hooks_put *p, enum sc_err err);
/*
 * Of what changes no rows: put it into the outbox by a job of its own, not waited for.
 * Any thread; never with the service's lock held. H NULL: nobody is told.
 */
void hooks_tell(struct phone_hooks *h, const struct phone_told *t);
/* Delivered, retried, given up since the start; waiting now. */
struct hooks_stats {
	uint64_t delivered, retried, given_up, waiting;
};
void hooks_stats(struct phone_hooks *h, struct hooks_stats *out);

#endif
