/*
 * plan.c - from the fields of a document to the edits that protect it.
 *
 * What each rule does is its form's. What cannot be decided, or does not
 * parse, is withheld: the field becomes null or the document is refused.
 */
#include "gateway/protect/planner.h"

#include "base/text/utf8.h"
#include "base/weak.h"
#include "crypto/keyc/keyc.h"
#include "crypto/token/token.h"
#include "gateway/protect/label.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void plan_empty(struct plan *p)
{
	p->n = 0;
	p->subject = p->order = (struct sc_span){ 0 };
	memset(p->whose, 0, sizeof(p->whose));
	p->unmatched = NULL;
}

/* An order's text is no personal one: who puts the next there clears it. */
static void plan_reset(struct plan *p)
{
	plan_empty(p);
	sc_buf_clear(&p->scratch);
	sc_buf_clear(&p->text);
	sc_buf_clear(&p->subject_text);
	for (size_t i = 0; i < SUBJECT_PLACES_MAX; i++)
		sc_buf_clear(&p->whose_text[i]);
}

void plan_init(struct plan *p)
{
	p->v = NULL;
	p->cap = 0;
	sc_buf_init(&p->scratch, PLAN_SCRATCH_MAX);
	sc_buf_init(&p->text, PLAN_TEXT_MAX);
	sc_buf_init(&p->token, TOKEN_BYTES_MAX);
	sc_buf_init(&p->subject_text, PLAN_TEXT_MAX);
	for (size_t i = 0; i < SUBJECT_PLACES_MAX; i++)
		sc_buf_init(&p->whose_text[i], PLAN_TEXT_MAX);
	sc_buf_init(&p->order_text, PLAN_TEXT_MAX);
	codec_fields_init(&p->fields);
	p->tags = NULL;
	p->cap_tags = 0;
	detect_hits_init(&p->hits);
	codec_map_init(&p->map);
	plan_begin(p);
}

void plan_begin(struct plan *p)
{
	plan_empty(p); /* its texts are wiped before the next is made */
	p->n_tags = 0;
	p->record = p->record_at = 0;
}

void plan_fini(struct plan *p)
{
	free(p->v);
	sc_buf_fini(&p->scratch);
	sc_buf_fini(&p->text);
	sc_buf_fini(&p->token);
	sc_buf_fini(&p->subject_text);
	for (size_t i = 0; i < SUBJECT_PLACES_MAX; i++)
		sc_buf_fini(&p->whose_text[i]);
	sc_buf_fini(&p->order_text);
	codec_fields_fini(&p->fields);
	free(p->tags);
	detect_hits_fini(&p->hits);
	codec_map_fini(&p->map);
}

static enum sc_err plan_field(struct planner *m, const struct codec_field *f, uint16_t action)
{
	const struct field_rule *r;
	enum sc_err err;

	if (action == PROTECT_ACTION_ANY)
		return f->kind == CODEC_TEXT ? plan_free_text(m, f, false) : SC_OK;
	r = &m->t->rules->v[action];
	m->rule = action;
	if (r->tag && (err = plan_add_tag(m, f, action)) != SC_OK)
		return err;
	return r->form->plan(m, f, r);
}

/* An empty text and what holds nothing have nothing to protect. */
static bool holds(const struct codec_field *f)
{
	return f->kind != CODEC_NULL && f->start != f->end;
}

/*
 * The scalar F stands where a point is: a place of the subject's, or the order's, whose
 * *NAME is kept, in COPY where it must be. One person, or order, is one string or
 * number there; what else stands there, or a second one, names none: *LOST.
 */
static enum sc_err take_point(struct planner *m, const struct codec_field *f, struct sc_span *name,
    struct sc_buf *copy, bool *lost)
{
	struct sc_span id;
	enum sc_err err;

	if (!holds(f))
		return SC_OK;
	if ((err = plan_decode(m, f, &id)) != SC_OK)
		return err;
	if (f->kind == CODEC_LITERAL || (name->n != 0 && !sc_span_eq(*name, id)))
		*lost = !WEAK("subject-beneath");
	*name = id;
	if (!f->escaped)
		return SC_OK;
	/* what was decoded gives way to the next text */
	sc_buf_clear(copy);
	err = sc_buf_put_span(copy, id);
	*name = sc_buf_span(copy);
	return err;
}

static enum sc_err take_points(struct planner *m, const struct codec_field *f, uint16_t points)
{
	struct plan *p = m->p;
	enum sc_err err = SC_OK;

	for (size_t i = 0; err == SC_OK && i < m->t->rules->subject.n; i++)
		if ((points & 1 << i) != 0)
			err =
			    take_point(m, f, &p->whose[i].id, &p->whose_text[i], &p->whose[i].bad);
	if (err == SC_OK && (points & 1 << PROTECT_POINT_ORDER) != 0)
		err = take_point(m, f, &p->order, &p->order_text, &m->no_order);
	return err;
}

