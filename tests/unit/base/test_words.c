/*
 * Words of a short text that longer ones have: whole words of three bytes and more, whatever
 * their case, and nothing else.
 */
#include "base/text/words.h"
#include "tap.h"

#include <string.h>

/* TEXT with stars for its words that VALUE has. */
static bool stars(const char *text, const char *value, const char *want)
{
	char copy[WORDS_TEXT_MAX + 1];
	struct words w;
	unsigned n;
	bool any;

	snprintf(copy, sizeof(copy), "%s", text);
	words_of(sc_span_str(copy), &w);
	any = words_meet(&w, sc_span_str(value));
	n = words_star(&w, copy);
	return strcmp(copy, want) == 0 && any == (n > 0);
}

static void test_words(void)
{
	CHECK(stars("called Ann back", "Ann Example", "called *** back"));
	CHECK(stars("CALLED ANN BACK", "ann", "CALLED *** BACK"));
	CHECK(stars("Anna and Annabel", "Ann", "Anna and Annabel"));
	CHECK(stars("Ann,Example;Ann", "(Ann)/Example", "***,*******;***"));
	CHECK(stars("to Z\u00d6E", "z\u00f6e", "to ****"));
	CHECK(stars("\u738b\u5c0f\u660e", "\u738b\u5c0f\u660e", "*********"));
	CHECK(stars("flat 12 of 12345", "12 / 12345", "flat 12 of *****"));
	CHECK(stars("of us", "of us", "of us")); /* too short to tell anything */
	CHECK(stars("", "Ann", ""));
	CHECK(stars("Ann", "", "Ann"));
	CHECK(stars("   ", "   ", "   "));
}

static void test_longest(void)
{
	char text[WORDS_TEXT_MAX + 1], want[WORDS_TEXT_MAX + 1], value[3 * WORDS_TEXT_MAX];

	memset(text, 'a', sizeof(text) - 1);
	memset(want, '*', sizeof(want) - 1);
	text[WORDS_TEXT_MAX] = want[WORDS_TEXT_MAX] = '\0';
	CHECK(stars(text, text, want));
	memset(value, 'a', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	CHECK(stars(text, value, text));
	/* as many words as there can be */
	for (unsigned i = 0; i < WORDS_TEXT_MAX; i++) {
		text[i] = "abc "[i % 4];
		want[i] = "*** "[i % 4];
	}
	CHECK(stars(text, "Abc", want));
}

static void test_more(void)
{
	struct words w;
	char text[] = "one two three";

	words_of(sc_span_str(text), &w);
	CHECK(w.n == 3 && words_meet(&w, sc_span_str("three")) &&
	    !words_meet(&w, sc_span_str("x")) && words_meet(&w, sc_span_str("one")));
	CHECK(words_star(&w, text) == 2 && strcmp(text, "*** two *****") == 0);
}

int main(void)
{
	RUN(test_words, "whole words, of any script and either case");
	RUN(test_longest, "the longest text, and the most words");
	RUN(test_more, "what several values have adds up");
	return tap_done();
}
