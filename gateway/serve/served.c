/*
 * served.c - a request from its beginning to its record.
 */
#include "gateway/serve/served.h"
#include "base/log.h"
#include "gateway/serve/drift.h"
#include "gateway/serve/access_log.h"

#include <stdlib.h>
#include <string.h>

#define SPARE_MAX 64
#define SPARE_OUT_MAX (256u << 10) /* a larger buffer is not kept */

struct served_request *served_begin(struct worker *w, struct http_call *call)
{
	struct served_request *rq = w->spare;

	if (rq != NULL) {
		w->spare = rq->next;
		w->n_spare--;
	} else {
		if ((rq = calloc(1, sizeof(*rq))) == NULL)
			return NULL;
		if ((rq->job = protect_job_new()) == NULL) {
			free(rq);
			return NULL;
		}
		sc_buf_init(&rq->out, VISIT_OUT_MAX);
	}
	sc_buf_init(&rq->whose, WHOSE_MAX);
	sc_buf_init(&rq->unpacked, VISIT_OUT_MAX);
	rq->worker = w;
	rq->call = call;
	rq->gen = generation_hold(w->current);
	call->user = rq;
	audit_record_init(&rq->record, AUDIT_REQUEST);
	rq->record.asking.request_id = call->request_id;
	rq->record.asking.tenant = &rq->gen->config->tenant;
	rq->record.asking.policy_hash = rq->gen->config->policy_hash;
	rq->record.keyd_index = AUDIT_NONE;
	return rq;
}

/* Keyd's record has what was said, with stars for what is somebody's. */
static void withhold_words(struct asking *a)
{
	static const struct policy_reason instead = { "withheld: it may name whom it was about" };

	if (a->reason != NULL)
		a->reason = &instead;
	if (a->ticket != NULL)
		a->ticket = &instead;
}

void served_end(struct served_request *rq)
{
	struct worker *w = rq->worker;

	if (rq->ops != NULL && rq->ops->on_leave != NULL)
		rq->ops->on_leave(rq);
	if (rq->named || protect_under_way(rq->job))
		withhold_words(&rq->record.asking);
	/* health checks and metrics have no outcome and are no records */
	if (rq->record.outcome != AUDIT_OUTCOME_NONE)
		access_log_note(w->shared, &rq->record);
	protect_cancel(rq->job);
	lent_free(rq->lent);
	keyc_cancel(&rq->key_call);
	worker_forget_wait(w, &rq->wait);
	http_exchange_release(rq->exchange);
	generation_release(rq->gen);
	sc_buf_fini(&rq->whose);
	sc_buf_fini(&rq->unpacked);
	if (rq->out.cap > SPARE_OUT_MAX)
		sc_buf_fini(&rq->out);
	else
		sc_buf_clear(&rq->out);
	sc_wipe(rq->key, sizeof(rq->key));
	if (w->n_spare == SPARE_MAX) {
		protect_job_free(rq->job);
		sc_buf_fini(&rq->out);
		free(rq);
		return;
	}
	/* everything but the reusable parts begins anew */
	{
		struct protect_job *job = rq->job;
		struct sc_buf out = rq->out;

		memset(rq, 0, sizeof(*rq));
		rq->job = job;
		rq->out = out;
	}
	rq->next = w->spare;
	w->spare = rq;
	w->n_spare++;
}

enum sc_err served_record_intent(struct served_request *rq,
    void (*on_durable)(struct durable_wait *w, bool ok))
{
	uint64_t index;
	enum sc_err err = access_log_append(rq->worker->shared, &rq->record, true, &index);

	if (err != SC_OK)
		return err;
	rq->wait.on_durable = on_durable;
	worker_wait_durable(rq->worker, &rq->wait, index);
	return SC_OK;
}

/* ---- the record ------------------------------------------------------------------- */

static void add_classes(struct served_request *rq, const struct protect_result *r)
{
	for (size_t i = 0; i < r->n_classes; i++) {
		size_t j = 0;

		while (j < rq->record.n_classes && rq->classes[j].id != r->classes[i].id)
			j++;
		if (j < rq->record.n_classes)
			rq->classes[j].n += r->classes[i].n;
		else if (j < AUDIT_CLASSES_MAX)
			rq->classes[rq->record.n_classes++] = r->classes[i];
	}
	rq->record.classes = rq->classes;
}

/* Documents of another shape have passed: told where the owner asked for it. */
static void tell_unmatched(struct served_request *rq, const struct field_rule *rule)
{
	if (rq->route->config->unmatched == UNMATCHED_REPORT)
		log_event(LOG_WARN, "gateway.unmatched_document",
		    LOG_NAME("route", &rq->route->config->name), LOG_U64("rule_line", rule->line),
		    LOG_HEX64("request", rq->record.asking.request_id), LOG_END);
}

void served_note_result(struct served_request *rq, const struct protect_result *r)
{
	struct metrics *m = &rq->worker->shared->metrics;

	rq->record.asking.records = r->records;
	if (r->n_consents != 0) {
		rq->record.asking.consents = r->consents;
		rq->record.policy = rq->gen->config->policy;
	}
	audit_counts_add(&rq->record.counts, &r->counts);
	add_classes(rq, r);
	for (size_t i = 0; i < r->n_subjects && rq->record.n_subjects < AUDIT_HANDLES_MAX; i++)
		memcpy(rq->subjects[rq->record.n_subjects++], r->subjects[i], AUDIT_HANDLE_BYTES);
	rq->record.subjects = (const uint8_t(*)[AUDIT_HANDLE_BYTES])rq->subjects;
	if (r->record != WIRE_NO_RECORD)
		rq->record.keyd_index = r->record;
	rq->named |= r->named;
	if (r->unmatched != NULL)
		tell_unmatched(rq, r->unmatched);
	metric_add(m, METRIC_UNMATCHED, r->n_unmatched);
	metric_add(m, METRIC_UNDECLARED, r->n_undeclared);
	metric_add(m, METRIC_CLEAR, r->n_clear);
	if (rq->route != NULL)
		drift_note(rq->worker->shared->drift, &rq->route->config->name,
		    rq->record.asking.request_id, r->seen, r->n_seen);
	metric_add(m, METRIC_NO_SUBJECT, r->n_nobodys);
	metric_add(m, METRIC_FOREIGN, r->counts.foreign);
	metric_add(m, METRIC_UNHEARD, r->unheard);
	metric_add(m, METRIC_VALUES_SEALED, r->counts.sealed);
	metric_add(m, METRIC_VALUES_OPENED, r->counts.revealed);
	metric_add(m, METRIC_VALUES_MASKED, r->counts.masked + r->counts.generalised);
	metric_add(m, METRIC_VALUES_WITHHELD,
	    r->counts.denied + r->counts.dropped + r->counts.gone + r->counts.bad +
		r->counts.unknown + r->counts.broken);
	metric_add(m, METRIC_VALUES_PAST_LIMIT, r->counts.limit);
	metric_add(m, METRIC_KEYS_UNKNOWN, r->counts.unknown);
	metric_add(m, METRIC_KEYS_BROKEN, r->counts.broken);
}
