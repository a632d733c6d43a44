/*
 * fields.c - what a head says: looking fields up, which travel on, names of
 * methods and statuses, paths and queries.
 */
#include "net/http/head.h"

#include "base/text/hex.h"
#include "net/http/grammar.h"

#include <string.h>

struct sc_span http_head_find(const struct http_head *h, const char *name)
{
	const struct http_field *f = http_fields_find(h->fields, h->n_fields, name);

	return f == NULL ? sc_span(NULL, 0) : f->value;
}

size_t http_head_count(const struct http_head *h, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < h->n_fields; i++)
		count += sc_span_caseeq(h->fields[i].name, name);
	return count;
}

struct sc_span http_head_only(const struct http_head *h, const char *name)
{
	return http_head_count(h, name) == 1 ? http_head_find(h, name) : sc_span(NULL, 0);
}

/* ---- methods ---- */

static const struct sc_span method_names[] = { [HTTP_GET] = SC_LIT("GET"),
	[HTTP_HEAD] = SC_LIT("HEAD"),
	[HTTP_POST] = SC_LIT("POST"),
	[HTTP_PUT] = SC_LIT("PUT"),
	[HTTP_DELETE] = SC_LIT("DELETE"),
	[HTTP_PATCH] = SC_LIT("PATCH"),
	[HTTP_OPTIONS] = SC_LIT("OPTIONS") };

enum http_method http_method_parse(struct sc_span name)
{
	for (int i = 0; i < HTTP_OTHER; i++)
		if (name.n == method_names[i].n && name.p[0] == method_names[i].p[0] &&
		    sc_span_eq(name, method_names[i]))
			return (enum http_method)i;
	return HTTP_OTHER;
}

struct sc_span http_method_name(enum http_method m)
{
	return m < HTTP_OTHER ? method_names[m] : sc_span(NULL, 0);
}

bool http_method_idempotent(enum http_method m)
{
	return m == HTTP_GET || m == HTTP_HEAD || m == HTTP_PUT || m == HTTP_DELETE ||
	    m == HTTP_OPTIONS;
}

static bool allow_names(const struct http_allow *a, struct sc_span method)
{
	struct sc_span rest = sc_span(a->s, a->n), one;

	while (grammar_list_next(&rest, &one))
		if (sc_span_eq(one, method))
			return true;
	return false;
}

void http_allow_add(struct http_allow *a, struct sc_span method)
{
	size_t gap = a->n == 0 ? 0 : 2;

	if (method.n > sizeof(a->s) - a->n - gap || allow_names(a, method))
		return;
	memcpy(a->s + a->n, ", ", gap);
	memcpy(a->s + a->n + gap, method.p, method.n);
	a->n += gap + method.n;
}

/* ---- statuses (RFC 9110 §15, RFC 6585) ---- */

static const struct {
	unsigned status;
	const char *text;
} statuses[] = { { 200, "OK" }, { 201, "Created" }, { 202, "Accepted" }, { 204, "No Content" },
	{ 206, "Partial Content" }, { 207, "Multi-Status" }, { 301, "Moved Permanently" },
	{ 302, "Found" }, { 303, "See Other" }, { 304, "Not Modified" },
	{ 307, "Temporary Redirect" }, { 308, "Permanent Redirect" }, { 400, "Bad Request" },
	{ 401, "Unauthorized" }, { 402, "Payment Required" }, { 403, "Forbidden" },
	{ 404, "Not Found" }, { 405, "Method Not Allowed" }, { 406, "Not Acceptable" },
	{ 408, "Request Timeout" }, { 409, "Conflict" }, { 410, "Gone" },
	{ 411, "Length Required" }, { 412, "Precondition Failed" }, { 413, "Content Too Large" },
	{ 414, "URI Too Long" }, { 415, "Unsupported Media Type" },
	{ 416, "Range Not Satisfiable" }, { 417, "Expectation Failed" },
	{ 421, "Misdirected Request" }, { 422, "Unprocessable Content" }, { 423, "Locked" },
	{ 425, "Too Early" }, { 426, "Upgrade Required" }, { 428, "Precondition Required" },
	{ 429, "Too Many Requests" }, { 431, "Request Header Fields Too Large" },
	{ 451, "Unavailable For Legal Reasons" }, { 500, "Internal Server Error" },
	{ 501, "Not Implemented" }, { 502, "Bad Gateway" }, { 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" }, { 505, "HTTP Version Not Supported" },
	{ 507, "Insufficient Storage" } };

const char *http_status_text(unsigned status)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (statuses[i].status == status)
			return statuses[i].text;
	return "";
}

