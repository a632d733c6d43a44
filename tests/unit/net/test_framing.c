/*
 * test_framing.c - the framing table: malformed requests are refused and the
 * connection closed, legal ones are served, and one never becomes two.
 */
#include "unit/net/netkit.h"

#include "tap.h"

#include <stdatomic.h>

static atomic_int heads, ends, smuggled;

static void on_head(struct http_call *call)
{
	atomic_fetch_add(&heads, 1);
	if (sc_span_is(call->head->path, "/SMUGGLED"))
		atomic_fetch_add(&smuggled, 1);
}

static void on_end(struct http_call *call, struct sc_span body)
{
	char text[32];

	atomic_fetch_add(&ends, 1);
	snprintf(text, sizeof(text), "b=%zu", body.n);
	http_call_respond(call, 200, NULL, 0, sc_span_str(text));
}

static const struct http_handler handler = { .on_head = on_head, .on_end = on_end };
static struct kit_server server;

#define L "POST /x HTTP/1.1\r\n"
#define H "Host: a\r\n"
#define P L H
#define TE "Transfer-Encoding: chunked\r\n"

enum { BAD, OK };

struct row {
	const char *name, *bytes;
	size_t n;
	int expect;
};
#define ROW(name, expect, bytes) { name, bytes, sizeof(bytes) - 1, expect }

