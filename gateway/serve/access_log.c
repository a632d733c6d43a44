/*
 * access_log.c - putting records into the access log.
 */
#include "gateway/serve/access_log.h"
#include "base/log.h"

#define USUAL_BYTES 1024 /* one allocation for nearly every record */

enum sc_err access_log_append(struct worker_shared *shared, const struct audit_record *r,
    bool urgent, uint64_t *index)
{
	struct sc_buf line;
	enum sc_err err;

	*index = 0;
	sc_buf_init(&line, AUDIT_RECORD_MAX);
	if ((err = sc_buf_reserve(&line, USUAL_BYTES)) == SC_OK)
		err = audit_record_print(r, &line);
	if (err == SC_OK)
		err = tlog_append(shared->log, sc_buf_span(&line), urgent, index);
	sc_buf_fini(&line);
	return err;
}

void access_log_note(struct worker_shared *shared, const struct audit_record *r)
{
	uint64_t index;
	enum sc_err err = access_log_append(shared, r, false, &index);

	if (err == SC_OK)
		return;
	metric_add(&shared->metrics, METRIC_LOG_AWAY, 1);
	/* nothing passed; a line for each such request would fill another disk */
	if (r->outcome == AUDIT_FAILED)
		return;
	log_event(LOG_ERROR, "gateway.record_lost", LOG_ERR("err", err),
	    LOG_HEX64("request", r->asking.request_id), LOG_END);
}

void access_log_event(struct worker_shared *shared, enum audit_kind kind)
{
	const struct config *c = shared->next->config;
	struct audit_record r;

	audit_record_init(&r, kind);
	r.asking.tenant = &c->tenant;
	r.asking.policy_hash = c->policy_hash;
	r.outcome = AUDIT_OK;
	access_log_note(shared, &r);
}
