/*
 * test_client.c - the client against upstreams that lie, stall and vanish;
 * the pool; and that nothing is sent twice which must not be.
 */
#include "net/http/client.h"

#include "unit/net/netkit.h"

#include "tap.h"

#include <stdatomic.h>

/* ---- an upstream that plays a script ---- */

struct script {
	const char *send; /* after the request's head came; NULL: nothing */
	size_t n;         /* 0: strlen */
	int then;         /* what to do afterwards */
};
enum { CLOSE, HOLD, NEXT /* read another request on this connection */ };

struct fake {
	int listener;
	uint16_t port;
	pthread_t thread;
	const struct script *scripts;
	int n_scripts;
	atomic_int requests;
	struct kit_text last; /* what the last connection sent */
};

static bool whole_request(const struct kit_text *t, size_t from)
{
	const char *end = t->s == NULL ? NULL : strstr(t->s + from, "\r\n\r\n");
	const char *cl;

	if (end == NULL)
		return false;
	cl = strstr(t->s + from, "Content-Length: ");
	return cl == NULL || cl > end || t->n - (size_t)(end + 4 - t->s) >= (size_t)atoi(cl + 16);
}

static void *fake_thread(void *arg)
{
	struct fake *f = arg;
	int fd = -1;
	size_t from = 0;

	for (int i = 0; i < f->n_scripts; i++) {
		const struct script *s = &f->scripts[i];

		if (fd < 0) {
			fd = accept(f->listener, NULL, NULL);
			if (fd < 0)
				return NULL;
			kit_text_free(&f->last);
			from = 0;
		}
		while (!whole_request(&f->last, from))
			if (kit_recv(fd, &f->last, KIT_WAIT_MS) != 1)
				break;
		if (whole_request(&f->last, from))
			atomic_fetch_add(&f->requests, 1);
		from = f->last.n;
		if (s->send != NULL)
			kit_send(fd, s->send, s->n != 0 ? s->n : strlen(s->send));
		if (s->then == NEXT)
			continue;
		if (s->then == HOLD)
			while (kit_recv(fd, &f->last, KIT_WAIT_MS) == 1)
				;
		close(fd);
		fd = -1;
	}
	if (fd >= 0)
		close(fd);
	return NULL;
}

static void fake_start(struct fake *f, const struct script *scripts, int n)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);

	*f = (struct fake){ .scripts = scripts, .n_scripts = n };
	f->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(f->listener, (struct sockaddr *)&a, len) != 0 || listen(f->listener, 10) != 0 ||
	    getsockname(f->listener, (struct sockaddr *)&a, &len) != 0)
		kit_die("fake upstream");
	f->port = ntohs(a.sin_port);
	if (pthread_create(&f->thread, NULL, fake_thread, f) != 0)
		kit_die("pthread_create");
}

static void fake_stop(struct fake *f)
{
	shutdown(f->listener, SHUT_RDWR); /* ends a waiting accept() */
	pthread_join(f->thread, NULL);
	close(f->listener);
	kit_text_free(&f->last);
}

/* ---- an owner that notes what it is told ---- */

struct seen {
	struct http_exchange *x;
	int heads, ends, errors, writables;
	enum http_client_error why;
	const char *text; /* what is wrong with it */
	int status;
	size_t cap; /* buffer up to this; 0: stream */
	bool endless, pause;
	bool keep; /* do not release by itself */
	char body[4096];
	size_t n, streamed, windows;
	bool padded;
};

static struct loop *loop;

static void on_head(struct http_exchange *x)
{
	struct seen *s = x->user;

	s->heads++;
	s->status = x->head->status;
	if (s->cap != 0)
		http_exchange_buffer_body(x, s->cap);
	if (s->endless)
		http_exchange_endless(x);
}

