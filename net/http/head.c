/*
 * head.c - the strict parser for HTTP/1.1 heads.
 *
 * Three passes over at most 16 KiB: find the end and refuse stray control
 * bytes, cut lines into fields, then read the few fields that decide framing.
 */
#include "net/http/head.h"

#include "net/http/grammar.h"

#include <string.h>

/* ---- where does the head end? ---- */

/* The first byte of P[at..n) that is LF, CR or NUL; n when there is none. */
static size_t scan_special(const uint8_t *p, size_t at, size_t n)
{
	const uint8_t *hit;

	if ((hit = memchr(p + at, '\n', n - at)) != NULL)
		n = (size_t)(hit - p);
	if ((hit = memchr(p + at, '\r', n - at)) != NULL)
		n = (size_t)(hit - p);
	if ((hit = memchr(p + at, 0, n - at)) != NULL)
		n = (size_t)(hit - p);
	return n;
}

/* The same where the line from AT on is whole and as it should be, which most are. */
static size_t scan_line(const uint8_t *p, size_t at, size_t n)
{
	const uint8_t *lf = memchr(p + at, '\n', n - at);
	size_t end;

	if (lf == NULL || lf == p + at || lf[-1] != '\r')
		return scan_special(p, at, n);
	end = (size_t)(lf - p) - 1;
	return end == at || grammar_plain(sc_span(p + at, end - at)) ? end : scan_special(p, at, n);
}

enum http_scan http_head_scan(const uint8_t *p, size_t n, size_t *state, size_t *len,
    bool *too_long)
{
	size_t limit = n < HTTP_HEAD_MAX ? n : HTTP_HEAD_MAX;
	size_t at = *state; /* always the first byte of a line, or inside one */

	*too_long = false;
	while (at < limit) {
		size_t i = scan_line(p, at, limit);

		if (i == limit) {
			at = limit;
			break;
		}
		if (p[i] != '\r')
			return HTTP_SCAN_BAD;
		if (i + 1 == limit) {
			at = i;
			break;
		}
		if (p[i + 1] != '\n')
			return HTTP_SCAN_BAD;
		at = i + 2;
		/* an empty line ends the head; before a first line it is malformed */
		if (i == 0)
			return HTTP_SCAN_BAD;
		if (p[i - 1] == '\n') {
			*len = at;
			return HTTP_SCAN_DONE;
		}
	}
	*state = at;
	if (limit < HTTP_HEAD_MAX)
		return HTTP_SCAN_MORE;
	*too_long = true;
	return HTTP_SCAN_BAD;
}

/* ---- lines ---- */

struct parser {
	struct sc_span rest; /* what is not read yet */
	struct http_head *head;
	const char *why;
};

static enum sc_err refuse(struct parser *ps, const char *why)
{
	ps->why = why;
	return SC_SYNTAX;
}

/* The next line without its CRLF. The block was scanned: CRLF is there. */
static bool next_line(struct parser *ps, struct sc_span *line)
{
	const uint8_t *cr;

	if (ps->rest.n == 0)
		return false;
	if ((cr = memchr(ps->rest.p, '\r', ps->rest.n)) == NULL)
		return false;
	line->p = ps->rest.p;
	line->n = (size_t)(cr - ps->rest.p);
	if (line->n + 2 > ps->rest.n || cr[1] != '\n')
		return false;
	ps->rest = sc_span_from(ps->rest, line->n + 2);
	return true;
}

static enum sc_err parse_field(struct parser *ps, struct sc_span line)
{
	struct http_head *h = ps->head;
	const uint8_t *colon = memchr(line.p, ':', line.n);
	struct sc_span name, value;

	if (line.p[0] == ' ' || line.p[0] == '\t')
		return refuse(ps, "a field continues on a second line");
	if (colon == NULL)
		return refuse(ps, "a field line without a colon");
	name = sc_span(line.p, (size_t)(colon - line.p));
	if (name.n == 0 || !grammar_all(name, GRAMMAR_TCHAR))
		return refuse(ps, "a malformed field name");
	value = grammar_trim(sc_span_from(line, name.n + 1));
	if (!grammar_value(value))
		return refuse(ps, "a control byte in a field");
	if (h->n_fields == HTTP_FIELDS_MAX) {
		ps->why = "too many fields";
		return SC_LIMIT;
	}
	h->fields[h->n_fields++] = (struct http_field){ name, value };
	return SC_OK;
}

/* "HTTP/1.0" or "HTTP/1.1", nothing else. */
static bool parse_version(struct sc_span s, struct http_head *h)
{
	if (s.n != 8 || memcmp(s.p, "HTTP/1.", 7) != 0)
		return false;
	h->minor = (uint8_t)(s.p[7] - '0');
	return h->minor <= 1;
}

