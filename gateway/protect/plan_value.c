/*
 * plan_value.c - a declared field: seal it, open it, mask it.
 */
#include "gateway/protect/making.h"
#include "policy/mask/mask.h"

/* ---- sealing --------------------------------------------------------------- */

/* The value of a span into the edit, unescaped into scratch when it must be. */
static enum sc_err take_value(struct making *m, const struct json_span *s, struct plan_edit *e)
{
	enum sc_err err;

	if (!s->escaped)
		return SC_OK;
	e->flags |= PLAN_SCRATCH;
	e->value = (uint32_t)m->p->scratch.n;
	if ((err = json_unescape(plan_raw(m, s), &m->p->scratch, NULL)) != SC_OK)
		return err;
	e->value_n = (uint32_t)(m->p->scratch.n - e->value);
	return SC_OK;
}

static uint8_t token_kind(const struct json_span *s)
{
	if (s->kind == JSON_STRING)
		return TOKEN_STRING;
	return s->kind == JSON_NUMBER ? TOKEN_NUMBER : TOKEN_LITERAL;
}

/* Bytes that stand in the document or in a text, to be masked where they stand. */
static enum sc_err mask_span(struct making *m, const struct json_span *s,
    const struct policy_verdict *how, uint8_t class_id)
{
	struct sc_span value;
	enum sc_err err;

	if ((err = plan_decode(m, s, &value)) != SC_OK)
		return err;
	return plan_add_masked(m, s->start, s->end, s->kind == JSON_STRING, how, class_id, value);
}

enum sc_err plan_seal(struct making *m, const struct json_span *s, const struct config_rule *r)
{
	struct plan_edit e = plan_edit_over(s, PLAN_SEAL, r->class_id);
	struct policy_verdict v = plan_writer(m, r->class_id);
	enum sc_err err;

	if (v.action == ACTION_MASK || v.action == ACTION_GENERALISE)
		return mask_span(m, s, &v, r->class_id);
	if (v.action == ACTION_DROP)
		return plan_add_null(m, s, r->class_id);
	if (v.action != ACTION_TOKENISE)
		return plan_refuse(m, PLAN_FORBIDDEN, s->start,
		    "policy does not let this caller store a value of the field's class");
	if (s->kind != JSON_STRING && r->number == CONFIG_NUMBER_REFUSE)
		return plan_refuse(m, PLAN_UNFIT, s->start,
		    "the field holds a number, and its rule says \"number\": \"refuse\"");
	e.token_flags = token_kind(s);
	if (r->random)
		e.token_flags |= TOKEN_RANDOM;
	if (r->email_shape && s->kind == JSON_STRING)
		e.token_flags |= TOKEN_EMAIL_SHAPE;
	if ((err = take_value(m, s, &e)) != SC_OK)
		return err;
	return plan_add(m->p, &e);
}

/* ---- opening --------------------------------------------------------------- */

/* One token at [START, END) of the document: open, leave or withhold it. */
enum sc_err plan_open(struct making *m, const struct json_span *s, uint32_t start, uint32_t end,
    struct sc_span text, bool whole)
{
	struct token_parts t;
	struct plan_edit e = {
		.start = start,
		.end = end,
		.op = PLAN_OPEN,
		.flags = PLAN_QUOTED | PLAN_SCRATCH,
	};
	enum policy_action action = ACTION_DENY;
	enum sc_err err;

	err = token_parse(text, &m->p->token, &t);
	if (err != SC_OK && err != SC_SYNTAX)
		return err;
	if (err == SC_OK)
		action = plan_reader(m, t.class_id, t.tier).action;
	/* a token that stays a token, and what a restore finds only to look like one */
	if (action == ACTION_TOKENISE || (m->way == PLAN_RESTORE && err != SC_OK))
		return SC_OK;
	if (action == ACTION_DENY && m->way == PLAN_RESTORE)
		return plan_refuse(m, PLAN_FORBIDDEN, start,
		    "policy does not let this caller restore a value of the token's class");
	/* inside a text the token itself says nothing, so it may stand */
	if (action == ACTION_DENY || action == ACTION_DROP)
		return whole ? plan_add_null(m, s, err == SC_OK ? t.class_id : CLASS_NONE) : SC_OK;
	e.class_id = t.class_id;
	if (whole)
		e.flags |= PLAN_WHOLE;
	e.value = (uint32_t)m->p->scratch.n;
	e.value_n = (uint32_t)text.n;
	if ((err = sc_buf_put_span(&m->p->scratch, text)) != SC_OK)
		return err;
	return plan_add(m->p, &e);
}

/* A value in clear where a token was expected: what may the reader see of it? */
enum sc_err plan_clear(struct making *m, const struct json_span *s, const struct config_rule *r)
{
	struct policy_verdict v = plan_reader(m, r->class_id, TIER_T0);

	switch (v.action) {
	case ACTION_REVEAL: return SC_OK;
	case ACTION_TOKENISE: return plan_seal(m, s, r);
	case ACTION_MASK:
	case ACTION_GENERALISE: return mask_span(m, s, &v, r->class_id);
	case ACTION_DENY:
	case ACTION_DROP: break;
	}
	return plan_add_null(m, s, r->class_id);
}

enum sc_err plan_policy(struct making *m, const struct json_span *s, const struct config_rule *r)
{
	struct sc_span value;
	enum sc_err err;

	if (s->kind != JSON_STRING)
		return plan_clear(m, s, r);
	if ((err = plan_decode(m, s, &value)) != SC_OK)
		return err;
	if (!token_seems(value))
		return plan_clear(m, s, r);
	return plan_open(m, s, s->start, s->end, value, true);
}

enum sc_err plan_mask(struct making *m, const struct json_span *s, const struct config_rule *r)
{
	static const struct policy_verdict house = { .action = ACTION_MASK };
	struct token_parts t;
	struct sc_span value;
	enum sc_err err;

	if ((err = plan_decode(m, s, &value)) != SC_OK)
		return err;
	if (s->kind == JSON_STRING) {
		/* a token shows nothing; there is no mask of it here */
		err = token_parse(value, &m->p->token, &t);
		if (err != SC_SYNTAX)
			return err;
	}
	return plan_add_masked(m, s->start, s->end, s->kind == JSON_STRING, &house, r->class_id,
	    value);
}
