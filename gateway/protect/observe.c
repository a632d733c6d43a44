/*
 * observe.c - a body that is looked at and left alone: plans that nobody carries out.
 *
 * What keyd alone knows stays unknown: whose a token is, what people have granted, quotas. Nobody
 * listens either: the tap is told of what was protected.
 */
#include "gateway/protect/job.h"

static void look_at(struct protect_job *job, struct sc_span record, enum protect_outcome *first)
{
	enum protect_outcome outcome = PROTECT_DONE;
	struct protect_result *r = &job->result;
	struct plan *p = &job->plan;
	struct sc_diag diag = { .text = "" };
	enum sc_err err;

	p->record_at = (uint32_t)(record.p - job->in.body.p);
	err = plan_make(p, &job->terms, record, &outcome, &diag);
	if (err != SC_OK)
		outcome = protect_outcome_of(err);
	for (size_t i = 0; i < p->n; i++)
		r->n_observed += (p->v[i].flags & PLAN_WHOSE) == 0;
	r->n_unmatched += p->unmatched != NULL || outcome == PROTECT_UNMATCHED;
	if (p->unmatched != NULL)
		r->unmatched = p->unmatched;
	if (*first == PROTECT_DONE)
		*first = outcome;
	p->record++;
}

const struct protect_result *protect_observe(struct protect_job *job,
    const struct protect_input *in)
{
	enum protect_outcome first = PROTECT_DONE;
	struct protect_result *r = &job->result;
	struct sc_span record = in->body;
	size_t from = 0;

	protect_begin(job, in);
	job->terms.tag_key = NULL;
	r->records = (uint32_t)codec_count(in->codec, in->body);
	if (in->codec->next == NULL)
		look_at(job, record, &first);
	else
		while (in->codec->next(in->body, true, &from, &record))
			if (!codec_blank(record))
				look_at(job, record, &first);
	for (size_t i = 0; i < job->plan.n_seen; i++)
		job->plan.seen[i].did = UNDECLARED_REPORT;
	r->n_undeclared = job->plan.n_undeclared;
	r->n_clear = job->plan.n_clear;
	r->seen = job->plan.seen;
	r->n_seen = job->plan.n_seen;
	r->outcome = first;
	job->running = false;
	return r;
}
