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
	all = fields_for_client(&head, out, false);
	CHECK(all == head.n_fields);
	CHECK(fields_for_client(&head, out, true) == 2);
	CHECK(sc_span_is(out[0].name, "Content-Type") && sc_span_is(out[1].name, "ETag"));
	/* nor that it was packed */
	with("Content-Encoding", "gzip");
	CHECK(fields_for_client(&head, out, false) == all + 1);
	CHECK(fields_for_client(&head, out, true) == 2);
	CHECK(sc_span_is(out[1].name, "ETag"));
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
	struct http_field out[HTTP_FIELDS_MAX + FIELDS_WITHHELD_MORE];
	size_t n, k = sizeof(kept) / sizeof(kept[0]);

	memset(&head, 0, sizeof(head));
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		with(gone[i], "x");
	for (size_t i = 0; i < k; i++)
		with(kept[i], "x");
	n = fields_for_withheld(&head, out);
	CHECK(n == k + 2);
	for (size_t i = 0; i < k && i < n; i++)
		CHECK(sc_span_is(out[i].name, kept[i]) && sc_span_is(out[i].value, "x"));
	CHECK(sc_span_is(out[k].name, "Content-Type") &&
	    sc_span_is(out[k].value, "application/problem+json"));
	CHECK(sc_span_is(out[k + 1].name, "Cache-Control") &&
	    sc_span_is(out[k + 1].value, "no-store"));
	/* as many as a head can have leave room for both */
	memset(&head, 0, sizeof(head));
	while (head.n_fields < HTTP_FIELDS_MAX)
		with("X", "x");
	CHECK(fields_for_withheld(&head, out) == HTTP_FIELDS_MAX + FIELDS_WITHHELD_MORE);
}

/* What a recipient was shown, in a field's value or name: the field stays behind. */
static void lent_fields(void)
{
	struct lent *l = lent_new();
	struct http_field v[] = {
		{ sc_span_str("X-To"), sc_span_str("for ANN EXAMPLE") },
		{ sc_span_str("X-Route"), sc_span_str("4") },
		{ sc_span_str("X-Yorkshire"), sc_span_str("1") },
		{ sc_span_str("X-By"), sc_span_str("ann%2Bexample") },
	};

	NEED(l != NULL);
	CHECK(fields_without_lent(l, v, 4) == 4);
	CHECK(lent_note(l, sc_span_str("Ann Example"), sc_span_str("sct1-a")) == SC_OK);
	CHECK(lent_note(l, sc_span_str("Yorkshire"), sc_span_str("sct1-b")) == SC_OK);
	CHECK(fields_without_lent(l, v, 4) == 1 && sc_span_is(v[0].name, "X-Route"));
	lent_free(l);
}

int main(void)
{
	RUN(types, "what is a document, what is surely none, and what may be");
	RUN(doubts, "encoded, twice described, partial: not to be trusted");
	RUN(begins, "a body begins as its head says");
	RUN(digests, "a digest of the body as it was does not travel with what became of it");
	RUN(lent_fields, "a field that says what was lent stays behind, its name too");
	RUN(withheld, "what speaks of a withheld body goes, what speaks of the answer stays");
	return tap_done();
}
