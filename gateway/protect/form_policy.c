/*
 * form_policy.c - what a reader gets of a token, and of a value in clear where
 * a token was expected: as policy says.
 */
#include "base/weak.h"
#include "crypto/token/token.h"
#include "gateway/protect/job.h"
#include "gateway/protect/planner.h"

#include <stdio.h>
#include <string.h>

enum sc_err plan_open(struct planner *m, const struct codec_field *f, uint32_t start, uint32_t end,
    struct sc_span text, bool part)
{
	struct plan_edit e = plan_edit_over(f, &form_policy, CLASS_NONE);
	struct policy_verdict v = { .action = ACTION_DENY };
	enum policy_action action;
	struct token_parts t;
	enum sc_err err;

	e.start = start;
	e.end = end;
	e.flags = part ? PLAN_PART : PLAN_TEXT;
	e.token_flags = plan_foreign(m);
	err = plan_parse(m, text, &t);
	if (err != SC_OK && err != SC_SYNTAX)
		return err;
	if (err == SC_OK) {
		e.class_id = t.class_id;
		e.tier = t.tier;
		v = plan_decide(m, m->t->reader, t.class_id, t.tier);
	}
	/* keyd alone can tell whether the caller has signed, and for all tokens of a batch or none */
	if (policy_wants_signature(&v) || m->t->reader->statement.n != 0)
		return plan_add_copy(m, e, text);
	action = v.action;
	/* a token that stays a token, and what a restore finds only to look like one */
	if (action == ACTION_TOKENISE || (m->t->way == PLAN_RESTORE && err != SC_OK))
		return SC_OK;
	if (action == ACTION_DENY && m->t->way == PLAN_RESTORE)
		return plan_refuse(m, PROTECT_FORBIDDEN, start,
		    "policy does not let this caller restore a value of the token's class");
	/* inside a text the token itself says nothing, so it may stand */
	if (action == ACTION_DENY || action == ACTION_DROP)
		return part ? SC_OK : plan_add_null(m, f, e.class_id, action);
	return plan_add_copy(m, e, text);
}

/* Is F, in an answer, what we gave out ourselves for the request? *OURS. */
static enum sc_err is_ours(struct planner *m, const struct codec_field *f, bool *ours)
{
	struct sc_span value;
	enum sc_err err = SC_OK;

	*ours = false;
	if (m->t->lent != NULL && (err = plan_decode(m, f, &value)) == SC_OK)
		*ours = lent_passes(m->t->lent, value);
	return err;
}

/* A value in clear stands at R's place of an answer, and the reader may not see it: told, by its rule. */
static void note_clear(struct planner *m, const struct field_rule *r, enum policy_action action)
{
	struct undeclared_seen s = { .class_id = r->class_id,
		.by = UNDECLARED_CLEAR,
		.did = action == ACTION_TOKENISE ? UNDECLARED_SEAL : UNDECLARED_MASK,
		.n = 1 };

	if (m->t->rules == NULL || !m->t->rules->answers || r->at == NULL ||
	    action == ACTION_REVEAL)
		return;
	m->p->n_clear++;
	snprintf(s.path, sizeof(s.path), "%s", r->at);
	if (strlen(r->at) >= sizeof(s.path))
		strcpy(s.path + sizeof(s.path) - 3, "..");
	plan_see(m->p, &s);
}

enum sc_err plan_clear(struct planner *m, const struct codec_field *f, const struct field_rule *r)
{
	struct policy_verdict v = plan_decide(m, m->t->reader, r->class_id, TIER_T0);
	bool ours;
	enum sc_err err = is_ours(m, f, &ours);

	if (err != SC_OK || ours)
		return err;
	note_clear(m, r, v.action);
	switch (v.action) {
	case ACTION_REVEAL: return SC_OK;
	case ACTION_TOKENISE: return form_seal.plan(m, f, r);
	case ACTION_MASK:
	case ACTION_GENERALISE: return plan_mask_field(m, f, &v, r->class_id);
	case ACTION_DENY:
	case ACTION_DROP: break;
	}
	return plan_add_null(m, f, r->class_id, v.action);
}

static enum sc_err plan(struct planner *m, const struct codec_field *f, const struct field_rule *r)
{
	struct sc_span value;
	enum sc_err err;

	if (f->kind != CODEC_TEXT)
		return plan_clear(m, f, r);
	if ((err = plan_decode(m, f, &value)) != SC_OK)
		return err;
	if (!token_seems(value) && m->t->reader->statement.n == 0)
		return plan_clear(m, f, r);
	return plan_open(m, f, f->start, f->end, value, false);
}

