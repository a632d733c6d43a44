/*
 * test_head.c - heads: what is accepted means one thing only; what is built
 * parses back; nothing hop-by-hop travels on.
 */
#include "net/http/head.h"

#include <sys/mman.h>

#include "tap.h"

static struct http_head head;

static enum sc_err request(const char *text)
{
	return http_head_parse_request(sc_span_str(text), &head, NULL);
}

static enum sc_err response(const char *text, enum http_method m)
{
	return http_head_parse_response(sc_span_str(text), m, &head, NULL);
}

static void request_parts(void)
{
	NEED(request("POST /orders/1?a=b&c=%20 HTTP/1.1\r\nHost: shop.example:8080\r\n"
		     "Content-Type:application/json\r\nX-Empty:\r\nX-Blank: \t a b \t\r\n"
		     "Content-Length: 42\r\n\r\n") == SC_OK);
	CHECK(head.method_id == HTTP_POST && sc_span_is(head.method, "POST"));
	CHECK(sc_span_is(head.target, "/orders/1?a=b&c=%20"));
	CHECK(sc_span_is(head.path, "/orders/1"));
	CHECK(sc_span_is(head.query, "a=b&c=%20"));
	CHECK(sc_span_is(head.host, "shop.example:8080"));
	CHECK(head.minor == 1 && !head.close);
	CHECK(head.framing == HTTP_LENGTH && head.content_length == 42);
	CHECK(head.n_fields == 5);
	CHECK(sc_span_is(http_head_find(&head, "content-type"), "application/json"));
	CHECK(http_head_find(&head, "x-empty").p != NULL);
	CHECK(http_head_find(&head, "x-empty").n == 0);
	CHECK(sc_span_is(http_head_find(&head, "X-BLANK"), "a b"));
	CHECK(http_head_find(&head, "x-none").p == NULL);
	NEED(request("GET / HTTP/1.1\r\nHost: a\r\n\r\n") == SC_OK);
	CHECK(head.query.p == NULL && head.framing == HTTP_NO_BODY);
	NEED(request("GET /? HTTP/1.1\r\nHost: a\r\n\r\n") == SC_OK);
	CHECK(head.query.p != NULL && head.query.n == 0);
}

static void request_persistence(void)
{
	NEED(request("GET / HTTP/1.1\r\nHost: a\r\nConnection: foo, Close\r\n\r\n") == SC_OK);
	CHECK(head.close);
	NEED(
	    request(
		"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n") ==
	    SC_OK);
	CHECK(head.close);
	NEED(request("GET / HTTP/1.0\r\nHost: a\r\n\r\n") == SC_OK);
	CHECK(head.close);
	NEED(request("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n") == SC_OK);
	CHECK(!head.close && head.minor == 0);
	NEED(request("GET / HTTP/1.0\r\n\r\n") == SC_OK); /* a probe's, as of old */
	CHECK(head.close && head.host.p == NULL);
	NEED(request("GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\n\r\n") == SC_OK);
	CHECK(head.expect_continue && !head.expect_other);
	NEED(request("GET / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n") == SC_OK);
	CHECK(head.expect_other);
}

static const char *const bad_requests[] = {
	"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /  HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
	" GET / HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET / http/1.1\r\nHost: a\r\n\r\n",
	"GET / HTTP/1.2\r\nHost: a\r\n\r\n",
	"GET / HTTP/2.0\r\nHost: a\r\n\r\n",
	"GET / HTTP/1./\r\nHost: a\r\n\r\n",
	"GET * HTTP/1.1\r\nHost: a\r\n\r\n",
	"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
	"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n",
	"CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /#x HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /\\x HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /\t HTTP/1.1\r\nHost: a\r\n\r\n",
	"GETGETGETGETGETGETGET / HTTP/1.1\r\nHost: a\r\n\r\n",
	"G@T / HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET / HTTP/1.1\r\nHost:\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a@b\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a, b\r\n\r\n",
	"GET / HTTP/1.1\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nHOST: a\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nX\x80: b\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nX-A: b\x7f\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\ncontent-length: 1\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 12345678901234567890\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1a\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \"chunked\"\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nConnection: a b\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\n\r\nX",
	"GET / HTTP/1.1\r\nHost: a\r\n",
	"GET / HTTP/1.1\r\nHost: a",
	"GET /",
	"",
};

