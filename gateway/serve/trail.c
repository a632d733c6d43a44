/*
 * trail.c - records of the gateway's own life.
 */
#include "gateway/serve/trail.h"
#include "base/log.h"

void trail_event(struct gate *gate, enum audit_kind kind)
{
	const struct config *c = gate->next->config;
	struct audit_record r;
	struct sc_buf line;
	uint64_t index;
	enum sc_err err;

	audit_record_init(&r, kind);
	r.tenant = &c->tenant;
	r.policy_hash = c->policy_hash;
	r.outcome = AUDIT_OK;
	sc_buf_init(&line, AUDIT_RECORD_MAX);
	if ((err = audit_record_print(&r, &line)) == SC_OK)
		err = tlog_append(gate->log, sc_buf_span(&line), true, &index);
	sc_buf_fini(&line);
	if (err == SC_OK)
		return;
	metric_add(&gate->metrics, METRIC_LOG_AWAY, 1);
	log_event(LOG_ERROR, "gateway.record_lost", LOG_ERR("err", err), LOG_END);
}
