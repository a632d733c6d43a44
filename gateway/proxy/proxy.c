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
#include "gateway/proxy/fields.h"
#include "gateway/proxy/withhold.h"

#define SMALL_BODY (64u << 10) /* buffered even when nothing is to be protected */

_Static_assert(CODEC_PAD <= HTTP_BODY_PAD, "a body is scanned where it was received");

static void send_upstream(struct visit *v, struct sc_span body);

/* ---- the answer on its way back ------------------------------------------------ */

static void fail_upstream(struct visit *v, unsigned status, const char *name, const char *detail)
{
	metric_add(&v->worker->gate->metrics, METRIC_UPSTREAM_FAILED, 1);
	v->record.why = name;
	visit_refuse(v, status, name, detail, SIZE_MAX);
}

static void answer_with(struct visit *v, struct sc_span body)
{
	struct http_field fields[HTTP_FIELDS_MAX + 1];
	size_t n = fields_for_client(v->exchange->head, fields, v->route->response != NULL);

	v->record.outcome = AUDIT_OK;
	v->record.status = v->exchange->head->status;
	http_call_respond(v->call, v->exchange->head->status, fields, n, body);
	v->call = NULL;
	visit_end(v);
}

/* A body, either way, into v->out. */
static void protect_body(struct visit *v, const struct protect_rules *rules, enum plan_way way,
    struct sc_span body, protect_done_fn *done)
{
	const struct protect_input in = {
		.keyc = v->worker->keyc,
		.policy = v->gen->config->policy,
		.codec = v->codec,
		.rules = rules,
		.way = way,
		.caller = &v->record.asking,
		.reader = &v->reader,
		.body = body,
		.out = &v->out,
		.tap = v->worker->gate->tap,
		.done = done,
		.arg = v,
	};

	protect_document(v->job, &in);
}

/* May the client ask again without anything being done twice (RFC 9110 §9.2.1)? */
static bool is_safe(const struct visit *v)
{
	return v->call->head->method_id == HTTP_GET || v->call->head->method_id == HTTP_OPTIONS;
}

/* Is it over soon, so that asking again can help? */
static bool passes_by(enum protect_outcome outcome)
{
	return outcome == PROTECT_KEYS_AWAY || outcome == PROTECT_LOG_FULL ||
	    outcome == PROTECT_OTHER_POLICY || outcome == PROTECT_REFUSED;
}

static void on_answer_protected(struct protect_job *job, void *arg)
{
	const struct protect_result *r = protect_result(job);
	struct visit *v = arg;
	bool placed = r->outcome == PROTECT_MALFORMED || r->outcome == PROTECT_FORBIDDEN ||
	    r->outcome == PROTECT_UNFIT || r->outcome == PROTECT_UNMATCHED;

	visit_note_result(v, r);
	if (r->outcome == PROTECT_DONE)
		answer_with(v, sc_buf_span(&v->out));
	else if (is_safe(v) && passes_by(r->outcome))
		visit_refuse_outcome(v, r);
	else
		withhold_answer(v, r->outcome, placed ? r->diag.offset : SIZE_MAX);
}

static void protect_answer(struct visit *v, struct sc_span body)
{
	/* on the way back the caller is the reader, whoever the request was for */
	visit_ask(v, POLICY_READ);
	sc_buf_clear(&v->out);
	protect_body(v, v->route->response, PLAN_READ, body, on_answer_protected);
}

static void on_upstream_end(struct http_exchange *x, struct sc_span body)
{
	struct visit *v = x->user;

	if (v->answered) {
		v->record.outcome = AUDIT_OK;
		http_call_end(v->call);
		v->call = NULL;
		visit_end(v);
		return;
	}
	/* an empty body holds nothing, whatever it says of itself */
	if (v->route->response == NULL || body.n == 0)
		answer_with(v, body);
	else if (v->withhold != PROTECT_DONE)
		withhold_answer(v, v->withhold, SIZE_MAX);
	else
		protect_answer(v, body);
}

