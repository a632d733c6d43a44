/*
 * collect.c - a body of events, from its head to its answer.
 *
 *	POST /v1/batch, /v1/track, ...	the shape that Segment's client libraries send
 *	POST /v1/collect		the same objects, a line each
 *
 *	head: whose key -> body: inflated, taken apart -> collect_take_in() -> answer
 *
 * By content, never by label: client libraries call gzip a form and JSON plain text. A
 * page is told the same bytes whatever becomes of its events; a back end hears which of
 * them have not the form, and nothing else. Either is told 200 only when what was taken
 * is on disk.
 *
 * Cookie, Referer and anonymousid are never read, and of the query only writeKey.
 */
#include "base/clock.h"
#include "base/text/jsonw.h"
#include "gateway/api/api.h"
#include "gateway/api/collect.h"
#include "gateway/codec/gzip.h"
#include "gateway/protect/protect.h"

#include <stdlib.h>
#include <string.h>

/* What is kept of a request while it is under way; outlives it when the client leaves. */
struct collect_posting {
	struct served_request *rq; /* NULL: it has left */
	struct generation *gen;    /* held: the asking points into it */
	struct collect_batch batch;
	struct asking_proof proof; /* a back end's, whose text outlives its request: */
	uint8_t key[ASKING_KEY_MAX];
	struct collect_sender sender;
	struct sc_arena arena;
	struct sc_buf inflated;
	struct collect_taken *taken;
	uint32_t *index; /* which object of the body each is of */
	bool under_way;
};

static void posting_free(struct collect_posting *p)
{
	generation_release(p->gen);
	sc_arena_fini(&p->arena);
	sc_buf_fini(&p->inflated);
	free(p->taken);
	free(p->index);
	free(p->batch.fate);
	free(p->batch.why);
	sc_wipe(p->key, sizeof(p->key));
	free(p);
}

/* Under way on a disk it ends by itself; before that it is as if it never came. */
static void on_leave(struct served_request *rq)
{
	struct collect_posting *p = rq->state;

	if (p == NULL)
		return;
	rq->state = NULL;
	p->rq = NULL;
	if (!p->under_way || collect_give_up(&p->batch))
		posting_free(p);
}

/* ---- answered ------------------------------------------------------------------------------ */

/* Of the form, which its sender can mend; all else is told nobody. */
static bool is_of_form(uint8_t rule)
{
	return rule == FEED_BAD_FORM || rule == FEED_UNDECLARED || rule == FEED_TOO_OLD;
}

/*
 * The last thing of the same object that was refused for its form, from I on; N: none
 * of it was.
 */
static bool object_refused(const struct collect_posting *p, size_t *i, uint8_t *why)
{
	uint32_t object = p->index[*i];

	*why = FEED_NO_RULE;
	for (; *i < p->batch.n && p->index[*i] == object; ++*i)
		if (p->batch.fate[*i] == COLLECT_REFUSED && is_of_form(p->batch.why[*i]))
			*why = p->batch.why[*i];
	return *why != FEED_NO_RULE;
}

