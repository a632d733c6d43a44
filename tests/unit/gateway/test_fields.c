/*
 * test_fields.c - what header fields say of a body, and which of them travel on.
 */
#include "gateway/protect/lent.h"
#include "gateway/proxy/fields.h"
#include "tap.h"

static struct http_head head;

static struct http_head *with(const char *name, const char *value)
{
	head.fields[head.n_fields].name = sc_span_str(name);
	head.fields[head.n_fields++].value = sc_span_str(value);
	return &head;
}

/* What the head says of its body: the codec's name, "other" or "doubtful". */
static const char *body(const struct http_head *h)
{
	uint8_t fit = 77;
	const struct codec *c = fields_codec(h, &fit);

	if (c != NULL)
		return fit == CODEC_FITS ? c->name : "a codec that does not fit";
	return fit == CODEC_OTHER ? "other" : fit == CODEC_DOUBTFUL ? "doubtful" : "nothing";
}

static bool is(const struct http_head *h, const char *want)
{
	return strcmp(body(h), want) == 0;
}

static bool type(const char *value, const char *want)
{
	memset(&head, 0, sizeof(head));
	return is(with("Content-Type", value), want);
}

static void types(void)
{
	static const char *const json[] = { "application/json", "Application/JSON",
		"application/json; charset=utf-8", "application/json;charset=\"UTF-8\"; v=1",
		"application/problem+json", "application/vnd.shop.order+json ; a=b",
		"application/json;" };
	static const char *const lines[] = { "application/x-ndjson", "application/ndjson",
		"application/jsonl; charset=us-ascii" };
	static const char *const other[] = { "text/plain", "text/plain; charset=utf-16",
		"image/png" };
	static const char *const parts[] = { "multipart/form-data; boundary=x",
		"Multipart/Form-Data;charset=utf-8" };
	static const char *const form[] = { "application/x-www-form-urlencoded",
		"application/x-www-form-urlencoded;charset=UTF-8" };
	static const char *const doubtful[] = { "", ";", "text/json", "application/x-json",
		"application/json-seq", "application/json5", "application/json, text/plain",
		"text/plain, application/json", "application/json; charset=utf-16",
		"application/json; charset=\"utf-7\"",
		"application/json;charset=utf-8;CHARSET=utf-7", "application/json; charset",
		"application/x-ndjson; charset = latin1",
		"application/x-www-form-urlencoded; charset=gbk",
		"application/x-www-form-urlencoded, text/plain", "multipart/mixed; boundary=x",
		"multipart/form-data, text/plain", "multipart/form-data; boundary=x; charset=gbk" };

	for (size_t i = 0; i < sizeof(json) / sizeof(json[0]); i++)
		CHECK(type(json[i], "json"));
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		CHECK(type(lines[i], "ndjson"));
	for (size_t i = 0; i < sizeof(form) / sizeof(form[0]); i++)
		CHECK(type(form[i], "form"));
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		CHECK(type(parts[i], "multipart"));
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		CHECK(type(other[i], "other"));
	for (size_t i = 0; i < sizeof(doubtful) / sizeof(doubtful[0]); i++)
		CHECK(type(doubtful[i], "doubtful"));
}

static void doubts(void)
{
	static const char *const others[] = { "br", "deflate", "gzip, gzip", "gzip,identity", "gzi",
		"zstd" };

	memset(&head, 0, sizeof(head));
	CHECK(is(&head, "doubtful"));
	CHECK(type("application/json", "json"));
	CHECK(is(with("Content-Encoding", "identity"), "json"));
	CHECK(type("application/json", "json"));
	CHECK(is(with("Content-Encoding", "GZIP"), "json") && fields_is_gzip(&head));
	CHECK(is(with("Content-Encoding", "gzip"), "doubtful") && !fields_is_gzip(&head));
	CHECK(type("application/json", "json"));
	CHECK(is(with("Content-Encoding", "x-gzip"), "json") && fields_is_encoded(&head));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		CHECK(type("application/json", "json"));
		CHECK(is(with("Content-Encoding", others[i]), "doubtful"));
		CHECK(!fields_is_gzip(&head) && fields_is_encoded(&head));
	}
	CHECK(type("application/json", "json"));
	with("Content-Encoding", "identity");
	CHECK(is(with("Content-Encoding", "gzip"), "doubtful") && fields_is_encoded(&head));
	CHECK(type("text/css", "other"));
	CHECK(is(with("Content-Encoding", "gzip"), "other"));
	CHECK(type("application/json", "json"));
	CHECK(is(with("content-type", "text/plain"), "doubtful"));
	CHECK(type("application/json", "json"));
	CHECK(is(with("Content-Range", "bytes 0-1/9"), "doubtful"));
	CHECK(type("application/json", "json"));
	head.status = 206;
	CHECK(is(&head, "doubtful"));
}

