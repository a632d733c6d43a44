/*
 * collect_script.c - what is fetched before anything is sent: collect.js, the settings that
 * RudderStack's library in the browser will not start without, and a browser's question
 * whether a page may.
 *
 * None says anything of anybody, and none is a record.
 */
#include "base/text/jsonw.h"
#include "gateway/api/api.h"
#include "gateway/api/collect.h"
#include "gateway/collect/script.h"

/* A day: what is in it changes with a release only. */
#define SCRIPT_AGE "max-age=86400"
#define PREFLIGHT_AGE "7200" /* seconds; the most that Chromium heeds */

void api_collect_script(struct served_request *rq)
{
	static const struct http_field fields[] = {
		{ SC_LIT("Content-Type"), SC_LIT("text/javascript; charset=utf-8") },
		{ SC_LIT("Cache-Control"), SC_LIT(SCRIPT_AGE) },
		{ SC_LIT("X-Content-Type-Options"), SC_LIT("nosniff") },
		/* pages with `require-corp` may load it too */
		{ SC_LIT("Cross-Origin-Resource-Policy"), SC_LIT("cross-origin") },
	};

	rq->record.outcome = AUDIT_OUTCOME_NONE;
	http_call_respond(rq->call, 200, fields, sizeof(fields) / sizeof(fields[0]),
	    sc_span(collect_script, collect_script_n));
	served_end(rq);
}

/* A source with no destination: the library then sends here alone. */
static void print_source(struct jsonw *w, const struct collect_site *site)
{
	jsonw_object(w);
	jsonw_key(w, "source");
	jsonw_object(w);
	jsonw_kstr(w, "id", site->name.s);
	jsonw_kstr(w, "name", site->name.s);
	jsonw_kstr(w, "writeKey", site->write_key);
	jsonw_kstr(w, "workspaceId", "scrim");
	jsonw_key(w, "enabled");
	jsonw_bool(w, true);
	jsonw_key(w, "config");
	jsonw_object(w);
	jsonw_key(w, "statsCollection");
	jsonw_object(w);
	jsonw_key(w, "errors");
	jsonw_raw(w, sc_span_str("{\"enabled\":false}"));
	jsonw_key(w, "metrics");
	jsonw_raw(w, sc_span_str("{\"enabled\":false}"));
	jsonw_object_end(w);
	jsonw_object_end(w);
	jsonw_key(w, "destinations");
	jsonw_raw(w, sc_span_str("[]"));
	jsonw_object_end(w);
	jsonw_object_end(w);
}

void api_collect_source_config(struct served_request *rq)
{
	struct collect_sender sender;
	struct jsonw w = jsonw(&rq->out);

	metric_add(&rq->worker->shared->metrics, METRIC_API, 1);
	if (!collect_who(rq, &sender))
		return;
	if (sender.site == NULL || sender.vouched) {
		served_refuse(rq, 401, "credential", "send a site's write key");
		return;
	}
	print_source(&w, sender.site);
	rq->record.outcome = AUDIT_OUTCOME_NONE;
	if (w.err == SC_OK)
		collect_answer(rq, 200, "application/json", sc_buf_span(&rq->out), sender.origin,
		    NULL);
	else
		served_refuse(rq, 500, "internal", "the answer could not be built");
}

/*
 * May that page send? Asked without a key, so that any site's origin will do: which one
 * the key is of is looked at when it comes.
 */
void api_collect_preflight(struct served_request *rq)
{
	const struct collect_settings *s = collect_settings_of(rq->worker->shared->collect);
	struct http_field fields[5] = {
		{ SC_LIT("Access-Control-Allow-Methods"), SC_LIT("POST, GET") },
		{ SC_LIT("Access-Control-Allow-Headers"),
		    SC_LIT("authorization, content-type, anonymousid, sentat") },
		{ SC_LIT("Access-Control-Max-Age"), SC_LIT(PREFLIGHT_AGE) },
	};
	struct sc_span origin = http_head_only(rq->call->head, "Origin");
	bool known = collect_origin_known(s, origin);

	rq->record.outcome = AUDIT_OUTCOME_NONE;
	rq->record.status = known ? 204 : 403;
	http_call_respond(rq->call, known ? 204 : 403, fields + (known ? 0 : 3),
	    known ? collect_put_origin(fields, 3, origin) : 0, sc_span(NULL, 0));
	served_end(rq);
}
