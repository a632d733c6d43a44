/*
 * name.c - names that configuration gives.
 */
#include "base/name.h"

#include <string.h>

static bool name_char(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    c == '.' || c == '_' || c == '-';
}

enum sc_err sc_name_parse(struct sc_span text, struct sc_name *out)
{
	out->s[0] = '\0';
	if (text.n == 0 || text.n > SC_NAME_MAX)
		return SC_SYNTAX;
	for (size_t i = 0; i < text.n; i++)
		if (!name_char(text.p[i]))
			return SC_SYNTAX;
	memcpy(out->s, text.p, text.n);
	out->s[text.n] = '\0';
	return SC_OK;
}