/* The boundary is said twice. */
static void begins(void)
{
	const struct sc_span body = sc_span_str("--x--");

	CHECK(type("multipart/form-data; boundary=x", "multipart"));
	CHECK(fields_begin(&head, &codec_multipart, body));
	CHECK(fields_begin(&head, &codec_multipart, sc_span(NULL, 0)));
	CHECK(type("multipart/form-data; boundary=y", "multipart"));
	CHECK(!fields_begin(&head, &codec_multipart, body));
	CHECK(fields_begin(&head, &codec_json, body));
}

static void digests(void)
{
	struct http_field out[HTTP_FIELDS_MAX];
	size_t all;

	CHECK(type("application/json", "json"));
	with("Content-MD5", "x");
	with("content-digest", "x");
	with("Repr-Digest", "x");
	with("Digest", "x");
	with("Accept-Ranges", "bytes");
	with("ETag", "\"x\"");
	all = fields_for_client(&head, NULL, out, false);
	CHECK(all == head.n_fields);
	CHECK(fields_for_client(&head, NULL, out, true) == 1 + CACHED_MORE);
	CHECK(sc_span_is(out[0].name, "Content-Type"));
	/* nor that it was packed */
	with("Content-Encoding", "gzip");
	CHECK(fields_for_client(&head, NULL, out, false) == all + 1);
	CHECK(fields_for_client(&head, NULL, out, true) == 1 + CACHED_MORE);
}

static bool ours(const struct http_field *v, bool vary)
{
	return sc_span_is(v[0].name, "Cache-Control") &&
	    sc_span_is(v[0].value, "private, no-store") &&
	    (!vary ||
		(sc_span_is(v[1].name, "Vary") &&
		    sc_span_is(v[1].value,
			"Authorization, Scrim-Key, Scrim-Purpose, Scrim-Reason, Scrim-Ticket")));
}

/* What was made for one reader is nobody else's: not kept, and not known again. */
static void kept_by_nobody(void)
{
	static const char *const gone[] = { "ETag", "etag", "LAST-MODIFIED", "Accept-Ranges",
		"Cache-Control", "cdn-cache-control", "Shop-CDN-Cache-Control", "Expires", "Age",
		"Pragma", "Surrogate-Control", "Edge-Control", "X-Accel-Expires",
		"No-Vary-Search" };
	static const char *const kept[] = { "Set-Cookie", "Location", "X-ETag", "Cache-Status",
		"Cache-Contro", "Date" };
	struct http_field out[HTTP_FIELDS_MAX + FIELDS_MORE];
	const size_t k = sizeof(kept) / sizeof(kept[0]);

	memset(&head, 0, sizeof(head));
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		with(gone[i], "public, max-age=9");
	for (size_t i = 0; i < k; i++)
		with(kept[i], "x");
	CHECK(fields_for_client(&head, NULL, out, false) == head.n_fields);
	CHECK(fields_for_client(&head, NULL, out, true) == k + 2 && ours(out + k, true));
	for (size_t i = 0; i < k; i++)
		CHECK(sc_span_is(out[i].name, kept[i]));
	/* by what the upstream's differs, it still does */
	memset(&head, 0, sizeof(head));
	with("Vary", "Origin");
	CHECK(fields_for_client(&head, NULL, out, true) == 3 && ours(out + 1, true));
	CHECK(sc_span_is(out[0].name, "Vary") && sc_span_is(out[0].value, "Origin"));
	with("VARY", "*");
	CHECK(fields_for_client(&head, NULL, out, true) == 3 && ours(out + 2, false));
	CHECK(sc_span_is(out[1].value, "*"));
	/* as many as a head can have leave room for ours */
	memset(&head, 0, sizeof(head));
	while (head.n_fields < HTTP_FIELDS_MAX)
		with("X", "x");
	CHECK(fields_for_client(&head, NULL, out, true) == HTTP_FIELDS_MAX + CACHED_MORE);
}

