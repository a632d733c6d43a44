/*
 * mirror.c - the rules of an answer that says "mirror", or of a recipient's where none are
 * written: what the request has at $.receiver.address is an address wherever the answer has
 * something of that name.
 */
#include "gateway/config/sections.h"

#include "gateway/codec/paths.h"
#include "gateway/codec/selector.h"

#include <string.h>

/* Is the bracket of N choices at SEG one of names alone? */
static bool is_named(const struct segment *seg, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (seg[i].kind != SEGMENT_NAME)
			return false;
	return true;
}

/*
 * The path of SEG[0..N-1] to be looked for at any depth: from its last name on, but from before a
 * filter, since the element that it is about is one of that name's. *FROM is where it begins;
 * false when nothing in it could be looked for.
 */
static bool find_tail(const struct segment *seg, size_t n, size_t *from)
{
	size_t filter = n;
	bool found = false;

	*from = 0;
	for (size_t i = 0; i < n; i++)
		if (seg[i].kind == SEGMENT_TEST)
			filter = i - 1;
	for (size_t i = 0, used; i < filter; i += used) {
		used = selector_choices(seg + i, n - i);
		if (!is_named(seg + i, used))
			continue;
		found = true;
		*from = i;
	}
	if (!found && filter < n)
		*from = filter;
	return found || filter < n;
}

static enum sc_err put_tail(struct segment *seg, size_t n, const struct sc_buf *names,
    struct sc_buf *out)
{
	size_t from, to;
	enum sc_err err = sc_buf_put_str(out, "$");

	if (find_tail(seg, n, &from)) {
		to = from + selector_choices(seg + from, n - from);
		for (size_t i = from; i < to; i++)
			seg[i].deep = true;
	}
	return err == SC_OK ? selector_print(seg + from, n - from, names, out) : err;
}

/* AT as an answer's. NULL when there is no memory: a path was well-formed already. */
static char *mirror_path(struct sc_arena *arena, const char *at)
{
	struct segment seg[CODEC_SEGMENTS_MAX];
	struct sc_buf names, path;
	size_t n;
	char *out = NULL;

	sc_buf_init(&names, CONFIG_PATH_MAX);
	sc_buf_init(&path, (size_t)8 * CONFIG_PATH_MAX);
	if (selector_parse(sc_span_str(at), seg, CODEC_SEGMENTS_MAX, &n, &names, NULL) == SC_OK &&
	    put_tail(seg, n, &names, &path) == SC_OK)
		out = sc_arena_copy(arena, sc_buf_span(&path));
	sc_buf_fini(&names);
	sc_buf_fini(&path);
	return out;
}

/* The form by which an answer keeps what a request's FORM hands over; NULL: nothing is handed. */
static const struct form *mirror_form(const struct field_rule *r)
{
	if (r->form->only_told)
		return NULL;
	return r->class_id != CLASS_NONE ? &form_policy : r->form;
}

/* The rule of RT's that is at PATH already, or NULL. */
static struct field_rule *rule_at(const struct config_rules *rules, const char *path)
{
	for (size_t i = 0; i < rules->n; i++)
		if (strcmp(rules->v[i].at, path) == 0)
			return &rules->v[i];
	return NULL;
}

/* What R is not about, as an answer's. False when there is no memory. */
static bool mirror_exceptions(struct sc_arena *arena, const struct field_rule *r,
    struct field_rule *to)
{
	struct field_except *v;

	if (r->n_except == 0)
		return true;
	if ((v = sc_arena_alloc(arena, r->n_except * sizeof(*v))) == NULL)
		return false;
	for (size_t i = 0; i < r->n_except; i++) {
		v[i] = r->except[i];
		if ((v[i].at = mirror_path(arena, r->except[i].at)) == NULL)
			return false;
	}
	to->except = v;
	to->n_except = r->n_except;
	return true;
}

/* SAME is at R's place as well: more is protected than either says, never less. */
static void mirror_twice(const struct field_rule *r, struct field_rule *same)
{
	if (same->class_id != r->class_id) /* of two classes: nobody's to see */
		same->form = &form_drop;
	same->n_except = 0;
}

bool config_mirror(struct shape_ctx *c, struct config_route *rt)
{
	struct config_rules *to = &rt->mirrored;

	if ((!rt->has_to && !rt->response.mirror) || rt->request.n == 0)
		return true;
	if ((to->v = sc_arena_alloc(c->arena, rt->request.n * sizeof(*to->v))) == NULL)
		goto no_memory;
	for (size_t i = 0; i < rt->request.n; i++) {
		const struct field_rule *r = &rt->request.v[i];
		const struct form *form = mirror_form(r);
		struct field_rule *same;
		char *path;

		if (form == NULL)
			continue;
		if ((path = mirror_path(c->arena, r->at)) == NULL)
			goto no_memory;
		same = rule_at(to, path);
		if (same != NULL) {
			mirror_twice(r, same);
			continue;
		}
		same = &to->v[to->n++];
		*same = (struct field_rule){ .at = path,
			.form = form,
			.class_id = r->class_id,
			.line = r->line,
			.column = r->column };
		if (!mirror_exceptions(c->arena, r, same))
			goto no_memory;
	}
	return true;
no_memory:
	c->err = SC_NOMEM;
	return false;
}
