/*
 * words.c - words of one text in others.
 */
#include "base/text/words.h"

#include "base/text/fold.h"

#include <string.h>

#define WORD_MIN 3

static bool is_letter(uint8_t c)
{
	return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z');
}

/* The next word of S at *AT or behind it: its length, 0 when there is none. */
static size_t next_word(struct sc_span s, size_t *at)
{
	size_t end;

	for (;;) {
		while (*at < s.n && !is_letter(s.p[*at]))
			++*at;
		for (end = *at; end < s.n && is_letter(s.p[end]); end++)
			continue;
		if (end - *at >= WORD_MIN || end == *at)
			return end - *at;
		*at = end;
	}
}

void words_of(struct sc_span text, struct words *out)
{
	const size_t all = text.n < WORDS_TEXT_MAX ? text.n : WORDS_TEXT_MAX;
	const struct sc_span folded = sc_span(out->folded, all);
	size_t at = 0, n;

	out->n = 0;
	fold_text(sc_span(text.p, all), out->folded);
	while ((n = next_word(folded, &at)) > 0) {
		out->v[out->n++] = (struct word){ (uint8_t)at, (uint8_t)n, false };
		at += n;
	}
}

bool words_meet(struct words *w, struct sc_span s)
{
	uint8_t folded[WORDS_TEXT_MAX];
	size_t at = 0, n;
	bool any = false;

	if (w->n == 0)
		return false;
	for (; (n = next_word(s, &at)) > 0; at += n) {
		if (n > WORDS_TEXT_MAX)
			continue;
		fold_text(sc_span(s.p + at, n), folded);
		for (unsigned i = 0; i < w->n; i++)
			if (w->v[i].n == n && memcmp(w->folded + w->v[i].at, folded, n) == 0)
				any = w->v[i].met = true;
	}
	return any;
}

unsigned words_star(const struct words *w, char *text)
{
	unsigned n = 0;

	for (unsigned i = 0; i < w->n; i++)
		if (w->v[i].met) {
			memset(text + w->v[i].at, '*', w->v[i].n);
			n++;
		}
	return n;
}
