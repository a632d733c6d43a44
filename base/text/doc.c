/*
 * doc.c - the strict pass over JSON, with comments or without, which makes the nodes.
 */
#include "base/text/doc.h"

#include "base/text/escape.h"
#include "base/text/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct parser {
	struct sc_arena *arena;
	const uint8_t *p;
	size_t n, i;
	size_t left;       /* nodes that may still be made */
	bool sent;         /* doc_load_sent() */
	bool half;         /* the string taken last holds half a surrogate pair */
	struct sc_diag *d; /* gets the offset and the text of what is wrong */
};

static enum sc_err fail(struct parser *s, const char *why)
{
	s->d->offset = s->i;
	sc_diag_set(s->d, "%s", why);
	return SC_SYNTAX;
}

static int peek(const struct parser *s, size_t ahead)
{
	return s->n - s->i > ahead ? s->p[s->i + ahead] : -1;
}

static bool take(struct parser *s, uint8_t c)
{
	if (peek(s, 0) != c)
		return false;
	s->i++;
	return true;
}

/* ---- space and comments --------------------------------------------------- */

static enum sc_err skip_comment(struct parser *s)
{
	bool block = peek(s, 1) == '*';
	size_t start = s->i;

	for (s->i += 2; s->i < s->n; s->i++) {
		if (!block && s->p[s->i] == '\n')
			return SC_OK;
		if (block && s->p[s->i] == '*' && peek(s, 1) == '/') {
			s->i += 2;
			return SC_OK;
		}
	}
	if (!block)
		return SC_OK;
	s->i = start;
	return fail(s, "this comment never ends");
}

static enum sc_err skip_space(struct parser *s)
{
	enum sc_err err;

	for (;;) {
		int c = peek(s, 0);

		if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
			s->i++;
		} else if (c == '/' && !s->sent && (peek(s, 1) == '/' || peek(s, 1) == '*')) {
			if ((err = skip_comment(s)) != SC_OK)
				return err;
		} else {
			return SC_OK;
		}
	}
}

/* ---- strings ----------------------------------------------------------------- */

/* An escape, as UTF-8 to *OUT, which moves on. */
static enum sc_err take_escape(struct parser *s, uint8_t **out)
{
	struct escaped_char c;

	if (!escape_read(sc_span(s->p + s->i, s->n - s->i), &c))
		return fail(s,
		    peek(s, 1) == 'u' ? "\\u needs four hexadecimal digits" :
					"unknown escape in a string");
	if (c.utf8[0] == 0)
		return fail(s, "\\u0000 is not allowed in a string");
	if (c.lone && !s->sent)
		return fail(s, "half of a surrogate pair in a string");
	s->half |= c.lone;
	memcpy(*out, c.utf8, c.n);
	*out += c.n;
	s->i += c.used;
	return SC_OK;
}

#define EACH(byte) (0x0101010101010101u * (byte))

/* Behind the characters of ASCII from here on that stand as they are, eight at a time. */
static size_t ascii_end(const struct parser *s)
{
	size_t i = s->i;

	for (; s->n - i >= 8; i += 8) {
		uint64_t w, quote, escape;

		memcpy(&w, s->p + i, sizeof(w));
		quote = w ^ EACH('"');
		escape = w ^ EACH('\\');
		/* a byte that is 0 in one of these, below a blank, or above 0x7f, has its top bit set */
		if ((((quote - EACH(1)) & ~quote) | ((escape - EACH(1)) & ~escape) |
			((w - EACH(' ')) & ~w) | w) &
		    EACH(0x80))
			break;
	}
	while (i < s->n && s->p[i] != '"' && s->p[i] != '\\' && s->p[i] >= ' ' && s->p[i] < 0x80)
		i++;
	return i;
}

/* Where the string that began before here ends: at its quote, or at the end of the line. */
static size_t string_end(const struct parser *s)
{
	size_t i = s->i;

	while (i < s->n && s->p[i] != '"' && s->p[i] != '\n')
		i += s->p[i] == '\\' ? 2 : 1;
	return i < s->n ? i : s->n;
}

