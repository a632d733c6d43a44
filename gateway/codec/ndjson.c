/*
 * ndjson.c - one line, one document: the bounds of the lines.
 *
 * LF is also white space inside of JSON. Lines are cut before anything is
 * parsed, so a document cannot stretch over two of them.
 */
#include "gateway/codec/json.h"

#include <string.h>

bool ndjson_next(struct sc_span text, bool final, size_t *from, struct sc_span *line)
{
	struct sc_span rest = sc_span_from(text, *from);
	const uint8_t *lf;

	*line = sc_span(NULL, 0);
	if (rest.n == 0)
		return false;
	lf = memchr(rest.p, '\n', rest.n);
	if (lf == NULL && !final)
		return false;
	*line = sc_span(rest.p, lf == NULL ? rest.n : (size_t)(lf - rest.p));
	*from += line->n + (lf != NULL);
	return true;
}
