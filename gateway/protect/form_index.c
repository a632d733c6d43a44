/*
 * form_index.c - a value becomes its blind index: as a search where policy
 * lets the caller search the class, and otherwise as a part of storing it.
 */
#include "gateway/protect/job.h"
#include "gateway/protect/planner.h"

static const struct form form_index_stored;

static enum sc_err plan(struct planner *m, const struct codec_field *f, const struct field_rule *r)
{
	const struct asking *who = m->t->writer;
	struct plan_edit e = plan_edit_over(f, &form_index, r->class_id);
	struct sc_span value;
	enum sc_err err;

	if (plan_ask(m, who, POLICY_SEARCH, r->class_id).action != ACTION_REVEAL) {
		if (plan_ask(m, who, POLICY_WRITE, r->class_id).action != ACTION_TOKENISE)
			return plan_refuse(m, PLAN_FORBIDDEN, f->start,
			    "policy lets this caller neither search nor store the class");
		e.form = &form_index_stored;
	}
	if (!f->escaped)
		return plan_add(m, e);
	if ((err = plan_decode(m, f, &value)) != SC_OK)
		return err;
	return plan_add_copy(m, e, value);
}

static enum sc_err ask_under(struct protect_job *job, uint8_t op, size_t n)
{
	struct asking a = job->writer;

	a.op = op;
	return keyc_index(job->in.keyc, &job->call, &a, job->items, n);
}

static enum sc_err ask_search(struct protect_job *job, size_t n)
{
	job->result.searched = true;
	return ask_under(job, POLICY_SEARCH, n);
}

static enum sc_err ask_stored(struct protect_job *job, size_t n)
{
	return ask_under(job, POLICY_WRITE, n);
}

static enum sc_err put(struct protect_job *job, const struct plan_edit *e,
    const struct wire_result *r)
{
	if (r->status != WIRE_OK)
		return SC_AUTH;
	job->result.counts.indexed++;
	return protect_put(job, e, CODEC_TEXT, r->value);
}

const struct form form_index = { .plan = plan, .ask = ask_search, .put = put };
static const struct form form_index_stored = { .plan = plan, .ask = ask_stored, .put = put };
