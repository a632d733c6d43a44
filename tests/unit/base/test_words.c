/*
 * test_words.c - names that become numbers: what a file of words may say, and what of a
 * trait goes on.
 */
#include "base/feed/words.h"

#include "tap.h"

#include <unistd.h>

#define NOW 1795687202 /* 2026-11-26 */

/* The words of TEXT, in which ' stands for "; NULL: refused, at *D. */
static struct feed_words *words_of(const char *text, struct sc_diag *d)
{
	static char body[16384];
	char path[] = "/tmp/test_words_XXXXXX";
	struct sc_diags all = { .n = 0 };
	struct feed_words *w = NULL;
	int fd = mkstemp(path), n = snprintf(body, sizeof(body), "%s", text);

	for (char *p = body; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	if (fd >= 0 && write(fd, body, (size_t)n) == n)
		(void)!feed_words_load(path, &all, &w);
	if (fd >= 0)
		close(fd);
	unlink(path);
	*d = all.v[0];
	CHECK(all.n == (w == NULL));
	return w;
}

/* TEXT without its bar is refused where the bar stood, and SAYS is in what is said. */
static bool refused(const char *text, const char *says)
{
	unsigned column = (unsigned)strcspn(text, "|") + 1;
	char plain[2048];
	struct sc_diag d;
	struct feed_words *w;

	snprintf(plain, sizeof(plain), "%.*s%s", (int)column - 1, text, text + column);
	w = words_of(plain, &d);
	bool ok = w == NULL && d.line == 1 && d.column == column && strstr(d.text, says) != NULL;

	if (!ok)
		printf("# %s: %u:%u %s\n", text, d.line, d.column, d.text);
	feed_words_free(w);
	return ok;
}

#define REST "'purposes': ['analytics'], 'text_version': 1"

static void test_file(void)
{
	struct sc_diags all = { .n = 0 };
	struct feed_words *w;

	NEED(feed_words_load("tests/data/words.json", &all, &w) == SC_OK);
	CHECK(w->categories.n == 3 && strcmp(w->categories.v[2], "gifts") == 0);
	CHECK(w->channels.n == 4 && w->campaigns.n == 2 && w->pages.n == 4 && w->queries.n == 2);
	CHECK(w->purposes.n == 2 && w->text_version == 3 && w->price_step == 100);
	CHECK(w->price_bands[0] == 50 && w->price_bands[2] == 500);
	CHECK(w->price_bands[3] == UINT32_MAX && w->price_bands[FEED_BANDS - 2] == UINT32_MAX);
	CHECK(w->n_traits == 3 && w->traits[0].kind == FEED_BIRTHDAY && w->traits[0].n_bands == 4);
	CHECK(w->traits[1].words.n == 2 && strcmp(w->traits[2].name, "tier") == 0);
	feed_words_free(w);
	CHECK(feed_words_load("tests/data/none.json", &all, &w) == SC_IO && w == NULL);
}

static void test_usual(void)
{
	struct sc_diag d;
	struct feed_words *w = words_of("{" REST "}", &d);

	NEED(w != NULL);
	CHECK(w->price_step == 100 && w->price_bands[0] == UINT32_MAX && w->n_traits == 0);
	CHECK(w->categories.n == 0 && feed_list_find(&w->categories, sc_span_str("tea")) == 0);
	feed_words_free(w);
}

static void test_refused(void)
{
	CHECK(refused("|{'text_version': 1}", "\"purposes\" is missing"));
	CHECK(refused("|{'purposes': ['a']}", "\"text_version\" is missing"));
	CHECK(refused("{'purposes': |[], 'text_version': 1}", "1 to 8 words"));
	CHECK(refused("{" REST ", 'pages': ['a', 'b', |'a']}", "\"a\" stands twice"));
	CHECK(refused("{" REST ", 'pages': [|'']}", "empty"));
	CHECK(refused("{" REST ", 'pages': |'a'}", "list of 0 to 255"));
	CHECK(refused("{" REST ", 'price_step': |0}", "from 1"));
	CHECK(refused("{" REST ", 'price_bands': [5, |5]}", "ascend"));
	CHECK(refused("{" REST ", 'price_bands': |[]}", "1 to 7"));
	CHECK(refused("{" REST ", 'price_bands': |[1,2,3,4,5,6,7,8]}", "1 to 7"));
	CHECK(refused("{'purposes': ['a'], 'text_version': |0}", "from 1"));
	CHECK(refused("{" REST ", |'colours': []}", "colours"));
}

#define TRAIT(more) "{" REST ", 'traits': [{'name': 'x', " more "}]}"
#define TRAIT_WRONG(more) "{" REST ", 'traits': [|{'name': 'x', " more "}]}"

static void test_refused_traits(void)
{
	CHECK(refused(TRAIT_WRONG("'kind': 'word'"), "needs \"words\""));
	CHECK(refused(TRAIT_WRONG("'kind': 'number'"), "needs \"bands\""));
	CHECK(refused(TRAIT("'kind': 'birthday', 'bands': [1], 'words': |['a']"), "has \"bands\""));
	CHECK(refused(TRAIT("'kind': 'word', 'words': ['a'], 'bands': |[1]"), "has \"words\""));
	CHECK(refused(TRAIT("'kind': 'number', 'bands': [1, |1]"), "ascend"));
	CHECK(refused(TRAIT("'kind': 'number', 'bands': [|1.5]"), "whole numbers"));
	CHECK(refused(TRAIT("'kind': 'number', 'bands': |[]"), "1 to 32"));
	CHECK(refused(TRAIT("'kind': |'text'"), "kind"));
	CHECK(refused("{" REST ", 'traits': [{'name': 'x', 'kind': 'word', 'words': ['a']},"
		      " {'name': |'x', 'kind': 'word', 'words': ['a']}]}",
	    "same \"name\""));
}

/* A list KEY of N words is taken up to MAX of them. */
static void check_ceiling(const char *key, size_t max)
{
	static char text[16384];
	struct feed_words *w;
	struct sc_diag d;

	for (size_t n = max; n <= max + 1; n++) {
		char *p = text + sprintf(text, "{" REST ", '%s': [", key);

		for (size_t i = 0; i < n; i++)
			p += sprintf(p, "%s'w%zu'", i == 0 ? "" : ",", i);
		sprintf(p, "]}");
		w = words_of(text, &d);
		CHECK((w != NULL) == (n == max));
		feed_words_free(w);
	}
}

static void test_ceilings(void)
{
	static const char letters[] =
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	struct feed_words *w;
	struct sc_diag d;
	char text[512];

	check_ceiling("categories", FEED_WORDS_MAX);
	check_ceiling("campaigns", FEED_WORDS_MAX);
	check_ceiling("channels", 255);
	check_ceiling("pages", 255);
	check_ceiling("queries", 255);
	for (int n = 64; n <= 65; n++) {
		snprintf(text, sizeof(text), "{" REST ", 'pages': ['%.*s']}", n, letters);
		w = words_of(text, &d);
		CHECK((w != NULL) == (n == 64));
		feed_words_free(w);
	}
}

/* ---- numbers ------------------------------------------------------------------------------ */

static void test_find(void)
{
	static char names[1000][8];
	static const char *v[1000];
	struct sc_arena arena = { .left = 0 };
	struct feed_list plain = { .v = v, .n = 1000 }, quick = plain;

	for (size_t i = 0; i < 1000; i++) {
		snprintf(names[i], sizeof(names[i]), "w%zu", i * 7);
		v[i] = names[i];
	}
	NEED(feed_list_index(&arena, &quick) == SC_OK);
	for (size_t i = 0; i < 7000; i++) {
		char name[8];
		struct sc_span s = sc_span(name, (size_t)snprintf(name, sizeof(name), "w%zu", i));
		unsigned want = i % 7 == 0 ? (unsigned)(i / 7 + 1) : 0;

		CHECK(feed_list_find(&plain, s) == want && feed_list_find(&quick, s) == want);
	}
	CHECK(feed_list_find(&quick, sc_span_str("W7")) == 0);
	CHECK(feed_list_find(&quick, sc_span_str("")) == 0);
	CHECK(feed_list_find(&quick, sc_span("w7\0", 3)) == 0);
	sc_arena_fini(&arena);
}

static unsigned value(const struct feed_trait *t, const char *text)
{
	return feed_trait_value(t, sc_span_str(text), NOW);
}

static void test_birthday(void)
{
	static const int64_t bands[] = { 18, 25, 35 };
	const struct feed_trait t = { .kind = FEED_BIRTHDAY, .bands = bands, .n_bands = 3 };

	CHECK(value(&t, "2008-11-26") == 2 && value(&t, "2008-11-27") == 1); /* eighteen today */
	CHECK(value(&t, "2008-12-01") == 1 && value(&t, "2008-10-31") == 2);
	CHECK(value(&t, "2001-11-26") == 3 && value(&t, "2001-11-27") == 2);
	CHECK(value(&t, "1990-05-17T00:00:00.000Z") == 4 && value(&t, "1990-05-17 08:00") == 4);
	CHECK(value(&t, "2026-11-26") == 1 && value(&t, "2026-11-27") == 0);
	CHECK(value(&t, "1896-11-26") == 4 && value(&t, "1895-11-26") == 0); /* 130, 131 */
	/* a year alone: who was born on its last day */
	CHECK(value(&t, "2008") == 1 && value(&t, "2007") == 2 && value(&t, "2026") == 1);
	CHECK(value(&t, "2027") == 0);
	CHECK(value(&t, "") == 0 && value(&t, "200") == 0 && value(&t, "20081") == 0);
	CHECK(value(&t, "2008-13-01") == 0 && value(&t, "2008-00-01") == 0);
	CHECK(value(&t, "2007-02-29") == 0 && value(&t, "2008-02-29") == 2);
	CHECK(value(&t, "2008-01-00") == 0 && value(&t, "2008/01/01") == 0);
	CHECK(value(&t, "2008-01/01") == 0 && value(&t, "2008-01-01x") == 0);
	CHECK(value(&t, "2008-1-1") == 0 && value(&t, "20o8-01-01") == 0);
}

static void test_number(void)
{
	static const int64_t bands[] = { -5, 0, 100 };
	const struct feed_trait t = { .kind = FEED_NUMBER, .bands = bands, .n_bands = 3 };

	CHECK(value(&t, "-6") == 1 && value(&t, "-5") == 2 && value(&t, "-1") == 2);
	CHECK(value(&t, "0") == 3 && value(&t, "99") == 3 && value(&t, "99.99") == 3);
	CHECK(value(&t, "100") == 4 && value(&t, "999999999999999999") == 4);
	CHECK(value(&t, "9999999999999999999") == 0 && value(&t, "") == 0 && value(&t, "-") == 0);
	CHECK(value(&t, "1e3") == 0 && value(&t, "12 ") == 0 && value(&t, "1.2.3") == 0);
	CHECK(value(&t, ".5") == 0 && value(&t, "+5") == 0);
}

static void test_word(void)
{
	static const char *const v[] = { "north", "south" };
	const struct feed_trait t = { .kind = FEED_WORD_OF_LIST, .words = { .v = v, .n = 2 } };

	CHECK(value(&t, "north") == 1 && value(&t, "south") == 2 && value(&t, "North") == 0);
}

int main(void)
{
	RUN(test_file, "a file comes out as written");
	RUN(test_usual, "what nobody said is as documented");
	RUN(test_refused, "a list that would not work is refused, where it is wrong");
	RUN(test_refused_traits, "a trait that says nothing, or too much, is refused");
	RUN(test_ceilings, "lists and words have their ceilings");
	RUN(test_find, "a word has its place's number, and others none");
	RUN(test_birthday, "of a birthday its band of ages goes on");
	RUN(test_number, "of a number its band");
	RUN(test_word, "of a word its number");
	return tap_done();
}
