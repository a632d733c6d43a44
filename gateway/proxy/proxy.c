/*
 * proxy.c - one proxied request.
 *
 *	head -> credential -> body whole -> protect -> upstream -> protect -> answer
 *
 * A side with rules is buffered, because a document passes whole or not at
 * all; a side without rules is streamed unless it is small. Whatever cannot be
 * protected goes no further: a request is refused with 4xx; an answer keeps its
 * status, and its body is withheld (withhold.h). A request is sent upstream at
 * most once.
 */
#include "gateway/proxy/proxy.h"
#include "base/weak.h"
#include "gateway/collect/granted.h"
#include "gateway/phone/label.h"
#include "gateway/protect/put_back.h"
#include "gateway/proxy/answer.h"
#include "gateway/proxy/beside.h"
#include "gateway/proxy/failed.h"
#include "gateway/proxy/fields.h"
#include "gateway/proxy/observe.h"
#include "gateway/proxy/unpack.h"
#include "gateway/proxy/whose.h"
#include "gateway/proxy/withhold.h"

#define SMALL_BODY (64u << 10) /* buffered even when nothing is to be protected */

_Static_assert(CODEC_PAD <= HTTP_BODY_PAD, "a body is scanned where it was received");

static void send_upstream(struct served_request *rq, struct sc_span body);

/* ---- the answer on its way back ------------------------------------------------ */

/* A body, either way, into rq->out. */
static void protect_body(struct served_request *rq, const struct protect_rules *rules,
    enum plan_way way, struct sc_span body, protect_done_fn *done)
{
	const struct protect_input in = {
		.keyc = rq->worker->keyc,
		.policy = rq->gen->config->policy,
		.codec = rq->codec,
		.rules = rules,
		.way = way,
		.caller = &rq->record.asking,
		.reader = &rq->reader,
		.given = rq->given,
		.body = body,
		.out = &rq->out,
		.tap = rq->worker->shared->tap,
		.binder = phone_label_binder(rq->worker),
		.consents = collect_consents(rq->worker, rq->gen->config),
		.lent = rq->lent,
		.done = done,
		.arg = rq,
	};

	protect_document(rq->job, &in);
}

/* May the client ask again without anything being done twice (RFC 9110 §9.2.1)? */
static bool is_safe(const struct served_request *rq)
{
	return rq->call->head->method_id == HTTP_GET || rq->call->head->method_id == HTTP_OPTIONS;
}

/* Is it over soon, so that asking again can help? */
static bool passes_by(enum protect_outcome outcome)
{
	return outcome == PROTECT_KEYS_AWAY || outcome == PROTECT_LOG_FULL ||
	    outcome == PROTECT_OTHER_POLICY || outcome == PROTECT_REFUSED ||
	    outcome == PROTECT_QUEUED;
}

static void on_answer_protected(struct protect_job *job, void *arg)
{
	const struct protect_result *r = protect_result(job);
	struct served_request *rq = arg;
	bool placed = r->outcome == PROTECT_MALFORMED || r->outcome == PROTECT_FORBIDDEN ||
	    r->outcome == PROTECT_UNFIT || r->outcome == PROTECT_UNMATCHED;

	served_note_result(rq, r);
	if (r->outcome == PROTECT_DONE)
		answer_pass(rq, sc_buf_span(&rq->out));
	else if (is_safe(rq) && passes_by(r->outcome))
		served_refuse_outcome(rq, r);
	else
		withhold_answer(rq, r->outcome, placed ? r->diag.offset : SIZE_MAX);
}

/* What the recipient was shown becomes the tokens that it was; false when BODY may not pass. */
static bool take_back(struct served_request *rq, struct sc_span *body)
{
	enum protect_outcome outcome;
	size_t n, at;

	if (!lent_any(rq->lent) || WEAK("answer-unsearched"))
		return true;
	outcome = put_back(rq->lent, rq->codec, *body, lent_space(rq->lent), body, &n, &at);
	metric_add(&rq->worker->shared->metrics, METRIC_VALUES_PUT_BACK, n);
	if (outcome == PROTECT_DONE)
		return true;
	withhold_answer(rq, outcome,
	    outcome == PROTECT_MALFORMED || outcome == PROTECT_FORBIDDEN ? at : SIZE_MAX);
	return false;
}