/* ---- the fields that decide framing ---- */

struct framing {
	size_t hosts, lengths, codings;
	struct sc_span length, coding;
	bool close, keep_alive;
};

static enum sc_err read_connection(struct parser *ps, struct sc_span value, struct framing *f)
{
	struct sc_span option;

	while (grammar_list_next(&value, &option)) {
		if (!grammar_all(option, GRAMMAR_TCHAR))
			return refuse(ps, "a malformed Connection field");
		f->close |= sc_span_caseeq(option, "close");
		f->keep_alive |= sc_span_caseeq(option, "keep-alive");
	}
	return SC_OK;
}

static enum sc_err read_framing_field(struct parser *ps, const struct http_field *field,
    struct framing *f)
{
	struct http_head *h = ps->head;

	switch (field->name.n) {
	case 4:
		if (sc_span_caseeq(field->name, "host")) {
			h->host = field->value;
			f->hosts++;
		}
		break;
	case 6:
		if (sc_span_caseeq(field->name, "expect")) {
			bool known = sc_span_caseeq(field->value, "100-continue");

			h->expect_continue |= known;
			h->expect_other |= !known;
		}
		break;
	case 10:
		if (sc_span_caseeq(field->name, "connection"))
			return read_connection(ps, field->value, f);
		break;
	case 14:
		if (sc_span_caseeq(field->name, "content-length")) {
			f->length = field->value;
			f->lengths++;
		}
		break;
	case 17:
		if (sc_span_caseeq(field->name, "transfer-encoding")) {
			f->coding = field->value;
			f->codings++;
		}
		break;
	}
	return SC_OK;
}

/*
 * RFC 9112 §6.3, where everything that it lets a recipient repair is refused:
 * repeated or listed lengths, both framings at once, any coding but a single
 * "chunked", any coding in HTTP/1.0.
 */
static enum sc_err read_framing(struct parser *ps, struct framing *f)
{
	struct http_head *h = ps->head;
	enum sc_err err;

	for (size_t i = 0; i < h->n_fields; i++)
		if ((err = read_framing_field(ps, &h->fields[i], f)) != SC_OK)
			return err;
	if (f->lengths > 1)
		return refuse(ps, "more than one Content-Length");
	if (f->codings > 1)
		return refuse(ps, "more than one Transfer-Encoding");
	if (f->lengths == 1 && f->codings == 1)
		return refuse(ps, "both Content-Length and Transfer-Encoding");
	if (f->lengths == 1 && !sc_span_u64(f->length, &h->content_length))
		return refuse(ps, "a malformed Content-Length");
	if (f->codings == 1 && !sc_span_caseeq(f->coding, "chunked"))
		return refuse(ps, "a Transfer-Encoding other than chunked");
	if (f->codings == 1 && h->minor == 0)
		return refuse(ps, "Transfer-Encoding in HTTP/1.0");
	h->close = f->close || (h->minor == 0 && !f->keep_alive);
	h->framing = f->codings == 1 ? HTTP_CHUNKED : f->lengths == 1 ? HTTP_LENGTH : HTTP_NO_BODY;
	return SC_OK;
}

static enum sc_err parse_fields(struct parser *ps, struct framing *f)
{
	struct sc_span line;
	enum sc_err err;

	for (;;) {
		if (!next_line(ps, &line))
			return refuse(ps, "the head does not end");
		if (line.n == 0)
			break;
		if ((err = parse_field(ps, line)) != SC_OK)
			return err;
	}
	if (ps->rest.n != 0)
		return refuse(ps, "bytes behind the head");
	return read_framing(ps, f);
}

/* ---- requests ---- */

/* "METHOD SP target SP version" with single blanks; only origin-form. */
static enum sc_err parse_request_line(struct parser *ps, struct sc_span line)
{
	struct http_head *h = ps->head;
	const uint8_t *a = memchr(line.p, ' ', line.n);
	const uint8_t *b;
	size_t left;

	if (a == NULL)
		return refuse(ps, "a malformed request line");
	h->method = sc_span(line.p, (size_t)(a - line.p));
	left = line.n - h->method.n - 1;
	if ((b = memchr(a + 1, ' ', left)) == NULL)
		return refuse(ps, "a malformed request line");
	h->target = sc_span(a + 1, (size_t)(b - a) - 1);
	if (h->method.n == 0 || h->method.n > 20 || !grammar_all(h->method, GRAMMAR_METHOD))
		return refuse(ps, "a method that is not of capital letters and '-', 20 at most");
	if (!parse_version(sc_span(b + 1, left - h->target.n - 1), h))
		return refuse(ps, "a version that is not HTTP/1.0 or HTTP/1.1");
	if (h->target.n == 0 || h->target.p[0] != '/' || sc_span_is(h->method, "CONNECT"))
		return refuse(ps, "a target that does not begin with '/'");
	if (!grammar_all(h->target, GRAMMAR_TARGET))
		return refuse(ps, "a byte in the target that must be percent-encoded");
	h->method_id = http_method_parse(h->method);
	return SC_OK;
}