static void requests_refused(void)
{
	for (size_t i = 0; i < sizeof(bad_requests) / sizeof(bad_requests[0]); i++) {
		const char *why = NULL;

		if (http_head_parse_request(sc_span_str(bad_requests[i]), &head, &why) !=
		    SC_SYNTAX) {
			printf("# bad request %zu was accepted\n", i);
			CHECK(!"refused");
		}
		CHECK(why != NULL && why[0] != '\0');
	}
}

/* What the caller is told: the first thing that is wrong. */
#define METHOD_WHY "a method that is not of capital letters and '-', 20 at most"
static const struct {
	const char *text, *why;
} reasons[] = {
	{ "GET / HTTP/1.1\r\nHost: a\r\n X: b\r\n\r\n", "a field continues on a second line" },
	{ "GET / HTTP/1.1\r\nHost: a\r\n\tX: b\r\n\r\n", "a field continues on a second line" },
	{ "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", "a field line without a colon" },
	{ "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", "a malformed field name" },
	{ "GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n", "a malformed field name" },
	{ "GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n", "a control byte in a field" },
	{ "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
	    "more than one Content-Length" },
	{ "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
	    "more than one Transfer-Encoding" },
	{ "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
	    "both Content-Length and Transfer-Encoding" },
	{ "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", "a malformed Content-Length" },
	{ "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
	    "a Transfer-Encoding other than chunked" },
	{ "GET / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
	    "Transfer-Encoding in HTTP/1.0" },
	{ "GET / HTTP/1.1\r\nHost: a\r\nConnection: a b\r\n\r\n", "a malformed Connection field" },
	{ "GET / HTTP/1.1\r\nHost: a\r\n", "the head does not end" },
	{ "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", "the head does not end" },
	{ "GET / HTTP/1.1\r\nHost: a\r\n\r\nX", "bytes behind the head" },
	{ "GET\r\nHost: a\r\n\r\n", "a malformed request line" },
	{ "GET /\r\nHost: a\r\n\r\n", "a malformed request line" },
	{ "GET / HTTP/1.1\rHost: a\r\n\r\n", "a malformed request line" },
	{ "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "a version that is not HTTP/1.0 or HTTP/1.1" },
	{ " / HTTP/1.1\r\nHost: a\r\n\r\n", METHOD_WHY },
	{ "ABCDEFGHIJKLMNOPQRSTU / HTTP/1.1\r\nHost: a\r\n\r\n", METHOD_WHY },
	{ "GET / HTTP/1.2\r\nHost: a\r\n\r\n", "a version that is not HTTP/1.0 or HTTP/1.1" },
	{ "GET a HTTP/1.1\r\nHost: a\r\n\r\n", "a target that does not begin with '/'" },
	{ "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", "a target that does not begin with '/'" },
	{ "patch / HTTP/1.1\r\nHost: a\r\n\r\n", METHOD_WHY },
	{ "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", "more than one Host" },
	{ "GET / HTTP/1.0\r\nHost: @a\r\n\r\n", "a malformed Host" },
	{ "GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n",
	    "a byte in the target that must be percent-encoded" },
	{ "GET / HTTP/1.1\r\n\r\n", "no Host" },
	{ "GET / HTTP/1.1\r\nHost: a\r\nHOST: a\r\n\r\n", "more than one Host" },
	{ "GET / HTTP/1.1\r\nHost: @a\r\n\r\n", "a malformed Host" },
	{ "GET / HTTP/1.1\r\nHost: a@\r\n\r\n", "a malformed Host" },
};

static void reasons_told(void)
{
	const char *why;

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		why = "nothing";
		CHECK(http_head_parse_request(sc_span_str(reasons[i].text), &head, &why) ==
		    SC_SYNTAX);
		if (strcmp(why, reasons[i].why) == 0)
			continue;
		printf("# reason %zu: %s\n", i, why);
		CHECK(!"the reason");
	}
	why = "nothing";
	CHECK(http_head_parse_response(sc_span_str("HTTP/1.1 999 X\r\n\r\n"), HTTP_GET, &head,
		  &why) == SC_SYNTAX &&
	    strcmp(why, "a malformed status") == 0);
	CHECK(http_head_parse_response(sc_span_str("HTTP/1.1 200 OK\r\n\r\n"), HTTP_GET, &head,
		  &why) == SC_OK &&
	    why[0] == '\0');
}

