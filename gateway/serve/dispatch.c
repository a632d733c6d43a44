/*
 * dispatch.c - which handler answers which path: a table of rows.
 *
 * Scrim's own paths come first; everything else is looked up among the
 * configured routes. A path that two servers might read differently is
 * refused before anything is looked up; only a subject's id, which goes no
 * further than here, may have any bytes, percent-encoded.
 */
#include "gateway/serve/dispatch.h"
#include "gateway/api/api.h"
#include "gateway/proxy/proxy.h"
#include "gateway/serve/visit.h"

struct row {
	const char *method;
	const char *path;
	bool prefix; /* PATH ends where a parameter begins */
	void (*on_head)(struct visit *v);
};

static const struct row rows[] = {
	{ "POST", "/v1/seal", false, api_seal_begin },
	{ "POST", "/v1/reveal", false, api_reveal_begin },
	{ "POST", "/v1/index", false, api_index_begin },
	{ "POST", "/v1/mask", false, api_mask_begin },
	{ "POST", "/v1/rewrite/", true, api_rewrite_begin },
	{ "POST", "/v1/subjects/erase", false, api_erase_begin },
	{ "POST", "/v1/subjects/", true, api_subject_begin },
	{ "GET", "/healthz", false, api_healthz },
	{ "GET", "/readyz", false, api_readyz },
	{ "GET", "/metrics", false, api_metrics },
};

static bool row_matches(const struct row *r, struct sc_span path)
{
	return r->prefix ? sc_span_starts(path, r->path) && path.n > strlen(r->path) :
			   sc_span_is(path, r->path);
}

static void proxy_or_refuse(struct visit *v, bool own_path)
{
	const struct http_head *h = v->call->head;

	v->route = generation_route(v->gen, h->method, h->path);
	if (v->route != NULL) {
		proxy_begin(v);
		return;
	}
	metric_add(&v->worker->gate->metrics, METRIC_NO_ROUTE, 1);
	if (own_path)
		visit_refuse(v, 405, "method", "this path takes another method", SIZE_MAX);
	else
		visit_refuse(v, 404, "no-route",
		    "no route of the configuration matches this method and path", SIZE_MAX);
}

static void on_head(struct http_call *call)
{
	static const struct http_problem no_memory = { 503, "busy", NULL, "try again" };
	struct visit *v = visit_begin(call->arg, call);
	struct sc_span path = call->head->path;
	bool own_path = false;

	if (v == NULL) {
		http_call_problem(call, &no_memory);
		return;
	}
	if (!http_path_is_plain(path) && !api_subject_path(call->head)) {
		metric_add(&v->worker->gate->metrics, METRIC_NO_ROUTE, 1);
		visit_refuse(v, 400, "path",
		    "the path has dot segments, empty segments, encoded "
		    "separators or encoded letters; send it in its plain form",
		    SIZE_MAX);
		return;
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!row_matches(&rows[i], path))
			continue;
		own_path = true;
		if (sc_span_is(call->head->method, rows[i].method)) {
			rows[i].on_head(v);
			return;
		}
	}
	proxy_or_refuse(v, own_path);
}

static void on_body(struct http_call *call, struct sc_span bytes)
{
	struct visit *v = call->user;

	v->ops->on_body(v, bytes);
}

static void on_end(struct http_call *call, struct sc_span body)
{
	struct visit *v = call->user;

	v->ops->on_end(v, body);
}

static void on_writable(struct http_call *call)
{
	struct visit *v = call->user;

	if (v->ops->on_writable != NULL)
		v->ops->on_writable(v);
}

static void on_abort(struct http_call *call)
{
	struct visit *v = call->user;

	if (v == NULL)
		return;
	v->call = NULL;
	v->record.outcome = AUDIT_FAILED;
	v->record.why = "the client left or was too slow";
	if (v->ops != NULL && v->ops->on_leave != NULL)
		v->ops->on_leave(v);
	visit_end(v);
}

const struct http_handler dispatch_handler = {
	.on_head = on_head,
	.on_body = on_body,
	.on_end = on_end,
	.on_writable = on_writable,
	.on_abort = on_abort,
};
