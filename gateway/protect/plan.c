/*
 * plan.c - from the spans of a document to the edits that protect it.
 *
 * One function per kind of rule. What cannot be decided, or does not parse, is
 * withheld: the field becomes null or the document is refused.
 */
#include "gateway/protect/plan.h"
#include "crypto/token/token.h"
#include "gateway/codec/text.h"
#include "policy/mask/mask.h"

#include <stdlib.h>

#define EDITS_MAX	(1u << 20)
#define SCRATCH_MAX	(256u << 20)
#define TEXT_MAX	(64u << 20)

/* What the functions below share while one plan is made. */
struct making {
	struct plan *p;
	const struct protect_rules *rules;
	const struct plan_parties *who;
	enum plan_way way;
	struct sc_span doc;
	enum plan_refusal refusal;
	struct sc_diag *diag;
};

void plan_init(struct plan *p)
{
	memset(p, 0, sizeof(*p));
	sc_buf_init(&p->scratch, SCRATCH_MAX);
	sc_buf_init(&p->text, TEXT_MAX);
	sc_buf_init(&p->token, TOKEN_BYTES_MAX);
	sc_buf_init(&p->subject_text, TEXT_MAX);
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

static enum sc_err add_edit(struct plan *p, const struct plan_edit *e)
{
	if (p->n == p->cap) {
		size_t cap = p->cap == 0 ? 64 : p->cap * 2;
		struct plan_edit *v;

		if (p->n >= EDITS_MAX)
			return SC_LIMIT;
		if ((v = realloc(p->v, cap * sizeof(*v))) == NULL)
			return SC_NOMEM;
		p->v = v;
		p->cap = cap;
	}
	p->v[p->n++] = *e;
	p->classes[e->class_id / 8] |= (uint8_t)(1u << e->class_id % 8);
	return SC_OK;
}

/* Refuse the document. Nothing of it is quoted; the caller still gets SC_OK. */
static enum sc_err refuse(struct making *m, enum plan_refusal why, size_t offset,
    const char *text)
{
	m->refusal = why;
	m->diag->offset = offset;
	sc_diag_set(m->diag, "%s", text);
	return SC_OK;
}

static struct sc_span raw_of(const struct making *m, const struct json_span *s)
{
	return sc_span(m->doc.p + s->start, s->end - s->start);
}

/* An edit over the span S, value untouched in the document. */
static struct plan_edit edit_over(const struct json_span *s, uint8_t op, uint8_t class_id)
{
	struct plan_edit e = {
		.start = s->start, .end = s->end,
		.value = s->start, .value_n = s->end - s->start,
		.op = op, .class_id = class_id,
		.flags = s->kind == JSON_STRING ? PLAN_QUOTED | PLAN_WHOLE : 0,
	};

	return e;
}

/* ---- decisions ------------------------------------------------------------ */

static struct policy_verdict decide(const struct making *m, uint8_t role, uint8_t purpose,
    uint8_t op, uint8_t class_id, uint8_t tier)
{
	struct policy_query q = {
		.role = role, .purpose = purpose, .class_id = class_id, .op = op, .tier = tier,
		.now_ms = m->who->now_ms,
		.has_reason = m->who->has_reason, .has_ticket = m->who->has_ticket,
		.records = 1,
	};
	struct policy_verdict v;

	policy_decide(m->who->policy, &q, &v);
	return v;
}

static struct policy_verdict writer_verdict(const struct making *m, uint8_t class_id)
{
	return decide(m, m->who->writer_role, m->who->writer_purpose, POLICY_WRITE, class_id, 0);
}

static struct policy_verdict reader_verdict(const struct making *m, uint8_t class_id,
    uint8_t tier)
{
	return decide(m, m->who->reader_role, m->who->reader_purpose, m->who->reader_op,
	    class_id, tier);
}

/* ---- edits that need no key ------------------------------------------------ */

/* The whole scalar becomes null, its quotes with it. */
static enum sc_err add_null(struct making *m, const struct json_span *s, uint8_t class_id)
{
	struct plan_edit e = edit_over(s, PLAN_TEXT, class_id);
	enum sc_err err;

	if (s->kind == JSON_STRING) {
		e.start--;
		e.end++;
	}
	e.flags = PLAN_SCRATCH;
	e.value = (uint32_t)m->p->scratch.n;
	e.value_n = 4;
	m->p->dropped++;
	if ((err = sc_buf_put(&m->p->scratch, "null", 4)) != SC_OK)
		return err;
	return add_edit(m->p, &e);
}

/* The decoded value of a span; borrowed from the document or from plan->text. */
static enum sc_err decode(struct making *m, const struct json_span *s, struct sc_span *out)
{
	struct sc_span raw = raw_of(m, s);
	enum sc_err err;

	*out = raw;
	if (!s->escaped)
		return SC_OK;
	sc_buf_clear(&m->p->text);
	if ((err = json_unescape(raw, &m->p->text, NULL)) != SC_OK)
		return err;
	*out = sc_buf_span(&m->p->text);
	return SC_OK;
}

/*
 * Bytes [START, END) of the document become the mask (or the generalised
 * form) of VALUE. A number's mask is a string, so it brings its own quotes.
 */
static enum sc_err add_masked(struct making *m, uint32_t start, uint32_t end,
    bool quoted, const struct policy_verdict *how, uint8_t class_id, struct sc_span value)
{
	struct plan_edit e = {
		.start = start, .end = end, .op = PLAN_TEXT, .class_id = class_id,
		.flags = PLAN_SCRATCH, .value = (uint32_t)m->p->scratch.n,
	};
	struct sc_buf *out = &m->p->scratch;
	struct sc_buf masked;
	enum sc_err err;

	sc_buf_init(&masked, TEXT_MAX);
	if (how->action == ACTION_GENERALISE)
		err = mask_generalise(class_id, value, &masked);
	else
		err = mask_value_as(how->mask, class_id, value, &masked);
	if (err == SC_OK && !quoted)
		err = sc_buf_put(out, "\"", 1);
	if (err == SC_OK)
		err = json_escape(sc_buf_span(&masked), out);
	if (err == SC_OK && !quoted)
		err = sc_buf_put(out, "\"", 1);
	if (err == SC_OK) {
		e.value_n = (uint32_t)(out->n - e.value);
		m->p->masked++;
		err = add_edit(m->p, &e);
	}
	sc_buf_fini(&masked);
	return err;
}

/* ---- sealing --------------------------------------------------------------- */

/* The value of a span into the edit, unescaped into scratch when it must be. */
static enum sc_err take_value(struct making *m, const struct json_span *s, struct plan_edit *e)
{
	enum sc_err err;

	if (!s->escaped)
		return SC_OK;
	e->flags |= PLAN_SCRATCH;
	e->value = (uint32_t)m->p->scratch.n;
	if ((err = json_unescape(raw_of(m, s), &m->p->scratch, NULL)) != SC_OK)
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

	if ((err = decode(m, s, &value)) != SC_OK)
		return err;
	return add_masked(m, s->start, s->end, s->kind == JSON_STRING, how, class_id, value);
}

static enum sc_err plan_seal(struct making *m, const struct json_span *s,
    const struct config_rule *r)
{
	struct plan_edit e = edit_over(s, PLAN_SEAL, r->class_id);
	struct policy_verdict v = writer_verdict(m, r->class_id);
	enum sc_err err;

	if (v.action == ACTION_MASK || v.action == ACTION_GENERALISE)
		return mask_span(m, s, &v, r->class_id);
	if (v.action == ACTION_DROP)
		return add_null(m, s, r->class_id);
	if (v.action != ACTION_TOKENISE)
		return refuse(m, PLAN_FORBIDDEN, s->start,
		    "policy does not let this caller store a value of the field's class");
	if (s->kind != JSON_STRING && r->number == CONFIG_NUMBER_REFUSE)
		return refuse(m, PLAN_UNFIT, s->start,
		    "the field holds a number, and its rule says \"number\": \"refuse\"");
	e.token_flags = token_kind(s);
	if (r->random)
		e.token_flags |= TOKEN_RANDOM;
	if (r->email_shape && s->kind == JSON_STRING)
		e.token_flags |= TOKEN_EMAIL_SHAPE;
	if ((err = take_value(m, s, &e)) != SC_OK)
		return err;
	return add_edit(m->p, &e);
}

/* ---- opening --------------------------------------------------------------- */

/* One token at [START, END) of the document: open, leave or withhold it. */
static enum sc_err plan_open(struct making *m, const struct json_span *s, uint32_t start,
    uint32_t end, struct sc_span text, bool whole)
{
	struct token_parts t;
	struct plan_edit e = {
		.start = start, .end = end, .op = PLAN_OPEN,
		.flags = PLAN_QUOTED | (whole ? PLAN_WHOLE : 0),
	};
	enum policy_action action = ACTION_DENY;
	enum sc_err err;

	err = token_parse(text, &m->p->token, &t);
	if (err != SC_OK && err != SC_SYNTAX)
		return err;
	if (err == SC_OK)
		action = reader_verdict(m, t.class_id, t.tier).action;
	if (m->way == PLAN_RESTORE && (err != SC_OK || action == ACTION_TOKENISE)) {
		m->p->passed++;		/* a look-alike stays what it is */
		return SC_OK;
	}
	if (action == ACTION_TOKENISE) {
		m->p->passed++;
		return SC_OK;
	}
	if (action == ACTION_DENY && m->way == PLAN_RESTORE)
		return refuse(m, PLAN_FORBIDDEN, start,
		    "policy does not let this caller restore a value of the token's class");
	if (action == ACTION_DENY || action == ACTION_DROP) {
		if (whole)
			return add_null(m, s, err == SC_OK ? t.class_id : 0);
		m->p->passed++;		/* inside a text the token itself says nothing */
		return SC_OK;
	}
	e.class_id = t.class_id;
	e.flags |= PLAN_SCRATCH;
	e.value = (uint32_t)m->p->scratch.n;
	e.value_n = (uint32_t)text.n;
	if ((err = sc_buf_put_span(&m->p->scratch, text)) != SC_OK)
		return err;
	return add_edit(m->p, &e);
}

/* A value in clear where a token was expected: what may the reader see of it? */
static enum sc_err plan_clear(struct making *m, const struct json_span *s,
    const struct config_rule *r)
{
	struct policy_verdict v = reader_verdict(m, r->class_id, 0);

	switch (v.action) {
	case ACTION_REVEAL:
		m->p->passed++;
		return SC_OK;
	case ACTION_TOKENISE:
		return plan_seal(m, s, r);
	case ACTION_MASK:
	case ACTION_GENERALISE:
		return mask_span(m, s, &v, r->class_id);
	case ACTION_DENY:
	case ACTION_DROP:
		break;
	}
	return add_null(m, s, r->class_id);
}

static enum sc_err plan_policy(struct making *m, const struct json_span *s,
    const struct config_rule *r)
{
	struct sc_span value;
	enum sc_err err;

	if (s->kind != JSON_STRING)
		return plan_clear(m, s, r);
	if ((err = decode(m, s, &value)) != SC_OK)
		return err;
	if (!token_seems(value))
		return plan_clear(m, s, r);
	return plan_open(m, s, s->start, s->end, value, true);
}

/* ---- free text -------------------------------------------------------------- */

/* What was found in clear at decoded [H->start, H->end) of TEXT. */
static enum sc_err plan_found(struct making *m, const struct json_span *s, struct sc_span text,
    const struct detect_hit *h)
{
	struct sc_span found = sc_span(text.p + h->start, h->end - h->start);
	struct plan_edit e = { .op = PLAN_SEAL, .class_id = h->class_id, .flags = PLAN_QUOTED };
	struct policy_verdict v;
	uint32_t from, to;
	enum sc_err err;

	json_text_range(&m->p->map, h->start, h->end, &from, &to);
	e.start = s->start + from;
	e.end = s->start + to;
	if (m->way == PLAN_READ) {
		v = reader_verdict(m, h->class_id, 0);
		if (v.action == ACTION_REVEAL) {
			m->p->passed++;
			return SC_OK;
		}
		/* inside a text nothing can be dropped: it is starred wholly instead */
		if (v.action < ACTION_MASK)
			v.mask.kind = MASK_WHOLE;
		if (v.action != ACTION_TOKENISE)
			return add_masked(m, e.start, e.end, true, &v, h->class_id, found);
	}
	v = writer_verdict(m, h->class_id);
	if (v.action == ACTION_DROP)
		v.mask.kind = MASK_WHOLE;
	if (v.action == ACTION_MASK || v.action == ACTION_GENERALISE || v.action == ACTION_DROP)
		return add_masked(m, e.start, e.end, true, &v, h->class_id, found);
	if (v.action != ACTION_TOKENISE)
		return refuse(m, PLAN_FORBIDDEN, e.start,
		    "policy does not let this caller store what was found in a text");
	e.flags |= PLAN_SCRATCH;
	e.value = (uint32_t)m->p->scratch.n;
	e.value_n = (uint32_t)found.n;
	if ((err = sc_buf_put_span(&m->p->scratch, found)) != SC_OK)
		return err;
	return add_edit(m->p, &e);
}

/*
 * A find, of which only what stands outside [START, END), a token's place, is
 * in clear. What stands behind the token is left in H for later.
 */
static enum sc_err plan_hit(struct making *m, const struct json_span *s, struct sc_span text,
    struct detect_hit *h, size_t start, size_t end)
{
	struct detect_hit before = *h;

	if (before.end > start)
		before.end = (uint32_t)start;
	if (h->start < end)
		h->start = (uint32_t)(h->end < end ? h->end : end);
	return before.start < before.end ? plan_found(m, s, text, &before) : SC_OK;
}

/*
 * Tokens and finds of one text, in the order they stand. Towards storage,
 * tokens stay and finds are sealed; towards a reader, policy says of both.
 */
static enum sc_err plan_text(struct making *m, const struct json_span *s, bool detect)
{
	struct sc_span text, token;
	size_t from = 0, hit = 0;
	bool more;
	enum sc_err err;

	err = json_text_decode(raw_of(m, s), &m->p->text, &m->p->map, &text);
	if (err != SC_OK)
		return err;
	m->p->hits.n = 0;
	if (detect && (err = detect_scan(text, &m->p->hits)) != SC_OK)
		return err;
	do {
		size_t start = text.n, end;
		uint32_t a, b;

		if ((more = token_find(text, from, &token)))
			start = (size_t)(token.p - text.p);
		end = start + token.n;
		while (hit < m->p->hits.n && m->p->hits.v[hit].start < end) {
			struct detect_hit *h = &m->p->hits.v[hit];

			err = plan_hit(m, s, text, h, start, end);
			if (err != SC_OK || m->refusal != PLAN_ACCEPTED)
				return err;
			hit += h->start == h->end;	/* else it goes on behind the token */
		}
		if (more && m->way != PLAN_STORE) {
			json_text_range(&m->p->map, (uint32_t)start, (uint32_t)end, &a, &b);
			err = plan_open(m, s, s->start + a, s->start + b, token,
			    token.n == text.n);
			if (err != SC_OK || m->refusal != PLAN_ACCEPTED)
				return err;
		}
		from = end;
	} while (more);
	return SC_OK;
}

/* A number in a scanned field is sealed whole when anything is found in it. */
static enum sc_err plan_scan_number(struct making *m, const struct json_span *s)
{
	struct config_rule found = { .action = CONFIG_SEAL };
	enum sc_err err;

	if ((err = detect_scan(raw_of(m, s), &m->p->hits)) != SC_OK)
		return err;
	if (m->p->hits.n == 0)
		return SC_OK;
	found.class_id = m->p->hits.v[0].class_id;
	return m->way == PLAN_READ ? plan_clear(m, s, &found) : plan_seal(m, s, &found);
}

/* ---- dispatch ---------------------------------------------------------------- */

static enum sc_err plan_mask(struct making *m, const struct json_span *s,
    const struct config_rule *r)
{
	static const struct policy_verdict house = { .action = ACTION_MASK };
	struct token_parts t;
	struct sc_span value;
	enum sc_err err;

	if ((err = decode(m, s, &value)) != SC_OK)
		return err;
	if (s->kind == JSON_STRING) {
		err = token_parse(value, &m->p->token, &t);
		if (err == SC_OK)
			m->p->passed++;		/* a token shows nothing; there is no mask of it here */
		if (err != SC_SYNTAX)
			return err;
	}
	return add_masked(m, s->start, s->end, s->kind == JSON_STRING, &house, r->class_id,
	    value);
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
		return add_null(m, s, r->class_id);
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
	p->subject = raw_of(m, s);
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
