/*
 * form_scan.c - free text: what is found in it, and the tokens that stand in it.
 */
#include "crypto/token/token.h"
#include "gateway/codec/pieces.h"
#include "gateway/protect/planner.h"
#include "policy/mask/mask.h"

/* What was found in clear at decoded [H->start, H->end) of TEXT; PART: of a value. */
static enum sc_err plan_found(struct planner *m, const struct codec_field *f, struct sc_span text,
    const struct detect_hit *h, bool part)
{
	struct sc_span found = sc_span(text.p + h->start, h->end - h->start);
	struct plan_edit e = plan_edit_over(f, &form_seal, h->class_id);
	struct policy_verdict v;
	uint32_t from, to;

	codec_map_range(&m->p->map, h->start, h->end, &from, &to);
	e.start = f->start + from;
	e.end = f->start + to;
	e.flags = PLAN_PART;
	e.token_flags = m->part_flags;
	if (m->t->way == PLAN_READ) {
		v = plan_decide(m, m->t->reader, h->class_id, TIER_T0);
		if (v.action == ACTION_REVEAL)
			return SC_OK;
		if (part && v.action == ACTION_GENERALISE)
			v.action = ACTION_MASK;
		/* inside a text nothing can be dropped: it is starred wholly instead */
		if (part || v.action < ACTION_MASK)
			v.mask.kind = MASK_WHOLE;
		if (v.action != ACTION_TOKENISE)
			return plan_add_masked(m, e, &v, found);
	}
	v = plan_decide(m, m->t->writer, h->class_id, TIER_T0);
	if (v.action == ACTION_DROP)
		v.mask.kind = MASK_WHOLE;
	if (v.action == ACTION_MASK || v.action == ACTION_GENERALISE || v.action == ACTION_DROP)
		return plan_add_masked(m, e, &v, found);
	/* nobody asked for it to be found: an order is not lost for it */
	if (v.action != ACTION_TOKENISE && m->rule == PROTECT_RULE_NONE) {
		if (m->t->whole)
			return SC_OK;
		v.mask.kind = MASK_WHOLE;
		return plan_add_masked(m, e, &v, found);
	}
	if (v.action != ACTION_TOKENISE)
		return plan_refuse(m, PROTECT_FORBIDDEN, e.start,
		    "policy does not let this caller store what was found in a text");
	return plan_add_copy(m, e, found);
}

/*
 * A find that begins before END, of which only what stands outside [START, END),
 * a token's place, is in clear. What stands behind the token is left in H for later.
 */
static enum sc_err plan_hit(struct planner *m, const struct codec_field *f, struct sc_span text,
    struct detect_hit *h, size_t start, size_t end)
{
	struct detect_hit before = *h;

	if (before.end > start)
		before.end = (uint32_t)start;
	h->start = (uint32_t)(h->end < end ? h->end : end);
	return before.start < before.end ? plan_found(m, f, text, &before, false) : SC_OK;
}

/*
 * A token in a text, on its way to storage: one of somebody else may not stand there, which keyd
 * knows. Where the document turns out to name nobody it stays, unasked.
 */
static enum sc_err plan_token(struct planner *m, uint32_t start, uint32_t end, struct sc_span text)
{
	struct plan_edit e = { .form = &form_seal,
		.start = start,
		.end = end,
		.rule = m->rule,
		.flags = PLAN_PART | PLAN_WHOSE,
		.token_flags = plan_foreign(m) };
	struct token_parts t;
	enum sc_err err;

	if ((err = token_parse(text, &m->p->token, &t)) != SC_OK)
		return err == SC_SYNTAX ? SC_OK : err;
	if (policy_class_name(m->t->policy, t.class_id) == NULL)
		return SC_OK; /* nothing opens it */
	e.class_id = t.class_id;
	m->texts++;
	return plan_add_copy(m, e, text);
}

/* What begins before END of the finds from *HIT on; a token stands at [START, END). */
static enum sc_err plan_finds(struct planner *m, const struct codec_field *f, struct sc_span text,
    size_t *hit, size_t start, size_t end)
{
	struct detect_hits *hits = &m->p->hits;
	enum sc_err err = SC_OK;

	while (*hit < hits->n && hits->v[*hit].start < end) {
		struct detect_hit *h = &hits->v[*hit];

		err = plan_hit(m, f, text, h, start, end);
		if (err != SC_OK || m->refusal != PROTECT_DONE)
			break;
		*hit += h->start == h->end; /* else it goes on behind the token */
	}
	return err;
}

/* [FROM, TO) of TEXT as a find of CLASS_ID, from its first word to its last. */
static enum sc_err plan_words(struct planner *m, const struct codec_field *f, struct sc_span text,
    size_t from, size_t to, uint8_t class_id)
{
	struct detect_hit h = { .class_id = class_id };

	while (from < to && !plan_in_word(text.p[from]))
		from++;
	while (to > from && !plan_in_word(text.p[to - 1]))
		to--;
	h.start = (uint32_t)from;
	h.end = (uint32_t)to;
	return from == to ? SC_OK : plan_found(m, f, text, &h, true);
}

/*
 * Is TEXT a document itself, of JSON or XML? What is opened there would have to be written as that
 * document writes it, or could be more than a text.
 */