static void print_answer(const struct collect_posting *p, struct jsonw *w)
{
	size_t accepted = 0;
	uint8_t why;

	for (size_t i = 0; i < p->batch.n;)
		accepted += !object_refused(p, &i, &why);
	jsonw_object(w);
	jsonw_ku64(w, "accepted", accepted);
	jsonw_key(w, "refused");
	jsonw_array(w);
	for (size_t i = 0; i < p->batch.n;) {
		uint32_t object = p->index[i];

		if (!object_refused(p, &i, &why))
			continue;
		jsonw_object(w);
		jsonw_ku64(w, "i", object);
		jsonw_kstr(w, "reason", feed_rules[why].name);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
	jsonw_object_end(w);
}

static void answer(struct served_request *rq, const struct collect_posting *p)
{
	static const struct sc_span success = SC_LIT("{\"success\":true}");
	struct jsonw w = jsonw(&rq->out);

	rq->record.asking.records = (uint32_t)p->batch.n;
	/* pages are records by the minute, each site one */
	rq->record.outcome = p->sender.vouched ? AUDIT_OK : AUDIT_OUTCOME_NONE;
	rq->record.act = "collect.batch";
	if (!p->sender.vouched) {
		collect_answer(rq, 200, "application/json", success, p->sender.origin, NULL);
		return;
	}
	print_answer(p, &w);
	if (w.err == SC_OK)
		collect_answer(rq, 200, "application/json", sc_buf_span(&rq->out), sc_span(NULL, 0),
		    NULL);
	else
		served_refuse(rq, 500, "internal", "the answer could not be built");
}

static const struct collect_trouble {
	enum sc_err err;
	unsigned status;
	const char *name, *detail;
	enum metric metric;
} troubles[] = {
	{ SC_LIMIT, 429, "collect-full",
	    "analytics takes nothing for now and the spool is full; nothing was taken",
	    METRIC_COLLECT_FULL },
	{ SC_AUTH, 403, "policy", "the policy does not let this caller collect",
	    METRIC_REFUSED_POLICY },
	{ SC_IO, 503, "collect-unavailable", "the spool or the store cannot be written",
	    METRIC_COLLECT_AWAY },
	{ SC_NOMEM, 503, "busy", "memory is short; try again", METRIC_COLLECT_AWAY },
	{ SC_AGAIN, 503, "keys-unavailable",
	    "the key service does not answer; nothing was taken. Try again", METRIC_KEYS_AWAY },
};

static void refuse(struct served_request *rq, enum sc_err err, struct sc_span origin)
{
	const struct collect_trouble *t = &troubles[0];

	while (t->err != err && t->err != SC_AGAIN)
		t++;
	metric_add(&rq->worker->shared->metrics, t->metric, 1);
	collect_refuse(rq, t->status, t->name, t->detail, origin);
}

static void on_done(struct collect_batch *b, enum sc_err err)
{
	struct collect_posting *p = loop_owner(b, struct collect_posting, batch);
	struct served_request *rq = p->rq;

	p->under_way = false;
	if (rq == NULL) {
		posting_free(p);
		return;
	}
	if (err == SC_OK)
		answer(rq, p); /* which leaves, and frees P */
	else
		refuse(rq, err, p->sender.origin);
}

/* ---- taken apart --------------------------------------------------------------------------- */

static bool refuse_body(struct served_request *rq, const struct collect_posting *p, unsigned status,
    const char *name, const char *detail)
{
	metric_add(&rq->worker->shared->metrics, METRIC_REFUSED_BODY, 1);
	return collect_refuse(rq, status, name, detail, p->sender.origin);
}

/* BODY as it was before it was packed. False: refused and answered. */
static bool inflate_body(struct served_request *rq, struct sc_span *body)
{
	struct collect_posting *p = rq->state;
	enum sc_err err;

	if (!gzip_is(*body))
		return true;
	if ((err = gzip_inflate(*body, &p->inflated)) == SC_OK) {
		*body = sc_buf_span(&p->inflated);
		return true;
	}
	if (err == SC_NOMEM)
		return served_refuse_busy(rq);
	if (err == SC_LIMIT)
		return refuse_body(rq, p, 413, "too-large", "more than 500 KiB, unpacked");
	return refuse_body(rq, p, 400, "malformed-gzip", "the body is packed, and broken");
}

/* What a browser says for whoever sits before it. */
static bool says_no(const struct http_head *h)
{
	return sc_span_is(http_head_find(h, "Sec-GPC"), "1") ||
	    sc_span_is(http_head_find(h, "DNT"), "1");
}

static void fill_visit(struct served_request *rq, struct collect_posting *p)
{
	struct collect_service *s = rq->worker->shared->collect;
	const struct http_head *h = rq->call->head;
	struct collect_visit *v = &p->batch.visit;

	*v = (struct collect_visit){ .site = p->sender.site,
		.shop = p->sender.shop,
		.received_ms = clock_unix_ms(),
		.vouched = p->sender.vouched,
		.hints = http_head_find(h, "Sec-CH-UA").p != NULL,
		.tls = rq->call->tls,
		.says_no = says_no(h) };
	if (p->sender.vouched)
		return;
	p->batch.prefix = collect_sender(s, rq->call->peer, v);
	collect_agent_of(collect_bots_known(s), http_head_find(h, "User-Agent"), &v->agent);
}

/* False: refused and answered. */
static bool take(struct served_request *rq, struct sc_span body)
{
	struct collect_service *s = rq->worker->shared->collect;
	struct collect_posting *p = rq->state;
	struct sc_diag d = { .text = "" };
	enum sc_err err;

	p->taken = malloc(COLLECT_EVENTS_MAX * sizeof(*p->taken));
	p->index = malloc(COLLECT_EVENTS_MAX * sizeof(*p->index));
	if (p->taken == NULL || p->index == NULL)
		return served_refuse_busy(rq);
	fill_visit(rq, p);
	err = collect_take(collect_settings_of(s), &p->batch.visit, &p->arena, body,
	    collect_names(s), &d, p->taken, p->index, &p->batch.n);
	if (err == SC_OK)
		return true;
	if (err == SC_NOMEM)
		return served_refuse_busy(rq);
	return refuse_body(rq, p, 400, err == SC_LIMIT ? "event-too-large" : "malformed-json",
	    err == SC_LIMIT ? "an event is longer than 32 KiB, or there are more than 1,024" :
			      "the body is no JSON of events");
}

/* ---- one request --------------------------------------------------------------------------- */

static void keep_proof(struct collect_posting *p)
{
	const struct asking_proof *proof = p->batch.asking.proof;

	if (proof == NULL)
		return;
	p->proof = *proof;
	memcpy(p->key, proof->key.p, proof->key.n);
	p->proof.key.p = p->key;
	p->batch.asking.proof = &p->proof;
}

static void take_in(struct served_request *rq)
{
	struct collect_service *s = rq->worker->shared->collect;
	struct collect_posting *p = rq->state;
	struct collect_batch *b = &p->batch;
	enum sc_err err = SC_NOMEM;

	b->taken = p->taken;
	b->fate = calloc(b->n + 1, 1);
	b->why = calloc(b->n + 1, 1);
	b->done = on_done;
	b->asking = rq->reader;
	keep_proof(p);
	p->gen = generation_hold(rq->gen);
	if (b->fate != NULL && b->why != NULL)
		err = collect_take_in(s, rq->worker, b);
	p->under_way = err == SC_OK;
	if (err != SC_OK)
		refuse(rq, err, p->sender.origin);
}

static bool may_collect(struct served_request *rq, const struct collect_posting *p)
{
	const char *why;

	served_ask(rq, POLICY_WRITE);
	if (protect_collectable(rq->gen->config->policy, &rq->record.asking, &why))
		return true;
	metric_add(&rq->worker->shared->metrics, METRIC_REFUSED_POLICY, 1);
	return collect_refuse(rq, 403, "policy", why, p->sender.origin);
}

static void on_end(struct served_request *rq, struct sc_span body)
{
	struct collect_posting *p = rq->state;

	if (!inflate_body(rq, &body))
		return;
	if (p->sender.site == NULL && !collect_who_by(rq, collect_body_key(body), &p->sender))
		return;
	if (may_collect(rq, p) && served_log_ready(rq) && take(rq, body))
		take_in(rq);
}

static const struct served_ops ops = { .on_end = on_end, .on_leave = on_leave };

void api_collect_begin(struct served_request *rq)
{
	struct collect_sender sender;
	struct collect_posting *p;

	metric_add(&rq->worker->shared->metrics, METRIC_API, 1);
	if (!collect_who(rq, &sender))
		return;
	if ((p = calloc(1, sizeof(*p))) == NULL) {
		served_refuse_busy(rq);
		return;
	}
	p->rq = rq;
	p->sender = sender;
	sc_buf_init(&p->inflated, COLLECT_BODY_MAX);
	rq->state = p;
	rq->ops = &ops;
	http_call_buffer_body(rq->call, COLLECT_BODY_MAX);
}
