/*
 * fuzz_http_head.c - heads: scanning does not depend on how the bytes are
 * cut, and what parses, rebuilt for the next hop, parses to the same.
 */
#include "net/http/head.h"

#include <stdlib.h>

static struct http_head first, second;

#define MUST(x) \
	do { \
		if (!(x)) \
			abort(); \
	} while (0)

static void rebuild_request(struct sc_buf *out)
{
	struct http_field fields[HTTP_FIELDS_MAX];
	/* who speaks HTTP/1.0 may name none; the next hop is always named */
	struct http_build b = { .host = first.host, .fields = fields, .length = HTTP_LENGTH_NONE };

	if (first.host.n == 0)
		b.host = sc_span_str("a");
	b.n_fields = http_head_forward(&first, fields);
	if (first.framing == HTTP_LENGTH)
		b.length = first.content_length;
	else if (first.framing == HTTP_CHUNKED)
		b.length = HTTP_LENGTH_CHUNKED;
	MUST(http_head_build_request(out, first.method, first.target, &b) == SC_OK);
	/* a Host more may be one field too many */
	if (out->n > HTTP_HEAD_MAX || b.n_fields == HTTP_FIELDS_MAX)
		return;
	MUST(http_head_parse_request(sc_buf_span(out), &second, NULL) == SC_OK);
	MUST(sc_span_eq(first.method, second.method) && sc_span_eq(first.target, second.target));
	MUST(sc_span_eq(b.host, second.host));
	MUST(first.framing == second.framing && first.content_length == second.content_length);
	MUST(second.n_fields <= b.n_fields + 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t state = 0, len = 0, cut_state = 0, cut_len = 0;
	enum http_scan whole, cut = HTTP_SCAN_MORE;
	struct sc_buf out;
	bool too_long;

	whole = http_head_scan(data, size, &state, &len, &too_long);
	for (size_t n = 0; n <= size && cut == HTTP_SCAN_MORE; n++)
		cut = http_head_scan(data, n, &cut_state, &cut_len, &too_long);
	MUST(whole == cut);
	if (whole != HTTP_SCAN_DONE)
		return 0;
	MUST(len == cut_len && len <= size);
	sc_buf_init(&out, 1 << 20);
	if (http_head_parse_request(sc_span(data, len), &first, NULL) == SC_OK) {
		(void)http_path_is_plain(first.path);
		rebuild_request(&out);
	}
	if (http_head_parse_response(sc_span(data, len), HTTP_GET, &first, NULL) == SC_OK)
		MUST(first.status >= 100 && first.status < 600);
	sc_buf_fini(&out);
	return 0;
}
