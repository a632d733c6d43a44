/*
 * observed.c - what is said of a body on a route that observes. Nothing of it is written as done.
 */
#include "base/log.h"
#include "gateway/serve/drift.h"
#include "gateway/serve/served.h"

#include <stdio.h>

/* One line of a body that rules would have refused or withheld: where, why; never a value. */
static void tell(const struct served_request *rq, const struct protect_result *r)
{
	struct sc_name cause;

	snprintf(cause.s, sizeof(cause.s), "%s", served_outcome_name(r->outcome));
	log_event(LOG_WARN, "gateway.observed_refusal", LOG_NAME("route", &rq->route->config->name),
	    LOG_NAME("cause", &cause), LOG_HEX64("request", rq->record.asking.request_id), LOG_END);
}

void served_note_observed(struct served_request *rq, const struct protect_result *r)
{
	struct metrics *m = &rq->worker->shared->metrics;

	rq->record.why = "observed, nothing was protected";
	metric_add(m, METRIC_OBSERVED, 1);
	if (r == NULL) {
		metric_add(m, METRIC_OBSERVED_UNREAD, 1);
		return;
	}
	rq->record.asking.records = r->records;
	metric_add(m, METRIC_OBSERVED_VALUES, r->n_observed);
	metric_add(m, METRIC_OBSERVED_REFUSALS, r->outcome != PROTECT_DONE);
	metric_add(m, METRIC_UNMATCHED, r->n_unmatched);
	metric_add(m, METRIC_UNDECLARED, r->n_undeclared);
	metric_add(m, METRIC_CLEAR, r->n_clear);
	drift_note(rq->worker->shared->drift, &rq->route->config->name,
	    rq->record.asking.request_id, r->seen, r->n_seen);
	if (r->outcome != PROTECT_DONE)
		tell(rq, r);
}
