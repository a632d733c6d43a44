/*
 * planner.c - single edits of a plan, and the policy's word on them.
 */
#include "gateway/protect/planner.h"

#include "base/grow.h"
#include "crypto/keyc/keyc.h"
#include "policy/mask/mask.h"

#include <stdlib.h>
#include <string.h>

#define EDITS_MAX (1u << 20)

static enum sc_err plan_add(struct planner *m, struct plan_edit e)
{
	struct plan *p = m->p;

	if (p->n == p->cap) {
		size_t cap = sc_grown(p->cap);
		struct plan_edit *v;

		if (p->n >= EDITS_MAX)
			return SC_LIMIT;
		if ((v = realloc(p->v, cap * sizeof(*v))) == NULL)
			return SC_NOMEM;
		p->v = v;
		p->cap = cap;
	}
	e.of = m->of;
	e.person = m->person;
	p->v[p->n++] = e;
	return SC_OK;
}

enum sc_err plan_refuse(struct planner *m, enum protect_outcome why, size_t offset,
    const char *text)
{
	m->refusal = why;
	m->diag->offset = offset;
	sc_diag_set(m->diag, "%s", text);
	return SC_OK;
}

void plan_see(struct plan *p, const struct undeclared_seen *s)
{
	for (size_t i = 0; i < p->n_seen; i++)
		if (p->seen[i].did == s->did && p->seen[i].class_id == s->class_id &&
		    p->seen[i].by == s->by && strcmp(p->seen[i].path, s->path) == 0) {
			p->seen[i].n += s->n;
			return;
		}
	if (p->n_seen < UNDECLARED_SEEN)
		p->seen[p->n_seen++] = *s;
}

void plan_bind(struct planner *m, size_t offset)
{
	if (!m->bound)
		m->bound_at = offset;
	m->bound = true;
}

struct plan_edit plan_edit_over(const struct codec_field *f, const struct form *form,
    uint8_t class_id)
{
	return (struct plan_edit){
		.form = form,
		.start = f->start,
		.end = f->end,
		.value = f->start,
		.value_n = f->end - f->start,
		.class_id = class_id,
		.flags = f->kind == CODEC_TEXT ? PLAN_TEXT : 0,
		.nest = f->nest,
		.before = f->before,
		.after = f->after,
	};
}

/* ---- decisions ------------------------------------------------------------ */

struct policy_verdict plan_decide(struct planner *m, const struct asking *who, uint8_t class_id,
    uint8_t tier)
{
	const struct policy_item it = { .class_id = class_id, .tier = tier };
	struct policy_verdict v;

	policy_ask(m->t->policy, who, &it, &v);
	m->why = v.why;
	m->class_id = class_id;
	return v;
}

uint8_t plan_foreign(const struct planner *m)
{
	static const uint8_t
	    flags[] = { [FOREIGN_REFUSE] = KEYC_REFUSE, [FOREIGN_ADOPT] = KEYC_ADOPT };

	if (m->t->rules == NULL)
		return 0;
	return m->t->way == PLAN_STORE ? flags[m->t->rules->foreign] :
					 flags[m->t->rules->foreign] & KEYC_ADOPT;
}

/* ---- values, and edits that need no key -------------------------------------- */

enum sc_err plan_decode(struct planner *m, const struct codec_field *f, struct sc_span *out)
{
	return codec_text(m->t->codec, m->doc, f, &m->p->text, NULL, out);
}

enum sc_err plan_parse(struct planner *m, struct sc_span text, struct token_parts *out)
{
	if (m->parsed.n != 0 && m->parsed.p == text.p && m->parsed.n == text.n) {
		*out = m->token;
		return SC_OK;
	}
	return token_parse(text, &m->p->token, out);
}

enum sc_err plan_add_copy(struct planner *m, struct plan_edit e, struct sc_span value)
{
	enum sc_err err;

	e.flags |= PLAN_SCRATCH;
	e.value = (uint32_t)m->p->scratch.n;
	e.value_n = (uint32_t)value.n;
	if ((err = sc_buf_put_span(&m->p->scratch, value)) != SC_OK)
		return err;
	return plan_add(m, e);
}

enum sc_err plan_add_value(struct planner *m, const struct codec_field *f, struct plan_edit e)
{
	struct sc_buf *scratch = &m->p->scratch;
	enum sc_err err;

	if (!f->escaped)
		return plan_add(m, e);
	e.flags |= PLAN_SCRATCH;
	e.value = (uint32_t)scratch->n;
	err = codec_decode(m->t->codec, m->doc, f, scratch, NULL);
	if (err != SC_OK)
		return err;
	e.value_n = (uint32_t)(scratch->n - e.value);
	return plan_add(m, e);
}

enum sc_err plan_add_null(struct planner *m, const struct codec_field *f, uint8_t class_id,
    enum policy_action action)
{
	struct plan_edit e = plan_edit_over(f, NULL, class_id);

	e.kind = CODEC_NULL;
	e.value_n = 0;
	e.action = action;
	return plan_add(m, e);
}

enum sc_err plan_add_masked(struct planner *m, struct plan_edit e, const struct policy_verdict *how,
    struct sc_span value)
{
	struct sc_buf *out = &m->p->scratch;
	enum sc_err err;

	e.form = NULL;
	e.flags |= PLAN_SCRATCH;
	e.kind = CODEC_TEXT;
	e.action = how->action == ACTION_GENERALISE ? ACTION_GENERALISE : ACTION_MASK;
	e.value = (uint32_t)out->n;
	if (how->action == ACTION_GENERALISE)
		err = mask_generalise(e.class_id, value, out);
	else
		err = mask_value_as(how->mask, e.class_id, value, out);
	e.value_n = (uint32_t)(out->n - e.value);
	return err == SC_OK ? plan_add(m, e) : err;
}

enum sc_err plan_mask_field(struct planner *m, const struct codec_field *f,
    const struct policy_verdict *how, uint8_t class_id)
{
	struct sc_span value;
	enum sc_err err;

	if ((err = plan_decode(m, f, &value)) != SC_OK)
		return err;
	return plan_add_masked(m, plan_edit_over(f, NULL, class_id), how, value);
}
