/*
 * phone_readers.c - what more than one part of the phone section reads: numbers
 * and public addresses.
 */
#include "gateway/config/phone.h"

#include <string.h>

bool config_read_e164(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const char *number;

	if (!shape_text(c, node, &number))
		return false;
	if (!phone_number_is_e164(sc_span_str(number)))
		return shape_must(c, node,
		    "be a number in E.164: a plus and 7 to 15 digits, such as "
		    "\"+441632960001\"");
	*(const char **)field = number;
	return true;
}

/* Who URL leads to, if it may have a path or has none; empty when it is no URL of that kind. */
static struct sc_span authority_of(const char *url, bool path_ok)
{
	const char *at = strstr(url, "://"), *path;

	if (at == NULL || strpbrk(url, "@?#\\\"<> ") != NULL)
		return sc_span("", 0);
	path = strchr(at + 3, '/');
	if (path != NULL && !path_ok)
		return sc_span("", 0);
	return path == NULL ? sc_span_str(at + 3) : sc_span(at + 3, (size_t)(path - at - 3));
}

bool config_read_public_url(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	bool path_ok = c->row->min != 0;
	struct sockaddr_storage addr;
	const char **url = field;
	struct sc_span port;

	if (!shape_text(c, node, url))
		return false;
	if (!config_authority(authority_of(*url, path_ok), &addr, &port))
		return shape_must(c, node, "be https://HOST or https://HOST:PORT%s",
		    path_ok ? ", and a path without a query" : ", without a path");
	if (strncmp(*url, "https://", 8) == 0 ||
	    (strncmp(*url, "http://", 7) == 0 && config_loopback(&addr)))
		return true;
	return shape_must(c, node,
	    "begin with https:// (http:// is for 127.0.0.1 and [::1] alone, to try things out)");
}
