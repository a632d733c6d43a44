/*
 * calls_private.h - a call's row as the store's jobs see it: private to
 * gateway/phone/calls*.c.
 */
#ifndef GATEWAY_PHONE_CALLS_PRIVATE_H
#define GATEWAY_PHONE_CALLS_PRIVATE_H

#include "gateway/phone/calls.h"
#include "gateway/phone/service_private.h"

/* One write, and what is found on the way. */
struct call_work {
	struct phone_service *s;
	const struct phone_call *c; /* what is wanted; its key */
	struct phone_call is;       /* as it is, when FOUND */
	bool found, changed;
	const char *cause; /* of an end: a literal, or NULL */
	struct hooks_put *told;
	uint64_t now; /* Unix seconds */
};

/* Within a job. Fail as store_ask(). */
SC_CHECKED enum sc_err call_find(struct call_work *k, struct store_tx *tx);
/*
 * Raise what was found, if it was dialled, and tell hooks of it; at a call's end its
 * binding's cooldown counts from now.
 */
SC_CHECKED enum sc_err call_raise(struct call_work *k, struct store_tx *tx);
/* It is durable that C was raised: to the book. */
void call_raised(struct phone_service *s, const struct phone_call *c);

#endif
