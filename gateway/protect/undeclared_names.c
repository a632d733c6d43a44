/*
 * undeclared_names.c - the names that lead to where a walk has come, and what they say.
 */
#include "gateway/protect/undeclared_names.h"

#include <string.h>

void undeclared_enter(struct undeclared_walk *w)
{
	for (uint32_t i = undeclared_level_of(w->piece.low) + 1;
	     i <= undeclared_level_of(w->piece.depth); i++)
		w->level[i] = (struct undeclared_level){ .name.start = 0 };
}

/*
 * NAME as a form has it, order[buyer][name]: what its last part says, given those before it. An
 * index says nothing.
 */
static void read_nested(struct planner *m, struct sc_span name, struct member *out)
{
	struct member v[UNDECLARED_LEVELS];
	size_t n = 0;

	while (name.n != 0) {
		struct member says;
		size_t end = 0;

		while (end < name.n && name.p[end] != '[' && name.p[end] != ']')
			end++;
		if (end != 0) {
			member_recall(&m->p->members, sc_span(name.p, end), &says);
			if (says.class_id != CLASS_NONE || says.of != MEMBER_UNTOLD || says.same ||
			    says.names) {
				v[undeclared_level_of((uint32_t)n)] = says;
				n += n < UNDECLARED_LEVELS;
			}
		}
		name = sc_span_from(name, end < name.n ? end + 1 : end);
	}
	if (n == 0) {
		*out = (struct member){ .class_id = CLASS_NONE };
		return;
	}
	*out = v[n - 1];
	out->class_id = member_class(v, n);
	out->needs = out->person = false;
	for (size_t i = n; i-- > 0 && out->of == MEMBER_UNTOLD;)
		out->of = v[i].of;
}

enum sc_err undeclared_take_name(struct planner *m, struct undeclared_walk *w)
{
	const struct codec_piece *p = &w->piece;
	struct undeclared_level *l = &w->level[undeclared_level_of(p->depth)];
	struct sc_span name;
	enum sc_err err;

	l->name = codec_piece_field(p);
	err = codec_text(m->t->codec, m->doc, &l->name, &m->p->text, NULL, &name);

	if (err != SC_OK)
		return err;
	/* where names are passed, numbers are still found by them */
	if (name.n != 0 && memchr(name.p, '[', name.n) != NULL)
		read_nested(m, name, &l->says);
	else
		member_recall(&m->p->members, name, &l->says);
	return SC_OK;
}
