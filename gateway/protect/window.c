/*
 * window.c - the edits of a document that are asked for together, and of whom each is.
 */
#include "gateway/protect/job.h"

/* Under whose key E is asked for, or whose token it must be; nobody's where its form does not say. */
static struct sc_span subject_of(const struct protect_job *job, const struct plan_edit *e)
{
	if (!e->form->under_subject && !e->form->opens)
		return sc_span(NULL, 0);
	return job->values != NULL ? job->values[e->of].subject :
				     plan_person_of(&job->plan, job->record, e);
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
	const bool asks = order != NULL && !order->says;
	size_t n = 0, i;

	job->call.order = order;
	for (i = job->next; i < job->plan.n && n < WINDOW_ITEMS; i++) {
		const struct plan_edit *e = &job->plan.v[i];
		struct keyc_item *item = &job->items[n];

		if (e->form == NULL)
			continue;
		if (n == 0) {
			*form = e->form;
			job->writer.consents = job->reader.consents = consents_of(job, e);
		} else if (job->reader.statement.n != 0) {
			/* one statement, one call: what all have granted */
			job->reader.consents &= consents_of(job, e);
		} else if (*form != e->form || consents_of(job, e) != job->reader.consents) {
			break;
		}
		item->class_id = e->class_id;
		item->flags = e->token_flags;
		item->subject = subject_of(job, e);
		item->of_order = asks && (e->form->under_subject || e->form->opens) &&
		    plan_is_orders(&job->plan, e);
		item->value = plan_text_of(&job->plan, job->record, e);
		n++;
	}
	/* what is only opened leaves nothing to remember */
	if (n != 0 && order != NULL && order->says && !(*form)->under_subject)
		job->call.order = NULL;
	job->window_end = i;
	return n;
}
