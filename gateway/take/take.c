/*
 * take.c - a body: a batch, one event, or lines with an event each; told apart by what
 * they are.
 *
 * A JSON text whose first line is whole, and is followed by another object, is no JSON
 * text: so lines are never mistaken for one, nor one that is printed over several lines for them.
 */
#include "gateway/take/private.h"

#include <string.h>

#define NODES_MAX 65536 /* of one body */

/* ---- which it is ---------------------------------------------------------------------------- */

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct sc_span trimmed(struct sc_span s)
{
	while (s.n > 0 && is_space(s.p[0]))
		s = sc_span_from(s, 1);
	while (s.n > 0 && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* The first line of *REST, without the space around it; *REST goes on behind it. */
static struct sc_span take_line(struct sc_span *rest)
{
	const uint8_t *end = rest->n == 0 ? NULL : memchr(rest->p, '\n', rest->n);
	size_t n = end == NULL ? rest->n : (size_t)(end - rest->p);
	struct sc_span line = sc_span(rest->p, n);

	*rest = sc_span_from(*rest, n + (end != NULL));
	return trimmed(line);
}

static bool is_lines(struct sc_span body)
{
	struct sc_span rest = body, first = take_line(&rest);

	rest = trimmed(rest);
	return first.n > 0 && first.p[0] == '{' && first.p[first.n - 1] == '}' && rest.n > 0 &&
	    rest.p[0] == '{';
}

/* ---- one JSON text ---------------------------------------------------------------------------- */

static enum sc_err load(struct take *t, struct sc_span text)
{
	enum sc_err err = doc_load_sent(t->arena, text, t->nodes, t->d, &t->doc);

	t->nodes -= err == SC_OK ? t->doc.n : 0;
	return err;
}

static enum sc_err take_list(struct take *t, const struct doc_node *list)
{
	enum sc_err err = SC_OK;

	for (const struct doc_node *m = list->first; err == SC_OK && m != NULL; m = m->next) {
		err = take_event(t, m);
		t->object++;
	}
	return err;
}

/* {"batch": [...]}, with what counts for all beside it. */
static enum sc_err take_batch(struct take *t, const struct doc_node *root)
{
	const struct doc_node *list;

	if (!take_top(t, root, t->shared) || (list = t->shared[SENT_BATCH])->kind != DOC_LIST) {
		sc_diag_set(t->d, "\"batch\" is no list, or a member is said twice");
		return SC_SYNTAX;
	}
	return take_list(t, list);
}

static enum sc_err take_document(struct take *t, struct sc_span body)
{
	enum sc_err err = load(t, body);
	const struct doc_node *root = t->doc.root;

	if (err != SC_OK)
		return err;
	if (root->kind == DOC_LIST)
		return take_list(t, root);
	return doc_find(root, "batch") != NULL ? take_batch(t, root) : take_event(t, root);
}

static enum sc_err take_lines_of(struct take *t, struct sc_span body)
{
	struct sc_span line;
	enum sc_err err = SC_OK;

	for (; body.n > 0 && err == SC_OK; t->object += line.n > 0) {
		line = take_line(&body);
		if (line.n > 0 && (err = load(t, line)) == SC_OK)
			err = take_event(t, t->doc.root);
	}
	return err;
}

enum sc_err collect_take(const struct collect_settings *s, const struct collect_visit *visit,
    struct sc_arena *arena, struct sc_span body, const struct collect_dropped *dropped,
    struct sc_diag *d, struct collect_taken *out, uint32_t *index, size_t *n)
{
	struct take t = {
		.s = s,
		.visit = visit,
		.dropped = dropped,
		.arena = arena,
		.nodes = NODES_MAX,
		.d = d,
		.out = out,
		.index = index,
	};
	enum sc_err err;

	*n = 0;
	*d = (struct sc_diag){ .line = 0 };
	body = trimmed(body);
	if (body.n > COLLECT_BODY_MAX) {
		sc_diag_set(d, "more than %u KB", COLLECT_BODY_MAX / 1024);
		return SC_LIMIT;
	}
	err = is_lines(body) ? take_lines_of(&t, body) : take_document(&t, body);
	*n = err == SC_OK ? t.n : 0;
	return err;
}
