/*
 * settings.c - queryd.json, as rows of keys.
 */
#include "analytics/queryd/settings.h"

#include "base/text/shape.h"

#include <string.h>

#define PATH_BYTES 1023
#define AT(field) SHAPE_AT(struct queryd_settings, field)
#define PLACE(field) shape_path, AT(field), .need = true, .max = PATH_BYTES
#define NUMBER(field, from, to) shape_count, AT(field), .min = (from), .max = (to)
#define BYTES(field, to) shape_bytes, AT(field), .max = (to)

static const struct shape_row limit_rows[] = {
	{ "rows", NUMBER(limits.rows, 1, 10000000) },
	{ "bytes", BYTES(limits.bytes, 256u << 20) },
	{ "heap", BYTES(limits.heap, UINT64_C(16) << 30) },
	{ "sql", BYTES(limits.sql_bytes, QUERYD_SQL_MAX) },
	{ "time", shape_duration, AT(limits.ms), .min = 1, .max = 600000 },
	{ "steps", NUMBER(limits.steps, 1000, UINT64_C(1) << 50) },
	{ "queue", NUMBER(queue, 1, QUERYD_QUEUE_MAX) },
	{ "at_once", NUMBER(at_once, 1, QUERYD_QUEUE_MAX) },
	{ .key = NULL },
};

/* With less than this no question at all is answered. */
static bool check_limits(struct shape_ctx *c, const struct doc_node *object, void *into)
{
	const struct query_limits *l = &((const struct queryd_settings *)into)->limits;

	return (l->bytes >= 1024 && l->heap >= 1u << 20 && l->sql_bytes >= 64) ||
	    shape_wrong(c, object, "\"bytes\" is at least 1KiB, \"heap\" 1MiB, and \"sql\" 64");
}
static const struct shape limit_shape = { .what = "limits",
	.rows = limit_rows,
	.check = check_limits };

static void begin(struct shape_ctx *c, void *into)
{
	struct queryd_settings *s = into;

	(void)c;
	s->limits = query_usual_limits;
	s->queue = 64;
	s->at_once = 4;
}

static const struct shape_row rows[] = {
	{ "$schema", shape_about, SHAPE_HERE },
	{ "tenant", shape_name, AT(tenant), .need = true },
	{ "listen", shape_object, AT(listen), .need = true, .shape = &listen_settings_shape },
	{ "views", PLACE(views) },
	{ "log", PLACE(log) },
	{ "grants", PLACE(grants) },
	{ "log_vkey", PLACE(log_vkey) },
	{ "threads", shape_count, AT(threads), .usual = 2, .min = 1, .max = QUERYD_THREADS_MAX },
	{ "limits", shape_object, SHAPE_HERE, .shape = &limit_shape },
	{ .key = NULL },
};
const struct shape queryd_settings_shape = { .what = "file", .rows = rows, .begin = begin };

enum sc_err queryd_settings_load(const char *path, struct sc_diags *all,
    struct queryd_settings *out)
{
	struct shape_ctx c = { .arena = &out->arena, .all = all };
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	if ((err = shape_load_file(&c, path, &queryd_settings_shape, out)) != SC_OK)
		queryd_settings_fini(out);
	return err;
}

void queryd_settings_fini(struct queryd_settings *s)
{
	sc_arena_fini(&s->arena);
	memset(s, 0, sizeof(*s));
}
