/*
 * listen_shape.c - an address, and TLS or none.
 */
#include "net/http/listen_shape.h"

#include "base/text/shape.h"

#define PATH_BYTES 1023
#define AT(field) SHAPE_AT(struct listen_settings, field)

/* A key belongs to a certificate, and the other way round. */
static bool check_tls(struct shape_ctx *c, const struct doc_node *object, void *into)
{
	const struct listen_settings *s = into;

	return (s->cert != NULL && s->key != NULL) ||
	    shape_wrong(c, object, "\"tls\" needs both \"cert\" and \"key\"");
}

static const struct shape_row tls_rows[] = {
	{ "cert", shape_path, AT(cert), .need = true, .max = PATH_BYTES },
	{ "key", shape_path, AT(key), .need = true, .max = PATH_BYTES },
	{ .key = NULL },
};
static const struct shape tls_shape = { .what = "tls", .rows = tls_rows, .check = check_tls };

static const struct shape_row rows[] = {
	{ "address", shape_text, AT(address), .need = true, .max = 255 },
	{ "tls", shape_object, SHAPE_HERE, .shape = &tls_shape },
	{ .key = NULL },
};
const struct shape listen_settings_shape = { .what = "listener", .rows = rows };
