/*
 * health.c - /healthz (the process answers), /readyz (it can do its work),
 * /metrics (what it counted). None of them needs a credential or says
 * anything about a person; none is recorded.
 */
#include "base/text/jsonw.h"
#include "gateway/api/api.h"

static void on_end_ignored(struct visit *v, struct sc_span body)
{
	(void)v;
	(void)body;
}

/* The answer is given at the head; a body, if any, is not read. */
static const struct visit_ops health_ops = { .on_end = on_end_ignored };

static void answer_plain(struct visit *v, unsigned status, const char *type, struct sc_span body)
{
	v->ops = &health_ops;
	v->record.outcome = AUDIT_OUTCOME_NONE;
	visit_answer(v, status, type, body);
}

void api_healthz(struct visit *v)
{
	static const struct sc_span ok = SC_LIT("{\"status\":\"ok\"}");

	answer_plain(v, 200, "application/json", ok);
}

/* keyd decides by another policy file than we do: everything would be refused. */
static bool same_policy(const struct visit *v)
{
	const uint8_t *theirs = keyc_policy_hash(v->worker->keyc);

	return theirs != NULL && memcmp(theirs, v->gen->config->policy_hash, 32) == 0;
}

void api_readyz(struct visit *v)
{
	struct gate *gate = v->worker->gate;
	const struct {
		const char *name;
		bool ok;
	} checks[] = {
		{ "keys", keyc_ready(v->worker->keyc) },
		{ "policy", same_policy(v) },
		{ "keyd_log", keyc_log_ok(v->worker->keyc) },
		{ "keyd_space", keyc_space_ok(v->worker->keyc) },
		{ "log", !tlog_failed(gate->log) },
		{ "head", atomic_load(&gate->head) == GATE_HEAD_SIGNED },
		{ "space", !tlog_space_low(gate->log) },
		{ "serving", !atomic_load(&gate->draining) },
	};
	struct jsonw w = jsonw(&v->out);
	bool ready = true;

	jsonw_object(&w);
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		jsonw_key(&w, checks[i].name);
		jsonw_bool(&w, checks[i].ok);
		ready = ready && checks[i].ok;
	}
	jsonw_key(&w, "ready");
	jsonw_bool(&w, ready);
	jsonw_object_end(&w);
	answer_plain(v, ready ? 200 : 503, "application/json", sc_buf_span(&v->out));
}

void api_metrics(struct visit *v)
{
	struct gate *gate = v->worker->gate;

	if (metrics_print(&gate->metrics, gate->log, &v->out) != SC_OK)
		sc_buf_clear(&v->out);
	answer_plain(v, 200, "text/plain; version=0.0.4", sc_buf_span(&v->out));
}
