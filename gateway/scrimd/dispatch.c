/*
 * dispatch.c - which handler answers which path: a table of rows.
 *
 * Scrim's own paths come first; everything else is looked up among the
 * configured routes. A path that two servers might read differently is
 * refused before anything is looked up; only a subject's id, which goes no
 * further than here, may have any bytes, percent-encoded.
 */
#include "gateway/scrimd/dispatch.h"
#include "gateway/api/api.h"
#include "gateway/proxy/proxy.h"
#include "gateway/serve/served.h"

#include <string.h>

struct row {
	const char *method;
	struct sc_span path;
	bool prefix; /* PATH ends where a parameter begins */
	void (*on_head)(struct served_request *rq);
	bool collects; /* only where something is collected: without it the path is anybody's */
};

static void on_subject(struct served_request *rq)
{
	struct sc_span merged = api_merge_id(rq->call->head);

	if (merged.n != 0)
		api_merge_begin(rq, merged);
	else
		api_subject_begin(rq);
}

/* All that begins with API, so that no other path is held against each of them. */
#define API "/v1/"
static const struct row api_rows[] = {
	{ "POST", SC_LIT("/v1/seal"), false, api_batch_begin, false },
	{ "POST", SC_LIT("/v1/reveal"), false, api_batch_begin, false },
	{ "POST", SC_LIT("/v1/index"), false, api_batch_begin, false },
	{ "POST", SC_LIT("/v1/mask"), false, api_batch_begin, false },
	{ "POST", SC_LIT("/v1/rewrite/"), true, api_rewrite_begin, false },
	{ "POST", SC_LIT("/v1/subjects/erase"), false, api_erase_begin, false },
	{ "POST", SC_LIT("/v1/subjects/"), true, on_subject, false },
	{ "POST", SC_LIT("/v1/views/publish"), false, api_views_publish, false },
	{ "POST", SC_LIT("/v1/bindings"), false, api_bindings_make, false },
	{ "GET", SC_LIT("/v1/bindings"), false, api_bindings_list, false },
	{ "DELETE", SC_LIT("/v1/bindings"), false, api_bindings_end, false },
	{ "POST", SC_LIT("/v1/bindings/complete"), false, api_bindings_complete, false },
	{ "GET", SC_LIT("/v1/bindings/"), true, api_binding_get, false },
	{ "PATCH", SC_LIT("/v1/bindings/"), true, api_binding_change, false },
	{ "DELETE", SC_LIT("/v1/bindings/"), true, api_binding_end, false },
	{ "GET", SC_LIT("/v1/pools"), false, api_pools, false },
	{ "GET", SC_LIT("/v1/pools/"), true, api_pool, false },
	{ "POST", SC_LIT("/v1/route"), false, api_route_begin, false },
	{ "POST", SC_LIT("/v1/sms"), false, api_sms_begin, false },
	{ "POST", SC_LIT("/v1/call-events"), false, api_call_events_begin, false },
	{ "POST", SC_LIT("/v1/telephony/twiml/"), true, api_twiml_begin, false },
	{ "POST", SC_LIT("/v1/batch"), false, api_collect_begin, true },
	{ "POST", SC_LIT("/v1/b"), false, api_collect_begin, true },
	{ "POST", SC_LIT("/v1/track"), false, api_collect_begin, true },
	{ "POST", SC_LIT("/v1/t"), false, api_collect_begin, true },
	{ "POST", SC_LIT("/v1/page"), false, api_collect_begin, true },
	{ "POST", SC_LIT("/v1/p"), false, api_collect_begin, true },
	{ "POST", SC_LIT("/v1/screen"), false, api_collect_begin, true },
	{ "POST", SC_LIT("/v1/s"), false, api_collect_begin, true },
	{ "POST", SC_LIT("/v1/identify"), false, api_collect_begin, true },
	{ "POST", SC_LIT("/v1/i"), false, api_collect_begin, true },
	{ "POST", SC_LIT("/v1/alias"), false, api_collect_begin, true },
	{ "POST", SC_LIT("/v1/a"), false, api_collect_begin, true },
	{ "POST", SC_LIT("/v1/group"), false, api_collect_begin, true },
	{ "POST", SC_LIT("/v1/g"), false, api_collect_begin, true },
	{ "POST", SC_LIT("/v1/collect"), false, api_collect_begin, true },
	{ "PUT", SC_LIT("/v1/subjects/"), true, api_consents_put, true },
	{ "GET", SC_LIT("/v1/subjects/"), true, api_consents_get, true },
	{ "PUT", SC_LIT("/v1/devices/"), true, api_consents_put, true },
	{ "GET", SC_LIT("/v1/devices/"), true, api_consents_get, true },
	{ "POST", SC_LIT("/v1/collect/snapshot"), false, api_collect_snapshot, true },
	{ "GET", SC_LIT("/v1/collect/number"), false, api_collect_number, true },
	{ "GET", SC_LIT("/v1/collect/status"), false, api_collect_status, true },
	{ .method = NULL },
};

