/*
 * plan.c - from the spans of a document to the edits that protect it.
 *
 * A row per kind of rule; what each does is in plan_value.c and plan_text.c.
 * What cannot be decided, or does not parse, is withheld: the field becomes
 * null or the document is refused.
 */
#include "gateway/protect/making.h"

#include "base/weak.h"

#include <stdio.h>
#include <stdlib.h>

static void plan_reset(struct plan *p)
{
	p->n = 0;
	p->masked = p->dropped = 0;
	p->subject = (struct sc_span){ 0 };
	p->unmatched = NULL;
	sc_buf_clear(&p->scratch);
	sc_buf_clear(&p->text);
	sc_buf_clear(&p->subject_text);
}

void plan_init(struct plan *p)
{
	p->v = NULL;
	p->cap = 0;
	sc_buf_init(&p->scratch, PLAN_SCRATCH_MAX);
	sc_buf_init(&p->text, PLAN_TEXT_MAX);
	sc_buf_init(&p->token, TOKEN_BYTES_MAX);
	sc_buf_init(&p->subject_text, PLAN_TEXT_MAX);
	json_spans_init(&p->spans);
	detect_hits_init(&p->hits);
	json_text_map_init(&p->map);
	plan_reset(p);
}

void plan_fini(struct plan *p)
{
	free(p->v);
	sc_buf_fini(&p->scratch);
	sc_buf_fini(&p->text);
	sc_buf_fini(&p->token);
	sc_buf_fini(&p->subject_text);
	json_spans_fini(&p->spans);
	detect_hits_fini(&p->hits);
	json_text_map_fini(&p->map);
}

struct sc_span plan_value(const struct plan *p, struct sc_span doc, const struct plan_edit *e)
{
	const uint8_t *base = (e->flags & PLAN_SCRATCH) != 0 ? p->scratch.p : doc.p;

	return sc_span(e->value_n == 0 ? NULL : base + e->value, e->value_n);
}

static enum sc_err plan_span(struct making *m, const struct json_span *s, uint16_t action)
{
	const struct config_rule *r;

	if (action == PROTECT_ACTION_ANY)
		return s->kind == JSON_STRING ? plan_text(m, s, false) : SC_OK;
	r = &m->rules->v[action];
	switch (r->action) {
	case CONFIG_SEAL: return plan_seal(m, s, r);
	case CONFIG_POLICY: return plan_policy(m, s, r);
	case CONFIG_MASK: return plan_mask(m, s, r);
	case CONFIG_DROP: return plan_add_null(m, s, r->class_id);
	case CONFIG_SCAN:
		if (s->kind == JSON_NUMBER)
			return plan_scan_number(m, s);
		return s->kind == JSON_STRING ? plan_text(m, s, true) : SC_OK;
	}
	return SC_BUG;
}

/*
 * The scalar S stands in the subject's place. One person is one string or
 * number there; what else stands there, or a second one, names nobody.
 */
static enum sc_err take_subject(struct making *m, const struct json_span *s)
{
	struct plan *p = m->p;
	struct sc_span id;
	enum sc_err err;

	if (s->kind == JSON_NULL || s->start == s->end)
		return SC_OK;
	if ((err = plan_decode(m, s, &id)) != SC_OK)
		return err;
	if (s->kind == JSON_LITERAL || (p->subject.n != 0 && !sc_span_eq(p->subject, id)))
		m->nobody = !WEAK("subject-beneath");
	p->subject = id;
	if (!s->escaped)
		return SC_OK;
	/* what was decoded gives way to the next text */
	sc_buf_clear(&p->subject_text);
	err = sc_buf_put_span(&p->subject_text, id);
	p->subject = sc_buf_span(&p->subject_text);
	return err;
}

/*
 * The scalar S stands where the path of RULE goes on, or beneath such a place:
 * what the rule protects may be in it. *DONE when nothing else is to be done.
 */
static enum sc_err plan_astray(struct making *m, const struct json_span *s,
    const struct config_rule *rule, bool *done)
{
	enum protect_unmatched how = m->rules->unmatched;
	char text[sizeof(m->diag->text)];

	if (how == UNMATCHED_PASS || WEAK("shape-passes"))
		return SC_OK;
	if (m->p->unmatched == NULL) {
		m->p->unmatched = rule;
		m->p->unmatched_at = s->start;
	}
	*done = how != UNMATCHED_REPORT;
	if (how == UNMATCHED_NULL)
		return plan_add_null(m, s, rule->class_id);
	if (how == UNMATCHED_REPORT)
		return SC_OK;
	snprintf(text, sizeof(text),
	    "something else stands where %.120s goes on; the route's "
	    "\"unmatched\" says what becomes of such documents",
	    rule->at);
	return plan_refuse(m, PLAN_UNMATCHED, s->start, text);
}

/* A scalar that is more than one rule's. */
static enum sc_err plan_finding(struct making *m, const struct json_span *s)
{
	struct codec_finding f = codec_paths_finding(m->rules->paths, s->action);
	bool holds = s->kind != JSON_NULL && s->start != s->end, done = false;
	enum sc_err err = SC_OK;

	if (f.point == PROTECT_ACTION_SUBJECT)
		err = take_subject(m, s);
	if (err == SC_OK && f.astray != CODEC_NONE && holds)
		err = plan_astray(m, s, &m->rules->v[f.astray], &done);
	if (err != SC_OK || done || !holds || f.action == CODEC_NONE)
		return err;
	return plan_span(m, s, f.action);
}

static enum sc_err plan_spans(struct making *m)
{
	const struct json_spans *spans = &m->p->spans;
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < spans->n && m->refusal == PLAN_ACCEPTED; i++) {
		const struct json_span *s = &spans->v[i];

		if ((s->action & CODEC_FINDING) != 0)
			err = plan_finding(m, s);
		else if (s->kind != JSON_NULL && s->start != s->end)
			err = plan_span(m, s, s->action);
		if (err != SC_OK)
			return err;
	}
	if (m->nobody)
		m->p->subject = (struct sc_span){ 0 };
	return SC_OK;
}

enum sc_err plan_make(struct plan *p, const struct protect_rules *rules, enum plan_way way,
    const struct plan_parties *who, struct sc_span doc, enum plan_refusal *refusal,
    struct sc_diag *diag)
{
	struct making m = {
		.p = p,
		.rules = rules,
		.who = who,
		.way = way,
		.doc = doc,
		.refusal = PLAN_ACCEPTED,
		.diag = diag,
	};
	enum sc_err err;

	plan_reset(p);
	err = json_scan(rules->paths, doc.p, doc.n, &p->spans, diag);
	if (err == SC_SYNTAX || err == SC_LIMIT) {
		*refusal = PLAN_MALFORMED;
		return SC_OK;
	}
	if (err == SC_OK)
		err = plan_spans(&m);
	if (err != SC_OK || m.refusal != PLAN_ACCEPTED)
		plan_reset(p);
	*refusal = m.refusal;
	return err;
}
