/*
 * drift_line.c - a rule as it stands in a route's "request".
 */
#include "cli/drift_line.h"

#include "base/text/jsonw.h"

#include <string.h>

bool drift_line_leads(const char *place)
{
	size_t n = strlen(place);

	return n < 2 || strcmp(place + n - 2, "..") != 0;
}

enum sc_err drift_line(const char *place, const char *class_name, bool in_text, struct sc_buf *out)
{
	struct jsonw w = jsonw(out);

	jsonw_object(&w);
	jsonw_kstr(&w, "at", place);
	if (!in_text)
		jsonw_kstr(&w, "class", class_name);
	jsonw_kstr(&w, "do", in_text ? "scan" : "seal");
	jsonw_object_end(&w);
	return w.err;
}