static const struct row other_rows[] = {
	{ "GET", SC_LIT("/healthz"), false, api_healthz, false },
	{ "GET", SC_LIT("/readyz"), false, api_readyz, false },
	{ "GET", SC_LIT("/metrics"), false, api_metrics, false },
	{ "GET", SC_LIT("/collect.js"), false, api_collect_script, true },
	{ "GET", SC_LIT("/sourceConfig/"), false, api_collect_source_config, true },
	{ "POST", SC_LIT("/beacon/v1/batch"), false, api_collect_begin, true },
	{ .method = NULL },
};

static bool row_matches(const struct row *r, struct sc_span path)
{
	if (r->prefix && path.n <= r->path.n)
		return false;
	return sc_span_eq(r->prefix ? sc_span(path.p, r->path.n) : path, r->path);
}

/* ALLOW: the methods that a path of ours takes; none: it is none of ours. */
static void proxy_or_refuse(struct served_request *rq, struct http_allow *allow)
{
	const struct http_head *h = rq->call->head;

	if (allow->n == 0 && (rq->route = generation_route(rq->gen, h->method, h->path)) != NULL) {
		proxy_begin(rq);
		return;
	}
	if (allow->n == 0)
		config_route_methods(rq->gen->config, h->path, allow);
	metric_add(&rq->worker->shared->metrics, METRIC_NO_ROUTE, 1);
	if (allow->n != 0 || h->method_id == HTTP_OTHER)
		served_refuse_method(rq, allow);
	else
		served_refuse(rq, 404, "no-route",
		    "no route of the configuration matches this path");
}

/* Pages of other origins use it, and their browsers ask beforehand whether they may. */
static bool is_for_pages(const struct row *r)
{
	return r->on_head == api_collect_begin || r->on_head == api_collect_source_config;
}

/* What is asked for by GET is by HEAD as well (RFC 9110 §9.3.2); the server leaves the body out. */
static bool takes(const struct row *r, const struct http_head *h)
{
	return sc_span_is(h->method, r->method) ||
	    (h->method_id == HTTP_HEAD && strcmp(r->method, "GET") == 0);
}

/* RQ goes to its row of ROWS; false: none is for it. ALLOW: what the path takes, where it is ours. */
static bool dispatch(const struct row *rows, struct served_request *rq, struct http_allow *allow)
{
	const struct http_head *h = rq->call->head;

	for (const struct row *r = rows; r->method != NULL; r++) {
		if (!row_matches(r, h->path) ||
		    (r->collects && rq->worker->shared->collect == NULL))
			continue;
		http_allow_add(allow, sc_span_str(r->method));
		if (strcmp(r->method, "GET") == 0)
			http_allow_add(allow, http_method_name(HTTP_HEAD));
		if (is_for_pages(r))
			http_allow_add(allow, http_method_name(HTTP_OPTIONS));
		if (takes(r, h))
			r->on_head(rq);
		else if (h->method_id == HTTP_OPTIONS && is_for_pages(r))
			api_collect_preflight(rq);
		else
			continue;
		return true;
	}
	return false;
}

static void on_head(struct http_call *call)
{
	static const struct http_problem no_memory = { 503, "busy", NULL, "try again" };
	struct served_request *rq = served_begin(call->arg, call);
	struct sc_span path = call->head->path;
	struct http_allow allow = { .n = 0 };
	bool api;

	if (rq == NULL) {
		http_call_problem(call, &no_memory);
		return;
	}
	if (!http_path_is_plain(path) && !api_subject_path(call->head) &&
	    api_merge_id(call->head).n == 0 &&
	    !(rq->worker->shared->collect != NULL && api_consents_path(call->head))) {
		metric_add(&rq->worker->shared->metrics, METRIC_NO_ROUTE, 1);
		served_refuse(rq, 400, "path",
		    "the path has dot segments, empty segments, encoded "
		    "separators or encoded letters; send it in its plain form");
		return;
	}
	api = sc_span_starts(path, API);
	if (!dispatch(api ? api_rows : other_rows, rq, &allow))
		proxy_or_refuse(rq, &allow);
}

static void on_body(struct http_call *call, struct sc_span bytes)
{
	struct served_request *rq = call->user;

	rq->ops->on_body(rq, bytes);
}

static void on_end(struct http_call *call, struct sc_span body)
{
	struct served_request *rq = call->user;

	if (rq->ops->on_end != NULL)
		rq->ops->on_end(rq, body);
}

static void on_writable(struct http_call *call)
{
	struct served_request *rq = call->user;

	if (rq->ops->on_writable != NULL)
		rq->ops->on_writable(rq);
}

static void on_abort(struct http_call *call)
{
	struct served_request *rq = call->user;

	if (rq == NULL)
		return;
	rq->call = NULL;
	rq->record.outcome = AUDIT_FAILED;
	rq->record.why = "the client left or was too slow";
	served_end(rq);
}

const struct http_handler dispatch_handler = {
	.on_head = on_head,
	.on_body = on_body,
	.on_end = on_end,
	.on_writable = on_writable,
	.on_abort = on_abort,
};