/* The longest method and host, and the shortest. */
static void lengths(void)
{
	char text[600], host[260];

	memset(host, 'h', sizeof(host));
	for (int n = 254; n <= 257; n++) {
		snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: %.*s\r\n\r\n", n, host);
		CHECK(request(text) == (n <= 255 ? SC_OK : SC_SYNTAX));
	}
	NEED(request("ABCDEFGHIJKLMNOPQRST / HTTP/1.1\r\nHost: a\r\n\r\n") == SC_OK);
	CHECK(head.method.n == 20 && head.query.p == NULL && head.query.n == 0);
	NEED(request("G / HTTP/1.1\r\nHost: a\r\n\r\n") == SC_OK);
	CHECK(sc_span_is(head.method, "G"));
}

static void field_count(void)
{
	const char *why = NULL;
	char text[8192];
	size_t n = (size_t)sprintf(text, "GET / HTTP/1.1\r\nHost: a\r\n");

	for (int i = 1; i < HTTP_FIELDS_MAX; i++)
		n += (size_t)sprintf(text + n, "a:b\r\n");
	strcpy(text + n, "\r\n");
	CHECK(request(text) == SC_OK && head.n_fields == HTTP_FIELDS_MAX);
	strcpy(text + n, "a:b\r\n\r\n");
	CHECK(http_head_parse_request(sc_span_str(text), &head, &why) == SC_LIMIT);
	CHECK(strcmp(why, "too many fields") == 0);
}

