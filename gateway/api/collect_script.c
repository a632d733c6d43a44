/*
 * collect_script.c - what is fetched before anything is sent: collect.js, and the settings that
 * RudderStack's library in the browser will not start without.
 *
 * Neither says anything of anybody, and neither is a record.
 */
#include "base/text/jsonw.h"
#include "gateway/api/api.h"
#include "gateway/api/collect.h"
#include "gateway/collect/script.h"

/* A day: what is in it changes with a release only. */
#define SCRIPT_AGE "max-age=86400"

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
