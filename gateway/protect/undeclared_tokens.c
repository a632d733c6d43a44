/*
 * undeclared_tokens.c - finding them without going through all of a document, and opening them.
 */
#include "gateway/protect/undeclared_tokens.h"

#include "crypto/token/token.h"

bool undeclared_walks(const struct planner *m)
{
	return undeclared_searches(m) || m->t->rules->answers;
}

bool undeclared_has_no_token(const struct planner *m, const struct undeclared_walk *w, size_t end)
{
	return !undeclared_searches(m) && !token_hinted(sc_span(m->doc.p + w->skip, end - w->skip));
}

/*
 * Is TEXT a document itself, of JSON or XML? Its tokens stay: what is opened would have to be
 * written as that document writes it, or could be more than a text there.
 */
static bool is_document(struct sc_span text)
{
	size_t i = 0;

	while (i < text.n && text.p[i] <= ' ')
		i++;
	return i < text.n &&
	    (text.p[i] == '{' || text.p[i] == '[' || text.p[i] == '<' || text.p[i] == '"');
}

enum sc_err undeclared_take_tokens(struct planner *m, const struct codec_field *f,
    struct sc_span text)
{
	return is_document(text) ? SC_OK : plan_free_text(m, f, false);
}
