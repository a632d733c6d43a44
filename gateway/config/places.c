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

bool config_read_store(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	return read_place(c, node, "sqlite:", "sqlite:run/scrim.db", field);
}
