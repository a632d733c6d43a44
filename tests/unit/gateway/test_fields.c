/*
 * test_fields.c - what header fields say of a body, and which of them travel on.
 */
#include "gateway/proxy/fields.h"
#include "tap.h"

static struct http_head head;

static struct http_head *with(const char *name, const char *value)
{
	head.fields[head.n_fields].name = sc_span_str(name);
	head.fields[head.n_fields++].value = sc_span_str(value);
	return &head;
}

static enum fields_body type(const char *value)
{
	memset(&head, 0, sizeof(head));
	return fields_body(with("Content-Type", value));
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
		"image/png", "application/x-www-form-urlencoded",
		"multipart/form-data; boundary=x" };
	static const char *const doubtful[] = { "", ";", "text/json", "application/x-json",
		"application/json-seq", "application/json5", "application/json, text/plain",
		"text/plain, application/json", "application/json; charset=utf-16",
		"application/json; charset=\"utf-7\"",
		"application/json;charset=utf-8;CHARSET=utf-7", "application/json; charset",
		"application/x-ndjson; charset = latin1" };

	for (size_t i = 0; i < sizeof(json) / sizeof(json[0]); i++)
		CHECK(type(json[i]) == FIELDS_JSON && fields_is_json(fields_body(&head)));
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		CHECK(type(lines[i]) == FIELDS_NDJSON && fields_is_json(fields_body(&head)));
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		CHECK(type(other[i]) == FIELDS_OTHER && !fields_is_json(fields_body(&head)));
	for (size_t i = 0; i < sizeof(doubtful) / sizeof(doubtful[0]); i++)
		CHECK(type(doubtful[i]) == FIELDS_DOUBTFUL && !fields_is_json(fields_body(&head)));
}

static void doubts(void)
{
	memset(&head, 0, sizeof(head));
	CHECK(fields_body(&head) == FIELDS_DOUBTFUL);
	CHECK(type("application/json") == FIELDS_JSON);
	CHECK(fields_body(with("Content-Encoding", "identity")) == FIELDS_JSON);
	CHECK(type("application/json") == FIELDS_JSON);
	CHECK(fields_body(with("Content-Encoding", "gzip")) == FIELDS_DOUBTFUL);
	CHECK(type("text/css") == FIELDS_OTHER);
	CHECK(fields_body(with("Content-Encoding", "gzip")) == FIELDS_OTHER);
	CHECK(type("application/json") == FIELDS_JSON);
	CHECK(fields_body(with("content-type", "text/plain")) == FIELDS_DOUBTFUL);
	CHECK(type("application/json") == FIELDS_JSON);
	CHECK(fields_body(with("Content-Range", "bytes 0-1/9")) == FIELDS_DOUBTFUL);
	CHECK(type("application/json") == FIELDS_JSON);
	head.status = 206;
	CHECK(fields_body(&head) == FIELDS_DOUBTFUL);
}

static void digests(void)
{
	struct http_field out[HTTP_FIELDS_MAX];
	size_t all;

	CHECK(type("application/json") == FIELDS_JSON);
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

int main(void)
{
	RUN(types, "what is JSON, what is surely not, and what may be");
	RUN(doubts, "encoded, twice described, partial: not to be trusted");
	RUN(digests, "a digest of the body as it was does not travel with what became of it");
	RUN(withheld, "what speaks of a withheld body goes, what speaks of the answer stays");
	return tap_done();
}
