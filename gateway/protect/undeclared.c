/*
 * undeclared.c - going through the pieces that no rule has, and what becomes of them.
 */
#include "gateway/protect/undeclared.h"

#include "base/weak.h"
#include "crypto/token/token.h"
#include "gateway/protect/lent.h"
#include "gateway/protect/planner.h"
#include "gateway/protect/undeclared_names.h"
#include "gateway/protect/undeclared_path.h"
#include "gateway/protect/undeclared_tokens.h"
#include "policy/mask/mask.h"

#include <stdio.h>
#include <string.h>

#define NOTHING_MAX 9 /* letters of the longest word for nothing */
#define DIGITS_MIN 5  /* a shorter number is a count, whatever it is called */
#define AHEAD_MAX 8   /* pieces behind a value in which its label may stand */
#define LABEL_MAX 576 /* bytes as they stand: a longer text is no name */

/* ---- what it is called ------------------------------------------------------------------------ */

/* L's value is called as the text of its label says: {"name": "phone", "value": ...}. */
static enum sc_err read_label(struct planner *m, const struct undeclared_level *l,
    struct member *out)
{
	struct sc_buf text;
	struct sc_span called;
	enum sc_err err;

	/* plan->text may hold the value */
	sc_buf_init(&text, PLAN_TEXT_MAX);
	if ((err = codec_text(m->t->codec, m->doc, &l->label, &text, NULL, &called)) == SC_OK)
		member_read(called, out);
	sc_buf_fini(&text);
	return err;
}

/*
 * The label of a value that stands before it, {"value": .., "name": "phone"}: among the next few
 * pieces of its object. False: there is none.
 */
static bool label_ahead(struct planner *m, const struct undeclared_walk *w, struct codec_field *out)
{
	struct codec_pieces ahead = w->pieces;
	const uint32_t depth = w->piece.depth;
	struct codec_piece p = w->piece;
	bool named = false;

	for (int i = 0; i < AHEAD_MAX && codec_pieces_here(&ahead, m->t->codec, m->doc, &p); i++) {
		struct member says;

		if (p.low < depth)
			return false;
		if (p.depth != depth)
			continue;
		if (!p.name && named && p.kind == CODEC_TEXT) {
			*out = codec_piece_field(&p);
			return true;
		}
		named = false;
		if (p.name && !p.escaped) {
			member_recall(&m->p->members, sc_span(m->doc.p + p.start, p.end - p.start),
			    &says);
			named = says.names;
		}
	}
	return false;
}

/* What the names that lead to the value at W's piece say of it. */
static enum sc_err named_class(struct planner *m, const struct undeclared_walk *w,
    uint8_t *class_id)
{
	struct member v[UNDECLARED_LEVELS];
	const struct undeclared_level *own = NULL;
	struct undeclared_level called;
	enum sc_err err = SC_OK;
	size_t n = 0;

	for (uint32_t i = 0; i <= undeclared_level_of(w->piece.depth); i++)
		if (w->level[i].name.start != w->level[i].name.end) {
			own = &w->level[i];
			v[n++] = own->says;
		}
	if (own != NULL && own->says.same && own->label.end == 0 && n > 0) {
		called = *own;
		if (label_ahead(m, w, &called.label))
			own = &called;
	}
	if (own != NULL && own->says.same && own->label.end != 0 &&
	    own->label.end - own->label.start <= LABEL_MAX)
		err = read_label(m, own, &v[n - 1]);
	*class_id = member_class(v, n);
	return err;
}

/* ---- what becomes of it -------------------------------------------------------------------------- */

/* Told, with where it stands. */
static void note(struct planner *m, const struct undeclared_walk *w, uint8_t class_id,
    enum undeclared_by by, uint8_t did)
{
	struct plan *p = m->p;
	struct undeclared_seen s = { .class_id = class_id, .by = by, .did = did, .n = 1 };

	p->n_undeclared++;
	undeclared_path(m, w, s.path);
	plan_see(p, &s);
}

