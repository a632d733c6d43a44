/*
 * fields.c - what header fields say of a body, and which travel on.
 */
#include "gateway/proxy/fields.h"
#include "base/text/hex.h"
#include "base/weak.h"

#include <string.h>
#include <strings.h>

static struct sc_span media_type(const struct http_head *h)
{
	struct sc_span t = http_head_find(h, "Content-Type");
	size_t n = 0;

	while (n < t.n && t.p[n] != ';' && t.p[n] != ' ' && t.p[n] != '\t')
		n++;
	return sc_span(t.p, n);
}

bool fields_is_endless(const struct http_head *h)
{
	return sc_span_caseeq(media_type(h), "text/event-stream");
}

bool fields_is_encoded(const struct http_head *h)
{
	struct sc_span e = http_head_find(h, "Content-Encoding");

	return http_head_count(h, "Content-Encoding") > 1 ||
	    (e.n != 0 && !sc_span_caseeq(e, "identity"));
}

bool fields_is_gzip(const struct http_head *h)
{
	struct sc_span e = http_head_find(h, "Content-Encoding");

	/* RFC 9110 §8.4.1.3: x-gzip is the same */
	return http_head_count(h, "Content-Encoding") == 1 &&
	    (sc_span_caseeq(e, "gzip") || sc_span_caseeq(e, "x-gzip"));
}

static bool starts_caseless(struct sc_span s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.n >= n && strncasecmp((const char *)s.p, prefix, n) == 0;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '"';
}

/* The next parameter of REST, without blanks and quotes around it. */
static bool next_parameter(struct sc_span *rest, struct sc_span *out)
{
	const uint8_t *semicolon = memchr(rest->p, ';', rest->n);

	if (semicolon == NULL)
		return false;
	*rest = sc_span_from(*rest, (size_t)(semicolon - rest->p) + 1);
	semicolon = rest->n == 0 ? NULL : memchr(rest->p, ';', rest->n);
	*out = *rest;
	if (semicolon != NULL)
		out->n = (size_t)(semicolon - rest->p);
	while (out->n != 0 && is_blank(out->p[0]))
		*out = sc_span_from(*out, 1);
	while (out->n != 0 && is_blank(out->p[out->n - 1]))
		out->n--;
	return true;
}

/* Documents between systems are UTF-8 (RFC 8259 §8.1). Does TYPE say otherwise? */
static bool other_charset(struct sc_span type)
{
	struct sc_span p, value;

	while (type.n != 0 && next_parameter(&type, &p)) {
		if (!starts_caseless(p, "charset"))
			continue;
		value = sc_span_from(p, strlen("charset"));
		while (value.n != 0 && (is_blank(value.p[0]) || value.p[0] == '='))
			value = sc_span_from(value, 1);
		if (!sc_span_caseeq(value, "utf-8") && !sc_span_caseeq(value, "utf8") &&
		    !sc_span_caseeq(value, "us-ascii"))
			return true;
	}
	return false;
}

const struct codec *fields_codec(const struct http_head *h, uint8_t *fit)
{
	enum codec_fit how;
	const struct codec *codec = codec_for(media_type(h), &how);

	/* a part of a document can be one by itself, and no selector fits it */
	if (http_head_count(h, "Content-Type") != 1 || h->status == 206 ||
	    http_head_find(h, "Content-Range").p != NULL ||
	    (how != CODEC_OTHER &&
		((fields_is_encoded(h) && !fields_is_gzip(h)) ||
		    other_charset(http_head_find(h, "Content-Type")))))
		how = CODEC_DOUBTFUL;
	*fit = (uint8_t)how;
	return how == CODEC_FITS ? codec : NULL;
}

bool fields_begin(const struct http_head *h, const struct codec *c, struct sc_span body)
{
	return body.n == 0 || c->begins == NULL ||
	    c->begins(http_head_find(h, "Content-Type"), body);
}

/* ---- what travels on ---- */

static bool any_of(struct sc_span name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (sc_span_caseeq(name, *names))
			return true;
	return false;
}