static void scan_incremental(void)
{
	static const char text[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\nrest";
	size_t len = 0, state = 0, whole = sizeof(text) - 1 - 4;
	bool too_long;

	for (size_t n = 0; n < whole; n++)
		CHECK(http_head_scan((const uint8_t *)text, n, &state, &len, &too_long) ==
		    HTTP_SCAN_MORE);
	CHECK(http_head_scan((const uint8_t *)text, whole, &state, &len, &too_long) ==
	    HTTP_SCAN_DONE);
	CHECK(len == whole);
	state = 0;
	CHECK(http_head_scan((const uint8_t *)text, sizeof(text) - 1, &state, &len, &too_long) ==
	    HTTP_SCAN_DONE);
	CHECK(len == whole);
}

/* Where the next call goes on: behind all that was looked at, but at a CR that ends it. */
static void scan_state(void)
{
	static const char text[] = "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n\r\n";
	size_t len = 0, state = 0;

	for (size_t n = 1; n < sizeof(text) - 1; n++) {
		size_t at_once = 0;
		bool too_long = true;

		CHECK(http_head_scan((const uint8_t *)text, n, &at_once, &len, &too_long) ==
		    HTTP_SCAN_MORE);
		CHECK(!too_long && at_once == (text[n - 1] == '\r' ? n - 1 : n));
		too_long = true;
		CHECK(http_head_scan((const uint8_t *)text, n, &state, &len, &too_long) ==
		    HTTP_SCAN_MORE);
		CHECK(!too_long && state == (text[n - 1] == '\r' ? n - 1 : n));
	}
}

/*
 * Every beginning of heads good and bad, with nothing before and nothing behind
 * it: one byte read too far ends the test.
 */
static void scan_stays_inside(void)
{
	static const char *const texts[] = {
		"GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n\r\n",
		"GET / HTTP/1.1\rX\r\n\r\n",
		"GET / HTTP/1.1\r\n\nX: \x01\x02\r\n\r\n",
		"GET / HTTP/1.1\r\nX: a\rb\n\r\n",
		"\r\n\r\n",
		"\n\r\r\n",
	};
	const size_t page = 4096;
	uint8_t *map = mmap(NULL, 3 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	enum http_scan back, front;

	NEED(map != MAP_FAILED && mprotect(map + page, page, PROT_READ | PROT_WRITE) == 0);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		for (size_t n = 1; n <= strlen(texts[i]); n++) {
			size_t len, s1 = 0, s2 = 0;
			uint8_t *p = map + 2 * page - n;
			bool too_long;

			memcpy(p, texts[i], n);
			back = http_head_scan(p, n, &s1, &len, &too_long);
			if (back == HTTP_SCAN_MORE)
				CHECK(http_head_parse_request(sc_span(p, n), &head, NULL) ==
				    SC_SYNTAX);
			memcpy(map + page, texts[i], n);
			front = http_head_scan(map + page, n, &s2, &len, &too_long);
			CHECK(back == front && s1 == s2);
		}
	munmap(map, 3 * page);
}

static enum http_scan scan(const char *p, size_t n)
{
	size_t len, state = 0;
	bool too_long;

	return http_head_scan((const uint8_t *)p, n, &state, &len, &too_long);
}

static void scan_refuses_at_once(void)
{
	static char large[HTTP_HEAD_MAX + 10];
	size_t len, state = 0;
	bool too_long;

	/* none of these ends, and none may be waited on */
	CHECK(scan("GET / HTTP/1.1\n", 15) == HTTP_SCAN_BAD);
	CHECK(scan("GET / HTTP/1.1\r\nHost: a\n", 24) == HTTP_SCAN_BAD);
	CHECK(scan("GET / HTTP/1.1\rX", 16) == HTTP_SCAN_BAD);
	CHECK(scan("GET /\0", 6) == HTTP_SCAN_BAD);
	CHECK(scan("\r\n", 2) == HTTP_SCAN_BAD);
	CHECK(scan("\n", 1) == HTTP_SCAN_BAD);
	memset(large, 'a', sizeof(large));
	CHECK(scan(large, HTTP_HEAD_MAX - 1) == HTTP_SCAN_MORE);
	CHECK(http_head_scan((uint8_t *)large, HTTP_HEAD_MAX, &state, &len, &too_long) ==
	    HTTP_SCAN_BAD);
	CHECK(too_long);
}

static void responses(void)
{
	NEED(response("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", HTTP_GET) == SC_OK);
	CHECK(head.status == 200 && head.framing == HTTP_LENGTH && head.content_length == 5 &&
	    !head.close);
	NEED(response("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", HTTP_HEAD) == SC_OK);
	CHECK(head.framing == HTTP_NO_BODY && head.content_length == 5);
	NEED(response("HTTP/1.1 200\r\n\r\n", HTTP_GET) == SC_OK);
	CHECK(head.framing == HTTP_UNTIL_CLOSE && head.close);
	NEED(response("HTTP/1.1 204 \r\n\r\n", HTTP_GET) == SC_OK);
	CHECK(head.framing == HTTP_NO_BODY);
	NEED(response("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", HTTP_GET) == SC_OK);
	CHECK(head.framing == HTTP_NO_BODY);
	NEED(response("HTTP/1.1 100 Continue\r\n\r\n", HTTP_GET) == SC_OK);
	CHECK(head.framing == HTTP_NO_BODY);
	NEED(response("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", HTTP_GET) == SC_OK);
	CHECK(head.close);
	NEED(response("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n", HTTP_GET) == SC_OK);
	CHECK(head.framing == HTTP_CHUNKED);
}

static const char *const bad_responses[] = {
	"HTTP/1.1 99 X\r\n\r\n",
	"HTTP/1.1 099 X\r\n\r\n",
	"HTTP/1.1 600 X\r\n\r\n",
	"HTTP/1.1 2000\r\n\r\n",
	"HTTP/1.1  200 OK\r\n\r\n",
	"HTTP/1.1200 OK\r\n\r\n",
	"HTTP/2 200 OK\r\n\r\n",
	"ICY 200 OK\r\n\r\n",
	"HTTP/1.1 200 O\x01K\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
	"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
	"HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
	"",
};

static void responses_refused(void)
{
	for (size_t i = 0; i < sizeof(bad_responses) / sizeof(bad_responses[0]); i++) {
		if (response(bad_responses[i], HTTP_GET) == SC_OK) {
			printf("# bad response %zu was accepted\n", i);
			CHECK(!"refused");
		}
	}
}

static void forwarding(void)
{
	struct http_field out[HTTP_FIELDS_MAX];
	size_t n;

	NEED(
	    request("GET / HTTP/1.1\r\nHost: a\r\nConnection: x-secret, keep-alive\r\n"
		    "X-Secret: 1\r\nKeep-Alive: 5\r\nTE: trailers\r\nTrailer: X\r\nUpgrade: h2c\r\n"
		    "Proxy-Authorization: b\r\nExpect: 100-continue\r\nContent-Length: 0\r\n"
		    "Accept: */*\r\nX-Kept: 2\r\n\r\n") == SC_OK);
	n = http_head_forward(&head, out);
	NEED(n == 2);
	CHECK(sc_span_is(out[0].name, "Accept") && sc_span_is(out[0].value, "*/*"));
	CHECK(sc_span_is(out[1].name, "X-Kept"));
}

static void built_parses_back(void)
{
	struct http_field f[] = {
		{ SC_LIT("X-A"), SC_LIT("b") },
		{ SC_LIT("Content-Length"), SC_LIT("9") },
		{ SC_LIT("Connection"), SC_LIT("upgrade") },
		{ SC_LIT("X-B"), SC_LIT("") },
	};
	struct http_build b = { .host = SC_LIT("up:81"), .fields = f, .n_fields = 4, .length = 5 };
	struct sc_buf out;

	sc_buf_init(&out, 65536);
	NEED(http_head_build_request(&out, sc_span_str("PUT"), sc_span_str("/a?b"), &b) == SC_OK);
	NEED(http_head_parse_request(sc_buf_span(&out), &head, NULL) == SC_OK);
	CHECK(sc_span_is(head.method, "PUT") && sc_span_is(head.target, "/a?b"));
	CHECK(sc_span_is(head.host, "up:81") && head.n_fields == 4);
	CHECK(head.framing == HTTP_LENGTH && head.content_length == 5 && !head.close);
	sc_buf_clear(&out);
	b.length = HTTP_LENGTH_CHUNKED;
	b.close = true;
	NEED(http_head_build_response(&out, 201, &b) == SC_OK);
	NEED(http_head_parse_response(sc_buf_span(&out), HTTP_POST, &head, NULL) == SC_OK);
	CHECK(
	    head.status == 201 && head.framing == HTTP_CHUNKED && head.close && head.n_fields == 4);
	sc_buf_fini(&out);
}

static void builder_refuses_splitting(void)
{
	static const struct http_field bad[] = {
		{ SC_LIT("X-A"), SC_LIT("b\r\nX-Evil: c") },
		{ SC_LIT("X-A"), SC_LIT("b\nc") },
		{ SC_LIT("X-A"), SC_LIT("b\0c") },
		{ SC_LIT("X A"), SC_LIT("b") },
		{ SC_LIT("X:A"), SC_LIT("b") },
		{ SC_LIT(""), SC_LIT("b") },
	};
	static const char *const targets[] = { "", "a", "/a b", "/a\r\n", "/\x80", "*", "/#" };
	struct sc_buf out;

	sc_buf_init(&out, 65536);
	NEED(sc_buf_put_str(&out, "before") == SC_OK);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct http_build b = { .host = SC_LIT("a"),
			.fields = &bad[i],
			.n_fields = 1,
			.length = HTTP_LENGTH_NONE };

		CHECK(http_head_build_request(&out, sc_span_str("GET"), sc_span_str("/"), &b) ==
		    SC_SYNTAX);
		CHECK(http_head_build_response(&out, 200, &b) == SC_SYNTAX);
	}
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		struct http_build b = { .host = SC_LIT("a"), .length = HTTP_LENGTH_NONE };

		CHECK(http_head_build_request(&out, sc_span_str("GET"), sc_span_str(targets[i]),
			  &b) == SC_SYNTAX);
	}
	CHECK(sc_span_is(sc_buf_span(&out), "before"));
	sc_buf_fini(&out);
}

