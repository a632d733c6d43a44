/*
 * whose.c - a person's id out of a request's path, query or header.
 *
 * What two readers could understand differently names nobody: a name that is there twice, a
 * bad percent, a raw ';' or '+' in a query. The name is compared after decoding, as whoever
 * reads it behind us does.
 */
#include "gateway/proxy/whose.h"

#include "base/text/utf8.h"

#include <string.h>

/* One string: printable, or it is none that a person or a program chose. */
static bool is_id(struct sc_span s)
{
	uint32_t cp;
	size_t n;

	for (; s.n != 0; s = sc_span_from(s, n))
		if ((n = utf8_decode(s, &cp)) == 0 || cp < ' ' || cp == 0x7f)
			return false;
	return true;
}

/* NAME as some read a form's: in either case, without blanks in front, brackets behind it or none. */
static bool is_called(struct sc_span s, const char *name)
{
	const size_t n = strlen(name);

	while (s.n != 0 && (s.p[0] == ' ' || s.p[0] == '+'))
		s = sc_span_from(s, 1);
	return sc_span_caseeq(sc_span(s.p, s.n < n ? s.n : n), name) && (s.n == n || s.p[n] == '[');
}

/* RAW, percent-encoded, is what stands there; a second one is one too many. */
static void found(struct sc_span raw, struct sc_buf *text, struct subject_found *f)
{
	size_t at = text->n;
	bool twice = f->id.n != 0;

	if (raw.n == 0)
		return;
	f->bad |= twice || !http_percent_decode(raw, text);
	f->id = sc_span(text->p + at, text->n - at);
	f->bad |= !is_id(f->id);
}

static bool is_named(struct sc_span raw, const char *name, struct sc_buf *text, bool *bad)
{
	size_t at = text->n;
	bool is;

	if (!http_percent_decode(raw, text))
		*bad = true;
	is = is_called(sc_span(text->p + at, text->n - at), name);
	sc_buf_truncate(text, at);
	return is;
}

static void find_in_query(struct sc_span query, const char *name, struct sc_buf *text,
    struct subject_found *f)
{
	const uint8_t *end, *is;
	struct sc_span pair;
	unsigned times = 0;
	bool bad = query.n != 0 && memchr(query.p, ';', query.n) != NULL;

	while (query.n != 0) {
		end = memchr(query.p, '&', query.n);
		pair = sc_span(query.p, end == NULL ? query.n : (size_t)(end - query.p));
		query = sc_span_from(query, end == NULL ? query.n : pair.n + 1);
		is = pair.n == 0 ? NULL : memchr(pair.p, '=', pair.n);
		if (!is_named(sc_span(pair.p, is == NULL ? pair.n : (size_t)(is - pair.p)), name,
			text, &bad))
			continue;
		times++;
		if (is == NULL)
			continue;
		pair = sc_span_from(pair, (size_t)(is - pair.p) + 1);
		bad |= pair.n != 0 && memchr(pair.p, '+', pair.n) != NULL;
		found(pair, text, f);
	}
	/* where it is not asked for, a query may be as it likes */
	f->bad |= times != 0 && (bad || times > 1);
}

static void find_in_fields(const struct http_head *h, const char *name, struct subject_found *f)
{
	f->id = http_head_find(h, name);
	f->bad = http_head_count(h, name) > 1 || !is_id(f->id);
}

enum sc_err whose_find(const struct config_route *route, const struct http_head *h,
    struct sc_buf *text, struct subject_found given[static SUBJECT_PLACES_MAX])
{
	const struct subject_places *s = &route->subject;
	enum sc_err err;

	/* what was decoded must not move; a place never decodes to more than the target is long */
	if ((err = sc_buf_reserve(text, (s->n + 1) * (h->target.n + 1))) != SC_OK)
		return err;
	for (size_t i = 0; i < s->n; i++) {
		given[i] = (struct subject_found){ .bad = false };
		switch (s->v[i].where) {
		case SUBJECT_BODY: break;
		case SUBJECT_PATH:
			found(config_route_segment(route, h->path, s->v[i].name), text, &given[i]);
			break;
		case SUBJECT_QUERY: find_in_query(h->query, s->v[i].name, text, &given[i]); break;
		case SUBJECT_HEADER: find_in_fields(h, s->v[i].name, &given[i]); break;
		}
	}
	return SC_OK;
}
