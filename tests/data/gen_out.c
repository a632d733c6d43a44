/*
 * gen_out.c - see gen_out.h.
 */
#include "gen_out.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void gen_text_add(struct gen_text *t, const char *s, size_t n)
{
	if (t->n + n + 1 > t->cap) {
		t->cap = (t->n + n + 1) * 2;
		t->p = realloc(t->p, t->cap);
		if (t->p == NULL) {
			fprintf(stderr, "gen_orders: out of memory\n");
			exit(1);
		}
	}
	memcpy(t->p + t->n, s, n);
	t->n += n;
	t->p[t->n] = '\0';
}

void gen_text_print(struct gen_text *t, const char *fmt, ...)
{
	char line[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(line)) {
		fprintf(stderr, "gen_orders: a value is too long\n");
		exit(1);
	}
	gen_text_add(t, line, (size_t)n);
}

static void doc_add(struct gen_out *g, const char *s)
{
	gen_text_add(&g->doc, s, strlen(s));
}

void gen_out_reset(struct gen_out *g, unsigned style)
{
	g->doc.n = g->truth.n = 0;
	g->depth = 0;
	g->style = style;
	g->any_truth = false;
	memset(g->at, 0, sizeof(g->at));
}

void gen_out_fini(struct gen_out *g)
{
	free(g->doc.p);
	free(g->truth.p);
	memset(g, 0, sizeof(*g));
}

/* Next character of valid UTF-8; moves *S behind it. */
static uint32_t next_char(const char **s)
{
	const unsigned char *p = (const unsigned char *)*s;
	uint32_t c = p[0];
	int more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;

	if (more > 0)
		c &= 0x3fu >> more;
	for (int i = 1; i <= more; i++)
		c = c << 6 | (p[i] & 0x3f);
	*s += more + 1;
	return c;
}

static void add_u(struct gen_text *t, uint32_t c)
{
	if (c < 0x10000) {
		gen_text_print(t, "\\u%04x", (unsigned)c);
	} else {
		c -= 0x10000;
		gen_text_print(t, "\\u%04x\\u%04x", (unsigned)(0xd800 + (c >> 10)),
		    (unsigned)(0xdc00 + (c & 0x3ff)));
	}
}

/* The inside of a JSON string, in the spelling of STYLE. */
static void add_escaped(struct gen_text *t, const char *s, unsigned style)
{
	while (*s != '\0') {
		const char *from = s;
		uint32_t c = next_char(&s);

		if (c == '"' || c == '\\')
			gen_text_print(t, "\\%c", (char)c);
		else if (c == '\n')
			gen_text_add(t, "\\n", 2);
		else if (c == '\t')
			gen_text_add(t, "\\t", 2);
		else if (c == '/' && (style & GEN_SLASH))
			gen_text_add(t, "\\/", 2);
		else if (c < 0x20 || (c > 0x7e && (style & GEN_ASCII)))
			add_u(t, c);
		else
			gen_text_add(t, from, (size_t)(s - from));
	}
}

static void begin_value(struct gen_out *g, const char *key)
{
	if (g->depth == 0)
		return;
	if (g->at[g->depth - 1].any)
		doc_add(g, g->style & GEN_SPACED ? ", " : ",");
	g->at[g->depth - 1].any = true;
	if (g->at[g->depth - 1].array) {
		g->at[g->depth - 1].index++;
		return;
	}
	snprintf(g->at[g->depth - 1].key, sizeof(g->at[0].key), "%s", key);
	doc_add(g, "\"");
	for (const char *s = key; *s != '\0'; s++) {
		if (*s == 'e' && (g->style & GEN_ESCAPED_KEYS))
			add_u(&g->doc, 'e');
		else
			gen_text_add(&g->doc, s, 1);
	}
	doc_add(g, g->style & GEN_SPACED ? "\": " : "\":");
}

static void push(struct gen_out *g, bool array)
{
	if (g->depth == GEN_DEPTH) {
		fprintf(stderr, "gen_orders: too deep\n");
		exit(1);
	}
	g->at[g->depth].array = array;
	g->at[g->depth].any = false;
	g->at[g->depth].index = -1;
	g->depth++;
}

void gen_object(struct gen_out *g, const char *key)
{
	begin_value(g, key);
	doc_add(g, "{");
	push(g, false);
}

void gen_array(struct gen_out *g, const char *key)
{
	begin_value(g, key);
	doc_add(g, "[");
	push(g, true);
}

void gen_end(struct gen_out *g)
{
	g->depth--;
	doc_add(g, g->at[g->depth].array ? "]" : "}");
}

void gen_raw(struct gen_out *g, const char *key, const char *raw)
{
	begin_value(g, key);
	doc_add(g, raw);
}

void gen_string(struct gen_out *g, const char *key, const char *utf8)
{
	begin_value(g, key);
	doc_add(g, "\"");
	add_escaped(&g->doc, utf8, g->style);
	doc_add(g, "\"");
}

/* One line of truth for the raw bytes [FROM, end of document). */
static void add_truth(struct gen_out *g, const char *type, const char *value, size_t from,
    char mode, bool escaped)
{
	gen_text_print(&g->truth, "%s{\"p\":\"", g->any_truth ? "," : "");
	for (int i = 0; i < g->depth; i++) {
		if (g->at[i].array)
			gen_text_print(&g->truth, "/%d", g->at[i].index);
		else
			gen_text_print(&g->truth, "/%s", g->at[i].key);
	}
	gen_text_print(&g->truth, "\",\"t\":\"%s\",\"v\":\"", type);
	add_escaped(&g->truth, value, 0);
	gen_text_print(&g->truth, "\",\"r\":[%zu,%zu],\"m\":\"%c\"%s}", from, g->doc.n, mode,
	    escaped ? ",\"esc\":1" : "");
	g->any_truth = true;
}

void gen_pii(struct gen_out *g, const char *key, const char *type, const char *utf8)
{
	size_t from;

	if (utf8 == NULL || utf8[0] == '\0') {
		gen_raw(g, key, utf8 == NULL ? "null" : "\"\"");
		return;
	}
	begin_value(g, key);
	doc_add(g, "\"");
	from = g->doc.n;
	add_escaped(&g->doc, utf8, g->style);
	add_truth(g, type, utf8, from, 'f', false);
	doc_add(g, "\"");
}

void gen_pii_escaped(struct gen_out *g, const char *key, const char *type, const char *ascii)
{
	size_t from;

	begin_value(g, key);
	doc_add(g, "\"");
	from = g->doc.n;
	for (const char *s = ascii; *s != '\0';)
		add_u(&g->doc, next_char(&s));
	add_truth(g, type, ascii, from, 'f', true);
	doc_add(g, "\"");
}

void gen_pii_number(struct gen_out *g, const char *key, const char *type, const char *digits)
{
	size_t from;

	begin_value(g, key);
	from = g->doc.n;
	doc_add(g, digits);
	add_truth(g, type, digits, from, 'n', false);
}

void gen_text_open(struct gen_out *g, const char *key)
{
	begin_value(g, key);
	doc_add(g, "\"");
}

void gen_text_plain(struct gen_out *g, const char *utf8)
{
	add_escaped(&g->doc, utf8, g->style);
}

void gen_text_raw(struct gen_out *g, const char *raw)
{
	doc_add(g, raw);
}

void gen_text_pii(struct gen_out *g, const char *type, const char *utf8)
{
	size_t from = g->doc.n;

	add_escaped(&g->doc, utf8, g->style);
	add_truth(g, type, utf8, from, 't', false);
}

void gen_text_close(struct gen_out *g)
{
	doc_add(g, "\"");
}