static void on_body(struct http_exchange *x, struct sc_span bytes)
{
	struct seen *s = x->user;

	s->streamed += bytes.n;
	s->windows++;
	if (s->pause)
		http_exchange_pause(x);
	if (s->n + bytes.n < sizeof(s->body)) {
		memcpy(s->body + s->n, bytes.p, bytes.n);
		s->n += bytes.n;
	}
}

static void on_end(struct http_exchange *x, struct sc_span body)
{
	struct seen *s = x->user;

	s->ends++;
	s->padded = true;
	for (size_t i = 0; body.p != NULL && i < HTTP_BODY_PAD; i++)
		s->padded &= body.p[body.n + i] == 0;
	if (s->cap != 0) {
		s->streamed = body.n;
		if (body.n < sizeof(s->body)) {
			memcpy(s->body, body.p, body.n);
			s->n = body.n;
		}
	}
	if (!s->keep)
		http_exchange_release(x);
}

static void on_error(struct http_exchange *x, enum http_client_error why)
{
	struct seen *s = x->user;

	s->errors++;
	s->why = why;
	s->text = x->why;
	http_exchange_release(x);
}

static void on_writable(struct http_exchange *x)
{
	struct seen *s = x->user;

	s->writables++;
}

static const struct http_client_handler handler = { .on_head = on_head,
	.on_body = on_body,
	.on_end = on_end,
	.on_error = on_error,
	.on_writable = on_writable };

static struct http_client *client;
static struct http_origin *origin;

static void client_start(const struct http_limits *l, uint16_t port, const char *prefix)
{
	struct sc_diag d = { .text = "" };
	char url[64];

	if (http_client_new(loop, l, NULL, &client) != SC_OK)
		kit_die("http_client_new");
	snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", port, prefix);
	if (http_client_origin(client, url, NULL, &d, &origin) != SC_OK)
		kit_die(d.text);
}

static bool start(struct seen *s, const char *method, const char *body)
{
	struct http_client_req r = { .method = sc_span_str(method),
		.target = sc_span_str("/a?b"),
		.has_body = body != NULL,
		.body = sc_span_str(body) };

	return http_client_request(client, origin, &r, &handler, s, &s->x) == SC_OK;
}

static void run_until(const int *a, const int *b)
{
	for (int i = 0; i < 100000 && *a == 0 && *b == 0; i++)
		if (loop_turn_once(loop, KIT_WAIT_MS) != SC_OK)
			return;
}

static void finish(struct seen *s)
{
	run_until(&s->ends, &s->errors);
	CHECK(s->ends + s->errors == 1);
}

/* One exchange with a fresh upstream that plays SCRIPT. */
static void play(struct seen *s, const struct http_limits *l, const char *method, const char *body,
    const struct script *script)
{
	struct fake f;

	fake_start(&f, script, 1);
	client_start(l, f.port, "");
	CHECK(start(s, method, body));
	finish(s);
	http_client_free(client);
	fake_stop(&f);
}

/* ---- what is understood ---- */

static const struct {
	const char *method, *answer;
	int status;
	const char *body;
} good[] = {
	{ "GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello" },
	{ "GET",
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\nX: y\r\n\r\n",
	    200, "hello" },
	{ "GET", "HTTP/1.1 200 OK\r\n\r\nuntil the end", 200, "until the end" },
	{ "GET", "HTTP/1.0 200 OK\r\n\r\nold", 200, "old" },
	{ "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 200, "" },
	{ "GET", "HTTP/1.1 204 No Content\r\n\r\n", 204, "" },
	{ "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, "" },
	{ "POST",
	    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok",
	    201, "ok" },
	{ "GET", "HTTP/1.1 413\r\nContent-Length: 0\r\n\r\n", 413, "" },
};

static void answers_understood(void)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		for (int mode = 0; mode < 2; mode++) {
			struct script sc = { good[i].answer, 0, CLOSE };
			struct seen s = { .cap = mode ? 1000 : 0 };

			play(&s, NULL, good[i].method, good[i].method[0] == 'P' ? "body" : NULL,
			    &sc);
			if (s.ends != 1 || s.status != good[i].status ||
			    s.n != strlen(good[i].body) || memcmp(s.body, good[i].body, s.n) != 0) {
				printf("# answer %zu, mode %d: error %d\n", i, mode, s.why);
				CHECK(!"understood");
			}
			CHECK(s.padded);
		}
	}
}

