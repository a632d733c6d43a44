/*
 * health.c - /healthz, /readyz, /metrics: without a key, and without a word about anybody.
 */
#include "analytics/queryd/queryd.h"

#include "base/text/jsonw.h"

static void answer(struct http_call *call, unsigned status, const char *type, struct sc_span body)
{
	const struct http_field field = { SC_LIT("Content-Type"), sc_span_str(type) };

	http_call_respond(call, status, &field, 1, body);
}

void tell_health(struct http_call *call)
{
	static const struct sc_span ok = SC_LIT("{\"status\":\"ok\"}");

	answer(call, 200, "application/json", ok);
}

void tell_ready(struct http_call *call)
{
	struct queryd *q = call->arg;
	struct tlog_status log;
	struct releases_state releases;
	struct sc_buf out;
	struct jsonw w = jsonw(&out);
	bool ready = true;

	(void)granted_look(&q->granted);
	own_log_status(q->log, &log);
	releases_state(q->releases, &releases);
	const struct {
		const char *name;
		bool ok;
	} checks[] = {
		{ "log", !log.failed },
		{ "space", !log.space_low },
		{ "grants", q->granted.ok },
		{ "folder", releases.readable },
		{ "releases", releases.refused == 0 },
		{ "serving", !q->draining },
	};

	sc_buf_init(&out, 1024);
	jsonw_object(&w);
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		jsonw_key(&w, checks[i].name);
		jsonw_bool(&w, checks[i].ok);
		ready = ready && checks[i].ok;
	}
	jsonw_ku64(&w, "served", releases.served);
	jsonw_ku64(&w, "refused", releases.refused);
	jsonw_key(&w, "ready");
	jsonw_bool(&w, ready);
	jsonw_object_end(&w);
	answer(call, ready ? 200 : 503, "application/json", sc_buf_span(&out));
	sc_buf_fini(&out);
}

void tell_metrics(struct http_call *call)
{
	struct queryd *q = call->arg;
	struct tlog_status log;
	struct releases_state releases;
	struct queryd_gauges g;
	struct sc_buf out;

	own_log_status(q->log, &log);
	releases_state(q->releases, &releases);
	g = (struct queryd_gauges){ releases.served, releases.refused, desk_waiting(q->desk),
		q->granted.ok };
	sc_buf_init(&out, 65536);
	if (queryd_metrics_print(&q->metrics, &g, &log, &out) != SC_OK)
		sc_buf_clear(&out);
	answer(call, 200, "text/plain; version=0.0.4", sc_buf_span(&out));
	sc_buf_fini(&out);
}
