/*
 * mirror.c - the rules of a recipient's answer where none are written: what the request has
 * at $.receiver.address is an address wherever the answer has something of that name.
 */
#include "gateway/config/sections.h"

#include "gateway/codec/paths.h"
#include "gateway/codec/selector.h"

#include <string.h>

/* May NAME stand behind a dot as it is? */
static bool is_plain(struct sc_span name)
{
	for (size_t i = 0; i < name.n; i++) {
		uint8_t c = name.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';

		if (!letter && (i == 0 || c < '0' || c > '9'))
			return false;
	}
	return name.n != 0;
}

static enum sc_err put_name(struct sc_span name, struct sc_buf *out)
{
	enum sc_err err;

	if (is_plain(name))
		return sc_buf_put_span(out, name);
	err = sc_buf_put_str(out, "['");
	for (size_t i = 0; err == SC_OK && i < name.n; i++) {
		uint8_t c = name.p[i];

		if (c < ' ')
			err = sc_buf_printf(out, "\\u%04x", c);
		else if (c == '\'' || c == '\\')
			err = sc_buf_printf(out, "\\%c", c);
		else
			err = sc_buf_put(out, &c, 1);
	}
	return err == SC_OK ? sc_buf_put_str(out, "']") : err;
}

/* The path behind the last name of SEG, which is looked for at any depth; without one, all of it. */
static enum sc_err put_tail(const struct segment *seg, size_t n, const struct sc_buf *names,
    struct sc_buf *out)
{
	size_t from = n;
	enum sc_err err = sc_buf_put_str(out, "$");

	while (from > 0 && seg[from - 1].kind != SEGMENT_NAME)
		from--;
	if (err == SC_OK && from > 0) {
		err = sc_buf_put_str(out, "..");
		if (err == SC_OK)
			err = put_name(sc_span(names->p + seg[from - 1].name_at,
					   seg[from - 1].name_n),
			    out);
	}
	for (; err == SC_OK && from < n; from++) {
		if (seg[from].deep)
			err = sc_buf_put_str(out, "..");
		if (err == SC_OK && seg[from].kind == SEGMENT_INDEX)
			err = sc_buf_printf(out, "[%llu]", (unsigned long long)seg[from].index);
		else if (err == SC_OK)
			err = sc_buf_put_str(out, "[*]");
	}
	return err;
}

/* R's path as an answer's. NULL when there is no memory: a path was well-formed already. */
static char *mirror_path(struct sc_arena *arena, const struct field_rule *r)
{
	struct segment seg[CODEC_SEGMENTS_MAX];
	struct sc_buf names, path;
	size_t n;
	char *out = NULL;

	sc_buf_init(&names, CONFIG_PATH_MAX);
	sc_buf_init(&path, (size_t)8 * CONFIG_PATH_MAX);
	if (selector_parse(sc_span_str(r->at), seg, CODEC_SEGMENTS_MAX, &n, &names, NULL) ==
		SC_OK &&
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

bool config_mirror(struct shape_ctx *c, struct config_route *rt)
{
	struct config_rules *to = &rt->mirrored;

	if (!rt->has_to || rt->request.n == 0)
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
		if ((path = mirror_path(c->arena, r)) == NULL)
			goto no_memory;
		same = rule_at(to, path);
		if (same == NULL)
			to->v[to->n++] = (struct field_rule){ .at = path,
				.form = form,
				.class_id = r->class_id,
				.line = r->line,
				.column = r->column };
		else if (same->class_id != r->class_id) /* of two classes: nobody's to see */
			same->form = &form_drop;
	}
	return true;
no_memory:
	c->err = SC_NOMEM;
	return false;
}
