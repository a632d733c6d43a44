/*
 * uri.c - percent-encoding and queries.
 */
#include "net/http/uri.h"

#include "base/text/hex.h"

#include <string.h>

bool http_percent_decode(struct sc_span in, struct sc_buf *out)
{
	for (size_t i = 0; i < in.n; i++) {
		uint8_t c = in.p[i];

		if (c == '%') {
			bool room = in.n - i > 2;
			int hi = room ? hex_digit(in.p[i + 1]) : -1;
			int lo = room ? hex_digit(in.p[i + 2]) : -1;

			if (hi < 0 || lo < 0)
				return false;
			c = (uint8_t)(hi << 4 | lo);
			i += 2;
		}
		if (sc_buf_put(out, &c, 1) != SC_OK)
			return false;
	}
	return true;
}

struct sc_span http_query_value(struct sc_span query, const char *name)
{
	size_t n = strlen(name);

	while (query.n != 0) {
		const uint8_t *amp = memchr(query.p, '&', query.n);
		size_t len = amp == NULL ? query.n : (size_t)(amp - query.p);

		if (len > n && memcmp(query.p, name, n) == 0 && query.p[n] == '=')
			return sc_span(query.p + n + 1, len - n - 1);
		query = sc_span_from(query, len + 1);
	}
	return sc_span(NULL, 0);
}
