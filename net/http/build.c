/*
 * build.c - writing heads. Nothing a caller passes can break the framing: a
 * field with a stray byte is refused, framing fields are ours alone.
 */
#include "net/http/head.h"

#include "net/http/grammar.h"

#include <string.h>

/* Sticky like a jsonw: the first failure stops everything behind it. */
struct builder {
	struct sc_buf *out;
	enum sc_err err;
};

static void put(struct builder *w, const void *p, size_t n)
{
	if (w->err == SC_OK)
		w->err = sc_buf_put(w->out, p, n);
}

#define put_lit(w, s) put(w, "" s "", sizeof(s) - 1)

static void put_field(struct builder *w, struct http_field f)
{
	uint8_t *p;

	if (f.name.n == 0 || !grammar_all(f.name, GRAMMAR_TCHAR) || !grammar_value(f.value))
		w->err = SC_SYNTAX;
	if (w->err == SC_OK)
		w->err = sc_buf_grow(w->out, f.name.n + f.value.n + 4, &p);
	if (w->err != SC_OK)
		return;
	memcpy(p, f.name.p, f.name.n);
	p += f.name.n;
	*p++ = ':';
	*p++ = ' ';
	if (f.value.n != 0)
		memcpy(p, f.value.p, f.value.n);
	p += f.value.n;
	*p++ = '\r';
	*p = '\n';
}

static void put_length(struct builder *w, uint64_t length)
{
	if (length == HTTP_LENGTH_CHUNKED) {
		put_lit(w, "Transfer-Encoding: chunked\r\n");
	} else if (length != HTTP_LENGTH_NONE) {
		put_lit(w, "Content-Length: ");
		if (w->err == SC_OK)
			w->err = sc_buf_put_u64(w->out, length);
		put_lit(w, "\r\n");
	}
}

static void put_fields(struct builder *w, const struct http_build *b)
{
	for (size_t i = 0; i < b->n_fields; i++)
		if (!http_field_is_framing(b->fields[i].name))
			put_field(w, b->fields[i]);
	put_length(w, b->length);
	if (b->close)
		put_lit(w, "Connection: close\r\n");
	else if (b->keep_alive)
		put_lit(w, "Connection: keep-alive\r\n");
	put_lit(w, "\r\n");
}

static enum sc_err finish(struct builder *w, size_t before)
{
	if (w->err != SC_OK)
		sc_buf_truncate(w->out, before);
	return w->err;
}

enum sc_err http_head_build_request(struct sc_buf *out, struct sc_span method,
    struct sc_span target, const struct http_build *b)
{
	struct builder w = { out, SC_OK };
	size_t before = out->n;

	if (method.n == 0 || !grammar_all(method, GRAMMAR_METHOD) || target.n == 0 ||
	    target.p[0] != '/' || !grammar_all(target, GRAMMAR_TARGET))
		return SC_SYNTAX;
	put(&w, method.p, method.n);
	put_lit(&w, " ");
	put(&w, target.p, target.n);
	put_lit(&w, " HTTP/1.1\r\n");
	if (http_fields_find(b->fields, b->n_fields, "host") == NULL)
		put_field(&w, (struct http_field){ SC_LIT("Host"), b->host });
	put_fields(&w, b);
	return finish(&w, before);
}

enum sc_err http_head_build_response(struct sc_buf *out, unsigned status,
    const struct http_build *b)
{
	struct builder w = { out, SC_OK };
	const char *text = http_status_text(status);
	size_t before = out->n;
	char line[] = "HTTP/1.1 000 ";

	if (status < 100 || status > 599)
		return SC_SYNTAX;
	line[9] = (char)('0' + status / 100);
	line[10] = (char)('0' + status / 10 % 10);
	line[11] = (char)('0' + status % 10);
	put(&w, line, sizeof(line) - 1);
	put(&w, text, strlen(text));
	put_lit(&w, "\r\n");
	put_fields(&w, b);
	return finish(&w, before);
}
