/*
 * collect_erase.c - a person who is erased leaves collecting first: what they said of
 * consent, what is linked to them, and, by a frame, analytics.
 *
 *	the subject -> (keyd: handle and pseudonym) -> collect_erase() -> on with the request
 *
 * Keyd is asked as collecting asks it, since whoever erases has no right to a
 * pseudonym, and gets none to see.
 */
#include "base/bytes.h"
#include "gateway/api/collect.h"
#include "policy/words/class.h"

#include <stdlib.h>
#include <string.h>

struct collect_forget {
	struct served_request *rq; /* NULL: it has left */
	const struct served_ops *ops;
	void (*then)(struct served_request *rq);
	struct collect_erasing erasing;
	bool under_way;
};

static void on_leave(struct served_request *rq)
{
	struct collect_forget *f = rq->state;

	if (f == NULL)
		return;
	rq->state = NULL;
	f->rq = NULL;
	if (!f->under_way)
		free(f);
}

static const struct served_ops forget_ops = { .on_leave = on_leave };

static void on_erased(struct collect_erasing *e, enum sc_err err)
{
	struct collect_forget *f = loop_owner(e, struct collect_forget, erasing);
	struct served_request *rq = f->rq;
	void (*then)(struct served_request *) = f->then;
	const struct served_ops *before = f->ops;

	free(f);
	if (rq == NULL)
		return;
	rq->state = NULL;
	rq->ops = before;
	if (err == SC_OK) {
		then(rq);
		return;
	}
	metric_add(&rq->worker->shared->metrics, METRIC_COLLECT_AWAY, 1);
	served_refuse(rq, 503, "collect-unavailable",
	    "what this person said of consent cannot be erased now; nothing was. Try again");
}

bool collect_take_handle(const struct keyc_reply *reply, struct collect_handle *out)
{
	const struct wire_result *r = reply->results;

	if (reply->n == 0 || r->status != WIRE_OK ||
	    r->value.n != HANDLE_BYTES + KEYC_PSEUDONYM_BYTES)
		return false;
	memcpy(out->handle, r->value.p, HANDLE_BYTES);
	out->pseudonym = sc_be64_load(r->value.p + HANDLE_BYTES);
	return true;
}

static void on_named(struct keyc_call *call, const struct keyc_reply *reply)
{
	struct served_request *rq = loop_owner(call, struct served_request, key_call);
	struct collect_forget *f = rq->state;
	enum sc_err err = reply->err;

	if (err == SC_OK && !collect_take_handle(reply, &f->erasing.write.person))
		err = SC_AUTH;
	if (err == SC_OK) {
		f->erasing.done = on_erased;
		f->under_way = true;
		err = collect_erase(rq->worker->shared->collect, rq->worker, &f->erasing);
		f->under_way = err == SC_OK;
	}
	if (err != SC_OK)
		served_refuse_keys(rq, err);
}

struct asking collect_asking(const struct served_request *rq)
{
	const struct config *c = rq->gen->config;
	const struct collect_settings *s = collect_settings_of(rq->worker->shared->collect);
	struct asking a = rq->reader;

	/* it is not the caller who may, but whoever collects */
	a.principal = &c->node;
	a.proof = NULL;
	a.op = POLICY_WRITE;
	a.role = c->collect != NULL ? c->collect->role : s->role;
	a.purpose = c->collect != NULL ? c->collect->purpose : s->purpose;
	return a;
}

void collect_forget(struct served_request *rq, struct sc_span subject,
    void (*then)(struct served_request *rq))
{
	const struct keyc_item item = { .class_id = CLASS_CUSTOMER_ID,
		.flags = KEYC_ACCOUNT,
		.value = subject };
	struct collect_forget *f = calloc(1, sizeof(*f));
	const struct asking asking = collect_asking(rq);
	enum sc_err err;

	if (f == NULL) {
		served_refuse_busy(rq);
		return;
	}
	f->rq = rq;
	f->ops = rq->ops;
	f->then = then;
	rq->state = f;
	rq->ops = &forget_ops;
	rq->key_call.done = on_named;
	if ((err = keyc_pseudonym(rq->worker->keyc, &rq->key_call, &asking, &item, 1)) != SC_OK)
		served_refuse_keys(rq, err);
}