static enum sc_err refuse(struct planner *m, const struct undeclared_walk *w, size_t offset)
{
	char path[UNDECLARED_PATH_MAX], text[sizeof(m->diag->text)];

	undeclared_path(m, w, path);
	snprintf(text, sizeof(text),
	    "%s: no rule speaks of this field, and something personal stands there; the route says "
	    "that such documents are refused",
	    path);
	return plan_refuse(m, PROTECT_UNDECLARED, offset, text);
}

/*
 * What is done with a value of CLASS_ID of which the route says WHAT. What the caller may not store
 * is masked. Of what must come back nothing is masked: it is sealed, or else stays as it was.
 */
static uint8_t fate(struct planner *m, uint8_t what, uint8_t class_id)
{
	const bool whole = m->t->whole;

	if (what == UNDECLARED_MASK && whole)
		what = UNDECLARED_SEAL;
	if (what == UNDECLARED_SEAL &&
	    plan_decide(m, m->t->writer, class_id, TIER_T0).action != ACTION_TOKENISE)
		what = whole ? UNDECLARED_REPORT : UNDECLARED_MASK;
	return what;
}

/* What of CLASS_ID is the reader shown in an answer? */
static enum policy_action shown(struct planner *m, uint8_t class_id)
{
	return plan_decide(m, m->t->reader, class_id, TIER_T0).action;
}

/*
 * The same in an answer: what the reader may see of it. What it would keep as a token and may not
 * store is masked. A virtual number of ours is nobody's.
 */
static enum sc_err take_for_reader(struct planner *m, const struct undeclared_walk *w,
    const struct codec_field *f, uint8_t class_id, enum undeclared_by by, uint8_t what)
{
	static const struct policy_verdict mask = { .action = ACTION_MASK,
		.mask.kind = MASK_WHOLE };
	const struct field_rule rule = { .form = &form_policy, .class_id = class_id };
	const enum policy_action action = shown(m, class_id);
	struct sc_span text;
	enum sc_err err = plan_decode(m, f, &text);

	if (err != SC_OK || action == ACTION_REVEAL || lent_passes(m->t->lent, text))
		return err;
	if (action != ACTION_TOKENISE)
		what = UNDECLARED_MASK;
	note(m, w, class_id, by, what);
	return action == ACTION_TOKENISE && what == UNDECLARED_MASK ?
	    plan_mask_field(m, f, &mask, class_id) :
	    plan_clear(m, f, &rule);
}

/* All of F is of CLASS_ID, which was noticed BY. */
static enum sc_err take_whole(struct planner *m, const struct undeclared_walk *w,
    const struct codec_field *f, uint8_t class_id, enum undeclared_by by)
{
	const struct undeclared *u = &m->t->rules->undeclared;
	const uint8_t said = by == UNDECLARED_NAME ? u->named : u->found;
	const uint8_t what = fate(m, said, class_id);
	const struct field_rule rule = { .form = &form_seal, .class_id = class_id };
	const struct policy_verdict mask = { .action = ACTION_MASK,
		/* a class that is not the caller's shows nothing of itself */
		.mask.kind = said == what ? MASK_HOUSE : MASK_WHOLE };

	if (what == UNDECLARED_PASS)
		return SC_OK;
	if (m->t->rules->answers && (what == UNDECLARED_SEAL || what == UNDECLARED_MASK))
		return take_for_reader(m, w, f, class_id, by, what);
	note(m, w, class_id, by, what);
	switch (what) {
	case UNDECLARED_SEAL: return form_seal.plan(m, f, &rule);
	case UNDECLARED_MASK: return plan_mask_field(m, f, &mask, class_id);
	case UNDECLARED_REFUSE: return refuse(m, w, f->start);
	default: return SC_OK;
	}
}