static void on_upstream_head(struct http_exchange *x)
{
	struct visit *v = x->user;
	const struct http_head *h = x->head;
	struct http_field fields[HTTP_FIELDS_MAX + 1];
	bool has_body = h->framing != HTTP_NO_BODY &&
	    !(h->framing == HTTP_LENGTH && h->content_length == 0);
	size_t n;

	if (has_body && v->route->response != NULL) {
		v->codec = fields_codec(h, &v->fit);
		if (v->codec != NULL) {
			http_exchange_buffer_body(x, v->gen->config->limits.body_max);
			return;
		}
		if (v->fit == CODEC_DOUBTFUL ||
		    v->route->config->unmatched_body == CONFIG_UNMATCHED_REFUSE) {
			/* read, for it may be empty, and an upstream that is cut off may undo */
			v->withhold = PROTECT_NO_CODEC;
			http_exchange_buffer_body(x, SMALL_BODY);
			return;
		}
	} else if (!has_body || (h->framing == HTTP_LENGTH && h->content_length <= SMALL_BODY)) {
		http_exchange_buffer_body(x, SMALL_BODY);
		return;
	}
	n = fields_for_client(h, fields, false);
	v->answered = true;
	v->record.status = h->status;
	http_call_start(v->call, h->status, fields, n,
	    h->framing == HTTP_LENGTH ? h->content_length : HTTP_LENGTH_CHUNKED);
}

static void on_upstream_body(struct http_exchange *x, struct sc_span bytes)
{
	struct visit *v = x->user;

	if (!http_call_write(v->call, bytes)) {
		v->paused = true;
		http_exchange_pause(x);
	}
}

/*
 * Does the answer's status stand although the rest of it did not come? Where
 * the body would not have passed anyway, and where it is only too much.
 */
static bool status_stands(struct visit *v, enum http_client_error why)
{
	if (v->exchange->head == NULL || v->answered)
		return false;
	if (v->withhold == PROTECT_DONE && (why == HTTP_ERR_TOO_LARGE || why == HTTP_ERR_MEMORY))
		v->withhold = PROTECT_TOO_LARGE;
	return v->withhold != PROTECT_DONE;
}

static void on_upstream_error(struct http_exchange *x, enum http_client_error why)
{
	struct visit *v = x->user;

	if (status_stands(v, why)) {
		withhold_answer(v, v->withhold, SIZE_MAX);
		return;
	}
	switch (why) {
	case HTTP_ERR_TIMEOUT:
		fail_upstream(v, 504, "upstream-timeout",
		    "the upstream did not answer in time; it may have taken the request");
		break;
	case HTTP_ERR_CONNECT:
		fail_upstream(v, 502, "upstream-connect",
		    "the upstream cannot be reached; the request was not sent");
		break;
	case HTTP_ERR_TOO_LARGE: /* said of a body: its status stands */
	case HTTP_ERR_MEMORY:
		fail_upstream(v, 503, "busy", "too much is being buffered; try again");
		break;
	case HTTP_ERR_PROTOCOL:
	case HTTP_ERR_CLOSED:
		fail_upstream(v, 502, "upstream-answer",
		    "the upstream's answer was broken off "
		    "or is not HTTP/1.1; it may have taken the request");
		break;
	}
}

static void on_upstream_writable(struct http_exchange *x)
{
	struct visit *v = x->user;

	http_call_resume(v->call);
}

static const struct http_client_handler upstream_handler = {
	.on_head = on_upstream_head,
	.on_body = on_upstream_body,
	.on_end = on_upstream_end,
	.on_error = on_upstream_error,
	.on_writable = on_upstream_writable,
};

/* ---- the request on its way out -------------------------------------------------- */

static enum sc_err begin_upstream(struct visit *v, struct http_client_req *req)
{
	struct http_field fields[HTTP_FIELDS_MAX + 2];
	char id[17];
	enum sc_err err;

	req->method = v->call->head->method;
	req->target = v->call->head->target;
	req->fields = fields;
	req->n_fields = fields_for_upstream(v, fields, v->route->request != NULL, id);
	err = http_client_request(v->worker->client, v->origin, req, &upstream_handler, v,
	    &v->exchange);
	if (err == SC_OK)
		metric_add(&v->worker->gate->metrics, METRIC_PROXIED, 1);
	return err;
}

static void refuse_sending(struct visit *v, enum sc_err err)
{
	if (err == SC_SYNTAX)
		fail_upstream(v, 400, "request-fields", "a header field cannot be forwarded");
	else
		fail_upstream(v, 503, "busy", "no more connections to the upstream; try again");
}

static void send_upstream(struct visit *v, struct sc_span body)
{
	struct http_client_req req = {
		.has_body = v->call->head->framing != HTTP_NO_BODY,
		.body = body,
	};
	enum sc_err err = begin_upstream(v, &req);

	if (err != SC_OK)
		refuse_sending(v, err);
}

