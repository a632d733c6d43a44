/*
 * window.c - the edits of a document that are asked for together, and of whom each is.
 */
#include "gateway/protect/job.h"

/* Whose E is: whose key it is asked for under, or whose token it must be. */
static struct sc_span subject_of(const struct protect_job *job, const struct plan_edit *e)
{
	if (job->values != NULL)
		return job->values[e->of].subject;
	/* as nearly all */
	return e->person == 0 ? job->plan.subject : plan_person_of(&job->plan, job->record, e);
}

/* What E's person has granted; of one whom a rule names nothing is asked. */
static uint32_t consents_of(const struct protect_job *job, const struct plan_edit *e)
{
	if (job->values != NULL)
		return job->values[e->of].consents;
	return e->person != 0 ? 0 : job->granted;
}

/*
 * The record's order, for keyd: to say whose it is where something is sealed, or to ask.
 */
static const struct keyc_order *order_of(struct protect_job *job)
{
	const struct plan *p = &job->plan;
	const bool says = p->subject.n != 0;

	if (job->values != NULL || p->remembered.n == 0)
		return NULL;
	job->order = (struct keyc_order){ .id = p->remembered,
		.person = says ? p->subject : p->unless,
		.says = says,
		.required = job->in.rules->subject.required };
	return &job->order;
}

size_t protect_fill_window(struct protect_job *job, const struct form **form)
{
	const struct keyc_order *order = order_of(job);
	const bool asks = order != NULL && !order->says, one_call = job->reader.statement.n != 0;
	const struct plan_edit *e = job->plan.v + job->next, *end = job->plan.v + job->plan.n;
	const struct form *first = NULL, *f = NULL;
	struct keyc_item *item = job->items;
	bool owned = false; /* F's are somebody's */
	uint32_t consents = 0;

	for (; e < end && item < job->items + WINDOW_ITEMS; e++) {
		if (e->form == NULL)
			continue;
		if (first == NULL) {
			first = e->form;
			consents = consents_of(job, e);
		} else if (one_call) {
			/* one statement, one call: what all have granted */
			consents &= consents_of(job, e);
		} else if (first != e->form || consents_of(job, e) != consents) {
			break;
		}
		if (f != e->form) {
			f = e->form;
			owned = f->under_subject || f->opens;
		}
		item->class_id = e->class_id;
		item->flags = e->token_flags;
		item->subject = owned ? subject_of(job, e) : sc_span(NULL, 0);
		item->of_order = asks && owned && plan_is_orders(&job->plan, e);
		item->value = plan_text_of(&job->plan, job->record, e);
		item++;
	}
	job->window_end = (size_t)(e - job->plan.v);
	job->call.order = order;
	if (first == NULL)
		return 0;
	job->writer.consents = job->reader.consents = consents;
	/* what is only opened leaves nothing to remember */
	if (order != NULL && order->says && !first->under_subject)
		job->call.order = NULL;
	*form = first;
	return (size_t)(item - job->items);
}