static void protect_answer(struct served_request *rq, struct sc_span body)
{
	if (!take_back(rq, &body))
		return;
	served_ask_back(rq);
	sc_buf_clear(&rq->out);
	protect_body(rq, rq->route->response, PLAN_READ, body, on_answer_protected);
}

static void observe_answer(struct served_request *rq, struct sc_span body)
{
	served_ask_back(rq);
	observe_body(rq, true, body);
	answer_pass(rq, body);
}

/* Where a body's parts begin is said twice: two that disagree would be two readers. */
static bool answer_begins(struct served_request *rq, struct sc_span body)
{
	if (fields_begin(rq->exchange->head, rq->codec, body))
		return true;
	withhold_answer(rq, PROTECT_MALFORMED, 0);
	return false;
}

static void on_upstream_end(struct http_exchange *x, struct sc_span body)
{
	struct served_request *rq = x->user;

	if (rq->answered) {
		rq->record.outcome = AUDIT_OK;
		http_call_end(rq->call);
		rq->call = NULL;
		served_end(rq);
		return;
	}
	/* an empty body holds nothing, whatever it says of itself */
	if (rq->route->response == NULL || body.n == 0)
		answer_pass(rq, body);
	else if (rq->route->config->observe)
		observe_answer(rq, body);
	else if (rq->withhold != PROTECT_DONE)
		withhold_answer(rq, rq->withhold, SIZE_MAX);
	else if (unpack_answer(rq, &body) && answer_begins(rq, body))
		protect_answer(rq, body);
}

/* A body that is not going to pass. */
static void withhold_unread(struct served_request *rq)
{
	rq->withhold = PROTECT_NO_CODEC;
	if (fields_is_endless(rq->exchange->head))
		withhold_answer(rq, rq->withhold, SIZE_MAX);
	else /* read, for it may be empty, and an upstream that is cut off may undo */
		http_exchange_buffer_body(rq->exchange, SMALL_BODY);
}

static void on_upstream_head(struct http_exchange *x)
{
	struct served_request *rq = x->user;
	const struct http_head *h = x->head;
	struct http_field fields[HTTP_FIELDS_MAX + FIELDS_MORE];
	bool has_body = h->framing != HTTP_NO_BODY &&
	    !(h->framing == HTTP_LENGTH && h->content_length == 0);
	const bool observes = rq->route->config->observe;
	size_t n;

	if (has_body && rq->route->response != NULL) {
		rq->codec = fields_codec(h, &rq->fit);
		if (rq->codec != NULL && (!observes || observe_holds(rq, h))) {
			http_exchange_buffer_body(x, rq->gen->config->limits.http.max_body);
			return;
		}
		if (observes) {
			served_note_observed(rq, NULL);
		} else if (rq->fit == CODEC_DOUBTFUL ||
		    rq->route->config->unmatched_body == CONFIG_UNMATCHED_REFUSE) {
			withhold_unread(rq);
			return;
		}
	} else if (!has_body || (h->framing == HTTP_LENGTH && h->content_length <= SMALL_BODY)) {
		http_exchange_buffer_body(x, SMALL_BODY);
		return;
	}
	n = fields_for_client(h, rq->lent, fields, false);
	forwarded_place(rq->route->config, fields, n);
	rq->answered = true;
	rq->record.status = h->status;
	http_call_start(rq->call, h->status, fields, n,
	    h->framing == HTTP_LENGTH ? h->content_length : HTTP_LENGTH_CHUNKED);
	if (fields_is_endless(h)) {
		http_exchange_endless(x);
		http_call_endless(rq->call);
	}
}

static void on_upstream_body(struct http_exchange *x, struct sc_span bytes)
{
	struct served_request *rq = x->user;

	if (!http_call_write(rq->call, bytes)) {
		rq->paused = true;
		http_exchange_pause(x);
	}
}

/*
 * Does the answer's status stand although the rest of it did not come? Where
 * the body would not have passed anyway, and where it is only too much.
 */
static bool status_stands(struct served_request *rq, enum http_client_error why)
{
	if (rq->exchange->head == NULL || rq->answered)
		return false;
	if (rq->withhold == PROTECT_DONE && (why == HTTP_ERR_TOO_LARGE || why == HTTP_ERR_MEMORY))
		rq->withhold = PROTECT_TOO_LARGE;
	return rq->withhold != PROTECT_DONE;
}

