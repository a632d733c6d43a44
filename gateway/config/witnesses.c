/*
 * witnesses.c - who is told of the heads of our log and keyd's: the section "witnesses".
 */
#include "gateway/config/sections.h"

#include <string.h>

/* const char *: its submission prefix. Plain HTTP stays on this host: an answer is believed. */
static bool read_url(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	if (node->kind == DOC_TEXT && strncmp(node->text, "http+unix:/", 11) == 0)
		return shape_text(c, node, field);
	return config_read_public_url(c, node, field);
}

/* struct note_key: what it cosigns with. Its name stands in metrics. */
static bool read_vkey(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct note_key *key = field;
	const char *text;

	if (!shape_text(c, node, &text))
		return false;
	return (note_key_parse(sc_span_str(text), key) == SC_OK && key->type == NOTE_COSIGNATURE &&
		   strpbrk(key->name, "\"\\") == NULL) ||
	    shape_must(c, node,
		"be a witness's key, as `scrim witness init` prints it: NAME+ID+KEY");
}

static bool check(struct shape_ctx *c, const struct doc_node *object, void *into)
{
	const struct config_witness *w = into;

	return w->ca == NULL || strncmp(w->url, "https://", 8) == 0 ||
	    shape_wrong(c, object, "\"ca\" is for https:// alone");
}

static const struct shape_row rows[] = {
	{ "url", read_url, SHAPE_AT(struct config_witness, url), .need = true, .once = true,
	    .min = 1, .max = 1023 },
	{ "vkey", read_vkey, SHAPE_AT(struct config_witness, key), .need = true,
	    .max = NOTE_VKEY_MAX },
	{ "ca", shape_path, SHAPE_AT(struct config_witness, ca), .max = CONFIG_PATH_MAX },
	{ .key = NULL },
};
const struct shape config_witness_shape = { .what = "witness",
	.rows = rows,
	.size = sizeof(struct config_witness),
	.check = check };
