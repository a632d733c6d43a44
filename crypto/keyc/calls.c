/*
 * calls.c - the calls under way: a hash table by id.
 */
#include "crypto/keyc/internal.h"

void keyc_call_add(struct keyc *kc, struct keyc_call *call)
{
	struct keyc_call **head = &kc->calls[call->priv.id % KEYC_BUCKETS];

	call->priv.kc = kc;
	call->priv.prev = NULL;
	call->priv.next = *head;
	if (*head != NULL)
		(*head)->priv.prev = call;
	*head = call;
	if (kc->n_calls++ == 0 && !loop_timer_is_set(&kc->silence)) {
		kc->heard = false;
		loop_timer_set(kc->loop, &kc->silence, KEYC_SILENCE_MS);
	}
}

void keyc_call_remove(struct keyc *kc, struct keyc_call *call)
{
	if (call->priv.prev != NULL)
		call->priv.prev->priv.next = call->priv.next;
	else
		kc->calls[call->priv.id % KEYC_BUCKETS] = call->priv.next;
	if (call->priv.next != NULL)
		call->priv.next->priv.prev = call->priv.prev;
	call->priv.kc = NULL;
	call->priv.next = call->priv.prev = NULL;
	kc->n_calls--;
}

struct keyc_call *keyc_call_find(struct keyc *kc, uint64_t id)
{
	struct keyc_call *c = kc->calls[id % KEYC_BUCKETS];

	while (c != NULL && c->priv.id != id)
		c = c->priv.next;
	return c;
}

void keyc_call_fail(struct keyc *kc, struct keyc_call *call, enum sc_err err)
{
	const struct keyc_reply reply = { .err = err, .record = WIRE_NO_RECORD };
	struct keyc_gather *g = call->priv.gather;

	keyc_call_remove(kc, call);
	call->priv.gather = NULL;
	keyc_gather_free(g);
	call->done(call, &reply);
}

void keyc_cancel(struct keyc_call *call)
{
	struct keyc *kc = call->priv.kc;

	if (kc == NULL)
		return;
	keyc_call_remove(kc, call);
	keyc_gather_free(call->priv.gather);
	call->priv.gather = NULL;
}
