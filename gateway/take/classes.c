/*
 * classes.c - where somebody was and came from, as numbers of the configuration: paths
 * and search words by their beginning or a part of them, channels and campaigns by the
 * words that links carry. Of the texts themselves nothing is left.
 */
#include "base/text/hex.h"
#include "gateway/take/private.h"

#include <string.h>

#define URL_MAX 4096
#define LOWER_MAX 512 /* bytes of what is searched for parts */

/* ---- a URL ------------------------------------------------------------------------------ */

struct url_parts {
	struct sc_span host, path, query;
};

static size_t until(struct sc_span s, size_t from, const char *stop)
{
	size_t i = from;

	while (i < s.n && strchr(stop, s.p[i]) == NULL)
		i++;
	return i;
}

/* "https://host/path?query#", or "/path?query". */
static struct url_parts url_of(struct sc_span s)
{
	struct url_parts u = { .host = { s.p, 0 } };
	size_t from = 0, end = until(s, 0, ":/?#");

	if (s.n == 0)
		return u;
	if (end + 3 <= s.n && memcmp(s.p + end, "://", 3) == 0) {
		from = end + 3;
		end = until(s, from, "/?#");
		u.host = sc_span(s.p + from, end - from);
		from = end;
	}
	end = until(s, from, "?#");
	u.path = sc_span(s.p + from, end - from);
	if (end < s.n && s.p[end] == '?')
		u.query = sc_span(s.p + end + 1, until(s, end, "#") - end - 1);
	return u;
}

/* ---- by a part ---------------------------------------------------------------------------- */

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

/* Is WORD a part of S, letter case of ASCII apart? */
static bool has_part(struct sc_span s, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= s.n; i++)
		if (lower(s.p[i]) == lower((uint8_t)word[0]) && sc_caseless_eq(s.p + i, word, n))
			return true;
	return false;
}

static uint8_t by_part(const struct collect_match *v, size_t n, struct sc_span s)
{
	if (s.n > LOWER_MAX)
		s.n = LOWER_MAX;
	for (size_t i = 0; i < n; i++)
		if (has_part(s, v[i].text))
			return v[i].number;
	return 0;
}

static uint8_t by_prefix(const struct collect_match *v, size_t n, struct sc_span s)
{
	for (size_t i = 0; s.n > 0 && i < n; i++)
		if (sc_span_starts(s, v[i].text))
			return v[i].number;
	return 0;
}

/* ---- what a link carries --------------------------------------------------------------- */

/* S with its escapes undone, into OUT; empty when it is longer than a word, or no escape. */
static struct sc_span unescaped(struct sc_span s, uint8_t out[static FEED_WORD_BYTES])
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; n++) {
		unsigned v;

		if (n == FEED_WORD_BYTES)
			return sc_span(out, 0);
		if (s.p[i] != '%') {
			out[n] = s.p[i] == '+' ? ' ' : s.p[i];
			i++;
			continue;
		}
		if (i + 3 > s.n || hex_digit(s.p[i + 1]) < 0 || hex_digit(s.p[i + 2]) < 0)
			return sc_span(out, 0);
		v = (unsigned)hex_digit(s.p[i + 1]) << 4 | (unsigned)hex_digit(s.p[i + 2]);
		out[n] = (uint8_t)v;
		i += 3;
	}
	return sc_span(out, n);
}

/* The word of LIST that parameter NAME of QUERY is; 0: none. */
static unsigned in_query(const struct feed_list *list, struct sc_span query, const char *name)
{
	uint8_t word[FEED_WORD_BYTES];
	size_t n = strlen(name);

	for (size_t i = 0; i < query.n;) {
		size_t end = until(query, i, "&");

		if (end - i > n && query.p[i + n] == '=' && memcmp(query.p + i, name, n) == 0)
			return feed_list_find(list,
			    unescaped(sc_span(query.p + i + n + 1, end - i - n - 1), word));
		i = end + 1;
	}
	return 0;
}

/* The word that NODE is. */
static unsigned word_of(const struct take *t, const struct feed_list *list,
    const struct doc_node *node)
{
	struct sc_span s = take_text(t, node, FEED_WORD_BYTES);

	return s.n == 0 ? 0 : feed_list_find(list, s);
}

/* Of two numbers the first that is one. */
static unsigned first_of(unsigned a, unsigned b)
{
	return a != 0 ? a : b;
}

static unsigned campaign_of(const struct take *t, const struct sent_event *e, struct sc_span query)
{
	const struct feed_list *list = &t->s->words->campaigns;
	const struct doc_node *utm = e->c[SENT_UTM];
	unsigned n = word_of(t, list, e->p[SENT_CAMPAIGN]);

	n = first_of(n, word_of(t, list, e->p[SENT_PROMOTION]));
	n = first_of(n, word_of(t, list, doc_find(utm, "name")));
	return n != 0 ? n : in_query(list, query, "utm_campaign");
}

static unsigned channel_of(const struct take *t, const struct sent_event *e, struct sc_span query,
    struct sc_span referrer)
{
	const struct feed_list *list = &t->s->words->channels;
	const struct doc_node *utm = e->c[SENT_UTM];
	unsigned n = word_of(t, list, doc_find(utm, "medium"));

	n = first_of(n, word_of(t, list, doc_find(utm, "source")));
	if (n == 0 && query.n != 0)
		n = first_of(in_query(list, query, "utm_medium"),
		    in_query(list, query, "utm_source"));
	return n != 0 ? n : by_part(t->s->referrers, t->s->n_referrers, url_of(referrer).host);
}

/* ---- all of it ------------------------------------------------------------------------------ */

/* What is said of the page: by the event itself, else by the library that sends it. */
static struct sc_span of_page(const struct take *t, const struct sent_event *e,
    enum sent_property which)
{
	struct sc_span own = take_text(t, e->p[which], URL_MAX);

	return own.n != 0 ? own : take_text(t, e->page[which], URL_MAX);
}

static uint8_t page_of(const struct take *t, const struct sent_event *e, struct sc_span url_path)
{
	struct sc_span path = url_of(of_page(t, e, SENT_PATH)).path;
	uint8_t n = by_prefix(t->s->pages, t->s->n_pages, path.n != 0 ? path : url_path);

	/* apps have screens with names */
	return n != 0 || path.n != 0 || url_path.n != 0 ?
	    n :
	    by_prefix(t->s->pages, t->s->n_pages, take_text(t, e->m[SENT_NAMED], URL_MAX));
}

void take_classes(const struct take *t, const struct sent_event *e, struct feed_event *event)
{
	struct url_parts url = url_of(of_page(t, e, SENT_URL));

	event->channel = (uint8_t)channel_of(t, e, url.query, of_page(t, e, SENT_REFERRER));
	event->campaign = (uint16_t)campaign_of(t, e, url.query);
	event->page = event->kind == FEED_SEARCH ?
	    by_part(t->s->queries, t->s->n_queries, take_text(t, e->p[SENT_QUERY], URL_MAX)) :
	    page_of(t, e, url.path);
}
