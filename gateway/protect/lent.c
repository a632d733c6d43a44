/*
 * lent.c - a table of the values by their first two bytes, so that a text is
 * searched for all of them at once.
 */
#include "gateway/protect/lent.h"

#include "base/grow.h"
#include "base/text/escape.h"
#include "base/text/fold.h"
#include "base/text/hex.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS 4096u /* a power of two */
#define TEXTS_MAX ((size_t)64 << 20)
#define SPACE_MAX ((size_t)256 << 20)
#define LAYERS_MAX 4 /* of escapes; what is wrapped further is withheld */
#define SHORT 4      /* bytes below which a value is found as a word only */

struct lent_value {
	uint32_t at, n;             /* folded, in texts ... */
	uint32_t token_at, token_n; /* ... as is the token; none: it passes */
	uint32_t next;              /* in its bucket; 0: the last, else number + 1 */
};

struct lent {
	struct sc_buf texts, space;
	struct lent_value *v;
	size_t n, cap, n_shown;
	uint32_t heads[BUCKETS];
};

/* Of what begins with S; what is one byte long stands by itself. */
static size_t bucket(struct sc_span s)
{
	uint8_t c[8] = { 0 };
	size_t n = fold_char(s, c);

	if (n == 1 && s.n > 1)
		fold_char(sc_span_from(s, 1), c + 1);
	return (c[0] | (unsigned)c[1] << 8) * 0x9E3779B1u >> 20 & (BUCKETS - 1);
}

static bool begins(struct sc_span s, struct sc_span folded)
{
	uint8_t c[4];

	if (s.n < folded.n)
		return false;
	for (size_t i = 0, n; i < folded.n; i += n) {
		n = fold_char(sc_span_from(s, i), c);
		if (n > folded.n - i || memcmp(c, folded.p + i, n) != 0)
			return false;
	}
	return true;
}

/* V, folded. */
static struct sc_span text_of(const struct lent *l, const struct lent_value *v)
{
	return sc_span(l->texts.p + v->at, v->n);
}

/* The one that is S whole, or NULL. */
static const struct lent_value *whole(const struct lent *l, struct sc_span s)
{
	if (s.n == 0)
		return NULL;
	for (uint32_t i = l->heads[bucket(s)]; i != 0; i = l->v[i - 1].next) {
		const struct lent_value *v = &l->v[i - 1];

		if (v->n == s.n && begins(s, text_of(l, v)))
			return v;
	}
	return NULL;
}

/* ---- noting ---- */

struct lent *lent_new(void)
{
	struct lent *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	sc_buf_init(&l->texts, TEXTS_MAX);
	sc_buf_init(&l->space, SPACE_MAX);
	return l;
}

void lent_free(struct lent *l)
{
	if (l == NULL)
		return;
	sc_buf_fini(&l->texts);
	sc_buf_fini(&l->space);
	free(l->v);
	free(l);
}

static enum sc_err put_folded(struct sc_buf *b, struct sc_span s)
{
	uint8_t *p;
	enum sc_err err = sc_buf_grow(b, s.n, &p);

	if (err == SC_OK)
		fold_text(s, p);
	return err;
}

static enum sc_err note(struct lent *l, struct sc_span value, struct sc_span token)
{
	struct lent_value *v;
	enum sc_err err;
	size_t at = l->texts.n;

	if (value.n == 0 || whole(l, value) != NULL)
		return SC_OK;
	if (l->n == l->cap) {
		size_t cap = sc_grown(l->cap);

		if ((v = reallocarray(l->v, cap, sizeof(*v))) == NULL)
			return SC_NOMEM;
		l->v = v;
		l->cap = cap;
	}
	if ((err = put_folded(&l->texts, value)) != SC_OK ||
	    (err = sc_buf_put_span(&l->texts, token)) != SC_OK) {
		sc_buf_truncate(&l->texts, at);
		return err;
	}
	v = &l->v[l->n++];
	*v = (struct lent_value){ .at = (uint32_t)at,
		.n = (uint32_t)value.n,
		.token_at = (uint32_t)(at + value.n),
		.token_n = (uint32_t)token.n,
		.next = l->heads[bucket(value)] };
	l->heads[bucket(value)] = (uint32_t)l->n;
	l->n_shown += token.n != 0;
	return SC_OK;
}

enum sc_err lent_note(struct lent *l, struct sc_span value, struct sc_span token)
{
	return token.n == 0 ? SC_BUG : note(l, value, token);
}

enum sc_err lent_pass(struct lent *l, struct sc_span text)
{
	return note(l, text, sc_span(NULL, 0));
}

