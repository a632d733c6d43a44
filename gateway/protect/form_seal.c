/*
 * form_seal.c - a value becomes a token of it, under its subject's key.
 */
#include "base/weak.h"
#include "crypto/token/token.h"
#include "gateway/protect/job.h"
#include "gateway/protect/planner.h"

uint8_t plan_token_kind(enum codec_kind kind)
{
	static const uint8_t kinds[] = {
		[CODEC_TEXT] = TOKEN_STRING,
		[CODEC_NUMBER] = TOKEN_NUMBER,
		[CODEC_LITERAL] = TOKEN_LITERAL,
	};

	return kinds[kind];
}

static enum sc_err plan(struct planner *m, const struct codec_field *f, const struct field_rule *r)
{
	struct policy_verdict v = plan_decide(m, m->t->writer, r->class_id, TIER_T0);
	struct plan_edit e = plan_edit_over(f, &form_seal, r->class_id);

	/* as if values had an enforcement point of their own */
	if (m->t->rules == NULL && WEAK("values-apart") && v.action != ACTION_TOKENISE)
		v.action = ACTION_DENY;
	if (v.action == ACTION_MASK || v.action == ACTION_GENERALISE)
		return plan_mask_field(m, f, &v, r->class_id);
	if (v.action == ACTION_DROP)
		return plan_add_null(m, f, r->class_id, ACTION_DROP);
	if (v.action != ACTION_TOKENISE)
		return plan_refuse(m, PROTECT_FORBIDDEN, f->start,
		    "policy does not let this caller store a value of the field's class");
	if (f->kind != CODEC_TEXT && r->number == FIELD_NUMBER_REFUSE)
		return plan_refuse(m, PROTECT_UNFIT, f->start,
		    "the field holds a number, and its rule says \"number\": \"refuse\"");
	e.rule = m->rule;
	e.token_flags = plan_token_kind(f->kind) | plan_foreign(m);
	if (r->random)
		e.token_flags |= TOKEN_RANDOM;
	if (r->email_shape && f->kind == CODEC_TEXT)
		e.token_flags |= TOKEN_EMAIL_SHAPE;
	return plan_add_value(m, f, e);
}

static enum sc_err ask(struct protect_job *job, size_t n)
{
	protect_meet_words(job, n);
	return keyc_seal(job->in.keyc, &job->call, &job->writer, job->items, n);
}

/* It says where, and never what stood there. */
static enum sc_err refuse_foreign(struct protect_job *job, const struct plan_edit *e)
{
	const struct protect_rules *rules = job->in.rules;

	job->refusal = PROTECT_FOREIGN;
	job->result.diag.offset = (size_t)(job->record.p - job->in.body.p) + e->start;
	sc_diag_set(&job->result.diag,
	    "%.120s: a token of somebody else than the document's subject, and the route says "
	    "\"foreign\": \"refuse\"",
	    e->rule < rules->n ? rules->v[e->rule].at : "a field that nobody declared");
	return SC_AUTH;
}

/* Nothing was sealed: STATUS says why. */
static enum sc_err refused(struct protect_job *job, const struct plan_edit *e, uint8_t status)
{
	if (status == WIRE_TOO_LARGE)
		return SC_LIMIT;
	if (status == WIRE_FOREIGN && job->in.rules != NULL)
		return refuse_foreign(job, e);
	return status == WIRE_UNKNOWN_ORDER && job->call.order != NULL ?
	    protect_put_nobodys(job, e) :
	    SC_AUTH;
}

static enum sc_err put(struct protect_job *job, const struct plan_edit *e,
    const struct wire_result *r)
{
	if (r->status != WIRE_OK)
		return refused(job, e, r->status);
	if (r->action == ACTION_TOKENISE) {
		job->result.counts.sealed++;
		/* an order is asked about by few */
		if (job->call.order != NULL)
			protect_note_nobodys(job, e, r->value);
		job->result.counts.foreign += (r->kind & KEYC_RESEALED) != 0;
		job->result.counts.limit += (r->kind & WIRE_PAST_LIMIT) != 0;
		return protect_put_token(job, e, r->value);
	}
	/* an hour has struck between two decisions: keyd made it poorer, and it is no token */
	protect_count(&job->result.counts, r->action);
	return protect_put(job, e, r->action == ACTION_DROP ? CODEC_NULL : CODEC_TEXT, r->value);
}

const struct form form_seal = {
	.name = "seal",
	.rank = 4,
	.needs_class = true,
	.may_class = true,
	.seals = true,
	.under_subject = true,
	.by_parts = true,
	.plan = plan,
	.ask = ask,
	.put = put,
};
