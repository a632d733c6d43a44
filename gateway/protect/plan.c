/*
 * plan.c - from the spans of a document to the edits that protect it.
 *
 * A row per kind of rule; what each does is in plan_value.c and plan_text.c.
 * What cannot be decided, or does not parse, is withheld: the field becomes
 * null or the document is refused.
 */
#include "gateway/protect/making.h"

#include <stdlib.h>

void plan_init(struct plan *p)
{
	memset(p, 0, sizeof(*p));
	sc_buf_init(&p->scratch, PLAN_SCRATCH_MAX);
	sc_buf_init(&p->text, PLAN_TEXT_MAX);
	sc_buf_init(&p->token, TOKEN_BYTES_MAX);
	sc_buf_init(&p->subject_text, PLAN_TEXT_MAX);
	json_spans_init(&p->spans);
	detect_hits_init(&p->hits);
	json_text_map_init(&p->map);
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

static void plan_reset(struct plan *p)
{
	p->n = 0;
	p->masked = p->dropped = p->passed = 0;
	p->subject = sc_span(NULL, 0);
	memset(p->classes, 0, sizeof(p->classes));
	sc_buf_clear(&p->scratch);
	sc_buf_clear(&p->text);
	sc_buf_clear(&p->subject_text);
}

struct sc_span plan_value(const struct plan *p, struct sc_span doc, const struct plan_edit *e)
{
	const uint8_t *base = (e->flags & PLAN_SCRATCH) != 0 ? p->scratch.p : doc.p;

	return sc_span(e->value_n == 0 ? NULL : base + e->value, e->value_n);
}

static enum sc_err plan_span(struct making *m, const struct json_span *s)
{
	const struct config_rule *r;

	if (s->action == PROTECT_ACTION_ANY)
		return s->kind == JSON_STRING ? plan_text(m, s, false) : SC_OK;
	r = &m->rules->v[s->action];
	switch (r->action) {
	case CONFIG_SEAL:
		return plan_seal(m, s, r);
	case CONFIG_POLICY:
		return plan_policy(m, s, r);
	case CONFIG_MASK:
		return plan_mask(m, s, r);
	case CONFIG_DROP:
		return plan_add_null(m, s, r->class_id);
	case CONFIG_SCAN:
		if (s->kind == JSON_NUMBER)
			return plan_scan_number(m, s);
		return s->kind == JSON_STRING ? plan_text(m, s, true) : SC_OK;
	}
	return SC_BUG;
}

static enum sc_err take_subject(struct making *m, const struct json_span *s)
{
	struct plan *p = m->p;
	enum sc_err err;

	if (s->kind != JSON_STRING && s->kind != JSON_NUMBER)
		return SC_OK;
	p->subject = plan_raw(m, s);
	if (!s->escaped)
		return SC_OK;
	sc_buf_clear(&p->subject_text);
	if ((err = json_unescape(p->subject, &p->subject_text, NULL)) != SC_OK)
		return err;
	p->subject = sc_buf_span(&p->subject_text);
	return SC_OK;
}

static enum sc_err plan_spans(struct making *m)
{
	const struct json_spans *spans = &m->p->spans;
	enum sc_err err;

	for (size_t i = 0; i < spans->n && m->refusal == PLAN_ACCEPTED; i++) {
		const struct json_span *s = &spans->v[i];
		bool is_rule = s->action != PROTECT_ACTION_SUBJECT;

		if (!is_rule || s->action == m->rules->subject_rule)
			if ((err = take_subject(m, s)) != SC_OK)
				return err;
		if (!is_rule || s->kind == JSON_NULL || s->start == s->end)
			continue;
		if ((err = plan_span(m, s)) != SC_OK)
			return err;
	}
	return SC_OK;
}

enum sc_err plan_make(struct plan *p, const struct protect_rules *rules, enum plan_way way,
    const struct plan_parties *who, struct sc_span doc, enum plan_refusal *refusal,
    struct sc_diag *diag)
{
	struct making m = {
		.p = p, .rules = rules, .who = who, .way = way, .doc = doc,
		.refusal = PLAN_ACCEPTED, .diag = diag,
	};
	enum sc_err err;

	plan_reset(p);
	err = json_scan(rules->paths, doc.p, doc.n, &p->spans, diag);
	if (err == SC_SYNTAX || (err == SC_LIMIT && p->spans.n == 0)) {
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