bool lent_any(const struct lent *l)
{
	return l != NULL && l->n_shown != 0;
}

bool lent_passes(const struct lent *l, struct sc_span text)
{
	const struct lent_value *v = l == NULL ? NULL : whole(l, text);

	return v != NULL && v->token_n == 0;
}

struct sc_buf *lent_space(struct lent *l)
{
	return &l->space;
}

/* ---- finding ---- */

static bool in_word(uint8_t c)
{
	return c >= 0x80 || (c >= '0' && c <= '9') ||
	    (fold_ascii(c) >= 'a' && fold_ascii(c) <= 'z');
}

/* May V, which stands at AT in TEXT, be found there? */
static bool stands_free(const struct lent_value *v, struct sc_span text, size_t at)
{
	if (v->n >= SHORT)
		return true;
	if (v->n == 1)
		return text.n == 1;
	return (at == 0 || !in_word(text.p[at - 1])) &&
	    (at + v->n == text.n || !in_word(text.p[at + v->n]));
}

/* The longest that stands at AT in TEXT, or NULL. */
static const struct lent_value *longest(const struct lent *l, struct sc_span text, size_t at)
{
	struct sc_span rest = sc_span_from(text, at);
	const struct lent_value *best = NULL;

	for (uint32_t i = l->heads[bucket(rest)]; i != 0; i = l->v[i - 1].next) {
		const struct lent_value *v = &l->v[i - 1];

		if (v->token_n != 0 && (best == NULL || v->n > best->n) &&
		    begins(rest, text_of(l, v)) && stands_free(v, text, at))
			best = v;
	}
	return best;
}

bool lent_find(const struct lent *l, struct sc_span text, size_t from, struct lent_hit *out)
{
	const struct lent_value *v;

	for (; from < text.n; from++) {
		if ((v = longest(l, text, from)) == NULL)
			continue;
		*out = (struct lent_hit){ from, from + v->n,
			sc_span(l->texts.p + v->token_at, v->token_n) };
		return true;
	}
	return false;
}

/* ---- what is spelled in another way ---- */

/* The character at the start of S, which is not empty: decoded, if it is an escape. */
static struct escaped_char next_char(struct sc_span s, bool plus)
{
	struct escaped_char c = { .used = 1, .n = 1, .utf8 = { s.p[0] } };

	if (s.p[0] == '\\' && escape_read(s, &c))
		return c;
	c = (struct escaped_char){ .used = 1, .n = 1, .utf8 = { s.p[0] } };
	if (s.p[0] == '%' && s.n > 2 && hex_parse(sc_span(s.p + 1, 2), c.utf8, 1))
		c.used = 3;
	else if (s.p[0] == '+' && plus)
		c.utf8[0] = ' ';
	return c;
}

/* PLAIN: S with a layer of its escapes taken away; PLUS: + is a blank. */
static enum sc_err unescape(struct sc_span s, bool plus, struct sc_buf *plain)
{
	struct escaped_char c;
	enum sc_err err = SC_OK;

	sc_buf_clear(plain);
	for (; s.n != 0 && err == SC_OK; s = sc_span_from(s, c.used)) {
		c = next_char(s, plus);
		err = sc_buf_put(plain, c.utf8, c.n);
	}
	return err;
}

/* PLUS: so is a +. */
static bool has_escapes(struct sc_span s, bool plus)
{
	return s.n != 0 &&
	    (memchr(s.p, '\\', s.n) != NULL || memchr(s.p, '%', s.n) != NULL ||
		(plus && memchr(s.p, '+', s.n) != NULL));
}

/* Does S have anything of it under some layer of escapes? On any doubt it does. */
static bool stands_escaped(const struct lent *l, struct sc_span s, bool plus)
{
	struct sc_buf layers[2];
	struct lent_hit hit;
	bool found = false;

	for (size_t i = 0; i < 2; i++)
		sc_buf_init(&layers[i], s.n); /* an escape is longer than what it stands for */
	for (size_t i = 0; !found; i++) {
		struct sc_buf *plain = &layers[i % 2];

		found = i == LAYERS_MAX || unescape(s, plus, plain) != SC_OK ||
		    lent_find(l, sc_buf_span(plain), 0, &hit);
		if (plain->n == s.n || !has_escapes(sc_buf_span(plain), plus))
			break;
		s = sc_buf_span(plain);
	}
	for (size_t i = 0; i < 2; i++)
		sc_buf_fini(&layers[i]);
	return found;
}

bool lent_escaped_in(const struct lent *l, struct sc_span text)
{
	return (has_escapes(text, true) && stands_escaped(l, text, true)) ||
	    (has_escapes(text, false) && stands_escaped(l, text, false));
}