/* Where, before END, the characters from here end that stand as they are. */
static size_t plain_end(const struct parser *s, size_t end)
{
	const uint8_t *p = s->p;
	size_t i = s->i, n = 1;

	for (; i < end && n != 0 && p[i] != '\\' && p[i] >= 0x20; i += n)
		n = p[i] < 0x80 ? 1 : utf8_length(sc_span(p + i, s->n - i));
	return i;
}

static enum sc_err take_string(struct parser *s, const char **out)
{
	size_t start = s->i, end, at;
	uint8_t *to;
	enum sc_err err;

	if (!take(s, '"'))
		return fail(s, "expected a string in double quotes");
	s->half = false;
	end = ascii_end(s);
	if (end < s->n && s->p[end] == '"') { /* nearly all of them */
		*out = sc_arena_copy(s->arena, sc_span(s->p + s->i, end - s->i));
		s->i = end + 1;
		return *out == NULL ? SC_NOMEM : SC_OK;
	}
	end = string_end(s);
	/* no escape is shorter than what it stands for */
	if ((to = sc_arena_alloc(s->arena, end - s->i + 1)) == NULL)
		return SC_NOMEM;
	*out = (const char *)to;
	while (s->i < end) {
		at = s->i;
		s->i = plain_end(s, end);
		memcpy(to, s->p + at, s->i - at);
		to += s->i - at;
		if (s->i == end)
			break;
		if (s->p[s->i] != '\\')
			return fail(s,
			    s->p[s->i] < 0x20 ? "control character in a string" : "not UTF-8");
		if ((err = take_escape(s, &to)) != SC_OK)
			return err;
	}
	if (take(s, '"'))
		return SC_OK;
	s->i = start;
	return fail(s, "this string never ends");
}

/* ---- numbers and words ---------------------------------------------------------- */

static bool take_digits(struct parser *s)
{
	size_t start = s->i;

	while (peek(s, 0) >= '0' && peek(s, 0) <= '9')
		s->i++;
	return s->i > start;
}

static enum sc_err take_number(struct parser *s, struct doc_node *node)
{
	node->kind = DOC_NUMBER;
	take(s, '-');
	if (take(s, '0')) {
		if (peek(s, 0) >= '0' && peek(s, 0) <= '9')
			return fail(s, "a number may not begin with 0");
	} else if (!take_digits(s)) {
		return fail(s, "a number needs a digit here");
	}
	if (take(s, '.') && !take_digits(s))
		return fail(s, "a number needs a digit after the point");
	if (take(s, 'e') || take(s, 'E')) {
		if (!take(s, '+'))
			take(s, '-');
		if (!take_digits(s))
			return fail(s, "a number needs a digit in its exponent");
	}
	node->text = sc_arena_copy(s->arena, sc_span(s->p + node->at, s->i - node->at));
	return node->text == NULL ? SC_NOMEM : SC_OK;
}

static enum sc_err take_word(struct parser *s, struct doc_node *node)
{
	static const char *const words[] = { "true", "false", "null" };
	struct sc_span rest = sc_span(s->p + s->i, s->n - s->i);

	for (size_t k = 0; k < 3; k++) {
		if (!sc_span_starts(rest, words[k]))
			continue;
		s->i += strlen(words[k]);
		node->kind = k == 2 ? DOC_NULL : DOC_BOOL;
		node->yes = k == 0;
		return SC_OK;
	}
	return fail(s, "expected a value");
}

/* ---- lists and objects -------------------------------------------------------------- */

static int by_key(const void *a, const void *b)
{
	const struct doc_node *const *x = a, *const *y = b;
	int order = strcmp((*x)->key, (*y)->key);

	return order != 0 ? order : (*x)->key_at < (*y)->key_at ? -1 : 1;
}

static enum sc_err refuse_twice(struct parser *s, const struct doc_node *object)
{
	const struct doc_node **v = sc_arena_alloc(s->arena, object->n * sizeof(struct doc_node *));
	size_t n = 0;

	if (v == NULL)
		return SC_NOMEM;
	for (const struct doc_node *m = object->first; m != NULL; m = m->next)
		v[n++] = m;
	qsort(v, n, sizeof(struct doc_node *), by_key);
	for (size_t i = 1; i < n; i++) {
		if (strcmp(v[i - 1]->key, v[i]->key) != 0)
			continue;
		s->d->offset = v[i]->key_at;
		sc_diag_set(s->d, "the key \"%.60s\" is here twice", v[i]->key);
		return SC_SYNTAX;
	}
	return SC_OK;
}