static void on_upstream_error(struct http_exchange *x, enum http_client_error why)
{
	struct served_request *rq = x->user;

	if (status_stands(rq, why))
		withhold_answer(rq, rq->withhold, SIZE_MAX);
	else
		failed_upstream(rq, why);
}

static void on_upstream_writable(struct http_exchange *x)
{
	struct served_request *rq = x->user;

	http_call_resume(rq->call);
}

static const struct http_client_handler upstream_handler = {
	.on_head = on_upstream_head,
	.on_body = on_upstream_body,
	.on_end = on_upstream_end,
	.on_error = on_upstream_error,
	.on_writable = on_upstream_writable,
};

/* ---- the request on its way out -------------------------------------------------- */

static enum sc_err begin_upstream(struct served_request *rq, struct http_client_req *req)
{
	struct http_field fields[HTTP_FIELDS_MAX + FIELDS_UPSTREAM_MORE];
	char id[17];
	enum sc_err err;

	req->method = rq->call->head->method;
	req->target = beside_target(rq);
	req->fields = fields;
	req->n_fields = fields_for_upstream(rq, fields, served_changes_request(rq->route), id);
	beside_fields(rq, fields, req->n_fields);
	err = http_client_request(rq->worker->client, rq->origin, req, &upstream_handler, rq,
	    &rq->exchange);
	if (err == SC_OK)
		metric_add(&rq->worker->shared->metrics, METRIC_PROXIED, 1);
	return err;
}

static void send_upstream(struct served_request *rq, struct sc_span body)
{
	struct http_client_req req = {
		.has_body = rq->call->head->framing != HTTP_NO_BODY,
		.body = body,
	};
	enum sc_err err = begin_upstream(rq, &req);

	if (err != SC_OK)
		failed_sending(rq, err);
}

static void on_beside(struct served_request *rq)
{
	send_upstream(rq, rq->leaving);
}

/* Whose it is by what stands elsewhere than in the body. */
static struct sc_span person_given(const struct served_request *rq)
{
	const struct subject_places *s = &rq->route->config->subject;

	for (size_t i = 0; i < s->n && rq->route->config->subject_elsewhere; i++)
		if (rq->given[i].id.n != 0)
			return rq->given[i].bad || s->v[i].guest || s->v[i].order ?
			    sc_span(NULL, 0) :
			    rq->given[i].id;
	return sc_span(NULL, 0);
}

/* BODY is as it may be, of PERSON; what stands beside it is looked at, too. */
static void leave(struct served_request *rq, struct sc_span body, struct sc_span person)
{
	rq->leaving = body;
	if (beside_wanted(rq))
		beside_protect(rq, person, on_beside);
	else
		send_upstream(rq, body);
}

static void on_request_protected(struct protect_job *job, void *arg)
{
	const struct protect_result *r = protect_result(job);
	struct served_request *rq = arg;

	served_note_result(rq, r);
	if (r->outcome == PROTECT_DONE)
		leave(rq, sc_buf_span(&rq->out), protect_plan(job)->subject);
	else
		served_refuse_outcome(rq, r);
}

static void observe_request(struct served_request *rq, struct sc_span body)
{
	if (rq->route->request != NULL)
		observe_body(rq, false, body);
	leave(rq, body, person_given(rq));
}

static bool request_begins(struct served_request *rq, struct sc_span body)
{
	struct protect_result r = { .outcome = PROTECT_MALFORMED };

	if (fields_begin(rq->call->head, rq->codec, body))
		return true;
	sc_diag_set(&r.diag, "begins otherwise than the Content-Type says");
	served_refuse_outcome(rq, &r);
	return false;
}

static void on_request_body(struct served_request *rq, struct sc_span body)
{
	bool to = rq->route->config->has_to, read = rq->route->request != NULL && rq->codec != NULL;

	if (rq->route->config->observe) {
		observe_request(rq, body);
		return;
	}
	if (read && (!unpack_request(rq, &body) || !request_begins(rq, body)))
		return;
	/* where no byte is there is nothing to protect, a document or not */
	if (!read || body.n == 0)
		leave(rq, body, person_given(rq));
	else if (to && (rq->lent = lent_new()) == NULL)
		served_refuse_busy(rq);
	else
		protect_body(rq, rq->route->request, to ? PLAN_READ : PLAN_STORE, body,
		    on_request_protected);
}

