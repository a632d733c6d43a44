/*
 * form_virtual_number.c - where a telephone number stood a virtual one stands,
 * bound to the document's order.
 *
 * The real number never stands there, whatever policy would show and whatever
 * fails: what cannot be bound is refused. How numbers are asked for is in numbers.c.
 */
#include "crypto/token/token.h"
#include "gateway/protect/job.h"
#include "gateway/protect/numbers.h"
#include "gateway/protect/planner.h"

static const struct form form_from_clear;

/* ---- what is planned ------------------------------------------------------------- */

static enum sc_err plan_number(struct planner *m, const struct codec_field *f,
    const struct field_rule *r, const struct form *form)
{
	struct plan_edit e = plan_edit_over(f, form, r->class_id);
	uint32_t max = form == &form_virtual_number ? LABEL_TOKEN_MAX : LABEL_VALUE_MAX;
	enum sc_err err;

	if (r->label.object && m->t->codec->encode_object == NULL)
		return plan_refuse(m, PROTECT_UNFIT, f->start,
		    "the rule prints an object, and this format has none");
	e.rule = (uint16_t)(r - m->t->rules->v);
	plan_bind(m, f->start);
	if ((err = plan_add_value(m, f, e)) == SC_OK && m->p->v[m->p->n - 1].value_n > max)
		err = plan_refuse(m, PROTECT_UNFIT, f->start,
		    "the value is longer than any telephone number, so nothing can lead to it");
	return err;
}

/* A value in clear is sealed before it is bound; for who may not seal, only its mask is left. */
static enum sc_err plan_from_clear(struct planner *m, const struct codec_field *f,
    const struct field_rule *r)
{
	static const struct policy_verdict house = { .action = ACTION_MASK };
	struct policy_verdict v = plan_decide(m, m->t->reader, r->class_id, TIER_T0);

	if (!numbers_shows(v.action))
		return plan_clear(m, f, r);
	if (f->kind != CODEC_LITERAL &&
	    plan_decide(m, m->t->writer, r->class_id, TIER_T0).action == ACTION_TOKENISE)
		return plan_number(m, f, r, &form_from_clear);
	return plan_mask_field(m, f, v.action == ACTION_REVEAL ? &house : &v, r->class_id);
}

static enum sc_err plan(struct planner *m, const struct codec_field *f, const struct field_rule *r)
{
	struct token_parts t;
	struct sc_span value;
	enum sc_err err;

	if (f->kind != CODEC_TEXT)
		return plan_from_clear(m, f, r);
	if ((err = plan_decode(m, f, &value)) != SC_OK)
		return err;
	if (!token_seems(value))
		return plan_from_clear(m, f, r);
	err = token_parse(value, &m->p->token, &t);
	if (err != SC_OK && err != SC_SYNTAX)
		return err;
	/* no token, another class's, or one of which nothing is shown: as if no number were given out */
	if (err != SC_OK || t.class_id != r->class_id ||
	    !numbers_shows(plan_decide(m, m->t->reader, t.class_id, t.tier).action))
		return plan_open(m, f, f->start, f->end, value, false);
	return plan_number(m, f, r, &form_virtual_number);
}

/* ---- and what then stands there -------------------------------------------------------------- */

static enum sc_err put(struct protect_job *job, const struct plan_edit *e,
    const struct wire_result *r)
{
	if (r->status != WIRE_OK) {
		protect_count_withheld(&job->result.counts, r->status);
		return protect_put(job, e, CODEC_NULL, sc_span(NULL, 0));
	}
	protect_count(&job->result.counts, r->action);
	if (r->action == ACTION_DENY || r->action == ACTION_DROP)
		return protect_put(job, e, CODEC_NULL, sc_span(NULL, 0));
	if (r->action == ACTION_TOKENISE)
		return protect_put_token(job, e, r->value);
	if (r->kind == NUMBERS_AS_OBJECT)
		return protect_put_field(job, e, r->value);
	return protect_put(job, e, CODEC_TEXT, r->value);
}

const struct form form_virtual_number = {
	.name = "virtual_number",
	.rank = 3,
	.needs_class = true,
	.may_class = true,
	.labels = true,
	.plan = plan,
	.ask = numbers_ask,
	.put = put,
};
static const struct form form_from_clear = {
	.under_subject = true,
	.plan = plan,
	.ask = numbers_ask_from_clear,
	.put = put,
};