/* ---- paths ---- */

/* RFC 3986 §2.3: "%61" and "a" are one to most servers, and two to a comparison. */
static bool is_unreserved(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    c == '-' || c == '.' || c == '_' || c == '~';
}

/* Is the segment at PATH[at..] "." or ".."? */
static bool dot_segment(struct sc_span path, size_t at)
{
	size_t dots = 0;

	while (at < path.n && path.p[at] == '.') {
		dots++;
		at++;
	}
	return dots >= 1 && dots <= 2 && (at == path.n || path.p[at] == '/');
}

bool http_path_is_plain(struct sc_span path)
{
	for (size_t i = 0; i < path.n; i++) {
		uint8_t c = path.p[i];
		int high, low;

		if (c == '/' && i + 1 < path.n && path.p[i + 1] == '/')
			return false;
		if (c == '/' && dot_segment(path, i + 1))
			return false;
		if (c == '\\' || c == ';')
			return false; /* another separator to some; parameters to others */
		if (c != '%')
			continue;
		if (i + 2 >= path.n)
			return false;
		high = hex_digit(path.p[i + 1]);
		low = hex_digit(path.p[i + 2]);
		if (high < 0 || low < 0)
			return false;
		c = (uint8_t)(high * 16 + low);
		if (c < 0x20 || c == 0x7f || strchr("/\\%;", c) != NULL || is_unreserved(c))
			return false;
	}
	return path.n > 0 && path.p[0] == '/';
}

/* ---- queries ---- */

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

/* ---- what travels on ---- */

static bool same_name(struct sc_span a, struct sc_span b)
{
	return a.n == b.n && a.n != 0 && sc_caseless_eq(a.p, b.p, a.n);
}

static bool field_is_hop(struct sc_span name)
{
	/* by length first: every field of every message is asked */
	switch (name.n) {
	case 2: return sc_span_caseeq(name, "te");
	case 4: return sc_span_caseeq(name, "host");
	case 6: return sc_span_caseeq(name, "expect");
	case 7: return sc_span_caseeq(name, "trailer") || sc_span_caseeq(name, "upgrade");
	case 10: return sc_span_caseeq(name, "connection") || sc_span_caseeq(name, "keep-alive");
	case 14:
		return sc_span_caseeq(name, "content-length") ||
		    sc_span_caseeq(name, "http2-settings");
	case 16: return sc_span_caseeq(name, "proxy-connection");
	case 17: return sc_span_caseeq(name, "transfer-encoding");
	case 18: return sc_span_caseeq(name, "proxy-authenticate");
	case 19: return sc_span_caseeq(name, "proxy-authorization");
	}
	return false;
}

bool http_field_is_framing(struct sc_span name)
{
	return field_is_hop(name) && !sc_span_caseeq(name, "host");
}

/* Does one of H's Connection fields name NAME? */
static bool connection_names(const struct http_head *h, struct sc_span name)
{
	for (size_t i = 0; i < h->n_fields; i++) {
		struct sc_span rest = h->fields[i].value;
		struct sc_span option;

		if (!sc_span_caseeq(h->fields[i].name, "connection"))
			continue;
		while (grammar_list_next(&rest, &option))
			if (same_name(option, name))
				return true;
	}
	return false;
}

size_t http_head_forward(const struct http_head *h, struct http_field *out)
{
	bool listed = http_head_find(h, "connection").p != NULL;
	size_t n = 0;

	for (size_t i = 0; i < h->n_fields; i++) {
		const struct http_field *f = &h->fields[i];

		if (field_is_hop(f->name) || (listed && connection_names(h, f->name)))
			continue;
		out[n++] = *f;
	}
	return n;
}