/*
 * The scalar F stands where the path of RULE goes on, or beneath such a place:
 * what the rule protects may be in it. *DONE when nothing else is to be done.
 */
static enum sc_err plan_astray(struct planner *m, const struct codec_field *f,
    const struct field_rule *rule, bool *done)
{
	enum protect_unmatched how = m->t->rules->unmatched;
	char text[sizeof(m->diag->text)];

	if (how == UNMATCHED_PASS || WEAK("shape-passes"))
		return SC_OK;
	if (m->p->unmatched == NULL) {
		m->p->unmatched = rule;
		m->p->unmatched_at = f->start;
	}
	*done = how != UNMATCHED_REPORT;
	if (how == UNMATCHED_NULL)
		return plan_add_null(m, f, rule->class_id, ACTION_DROP);
	if (how == UNMATCHED_REPORT)
		return SC_OK;
	snprintf(text, sizeof(text),
	    "something else stands where %.120s goes on; the route's "
	    "\"unmatched\" says what becomes of such documents",
	    rule->at);
	return plan_refuse(m, PROTECT_UNMATCHED, f->start, text);
}

/* A scalar that is more than one rule's. */
static enum sc_err plan_finding(struct planner *m, const struct codec_field *f)
{
	struct codec_finding found = codec_paths_finding(m->t->rules->paths, f->action);
	bool done = false;
	enum sc_err err = SC_OK;

	if (found.points != 0)
		err = take_points(m, f, found.points);
	if (err == SC_OK && found.astray != CODEC_NONE && holds(f))
		err = plan_astray(m, f, &m->t->rules->v[found.astray], &done);
	if (err != SC_OK || done || !holds(f) || found.action == CODEC_NONE)
		return err;
	return plan_field(m, f, found.action);
}

/* An order's reference is written on labels and told to people. */
static bool names_order(struct sc_span ref)
{
	uint32_t cp;
	size_t n;

	if (ref.n > LABEL_ORDER_MAX)
		return false;
	for (; ref.n != 0; ref = sc_span_from(ref, n))
		if ((n = utf8_decode(ref, &cp)) == 0 || utf8_invisible(cp))
			return false;
	return true;
}

/* It names nobody: tokens that stand in texts are as good as any. */
static void forget_texts(struct plan *p)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->n; i++)
		if ((p->v[i].flags & PLAN_WHOSE) == 0)
			p->v[kept++] = p->v[i];
	p->n = kept;
}

/* A guest is known by the order alone, under a name that no account has. */
static enum sc_err name_guest(struct plan *p, struct sc_span order)
{
	enum sc_err err = sc_buf_put_str(&p->subject_text, SUBJECT_GUEST);

	if (err == SC_OK)
		err = sc_buf_put_span(&p->subject_text, order);
	p->subject = sc_buf_span(&p->subject_text);
	return err;
}

/* The first place where something stands says whose the document is; what is no id there: nobody's. */
static enum sc_err settle_subject(struct planner *m)
{
	const struct subject_places *places = &m->t->rules->subject;
	const struct subject_found *f;
	struct plan *p = m->p;
	bool guests = false;

	for (size_t i = 0; i < places->n; i++)
		guests |= places->v[i].guest;
	for (size_t i = 0; i < places->n; i++) {
		f = places->v[i].where == SUBJECT_BODY ? &p->whose[i] :
		    m->t->given == NULL                ? NULL :
							 &m->t->given[i];
		if (f == NULL || (f->id.n == 0 && !f->bad))
			continue;
		if (f->bad)
			return SC_OK;
		if (places->v[i].guest)
			return name_guest(p, f->id);
		/* whoever chooses an account's name does not choose a guest's order by it */
		if (!guests || !sc_span_starts(f->id, SUBJECT_GUEST))
			p->subject = f->id;
		return SC_OK;
	}
	return SC_OK;
}

/* An answer that must say whose it is, and does not: no token of it is opened. */
static void close_all(struct plan *p)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->n; i++) {
		struct plan_edit e = p->v[i];

		if (e.form != NULL && e.form->opens) {
			if ((e.flags & PLAN_PART) != 0)
				continue;
			e.form = NULL;
			e.kind = CODEC_NULL;
			e.value_n = 0;
			e.action = ACTION_DENY;
		}
		p->v[kept++] = e;
	}
	p->n = kept;
}

/* The whole document was seen: whose it is, and of which order, is known now. */
static enum sc_err settle_points(struct planner *m)
{
	struct plan *p = m->p;

	enum sc_err err;

