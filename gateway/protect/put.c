/*
 * put.c - the replacement of one edit, in its place in the document, or as the
 * answer of its value.
 */
#include "crypto/token/token.h"
#include "gateway/protect/job.h"

void protect_count(struct audit_counts *c, uint8_t action)
{
	switch (action) {
	case ACTION_REVEAL: c->revealed++; break;
	case ACTION_MASK: c->masked++; break;
	case ACTION_GENERALISE: c->generalised++; break;
	case ACTION_TOKENISE: c->tokenised++; break;
	case ACTION_DROP: c->dropped++; break;
	case ACTION_DENY: c->denied++; break;
	}
}

void protect_count_withheld(struct audit_counts *c, enum wire_status status)
{
	switch (status) {
	case WIRE_GONE: c->gone++; break;
	case WIRE_BAD_TOKEN:
	case WIRE_BAD_VALUE: c->bad++; break;
	case WIRE_UNKNOWN_KEY: c->unknown++; break;
	case WIRE_BROKEN_KEY: c->broken++; break;
	case WIRE_DORMANT: c->dormant++; break;
	case WIRE_QUEUED: c->queued++; break;
	case WIRE_FOREIGN: c->foreign++; break;
	default: c->denied++;
	}
}

static enum sc_err put_between(struct protect_job *job, size_t from, size_t to)
{
	if (to < from)
		return SC_BUG;
	return sc_buf_put(job->in.out, job->record.p + from, to - from);
}

/* The record up to the edit; behind it, what it takes the place of is gone. */
static enum sc_err put_up_to(struct protect_job *job, const struct plan_edit *e)
{
	enum sc_err err = put_between(job, job->copied, e->start);

	job->copied = e->end;
	if ((e->flags & PLAN_PART) == 0)
		job->within = false;
	return err;
}

/* The same, when what delimits a whole text goes too. */
static enum sc_err put_up_to_field(struct protect_job *job, const struct plan_edit *e)
{
	struct plan_edit all = *e;

	if ((e->flags & PLAN_TEXT) != 0) {
		all.start -= e->nest == 0 ? job->in.codec->quotes : e->before;
		all.end += e->nest == 0 ? job->in.codec->quotes : e->after;
	}
	return put_up_to(job, &all);
}

/* VALUE instead of a part of a text, where that depends on what is around it. */
static enum sc_err put_part(struct protect_job *job, const struct plan_edit *e,
    struct sc_span value)
{
	const size_t from = job->copied;
	enum sc_err err = put_up_to(job, e);

	if (err != SC_OK)
		return err;
	return job->in.codec->encode_part(sc_span(job->record.p + from, e->start - from),
	    sc_span(job->record.p + e->start, e->end - e->start), &job->within, value, job->in.out);
}

/* The answer of value E->of: its bytes as they are. */
static enum sc_err put_answer_of(struct protect_job *job, const struct plan_edit *e,
    enum codec_kind kind, struct sc_span value)
{
	struct protect_value *v = &job->values[e->of];

	v->kind = (uint8_t)kind;
	v->at = job->in.out->n;
	v->n = value.n;
	return sc_buf_put_span(job->in.out, value);
}

enum sc_err protect_put(struct protect_job *job, const struct plan_edit *e, enum codec_kind kind,
    struct sc_span value)
{
	const struct codec *c = job->in.codec;
	enum sc_err err;

	if (job->values != NULL)
		return put_answer_of(job, e, kind, value);
	if ((e->flags & PLAN_PART) != 0 && c->encode_part != NULL)
		return put_part(job, e, kind == CODEC_NULL ? sc_span(NULL, 0) : value);
	if (kind == CODEC_TEXT && (e->flags & (PLAN_PART | PLAN_TEXT)) != 0) {
		err = put_up_to(job, e);
		if (err != SC_OK)
			return err;
		/* what has no delimiters knows by itself whether it is all of a field */
		return c->quotes == 0 && e->nest == 0 && (e->flags & PLAN_PART) == 0 ?
		    c->encode_field(CODEC_TEXT, value, job->in.out) :
		    codec_encode(c, e->nest, value, job->in.out);
	}
	err = put_up_to_field(job, e);
	return err == SC_OK ? codec_encode_field(c, e->nest, kind, value, job->in.out) : err;
}

enum sc_err protect_put_token(struct protect_job *job, const struct plan_edit *e,
    struct sc_span token)
{
	const struct codec *c = job->in.codec;
	const bool by_itself = (e->flags & PLAN_PART) != 0 && c->encode_part != NULL;
	enum sc_err err;

	if (job->values != NULL || !c->plain || by_itself ||
	    (e->flags & (PLAN_PART | PLAN_TEXT)) == 0)
		return protect_put(job, e, CODEC_TEXT, token);
	err = put_up_to(job, e);
	return err == SC_OK ? sc_buf_put_span(job->in.out, token) : err;
}

enum sc_err protect_put_field(struct protect_job *job, const struct plan_edit *e,
    struct sc_span field)
{
	enum sc_err err;

	err = put_up_to_field(job, e);
	return err == SC_OK ? codec_encode_made(job->in.codec, e->nest, field, job->in.out) : err;
}

enum sc_err protect_keep(struct protect_job *job, const struct plan_edit *e)
{
	if (job->values == NULL)
		return SC_OK;
	return put_answer_of(job, e, CODEC_TEXT, plan_text_of(&job->plan, job->record, e));
}

enum sc_err protect_put_rest(struct protect_job *job)
{
	return put_between(job, job->copied, job->record.n);
}

void protect_note_nobodys(struct protect_job *job, const struct plan_edit *e, struct sc_span token)
{
	struct token_parts t;

	if (job->call.order->says || !plan_is_orders(&job->plan, e))
		return;
	if (token_parse(token, &job->plan.token, &t) == SC_OK)
		job->nobodys |= (t.flags & TOKEN_CLASS_KEY) != 0;
}

enum sc_err protect_put_nobodys(struct protect_job *job, const struct plan_edit *e)
{
	if (job->in.rules->answers) {
		protect_count_withheld(&job->result.counts, WIRE_UNKNOWN_ORDER);
		return (e->flags & PLAN_PART) != 0 ?
		    SC_OK :
		    protect_put(job, e, CODEC_NULL, sc_span(NULL, 0));
	}
	job->refusal = PROTECT_NO_SUBJECT;
	sc_diag_set(&job->result.diag,
	    "the document names nobody, and its order is nobody's whom keyd knows: the route says "
	    "that its subject is required");
	return SC_AUTH;
}