static const struct row rows[] = {
	ROW("dup CL same", BAD, P "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
	ROW("dup CL differ (5,0)", BAD, P "Content-Length: 5\r\nContent-Length: 0\r\n\r\nhello"),
	ROW("dup CL differ (0,5)", BAD, P "Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello"),
	ROW("CL list '5, 5'", BAD, P "Content-Length: 5, 5\r\n\r\nhello"),
	ROW("CL + TE chunked", BAD, P "Content-Length: 5\r\n" TE "\r\n5\r\nhello\r\n0\r\n\r\n"),
	ROW("TE chunked + CL", BAD, P TE "Content-Length: 5\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
	ROW("TE 'gzip, chunked'", BAD, P "Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
	ROW("TE 'gzip, chunked' + CL", BAD, P "Transfer-Encoding: gzip, chunked\r\nContent-Length: 5\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
	ROW("TE 'chunked, gzip' +CL", BAD, P "Transfer-Encoding: chunked, gzip\r\nContent-Length: 5\r\n\r\nhello"),
	ROW("TE xchunked + CL", BAD, P "Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n\r\nhello"),
	ROW("TE identity + CL", BAD, P "Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello"),
	ROW("TE chunked twice", BAD, P TE TE "\r\n5\r\nhello\r\n0\r\n\r\n"),
	ROW("TE VT chunked", BAD, P "Transfer-Encoding: \x0b" "chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
	ROW("HTTP/1.0 + TE", BAD, "POST /x HTTP/1.0\r\n" H TE "\r\n5\r\nhello\r\n0\r\n\r\n"),
	ROW("obs-fold", BAD, P "X-A: b\r\n c\r\nContent-Length: 5\r\n\r\nhello"),
	ROW("obs-fold on TE", BAD, P "Transfer-Encoding:\r\n chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
	ROW("bare LF headers", BAD, "POST /x HTTP/1.1\nHost: a\nContent-Length: 5\n\nhello"),
	ROW("bare LF one hdr", BAD, P "X-A: b\nContent-Length: 5\r\n\r\nhello"),
	ROW("bare CR in value", BAD, P "X-A: b\rc\r\nContent-Length: 5\r\n\r\nhello"),
	ROW("NUL in value", BAD, P "X-A: b\0c\r\nContent-Length: 5\r\n\r\nhello"),
	ROW("space before colon", BAD, P "Content-Length : 5\r\n\r\nhello"),
	ROW("leading space hdr 1st", BAD, L " X-A: b\r\n" H "Content-Length: 5\r\n\r\nhello"),
	ROW("empty hdr name", BAD, P ": b\r\nContent-Length: 5\r\n\r\nhello"),
	ROW("hdr w/o colon", BAD, P "novalue\r\nContent-Length: 5\r\n\r\nhello"),
	ROW("ctl char in name", BAD, P "X\x01" "A: b\r\nContent-Length: 5\r\n\r\nhello"),
	ROW("CL negative", BAD, P "Content-Length: -5\r\n\r\nhello"),
	ROW("CL +5", BAD, P "Content-Length: +5\r\n\r\nhello"),
	ROW("CL hex 0x5", BAD, P "Content-Length: 0x5\r\n\r\nhello"),
	ROW("CL '5 5'", BAD, P "Content-Length: 5 5\r\n\r\nhello"),
	ROW("CL empty", BAD, P "Content-Length:\r\n\r\nhello"),
	ROW("CL 2^64+5", BAD, P "Content-Length: 18446744073709551621\r\n\r\nhello"),
	ROW("chunk ext", BAD, P TE "\r\n5;a=b\r\nhello\r\n0\r\n\r\n"),
	ROW("chunk ext w/ bare LF", BAD, P TE "\r\n5;a\nb\r\nhello\r\n0\r\n\r\n"),
	ROW("chunk bare LF", BAD, P TE "\r\n5\nhello\r\n0\r\n\r\n"),
	ROW("chunk size 0x5", BAD, P TE "\r\n0x5\r\nhello\r\n0\r\n\r\n"),
	ROW("chunk size -5", BAD, P TE "\r\n-5\r\nhello\r\n0\r\n\r\n"),
	ROW("chunk size +5", BAD, P TE "\r\n+5\r\nhello\r\n0\r\n\r\n"),
	ROW("chunk size ' 5 '", BAD, P TE "\r\n 5 \r\nhello\r\n0\r\n\r\n"),
	ROW("chunk size 17 hex", BAD, P TE "\r\n00000000000000005\r\nhello\r\n0\r\n\r\n"),
	ROW("chunk data no CRLF", BAD, P TE "\r\n5\r\nhello0\r\n\r\n"),
	ROW("trailer Content-Length", BAD, P TE "\r\n5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n"),
	ROW("GET w/ CL body", OK, "GET /x HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhello"),
	ROW("no Host", BAD, L "Content-Length: 5\r\n\r\nhello"),
	ROW("two Hosts", BAD, P "Host: b\r\nContent-Length: 5\r\n\r\nhello"),
	ROW("HTTP/9.9", BAD, "POST /x HTTP/9.9\r\n" H "Content-Length: 5\r\n\r\nhello"),
	ROW("HTTP/1.1x", BAD, "POST /x HTTP/1.1x\r\n" H "Content-Length: 5\r\n\r\nhello"),
	ROW("HTTP/0.9 'GET /x'", BAD, "GET /x\r\n\r\n"),
	ROW("tab in req line", BAD, "POST\t/x HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhello"),
	ROW("space in URI", BAD, "POST /x y HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhello"),
	ROW("high byte in URI", BAD, "POST /x\xe9 HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhello"),
	ROW("abs-form URI", BAD, "POST http://a/x HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhello"),
	ROW("lowercase method", BAD, "post /x HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhello"),
	{ "hdrs 20 KiB (limit 16K)", NULL, 20480, BAD },
	{ "2000 small hdrs ~10K", NULL, 2000, BAD },
	ROW("pipelined 2", OK, P "Content-Length: 5\r\n\r\nhello" P "Content-Length: 5\r\n\r\nhello"),
	ROW("Upgrade: h2c", OK, P "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\nContent-Length: 5\r\n\r\nhello"),
	ROW("Expect: 100-continue", OK, P "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n"),
	ROW("Expect: bogus", BAD, P "Expect: bogus\r\nContent-Length: 5\r\n\r\nhello"),
};
#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

/* The two rows that are too long to write out. */
static size_t long_row(const struct row *r, char *out)
{
	char *p = out;

	p += sprintf(p, P);
	if (r->n == 2000) {
		for (int i = 0; i < 2000; i++)
			p += sprintf(p, "a:b\r\n");
	} else {
		p += sprintf(p, "X-A: ");
		memset(p, 'a', r->n);
		p += r->n;
		p += sprintf(p, "\r\n");
	}
	p += sprintf(p, "Content-Length: 5\r\n\r\nhello");
	return (size_t)(p - out);
}

/* Behind each malformed request another is waiting to be smuggled. */
static const char after[] = "GET /SMUGGLED HTTP/1.1\r\nHost: a\r\n\r\n";

static void row_bad(const struct row *r)
{
	struct kit_text t = { 0 };
	char *bytes = malloc(65536);
	size_t n = r->n;
	int status = 0;

	if (r->bytes == NULL)
		n = long_row(r, bytes);
	else
		memcpy(bytes, r->bytes, n);
	memcpy(bytes + n, after, sizeof(after) - 1);
	atomic_store(&ends, 0);
	CHECK(kit_ask_closed(server.port, bytes, n + sizeof(after) - 1, &t));
	if (t.n != 0)
		sscanf(t.s, "HTTP/1.1 %d ", &status);
	CHECK(status >= 400 && status < 500);
	CHECK(kit_count(&t, "HTTP/1.1 4") == 1 && kit_count(&t, "HTTP/1.1 2") == 0);
	CHECK(kit_count(&t, "urn:scrim:problem:") == 1);
	CHECK(kit_count(&t, "Connection: close") == 1);
	CHECK(atomic_load(&ends) == 0);
	CHECK(atomic_load(&smuggled) == 0);
	free(bytes);
	kit_text_free(&t);
}

/* Legal: served with its body, and the connection is of further use. */
static void row_ok(const struct row *r)
{
	struct kit_text t = { 0 };
	int fd = kit_connect(server.port);
	size_t expected = strcmp(r->name, "pipelined 2") == 0 ? 2 : 1;

	atomic_store(&ends, 0);
	kit_send(fd, r->bytes, r->n);
	if (strncmp(r->name, "Expect", 6) == 0) {
		NEED(kit_recv_until(fd, &t, "HTTP/1.1 100 Continue\r\n\r\n"));
		kit_send_str(fd, "hello");
	}
	while (kit_count(&t, "b=5") < expected && kit_recv(fd, &t, KIT_WAIT_MS) == 1)
		;
	CHECK(kit_count(&t, "HTTP/1.1 200 ") == expected);
	CHECK(kit_count(&t, "b=5") == expected);
	CHECK((size_t)atomic_load(&ends) == expected);
	kit_send_str(fd, "GET /again HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	CHECK(kit_recv_closed(fd, &t));
	CHECK(kit_count(&t, "b=0") == 1);
	close(fd);
	kit_text_free(&t);
}

static size_t row_at;

static void run_row(void)
{
	if (rows[row_at].expect == OK)
		row_ok(&rows[row_at]);
	else
		row_bad(&rows[row_at]);
}

/* Every malformed head again, a byte at a time: the answer may not depend on how it is cut. */
static void bytewise(void)
{
	for (size_t i = 0; i < N_ROWS; i++) {
		struct kit_text t = { 0 };
		int fd;

		if (rows[i].expect == OK || rows[i].bytes == NULL)
			continue;
		fd = kit_connect(server.port);
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
		atomic_store(&ends, 0);
		for (size_t k = 0; k < rows[i].n; k++)
			kit_send(fd, rows[i].bytes + k, 1);
		shutdown(fd, SHUT_WR);
		CHECK(kit_recv_closed(fd, &t));
		CHECK(kit_count(&t, "HTTP/1.1 4") == 1);
		CHECK(atomic_load(&ends) == 0);
		close(fd);
		kit_text_free(&t);
	}
}

int main(void)
{
	char name[128];

	kit_start(&server, &handler, NULL, NULL, NULL);
	for (row_at = 0; row_at < N_ROWS; row_at++) {
		snprintf(name, sizeof(name), "%s: %s", rows[row_at].expect == OK ?
		    "served" : "refused and closed", rows[row_at].name);
		RUN(run_row, name);
	}
	RUN(bytewise, "the malformed ones are refused when they come a byte at a time, too");
	kit_stop(&server);
	return tap_done();
}