/* A reader asks for the answer itself; a writer's condition is how no change is lost. */
static void conditions(void)
{
	static const char *const reads[] = { "If-None-Match", "if-modified-since", "If-Match",
		"If-Unmodified-Since" };
	static const enum http_method writers[] = { HTTP_PUT, HTTP_POST, HTTP_PATCH, HTTP_DELETE,
		HTTP_OTHER };

	for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]); i++) {
		CHECK(cached_asks(HTTP_GET, sc_span_str(reads[i])));
		CHECK(cached_asks(HTTP_HEAD, sc_span_str(reads[i])));
		for (size_t m = 0; m < sizeof(writers) / sizeof(writers[0]); m++)
			CHECK(!cached_asks(writers[m], sc_span_str(reads[i])));
	}
	CHECK(cached_asks(HTTP_GET, sc_span_str("range")) &&
	    cached_asks(HTTP_POST, sc_span_str("If-Range")));
	CHECK(!cached_asks(HTTP_GET, sc_span_str("If")) &&
	    !cached_asks(HTTP_GET, sc_span_str("Accept")));
}

static void withheld(void)
{
	static const char *const gone[] = { "Content-Type", "content-encoding", "Content-Language",
		"Content-Location", "Content-Range", "Content-Digest", "Content-MD5", "ETag",
		"etag", "Last-Modified", "Accept-Ranges", "Cache-Control", "Expires", "Age",
		"Pragma", "Digest", "Repr-Digest", "Connection", "Transfer-Encoding",
		"Content-Length" };
	static const char *const kept[] = { "Retry-After", "WWW-Authenticate", "Location", "Allow",
		"Set-Cookie", "Vary", "Link", "X-Content", "Contents", "Date" };
	struct http_field out[HTTP_FIELDS_MAX + FIELDS_MORE];
	size_t n, k = sizeof(kept) / sizeof(kept[0]);

	memset(&head, 0, sizeof(head));
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		with(gone[i], "x");
	for (size_t i = 0; i < k; i++)
		with(kept[i], "x");
	n = fields_for_withheld(&head, NULL, out);
	CHECK(n == k + 3);
	for (size_t i = 0; i < k && i < n; i++)
		CHECK(sc_span_is(out[i].name, kept[i]) && sc_span_is(out[i].value, "x"));
	CHECK(sc_span_is(out[k].name, "Content-Type") &&
	    sc_span_is(out[k].value, "application/problem+json"));
	CHECK(ours(out + k + 1, true));
	/* as many as a head can have leave room for both */
	memset(&head, 0, sizeof(head));
	while (head.n_fields < HTTP_FIELDS_MAX)
		with("X", "x");
	CHECK(fields_for_withheld(&head, NULL, out) == HTTP_FIELDS_MAX + FIELDS_MORE);
}

/* What a recipient was shown, in a field's value or name: the field stays behind. */
static void lent_fields(void)
{
	struct http_field out[HTTP_FIELDS_MAX + FIELDS_MORE];
	struct lent *l = lent_new();

	NEED(l != NULL);
	memset(&head, 0, sizeof(head));
	with("X-To", "for ANN EXAMPLE");
	with("X-Route", "4");
	with("X-Yorkshire", "1");
	with("X-By", "ann%2Bexample");
	CHECK(fields_for_client(&head, l, out, false) == 4);
	CHECK(lent_note(l, sc_span_str("Ann Example"), sc_span_str("sct1-a")) == SC_OK);
	CHECK(lent_note(l, sc_span_str("Yorkshire"), sc_span_str("sct1-b")) == SC_OK);
	CHECK(lent_note(l, sc_span_str("Private"), sc_span_str("sct1-c")) == SC_OK);
	CHECK(lent_note(l, sc_span_str("Problem"), sc_span_str("sct1-d")) == SC_OK);
	CHECK(fields_for_client(&head, l, out, false) == 1 && sc_span_is(out[0].name, "X-Route"));
	/* ours are said whatever somebody is called */
	memset(&head, 0, sizeof(head));
	with("X-To", "Ann Example");
	CHECK(fields_for_client(&head, l, out, false) == 0);
	CHECK(fields_for_client(&head, l, out, true) == 2 && ours(out, true));
	CHECK(fields_for_withheld(&head, l, out) == 3 && ours(out + 1, true));
	lent_free(l);
}

int main(void)
{
	RUN(types, "what is a document, what is surely none, and what may be");
	RUN(doubts, "encoded, twice described, partial: not to be trusted");
	RUN(begins, "a body begins as its head says");
	RUN(digests, "a digest of the body as it was does not travel with what became of it");
	RUN(kept_by_nobody, "what was made for one reader says that nobody keeps it");
	RUN(conditions, "who reads asks on no condition, who writes keeps theirs");
	RUN(lent_fields, "a field that says what was lent stays behind, its name too");
	RUN(withheld, "what speaks of a withheld body goes, what speaks of the answer stays");
	return tap_done();
}