static enum sc_err take_value(struct parser *s, struct doc_node *node, unsigned depth);

static enum sc_err take_key(struct parser *s, struct doc_node *node)
{
	enum sc_err err;

	node->key_at = (uint32_t)s->i;
	if (peek(s, 0) != '"')
		return fail(s, "expected a key in double quotes (or a comma too many before)");
	if ((err = take_string(s, &node->key)) != SC_OK || (err = skip_space(s)) != SC_OK)
		return err;
	return take(s, ':') ? SC_OK : fail(s, "expected ':' after the key");
}

/* The inside of [ ] or { }; the opening bracket is already taken. */
static enum sc_err take_container(struct parser *s, uint8_t end, struct doc_node *node,
    unsigned depth)
{
	const struct doc_node **link = &node->first;
	struct doc_node *one;
	enum sc_err err;

	node->kind = end == '}' ? DOC_OBJECT : DOC_LIST;
	if (depth >= DOC_DEPTH_MAX)
		return fail(s, "nested too deeply");
	if ((err = skip_space(s)) != SC_OK)
		return err;
	if (take(s, end))
		return SC_OK;
	for (;;) {
		if (s->left-- == 0)
			return SC_LIMIT;
		if ((one = sc_arena_alloc(s->arena, sizeof(*one))) == NULL)
			return SC_NOMEM;
		if ((end == '}' && (err = take_key(s, one)) != SC_OK) ||
		    (err = take_value(s, one, depth + 1)) != SC_OK)
			return err;
		*link = one;
		link = &one->next;
		node->n++;
		if (take(s, end))
			return end == '}' && !s->sent ? refuse_twice(s, node) : SC_OK;
		if (!take(s, ','))
			return fail(s, end == '}' ? "expected ',' or '}'" : "expected ',' or ']'");
		if ((err = skip_space(s)) != SC_OK)
			return err;
	}
}

/* A value with the space around it. */
static enum sc_err take_value(struct parser *s, struct doc_node *node, unsigned depth)
{
	enum sc_err err;
	int c;

	if ((err = skip_space(s)) != SC_OK)
		return err;
	node->at = (uint32_t)s->i;
	if (node->key == NULL)
		node->key_at = node->at;
	c = peek(s, 0);
	if (take(s, '{')) {
		err = take_container(s, '}', node, depth);
	} else if (take(s, '[')) {
		err = take_container(s, ']', node, depth);
	} else if (c == '"') {
		node->kind = DOC_TEXT;
		err = take_string(s, &node->text);
		node->half = s->half;
	} else if (c == '-' || (c >= '0' && c <= '9')) {
		err = take_number(s, node);
	} else {
		err = take_word(s, node);
	}
	node->end = (uint32_t)s->i;
	return err != SC_OK ? err : skip_space(s);
}

/* ---- loading ------------------------------------------------------------------------ */

/* OUT's text, which nobody moves any more, to its nodes: at most MAX and the root. */
static enum sc_err parse(struct sc_arena *a, size_t max, struct sc_diag *d, struct doc *out)
{
	struct parser s = {
		.arena = a,
		.p = out->text.p,
		.n = out->text.n,
		.left = max,
		.sent = out->sent,
		.d = d,
	};
	struct doc_node *root = sc_arena_alloc(a, sizeof(*root));
	enum sc_err err;

	if (root == NULL)
		return SC_NOMEM;
	if (!s.sent && sc_span_starts(out->text, "\xEF\xBB\xBF"))
		s.i = 3; /* a byte order mark */
	if ((err = take_value(&s, root, 0)) == SC_OK && s.i != s.n)
		err = fail(&s, "expected nothing after the value");
	if (err == SC_SYNTAX)
		doc_locate(out, d->offset, d);
	out->root = root;
	out->n = max - s.left;
	return err;
}

/* Begin with OUT and D (or OWN, when the caller wants none). */
static struct sc_diag *begin(struct sc_arena *a, const char *file, struct sc_diag *d,
    struct sc_diag *own, struct doc *out)
{
	if (d == NULL)
		d = own;
	*d = (struct sc_diag){ .line = 0 };
	*out = (struct doc){ .file = sc_arena_copy(a, sc_span_str(file)) };
	if (out->file == NULL)
		out->file = "";
	snprintf(d->file, sizeof(d->file), "%s", out->file);
	return d;
}

