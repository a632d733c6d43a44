/*
 * test_server.c - the server's promises to its handlers and its peers: bodies
 * buffered or streamed, answers whole or streamed, deadlines, ceilings, drain.
 */
#include "unit/net/netkit.h"

#include "net/http/shared_private.h"
#include "tap.h"

#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/un.h>

static atomic_int aborts, ends, bad_padding, streamed, drained_calls;
static atomic_ullong streamed_bytes, last_id;

/* ---- a handler that does what the path says ---- */

struct later {
	struct loop_timer timer;
	struct http_call *call;
	size_t left;
};

static void later_answer(struct loop_timer *t)
{
	struct later *l = loop_owner(t, struct later, timer);

	http_call_respond(l->call, 200, NULL, 0, sc_span_str("later"));
	free(l);
}

static void later_resume(struct loop_timer *t)
{
	struct later *l = loop_owner(t, struct later, timer);

	http_call_resume(l->call);
}

static struct later *later_new(struct http_call *call, void (*fn)(struct loop_timer *))
{
	struct later *l = calloc(1, sizeof(*l));

	l->call = call;
	loop_timer_init(&l->timer, fn);
	call->user = l;
	return l;
}

/* Some events, and then silence. */
static void some_events(struct http_call *call, bool endless)
{
	http_call_start(call, 200, NULL, 0, HTTP_LENGTH_CHUNKED);
	if (endless)
		http_call_endless(call);
	http_call_write(call, sc_span_str("data: x\n\n"));
}

static void write_some(struct http_call *call)
{
	static char block[10000];
	struct later *l = call->user;
	bool room = true;

	memset(block, 'w', sizeof(block));
	while (room && l->left > 0) {
		size_t n = l->left < sizeof(block) ? l->left : sizeof(block);

		room = http_call_write(call, sc_span(block, n));
		l->left -= n;
	}
	if (l->left == 0) {
		call->user = NULL;
		http_call_end(call);
		free(l);
	}
}

static bool path_is(struct http_call *call, const char *path)
{
	return sc_span_is(call->head->path, path);
}

static void on_head(struct http_call *call)
{
	atomic_store(&last_id, call->request_id);
	if (path_is(call, "/now"))
		http_call_respond(call, 403, NULL, 0, sc_span_str("now"));
	else if (path_is(call, "/tiny"))
		http_call_buffer_body(call, 10);
	else if (path_is(call, "/big"))
		http_call_buffer_body(call, 64 << 20);
	else if (path_is(call, "/echo") || path_is(call, "/stream")) {
		http_call_stream_body(call, UINT64_MAX);
		if (path_is(call, "/echo"))
			http_call_start(call, 200, NULL, 0, HTTP_LENGTH_CHUNKED);
		else
			later_new(call, later_resume);
	} else if (path_is(call, "/stream-cap"))
		http_call_stream_body(call, 1000);
}

static void on_body(struct http_call *call, struct sc_span bytes)
{
	struct later *l = call->user;

	if (bytes.n == 0 || bytes.n > HTTP_WINDOW_MAX)
		atomic_fetch_add(&bad_padding, 1);
	atomic_fetch_add(&streamed, 1);
	atomic_fetch_add(&streamed_bytes, bytes.n);
	if (path_is(call, "/echo")) {
		http_call_write(call, bytes);
	} else if (l != NULL) {
		http_call_pause(call); /* every window, for a moment */
		loop_timer_set(call->loop, &l->timer, 0);
	}
}

/* The promise that lets scanners read ahead. */
static void check_padding(struct sc_span body)
{
	for (size_t i = 0; body.p != NULL && i < HTTP_BODY_PAD; i++)
		if (body.p[body.n + i] != 0)
			atomic_fetch_add(&bad_padding, 1);
}

static void answer_sum(struct http_call *call, struct sc_span body)
{
	unsigned long sum = 0;
	char text[64];

	for (size_t i = 0; i < body.n; i++)
		sum = sum * 31 + body.p[i];
	snprintf(text, sizeof(text), "n=%zu sum=%lx.", body.n, sum);
	http_call_respond(call, 200, NULL, 0, sc_span_str(text));
}

static void answer_started(struct http_call *call, uint64_t length)
{
	struct later *l = later_new(call, NULL);

	l->left = 3000000;
	http_call_start(call, 200, NULL, 0, length);
	write_some(call);
}

