/*
 * agent.c - what a User-Agent says, in classes: which family, whether it moves, whether
 * it says that it is a program.
 *
 * The words of programs are found all at once, in one walk over the header (Aho and
 * Corasick, CACM 18(6), 1975): states are nodes of a tree of all words, and where no branch
 * goes on, the longest suffix that is still a beginning. A table of 128 columns, ASCII in
 * small letters: whoever sends other bytes begins anew.
 *
 * A word that begins with '^' stands at the beginning only, as curl's and okhttp's do: in
 * the middle they are parts of what apps call themselves. The other marks are agent_words.h's.
 */
#include "gateway/take/agent_words.h"
#include "gateway/take/take.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATES_MAX 32768
#define COLUMNS 128
#define WORD_MAX 128
#define AGENT_MAX 1024 /* bytes of it that are looked at */

enum agent_end { AGENT_NOTHING, AGENT_BOT, AGENT_LIBRARY, AGENT_PEOPLE };

struct collect_bots {
	uint16_t (*next)[COLUMNS]; /* by state */
	uint8_t *ends; /* enum agent_end: of a word that ends here, or of a suffix of it */
	size_t n, cap;
};

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

/* ---- the words ---------------------------------------------------------------------------- */

/* A state more. Fails with SC_LIMIT, SC_NOMEM. */
static enum sc_err add_state(struct collect_bots *b, uint16_t *out)
{
	size_t cap = b->cap == 0 ? 256 : b->cap * 2;
	void *next, *ends;

	if (b->n == STATES_MAX)
		return SC_LIMIT;
	if (b->n == b->cap) {
		if ((next = reallocarray(b->next, cap, sizeof(*b->next))) == NULL)
			return SC_NOMEM;
		b->next = next;
		if ((ends = reallocarray(b->ends, cap, sizeof(*b->ends))) == NULL)
			return SC_NOMEM;
		b->ends = ends;
		b->cap = cap;
	}
	memset(b->next[b->n], 0, sizeof(b->next[0]));
	b->ends[b->n] = AGENT_NOTHING;
	*out = (uint16_t)b->n++;
	return SC_OK;
}

/* Fails with SC_SYNTAX: other than ASCII, or too short to mean anything. */
static enum sc_err add_word(struct collect_bots *b, struct sc_span word)
{
	uint8_t end = AGENT_BOT;
	uint16_t at = 0, next;
	enum sc_err err;

	if (word.n > 0 && (word.p[0] == '~' || word.p[0] == '!')) {
		end = word.p[0] == '~' ? AGENT_LIBRARY : AGENT_PEOPLE;
		word = sc_span_from(word, 1);
	}
	if (word.n < 3 || word.n > WORD_MAX)
		return SC_SYNTAX;
	for (size_t i = 0; i < word.n; i++) {
		uint8_t c = lower(word.p[i]);

		if (c >= COLUMNS || c < ' ')
			return SC_SYNTAX;
		if ((next = b->next[at][c]) == 0) {
			if ((err = add_state(b, &next)) != SC_OK)
				return err;
			b->next[at][c] = next;
		}
		at = next;
	}
	b->ends[at] = end;
	return SC_OK;
}

/* From a tree to an automaton: by breadth, each state after the one of its suffix. */
static enum sc_err connect(struct collect_bots *b)
{
	uint16_t *queue = calloc(b->n, sizeof(*queue)), *suffix = calloc(b->n, sizeof(*suffix));
	size_t head = 0, tail = 1;
	enum sc_err err = queue == NULL || suffix == NULL ? SC_NOMEM : SC_OK;

	for (; err == SC_OK && head < tail; head++) {
		uint16_t at = queue[head];

		if (b->ends[at] == AGENT_NOTHING)
			b->ends[at] = b->ends[suffix[at]];
		for (size_t c = 0; c < COLUMNS; c++) {
			uint16_t to = b->next[at][c], other = at == 0 ? 0 : b->next[suffix[at]][c];

			if (to == 0) {
				b->next[at][c] = other;
				continue;
			}
			suffix[to] = other;
			queue[tail++] = to;
		}
	}
	free(queue);
	free(suffix);
	return err;
}

static enum sc_err add_list(struct collect_bots *b)
{
	enum sc_err err = SC_OK;

	for (size_t i = 0; err == SC_OK && agent_words[i] != NULL; i++)
		err = add_word(b, sc_span_str(agent_words[i]));
	return err;
}

/* A word a line; lines that begin with '#', and empty ones, are for people. */
static enum sc_err add_file(struct collect_bots *b, const char *file, struct sc_diag *d)
{
	FILE *f = fopen(file, "re");
	char line[WORD_MAX + 16];
	struct sc_span word;
	unsigned at = 0;
	enum sc_err err = SC_OK;