static void split_target(struct http_head *h)
{
	const uint8_t *q = memchr(h->target.p, '?', h->target.n);

	h->path = h->target;
	h->query = sc_span(NULL, 0);
	if (q == NULL)
		return;
	h->path.n = (size_t)(q - h->target.p);
	h->query = sc_span_from(h->target, h->path.n + 1);
}

static bool host_legal(struct sc_span host)
{
	if (host.n == 0 || host.n > 255)
		return false;
	for (size_t i = 0; i < host.n; i++) {
		uint8_t c = host.p[i];

		if (c <= ' ' || c >= 0x7f)
			return false;
		switch (c) {
		case '/':
		case '?':
		case '#':
		case '@':
		case '\\':
		case ',':
		case '"':
		case '<':
		case '>': return false;
		}
	}
	return true;
}

/* The first line by FIRST, then the fields. */
static inline enum sc_err parse_head(struct parser *ps, struct framing *f,
    enum sc_err (*first)(struct parser *ps, struct sc_span line))
{
	struct sc_span line;
	enum sc_err err;

	/* all but the array, which n_fields bounds: clearing it would cost more than parsing */
	memset(ps->head, 0, offsetof(struct http_head, fields));
	if (!next_line(ps, &line))
		line = sc_span("", 0); /* which is malformed either way */
	if ((err = first(ps, line)) != SC_OK)
		return err;
	return parse_fields(ps, f);
}

/* One name, said once; who speaks HTTP/1.0 need not know that there are names (RFC 9112 §3.2). */
static enum sc_err check_host(struct parser *ps, size_t hosts)
{
	if (hosts == 0)
		return ps->head->minor == 0 ? SC_OK : refuse(ps, "no Host");
	if (hosts > 1)
		return refuse(ps, "more than one Host");
	return host_legal(ps->head->host) ? SC_OK : refuse(ps, "a malformed Host");
}

enum sc_err http_head_parse_request(struct sc_span block, struct http_head *out, const char **why)
{
	struct parser ps = { block, out, "" };
	struct framing f = { 0 };
	enum sc_err err = parse_head(&ps, &f, parse_request_line);

	if (err == SC_OK)
		err = check_host(&ps, f.hosts);
	if (err == SC_OK)
		split_target(out);
	if (why != NULL)
		*why = ps.why;
	return err;
}

/* ---- responses ---- */

/* "version SP 3DIGIT SP [reason]" (RFC 9112 §4; the last blank may be missing). */
static enum sc_err parse_status_line(struct parser *ps, struct sc_span line)
{
	struct http_head *h = ps->head;
	const uint8_t *p = line.p;

	if (line.n < 12 || !parse_version(sc_span(p, 8), h) || p[8] != ' ')
		return refuse(ps, "a malformed status line");
	for (int i = 9; i < 12; i++) {
		if (p[i] < '0' || p[i] > '9')
			return refuse(ps, "a malformed status");
		h->status = (uint16_t)(h->status * 10 + (p[i] - '0'));
	}
	if (h->status < 100 || h->status > 599)
		return refuse(ps, "a malformed status");
	if (line.n > 12 && p[12] != ' ')
		return refuse(ps, "a malformed status line");
	if (!grammar_all(sc_span_from(line, 12), GRAMMAR_VALUE))
		return refuse(ps, "a control byte in the reason");
	return SC_OK;
}

enum sc_err http_head_parse_response(struct sc_span block, enum http_method method,
    struct http_head *out, const char **why)
{
	struct parser ps = { block, out, "" };
	struct framing f = { 0 };
	enum sc_err err = parse_head(&ps, &f, parse_status_line);

	if (err == SC_OK) {
		bool bodiless = method == HTTP_HEAD || out->status < 200 || out->status == 204 ||
		    out->status == 304;

		if ((out->status < 200 || out->status == 204) && f.codings != 0)
			err = refuse(&ps, "Transfer-Encoding where no body can be");
		else if (bodiless)
			out->framing = HTTP_NO_BODY;
		else if (out->framing == HTTP_NO_BODY) {
			out->framing = HTTP_UNTIL_CLOSE;
			out->close = true;
		}
	}
	if (why != NULL)
		*why = ps.why;
	return err;
}