static void plain_paths(void)
{
	static const char *const good[] = { "/", "/a", "/a/", "/a/b.c", "/a..b/...",
		"/.well-known/x", "/%E5%90%8D", "/a%20b", "/~x", "/a%40b%3Ac%2C" };
	static const char *const bad[] = { "", "a", "//", "/a//b", "/.", "/..", "/a/./b", "/a/../b",
		"/%2e%2e/x", "/%2E/x", "/a%2fb", "/a%5Cb", "/a%00", "/a%", "/a%2", "/a%zz", "/a;b",
		"/a%252e", "/a%0a", "/%61", "/a%5A", "/a%39", "/a%2D", "/%7e", "/a%5f" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CHECK(http_path_is_plain(sc_span_str(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!http_path_is_plain(sc_span_str(bad[i])));
}

static void allowed(void)
{
	struct http_allow a = { .n = 0 };

	http_allow_add(&a, sc_span_str("GET"));
	CHECK(sc_span_is(sc_span(a.s, a.n), "GET"));
	http_allow_add(&a, http_method_name(HTTP_PATCH));
	http_allow_add(&a, sc_span_str("GET"));
	http_allow_add(&a, sc_span_str("GE"));
	CHECK(sc_span_is(sc_span(a.s, a.n), "GET, PATCH, GE"));
	for (char c = 'A'; c <= 'Z'; c++) {
		char name[21];

		memset(name, c, 20);
		name[20] = '\0';
		http_allow_add(&a, sc_span_str(name));
		CHECK(a.n <= sizeof(a.s) && a.s[a.n - 1] <= 'H');
	}
	CHECK(a.n == 14 + 8 * 22);
	for (enum http_method m = HTTP_GET; m < HTTP_OTHER; m++)
		CHECK(http_method_parse(http_method_name(m)) == m);
	CHECK(http_method_name(HTTP_OTHER).n == 0);
}

int main(void)
{
	RUN(request_parts, "a request's parts are where they belong");
	RUN(request_persistence, "close, keep-alive and expectations are read");
	RUN(requests_refused, "malformed requests are refused, with a reason");
	RUN(reasons_told, "the reason told is the first thing that is wrong");
	RUN(lengths, "methods of 20 and hosts of 255 bytes are taken, longer ones are not");
	RUN(field_count, "100 fields are taken, 101 are not");
	RUN(scan_incremental, "a head's end is found however it is cut");
	RUN(scan_state, "a scan goes on where it ended");
	RUN(scan_stays_inside, "nothing outside the bytes given is read");
	RUN(scan_refuses_at_once, "a bare LF, bare CR, NUL or 16 KiB are refused at once");
	RUN(responses, "a response's framing follows its status and the request's method");
	RUN(responses_refused, "malformed responses are refused");
	RUN(forwarding, "hop-by-hop fields and those that Connection names stay here");
	RUN(built_parses_back, "what is built parses back, with our framing only");
	RUN(builder_refuses_splitting, "no field or target can split a head");
	RUN(allowed, "methods that a path takes are named once each, as far as there is room");
	RUN(plain_paths, "paths that two servers may read differently are told apart");
	return tap_done();
}
