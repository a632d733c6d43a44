/*
 * trail.c - putting records into the access log.
 */
#include "gateway/serve/trail.h"
#include "base/log.h"

#define USUAL_BYTES 1024 /* one allocation for nearly every record */

enum sc_err trail_append(struct gate *gate, const struct audit_record *r, bool urgent,
    uint64_t *index)
{
	struct sc_buf line;
	enum sc_err err;

	*index = 0;
	sc_buf_init(&line, AUDIT_RECORD_MAX);
	if ((err = sc_buf_reserve(&line, USUAL_BYTES)) == SC_OK)
		err = audit_record_print(r, &line);
	if (err == SC_OK)
		err = tlog_append(gate->log, sc_buf_span(&line), urgent, index);
	sc_buf_fini(&line);
	return err;
}

void trail_note(struct gate *gate, const struct audit_record *r)
{
	uint64_t index;
	enum sc_err err = trail_append(gate, r, false, &index);

	if (err == SC_OK)
		return;
	metric_add(&gate->metrics, METRIC_LOG_AWAY, 1);
	/* nothing passed; a line for each such request would fill another disk */
	if (r->outcome == AUDIT_FAILED)
		return;
	log_event(LOG_ERROR, "gateway.record_lost", LOG_ERR("err", err),
	    LOG_HEX64("request", r->asking.request_id), LOG_END);
}

void trail_event(struct gate *gate, enum audit_kind kind)
{
	const struct config *c = gate->next->config;
	struct audit_record r;

	audit_record_init(&r, kind);
	r.asking.tenant = &c->tenant;
	r.asking.policy_hash = c->policy_hash;
	r.outcome = AUDIT_OK;
	trail_note(gate, &r);
}