static void on_end(struct http_call *call, struct sc_span body)
{
	static const struct http_field evil[] = { { SC_LIT("X"), SC_LIT("a\r\nb") } };
	static const struct http_problem p = { 422, "not-so", NULL, "Because." };

	atomic_fetch_add(&ends, 1);
	check_padding(body);
	if (path_is(call, "/echo")) {
		http_call_end(call);
	} else if (path_is(call, "/stream")) {
		struct later *l = call->user;

		loop_timer_clear(call->loop, &l->timer);
		free(l);
		http_call_respond(call, 200, NULL, 0, sc_span_str("streamed"));
	} else if (path_is(call, "/later")) {
		loop_timer_set(call->loop, &later_new(call, later_answer)->timer, 20);
	} else if (path_is(call, "/never")) {
		call->user = NULL;
	} else if (path_is(call, "/events") || path_is(call, "/news")) {
		some_events(call, path_is(call, "/events"));
	} else if (path_is(call, "/flood")) {
		answer_started(call, HTTP_LENGTH_CHUNKED);
	} else if (path_is(call, "/flood-known")) {
		answer_started(call, 3000000);
	} else if (path_is(call, "/short")) {
		http_call_start(call, 200, NULL, 0, 100);
		http_call_write(call, sc_span_str("only this"));
		http_call_end(call);
	} else if (path_is(call, "/empty")) {
		http_call_respond(call, 204, NULL, 0, sc_span(NULL, 0));
	} else if (path_is(call, "/evil")) {
		http_call_respond(call, 200, evil, 1, sc_span_str("body"));
	} else if (path_is(call, "/problem")) {
		http_call_problem(call, &p);
	} else if (path_is(call, "/break")) {
		http_call_break(call);
	} else {
		answer_sum(call, body);
	}
}

static void on_abort(struct http_call *call)
{
	struct later *l = call->user;

	atomic_fetch_add(&aborts, 1);
	if (l != NULL)
		loop_timer_clear(call->loop, &l->timer);
	free(l);
}

static const struct http_handler handler = { .on_head = on_head,
	.on_body = on_body,
	.on_end = on_end,
	.on_writable = write_some,
	.on_abort = on_abort };

static struct kit_server server;

/* ---- asking ---- */

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"
#define GET_CLOSE(path) "GET " path " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

/* Ask, expect the connection to be closed afterwards. */
static void ask(struct kit_text *t, const char *request)
{
	*t = (struct kit_text){ 0 };
	CHECK(kit_ask_closed(server.port, request, strlen(request), t));
}

static unsigned long sum_of(const uint8_t *p, size_t n)
{
	unsigned long sum = 0;

	for (size_t i = 0; i < n; i++)
		sum = sum * 31 + p[i];
	return sum;
}

/* POST N bytes in pieces of at most STEP; expect them to arrive whole. */
static void post(const char *path, size_t n, size_t step, bool chunked)
{
	uint8_t *body = malloc(n + 1);
	struct kit_text t = { 0 };
	int fd = kit_connect(server.port);
	char head[256], expect[64];

	for (size_t i = 0; i < n; i++)
		body[i] = (uint8_t)(i * 7 + i / 251);
	if (chunked)
		snprintf(head, sizeof(head),
		    "POST %s HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", path);
	else
		snprintf(head, sizeof(head),
		    "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n", path, n);
	kit_send_str(fd, head);
	for (size_t at = 0; at < n; at += step) {
		size_t k = n - at < step ? n - at : step;

		if (chunked) {
			snprintf(head, sizeof(head), "%zx\r\n", k);
			kit_send_str(fd, head);
		}
		kit_send(fd, body + at, k);
		if (chunked)
			kit_send_str(fd, "\r\n");
	}
	if (chunked)
		kit_send_str(fd, "0\r\nX-Trailer: a\r\n\r\n");
	/* what follows must not be touched by the padding */
	kit_send_str(fd, GET_CLOSE("/next"));
	CHECK(kit_recv_closed(fd, &t));
	snprintf(expect, sizeof(expect), "n=%zu sum=%lx.", n, sum_of(body, n));
	CHECK(kit_count(&t, expect) == (n == 0 ? 2 : 1));
	CHECK(kit_count(&t, "n=0 sum=0.") == (n == 0 ? 2 : 1));
	close(fd);
	kit_text_free(&t);
	free(body);
}

