/*
 * places.c - where something is: a scheme, and a path that is joined to the file's folder.
 */
#include "gateway/config/sections.h"

#include <stdio.h>
#include <string.h>
#include <sys/un.h>

/* SCHEME:PATH, where SCHEME is the only one there is; PATH joined to the folder. */
static bool read_place(struct shape_ctx *c, const struct doc_node *node, const char *scheme,
    const char *example, const char **out)
{
	const char *s;

	if (!shape_text(c, node, &s))
		return false;
	if (strncmp(s, scheme, strlen(scheme)) != 0 || s[strlen(scheme)] == '\0')
		return shape_must(c, node, "be %sPATH, such as \"%s\"", scheme, example);
	return (*out = shape_beside(c, scheme, s + strlen(scheme))) != NULL;
}

bool config_read_socket(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const size_t max = sizeof(((struct sockaddr_un *)0)->sun_path) - 1;
	const char **place = field;
	char example[64];

	snprintf(example, sizeof(example), "unix:run/%.40s.sock", c->row->key);
	if (!read_place(c, node, "unix:", example, place))
		return false;
	return strlen(*place + strlen("unix:")) <= max ||
	    shape_wrong(c, node,
		"the socket's whole path is longer than the %zu bytes that the system allows", max);
}

/* ---- keyd: a socket of this host, or another host ---- */

#define AT(field) SHAPE_AT(struct config_keyd_far, field)
#define FILE_AT(field) shape_path, AT(field), .need = true, .max = CONFIG_PATH_MAX

static const struct shape_row far_rows[] = {
	{ "address", shape_text, AT(address), .need = true, .max = CONFIG_PATH_MAX },
	{ "cert", FILE_AT(cert) },
	{ "key", FILE_AT(key) },
	{ "keyd_spki_sha256", shape_digest, AT(spki), .need = true },
	{ .key = NULL },
};

/* A name could come to mean another machine, and looking it up would keep a loop waiting. */
static bool check_far(struct shape_ctx *c, const struct doc_node *object, void *into)
{
	const struct config_keyd_far *far = into;
	struct sockaddr_storage addr;
	struct sc_span port;

	return (config_authority(sc_span_str(far->address), &addr, &port) &&
		   addr.ss_family != AF_UNSPEC && port.n != 0) ||
	    shape_wrong(c, doc_find(object, "address"),
		"\"address\" must be a number and a port, such as \"10.0.0.5:7443\"");
}

static const struct shape far_shape = { "keyd", far_rows, sizeof(struct config_keyd_far),
	.check = check_far };

bool config_read_keyd(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct config *config = field;

	return node->kind == DOC_OBJECT ? shape_fill(c, &far_shape, node, &config->keyd_far) :
					  config_read_socket(c, node, &config->keyd);
}

bool config_read_store(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	return read_place(c, node, "sqlite:", "sqlite:run/scrim.db", field);
}
