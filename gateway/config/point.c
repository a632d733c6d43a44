/*
 * point.c - a JSONPath that leads to one place of a document, where somebody or something is
 * named.
 */
#include "gateway/config/sections.h"

#include "gateway/codec/paths.h"
#include "gateway/codec/selector.h"

/* TEXT, a path that NODE says of KEY, into SEG; its names behind those that NAMES has. */
static bool parse(struct shape_ctx *c, const struct doc_node *node, const char *text,
    const char *key, struct segment seg[static CODEC_SEGMENTS_MAX], size_t *n, struct sc_buf *names)
{
	struct sc_diag why = { .text = "" };
	const enum sc_err err =
	    selector_parse(sc_span_str(text), seg, CODEC_SEGMENTS_MAX, n, names, &why);

	if (err == SC_NOMEM)
		c->err = err;
	if (err != SC_OK) /* its column counts from 1, as the quote before the path does */
		return shape_wrong_at(c, node->at + why.column, "\"%s\": %.200s", key, why.text);
	return true;
}

bool config_check_selector(struct shape_ctx *c, const struct doc_node *node)
{
	struct segment seg[CODEC_SEGMENTS_MAX];
	struct sc_buf names;
	size_t n;
	bool ok;

	sc_buf_init(&names, CONFIG_PATH_MAX);
	ok = parse(c, node, node->text, node->key == NULL ? "at" : node->key, seg, &n, &names);
	sc_buf_fini(&names);
	return ok;
}

bool config_check_point(struct shape_ctx *c, const struct doc_node *node, const char *key,
    const char *what, const char *example)
{
	struct segment seg[CODEC_SEGMENTS_MAX];
	struct sc_buf names;
	size_t n;
	bool ok;

	sc_buf_init(&names, CONFIG_PATH_MAX);
	ok = parse(c, node, node->text, key, seg, &n, &names);
	sc_buf_fini(&names);
	if (!ok)
		return false;
	if (n == 0 || !selector_is_place(seg, n))
		return shape_must(c, node,
		    "lead to one place, where %s stands: names and indices only, such as \"%s\"",
		    what, example);
	return true;
}

bool config_check_inside(struct shape_ctx *c, const struct doc_node *node)
{
	struct segment seg[CODEC_SEGMENTS_MAX];
	struct sc_buf names;
	size_t n;
	bool ok;

	sc_buf_init(&names, CONFIG_PATH_MAX);
	ok = parse(c, node, node->text, "at", seg, &n, &names);
	sc_buf_fini(&names);
	if (!ok)
		return false;
	for (size_t i = 0; i < n && ok; i++)
		ok = !seg[i].deep && seg[i].kind != SEGMENT_TEST;
	if (!ok || n == 0 || seg[n - 1].kind == SEGMENT_ANY)
		return shape_must(c, node,
		    "lead to a string by its name, or its place in an array, such as "
		    "\"$.orders[*].extra\" or \"$.lines[0:]\": what anybody adds is no document");
	return true;
}

static bool is_same(const struct segment *a, const struct segment *b, const struct sc_buf *names)
{
	if (a->kind != b->kind || a->deep != b->deep || a->also || b->also)
		return false;
	if (a->kind == SEGMENT_INDEX)
		return a->index == b->index;
	return a->kind == SEGMENT_ANY ||
	    sc_span_eq(sc_span(names->p + a->name_at, a->name_n),
		sc_span(names->p + b->name_at, b->name_n));
}

/* How many of the first of N segments end with the last [*]; N + 1: one of them leads to several. */
static size_t to_the_last_any(const struct segment *seg, size_t n)
{
	size_t to = 0;

	for (size_t i = 0; i < n; i++) {
		if (seg[i].deep || seg[i].also || seg[i].kind == SEGMENT_SLICE ||
		    seg[i].kind == SEGMENT_TEST)
			return n + 1;
		if (seg[i].kind == SEGMENT_ANY)
			to = i + 1;
	}
	return to;
}

bool config_check_shared(struct shape_ctx *c, const struct doc_node *node, const char *place,
    const char *at, bool *each)
{
	struct segment seg[CODEC_SEGMENTS_MAX], of_rule[CODEC_SEGMENTS_MAX];
	struct sc_buf names;
	size_t n = 0, n_rule = 0, same = 0, to;
	bool ok;

	sc_buf_init(&names, (size_t)2 * CONFIG_PATH_MAX);
	ok = parse(c, node, place, "subject", seg, &n, &names);
	/* what is wrong with the rule's own is told when all are compiled */
	if (!ok || at == NULL ||
	    selector_parse(sc_span_str(at), of_rule, CODEC_SEGMENTS_MAX, &n_rule, &names, NULL) !=
		SC_OK)
		goto out;
	to = to_the_last_any(seg, n);
	while (
	    same < to && same < n && same < n_rule && is_same(&seg[same], &of_rule[same], &names))
		same++;
	*each = to != 0;
	ok = n > to && same == to;
	if (!ok)
		shape_must(c, node,
		    "lead to one place of the document, or of each element that \"at\" goes "
		    "through: beside \"$.orders[*].phone\" such as \"$.orders[*].buyer.id\"");
out:
	sc_buf_fini(&names);
	return ok;
}
