/*
 * fields.c - which header fields travel on.
 */
#include "gateway/proxy/fields.h"
#include "base/text/hex.h"

static struct sc_span media_type(const struct http_head *h)
{
	struct sc_span t = http_head_find(h, "Content-Type");
	size_t n = 0;

	while (n < t.n && t.p[n] != ';' && t.p[n] != ' ' && t.p[n] != '\t')
		n++;
	return sc_span(t.p, n);
}

bool fields_is_encoded(const struct http_head *h)
{
	struct sc_span e = http_head_find(h, "Content-Encoding");

	return e.n != 0 && !sc_span_caseeq(e, "identity");
}

enum fields_body fields_body(const struct http_head *h)
{
	struct sc_span t = media_type(h);

	if (fields_is_encoded(h) || http_head_count(h, "Content-Type") != 1)
		return FIELDS_OTHER;
	if (sc_span_caseeq(t, "application/json") ||
	    (t.n > 5 && sc_span_caseeq(sc_span_from(t, t.n - 5), "+json")))
		return FIELDS_JSON;
	if (sc_span_caseeq(t, "application/x-ndjson") ||
	    sc_span_caseeq(t, "application/ndjson") ||
	    sc_span_caseeq(t, "application/jsonl"))
		return FIELDS_NDJSON;
	return FIELDS_OTHER;
}

static bool starts_caseless(struct sc_span s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.n >= n && strncasecmp((const char *)s.p, prefix, n) == 0;
}

size_t fields_for_upstream(struct visit *v, struct http_field *out, char id[static 17])
{
	const struct http_head *h = v->call->head;
	bool own_key = http_head_find(h, "Scrim-Key").p != NULL;
	bool consumed = v->record.auth == AUDIT_AUTH_API_KEY && !own_key;
	bool identity = v->route->response != NULL;
	size_t n = http_head_forward(h, out), kept = 0;

	for (size_t i = 0; i < n; i++) {
		struct sc_span name = out[i].name;

		if (starts_caseless(name, "scrim-") ||
		    (consumed && sc_span_caseeq(name, "Authorization")) ||
		    (identity && sc_span_caseeq(name, "Accept-Encoding")))
			continue;
		out[kept++] = out[i];
	}
	if (identity) {
		static const struct http_field plain = {
			SC_LIT("Accept-Encoding"), SC_LIT("identity")
		};
		out[kept++] = plain;
	}
	hex_u64(v->record.request_id, id);
	out[kept].name = sc_span_str("Scrim-Request-Id");
	out[kept++].value = sc_span(id, 16);
	return kept;
}

size_t fields_for_client(const struct http_head *h, struct http_field *out)
{
	return http_head_forward(h, out);
}
