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
	const char *path;
	bool prefix; /* PATH ends where a parameter begins */
	void (*on_head)(struct served_request *rq);
};

/* All that begins with API, so that no other path is held against each of them. */
#define API "/v1/"
static const struct row api_rows[] = {
	{ "POST", "/v1/seal", false, api_batch_begin },
	{ "POST", "/v1/reveal", false, api_batch_begin },
	{ "POST", "/v1/index", false, api_batch_begin },
	{ "POST", "/v1/mask", false, api_batch_begin },
	{ "POST", "/v1/rewrite/", true, api_rewrite_begin },
	{ "POST", "/v1/subjects/erase", false, api_erase_begin },
	{ "POST", "/v1/subjects/", true, api_subject_begin },
	{ "POST", "/v1/bindings", false, api_bindings_make },
	{ "GET", "/v1/bindings", false, api_bindings_list },
	{ "DELETE", "/v1/bindings", false, api_bindings_end },
	{ "POST", "/v1/bindings/complete", false, api_bindings_complete },
	{ "GET", "/v1/bindings/", true, api_binding_get },
	{ "PATCH", "/v1/bindings/", true, api_binding_change },
	{ "DELETE", "/v1/bindings/", true, api_binding_end },
	{ "GET", "/v1/pools", false, api_pools },
	{ "GET", "/v1/pools/", true, api_pool },
	{ "POST", "/v1/route", false, api_route_begin },
	{ "POST", "/v1/sms", false, api_sms_begin },
	{ "POST", "/v1/call-events", false, api_call_events_begin },
	{ "POST", "/v1/telephony/twiml/", true, api_twiml_begin },
	{ .path = NULL },
};

/* Only where something is collected: without it these paths are anybody's. */
static const struct row collect_api_rows[] = {
	{ "POST", "/v1/batch", false, api_collect_begin },
	{ "POST", "/v1/b", false, api_collect_begin },
	{ "POST", "/v1/track", false, api_collect_begin },
	{ "POST", "/v1/t", false, api_collect_begin },
	{ "POST", "/v1/page", false, api_collect_begin },
	{ "POST", "/v1/p", false, api_collect_begin },
	{ "POST", "/v1/screen", false, api_collect_begin },
	{ "POST", "/v1/s", false, api_collect_begin },
	{ "POST", "/v1/identify", false, api_collect_begin },
	{ "POST", "/v1/i", false, api_collect_begin },
	{ "POST", "/v1/alias", false, api_collect_begin },
	{ "POST", "/v1/a", false, api_collect_begin },
	{ "POST", "/v1/group", false, api_collect_begin },
	{ "POST", "/v1/g", false, api_collect_begin },
	{ "POST", "/v1/collect", false, api_collect_begin },
	{ "PUT", "/v1/subjects/", true, api_consents_put },
	{ "GET", "/v1/subjects/", true, api_consents_get },
	{ "PUT", "/v1/devices/", true, api_consents_put },
	{ "GET", "/v1/devices/", true, api_consents_get },
	{ "POST", "/v1/collect/snapshot", false, api_collect_snapshot },
	{ "GET", "/v1/collect/number", false, api_collect_number },
	{ "GET", "/v1/collect/status", false, api_collect_status },
	{ .path = NULL },
};
static const struct row collect_rows[] = {
	{ "GET", "/collect.js", false, api_collect_script },
	{ "GET", "/sourceConfig/", false, api_collect_source_config },
	{ "POST", "/beacon/v1/batch", false, api_collect_begin },
	{ .path = NULL },
};

static const struct row other_rows[] = {
	{ "GET", "/healthz", false, api_healthz },
	{ "GET", "/readyz", false, api_readyz },
	{ "GET", "/metrics", false, api_metrics },
	{ .path = NULL },
};

static bool row_matches(const struct row *r, struct sc_span path)
{
	return r->prefix ? sc_span_starts(path, r->path) && path.n > strlen(r->path) :
			   sc_span_is(path, r->path);
}

static void proxy_or_refuse(struct served_request *rq, bool own_path)
{
	const struct http_head *h = rq->call->head;

	rq->route = generation_route(rq->gen, h->method, h->path);
	if (rq->route != NULL) {
		proxy_begin(rq);
		return;
	}
	metric_add(&rq->worker->shared->metrics, METRIC_NO_ROUTE, 1);
	if (own_path)
		served_refuse(rq, 405, "method", "this path takes another method");
	else
		served_refuse(rq, 404, "no-route",
		    "no route of the configuration matches this method and path");
}

/* Pages of other origins use it, and their browsers ask beforehand whether they may. */
static bool is_for_pages(const struct row *r)
{
	return r->on_head == api_collect_begin || r->on_head == api_collect_source_config;
}

/* RQ goes to its row of ROWS; false: none is for it. *OWN: the path is ours. */
static bool dispatch(const struct row *rows, struct served_request *rq, bool *own)
{
	const struct http_head *h = rq->call->head;

	for (const struct row *r = rows; r->path != NULL; r++) {
		if (!row_matches(r, h->path))
			continue;
		*own = true;
		if (sc_span_is(h->method, r->method))
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
	bool own_path = false, api;

	if (rq == NULL) {
		http_call_problem(call, &no_memory);
		return;
	}
	if (!http_path_is_plain(path) && !api_subject_path(call->head) &&
	    !(rq->worker->shared->collect != NULL && api_consents_path(call->head))) {
		metric_add(&rq->worker->shared->metrics, METRIC_NO_ROUTE, 1);
		served_refuse(rq, 400, "path",
		    "the path has dot segments, empty segments, encoded "
		    "separators or encoded letters; send it in its plain form");
		return;
	}
	api = sc_span_starts(path, API);
	if (dispatch(api ? api_rows : other_rows, rq, &own_path) ||
	    (rq->worker->shared->collect != NULL &&
		dispatch(api ? collect_api_rows : collect_rows, rq, &own_path)))
		return;
	proxy_or_refuse(rq, own_path);
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