static void large_bodies(void)
{
	char *answer = malloc(3000100);
	int n = sprintf(answer, "HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n");
	struct script sc = { answer, (size_t)n + 3000000, CLOSE };
	struct seen buffered = { .cap = 4000000 }, capped = { .cap = 2999999 }, streamed = { 0 };

	memset(answer + n, 'y', 3000000);
	play(&buffered, NULL, "GET", NULL, &sc);
	CHECK(buffered.ends == 1 && buffered.streamed == 3000000 && buffered.padded);
	play(&capped, NULL, "GET", NULL, &sc);
	CHECK(capped.errors == 1 && capped.why == HTTP_ERR_TOO_LARGE);
	play(&streamed, NULL, "GET", NULL, &sc);
	CHECK(streamed.ends == 1 && streamed.streamed == 3000000 && streamed.windows > 1);
	free(answer);
}

/* ---- what is refused ---- */

static const struct {
	const char *answer;
	int then;
	enum http_client_error why;
} lies[] = {
	{ NULL, CLOSE, HTTP_ERR_CLOSED },
	{ "HTTP/1.1 200 OK\r\nContent-Le", CLOSE, HTTP_ERR_CLOSED },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort", CLOSE, HTTP_ERR_CLOSED },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", CLOSE,
	    HTTP_ERR_CLOSED },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", HOLD, HTTP_ERR_PROTOCOL },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloXX0\r\n\r\n", HOLD,
	    HTTP_ERR_PROTOCOL },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", HOLD,
	    HTTP_ERR_PROTOCOL },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", HOLD,
	    HTTP_ERR_PROTOCOL },
	{ "SSH-2.0-OpenSSH_9.2\r\n\r\n", HOLD, HTTP_ERR_PROTOCOL },
	{ "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", HOLD, HTTP_ERR_PROTOCOL },
	{ "\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", HOLD, HTTP_ERR_PROTOCOL },
	{ "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", HOLD, HTTP_ERR_PROTOCOL },
	{ NULL, HOLD, HTTP_ERR_TIMEOUT },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nstalls", HOLD, HTTP_ERR_TIMEOUT },
};

static void lies_refused(void)
{
	struct http_limits l;

	l = http_limits_default;
	l.first_byte_ms = l.gap_ms = 100;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct script sc = { lies[i].answer, 0, lies[i].then };
		struct seen s = { .cap = 1000 };

		play(&s, &l, "POST", "order", &sc);
		if (s.errors != 1 || s.why != lies[i].why ||
		    (s.text != NULL) != (s.why == HTTP_ERR_PROTOCOL)) {
			printf("# lie %zu: %d errors, the last %d\n", i, s.errors, s.why);
			CHECK(!"refused");
		}
	}
}

/* Too many bytes of a head, or fields, are told apart from what is no HTTP. */
static void heads_too_large(void)
{
	char *answer = malloc(2 * HTTP_HEAD_MAX);
	struct script sc = { answer, 0, HOLD };
	struct seen s = { 0 };
	size_t n = (size_t)sprintf(answer, "HTTP/1.1 200 OK\r\nSet-Cookie: ");

	memset(answer + n, 'a', HTTP_HEAD_MAX);
	strcpy(answer + n + HTTP_HEAD_MAX, "\r\nContent-Length: 0\r\n\r\n");
	play(&s, NULL, "GET", NULL, &sc);
	CHECK(s.errors == 1 && s.why == HTTP_ERR_HEAD && s.text == NULL);
	n = (size_t)sprintf(answer, "HTTP/1.1 200 OK\r\n");
	for (size_t i = 0; i <= HTTP_FIELDS_MAX; i++)
		n += (size_t)sprintf(answer + n, "A: b\r\n");
	strcpy(answer + n, "\r\n");
	s = (struct seen){ 0 };
	play(&s, NULL, "GET", NULL, &sc);
	CHECK(s.errors == 1 && s.why == HTTP_ERR_HEAD && s.text == NULL);
	s = (struct seen){ 0 };
	sc.send = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello";
	play(&s, NULL, "GET", NULL, &sc);
	CHECK(s.text != NULL && strcmp(s.text, "more than one Content-Length") == 0);
	free(answer);
}

