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
#include "gateway/protect/points.h"
#include "gateway/protect/scopes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void plan_empty(struct plan *p)
{
	p->n = 0;
	p->subject = p->order = p->remembered = p->unless = (struct sc_span){ 0 };
	memset(p->whose, 0, sizeof(p->whose));
	p->n_people = 0;
	p->subject_bad = false;
	p->unmatched = NULL;
}

/* An order's text is no personal one: who puts the next there clears it. */
static void plan_reset(struct plan *p)
{
	plan_empty(p);
	sc_buf_clear(&p->scratch);
	sc_buf_clear(&p->text);
	sc_buf_clear(&p->subject_text);
	sc_buf_clear(&p->people_text);
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
	sc_buf_init(&p->people_text, PLAN_TEXT_MAX);
	p->people = NULL;
	p->cap_people = 0;
	codec_fields_init(&p->fields);
	codec_fields_init(&p->inner);
	p->tags = NULL;
	p->cap_tags = 0;
	detect_hits_init(&p->hits);
	memset(&p->members, 0, sizeof(p->members));
	codec_map_init(&p->map);
	plan_begin(p);
}

void plan_begin(struct plan *p)
{
	plan_empty(p); /* its texts are wiped before the next is made */
	p->n_tags = 0;
	p->n_seen = 0;
	p->n_undeclared = p->n_clear = 0;
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
	free(p->people);
	sc_buf_fini(&p->people_text);
	codec_fields_fini(&p->fields);
	codec_fields_fini(&p->inner);
	free(p->tags);
	detect_hits_fini(&p->hits);
	codec_map_fini(&p->map);
}

/*
 * Has an application put F's text together, of tokens, or of one and something beside it? Most are
 * one token, and that is not read twice.
 */
static enum sc_err is_composed(struct planner *m, const struct codec_field *f, bool *is)
{
	struct sc_span text, token;
	enum sc_err err = plan_decode(m, f, &text);

	*is = false;
	if (err == SC_OK && token_seems(text)) {
		if ((err = token_parse(text, &m->p->token, &m->token)) == SC_OK)
			m->parsed = text;
		if (err != SC_SYNTAX)
			return err;
		err = SC_OK;
	}
	*is = err == SC_OK && token_find(text, 0, &token);
	return err;
}

static enum sc_err plan_ruled(struct planner *m, const struct codec_field *f,
    const struct field_rule *r)
{
	bool composed = false;
	enum sc_err err = SC_OK;

	if (f->kind == CODEC_TEXT && r->form->by_parts)
		err = is_composed(m, f, &composed);
	if (err == SC_OK && composed) {
		m->part_flags = r->random ? TOKEN_RANDOM : 0;
		err = plan_named_text(m, f, r->class_id);
	} else if (err == SC_OK) {
		err = r->form->plan(m, f, r);
	}
	m->part_flags = 0;
	m->parsed = (struct sc_span){ 0 };
	return err;
}

/* The field F of rule R, which names whose it is; what that person has granted is not known. */
static enum sc_err plan_field_of(struct planner *m, const struct codec_field *f,
    const struct field_rule *r)
{
	struct asking *w = m->t->writer, *rd = m->t->reader;
	const uint32_t written = w->consents, read = rd->consents;
	enum sc_err err;

	m->person = m->people[m->t->rules->scope_of[m->rule] - 1];
	w->consents = rd->consents = 0;
	err = plan_ruled(m, f, r);
	w->consents = written;
	rd->consents = read;
	m->person = 0;
	return err;
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
	if (r->subject.place != NULL)
		return plan_field_of(m, f, r);
	return plan_ruled(m, f, r);
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

/* The rule that F, in which or beside which nothing goes on, stands in the way of; NULL: of none. */
static const struct field_rule *lost_rule(const struct planner *m, struct codec_finding found)
{
	static const struct field_rule any = { .at = "a path into a string" };
	const struct protect_rules *r = m->t->rules;

	if (found.astray != CODEC_NONE)
		return &r->v[found.astray];
	/* what is told where a string is to be JSON was none */
	if ((found.points >> CODEC_POINT_INSIDE & 1) != 0)
		return r->inside == NULL ? &any : r->inside;
	return NULL;
}

/* A scalar that is more than one rule's. */
static enum sc_err plan_finding(struct planner *m, const struct codec_field *f)
{
	const struct field_rule *lost;
	struct codec_finding found = codec_paths_finding(m->t->rules->paths, f->action);
	bool done = false;
	enum sc_err err = SC_OK;

	if (found.points != 0)
		err = points_take(m, f, found.points);
	if (err == SC_OK && m->t->rules->n_scopes != 0)
		err = scopes_take(m, f, found.points);
	if (err == SC_OK && plan_holds(f) && (lost = lost_rule(m, found)) != NULL)
		err = plan_astray(m, f, lost, &done);
	if (err != SC_OK || done || !plan_holds(f) || found.action == CODEC_NONE)
		return err;
	return plan_field(m, f, found.action);
}

/* Has some rule, or what says whose the document is, the place of F? */
static bool is_declared(const struct planner *m, const struct codec_field *f)
{
	struct codec_finding found;

	if ((f->action & CODEC_FINDING) == 0)
		return true;
	found = codec_paths_finding(m->t->rules->paths, f->action);
	/* an answer's that stands where a rule's path goes on is null */
	if (lost_rule(m, found) != NULL && m->t->rules->unmatched == UNMATCHED_NULL)
		return f->kind != CODEC_BEGIN;
	/* a string that was to be JSON and is none is what it is */
	found.points &= ~(UINT32_C(1) << CODEC_POINT_INSIDE);
	return f->kind != CODEC_BEGIN && (found.action != CODEC_NONE || found.points != 0);
}

static enum sc_err plan_fields(struct planner *m)
{
	const struct codec_fields *fields = &m->p->fields;
	const bool searches = undeclared_walks(m);
	struct undeclared_walk walk;
	enum sc_err err = scopes_begin(m);

	/* who does not search does not pay for clearing it */
	if (searches)
		memset(&walk, 0, sizeof(walk));
	walk.pieces.fields = &m->p->fields;
	for (size_t i = 0; i < fields->n && m->refusal == PROTECT_DONE; i++) {
		const struct codec_field *f = &fields->v[i];

		if (searches && is_declared(m, f)) {
			if ((err = undeclared_until(m, &walk, f->start)) != SC_OK)
				return err;
			walk.skip = f->end;
		}
		if (m->refusal != PROTECT_DONE)
			break;
		if ((f->action & CODEC_FINDING) != 0)
			err = plan_finding(m, f);
		else if (plan_holds(f))
			err = plan_field(m, f, f->action);
		if (err != SC_OK)
			return err;
	}
	if (searches && err == SC_OK && m->refusal == PROTECT_DONE)
		err = undeclared_until(m, &walk, m->doc.n);
	return err == SC_OK ? points_settle(m) : err;
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
			err = points_take(&m, f,
			    codec_paths_finding(t->rules->paths, f->action).points);
	}
	/* what is malformed is told when it is planned */
	if (err == SC_OK)
		err = points_settle_subject(&m);
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