static void on_request_protected(struct protect_job *job, void *arg)
{
	const struct protect_result *r = protect_result(job);
	struct visit *v = arg;

	visit_note_result(v, r);
	if (r->outcome == PROTECT_DONE)
		send_upstream(v, sc_buf_span(&v->out));
	else
		visit_refuse_outcome(v, r);
}

static void on_request_body(struct visit *v, struct sc_span body)
{
	/* where no byte is there is nothing to protect, JSON or not */
	if (v->route->request == NULL || body.n == 0 || v->codec == NULL)
		send_upstream(v, body);
	else
		protect_body(v, v->route->request,
		    v->route->config->has_to ? PLAN_READ : PLAN_STORE, body, on_request_protected);
}

/* ---- bodies nobody declared anything in: streamed through ------------------------- */

static void on_stream_bytes(struct visit *v, struct sc_span bytes)
{
	if (!http_exchange_write(v->exchange, bytes))
		http_call_pause(v->call);
}

static void on_stream_end(struct visit *v, struct sc_span body)
{
	(void)body;
	http_exchange_end(v->exchange);
}

static void on_client_writable(struct visit *v)
{
	if (!v->paused)
		return;
	v->paused = false;
	http_exchange_resume(v->exchange);
}

static const struct visit_ops buffered_ops = {
	.on_end = on_request_body,
	.on_writable = on_client_writable,
};

static const struct visit_ops streamed_ops = {
	.on_body = on_stream_bytes,
	.on_end = on_stream_end,
	.on_writable = on_client_writable,
};

static void stream_request(struct visit *v)
{
	const struct http_head *h = v->call->head;
	struct http_client_req req = {
		.has_body = true,
		.stream_body = true,
		.stream_length = h->framing == HTTP_LENGTH ? h->content_length :
							     HTTP_LENGTH_CHUNKED,
	};
	enum sc_err err;

	v->ops = &streamed_ops;
	http_call_stream_body(v->call, UINT64_MAX);
	if ((err = begin_upstream(v, &req)) != SC_OK)
		refuse_sending(v, err);
}

/* True when the request's body is what this route can protect (or there is none). */
static bool body_fits(struct visit *v, bool has_body)
{
	const struct http_head *h = v->call->head;

	if (!has_body || v->route->request == NULL || v->codec != NULL)
		return true;
	return v->route->config->unmatched_body == CONFIG_UNMATCHED_STREAM &&
	    v->fit == CODEC_OTHER && !fields_is_encoded(h);
}

/* True when the caller's role may use the route; otherwise refused and answered. */
static bool caller_fits(struct visit *v)
{
	if (config_route_takes(v->route->config, v->principal->role) || WEAK("route-for-anybody"))
		return true;
	metric_add(&v->worker->gate->metrics, METRIC_REFUSED_AUTH, 1);
	visit_refuse(v, 403, "role-not-allowed",
	    "the route's \"from\" does not name this caller's role", SIZE_MAX);
	return false;
}

void proxy_begin(struct visit *v)
{
	const struct config_route *r = v->route->config;
	const struct http_head *h = v->call->head;
	bool has_body = h->framing == HTTP_CHUNKED ||
	    (h->framing == HTTP_LENGTH && h->content_length != 0);
	bool declared;

	if (h->framing != HTTP_NO_BODY && v->route->request != NULL)
		v->codec = fields_codec(h, &v->fit);
	declared = has_body && v->codec != NULL;
	v->record.asking.route = &r->name;
	v->origin = worker_origin(v->worker, v->route);
	if (!visit_identify(v, r->has_purpose ? r->purpose : -1) || !caller_fits(v) ||
	    !visit_log_ready(v))
		return;
	visit_ask(v, r->has_to ? POLICY_SHARE : POLICY_READ);
	if (!body_fits(v, has_body)) {
		visit_refuse_outcome(v, &(struct protect_result){ .outcome = PROTECT_NO_CODEC });
		return;
	}
	v->ops = &buffered_ops;
	if (declared || !has_body)
		http_call_buffer_body(v->call, v->gen->config->limits.body_max);
	else if (h->framing == HTTP_LENGTH && h->content_length <= SMALL_BODY)
		http_call_buffer_body(v->call, SMALL_BODY);
	else
		stream_request(v);
}