static void endless_interim(void)
{
	static const char hundred[] = "HTTP/1.1 100 Continue\r\n\r\n";
	char answer[1000] = "";
	struct script sc = { answer, 0, HOLD };
	struct seen s = { 0 };

	for (int i = 0; i < 20; i++)
		strcat(answer, hundred);
	play(&s, NULL, "GET", NULL, &sc);
	CHECK(s.errors == 1 && s.why == HTTP_ERR_PROTOCOL);
}

static void total_deadline(void)
{
	/* bytes keep coming, so only the total can end it; 1 MiB is never all taken while paused */
	struct script sc = { "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nx", 0, HOLD };
	struct http_limits l;
	struct seen s = { 0 };

	l = http_limits_default;
	l.total_ms = 100;
	play(&s, &l, "GET", NULL, &sc);
	CHECK(s.errors == 1 && s.why == HTTP_ERR_TIMEOUT);
}

/* Events, and then silence for longer than an answer may be silent, or take. S is as it was then. */
static void events(struct seen *s, const struct script *sc)
{
	struct http_limits l = http_limits_default;
	struct fake f;
	uint64_t until;

	l.gap_ms = l.total_ms = 20;
	l.endless_ms = 3600 * 1000;
	fake_start(&f, sc, 1);
	client_start(&l, f.port, "");
	CHECK(start(s, "GET", NULL));
	run_until(&s->heads, &s->errors);
	until = loop_now_ms(loop) + 10 * l.total_ms;
	while (loop_now_ms(loop) < until && loop_turn_once(loop, 10) == SC_OK)
		;
	if (s->errors == 0)
		http_exchange_release(s->x);
	http_client_free(client);
	fake_stop(&f);
}

static void without_an_end(void)
{
	struct script sc = {
		"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: x\n\n", 0, HOLD
	};
	struct seen s = { .endless = true }, slow = { .endless = true, .pause = true };
	struct http_limits l = http_limits_default;

	events(&s, &sc);
	CHECK(s.heads == 1 && s.errors == 0 && s.ends == 0 && s.streamed == 9);
	events(&slow, &sc); /* nor is a reader's pause the end of it */
	CHECK(slow.errors == 0 && slow.streamed == 9);

	s = (struct seen){ .endless = true };
	l.endless_ms = 20;
	play(&s, &l, "GET", NULL, &sc);
	CHECK(s.heads == 1 && s.errors == 1 && s.why == HTTP_ERR_TIMEOUT);
}

/* That it has no end is said of an answer, not of the connection. */
static void the_next_one_has_an_end(void)
{
	static const struct script sc[] = {
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", 0,
		    NEXT },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", 0, HOLD },
	};
	struct seen a = { .endless = true }, b = { 0 };
	struct http_client_stats st;
	struct http_limits l = http_limits_default;
	struct fake f;

	l.gap_ms = 20;
	l.endless_ms = l.total_ms = 3600 * 1000;
	fake_start(&f, sc, 2);
	client_start(&l, f.port, "");
	CHECK(start(&a, "GET", NULL));
	finish(&a);
	CHECK(a.ends == 1);
	CHECK(start(&b, "GET", NULL));
	run_until(&b.heads, &b.errors);
	for (int i = 0; i < 1000 && b.errors == 0; i++)
		if (loop_turn_once(loop, 10) != SC_OK)
			break;
	http_client_stats(client, &st);
	CHECK(st.reused == 1 && b.errors == 1 && b.why == HTTP_ERR_TIMEOUT);
	if (b.errors == 0)
		http_exchange_release(b.x);
	http_client_free(client);
	fake_stop(&f);
}

