/*
 * quote.c - one word, or a JSON string of what a terminal shows.
 */
#include "cli/quote.h"

#include "base/text/utf8.h"

#include <string.h>

static bool is_word(struct sc_span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/-",
			s.p[i]) == NULL ||
		    s.p[i] == '\0')
			return false;
	return s.n > 0;
}

static void put(FILE *out, struct sc_span text, bool in_string)
{
	uint32_t c;
	size_t n;

	for (size_t i = 0; i < text.n; i += n) {
		n = utf8_decode(sc_span_from(text, i), &c);
		if (n == 0) { /* no UTF-8 at all */
			fprintf(out, "\\u%04x", text.p[i]);
			n = 1;
		} else if (utf8_invisible(c)) {
			fprintf(out, "\\u%04x", c);
		} else {
			if (in_string && (c == '"' || c == '\\'))
				putc('\\', out);
			fwrite(text.p + i, 1, n, out);
		}
	}
}

void quote_print(FILE *out, struct sc_span text, bool always)
{
	if (!always && is_word(text)) {
		fwrite(text.p, 1, text.n, out);
		return;
	}
	putc('"', out);
	put(out, text, true);
	putc('"', out);
}

void quote_print_json(FILE *out, struct sc_span json)
{
	put(out, json, false);
}