/* Something was found in a part of F's text, and nothing is said by its name. */
static enum sc_err take_parts(struct planner *m, const struct undeclared_walk *w,
    const struct codec_field *f)
{
	const uint8_t what = m->t->rules->undeclared.found;

	if (m->t->rules->answers && what == UNDECLARED_SEAL &&
	    shown(m, m->p->hits.v[0].class_id) == ACTION_REVEAL)
		return plan_free_text(m, f, true);
	note(m, w, m->p->hits.v[0].class_id, UNDECLARED_TEXT, what);
	if (what == UNDECLARED_REFUSE)
		return refuse(m, w, f->start);
	return what == UNDECLARED_SEAL ? plan_free_text(m, f, true) : SC_OK;
}

/* What stands beside the tokens of a text. */
struct beside {
	bool words;
	uint8_t class_id; /* of the first find; CLASS_NONE: there is none */
};

static enum sc_err look_beside(struct planner *m, struct sc_span text, struct beside *out)
{
	struct detect_hits *hits = &m->p->hits;
	struct sc_span token, rest;
	size_t from = 0;
	enum sc_err err;
	bool more;

	*out = (struct beside){ .class_id = CLASS_NONE };
	do {
		token = sc_span(NULL, 0);
		more = token_find(text, from, &token);
		rest = sc_span_from(text, from);
		if (more)
			rest.n = (size_t)(token.p - rest.p);
		for (size_t i = 0; i < rest.n && !out->words; i++)
			out->words = plan_in_word(rest.p[i]);
		if (out->class_id == CLASS_NONE && !detect_nothing(rest)) {
			if ((err = detect_scan(rest, hits)) != SC_OK)
				return err;
			if (hits->n != 0)
				out->class_id = hits->v[0].class_id;
		}
		from += rest.n + token.n;
	} while (more);
	return SC_OK;
}

/*
 * F has tokens in it: they stay, and are looked at for whose they are. What stands beside them is
 * judged as a text of its own, but that nothing of it is masked, which would be for good.
 */
static enum sc_err take_beside(struct planner *m, const struct undeclared_walk *w,
    const struct codec_field *f, struct sc_span text)
{
	const struct undeclared *u = &m->t->rules->undeclared;
	/* nothing beside a token is masked */
	const uint8_t by_name = u->named == UNDECLARED_MASK ? UNDECLARED_SEAL : u->named;
	uint8_t what = u->found, named = CLASS_NONE;
	struct beside b;
	enum sc_err err;

	if ((err = look_beside(m, text, &b)) != SC_OK)
		return err;
	if (u->found == UNDECLARED_PASS)
		b.class_id = CLASS_NONE;
	if (u->named != UNDECLARED_PASS && b.words && (err = named_class(m, w, &named)) != SC_OK)
		return err;
	if (b.class_id == CLASS_NONE && named == CLASS_NONE)
		return plan_free_text(m, f, false);
	if (b.class_id == CLASS_NONE || (named != CLASS_NONE && by_name > what))
		what = by_name;
	what = fate(m, what, named != CLASS_NONE ? named : b.class_id);
	note(m, w, named != CLASS_NONE ? named : b.class_id,
	    b.class_id != CLASS_NONE ? UNDECLARED_TEXT : UNDECLARED_NAME, what);
	if (what == UNDECLARED_REFUSE)
		return refuse(m, w, f->start);
	if (what == UNDECLARED_REPORT)
		return plan_free_text(m, f, false);
	return named == CLASS_NONE ? plan_free_text(m, f, true) : plan_named_text(m, f, named);
}

/* What holds nothing, whatever it is called. */
static bool is_nothing(struct sc_span text)
{
	static const char *const words[] = { "true", "false", "null", "none", "nil", "n/a", "na",
		"yes", "no", "unknown", "undefined", "default" };

	if (text.n > NOTHING_MAX)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (sc_span_caseeq(text, words[i]))
			return true;
	return text.n == 1 && text.p[0] < 0x80;
}