/* ---- bodies nobody declared anything in: streamed through ------------------------- */

static void on_stream_bytes(struct served_request *rq, struct sc_span bytes)
{
	if (!http_exchange_write(rq->exchange, bytes))
		http_call_pause(rq->call);
}

static void on_stream_end(struct served_request *rq, struct sc_span body)
{
	(void)body;
	http_exchange_end(rq->exchange);
}

static void on_client_writable(struct served_request *rq)
{
	if (!rq->paused)
		return;
	rq->paused = false;
	http_exchange_resume(rq->exchange);
}

static void on_leave(struct served_request *rq)
{
	beside_free(rq->beside);
	rq->beside = NULL;
}

static const struct served_ops buffered_ops = {
	.on_leave = on_leave,
	.on_end = on_request_body,
	.on_writable = on_client_writable,
};

static const struct served_ops streamed_ops = {
	.on_body = on_stream_bytes,
	.on_end = on_stream_end,
	.on_writable = on_client_writable,
};

static void stream_request(struct served_request *rq)
{
	const struct http_head *h = rq->call->head;
	struct http_client_req req = {
		.has_body = true,
		.stream_body = true,
		.stream_length = h->framing == HTTP_LENGTH ? h->content_length :
							     HTTP_LENGTH_CHUNKED,
	};
	enum sc_err err;

	if (rq->route->config->observe && rq->route->request != NULL)
		served_note_observed(rq, NULL);
	rq->ops = &streamed_ops;
	http_call_stream_body(rq->call, UINT64_MAX);
	if ((err = begin_upstream(rq, &req)) != SC_OK)
		failed_sending(rq, err);
}

/* True when the request's body is what this route can protect (or there is none). */
static bool body_fits(struct served_request *rq, bool has_body)
{
	const struct http_head *h = rq->call->head;

	if (!has_body || !served_changes_request(rq->route) || rq->codec != NULL)
		return true;
	return rq->route->config->unmatched_body == CONFIG_UNMATCHED_STREAM &&
	    rq->fit == CODEC_OTHER && !fields_is_encoded(h);
}

/* True when the caller's role may use the route; otherwise refused and answered. */
static bool caller_fits(struct served_request *rq)
{
	if (config_route_takes(rq->route->config, rq->principal->role) || WEAK("route-for-anybody"))
		return true;
	metric_add(&rq->worker->shared->metrics, METRIC_REFUSED_AUTH, 1);
	return served_refuse(rq, 403, "role-not-allowed",
	    "the route's \"from\" does not name this caller's role");
}

void proxy_begin(struct served_request *rq)
{
	const struct config_route *r = rq->route->config;
	const struct http_head *h = rq->call->head;
	bool has_body = h->framing == HTTP_CHUNKED ||
	    (h->framing == HTTP_LENGTH && h->content_length != 0);
	bool declared, looks;

	if (h->framing != HTTP_NO_BODY && rq->route->request != NULL)
		rq->codec = fields_codec(h, &rq->fit);
	declared = has_body && rq->codec != NULL && (!r->observe || observe_holds(rq, h));
	looks = beside_wanted(rq) && !r->observe;
	rq->record.asking.route = &r->name;
	rq->origin = worker_origin(rq->worker, rq->route);
	if (!served_identify(rq, r->has_purpose ? r->purpose : -1) || !caller_fits(rq) ||
	    !served_log_ready(rq))
		return;
	if (r->subject_elsewhere && whose_find(r, h, &rq->whose, rq->given) != SC_OK) {
		served_refuse_busy(rq);
		return;
	}
	served_ask(rq, r->has_to ? POLICY_SHARE : POLICY_READ);
	if (!body_fits(rq, has_body)) {
		served_refuse_outcome(rq, &(struct protect_result){ .outcome = PROTECT_NO_CODEC });
		return;
	}
	rq->ops = &buffered_ops;
	if (declared || !has_body)
		http_call_buffer_body(rq->call, rq->gen->config->limits.http.max_body);
	else if (h->framing == HTTP_LENGTH && h->content_length <= SMALL_BODY)
		http_call_buffer_body(rq->call, SMALL_BODY);
	else if (looks) /* rare: nothing of it leaves before that was looked at */
		http_call_buffer_body(rq->call, rq->gen->config->limits.http.max_body);
	else
		stream_request(rq);
}