	if ((err = settle_subject(m)) != SC_OK)
		return err;
	if (p->subject.n == 0 && m->t->rules->subject.required && m->refusal == PROTECT_DONE) {
		if (!m->t->rules->answers)
			return plan_refuse(m, PROTECT_NO_SUBJECT, 0,
			    "the route's \"subject\" is required, and where it leads stands "
			    "nobody's id: one string or number");
		close_all(p);
	}
	if (p->subject.n == 0 && m->texts != 0)
		forget_texts(p);
	if (p->order.n != 0 && (m->no_order || !names_order(p->order)))
		p->order = (struct sc_span){ 0 };
	if (m->bound && p->order.n == 0 && m->refusal == PROTECT_DONE)
		return plan_refuse(m, PROTECT_NO_ORDER, m->bound_at,
		    "a virtual number is bound to an order, and where the route's \"order\" "
		    "leads stands none: a string or number of at most 128 printable bytes");
	return SC_OK;
}

static enum sc_err plan_fields(struct planner *m)
{
	const struct codec_fields *fields = &m->p->fields;
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < fields->n && m->refusal == PROTECT_DONE; i++) {
		const struct codec_field *f = &fields->v[i];

		if ((f->action & CODEC_FINDING) != 0)
			err = plan_finding(m, f);
		else if (holds(f))
			err = plan_field(m, f, f->action);
		if (err != SC_OK)
			return err;
	}
	return settle_points(m);
}

enum sc_err plan_make(struct plan *p, const struct plan_terms *t, struct sc_span doc,
    enum protect_outcome *refusal, struct sc_diag *diag)
{
	struct planner m = { .p = p, .t = t, .doc = doc, .diag = diag };
	enum sc_err err;

	plan_reset(p);
	err = t->codec->scan(t->rules->paths, doc, &p->fields, diag);
	if (err == SC_SYNTAX || err == SC_LIMIT) {
		*refusal = PROTECT_MALFORMED;
		return SC_OK;
	}
	if (err == SC_OK)
		err = plan_fields(&m);
	if (err != SC_OK || m.refusal != PROTECT_DONE)
		plan_reset(p);
	*refusal = m.refusal;
	return err;
}

enum sc_err plan_whose(struct plan *p, const struct plan_terms *t, struct sc_span doc)
{
	struct sc_diag diag;
	struct planner m = { .p = p, .t = t, .doc = doc, .diag = &diag };
	enum sc_err err;

	plan_reset(p);
	err = t->codec->scan(t->rules->paths, doc, &p->fields, &diag);
	for (size_t i = 0; i < p->fields.n && err == SC_OK; i++) {
		const struct codec_field *f = &p->fields.v[i];

		if ((f->action & CODEC_FINDING) != 0)
			err = take_points(&m, f,
			    codec_paths_finding(t->rules->paths, f->action).points);
	}
	/* what is malformed is told when it is planned */
	if (err == SC_OK)
		err = settle_subject(&m);
	if (err != SC_OK)
		p->subject = (struct sc_span){ 0 };
	return err == SC_NOMEM ? err : SC_OK;
}

/* A value that no edit was made for stays as it is: a token that remains one. */
static enum sc_err plan_stay(struct planner *m, const struct codec_field *f)
{
	struct plan_edit e = plan_edit_over(f, NULL, m->class_id);

	e.action = ACTION_TOKENISE;
	e.kind = f->kind;
	return plan_add_value(m, f, e);
}

/* Every value has one edit; what was decided without a key is its answer already. */
static enum sc_err settle(struct planner *m, struct protect_value *v, size_t before)
{
	const struct plan_edit *e;
	enum sc_err err = SC_OK;

	if (m->refusal != PROTECT_DONE) {
		m->p->n = before;
		err = plan_add_null(m, &v->field, v->rule.class_id, ACTION_DENY);
	} else if (m->p->n == before) {
		err = plan_stay(m, &v->field);
	}
	if (err != SC_OK)
		return err;
	e = &m->p->v[before];
	v->status = WIRE_OK;
	v->action = e->action;
	v->class_id = e->class_id;
	v->why = NULL;
	if (e->form != NULL || e->action != ACTION_DENY)
		return SC_OK;
	v->status = e->class_id == CLASS_NONE ? WIRE_BAD_TOKEN : WIRE_DENIED;
	v->why = m->why;
	return SC_OK;
}

enum sc_err plan_values(struct plan *p, const struct plan_terms *t, struct sc_span doc,
    struct protect_value *v, size_t n)
{
	struct sc_diag diag;
	struct planner m = { .p = p, .t = t, .doc = doc, .diag = &diag };
	enum sc_err err = SC_OK;

	plan_reset(p);
	for (size_t i = 0; i < n && err == SC_OK; i++) {
		size_t before = p->n;

		if (v[i].skip)
			continue;
		m.of = (uint32_t)i;
		m.refusal = PROTECT_DONE;
		m.why = NULL;
		t->writer->consents = t->reader->consents = v[i].consents;
		if ((err = v[i].rule.form->plan(&m, &v[i].field, &v[i].rule)) == SC_OK)
			err = settle(&m, &v[i], before);
	}
	if (err != SC_OK)
		plan_reset(p);
	return err;
}