static enum sc_err end(enum sc_err err, struct sc_diag *d)
{
	if (err == SC_NOMEM || err == SC_LIMIT)
		sc_diag_set(d, err == SC_NOMEM ? "no memory" : "too large");
	return err;
}

enum sc_err doc_load(struct sc_arena *a, struct sc_span text, const char *file, struct sc_diag *d,
    struct doc *out)
{
	struct sc_diag own;

	d = begin(a, file, d, &own, out);
	if (text.n > UINT32_MAX)
		return end(SC_LIMIT, d);
	out->text = sc_span(sc_arena_copy(a, text), text.n);
	return end(out->text.p == NULL ? SC_NOMEM : parse(a, SIZE_MAX, d, out), d);
}

enum sc_err doc_load_sent(struct sc_arena *a, struct sc_span text, size_t max, struct sc_diag *d,
    struct doc *out)
{
	struct sc_diag own;

	if (d == NULL)
		d = &own;
	*d = (struct sc_diag){ .line = 0 };
	*out = (struct doc){ .text = text, .file = "", .sent = true };
	return end(text.n > UINT32_MAX ? SC_LIMIT : parse(a, max, d, out), d);
}

/* Read all of FD, at most DOC_BYTES_MAX bytes and one more. */
static enum sc_err read_all(struct sc_arena *a, int fd, struct sc_span *out)
{
	size_t cap = DOC_BYTES_MAX + 1;
	struct stat st;
	uint8_t *buf;
	ssize_t r = 1;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= 0 &&
	    (size_t)st.st_size < cap)
		cap = (size_t)st.st_size + 1;
	if ((buf = sc_arena_alloc(a, cap)) == NULL)
		return SC_NOMEM;
	*out = sc_span(buf, 0);
	while (r > 0 && out->n < cap) {
		r = read(fd, buf + out->n, cap - out->n);
		if (r < 0 && errno == EINTR)
			r = 1;
		else if (r > 0)
			out->n += (size_t)r;
	}
	return r < 0 ? SC_IO : out->n > DOC_BYTES_MAX ? SC_LIMIT : SC_OK;
}

enum sc_err doc_load_file(struct sc_arena *a, const char *path, struct sc_diag *d, struct doc *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	enum sc_err err = SC_IO;
	struct sc_diag own;

	d = begin(a, path, d, &own, out);
	if (fd >= 0)
		err = read_all(a, fd, &out->text);
	if (err == SC_IO)
		sc_diag_set(d, "cannot be read: %s", strerrordesc_np(errno));
	if (fd >= 0)
		close(fd);
	return end(err == SC_OK ? parse(a, SIZE_MAX, d, out) : err, d);
}

/* ---- looking ------------------------------------------------------------------------ */

const struct doc_node *doc_find(const struct doc_node *object, const char *key)
{
	const struct doc_node *m = NULL;

	if (object != NULL && object->kind == DOC_OBJECT)
		for (m = object->first; m != NULL && strcmp(m->key, key) != 0; m = m->next)
			;
	return m;
}

const char *doc_find_text(const struct doc_node *object, const char *key)
{
	const struct doc_node *m = doc_find(object, key);

	return m != NULL && m->kind == DOC_TEXT ? m->text : NULL;
}

struct sc_span doc_said(const struct doc *doc, const struct doc_node *node)
{
	if (node == NULL)
		return sc_span(NULL, 0);
	if (node->kind == DOC_TEXT)
		return sc_span_str(node->text);
	return sc_span(doc->text.p + node->at, node->end - node->at);
}

void doc_locate(const struct doc *doc, size_t offset, struct sc_diag *d)
{
	snprintf(d->file, sizeof(d->file), "%s", doc->file);
	d->offset = offset;
	if (doc->sent)
		return;
	d->line = 1;
	d->column = 1;
	for (size_t i = 0; i < offset && i < doc->text.n; i++) {
		d->column++;
		if (doc->text.p[i] == '\n') {
			d->line++;
			d->column = 1;
		}
	}
}
