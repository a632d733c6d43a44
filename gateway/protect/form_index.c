/*
 * form_index.c - a value becomes its blind index: for a search, or beside its own sealing.
 *
 * keyd makes an index that is to be stored of what it seals and of nothing else, so the
 * latter is a seal that asks for more, and gives a token too.
 */
#include "crypto/keyc/keyc.h"
#include "crypto/token/token.h"
#include "gateway/protect/job.h"
#include "gateway/protect/planner.h"

/* ---- to search ---- */

static enum sc_err plan_searched(struct planner *m, const struct codec_field *f,
    const struct field_rule *r)
{
	struct asking search = *m->t->writer;

	search.op = POLICY_SEARCH;
	if (plan_decide(m, &search, r->class_id, TIER_T0).action != ACTION_REVEAL)
		return plan_refuse(m, PROTECT_FORBIDDEN, f->start,
		    "policy does not let this caller search the class");
	return plan_add_value(m, f, plan_edit_over(f, &form_index, r->class_id));
}

static enum sc_err ask_search(struct protect_job *job, size_t n)
{
	struct asking a = job->writer;

	job->result.searched = true;
	protect_meet_words(job, n);
	a.op = POLICY_SEARCH;
	return keyc_index(job->in.keyc, &job->call, &a, job->items, n);
}

static enum sc_err put_searched(struct protect_job *job, const struct plan_edit *e,
    const struct wire_result *r)
{
	if (r->status != WIRE_OK)
		return SC_AUTH;
	job->result.counts.indexed++;
	return protect_put(job, e, CODEC_TEXT, r->value);
}

/* ---- to store ---- */

static enum sc_err plan_under(struct planner *m, const struct codec_field *f,
    const struct field_rule *r, const struct form *form)
{
	struct plan_edit e = plan_edit_over(f, form, r->class_id);
	const struct asking *who = m->t->writer;

	if (plan_decide(m, who, r->class_id, TIER_T0).action != ACTION_TOKENISE)
		return plan_refuse(m, PROTECT_FORBIDDEN, f->start,
		    "policy does not let this caller store a value of the class");
	if (policy_role_indexes(m->t->policy, who->role) == 0)
		return plan_refuse(m, PROTECT_FORBIDDEN, f->start,
		    "policy gives the caller's role no index of what it stores: "
		    "\"indexes_per_day\"");
	e.token_flags = plan_token_kind(f->kind) | KEYC_INDEXED | (r->random ? TOKEN_RANDOM : 0);
	return plan_add_value(m, f, e);
}

static enum sc_err plan_stored(struct planner *m, const struct codec_field *f,
    const struct field_rule *r)
{
	return plan_under(m, f, r, &form_index_stored);
}

static enum sc_err plan_party(struct planner *m, const struct codec_field *f,
    const struct field_rule *r)
{
	return plan_under(m, f, r, &form_party);
}

static enum sc_err ask_stored(struct protect_job *job, size_t n)
{
	protect_meet_words(job, n);
	return keyc_seal(job->in.keyc, &job->call, &job->writer, job->items, n);
}

/* The answer of E's value, sealed as R says, is INDEX of X; its token stands beside it, also where there is none. */
static enum sc_err put_stored(struct protect_job *job, const struct plan_edit *e,
    const struct wire_result *r, const struct wire_indexed *x, struct sc_span index)
{
	struct protect_value *v = &job->values[e->of];
	enum sc_err err;

	v->token_at = job->in.out->n;
	v->token_n = x->token.n;
	job->result.counts.sealed++;
	job->result.counts.limit += (r->kind & WIRE_PAST_LIMIT) != 0;
	if ((err = sc_buf_put_span(job->in.out, x->token)) != SC_OK)
		return err;
	if (index.n == 0) {
		v->status = x->given ? WIRE_BAD_VALUE : WIRE_QUOTA;
		protect_count_withheld(&job->result.counts, v->status);
		return SC_OK;
	}
	job->result.counts.indexed++;
	return protect_put(job, e, CODEC_TEXT, index);
}

static enum sc_err put_newest(struct protect_job *job, const struct plan_edit *e,
    const struct wire_result *r)
{
	const struct wire_indexed x = wire_indexed(r->value);

	/* what is stored poorer, an hour having struck, has no token, and no index */
	return r->action != ACTION_TOKENISE ? SC_AUTH : put_stored(job, e, r, &x, x.newest);
}

static enum sc_err put_oldest(struct protect_job *job, const struct plan_edit *e,
    const struct wire_result *r)
{
	const struct wire_indexed x = wire_indexed(r->value);

	return r->action != ACTION_TOKENISE ? SC_AUTH : put_stored(job, e, r, &x, x.oldest);
}

const struct form form_index = { .plan = plan_searched, .ask = ask_search, .put = put_searched };
const struct form form_index_stored = {
	.under_subject = true,
	.plan = plan_stored,
	.ask = ask_stored,
	.put = put_newest,
};
const struct form form_party = {
	.under_subject = true,
	.plan = plan_party,
	.ask = ask_stored,
	.put = put_oldest,
};
