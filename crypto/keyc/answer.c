/*
 * answer.c - replies: most are told straight from the packet; a call that is
 * answered in several frames is gathered first.
 */
#include "crypto/keyc/internal.h"

#include <string.h>

/* An item that is refused has no value. (A head that is refused comes with the last good one.) */
static bool result_ok(const struct keyc_call *call, const struct wire_result *w)
{
	return w->status < WIRE_STATUS_COUNT && w->action <= ACTION_REVEAL &&
	    (w->kind & ~(WIRE_RESEALED | WIRE_PAST_LIMIT)) <= 2 &&
	    (w->status == WIRE_OK || w->value.n == 0 || call->priv.n_items == 0);
}

/* The handles of all parts, each once, as far as there is room. */
static void gather_subjects(struct keyc_gather *g, const struct wire_reply *rep)
{
	size_t k;

	for (size_t i = 0; i < rep->n_handles && g->n_subjects < HANDLES_MAX; i++) {
		const uint8_t *h = rep->handles + i * HANDLE_BYTES;

		for (k = 0; k < g->n_subjects; k++)
			if (memcmp(g->subjects[k], h, HANDLE_BYTES) == 0)
				break;
		if (k == g->n_subjects)
			memcpy(g->subjects[g->n_subjects++], h, HANDLE_BYTES);
	}
}

static enum sc_err gather(const struct keyc_call *call, uint32_t part, struct wire_reply *rep)
{
	struct keyc_gather *g = call->priv.gather;
	enum sc_err err;

	if (rep->n_results > g->end[part] - g->next[part])
		return SC_SYNTAX;
	for (unsigned i = 0; i < rep->n_results; i++) {
		uint32_t at = g->next[part]++;

		wire_reply_result(rep, &g->results[at]);
		if (!result_ok(call, &g->results[at]))
			return SC_SYNTAX;
		g->offset[at] = g->bytes.n;
		if ((err = sc_buf_put_span(&g->bytes, g->results[at].value)) != SC_OK)
			return err;
	}
	gather_subjects(g, rep);
	return SC_OK;
}

static void tell_gathered(struct keyc *kc, struct keyc_call *call)
{
	struct keyc_gather *g = call->priv.gather;
	struct keyc_reply reply = { .err = SC_OK,
		.results = g->results,
		.n = call->priv.n_items > 0 ? call->priv.n_items : g->next[0],
		.record = call->priv.record,
		.named = call->priv.named,
		.subjects = (const uint8_t(*)[HANDLE_BYTES])g->subjects,
		.n_subjects = g->n_subjects };

	for (size_t i = 0; i < reply.n; i++)
		g->results[i].value.p = g->bytes.p + g->offset[i];
	call->priv.gather = NULL;
	keyc_call_remove(kc, call);
	call->done(call, &reply);
	keyc_gather_free(g);
}

/* One frame of a call that has several. */
static enum sc_err answer_part(struct keyc *kc, struct keyc_call *call, uint32_t part, bool more,
    struct wire_reply *rep)
{
	struct keyc_gather *g = call->priv.gather;
	enum sc_err err;

	if (part >= g->n_parts)
		return SC_SYNTAX;
	err = gather(call, part, rep);
	if (err == SC_SYNTAX)
		return err;
	if (err != SC_OK && call->priv.err == SC_OK)
		call->priv.err = err;
	if (more)
		return SC_OK;
	if (rep->err != SC_OK && call->priv.err == SC_OK)
		call->priv.err = rep->err;
	if (rep->err == SC_OK && call->priv.n_items > 0 && g->next[part] != g->end[part])
		return SC_SYNTAX;
	call->priv.record = rep->record;
	if (--call->priv.parts > 0)
		return SC_OK;
	if (call->priv.err != SC_OK)
		keyc_call_fail(kc, call, call->priv.err);
	else
		tell_gathered(kc, call);
	return SC_OK;
}

/* ---- the usual case: one request frame, one reply frame ---- */

static enum sc_err answer_whole(struct keyc *kc, struct keyc_call *call, bool named,
    struct wire_reply *rep)
{
	const void *handles = rep->handles;
	struct keyc_reply reply = { .err = rep->err,
		.record = rep->record,
		.named = named,
		.subjects = handles,
		.n_subjects = rep->n_handles };

	if (rep->err == SC_OK && call->priv.n_items > 0 && rep->n_results != call->priv.n_items)
		return SC_SYNTAX;
	for (unsigned i = 0; i < rep->n_results; i++) {
		wire_reply_result(rep, &kc->results[i]);
		if (!result_ok(call, &kc->results[i]))
			return SC_SYNTAX;
	}
	if (rep->err == SC_OK) {
		reply.results = kc->results;
		reply.n = rep->n_results;
	}
	keyc_call_remove(kc, call);
	call->done(call, &reply);
	return SC_OK;
}

enum sc_err keyc_answer(struct keyc *kc, const struct wire_frame *f)
{
	uint32_t part = (uint32_t)(f->req_id & ((1u << KEYC_PART_BITS) - 1));
	const bool more = (f->flags & WIRE_F_MORE) != 0, named = (f->flags & WIRE_F_NAMED) != 0;
	struct keyc_call *call;
	struct keyc_gather *g;
	struct wire_reply rep;
	enum sc_err err;

	if ((f->op & WIRE_REPLY) == 0 || wire_reply_decode(f->body, &rep) != SC_OK)
		return SC_SYNTAX;
	if (rep.err == SC_STALE)
		keyc_forget_sessions(kc); /* or it is the policy: then this costs little */
	call = keyc_call_find(kc, f->req_id >> KEYC_PART_BITS);
	if (call == NULL)
		return SC_OK; /* cancelled meanwhile */
	if (call->priv.gather == NULL && !more)
		return part == 0 ? answer_whole(kc, call, named, &rep) : SC_SYNTAX;
	if (call->priv.gather == NULL) {
		if ((err = keyc_gather_new(call->priv.n_items, 1, &g)) != SC_OK)
			return err;
		call->priv.gather = g;
	}
	call->priv.named |= named;
	return answer_part(kc, call, part, more, &rep);
}
