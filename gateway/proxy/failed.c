/*
 * failed.c - what a caller is told of an upstream that failed, and what the log.
 *
 * A caller who repeats an order has it twice, so each says whether the upstream may
 * have the request already.
 */
#include "gateway/proxy/failed.h"
#include "base/log.h"

#include <stdio.h>

struct failure {
	unsigned status;
	const char *name, *detail;
	struct sc_name cause; /* for the log; "": the caller alone is told */
};

static void fail(struct served_request *rq, const struct failure *f, const char *detail)
{
	metric_add(&rq->worker->shared->metrics, METRIC_UPSTREAM_FAILED, 1);
	rq->record.why = f->name;
	served_refuse(rq, f->status, f->name, detail);
}

/* One line: which route, what the upstream had said, why that is all; never a value. */
static void tell(const struct served_request *rq, const struct failure *f)
{
	const struct http_head *h = rq->exchange->head;

	if (f->cause.s[0] == '\0')
		return;
	log_event(LOG_WARN, "gateway.upstream_failed", LOG_NAME("route", &rq->route->config->name),
	    LOG_NAME("cause", &f->cause), LOG_HEX64("request", rq->record.asking.request_id),
	    h == NULL ? LOG_END : LOG_U64("status", h->status), LOG_END);
}

void failed_upstream(struct served_request *rq, enum http_client_error why)
{
	static const struct failure failures[] = {
		/* whoever is away is so for every request: the record and the metric tell */
		[HTTP_ERR_CONNECT] = { 502, "upstream-connect",
		    "the upstream cannot be reached; the request was not sent", { "" } },
		[HTTP_ERR_TIMEOUT] = { 504, "upstream-timeout",
		    "the upstream did not answer in time; it may have taken the request",
		    { "late" } },
		[HTTP_ERR_PROTOCOL] = { 502, "upstream-answer",
		    "the upstream's answer is not HTTP/1.1; it may have taken the request",
		    { "not-http" } },
		[HTTP_ERR_CLOSED] = { 502, "upstream-answer",
		    "the upstream's answer was broken off; it may have taken the request",
		    { "broken-off" } },
		/* said of a body: its status stands */
		[HTTP_ERR_TOO_LARGE] = { 503, "busy", "too much is being buffered; try again",
		    { "too-large" } },
		[HTTP_ERR_MEMORY] = { 503, "busy", "too much is being buffered; try again",
		    { "no-memory" } },
		[HTTP_ERR_HEAD] = { 502, "upstream-head",
		    "the head of the upstream's answer has more than 16 KiB or 100 fields; it may "
		    "have taken the request",
		    { "head-too-large" } },
	};
	const struct failure *f = &failures[why];
	char detail[192];

	tell(rq, f);
	if (rq->exchange->why == NULL) {
		fail(rq, f, f->detail);
		return;
	}
	snprintf(detail, sizeof(detail),
	    "the upstream's answer is not HTTP/1.1 (%s); it may have taken the request",
	    rq->exchange->why);
	fail(rq, f, detail);
}

void failed_sending(struct served_request *rq, enum sc_err err)
{
	static const struct failure fields = { 400, "request-fields",
		"a header field cannot be forwarded", { "" } };
	static const struct failure busy = { 503, "busy",
		"no more connections to the upstream; try again", { "" } };
	const struct failure *f = err == SC_SYNTAX ? &fields : &busy;

	fail(rq, f, f->detail);
}

_Static_assert(HTTP_HEAD_MAX == 16384 && HTTP_FIELDS_MAX == 100, "what upstream-head says");
