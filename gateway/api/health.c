/*
 * health.c - /healthz (the process answers), /readyz (it can do its work),
 * /metrics (what it counted). None of them needs a credential or says
 * anything about a person; none is recorded.
 */
#include "base/text/jsonw.h"
#include "gateway/api/api.h"
#include "gateway/collect/metrics.h"
#include "gateway/phone/metrics.h"
#include "gateway/serve/keyd_past.h"
#include "gateway/serve/kept_logs.h"
#include "gateway/witness/witnesses.h"

#include <stdatomic.h>
#include <string.h>

/* The answer is given at the head; a body, if any, is not read. */
static const struct served_ops health_ops = { .on_body = NULL };

static void answer_plain(struct served_request *rq, unsigned status, const char *type,
    struct sc_span body)
{
	rq->ops = &health_ops;
	rq->record.outcome = AUDIT_OUTCOME_NONE;
	served_answer(rq, status, type, body);
}

void api_healthz(struct served_request *rq)
{
	static const struct sc_span ok = SC_LIT("{\"status\":\"ok\"}");

	answer_plain(rq, 200, "application/json", ok);
}

/* keyd decides by another policy file than we do: everything would be refused. */
static bool same_policy(const struct served_request *rq)
{
	const uint8_t *theirs = keyc_policy_hash(rq->worker->keyc);

	return theirs != NULL && memcmp(theirs, rq->gen->config->policy_hash, 32) == 0;
}

/* A request may come to any worker: what one of them lacks, the gateway lacks. */
static bool all_have_keys(const struct worker_shared *shared)
{
	for (unsigned i = 0; i < shared->n_workers; i++)
		if (!keyc_serves(shared->workers[i]->keyc))
			return false;
	return true;
}

/* keyd's log as it is for whom it looks worst. */
static enum seen_word past_of_all(const struct worker_shared *shared)
{
	int worst = SEEN_WELL;

	for (unsigned i = 0; i < shared->n_workers; i++) {
		const int word = atomic_load(&shared->workers[i]->keyd_past);

		if (word != SEEN_WELL && (worst == SEEN_WELL || word > worst))
			worst = word;
	}
	return (enum seen_word)worst;
}

void api_readyz(struct served_request *rq)
{
	struct worker_shared *shared = rq->worker->shared;
	const enum seen_word past = past_of_all(shared);
	const struct {
		const char *name;
		bool ok;
	} checks[] = {
		{ "keys", all_have_keys(shared) },
		{ "policy", same_policy(rq) },
		{ "keyd_log", keyc_log_ok(rq->worker->keyc) },
		{ "keyd_past", past == SEEN_WELL },
		{ "keyd_space", keyc_space_ok(rq->worker->keyc) },
		{ "log", !tlog_failed(shared->log) },
		{ "head", atomic_load(&shared->head) == SHARED_HEAD_SIGNED },
		{ "logs", kept_logs_ok(shared->logs) },
		{ "witnesses", witnesses_agree(shared->witnesses) },
		{ "space", !tlog_space_low(shared->log) },
		{ "numbers", shared->phone == NULL || phone_store_ok(shared->phone) },
		{ "serving", !atomic_load(&shared->draining) },
	};
	struct jsonw w = jsonw(&rq->out);
	bool ready = true;

	jsonw_object(&w);
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		jsonw_key(&w, checks[i].name);
		jsonw_bool(&w, checks[i].ok);
		ready = ready && checks[i].ok;
	}
	jsonw_kstr(&w, "keyd_past_is", seen_word_name(past));
	/* some people's tokens do not open; everybody else's do, so it can do its work */
	jsonw_key(&w, "keyd_store");
	jsonw_bool(&w, keyc_store_ok(rq->worker->keyc));
	/* nor does an order wait for a witness */
	jsonw_key(&w, "witnesses_heard");
	jsonw_bool(&w, witnesses_heard(shared->witnesses));
	jsonw_key(&w, "ready");
	jsonw_bool(&w, ready);
	jsonw_object_end(&w);
	answer_plain(rq, ready ? 200 : 503, "application/json", sc_buf_span(&rq->out));
}

static enum sc_err print_keyd(const struct keyc *keyc, struct sc_buf *out)
{
	return sc_buf_printf(out,
	    "# HELP scrim_keyd_store_ok 0 when keyd has met a key that is unknown or broken, or "
	    "is away.\n"
	    "# TYPE scrim_keyd_store_ok gauge\n"
	    "scrim_keyd_store_ok %d\n"
	    "# HELP scrim_keyd_returns_queued 1 while people who returned after long wait for "
	    "their turn.\n"
	    "# TYPE scrim_keyd_returns_queued gauge\n"
	    "scrim_keyd_returns_queued %d\n",
	    keyc_store_ok(keyc) ? 1 : 0, keyc_returns_queued(keyc) ? 1 : 0);
}

/* Loud: who looks at nothing else sees that something passes unprotected. */
static enum sc_err print_observing(const struct config *c, struct sc_buf *out)
{
	unsigned n = 0;

	for (size_t i = 0; i < c->n_routes; i++)
		n += c->routes[i].observe;
	return sc_buf_printf(out,
	    "# HELP scrim_observing_routes Routes that observe, which protect nothing.\n"
	    "# TYPE scrim_observing_routes gauge\n"
	    "scrim_observing_routes %u\n",
	    n);
}

void api_metrics(struct served_request *rq)
{
	struct worker_shared *shared = rq->worker->shared;

	if (metrics_print(&shared->metrics, shared->log, &rq->out) != SC_OK ||
	    print_observing(rq->gen->config, &rq->out) != SC_OK ||
	    print_keyd(rq->worker->keyc, &rq->out) != SC_OK ||
	    keyd_past_print(shared->past, &rq->out) != SC_OK ||
	    kept_logs_print(shared->logs, &rq->out) != SC_OK ||
	    witnesses_print(shared->witnesses, &rq->out) != SC_OK ||
	    (shared->phone != NULL && phone_metrics_print(shared->phone, &rq->out) != SC_OK) ||
	    (shared->collect != NULL && collect_metrics_print(shared->collect, &rq->out) != SC_OK))
		sc_buf_clear(&rq->out);
	answer_plain(rq, 200, "text/plain; version=0.0.4", sc_buf_span(&rq->out));
}