static enum sc_err take_text(struct planner *m, const struct undeclared_walk *w,
    const struct codec_field *f)
{
	const struct undeclared *u = &m->t->rules->undeclared;
	struct detect_hits *hits = &m->p->hits;
	struct sc_span text, token;
	uint8_t class_id = CLASS_NONE;
	bool whole, named;
	enum sc_err err = codec_text(m->t->codec, m->doc, f, &m->p->text, NULL, &text);

	if (err != SC_OK || text.n == 0)
		return err;
	if (token_find(text, 0, &token))
		return undeclared_searches(m) ? take_beside(m, w, f, text) :
						plan_free_text(m, f, false);
	hits->n = 0;
	if (u->found != UNDECLARED_PASS && !detect_nothing(text) &&
	    (err = detect_scan(text, hits)) != SC_OK)
		return err;
	whole = hits->n == 1 && hits->v[0].start == 0 && hits->v[0].end == text.n;
	if (whole && u->found >= u->named)
		return take_whole(m, w, f, hits->v[0].class_id, UNDECLARED_FORM);
	if (u->named != UNDECLARED_PASS && (err = named_class(m, w, &class_id)) != SC_OK)
		return err;
	if (class_id != CLASS_NONE && is_nothing(text))
		class_id = CLASS_NONE;
	named = class_id != CLASS_NONE;
	if (whole)
		class_id = hits->v[0].class_id;
	if (named && (hits->n == 0 || u->named > u->found))
		return take_whole(m, w, f, class_id, UNDECLARED_NAME);
	/* what surrounds a find is called personal as well: all of it goes the find's way */
	if (whole || (named && hits->n != 0))
		return take_whole(m, w, f, class_id, UNDECLARED_FORM);
	return hits->n == 0 ? SC_OK : take_parts(m, w, f);
}

/* Most numbers are counts and prices: only one that is called personal is looked at. */
static enum sc_err take_number(struct planner *m, const struct undeclared_walk *w,
    const struct codec_field *f)
{
	const struct undeclared *u = &m->t->rules->undeclared;
	struct sc_span number;
	uint8_t class_id;
	enum sc_err err;

	if (f->end - f->start < DIGITS_MIN)
		return SC_OK;
	if ((err = named_class(m, w, &class_id)) != SC_OK || class_id == CLASS_NONE ||
	    (err = codec_text(m->t->codec, m->doc, f, &m->p->text, NULL, &number)) != SC_OK)
		return err;
	if (u->found != UNDECLARED_PASS && u->found >= u->named && detect_any(number))
		return take_whole(m, w, f, class_id, UNDECLARED_FORM);
	return u->named == UNDECLARED_PASS ? SC_OK : take_whole(m, w, f, class_id, UNDECLARED_NAME);
}

static enum sc_err take_piece(struct planner *m, struct undeclared_walk *w)
{
	const struct codec_piece *p = &w->piece;
	const struct codec_field f = codec_piece_field(p);

	/* in an answer that is not searched it is tokens alone, whatever leads to them */
	if ((p->name || p->kind != CODEC_TEXT) && !undeclared_searches(m))
		return SC_OK;
	if (p->name)
		return undeclared_take_name(m, w);
	if (p->kind == CODEC_TEXT && w->level[undeclared_level_of(p->depth)].says.names)
		w->level[undeclared_level_of(p->depth)].label = f;
	if (p->start < w->skip)
		return SC_OK;
	m->rule = PROTECT_RULE_NONE;
	return p->kind == CODEC_TEXT ? take_text(m, w, &f) : take_number(m, w, &f);
}

enum sc_err undeclared_until(struct planner *m, struct undeclared_walk *w, size_t end)
{
	enum sc_err err = SC_OK;

	if (w->skip >= end || undeclared_has_no_token(m, w, end))
		return SC_OK;
	while (err == SC_OK && !w->over && m->refusal == PROTECT_DONE) {
		if (!w->have) {
			w->have = codec_pieces_next(&w->pieces, m->t->codec, m->doc, &w->piece);
			w->over = !w->have;
			if (w->over)
				break;
			undeclared_enter(w);
		}
		if (w->piece.start >= end)
			break;
		w->have = false;
		if (!WEAK("undeclared-passes"))
			err = take_piece(m, w);
	}
	return err;
}
