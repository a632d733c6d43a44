/*
 * point.c - a JSONPath that leads to one place of a document, where somebody or something is
 * named.
 */
#include "gateway/config/sections.h"

#include "gateway/codec/paths.h"
#include "gateway/codec/selector.h"

bool config_check_point(struct shape_ctx *c, const struct doc_node *node, const char *key,
    const char *what, const char *example)
{
	struct segment seg[CODEC_SEGMENTS_MAX];
	struct sc_diag why = { .text = "" };
	struct sc_buf names;
	size_t n;
	bool many = false;
	enum sc_err err;

	sc_buf_init(&names, CONFIG_PATH_MAX);
	err = selector_parse(sc_span_str(node->text), seg, CODEC_SEGMENTS_MAX, &n, &names, &why);
	sc_buf_fini(&names);
	if (err == SC_NOMEM)
		c->err = err;
	if (err != SC_OK) /* its column counts from 1, as the quote before the path does */
		return shape_wrong_at(c, node->at + why.column, "\"%s\": %.200s", key, why.text);
	for (size_t i = 0; i < n; i++)
		many |= seg[i].deep || seg[i].kind == SEGMENT_ANY;
	if (n == 0 || many)
		return shape_must(c, node,
		    "lead to one place, where %s stands: names and indices only, such as \"%s\"",
		    what, example);
	return true;
}