	snprintf(d->file, sizeof(d->file), "%s", file);
	if (f == NULL) {
		sc_diag_set(d, "cannot be read: %s", strerrordesc_np(errno));
		return SC_IO;
	}
	while (err == SC_OK && fgets(line, sizeof(line), f) != NULL) {
		at++;
		word = sc_span(line, strcspn(line, "\r\n"));
		if (word.n > 0 && line[0] != '#')
			err = add_word(b, word);
	}
	if (err == SC_OK && ferror(f) != 0)
		err = SC_IO;
	fclose(f);
	d->line = at;
	d->column = 1;
	if (err != SC_OK)
		sc_diag_set(d,
		    err == SC_LIMIT ? "more words than there is room for" :
				      "a line is 3 to %d letters of ASCII, a part of a User-Agent",
		    WORD_MAX);
	return err;
}

enum sc_err collect_bots_new(const char *file, struct sc_diag *d, struct collect_bots **out)
{
	struct collect_bots *b = calloc(1, sizeof(*b));
	uint16_t root;
	enum sc_err err = b == NULL ? SC_NOMEM : add_state(b, &root);

	*out = NULL;
	if (err == SC_OK)
		err = file == NULL ? add_list(b) : add_file(b, file, d);
	if (err == SC_OK)
		err = connect(b);
	if (err == SC_OK)
		*out = b;
	else
		collect_bots_free(b);
	return err;
}

void collect_bots_free(struct collect_bots *b)
{
	if (b == NULL)
		return;
	free(b->next);
	free(b->ends);
	free(b);
}

static void find_words(const struct collect_bots *b, struct sc_span agent,
    struct collect_agent *out)
{
	uint16_t at = b->next[0]['^'];

	for (size_t i = 0; !out->bot && i < agent.n; i++) {
		uint8_t c = lower(agent.p[i]);

		/* what stands for the beginning, nobody may put into the middle */
		at = c < COLUMNS && c != '^' ? b->next[at][c] : 0;
		out->bot = b->ends[at] == AGENT_BOT;
		out->library |= b->ends[at] == AGENT_LIBRARY;
		if (b->ends[at] == AGENT_PEOPLE)
			at = 0;
	}
}

/* ---- families ------------------------------------------------------------------------------- */

static bool has(struct sc_span s, const char *part)
{
	return memmem(s.p, s.n, part, strlen(part)) != NULL;
}

/* The number behind PART, 0: it is not there. */
static unsigned version_behind(struct sc_span s, const char *part)
{
	const uint8_t *at = memmem(s.p, s.n, part, strlen(part));
	unsigned v = 0;

	if (at == NULL)
		return 0;
	for (at += strlen(part); at < s.p + s.n && *at >= '0' && *at <= '9' && v < 10000; at++)
		v = v * 10 + *at - '0';
	return v;
}

/* The first that fits: they all pretend to be those below them. */
static const struct agent_family {
	const char *part;
	uint8_t family;
} families[] = {
	{ "; wv)", FEED_WEBVIEW },
	{ "MicroMessenger", FEED_WEBVIEW },
	{ "ToutiaoMicroApp", FEED_WEBVIEW },
	{ "AlipayClient", FEED_WEBVIEW },
	{ "FBAN/", FEED_WEBVIEW },
	{ "FBAV/", FEED_WEBVIEW },
	{ "Instagram ", FEED_WEBVIEW },
	{ "Edg/", FEED_EDGE },
	{ "EdgA/", FEED_EDGE },
	{ "EdgiOS/", FEED_EDGE },
	{ "Firefox/", FEED_FIREFOX },
	{ "FxiOS/", FEED_FIREFOX },
	{ "CriOS/", FEED_CHROME },
	{ "Chrome/", FEED_CHROME },
	{ "Safari/", FEED_SAFARI },
	/* of an app on a telephone of Apple's there is no more */
	{ "AppleWebKit/", FEED_WEBVIEW },
};

void collect_agent_of(const struct collect_bots *b, struct sc_span user_agent,
    struct collect_agent *out)
{
	struct sc_span s = user_agent;

	if (s.n > AGENT_MAX)
		s.n = AGENT_MAX;
	*out = (struct collect_agent){ .bot = s.n == 0 };
	find_words(b, s, out);
	for (size_t i = 0; out->family == 0 && i < sizeof(families) / sizeof(families[0]); i++)
		if (has(s, families[i].part))
			out->family = families[i].family;
	out->mobile = has(s, "Mobile") || has(s, "Android") || has(s, "iPhone") || has(s, "iPad");
	out->app = out->family == FEED_WEBVIEW;
	/* Chromium alone sends them, and not from where it is built into something else */
	out->hints_due = !out->app && !has(s, "CriOS/") && version_behind(s, "Chrome/") >= 89;
}
