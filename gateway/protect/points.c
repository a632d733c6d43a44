/*
 * points.c - places of a document that say whose it is and of which order, and what follows
 * when they do not.
 */
#include "gateway/protect/points.h"

#include "base/text/utf8.h"
#include "base/weak.h"
#include "crypto/token/token.h"
#include "gateway/protect/label.h"
#include "gateway/protect/scopes.h"

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

	if (!plan_holds(f))
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

enum sc_err points_take(struct planner *m, const struct codec_field *f, uint32_t points)
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

static bool is_nobodys(const struct planner *m, const struct plan_edit *e)
{
	return plan_person_of(m->p, m->doc, e).n == 0 && !plan_is_orders(m->p, e);
}

/* Where nobody is named, tokens that stand in texts are as good as any. */
static void forget_texts(struct planner *m)
{
	struct plan *p = m->p;
	size_t kept = 0;

	for (size_t i = 0; i < p->n; i++)
		if ((p->v[i].flags & PLAN_WHOSE) == 0 || !is_nobodys(m, &p->v[i]))
			p->v[kept++] = p->v[i];
	p->n = kept;
}

/* A guest is known by the order alone, under a name that no account has. */
static enum sc_err name_guest(struct plan *p, struct sc_span order, struct sc_span *name)
{
	enum sc_err err = sc_buf_put_str(&p->subject_text, SUBJECT_GUEST);

	if (err == SC_OK)
		err = sc_buf_put_span(&p->subject_text, order);
	*name = sc_buf_span(&p->subject_text);
	return err;
}

/* What stands at place I; NULL: nothing. */
static const struct subject_found *found_at(const struct planner *m, size_t i)
{
	const struct subject_found *f = m->t->rules->subject.v[i].where == SUBJECT_BODY ?
	    &m->p->whose[i] :
	    m->t->given == NULL ? NULL :
				  &m->t->given[i];

	return f == NULL || (f->id.n == 0 && !f->bad) ? NULL : f;
}

/* The order whose person keyd remembers; empty: none, or what stands there is none. */
static struct sc_span remembered_order(const struct planner *m)
{
	const struct subject_places *places = &m->t->rules->subject;
	const struct subject_found *f;
	size_t i = 0;

	while (!places->v[i].order)
		i++;
	f = found_at(m, i);
	return f == NULL || f->bad ? sc_span(NULL, 0) : f->id;
}

/* The first place where something stands says whose the document is, or that nobody can tell. */
enum sc_err points_settle_subject(struct planner *m)
{
	const struct subject_places *places = &m->t->rules->subject;
	const struct subject_found *f;
	struct plan *p = m->p;
	bool asked = false;

	if (places->orders)
		p->remembered = remembered_order(m);
	for (size_t i = 0; i < places->n; i++) {
		if ((f = found_at(m, i)) == NULL)
			continue;
		/* whoever chooses an account's name does not choose a guest's order by it */
		p->subject_bad = f->bad ||
		    (!places->v[i].guest && !places->v[i].order &&
			sc_span_starts(f->id, SUBJECT_GUEST) && scopes_have_guests(m->t->rules));
		if (p->subject_bad)
			break;
		if (places->v[i].order) {
			asked = true;
			continue;
		}
		if (places->v[i].guest)
			return name_guest(p, f->id, asked ? &p->unless : &p->subject);
		p->subject = f->id;
		break;
	}
	if (p->subject_bad)
		p->remembered = sc_span(NULL, 0);
	return SC_OK;
}

/* Must E have somebody, and has nobody: as the route says, or because two were named for it? */
static bool lacks_somebody(const struct planner *m, const struct plan_edit *e)
{
	const struct plan *p = m->p;
	bool bad = p->subject_bad;

	if (e->form == NULL || !(e->form->under_subject || e->form->opens || e->form->labels) ||
	    !is_nobodys(m, e))
		return false;
	if (e->person != 0 && (p->people[e->person - 1].bad || p->people[e->person - 1].n != 0))
		bad = p->people[e->person - 1].bad;
	return (bad && !WEAK("two-subjects-are-none")) || m->t->rules->subject.required;
}

/* Is E a token under a person's key, of which nobody says whose it should be? */
static bool is_somebodys(const struct planner *m, const struct plan_edit *e)
{
	struct token_parts t;

	return e->form != NULL && e->form->opens && is_nobodys(m, e) &&
	    token_parse(plan_text_of(m->p, m->doc, e), &m->p->token, &t) == SC_OK &&
	    (t.flags & TOKEN_CLASS_KEY) == 0;
}

/* Does the document name somebody for one of its values, and so not for the others? */
static bool names_one_by_one(const struct plan *p)
{
	for (size_t i = 0; i < p->n_people; i++)
		if (p->people[i].n != 0 || p->people[i].bad)
			return true;
	return false;
}

/* A document that must say whose a token is, and does not: the edits that WHICH takes open nothing. */
static void close_tokens(struct planner *m,
    bool (*which)(const struct planner *m, const struct plan_edit *e))
{
	struct plan *p = m->p;
	size_t kept = 0;

	for (size_t i = 0; i < p->n; i++) {
		struct plan_edit e = p->v[i];

		if (which(m, &e)) {
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

/* Does the document lack whom it must name: for itself, or for a value? */
static bool lacks_anybody(const struct planner *m)
{
	const struct plan *p = m->p;
	const bool required = m->t->rules->subject.required;

	if (required && p->subject.n == 0 && p->remembered.n == 0 && p->n_people == 0)
		return true;
	if (!required && !p->subject_bad && p->n_people == 0)
		return false;
	for (size_t i = 0; i < p->n; i++)
		if (lacks_somebody(m, &p->v[i]))
			return true;
	return false;
}

/* The whole document was seen: whose it is, and of which order, is known now. */
enum sc_err points_settle(struct planner *m)
{
	struct plan *p = m->p;
	enum sc_err err;

	if ((err = points_settle_subject(m)) != SC_OK || (err = scopes_settle(m)) != SC_OK)
		return err;
	if (m->refusal == PROTECT_DONE && lacks_anybody(m)) {
		if (!m->t->rules->answers)
			return plan_refuse(m, PROTECT_NO_SUBJECT, 0,
			    "where the route's, or a rule's, \"subject\" leads must stand one "
			    "person's id, one string or number, and stands none or two");
		close_tokens(m, lacks_somebody);
	}
	if (m->t->way == PLAN_READ && names_one_by_one(p) && !WEAK("two-subjects-are-none"))
		close_tokens(m, is_somebodys);
	if (m->texts != 0 && ((p->subject.n == 0 && p->remembered.n == 0) || p->n_people != 0))
		forget_texts(m);
	if (p->order.n != 0 && (m->no_order || !names_order(p->order)))
		p->order = (struct sc_span){ 0 };
	if (m->bound && p->order.n == 0 && m->refusal == PROTECT_DONE)
		return plan_refuse(m, PROTECT_NO_ORDER, m->bound_at,
		    "a virtual number is bound to an order, and where the route's \"order\" "
		    "leads stands none: a string or number of at most 128 printable bytes");
	return SC_OK;
}
