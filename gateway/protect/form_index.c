/*
 * form_index.c - a value becomes its blind index: as a search where policy
 * lets the caller search the class, and otherwise as a part of storing it.
 */
#include "gateway/protect/job.h"
#include "gateway/protect/planner.h"

static enum sc_err plan_write(struct planner *m, const struct codec_field *f,
    const struct field_rule *r, struct plan_edit e)
{
	if (plan_decide(m, m->t->writer, r->class_id, TIER_T0).action != ACTION_TOKENISE)
		return plan_refuse(m, PROTECT_FORBIDDEN, f->start,
		    "policy lets this caller neither search nor store the class");
	return plan_add_value(m, f, e);
}

static enum sc_err plan_stored(struct planner *m, const struct codec_field *f,
    const struct field_rule *r)
{
	return plan_write(m, f, r, plan_edit_over(f, &form_index_stored, r->class_id));
}

static enum sc_err plan_party(struct planner *m, const struct codec_field *f,
    const struct field_rule *r)
{
	struct plan_edit e = plan_edit_over(f, &form_party, r->class_id);

	e.token_flags = KEYC_OLDEST;
	return plan_write(m, f, r, e);
}

static bool may_search(struct planner *m, const struct field_rule *r)
{
	struct asking search = *m->t->writer;

	search.op = POLICY_SEARCH;
	return plan_decide(m, &search, r->class_id, TIER_T0).action == ACTION_REVEAL;
}

static enum sc_err plan_searched(struct planner *m, const struct codec_field *f,
    const struct field_rule *r)
{
	if (!may_search(m, r))
		return plan_refuse(m, PROTECT_FORBIDDEN, f->start,
		    "policy does not let this caller search the class");
	return plan_add_value(m, f, plan_edit_over(f, &form_index_searched, r->class_id));
}

static enum sc_err plan(struct planner *m, const struct codec_field *f, const struct field_rule *r)
{
	return may_search(m, r) ? plan_searched(m, f, r) : plan_stored(m, f, r);
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

const struct form form_index_searched = { .plan = plan_searched, .ask = ask_search, .put = put };
const struct form form_index = { .plan = plan, .ask = ask_search, .put = put };
const struct form form_index_stored = { .plan = plan_stored, .ask = ask_stored, .put = put };
const struct form form_party = { .plan = plan_party, .ask = ask_stored, .put = put };
