/*
 * keyd_head.c - keyd's own head and its proof: asked on a worker's loop, told to our thread.
 */
#include "gateway/witness/private.h"

#include <pthread.h>
#include <string.h>

/* What came, for the other thread. With the lock. */
static void tell(struct keyd_head *k, enum sc_err err)
{
	k->err = err;
	k->there = true;
	loop_wake_post(&k->told);
}

static enum sc_err take(struct keyd_head *k, const struct keyc_reply *r)
{
	const struct sc_span proof = r->n > 1 ? r->results[1].value : sc_span(NULL, 0);

	sc_buf_clear(&k->note);
	if (r->err != SC_OK)
		return r->err;
	if (r->n < 2 || r->results[0].status != WIRE_OK || proof.n % HASH_BYTES != 0 ||
	    proof.n / HASH_BYTES > CRYPTO_PROOF_MAX)
		return SC_SYNTAX;
	k->proof.n = proof.n / HASH_BYTES;
	if (proof.n > 0)
		memcpy(k->proof.h, proof.p, proof.n);
	return sc_buf_put_span(&k->note, r->results[0].value);
}

static void on_answer(struct keyc_call *call, const struct keyc_reply *reply)
{
	struct keyd_head *k = loop_owner(call, struct keyd_head, call);

	pthread_mutex_lock(&k->lock);
	k->asking = false;
	tell(k, take(k, reply));
	pthread_mutex_unlock(&k->lock);
}

/* On the worker's loop. */
static void on_ask(struct loop_wake *wake)
{
	struct keyd_head *k = loop_owner(wake, struct keyd_head, ask);
	const struct config *c = k->worker->current->config;
	const struct asking asking = { .tenant = &c->tenant,
		.principal = &c->node,
		.policy_hash = c->policy_hash };
	enum sc_err err;

	pthread_mutex_lock(&k->lock);
	if (k->wanted && !k->asking) {
		k->wanted = false;
		k->call.done = on_answer;
		err = keyc_prove_log(k->worker->keyc, &k->call, &asking, k->from);
		k->asking = err == SC_OK;
		if (!k->asking)
			tell(k, err);
	}
	pthread_mutex_unlock(&k->lock);
}

/* On our thread. */
static void on_told(struct loop_wake *wake)
{
	struct keyd_head *k = loop_owner(wake, struct keyd_head, told);
	struct submitting *s = k->whose;
	struct merkle_proof proof;
	struct sc_buf note;
	enum sc_err err;

	pthread_mutex_lock(&k->lock);
	if (!k->there) {
		pthread_mutex_unlock(&k->lock);
		return;
	}
	k->there = false;
	err = k->err;
	note = k->note;
	proof = k->proof;
	sc_buf_init(&k->note, NOTE_MAX);
	pthread_mutex_unlock(&k->lock);
	k->whose = NULL;
	if (s != NULL) {
		k->then(s, err == SC_OK ? sc_buf_span(&note) : sc_span(NULL, 0), &proof);
		loop_timer_set(s->all->loop, &s->all->tick, 0); /* another may have waited */
	}
	sc_buf_fini(&note);
}

bool keyd_head_ask(struct keyd_head *k, struct submitting *s, keyd_told_fn *then)
{
	if (k->whose != NULL)
		return false;
	k->whose = s;
	k->then = then;
	pthread_mutex_lock(&k->lock);
	k->from = s->from;
	k->wanted = true;
	if (k->worker != NULL)
		loop_wake_post(&k->ask);
	pthread_mutex_unlock(&k->lock);
	return true;
}

void keyd_head_init(struct keyd_head *k, struct loop *loop)
{
	memset(k, 0, sizeof(*k));
	pthread_mutex_init(&k->lock, NULL);
	sc_buf_init(&k->note, NOTE_MAX);
	loop_wake_init(loop, &k->told, on_told);
}

void keyd_head_fini(struct keyd_head *k)
{
	loop_wake_fini(&k->told);
	sc_buf_fini(&k->note);
	pthread_mutex_destroy(&k->lock);
}

void keyd_head_bind(struct keyd_head *k, struct worker *w)
{
	pthread_mutex_lock(&k->lock);
	loop_wake_init(w->loop, &k->ask, on_ask);
	k->worker = w;
	pthread_mutex_unlock(&k->lock);
}

void keyd_head_unbind(struct keyd_head *k)
{
	if (k->worker == NULL)
		return;
	keyc_cancel(&k->call);
	pthread_mutex_lock(&k->lock);
	loop_wake_fini(&k->ask);
	k->worker = NULL;
	pthread_mutex_unlock(&k->lock);
}