static void bodies_arrive_whole(void)
{
	static const size_t sizes[] = { 0, 1, 100, 16000, 32600, 32700, 32768, 33000, 65536, 200000,
		3000000 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		post("/big", sizes[i], 1 << 20, false);
		post("/big", sizes[i], 1 << 16, true);
		post("/big", sizes[i], 1500, true);
	}
	post("/big", 3000, 1, false);
	post("/big", 3000, 1, true);
	CHECK(atomic_load(&bad_padding) == 0);
}

static void too_large_is_413(void)
{
	struct kit_text t;
	int before = atomic_load(&aborts);

	ask(&t, "POST /tiny HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello world");
	CHECK(kit_count(&t, "HTTP/1.1 413 ") == 1 &&
	    kit_count(&t, "urn:scrim:problem:body-too-large") == 1);
	kit_text_free(&t);
	ask(&t,
	    "POST /tiny HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n0\r\n\r\n");
	CHECK(kit_count(&t, "HTTP/1.1 413 ") == 1);
	kit_text_free(&t);
	ask(&t, "POST /stream-cap HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n");
	CHECK(kit_count(&t, "HTTP/1.1 413 ") == 1);
	kit_text_free(&t);
	CHECK(atomic_load(&aborts) == before + 3);
	ask(&t,
	    "POST /tiny HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nConnection: close\r\n\r\nhelloworld");
	CHECK(kit_count(&t, "n=10 ") == 1);
	kit_text_free(&t);
}

static void answer_before_body(void)
{
	struct kit_text t = { 0 };
	int fd = kit_connect(server.port);
	int before = atomic_load(&ends);

	/* the body is there already: skipped, and the connection lives */
	kit_send_str(fd,
	    "POST /now HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello" GET("/a"));
	CHECK(kit_recv_until(fd, &t, "n=0 "));
	CHECK(kit_count(&t, "HTTP/1.1 403 ") == 1);
	/* it is not: answered all the same, then closed */
	kit_send_str(fd, "POST /now HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel");
	CHECK(kit_recv_closed(fd, &t));
	CHECK(kit_count(&t, "HTTP/1.1 403 ") == 2 && kit_count(&t, "Connection: close") == 1);
	CHECK(atomic_load(&ends) == before + 1);
	close(fd);
	kit_text_free(&t);
}

static void streaming_in(void)
{
	struct kit_text t = { 0 };
	int fd = kit_connect(server.port);
	char *body = calloc(1, 500000);

	atomic_store(&streamed, 0);
	atomic_store(&streamed_bytes, 0);
	kit_send_str(fd, "POST /stream HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n");
	kit_send(fd, body, 500000);
	CHECK(kit_recv_until(fd, &t, "streamed"));
	CHECK(atomic_load(&streamed) > 1 && atomic_load(&streamed_bytes) == 500000);
	CHECK(atomic_load(&bad_padding) == 0);
	close(fd);
	kit_text_free(&t);
	free(body);
}

