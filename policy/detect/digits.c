/*
 * digits.c - a run of digit groups, seen through a window.
 */
#include "policy/detect/digits.h"

#include <string.h>

struct connector {
	const char *text;
	uint8_t n;
	uint8_t join;
};

/* The longest first. */
static const struct connector connectors[] = {
	{ "\xE2\x80\x93", 3, JOIN_DASH }, /* en dash, then other hyphens */
	{ "\xE2\x80\x90", 3, JOIN_DASH },
	{ "\xE2\x80\x91", 3, JOIN_DASH },
	{ "\xE2\x80\x92", 3, JOIN_DASH },
	{ "\xE2\x88\x92", 3, JOIN_DASH },
	{ " - ", 3, JOIN_DASH },
	{ ") -", 3, JOIN_PAREN },
	{ ") ", 2, JOIN_PAREN },
	{ ")-", 2, JOIN_PAREN },
	{ " (", 2, JOIN_PAREN },
	{ "\xC2\xA0", 2, JOIN_SPACE },
	{ ")", 1, JOIN_PAREN },
	{ "(", 1, JOIN_PAREN },
	{ " ", 1, JOIN_SPACE },
	{ "-", 1, JOIN_DASH },
	{ ".", 1, JOIN_DOT },
	{ "/", 1, JOIN_SLASH },
};

/* The connector at AT that a digit follows, or NULL. */
static const struct connector *connector_at(struct sc_span text, uint32_t at)
{
	struct sc_span rest = sc_span_from(text, at);

	for (size_t i = 0; i < sizeof(connectors) / sizeof(connectors[0]); i++) {
		const struct connector *c = &connectors[i];

		if (rest.n > c->n && ascii_digit(rest.p[c->n]) &&
		    memcmp(rest.p, c->text, c->n) == 0)
			return c;
	}
	return NULL;
}

/* Read the group at w->next, which is a digit. */
static void read_group(struct digit_window *w, uint8_t join)
{
	struct digit_group *g = &w->g[w->n++];
	uint32_t at = w->next;

	g->start = at;
	g->join = join;
	g->plus = at > w->floor && w->text.p[at - 1] == '+';
	while (at < w->text.n && ascii_digit(w->text.p[at]))
		at++;
	g->end = at;
	w->next = at;
}

static void fill(struct digit_window *w)
{
	while (!w->last && w->n < DIGITS_GROUPS) {
		const struct connector *c = connector_at(w->text, w->next);

		if (c == NULL) {
			w->last = true;
			return;
		}
		w->next += c->n;
		read_group(w, c->join);
	}
}

void digits_begin(struct digit_window *w, struct sc_span text, uint32_t at, uint32_t floor)
{
	w->text = text;
	w->n = 0;
	w->next = at;
	w->floor = floor;
	w->last = false;
	read_group(w, JOIN_NONE);
	fill(w);
}

void digits_drop(struct digit_window *w, size_t k)
{
	w->n -= k;
	memmove(w->g, w->g + k, w->n * sizeof(w->g[0]));
	fill(w);
}

size_t digits_take(const struct digit_window *w, size_t first, size_t last, uint8_t *out,
    size_t max)
{
	size_t n = 0;

	for (size_t i = first; i <= last; i++) {
		size_t len = digits_length(w, i);

		if (len > max - n)
			return 0;
		memcpy(out + n, w->text.p + w->g[i].start, len);
		n += len;
	}
	return n;
}

/* Capitals directly before digits are the prefix of a code, but for these. */
static bool telephone_word(struct sc_span s)
{
	static const char *const words[] = { "TEL", "MOB", "CELL", "FAX", "ID", "CARD", "NO" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (sc_span_is(s, words[i]))
			return true;
	return false;
}

bool digits_left_clean(const struct digit_window *w)
{
	enum { TOKEN_MAX = 24 }; /* how far back is looked */
	const uint8_t *p = w->text.p;
	uint32_t from = w->g[0].start, end = from;
	bool capitals = true;

	if (w->g[0].join == JOIN_DOT)
		return false;
	while (from > w->floor && end - from < TOKEN_MAX &&
	    (ascii_letter(p[from - 1]) || ascii_digit(p[from - 1]) || p[from - 1] == '_')) {
		from--;
		/* a digit inside of a word: a hash, an article number */
		if (ascii_digit(p[from]) || p[from] == '_')
			return false;
		capitals &= p[from] < 'a';
	}
	if (end == from || !capitals || end - from > 4)
		return true;
	return telephone_word(sc_span(p + from, end - from));
}

bool digits_right_clean(const struct digit_window *w, size_t last)
{
	uint32_t end = w->g[last].end;

	return end == w->text.n || (!ascii_letter(w->text.p[end]) && w->text.p[end] != '_');
}