static bool is_document(struct sc_span text)
{
	size_t i = 0;

	while (i < text.n &&
	    (text.p[i] <= ' ' || sc_span_starts(sc_span_from(text, i), "\xEF\xBB\xBF")))
		i += text.p[i] <= ' ' ? 1 : 3;
	return i < text.n &&
	    (text.p[i] == '{' || text.p[i] == '[' || text.p[i] == '<' || text.p[i] == '"');
}

/*
 * Do the tokens of TEXT stay? No recipient is shown what stands where no rule says so; in an answer
 * policy says. And nobody is, in a document that is none of those that are gone through.
 */
static bool stays(const struct planner *m, struct sc_span text)
{
	if (m->t->way != PLAN_READ)
		return false;
	return (m->rule == PROTECT_RULE_NONE && !m->t->rules->answers) || is_document(text);
}

/* The tokens of TEXT, and beside them the finds, or (CLASS_ID) all words. */
static enum sc_err plan_parts(struct planner *m, const struct codec_field *f, struct sc_span text,
    uint8_t class_id)
{
	const bool closed = stays(m, text);
	size_t from = 0, hit = 0;
	struct sc_span token;
	enum sc_err err;
	bool more;

	do {
		size_t start = text.n, end;
		uint32_t a, b;

		if ((more = token_find(text, from, &token)))
			start = (size_t)(token.p - text.p);
		end = start + token.n;
		err = class_id != CLASS_NONE ? plan_words(m, f, text, from, start, class_id) :
					       plan_finds(m, f, text, &hit, start, end);
		if (err != SC_OK || m->refusal != PROTECT_DONE)
			return err;
		if (more && !closed) {
			codec_map_range(&m->p->map, (uint32_t)start, (uint32_t)end, &a, &b);
			err = m->t->way == PLAN_STORE ?
			    plan_token(m, f->start + a, f->start + b, token) :
			    plan_open(m, f, f->start + a, f->start + b, token, token.n != text.n);
			if (err != SC_OK || m->refusal != PROTECT_DONE)
				return err;
		}
		from = end;
	} while (more);
	return SC_OK;
}

/* A number is sealed whole when anything is found in it. */
static enum sc_err plan_number(struct planner *m, const struct codec_field *f)
{
	struct field_rule found = { .form = &form_seal };
	struct sc_span text;
	enum sc_err err;

	if ((err = plan_decode(m, f, &text)) != SC_OK)
		return err;
	err = detect_scan(text, &m->p->hits);
	if (err != SC_OK || m->p->hits.n == 0)
		return err;
	found.class_id = m->p->hits.v[0].class_id;
	return m->t->way == PLAN_READ ? plan_clear(m, f, &found) : form_seal.plan(m, f, &found);
}

/* The text F is JSON with tokens in it: each text and number of it by itself. *TAKEN: it is. */
static enum sc_err plan_pieces(struct planner *m, const struct codec_field *f, bool detect,
    bool *taken)
{
	struct codec_pieces it = { .fields = &m->p->inner };
	struct codec_piece p = { .kind = 0 };
	struct sc_span text, token;
	enum sc_err err = SC_OK;

	*taken = codec_pieces_into(&it, m->t->codec, m->doc, f);
	m->within = *taken;
	while (*taken && err == SC_OK && m->refusal == PROTECT_DONE &&
	    codec_pieces_inside(&it, m->t->codec, m->doc, &p)) {
		const struct codec_field piece = codec_piece_field(&p);

		if (p.kind == CODEC_NUMBER) {
			err = detect ? plan_number(m, &piece) : SC_OK;
			continue;
		}
		err = codec_text(m->t->codec, m->doc, &piece, &m->p->text, NULL, &text);
		/* a name leads somewhere, and is nothing to open */
		if (err == SC_OK && (!p.name || (detect && !token_find(text, 0, &token))))
			err = plan_free_text(m, &piece, detect);
	}
	m->within = false;
	return err;
}

enum sc_err plan_free_text(struct planner *m, const struct codec_field *f, bool detect)
{
	struct plan *p = m->p;
	struct sc_span text, token;
	bool taken = false;
	enum sc_err err;

	if ((err = codec_text(m->t->codec, m->doc, f, &p->text, &p->map, &text)) != SC_OK)
		return err;
	if (m->t->way != PLAN_STORE && !m->within && is_document(text) &&
	    token_find(text, 0, &token) &&
	    ((err = plan_pieces(m, f, detect, &taken)) != SC_OK || taken))
		return err;
	p->hits.n = 0;
	if (detect && (err = detect_scan(text, &p->hits)) != SC_OK)
		return err;
	return plan_parts(m, f, text, CLASS_NONE);
}

enum sc_err plan_named_text(struct planner *m, const struct codec_field *f, uint8_t class_id)
{
	struct plan *p = m->p;
	struct sc_span text;
	enum sc_err err;

	if ((err = codec_text(m->t->codec, m->doc, f, &p->text, &p->map, &text)) != SC_OK)
		return err;
	return plan_parts(m, f, text, class_id);
}

static enum sc_err plan(struct planner *m, const struct codec_field *f, const struct field_rule *r)
{
	(void)r;
	if (f->kind == CODEC_NUMBER)
		return plan_number(m, f);
	return f->kind == CODEC_TEXT ? plan_free_text(m, f, true) : SC_OK;
}

const struct form form_scan = {
	.name = "scan",
	.rank = 2,
	.seals = true,
	.partial = true,
	.plan = plan,
};
