/*
 * shape_near.c - a word among those there are, or those that are nearly it.
 */
#include "base/text/shape_near.h"

#include <stdio.h>
#include <string.h>

#define LONGEST 63 /* bytes of a word that is compared; no name is longer */
#define NEAREST 3

const char *shape_near_word(const struct shape_words *words, const void *arg, unsigned i)
{
	return words->list != NULL ? words->list[i] : words->name(arg, i);
}

bool shape_near_find(const struct shape_words *words, const void *arg, const char *said,
    unsigned *out)
{
	const char *w;

	for (*out = 0; (w = shape_near_word(words, arg, *out)) != NULL; ++*out)
		if (w[0] != '\0' && strcmp(w, said) == 0)
			return true;
	return false;
}

static unsigned least(unsigned a, unsigned b, unsigned c)
{
	a = a < b ? a : b;
	return a < c ? a : c;
}

/*
 * How many letters must be put in, left out, changed or swapped with their
 * neighbour to make A of B, row by row of the usual table; no letter twice.
 */
static unsigned edits(const char *a, size_t a_n, const char *b, size_t b_n)
{
	uint8_t rows[3][LONGEST + 1];

	for (size_t j = 0; j <= b_n; j++)
		rows[0][j] = (uint8_t)j;
	for (size_t i = 1; i <= a_n; i++) {
		uint8_t *now = rows[i % 3], *above = rows[(i + 2) % 3], *higher = rows[(i + 1) % 3];

		now[0] = (uint8_t)i;
		for (size_t j = 1; j <= b_n; j++) {
			unsigned same = a[i - 1] == b[j - 1] ? 0 : 1;

			now[j] =
			    (uint8_t)least(above[j] + 1u, now[j - 1] + 1u, above[j - 1] + same);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = (uint8_t)least(now[j], higher[j - 2] + 1u, now[j]);
		}
	}
	return rows[a_n % 3][b_n];
}

struct near {
	const char *word;
	unsigned edits;
};

/* Those of WORDS that a slip of the finger makes of SAID; how many are in BEST. */
static size_t find_near(const struct shape_words *words, const void *arg, const char *said,
    struct near best[NEAREST])
{
	size_t said_n = strlen(said), n = 0, k;
	unsigned few = said_n < 6 ? 1 : said_n < 12 ? 2 : 3;
	const char *w;

	for (unsigned i = 0; said_n <= LONGEST && (w = shape_near_word(words, arg, i)) != NULL;
	     i++) {
		size_t w_n = strlen(w);
		unsigned e = w_n == 0 || w_n > LONGEST ? few + 1 : edits(said, said_n, w, w_n);

		for (k = n; k > 0 && best[k - 1].edits > e; k--)
			if (k < NEAREST)
				best[k] = best[k - 1];
		if (e > few || k == NEAREST)
			continue;
		best[k] = (struct near){ w, e };
		n += n < NEAREST;
	}
	return n;
}

#define SENT_WORD_MAX 32

static bool is_word(const char *said)
{
	size_t n = strspn(said, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_");

	return n != 0 && n <= SENT_WORD_MAX && said[n] == '\0';
}

const char *shape_near_said(const struct shape_ctx *c, const char *said)
{
	return c->doc.sent && !is_word(said) ? "..." : said;
}

void shape_near_print(const struct shape_words *words, const void *arg, const char *said, char *out,
    size_t size)
{
	size_t n = (size_t)snprintf(out, size, "unknown %s \"%.40s\"", words->what, said);
	struct near best[NEAREST];
	size_t n_best = find_near(words, arg, said, best);
	const char *lead = n_best > 0 ? ": did you mean " : ": one of ", *w;

	for (size_t i = 0; i < n_best && n < size; i++, lead = " or ")
		n += (size_t)snprintf(out + n, size - n, "%s\"%s\"%s", lead, best[i].word,
		    i + 1 == n_best ? "?" : "");
	for (unsigned i = 0;
	     n_best == 0 && n < size && (w = shape_near_word(words, arg, i)) != NULL; i++)
		if (w[0] != '\0') {
			n += (size_t)snprintf(out + n, size - n, "%s%s", lead, w);
			lead = ", ";
		}
	if (n >= size)
		memcpy(out + size - 4, "...", 4);
}
