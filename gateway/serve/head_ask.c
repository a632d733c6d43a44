/*
 * head_ask.c - a log's head on its way to keyd.
 */
#include "gateway/serve/head_ask.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_MS 50 /* keyd was away */

void head_ask_init(struct head_ask *a, head_told_fn *told)
{
	memset(a, 0, sizeof(*a));
	a->told = told;
	pthread_mutex_init(&a->lock, NULL);
}

void head_ask_fini(struct head_ask *a)
{
	pthread_mutex_destroy(&a->lock);
}

void head_ask_put(struct head_ask *a, const struct tlog_head *head)
{
	pthread_mutex_lock(&a->lock);
	snprintf(a->origin, sizeof(a->origin), "%s", head->origin);
	a->size = head->size;
	a->old_size = head->old_size;
	memcpy(a->root, head->root, sizeof(a->root));
	a->n_proof = head->n_proof < CRYPTO_PROOF_MAX ? head->n_proof : CRYPTO_PROOF_MAX;
	if (a->n_proof > 0)
		memcpy(a->proof, head->proof, a->n_proof * HASH_BYTES);
	a->waiting = true;
	if (a->worker != NULL)
		loop_wake_post(&a->wake);
	pthread_mutex_unlock(&a->lock);
}

bool head_ask_parse(struct sc_span raw, struct note_head *out)
{
	struct note *note = malloc(sizeof(*note));
	bool ok;

	if (note == NULL)
		return false;
	ok = raw.n != 0 && note_parse(raw, note) == SC_OK &&
	    note_head_parse(note->text, out) == SC_OK;
	free(note);
	return ok;
}

/*
 * When ours was proved from exactly the one that keyd remembers, or is shorter, then our log
 * is not the one keyd knows: it stays so, however long the wrong one grows.
 */
static void take_refusal(const struct head_ask *a, struct sc_span last, struct head_told *t)
{
	struct note_head head;

	t->remembered = head_ask_parse(last, &head) ? head.size : 0;
	t->answer = t->remembered > a->asked || t->remembered == a->asked_from ? HEAD_FOREIGN :
										 HEAD_BEHIND;
}

static void on_answer(struct keyc_call *call, const struct keyc_reply *reply)
{
	struct head_ask *a = loop_owner(call, struct head_ask, call);
	struct head_told t = { .asked = a->asked };

	a->asking = false;
	if (reply->err != SC_OK || reply->n < 1)
		t.answer = reply->err == SC_AUTH ? HEAD_UNKNOWN : HEAD_UNANSWERED;
	else if (reply->results[0].status != WIRE_OK)
		take_refusal(a, reply->results[0].value, &t);
	else {
		t.answer = HEAD_SIGNED;
		t.note = reply->results[0].value;
		t.own = reply->n > 1 ? reply->results[1].value : sc_span(NULL, 0);
		t.vkey = reply->n > 2 ? reply->results[2].value : sc_span(NULL, 0);
	}
	a->told(a, &t);
}

/* It did not even leave: the owner asks again when it likes. */
static void not_sent(struct head_ask *a)
{
	const struct head_told t = { .answer = HEAD_UNANSWERED, .asked = a->asked };

	a->told(a, &t);
}

/* Send what waits. With the lock. */
static void send_head(struct head_ask *a, struct worker *w)
{
	const struct config *c = w->current->config;
	const struct asking asking = { .tenant = &c->tenant,
		.principal = &c->node,
		.policy_hash = c->policy_hash };
	const struct wire_head head = { .origin = sc_span_str(a->origin),
		.size = a->size,
		.root = a->root,
		.proof = a->proof[0],
		.n_proof = (uint8_t)a->n_proof };
	enum sc_err err;

	a->call.done = on_answer;
	a->asked = a->size;
	a->asked_from = a->old_size;
	err = keyc_sign_head(w->keyc, &a->call, &asking, &head);
	a->asking = err == SC_OK;
	a->waiting = err == SC_AGAIN;
	if (a->waiting)
		loop_timer_set(w->loop, &a->retry, RETRY_MS);
	else if (!a->asking)
		not_sent(a);
}

static void send_waiting(struct head_ask *a)
{
	if (a->asking || a->worker == NULL)
		return;
	pthread_mutex_lock(&a->lock);
	if (a->waiting)
		send_head(a, a->worker);
	pthread_mutex_unlock(&a->lock);
}

static void on_wake(struct loop_wake *wake)
{
	send_waiting(loop_owner(wake, struct head_ask, wake));
}

static void on_retry(struct loop_timer *t)
{
	send_waiting(loop_owner(t, struct head_ask, retry));
}

void head_ask_bind(struct head_ask *a, struct worker *w)
{
	pthread_mutex_lock(&a->lock);
	loop_wake_init(w->loop, &a->wake, on_wake);
	loop_timer_init(&a->retry, on_retry);
	a->worker = w;
	if (a->waiting)
		loop_wake_post(&a->wake);
	pthread_mutex_unlock(&a->lock);
}

void head_ask_unbind(struct head_ask *a)
{
	if (a->worker == NULL)
		return;
	keyc_cancel(&a->call);
	loop_timer_clear(a->worker->loop, &a->retry);
	pthread_mutex_lock(&a->lock);
	loop_wake_fini(&a->wake);
	a->worker = NULL;
	pthread_mutex_unlock(&a->lock);
}
