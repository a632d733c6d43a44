/*
 * plan_edit.c - single edits of a plan: adding them, and those that need no key.
 */
#include "gateway/protect/making.h"
#include "policy/mask/mask.h"

#include <stdlib.h>

#define EDITS_MAX (1u << 20)

enum sc_err plan_add(struct plan *p, const struct plan_edit *e)
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
	return SC_OK;
}

/* Refuse the document. Nothing of it is quoted; the caller still gets SC_OK. */
enum sc_err plan_refuse(struct making *m, enum plan_refusal why, size_t offset, const char *text)
{
	m->refusal = why;
	m->diag->offset = offset;
	sc_diag_set(m->diag, "%s", text);
	return SC_OK;
}

/* An edit over the span S, value untouched in the document. */
struct plan_edit plan_edit_over(const struct json_span *s, uint8_t op, uint8_t class_id)
{
	struct plan_edit e = {
		.start = s->start,
		.end = s->end,
		.value = s->start,
		.value_n = s->end - s->start,
		.op = op,
		.class_id = class_id,
		.flags = s->kind == JSON_STRING ? PLAN_QUOTED | PLAN_WHOLE : 0,
	};

	return e;
}

/* ---- decisions ------------------------------------------------------------ */

static struct policy_verdict decide(const struct making *m, const struct asking *who,
    uint8_t class_id, uint8_t tier)
{
	const struct policy_item it = { .class_id = class_id, .tier = tier };
	struct policy_verdict v;

	policy_ask(m->who->policy, who, &it, &v);
	return v;
}

struct policy_verdict plan_writer(const struct making *m, uint8_t class_id)
{
	return decide(m, m->who->writer, class_id, TIER_T0);
}

struct policy_verdict plan_reader(const struct making *m, uint8_t class_id, uint8_t tier)
{
	return decide(m, m->who->reader, class_id, tier);
}

/* ---- edits that need no key ------------------------------------------------ */

/* The whole scalar becomes null, its quotes with it. */
enum sc_err plan_add_null(struct making *m, const struct json_span *s, uint8_t class_id)
{
	struct plan_edit e = plan_edit_over(s, PLAN_TEXT, class_id);
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
	return plan_add(m->p, &e);
}

/* The decoded value of a span; borrowed from the document or from plan->text. */
enum sc_err plan_decode(struct making *m, const struct json_span *s, struct sc_span *out)
{
	struct sc_span raw = plan_raw(m, s);
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
enum sc_err plan_add_masked(struct making *m, uint32_t start, uint32_t end, bool quoted,
    const struct policy_verdict *how, uint8_t class_id, struct sc_span value)
{
	struct plan_edit e = {
		.start = start,
		.end = end,
		.op = PLAN_TEXT,
		.class_id = class_id,
		.flags = PLAN_SCRATCH,
		.value = (uint32_t)m->p->scratch.n,
	};
	struct sc_buf *out = &m->p->scratch;
	struct sc_buf masked;
	enum sc_err err;

	sc_buf_init(&masked, PLAN_TEXT_MAX);
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
		err = plan_add(m->p, &e);
	}
	sc_buf_fini(&masked);
	return err;
}
