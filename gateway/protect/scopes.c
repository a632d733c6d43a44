/*
 * scopes.c - people who are named at a rule, by element.
 */
#include "gateway/protect/scopes.h"

#include "base/grow.h"

#include <stdlib.h>
#include <string.h>

#define PEOPLE_MAX (1u << 20)

/* The numbers of a scope's points: where its person stands, and where its elements begin. */
#define PLACE(i) (PROTECT_POINT_ORDER + 1 + 2 * (i))
#define ELEMENT(i) (PLACE(i) + 1)
_Static_assert(ELEMENT(PROTECT_SCOPES_MAX - 1) < CODEC_POINTS_MAX, "a bit for each");

/* ---- which there are ------------------------------------------------------------------- */

/* The number of the scope that S says, from 1; 0: there are too many. */
static uint8_t scope_of(struct protect_rules *r, const struct field_subject *s)
{
	for (size_t i = 0; i < r->n_scopes; i++)
		if (strcmp(r->scopes[i].place, s->place) == 0 && r->scopes[i].guest == s->guest)
			return (uint8_t)(i + 1);
	if (r->n_scopes == PROTECT_SCOPES_MAX)
		return 0;
	r->scopes[r->n_scopes++] = *s;
	return (uint8_t)r->n_scopes;
}

enum sc_err scopes_select(struct protect_rules *r, const struct field_rule *rules, size_t n_rules,
    struct codec_selector *sel, size_t *n, struct sc_diag *d)
{
	if ((r->scope_of = calloc(n_rules + 1, sizeof(*r->scope_of))) == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < n_rules; i++) {
		if (rules[i].subject.place == NULL)
			continue;
		if ((r->scope_of[i] = scope_of(r, &rules[i].subject)) == 0) {
			sc_diag_set(d, "the rules of one side have at most %d subjects",
			    PROTECT_SCOPES_MAX);
			return SC_LIMIT;
		}
	}
	for (unsigned i = 0; i < r->n_scopes; i++) {
		const struct field_subject *s = &r->scopes[i];

		sel[(*n)++] = (struct codec_selector){ .text = s->place,
			.action = (uint16_t)PLACE(i),
			.how = CODEC_POINT };
		if (s->each)
			sel[(*n)++] = (struct codec_selector){ .text = s->place,
				.action = (uint16_t)ELEMENT(i),
				.how = CODEC_POINT | CODEC_EACH };
	}
	return SC_OK;
}

/* ---- a document --------------------------------------------------------------------------- */

/* Somebody new, of scope I, from here on. */
static enum sc_err begin_person(struct planner *m, size_t i)
{
	struct plan *p = m->p;
	struct plan_person *v;
	size_t cap = sc_grown(p->cap_people);

	if (p->n_people == PEOPLE_MAX)
		return SC_LIMIT;
	if (p->n_people == p->cap_people) {
		if ((v = realloc(p->people, cap * sizeof(*v))) == NULL)
			return SC_NOMEM;
		p->people = v;
		p->cap_people = cap;
	}
	p->people[p->n_people++] = (struct plan_person){ .guest = m->t->rules->scopes[i].guest };
	m->people[i] = (uint32_t)p->n_people;
	return SC_OK;
}

enum sc_err scopes_begin(struct planner *m)
{
	enum sc_err err = SC_OK;

	for (size_t i = 0; err == SC_OK && i < m->t->rules->n_scopes; i++)
		err = begin_person(m, i);
	return err;
}

static struct sc_span name_of(const struct planner *m, const struct plan_person *w)
{
	return sc_span((w->copied ? m->p->people_text.p : m->doc.p) + w->at, w->n);
}

/* One person is one string or number, as where the document says whose it is. */
static enum sc_err take_name(struct planner *m, const struct codec_field *f, struct plan_person *w)
{
	struct sc_buf *text = &m->p->people_text;
	struct sc_span id;
	enum sc_err err;

	if (!plan_holds(f))
		return SC_OK;
	if ((err = plan_decode(m, f, &id)) != SC_OK)
		return err;
	if (f->kind == CODEC_LITERAL || (w->n != 0 && !sc_span_eq(name_of(m, w), id)))
		w->bad = true;
	w->copied = f->escaped;
	w->at = f->escaped ? (uint32_t)text->n : f->start;
	w->n = (uint32_t)id.n;
	return f->escaped ? sc_buf_put_span(text, id) : SC_OK;
}

enum sc_err scopes_take(struct planner *m, const struct codec_field *f, uint32_t points)
{
	enum sc_err err = SC_OK;

	for (size_t i = 0; err == SC_OK && i < m->t->rules->n_scopes; i++) {
		if ((points >> ELEMENT(i) & 1) != 0)
			err = begin_person(m, i);
		if (err == SC_OK && (points >> PLACE(i) & 1) != 0 && f->kind != CODEC_BEGIN)
			err = take_name(m, f, &m->p->people[m->people[i] - 1]);
	}
	return err;
}

bool scopes_have_guests(const struct protect_rules *r)
{
	for (size_t i = 0; i < r->subject.n; i++)
		if (r->subject.v[i].guest)
			return true;
	for (size_t i = 0; i < r->n_scopes; i++)
		if (r->scopes[i].guest)
			return true;
	return false;
}

enum sc_err scopes_settle(struct planner *m)
{
	const bool guests = scopes_have_guests(m->t->rules);
	struct sc_buf *text = &m->p->people_text;

	for (size_t i = 0; i < m->p->n_people; i++) {
		struct plan_person *w = &m->p->people[i];
		const size_t at = text->n;
		enum sc_err err;

		if (w->n == 0 || w->bad)
			continue;
		if (!w->guest) {
			/* whoever chooses an account's name does not choose a guest's order by it */
			w->bad = guests && sc_span_starts(name_of(m, w), SUBJECT_GUEST);
			continue;
		}
		/* room first: the order's id may stand in what grows */
		if ((err = sc_buf_reserve(text, strlen(SUBJECT_GUEST) + w->n)) != SC_OK ||
		    (err = sc_buf_put_str(text, SUBJECT_GUEST)) != SC_OK ||
		    (err = sc_buf_put_span(text, name_of(m, w))) != SC_OK)
			return err;
		w->at = (uint32_t)at;
		w->n = (uint32_t)(text->n - at);
		w->copied = true;
	}
	return SC_OK;
}

/* ---- whose it is ------------------------------------------------------------------------------ */

struct sc_span plan_person_of(const struct plan *p, struct sc_span doc, const struct plan_edit *e)
{
	const struct plan_person *w;

	if (e->person == 0)
		return p->subject;
	w = &p->people[e->person - 1];
	if (w->bad)
		return sc_span(NULL, 0);
	if (w->n == 0)
		return p->subject;
	return sc_span((w->copied ? p->people_text.p : doc.p) + w->at, w->n);
}

/* Where its rule names somebody by itself it is theirs; where two, or a list, nobody's. */
bool plan_is_orders(const struct plan *p, const struct plan_edit *e)
{
	if (p->remembered.n == 0 || p->subject.n != 0)
		return false;
	return e->person == 0 || p->people[e->person - 1].n == 0;
}