/* RFC 9530, RFC 3230, RFC 1864: a digest of the clear body lets its values be guessed. */
static const char *const digests[] = { "Content-Digest", "Repr-Digest", "Digest", "Content-MD5",
	NULL };
/* A body that was unpacked is not packed again. */
static const char *const packing[] = { "Content-Encoding", NULL };

/* Would NAME bring an answer encoded, in parts or, where it was had before, none? */
static bool asks_otherwise(enum http_method method, struct sc_span name)
{
	return sc_span_caseeq(name, "Accept-Encoding") || cached_asks(method, name);
}

size_t fields_for_upstream(struct served_request *rq, struct http_field *out, bool rewritten,
    char id[static 17])
{
	const struct http_head *h = rq->call->head;
	bool own_key = http_head_find(h, "Scrim-Key").p != NULL;
	bool consumed = rq->record.auth == AUDIT_AUTH_API_KEY && !own_key;
	bool identity = served_changes_answer(rq->route);
	bool unpacked = rewritten && rq->codec != NULL && fields_is_gzip(h);
	size_t n = http_head_forward(h, out), kept = 0;

	for (size_t i = 0; i < n; i++) {
		struct sc_span name = out[i].name;

		if (starts_caseless(name, "scrim-") || starts_caseless(name, "scrim_") ||
		    (consumed && sc_span_caseeq(name, "Authorization")) ||
		    (identity && asks_otherwise(h->method_id, name)) ||
		    (rewritten && any_of(name, digests)) || (unpacked && any_of(name, packing)))
			continue;
		out[kept++] = out[i];
	}
	if (identity) {
		static const struct http_field plain = { SC_LIT("Accept-Encoding"),
			SC_LIT("identity") };
		out[kept++] = plain;
	}
	kept = forwarded_tell(rq->route->config->forwarded, rq->call->tls, h->host, out, kept);
	hex_u64(rq->record.asking.request_id, id);
	out[kept].name = sc_span_str("Scrim-Request-Id");
	out[kept++].value = sc_span(id, 16);
	return kept;
}

static bool says_lent(const struct lent *l, struct sc_span text)
{
	struct lent_hit hit;

	return lent_find(l, text, 0, &hit) || lent_escaped_in(l, text);
}

/* Of the N at V, those without anything that L's recipient was shown; their number. */
static size_t without_lent(const struct lent *l, struct http_field *v, size_t n)
{
	size_t kept = 0;

	if (!lent_any(l) || WEAK("answer-unsearched"))
		return n;
	for (size_t i = 0; i < n; i++)
		if (!says_lent(l, v[i].name) && !says_lent(l, v[i].value))
			v[kept++] = v[i];
	return kept;
}

size_t fields_for_client(const struct http_head *h, const struct lent *l, struct http_field *out,
    bool rewritten)
{
	size_t n = http_head_forward(h, out), kept = 0;
	bool unpacked = rewritten && fields_is_gzip(h);

	for (size_t i = 0; i < n; i++)
		if (!rewritten ||
		    (!any_of(out[i].name, digests) && !cached_says(out[i].name) &&
			!(unpacked && any_of(out[i].name, packing))))
			out[kept++] = out[i];
	/* before ours: no recipient's name is in those */
	kept = without_lent(l, out, kept);
	return rewritten ? cached_nowhere(out, kept) : kept;
}

size_t fields_for_withheld(const struct http_head *h, const struct lent *l, struct http_field *out)
{
	static const struct http_field type = { SC_LIT("Content-Type"), SC_LIT(HTTP_PROBLEM_TYPE) };
	size_t n = http_head_forward(h, out), kept = 0;

	for (size_t i = 0; i < n; i++)
		if (!starts_caseless(out[i].name, "content-") && !any_of(out[i].name, digests) &&
		    !cached_says(out[i].name))
			out[kept++] = out[i];
	kept = without_lent(l, out, kept);
	out[kept++] = type;
	return cached_nowhere(out, kept);
}
