/*
 * views.c - logs that scrimd looks after for others, and where releases are: the sections "logs"
 * and "views".
 */
#include "gateway/config/sections.h"

#include <string.h>

/* A name that is also a file's, and no log's that is somebody's already. */
static bool read_log_name(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const struct sc_name *name = field;

	if (!shape_name(c, node, field))
		return false;
	if (name->s[0] == '.')
		return shape_must(c, node, "not begin with '.'");
	return (strcmp(name->s, ((const struct config *)c->arg)->node.s) != 0 &&
		   strcmp(name->s, "scrimd") != 0 && strcmp(name->s, "keyd") != 0) ||
	    shape_must(c, node, "be another log's: scrimd and keyd look after their own");
}

static const struct shape_row log_rows[] = {
	{ "name", read_log_name, SHAPE_AT(struct config_log, name), .need = true, .once = true },
	{ "dir", shape_path, SHAPE_AT(struct config_log, dir), .need = true,
	    .max = CONFIG_PATH_MAX },
	{ .key = NULL },
};
const struct shape config_log_shape = { .what = "log",
	.rows = log_rows,
	.size = sizeof(struct config_log) };

static const struct shape_row views_rows[] = {
	{ "drafts", shape_path, SHAPE_AT(struct config_views, drafts), .need = true,
	    .max = CONFIG_PATH_MAX },
	{ "published", shape_path, SHAPE_AT(struct config_views, published), .need = true,
	    .max = CONFIG_PATH_MAX },
	{ .key = NULL },
};
const struct shape config_views_shape = { .what = "section", .rows = views_rows };