static enum sc_err ask(struct protect_job *job, size_t n)
{
	return keyc_open(job->in.keyc, &job->call, &job->reader, job->items, n);
}

static const uint8_t field_kinds[] = {
	[TOKEN_STRING] = CODEC_TEXT,
	[TOKEN_NUMBER] = CODEC_NUMBER,
	[TOKEN_LITERAL] = CODEC_LITERAL,
};

/* May the caller see by itself no less of it than R has? */
static bool may_read(const struct protect_job *job, const struct plan_edit *e,
    const struct wire_result *r)
{
	/* where people are counted, as one too many; where age counts, as one of whom nobody knows */
	const struct policy_item it = { e->class_id, e->tier, UINT32_MAX, POLICY_WEEKS_UNKNOWN };
	struct asking read = job->reader;
	struct policy_verdict v;

	read.op = POLICY_READ;
	policy_ask(job->in.policy, &read, &it, &v);
	return v.action == ACTION_REVEAL ||
	    (v.action == ACTION_GENERALISE && r->action == ACTION_GENERALISE);
}

/* A recipient is shown R: what the caller may not read comes back as the token that it was. */
static enum sc_err note_lent(const struct protect_job *job, const struct plan_edit *e,
    const struct wire_result *r)
{
	bool shown = r->action == ACTION_REVEAL || r->action == ACTION_MASK ||
	    r->action == ACTION_GENERALISE;

	if (!shown || job->reader.op != POLICY_SHARE || may_read(job, e, r))
		return SC_OK;
	return lent_note(job->in.lent, r->value, plan_text_of(&job->plan, job->record, e));
}

static enum sc_err put_opened(struct protect_job *job, const struct plan_edit *e,
    const struct wire_result *r)
{
	bool part = (e->flags & PLAN_PART) != 0;
	enum codec_kind kind = CODEC_TEXT;
	enum sc_err err;

	if (job->in.lent != NULL && (err = note_lent(job, e, r)) != SC_OK)
		return err;
	protect_count(&job->result.counts, r->action);
	if (r->action == ACTION_DENY || (r->action == ACTION_DROP && !part))
		return part ? SC_OK : protect_put(job, e, CODEC_NULL, sc_span(NULL, 0));
	if (r->action == ACTION_TOKENISE || r->action == ACTION_DROP)
		return protect_keep(job, e); /* the token stays where it stands */
	if (!part && r->action == ACTION_REVEAL && r->kind < sizeof(field_kinds))
		kind = field_kinds[r->kind];
	err = protect_put(job, e, kind, r->value);
	/* one value that the answer's format cannot hold does not keep the others from their reader */
	if (err != SC_SYNTAX || job->reader.op == POLICY_SHARE || job->in.way != PLAN_READ ||
	    job->in.codec->quotes != 0)
		return err;
	protect_count_withheld(&job->result.counts, WIRE_BAD_VALUE);
	return part ? sc_buf_put(job->in.out, job->record.p + e->start, e->end - e->start) :
		      job->in.codec->encode_field(CODEC_NULL, sc_span(NULL, 0), job->in.out);
}

/* No key opens it, whoever asks. */
static bool is_lost(uint8_t status)
{
	return status == WIRE_GONE || status == WIRE_BAD_TOKEN || status == WIRE_UNKNOWN_KEY ||
	    status == WIRE_BROKEN_KEY;
}

/* A restore leaves what keyd cannot open; a reader gets null. */
static enum sc_err put(struct protect_job *job, const struct plan_edit *e,
    const struct wire_result *r)
{
	if (r->status == WIRE_OK)
		return put_opened(job, e, r);
	if (r->status == WIRE_UNKNOWN_ORDER && job->call.order != NULL)
		return protect_put_nobodys(job, e);
	protect_count_withheld(&job->result.counts, r->status);
	/* nobody can sign for what they have not seen: it stays a token, and the reader may then */
	if (r->status == WIRE_UNSIGNED)
		return SC_OK;
	if (job->in.way == PLAN_RESTORE)
		return is_lost(r->status) ? SC_OK : SC_AUTH;
	return (e->flags & PLAN_PART) != 0 ? SC_OK :
					     protect_put(job, e, CODEC_NULL, sc_span(NULL, 0));
}

const struct form form_policy = {
	.name = "policy",
	.rank = 3,
	.needs_class = true,
	.may_class = true,
	.opens = true,
	.by_parts = true,
	.plan = plan,
	.ask = ask,
	.put = put,
};