static void echo_both_ways(void)
{
	struct kit_text t = { 0 };
	int fd = kit_connect(server.port);

	/* the answer begins while the request still goes on */
	kit_send_str(fd,
	    "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
	CHECK(kit_recv_until(fd, &t, "3\r\nabc\r\n"));
	kit_send_str(fd, "4\r\ndefg\r\n");
	CHECK(kit_recv_until(fd, &t, "4\r\ndefg\r\n"));
	kit_send_str(fd, "0\r\n\r\n" GET_CLOSE("/x"));
	CHECK(kit_recv_closed(fd, &t));
	CHECK(kit_count(&t, "0\r\n\r\nHTTP/1.1 200 OK\r\n") == 1);
	CHECK(kit_count(&t, "Transfer-Encoding: chunked") == 1);
	close(fd);
	kit_text_free(&t);
}

static void continue_comes_first(void)
{
	struct kit_text t = { 0 };
	int fd = kit_connect(server.port);

	kit_send_str(fd,
	    "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
	    "Expect: 100-continue\r\nConnection: close\r\n\r\n");
	CHECK(kit_recv_until(fd, &t, "Transfer-Encoding: chunked"));
	CHECK(strncmp(t.s, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n", 42) == 0);
	kit_send_str(fd, "abc");
	CHECK(kit_recv_closed(fd, &t));
	CHECK(kit_count(&t, "100 Continue") == 1);
	CHECK(kit_count(&t, "\r\n\r\n3\r\nabc\r\n0\r\n\r\n") == 1);
	close(fd);
	kit_text_free(&t);
}

static void floods_wait_for_room(void)
{
	struct kit_text t;

	ask(&t, GET_CLOSE("/flood-known"));
	CHECK(kit_count(&t, "Content-Length: 3000000\r\n") == 1);
	CHECK(t.n > 3000000 && t.n < 3000500);
	kit_text_free(&t);
	ask(&t, GET_CLOSE("/flood"));
	CHECK(t.n > 3000000 && strcmp(t.s + t.n - 5, "0\r\n\r\n") == 0);
	kit_text_free(&t);
	/* HTTP/1.0 knows no chunks: it ends when the connection does */
	ask(&t, "GET /flood HTTP/1.0\r\nHost: a\r\n\r\n");
	CHECK(kit_count(&t, "chunked") == 0);
	CHECK(t.n > 3000000 && t.s[t.n - 1] == 'w');
	kit_text_free(&t);
}

static void cut_answers_are_noticed(void)
{
	struct kit_text t;

	ask(&t, GET("/short"));
	CHECK(kit_count(&t, "0\r\n\r\n") == 0);
	kit_text_free(&t);
	ask(&t, GET("/break"));
	CHECK(t.n == 0);
	kit_text_free(&t);
}

static void answers_of_all_kinds(void)
{
	struct kit_text t;

	ask(&t, GET_CLOSE("/later"));
	CHECK(kit_count(&t, "\r\n\r\nlater") == 1 && kit_count(&t, "\r\nDate: ") == 1);
	kit_text_free(&t);
	ask(&t, GET_CLOSE("/empty"));
	CHECK(kit_count(&t, "HTTP/1.1 204 ") == 1 && kit_count(&t, "Content-Length") == 0);
	kit_text_free(&t);
	ask(&t, "HEAD /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	CHECK(kit_count(&t, "Content-Length: 10\r\n") == 1 && kit_count(&t, "n=0") == 0);
	kit_text_free(&t);
	ask(&t, "HEAD /flood-known HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	CHECK(kit_count(&t, "Content-Length: 3000000\r\n") == 1 && t.n < 1000);
	kit_text_free(&t);
}

/* Whoever speaks HTTP/1.0 and is not told that the connection stays waits for its end. */
static void old_clients(void)
{
	struct kit_text t = { 0 };
	int fd = kit_connect(server.port);

	kit_send_str(fd, "GET /a HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
	CHECK(kit_recv_until(fd, &t, "n=0 "));
	CHECK(kit_count(&t, "\r\nConnection: keep-alive\r\n") == 1);
	kit_send_str(fd,
	    "GET /flood HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"); /* ends with it */
	CHECK(kit_recv_closed(fd, &t));
	CHECK(kit_count(&t, "\r\nConnection: keep-alive\r\n") == 1 &&
	    kit_count(&t, "\r\nConnection: close\r\n") == 1);
	close(fd);
	kit_text_free(&t);
	ask(&t, "GET /a HTTP/1.0\r\n\r\n");
	CHECK(kit_count(&t, "n=0 ") == 1 && kit_count(&t, "Connection: close") == 1 &&
	    kit_count(&t, "keep-alive") == 0);
	kit_text_free(&t);
	ask(&t,
	    "GET /a HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n"
	    "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	CHECK(kit_count(&t, "n=0 ") == 2 && kit_count(&t, "keep-alive") == 0);
	kit_text_free(&t);
}

/* A 400 says what is wrong, and quotes nothing of it. */
static void causes_told(void)
{
	static const struct {
		const char *request, *why;
	} wrong[] = {
		{ "secret / HTTP/1.1\r\nHost: a\r\n\r\n", "capital letters" },
		{ "GET /secret\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", "must be percent-encoded." },
		{ "GET /secret HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", ": more than one Host." },
		{ "GET /secret HTTP/1.1\r\nHost: a\r\nsecret\r\n\r\n",
		    ": a field line without a colon." },
		{ "GET http://secret/ HTTP/1.1\r\nHost: a\r\n\r\n", "does not begin with '/'" },
		{ "GET /secret HTTP/1.1\nHost: a\n\n", "otherwise than by CR and LF" },
		{ "POST /secret HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nsecret\r\n",
		    ": a malformed chunk or trailer." },
	};
	struct kit_text t = { 0 };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ask(&t, wrong[i].request);
		CHECK(kit_count(&t, "HTTP/1.1 400 ") == 1 &&
		    kit_count(&t, "urn:scrim:problem:malformed-request") == 1);
		CHECK(kit_count(&t, wrong[i].why) == 1 && kit_count(&t, "secret") == 0);
		kit_text_free(&t);
	}
}

static void problems(void)
{
	struct kit_text t;
	char id[64];

	ask(&t, GET_CLOSE("/problem"));
	snprintf(id, sizeof(id), "\"request_id\":\"%016llx\"}", atomic_load(&last_id));
	CHECK(
	    kit_count(&t, "HTTP/1.1 422 ") == 1 && kit_count(&t, "application/problem+json") == 1);
	CHECK(kit_count(&t,
		  "{\"type\":\"urn:scrim:problem:not-so\",\"title\":\"Unprocessable Content\","
		  "\"status\":422,\"detail\":\"Because.\",") == 1);
	CHECK(kit_count(&t, id) == 1);
	kit_text_free(&t);
	ask(&t, GET_CLOSE("/evil"));
	CHECK(kit_count(&t, "HTTP/1.1 500 ") == 1 && kit_count(&t, "body") == 0);
	kit_text_free(&t);
}

static void pipelines_in_order(void)
{
	struct kit_text t = { 0 };
	int fd = kit_connect(server.port);

	/* more than fits beside a request that waits for its answer */
	for (int i = 0; i < 2000; i++)
		kit_send_str(fd, i % 50 == 0 ? GET("/later") : GET("/x"));
	shutdown(fd, SHUT_WR); /* a half-closed client still gets its answers */
	CHECK(kit_recv_closed(fd, &t));
	CHECK(kit_count(&t, "HTTP/1.1 200 ") == 2000);
	CHECK(kit_count(&t, "later") == 40);
	close(fd);
	kit_text_free(&t);
}

static void gone_client_is_one_abort(void)
{
	int before = atomic_load(&aborts);
	int fd = kit_connect(server.port);
	struct linger now = { 1, 0 };
	struct kit_text t = { 0 };

	kit_send_str(fd, GET("/never"));
	CHECK(kit_recv(fd, &t, 50) == -1);
	kit_text_free(&t);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd); /* a reset */
	for (int i = 0; i < 1000 && atomic_load(&aborts) == before; i++)
		usleep(10000);
	CHECK(atomic_load(&aborts) == before + 1);
	fd = kit_connect(server.port);
	kit_send_str(fd, "POST /big HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc");
	close(fd);
	for (int i = 0; i < 1000 && atomic_load(&aborts) == before + 1; i++)
		usleep(10000);
	CHECK(atomic_load(&aborts) == before + 2);
}

/* ---- with small limits ---- */

static void deadlines(void)
{
	struct http_limits l;
	struct kit_server s;
	struct kit_text t = { 0 };
	int fd, before;

	l = http_limits_default;
	l.head_ms = 60;
	l.idle_ms = 80;
	l.body_window_ms = 60;
	l.body_rate = 100000;
	l.call_ms = 60;
	l.linger_ms = 100;
	kit_start(&s, &handler, NULL, &l, NULL);

	fd = kit_connect(s.port); /* nothing at all: closed without a word */
	CHECK(kit_recv_closed(fd, &t) && t.n == 0);
	close(fd);

	fd = kit_connect(s.port); /* a head that never ends, a byte now and then */
	for (int i = 0; i < 400; i++) {
		kit_send(fd, i == 0 ? "GET / HTTP/1.1\r\nX: " : "x", i == 0 ? 19 : 1);
		if (kit_recv(fd, &t, 10) >= 0)
			break;
	}
	CHECK(kit_recv_closed(fd, &t));
	CHECK(kit_count(&t, "HTTP/1.1 408 ") == 1 &&
	    kit_count(&t, "urn:scrim:problem:too-slow") == 1);
	close(fd);
	kit_text_free(&t);

	before = atomic_load(&aborts);
	fd = kit_connect(s.port); /* a body that trickles */
	kit_send_str(fd, "POST /big HTTP/1.1\r\nHost: a\r\nContent-Length: 9999\r\n\r\n");
	for (int i = 0; i < 400; i++) {
		kit_send(fd, "x", 1);
		if (kit_recv(fd, &t, 10) >= 0)
			break;
	}
	CHECK(kit_recv_closed(fd, &t));
	CHECK(kit_count(&t, "HTTP/1.1 408 ") == 1);
	CHECK(atomic_load(&aborts) == before + 1);
	close(fd);
	kit_text_free(&t);

	fd = kit_connect(s.port); /* a handler that never answers */
	kit_send_str(fd, GET("/never"));
	CHECK(kit_recv_closed(fd, &t));
	CHECK(kit_count(&t, "HTTP/1.1 504 ") == 1);
	CHECK(atomic_load(&aborts) == before + 2);
	close(fd);
	kit_text_free(&t);
	kit_stop(&s);
}

static void an_answer_without_an_end(void)
{
	struct http_limits l;
	struct kit_server s;
	struct kit_text t = { 0 }, news = { 0 };
	int fd, other;

	l = http_limits_default;
	l.call_ms = 60;
	kit_start(&s, &handler, NULL, &l, NULL);
	fd = kit_connect(s.port);
	kit_send_str(fd, GET("/events"));
	CHECK(kit_recv_until(fd, &t, "data: x"));
	for (int i = 0; i < 2; i++) { /* one that has an end is broken off meanwhile, twice */
		other = kit_connect(s.port);
		kit_send_str(other, GET("/news"));
		CHECK(kit_recv_closed(other, &news) && kit_count(&news, "data: x") == 1);
		close(other);
		kit_text_free(&news);
	}
	CHECK(kit_recv(fd, &t, 100) == -1);
	close(fd);
	kit_text_free(&t);
	kit_stop(&s);
}

static void ceilings(void)
{
	struct http_server_stats st;
	struct http_limits l;
	struct kit_server s;
	struct kit_text t = { 0 };
	int fd[3];

	l = http_limits_default;
	l.max_connections = 2;
	l.max_buffered = 100000;
	kit_start(&s, &handler, NULL, &l, NULL);
	for (int i = 0; i < 2; i++) {
		fd[i] = kit_connect(s.port);
		kit_send_str(fd[i], GET("/x"));
		CHECK(kit_recv_until(fd[i], &t, "n=0"));
		kit_text_free(&t);
	}
	fd[2] = kit_connect(s.port);
	CHECK(kit_recv_closed(fd[2], &t) && t.n == 0);
	close(fd[2]);
	close(fd[1]);
	kit_send_str(fd[0], "POST /big HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n");
	for (int i = 0; i < 200; i++) {
		char block[1000] = { 0 };

		kit_send(fd[0], block, sizeof(block));
	}
	CHECK(kit_recv_closed(fd[0], &t));
	CHECK(kit_count(&t, "HTTP/1.1 503 ") == 1);
	close(fd[0]);
	kit_text_free(&t);
	http_server_stats(s.server, &st);
	CHECK(st.refused == 1 && st.accepted == 2);
	kit_stop(&s);
}

/* ---- drain ---- */

static struct kit_server *drain_server;
static struct loop_wake drain_wake;

static void on_drained(void *arg)
{
	(void)arg;
	atomic_fetch_add(&drained_calls, 1);
}

static void on_drain_wake(struct loop_wake *w)
{
	(void)w;
	http_server_drain(drain_server->server, on_drained, NULL);
}

static void drain_answers_what_is_in_flight(void)
{
	struct kit_server s;
	struct kit_text t = { 0 }, u = { 0 };
	int idle, busy;

	kit_start(&s, &handler, NULL, NULL, NULL);
	drain_server = &s;
	loop_wake_init(s.loop, &drain_wake, on_drain_wake);
	idle = kit_connect(s.port);
	kit_send_str(idle, GET("/x"));
	CHECK(kit_recv_until(idle, &t, "n=0"));
	busy = kit_connect(s.port);
	kit_send_str(busy,
	    "POST /big HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
	CHECK(kit_recv_until(busy, &u, "100 Continue"));
	loop_wake_post(&drain_wake);
	CHECK(kit_recv_closed(idle, &t));
	CHECK(atomic_load(&drained_calls) == 0);
	kit_send_str(busy, "hello");
	CHECK(kit_recv_closed(busy, &u));
	CHECK(kit_count(&u, "n=5") == 1 && kit_count(&u, "Connection: close") == 1);
	close(busy);
	close(idle);
	for (int i = 0; i < 1000 && atomic_load(&drained_calls) == 0; i++)
		usleep(10000);
	CHECK(atomic_load(&drained_calls) == 1);
	kit_stop(&s);
	kit_text_free(&t);
	kit_text_free(&u);
}

static void an_address_has_one_owner(void)
{
	struct kit_server s;
	struct kit_text t = { 0 };
	struct sc_diag d = { .line = 0 };
	char address[32];
	int fd;

	CHECK(http_address_vacant("127.0.0.1:0", &d) == SC_OK);
	CHECK(http_address_vacant("unix:/tmp/no-such-folder/s", &d) == SC_OK);
	CHECK(http_address_vacant("127.0.0.1", &d) == SC_SYNTAX);
	kit_start(&s, &handler, NULL, NULL, NULL);
	snprintf(address, sizeof(address), "127.0.0.1:%u", s.port);
	CHECK(http_address_vacant(address, &d) == SC_IO && strstr(d.text, address) != NULL);
	/* one that ended with a connection that the kernel remembers is gone */
	fd = kit_connect(s.port);
	kit_send_str(fd, GET_CLOSE("/x"));
	CHECK(kit_recv_closed(fd, &t));
	close(fd);
	kit_stop(&s);
	CHECK(http_address_vacant(address, &d) == SC_OK);
	kit_text_free(&t);
}

static void unix_socket(void)
{
	char dir[] = "/tmp/scrim-test-XXXXXX", path[64], address[80];
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct http_server_options o = { .handler = &handler };
	struct kit_server k;
	struct kit_text t = { 0 };
	struct sc_diag d;
	struct stat st;
	int fd;

	NEED(mkdtemp(dir) != NULL);
	snprintf(path, sizeof(path), "%s/s", dir);
	snprintf(address, sizeof(address), "unix:%s", path);
	NEED(loop_new(&k.loop) == SC_OK);
	o.loop = k.loop;
	NEED(http_server_new(&o, &k.server) == SC_OK);
	NEED(http_server_listen(k.server, address, NULL, &d, NULL) == SC_OK);
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0660);
	NEED(pthread_create(&k.thread, NULL, kit_thread, &k) == 0);
	strcpy(un.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	NEED(connect(fd, (struct sockaddr *)&un, sizeof(un)) == 0);
	kit_send_str(fd, GET_CLOSE("/x"));
	CHECK(kit_recv_closed(fd, &t) && kit_count(&t, "n=0") == 1);
	close(fd);
	kit_stop(&k);
	unlink(path);
	rmdir(dir);
	kit_text_free(&t);
}

static void connections_are_shared_out(void)
{
	struct http_limits l;
	struct http_shared *shared;
	struct http_server_stats st[2];
	struct kit_server k[2];
	struct kit_text t = { 0 };
	char address[32] = "127.0.0.1:0";
	int fd[10];

	l = http_limits_default;
	NEED(http_shared_new(&l, &shared) == SC_OK);
	for (int i = 0; i < 2; i++) {
		struct http_server_options o = { .handler = &handler, .shared = shared };
		struct sc_diag d;

		NEED(loop_new(&k[i].loop) == SC_OK);
		o.loop = k[i].loop;
		NEED(http_server_new(&o, &k[i].server) == SC_OK);
		NEED(http_server_listen(k[i].server, address, NULL, &d, &k[i].port) == SC_OK);
		snprintf(address, sizeof(address), "127.0.0.1:%u", k[0].port);
	}
	for (int i = 0; i < 2; i++)
		NEED(pthread_create(&k[i].thread, NULL, kit_thread, &k[i]) == 0);
	for (int i = 0; i < 10; i++) {
		fd[i] = kit_connect(k[0].port);
		kit_send_str(fd[i], GET("/x"));
		CHECK(kit_recv_until(fd[i], &t, "n=0"));
		kit_text_free(&t);
	}
	for (int i = 0; i < 2; i++)
		http_server_stats(k[i].server, &st[i]);
	CHECK(st[0].open == 5 && st[1].open == 5);
	CHECK(atomic_load(&shared->connections) == 10);
	for (int i = 0; i < 10; i++)
		close(fd[i]);
	for (int i = 0; i < 2; i++)
		kit_stop(&k[i]);
	CHECK(atomic_load(&shared->connections) == 0);
	http_shared_free(shared);
}

/* One socket, which a second server has under the same number, and its connections. */
static void a_unix_socket_is_shared_out(void)
{
	char dir[] = "/tmp/scrim-test-XXXXXX", address[128] = "127.0.0.1:0";
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct http_server_stats st[2];
	struct http_shared *shared;
	struct kit_server k[2];
	struct kit_text t = { 0 };
	struct sc_diag d;
	int fd[10];

	NEED(mkdtemp(dir) != NULL && http_shared_new(&http_limits_default, &shared) == SC_OK);
	snprintf(un.sun_path, sizeof(un.sun_path), "%s/s", dir);
	for (int i = 0; i < 2; i++) {
		struct http_server_options o = { .handler = &handler, .shared = shared };

		NEED(loop_new(&k[i].loop) == SC_OK);
		o.loop = k[i].loop;
		NEED(http_server_new(&o, &k[i].server) == SC_OK);
		NEED(http_server_listen(k[i].server, address, NULL, &d, &k[i].port) == SC_OK);
		snprintf(address, sizeof(address), "127.0.0.1:%u", k[0].port);
	}
	snprintf(address, sizeof(address), "unix:%s", un.sun_path);
	NEED(http_server_listen(k[0].server, address, NULL, &d, NULL) == SC_OK);
	NEED(http_server_listen_along(k[1].server) == SC_OK);
	for (int i = 0; i < 2; i++)
		NEED(pthread_create(&k[i].thread, NULL, kit_thread, &k[i]) == 0);
	for (int i = 0; i < 10; i++) {
		fd[i] = socket(AF_UNIX, SOCK_STREAM, 0);
		NEED(connect(fd[i], (struct sockaddr *)&un, sizeof(un)) == 0);
		kit_send_str(fd[i], GET("/x"));
		CHECK(kit_recv_until(fd[i], &t, "n=0"));
		kit_text_free(&t);
	}
	for (int i = 0; i < 2; i++) {
		http_server_stats(k[i].server, &st[i]);
		CHECK(st[i].open == 5);
	}
	for (int i = 0; i < 10; i++)
		close(fd[i]);
	for (int i = 0; i < 2; i++)
		kit_stop(&k[i]);
	CHECK(atomic_load(&shared->connections) == 0);
	http_shared_free(shared);
	unlink(un.sun_path);
	rmdir(dir);
}

static void bad_addresses(void)
{
	static const char *const bad[] = { "", "80", "localhost:80", "127.0.0.1",
		"127.0.0.1:", "127.0.0.1:99999999", "127.0.0.1:x", "::1:80", "[::1:80", "unix:" };
	struct sc_diag d;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		d.text[0] = '\0';
		CHECK(http_server_listen(server.server, bad[i], NULL, &d, NULL) == SC_SYNTAX);
		CHECK(d.text[0] != '\0');
	}
}

int main(void)
{
	kit_start(&server, &handler, NULL, NULL, NULL);
	RUN(bodies_arrive_whole, "buffered bodies arrive whole and padded, of any size and cut");
	RUN(too_large_is_413, "a body past its cap is 413, known or chunked, buffered or streamed");
	RUN(answer_before_body, "an answer may come before the body; unread, it closes");
	RUN(streaming_in, "a streamed body waits while its handler pauses");
	RUN(echo_both_ways, "an answer may stream while the request does");
	RUN(continue_comes_first,
	    "100 Continue never stands inside an answer that began before the body");
	RUN(floods_wait_for_room, "a streamed answer waits for the peer and arrives whole");
	RUN(cut_answers_are_noticed, "an answer that ends early breaks the connection");
	RUN(answers_of_all_kinds, "whole, late, empty and HEAD answers are framed right");
	RUN(old_clients, "whoever speaks HTTP/1.0 is told whether the connection stays");
	RUN(causes_told, "a request that is refused is told why, without its own words");
	RUN(problems,
	    "problem documents carry type, status and the call's id; bad fields give 500");
	RUN(pipelines_in_order,
	    "pipelined requests are answered one after another, also to a half-closed client");
	RUN(gone_client_is_one_abort, "a client that goes away is one on_abort()");
	RUN(deadlines,
	    "slow heads, slow bodies, idle clients and late handlers meet their deadlines");
	RUN(an_answer_without_an_end, "an answer without an end may be silent");
	RUN(ceilings, "connections and buffered bytes have ceilings");
	RUN(drain_answers_what_is_in_flight,
	    "drain closes the idle, answers what is in flight, then says so");
	RUN(a_unix_socket_is_shared_out, "so do two with one Unix socket");
	RUN(connections_are_shared_out, "two servers on one address get as many connections each");
	RUN(an_address_has_one_owner, "whoever listens at an address is noticed");
	RUN(unix_socket, "a server can listen on a socket file");
	RUN(bad_addresses, "malformed addresses are refused, with a reason");
	kit_stop(&server);
	return tap_done();
}
