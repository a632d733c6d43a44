/*
 * settings.c - witness.json, as rows of keys.
 */
#include "audit/witness/settings.h"

#include "base/text/shape.h"

#include <string.h>

#define PATH_BYTES 1023
#define AT(field) SHAPE_AT(struct witness_settings, field)
#define PLACE(field) shape_path, AT(field), .need = true, .max = PATH_BYTES

/* const char *: a key name or an origin. */
static bool read_note_name(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const char *text;

	if (!shape_text(c, node, &text))
		return false;
	memcpy(field, &text, sizeof(text));
	return note_name_ok(sc_span_str(text)) ||
	    shape_must(c, node, "have no space and no '+', and at most %d bytes", NOTE_NAME_MAX);
}

/* struct note_key: what a log signs its checkpoints with. */
static bool read_log_key(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct note_key *key = field;
	const char *text;

	if (!shape_text(c, node, &text))
		return false;
	return (note_key_parse(sc_span_str(text), key) == SC_OK && key->type == NOTE_ED25519) ||
	    shape_must(c, node, "be the log's key, as in its folder's file \"vkey\": NAME+ID+KEY");
}

static const struct shape_row log_rows[] = {
	{ "origin", read_note_name, SHAPE_AT(struct witness_log_settings, origin), .need = true,
	    .once = true, .max = NOTE_NAME_MAX },
	{ "vkey", read_log_key, SHAPE_AT(struct witness_log_settings, key), .need = true,
	    .max = NOTE_VKEY_MAX },
	{ .key = NULL },
};
static const struct shape log_shape = { .what = "log",
	.rows = log_rows,
	.size = sizeof(struct witness_log_settings) };

static const struct shape_row rows[] = {
	{ "$schema", shape_about, SHAPE_HERE },
	{ "about", shape_about, SHAPE_HERE },
	{ "name", read_note_name, AT(name), .need = true, .max = NOTE_NAME_MAX },
	{ "key", PLACE(key) },
	{ "state", PLACE(state) },
	{ "listen", shape_object, AT(listen), .need = true, .shape = &listen_settings_shape },
	{ "logs", shape_list, SHAPE_LIST(struct witness_settings, logs, n_logs), .need = true,
	    .shape = &log_shape, .max = WITNESS_LOGS_MAX },
	{ .key = NULL },
};
const struct shape witness_settings_shape = { .what = "file", .rows = rows };

enum sc_err witness_settings_load(const char *path, struct sc_diags *all,
    struct witness_settings *out)
{
	struct shape_ctx c = { .arena = &out->arena, .all = all };
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	if ((err = shape_load_file(&c, path, &witness_settings_shape, out)) != SC_OK)
		witness_settings_fini(out);
	return err;
}

void witness_settings_fini(struct witness_settings *s)
{
	sc_arena_fini(&s->arena);
	memset(s, 0, sizeof(*s));
}
