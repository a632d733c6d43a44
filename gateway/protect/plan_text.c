/*
 * plan_text.c - free text: what is found in it, and the tokens that stand in it.
 */
#include "gateway/protect/making.h"
#include "policy/mask/mask.h"

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
		v = plan_reader(m, h->class_id, TIER_T0);
		if (v.action == ACTION_REVEAL)
			return SC_OK;
		/* inside a text nothing can be dropped: it is starred wholly instead */
		if (v.action < ACTION_MASK)
			v.mask.kind = MASK_WHOLE;
		if (v.action != ACTION_TOKENISE)
			return plan_add_masked(m, e.start, e.end, true, &v, h->class_id, found);
	}
	v = plan_writer(m, h->class_id);
	if (v.action == ACTION_DROP)
		v.mask.kind = MASK_WHOLE;
	if (v.action == ACTION_MASK || v.action == ACTION_GENERALISE || v.action == ACTION_DROP)
		return plan_add_masked(m, e.start, e.end, true, &v, h->class_id, found);
	if (v.action != ACTION_TOKENISE)
		return plan_refuse(m, PLAN_FORBIDDEN, e.start,
		    "policy does not let this caller store what was found in a text");
	e.flags |= PLAN_SCRATCH;
	e.value = (uint32_t)m->p->scratch.n;
	e.value_n = (uint32_t)found.n;
	if ((err = sc_buf_put_span(&m->p->scratch, found)) != SC_OK)
		return err;
	return plan_add(m->p, &e);
}

/*
 * A find that begins before END, of which only what stands outside [START, END),
 * a token's place, is in clear. What stands behind the token is left in H for later.
 */
static enum sc_err plan_hit(struct making *m, const struct json_span *s, struct sc_span text,
    struct detect_hit *h, size_t start, size_t end)
{
	struct detect_hit before = *h;

	if (before.end > start)
		before.end = (uint32_t)start;
	h->start = (uint32_t)(h->end < end ? h->end : end);
	return before.start < before.end ? plan_found(m, s, text, &before) : SC_OK;
}

/*
 * Tokens and finds of one text, in the order they stand. Towards storage,
 * tokens stay and finds are sealed; towards a reader, policy says of both.
 */
enum sc_err plan_text(struct making *m, const struct json_span *s, bool detect)
{
	struct sc_span text, token;
	size_t from = 0, hit = 0;
	bool more;
	enum sc_err err;

	err = json_text_decode(plan_raw(m, s), &m->p->text, &m->p->map, &text);
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
			hit += h->start == h->end; /* else it goes on behind the token */
		}
		if (more && m->way != PLAN_STORE) {
			json_text_range(&m->p->map, (uint32_t)start, (uint32_t)end, &a, &b);
			err = plan_open(m, s, s->start + a, s->start + b, token, token.n == text.n);
			if (err != SC_OK || m->refusal != PLAN_ACCEPTED)
				return err;
		}
		from = end;
	} while (more);
	return SC_OK;
}

/* A number in a scanned field is sealed whole when anything is found in it. */
enum sc_err plan_scan_number(struct making *m, const struct json_span *s)
{
	struct config_rule found = { .action = CONFIG_SEAL };
	enum sc_err err;

	if ((err = detect_scan(plan_raw(m, s), &m->p->hits)) != SC_OK)
		return err;
	if (m->p->hits.n == 0)
		return SC_OK;
	found.class_id = m->p->hits.v[0].class_id;
	return m->way == PLAN_READ ? plan_clear(m, s, &found) : plan_seal(m, s, &found);
}