static void nobody_there(void)
{
	struct seen s = { 0 };
	struct fake f;

	fake_start(&f, NULL, 0);
	fake_stop(&f);
	client_start(NULL, f.port, "");
	CHECK(start(&s, "GET", NULL));
	CHECK(s.errors == 0); /* never from inside */
	finish(&s);
	CHECK(s.why == HTTP_ERR_CONNECT);
	http_client_free(client);
}

static void a_name_is_looked_up_again(void)
{
	static const struct script sc = { "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0, HOLD };
	struct seen a = { 0 }, b = { 0 };
	struct sc_diag d;
	struct fake f;
	char url[64];

	fake_start(&f, NULL, 0);
	fake_stop(&f);
	client_start(NULL, f.port, "");
	snprintf(url, sizeof(url), "http://localhost:%u", f.port);
	NEED(http_client_origin(client, url, NULL, &d, &origin) == SC_OK);
	CHECK(start(&a, "GET", NULL));
	finish(&a);
	CHECK(a.why == HTTP_ERR_CONNECT);
	NEED(loop_turn_once(loop, 100) == SC_OK);
	fake_start(&f, &sc, 1);
	snprintf(url, sizeof(url), "http://localhost:%u", f.port);
	NEED(http_client_origin(client, url, NULL, &d, &origin) == SC_OK);
	CHECK(start(&b, "GET", NULL)); /* whichever of its addresses answers */
	finish(&b);
	CHECK(b.ends == 1);
	http_client_free(client);
	fake_stop(&f);
}

static void a_name_can_wait(void)
{
	static const struct script sc = { "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0, HOLD };
	struct seen a = { 0 }, none = { 0 };
	struct sc_diag d;
	struct fake f;
	char url[64];

	fake_start(&f, &sc, 1);
	client_start(NULL, f.port, "");
	NEED(http_client_origin_later(client, "ftp://x", NULL, &d, &origin) == SC_SYNTAX);
	NEED(http_client_origin_later(client, "http://no-such-name.invalid", NULL, &d, &origin) ==
	    SC_OK);
	CHECK(start(&none, "GET", NULL));
	finish(&none);
	CHECK(none.why == HTTP_ERR_CONNECT);
	snprintf(url, sizeof(url), "http://localhost:%u", f.port);
	NEED(http_client_origin_later(client, url, NULL, &d, &origin) == SC_OK);
	for (unsigned i = 0; i < 100 && a.ends == 0; i++) { /* until the name is known */
		a = (struct seen){ 0 };
		CHECK(start(&a, "GET", NULL));
		finish(&a);
		NEED(loop_turn_once(loop, 50) == SC_OK);
	}
	CHECK(a.ends == 1);
	http_client_free(client);
	fake_stop(&f);
}

/* ---- what is sent ---- */

static void request_on_the_wire(void)
{
	static const struct http_field fields[] = {
		{ SC_LIT("X-A"), SC_LIT("b") },
		{ SC_LIT("Connection"), SC_LIT("upgrade") },
		{ SC_LIT("Content-Length"), SC_LIT("999") },
	};
	struct http_client_req r = { .method = SC_LIT("POST"),
		.target = SC_LIT("/x?y"),
		.fields = fields,
		.n_fields = 3,
		.has_body = true,
		.body = SC_LIT("hello") };
	static const struct script sc = { "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0, HOLD };
	struct seen s = { 0 };
	struct fake f;
	char expect[200];

	fake_start(&f, &sc, 1);
	client_start(NULL, f.port, "/base/");
	CHECK(http_client_request(client, origin, &r, &handler, &s, &s.x) == SC_OK);
	finish(&s);
	http_client_free(client);
	pthread_join(f.thread, NULL);
	snprintf(expect, sizeof(expect),
	    "POST /base/x?y HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nX-A: b\r\n"
	    "Content-Length: 5\r\n\r\nhello",
	    f.port);
	CHECK(f.last.s != NULL && strcmp(f.last.s, expect) == 0);
	close(f.listener);
	kit_text_free(&f.last);
}

static void streamed_request(void)
{
	struct http_client_req r = { .method = SC_LIT("PUT"),
		.target = SC_LIT("/"),
		.stream_body = true,
		.stream_length = HTTP_LENGTH_CHUNKED };
	static const struct script sc = { "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0, HOLD };
	struct seen s = { 0 };
	struct fake f;

	fake_start(&f, &sc, 1);
	client_start(NULL, f.port, "");
	CHECK(http_client_request(client, origin, &r, &handler, &s, &s.x) == SC_OK);
	CHECK(http_exchange_write(s.x, sc_span_str("hello ")));
	CHECK(http_exchange_write(s.x, sc_span_str("world")));
	http_exchange_end(s.x);
	finish(&s);
	CHECK(s.ends == 1);
	http_client_free(client);
	pthread_join(f.thread, NULL);
	CHECK(kit_count(&f.last,
		  "Transfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n") == 1);
	close(f.listener);
	kit_text_free(&f.last);
}

static void bad_requests_refused(void)
{
	static const struct http_field evil = { SC_LIT("X"), SC_LIT("a\r\nb") };
	struct http_client_req r = { .method = SC_LIT("GET"),
		.target = SC_LIT("/"),
		.fields = &evil,
		.n_fields = 1 };
	struct http_client_stats st;
	struct seen s = { 0 };

	client_start(NULL, 9, "");
	CHECK(http_client_request(client, origin, &r, &handler, &s, &s.x) == SC_SYNTAX &&
	    s.x == NULL);
	r.n_fields = 0;
	r.target = sc_span_str("/a b");
	CHECK(http_client_request(client, origin, &r, &handler, &s, &s.x) == SC_SYNTAX &&
	    s.x == NULL);
	http_client_stats(client, &st);
	CHECK(st.open == 0);
	http_client_free(client);
}

/* ---- the pool ---- */

#define OK_0 "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

static void pool_reuses(void)
{
	static const struct script sc[] = { { OK_0, 0, NEXT }, { OK_0, 0, NEXT },
		{ OK_0, 0, HOLD } };
	struct http_client_stats st;
	struct fake f;

	fake_start(&f, sc, 3);
	client_start(NULL, f.port, "");
	for (int i = 0; i < 3; i++) {
		struct seen s = { 0 };

		CHECK(start(&s, "POST", "x"));
		finish(&s);
		CHECK(s.ends == 1);
	}
	http_client_stats(client, &st);
	CHECK(st.connects == 1 && st.reused == 2 && st.idle == 1 && st.open == 1);
	http_client_free(client);
	fake_stop(&f);
	CHECK(atomic_load(&f.requests) == 3);
}

/* Each of these answers makes its connection unfit for another request. */
static const char *const unfit[] = {
	"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
	"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nPOISON",
	"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nstray",
};

static void pool_drops_the_unfit(void)
{
	for (size_t i = 0; i < sizeof(unfit) / sizeof(unfit[0]); i++) {
		struct script sc[] = { { unfit[i], 0, HOLD }, { OK_0, 0, HOLD } };
		struct seen a = { .cap = 100 }, b = { .cap = 100 };
		struct http_client_stats st;
		struct fake f;

		fake_start(&f, sc, 2);
		client_start(NULL, f.port, "");
		CHECK(start(&a, "GET", NULL));
		finish(&a);
		http_client_stats(client, &st);
		CHECK(st.idle == 0 && st.open == 0);
		CHECK(start(&b, "GET", NULL));
		finish(&b);
		CHECK(b.ends == 1 && b.n == 0);
		http_client_stats(client, &st);
		CHECK(st.connects == 2);
		http_client_free(client);
		fake_stop(&f);
	}
}

static void idle_close_is_noticed(void)
{
	static const struct script sc[] = { { OK_0, 0, CLOSE }, { OK_0, 0, HOLD } };
	struct http_client_stats st;
	struct seen a = { 0 }, b = { 0 };
	struct fake f;

	fake_start(&f, sc, 2);
	client_start(NULL, f.port, "");
	CHECK(start(&a, "GET", NULL));
	finish(&a);
	do { /* the upstream's close arrives */
		NEED(loop_turn_once(loop, KIT_WAIT_MS) == SC_OK);
		http_client_stats(client, &st);
	} while (st.idle != 0);
	CHECK(st.open == 0);
	CHECK(start(&b, "POST", "x"));
	finish(&b);
	CHECK(b.ends == 1);
	http_client_free(client);
	fake_stop(&f);
}

/* The upstream takes a second request on a connection and closes without a byte of answer. */
static void retry(const char *method, const char *body, const char *part, bool expect_retry)
{
	struct script sc[] = { { OK_0, 0, NEXT }, { part, 0, CLOSE }, { OK_0, 0, HOLD } };
	struct http_client_stats st;
	struct seen a = { 0 }, b = { 0 };
	struct fake f;

	fake_start(&f, sc, 3);
	client_start(NULL, f.port, "");
	CHECK(start(&a, "GET", NULL));
	finish(&a);
	CHECK(start(&b, method, body));
	finish(&b);
	http_client_stats(client, &st);
	if (expect_retry) {
		CHECK(b.ends == 1 && st.retried == 1);
	} else {
		CHECK(b.errors == 1 && b.why == HTTP_ERR_CLOSED && st.retried == 0);
	}
	http_client_free(client);
	fake_stop(&f);
	CHECK(atomic_load(&f.requests) == (expect_retry ? 3 : 2));
}

static void retries(void)
{
	retry("GET", NULL, NULL, true);
	retry("PUT", "whole", NULL, true);
	retry("DELETE", NULL, NULL, true);
	retry("POST", "order", NULL, false);
	retry("PATCH", "x", NULL, false);
	retry("GET", NULL, "H", false); /* a byte of the answer came */
}

static void fresh_is_never_retried(void)
{
	static const struct script sc[] = { { NULL, 0, CLOSE }, { OK_0, 0, HOLD } };
	struct seen s = { 0 };
	struct fake f;

	fake_start(&f, sc, 2);
	client_start(NULL, f.port, "");
	CHECK(start(&s, "GET", NULL));
	finish(&s);
	CHECK(s.errors == 1 && s.why == HTTP_ERR_CLOSED);
	http_client_free(client);
	fake_stop(&f);
}

static void body_stays_until_release(void)
{
	static const struct script sc[] = {
		{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst", 0, NEXT }, { OK_0, 0, HOLD }
	};
	struct http_client_stats st;
	struct seen a = { .cap = 100, .keep = true }, b = { 0 };
	struct fake f;

	fake_start(&f, sc, 2);
	client_start(NULL, f.port, "");
	CHECK(start(&a, "GET", NULL));
	finish(&a);
	http_client_stats(client, &st);
	CHECK(st.idle == 0); /* not pooled while its buffer is being read */
	CHECK(a.x->head->status == 200);
	http_exchange_release(a.x);
	http_client_stats(client, &st);
	CHECK(st.idle == 1);
	CHECK(start(&b, "GET", NULL));
	finish(&b);
	CHECK(b.ends == 1);
	http_client_free(client);
	fake_stop(&f);
}

static void cancel_and_ceiling(void)
{
	static const struct script sc[] = { { NULL, 0, HOLD } };
	struct http_client_stats st;
	struct http_limits l;
	struct seen a = { 0 }, b = { 0 };
	struct fake f;

	l = http_limits_default;
	l.max_per_origin = 1;
	fake_start(&f, sc, 1);
	client_start(&l, f.port, "");
	CHECK(start(&a, "GET", NULL));
	CHECK(!start(&b, "GET", NULL) && b.x == NULL);
	for (int i = 0; i < 1000 && atomic_load(&f.requests) == 0; i++)
		NEED(loop_turn_once(loop, 10) == SC_OK);
	http_exchange_release(a.x);
	http_client_stats(client, &st);
	CHECK(st.open == 0);
	NEED(loop_turn_once(loop, 10) == SC_OK);
	CHECK(a.heads + a.ends + a.errors == 0);
	http_client_free(client);
	fake_stop(&f);
}

static void urls(void)
{
	static const char *const bad[] = { "", "127.0.0.1:80", "ftp://127.0.0.1", "http://",
		"http:///x", "http://127.0.0.1:", "http://127.0.0.1:x", "http://127.0.0.1:123456",
		"http://a b/", "http://u@127.0.0.1/", "http://127.0.0.1/?q", "http://127.0.0.1/a b",
		"http://[::1", "https://127.0.0.1", "http+unix:" };
	static const char *const ok[] = { "http://127.0.0.1", "http://127.0.0.1:81/",
		"http://[::1]:8080/x", "http://localhost/x/", "http+unix:/run/x.sock" };
	struct http_origin *o;
	struct sc_diag d;

	client_start(NULL, 9, "");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		d.text[0] = '\0';
		CHECK(http_client_origin(client, bad[i], NULL, &d, &o) == SC_SYNTAX && o == NULL);
		CHECK(d.text[0] != '\0');
	}
	for (size_t i = 0; i < sizeof(ok) / sizeof(ok[0]); i++)
		CHECK(http_client_origin(client, ok[i], NULL, &d, &o) == SC_OK);
	http_client_free(client);
}

int main(void)
{
	if (loop_new(&loop) != SC_OK)
		return 1;
	RUN(answers_understood, "answers of every framing are read, buffered and streamed");
	RUN(large_bodies, "large bodies are buffered to their cap, or streamed in windows");
	RUN(lies_refused,
	    "short, garbled, doubly framed, cut and stalled answers are told apart and refused");
	RUN(heads_too_large,
	    "what is wrong with an answer is said, and a head that is too large by itself");
	RUN(endless_interim, "1xx answers without end are refused");
	RUN(total_deadline, "an exchange has a last moment");
	RUN(without_an_end,
	    "an answer without an end has a silence of its own, and no last moment");
	RUN(the_next_one_has_an_end, "which is said of one answer alone");
	RUN(nobody_there, "nobody listening is a connect error, told later");
	RUN(a_name_is_looked_up_again,
	    "a name's addresses are tried in turn, and looked up again in the background");
	RUN(a_name_can_wait, "a name that nobody knows yet keeps nobody waiting");
	RUN(request_on_the_wire,
	    "a request is rebuilt with our framing, the origin's host and prefix");
	RUN(streamed_request, "a request's body can be streamed");
	RUN(bad_requests_refused, "a request that would break the framing is not sent");
	RUN(pool_reuses, "connections are used again");
	RUN(pool_drops_the_unfit, "closed, old and over-full connections are not used again");
	RUN(idle_close_is_noticed, "a pooled connection that the upstream closed is dropped");
	RUN(retries,
	    "only an idempotent, unanswered request on a reused connection goes out again");
	RUN(fresh_is_never_retried, "nothing is retried after a fresh connection");
	RUN(body_stays_until_release, "head and body stay until the release");
	RUN(cancel_and_ceiling, "a release cancels; connections to an origin have a ceiling");
	RUN(urls, "origin URLs are read strictly");
	loop_free(loop);
	return tap_done();
}
