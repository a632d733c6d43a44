/*
 * walk.c - see walk.h.
 */
#include "walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POINTER_MAX 8192

struct walk {
	const char *doc;
	size_t n, at;
	char pointer[POINTER_MAX];
	size_t pointer_n;
	walk_fn *fn;
	void *arg;
	int depth;
};

static void space(struct walk *w)
{
	while (w->at < w->n && strchr(" \t\r\n", w->doc[w->at]) != NULL)
		w->at++;
}

size_t walk_string_end(const char *doc, size_t n, size_t at)
{
	while (at < n && doc[at] != '"')
		at += doc[at] == '\\' ? 2 : 1;
	return at;
}

static unsigned hex4(const char *s)
{
	char h[5] = { s[0], s[1], s[2], s[3], 0 };
	char *end;
	unsigned v = (unsigned)strtoul(h, &end, 16);

	return *end == '\0' ? v : 0x10000;
}

/* One escape or UTF-8 character at RAW[*I]; its code point, or -1. */
static long next_unit(const char *raw, size_t n, size_t *i)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const unsigned char *p = (const unsigned char *)raw + *i;
	const char *which;
	size_t more;
	long c = p[0];

	if (c == '\\') {
		if (n - *i >= 6 && p[1] == 'u') {
			c = (long)hex4(raw + *i + 2);
			*i += 6;
			return c > 0xffff ? -1 : c;
		}
		if (n - *i < 2 || (which = strchr(from, p[1])) == NULL)
			return -1;
		*i += 2;
		return to[which - from];
	}
	more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
	if (n - *i < more + 1)
		return -1;
	if (more > 0)
		c &= 0x3f >> more;
	for (size_t k = 1; k <= more; k++)
		c = c << 6 | (p[k] & 0x3f);
	*i += more + 1;
	return c;
}

size_t walk_decode(const char *raw, size_t n, uint16_t *out)
{
	size_t units = 0;

	for (size_t i = 0; i < n;) {
		long c = next_unit(raw, n, &i);

		if (c < 0)
			return SIZE_MAX;
		if (c > 0xffff) {
			out[units++] = (uint16_t)(0xd800 + ((c - 0x10000) >> 10));
			c = 0xdc00 + ((c - 0x10000) & 0x3ff);
		}
		out[units++] = (uint16_t)c;
	}
	return units;
}

bool walk_needless_escapes(const char *raw, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (raw[i] != '\\')
			continue;
		i++;
		if (strchr("\"\\bfnrt", raw[i]) != NULL)
			continue;
		if (raw[i] == 'u') {
			unsigned c = hex4(raw + i + 1);

			/* control characters and lone surrogates need it; the
			   spelling of the digits is then still a choice */
			if (c < 0x20 || (c >= 0xd800 && c < 0xe000)) {
				i += 4;
				continue;
			}
		}
		return true;
	}
	return false;
}

/* Append "/KEY" (decoded, ASCII enough for a configuration) to the pointer. */
static bool push_key(struct walk *w, size_t start, size_t end)
{
	size_t need = end - start + 2;

	if (w->pointer_n + need >= POINTER_MAX)
		return false;
	w->pointer[w->pointer_n++] = '/';
	for (size_t i = start; i < end;) {
		size_t before = i;
		long c = next_unit(w->doc, end, &i);

		if (c < 0)
			return false;
		if (w->doc[before] == '\\' && c < 0x80)
			w->pointer[w->pointer_n++] = (char)c;
		else
			for (size_t k = before; k < i; k++)
				w->pointer[w->pointer_n++] = w->doc[k];
	}
	w->pointer[w->pointer_n] = '\0';
	return true;
}

static bool value(struct walk *w);

static bool members(struct walk *w, bool array)
{
	char close = array ? ']' : '}';
	size_t mark = w->pointer_n;

	w->at++;
	space(w);
	if (w->at < w->n && w->doc[w->at] == close) {
		w->at++;
		return true;
	}
	for (;;) {
		space(w);
		if (array) {
			if (w->pointer_n + 3 >= POINTER_MAX)
				return false;
			memcpy(w->pointer + w->pointer_n, "/*", 3);
			w->pointer_n += 2;
		} else {
			size_t start = w->at + 1, end;

			if (w->at >= w->n || w->doc[w->at] != '"')
				return false;
			end = walk_string_end(w->doc, w->n, start);
			if (end >= w->n || !push_key(w, start, end))
				return false;
			w->at = end + 1;
			space(w);
			if (w->at >= w->n || w->doc[w->at++] != ':')
				return false;
		}
		if (!value(w))
			return false;
		w->pointer_n = mark;
		w->pointer[mark] = '\0';
		space(w);
		if (w->at >= w->n)
			return false;
		if (w->doc[w->at] == close) {
			w->at++;
			return true;
		}
		if (w->doc[w->at++] != ',')
			return false;
	}
}

static bool value(struct walk *w)
{
	bool fine;

	space(w);
	if (w->at >= w->n || w->depth > 600)
		return false;
	if (w->doc[w->at] == '{' || w->doc[w->at] == '[') {
		w->depth++;
		fine = members(w, w->doc[w->at] == '[');
		w->depth--;
		return fine;
	}
	if (w->doc[w->at] == '"') {
		size_t start = w->at + 1, end = walk_string_end(w->doc, w->n, start);

		if (end >= w->n)
			return false;
		w->at = end + 1;
		w->fn(w->arg, w->pointer, true, start, end);
		return true;
	}
	{
		size_t start = w->at;

		while (w->at < w->n && strchr(",]} \t\r\n", w->doc[w->at]) == NULL)
			w->at++;
		w->fn(w->arg, w->pointer, false, start, w->at);
		return w->at > start;
	}
}

bool walk_json(const char *doc, size_t n, walk_fn *fn, void *arg)
{
	struct walk w = { .doc = doc, .n = n, .fn = fn, .arg = arg };

	if (!value(&w))
		return false;
	space(&w);
	return w.at == n;
}
