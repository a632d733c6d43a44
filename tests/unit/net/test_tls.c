/*
 * test_tls.c - TLS: who is believed, what is resumed, how a cut is told from
 * an end. Keys and certificates are made here, for this run only.
 */
#include "net/http/client.h"
#include "net/tls/stream.h"

#include "unit/net/made_id.h"
#include "unit/net/netkit.h"

#include "tap.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdatomic.h>

/* ---- certificates ---- */

static struct id ca, other_ca, server_id, client_id, stranger_id;
static struct tls_context *server_tls, *client_tls;

static struct tls_context *make_server(const char *client_ca, bool required)
{
	struct tls_options o = { .cert = path("server.pem"),
		.key = path("server.key"),
		.ca = client_ca,
		.require_client_cert = required };
	struct tls_context *t;
	struct sc_diag d = { .text = "" };

	if (tls_server_new(&o, &d, &t) != SC_OK)
		kit_die(d.text);
	return t;
}

static struct tls_context *make_client(const char *ca_file, const char *cert, const char *key)
{
	struct tls_options o = { .ca = ca_file, .cert = cert, .key = key };
	struct tls_context *t;
	struct sc_diag d = { .text = "" };

	if (tls_client_new(&o, &d, &t) != SC_OK)
		kit_die(d.text);
	return t;
}

/* ---- two streams back to back ---- */

struct pair {
	struct net_stream a, b; /* client, server */
};

static bool pair_open(struct pair *p, struct tls_context *c, struct tls_context *s,
    const char *host, void *session)
{
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd) != 0)
		kit_die("socketpair");
	if (stream_init_connect(&p->a, fd[0], c, host, session) != SC_OK ||
	    stream_init_accept(&p->b, fd[1], s) != SC_OK)
		kit_die("stream_init");
	for (int i = 0; i < 20; i++) {
		enum stream_io x = stream_handshake(&p->a);
		enum stream_io y = stream_handshake(&p->b);

		if (x == STREAM_FAILED || y == STREAM_FAILED)
			return false;
		if (x == STREAM_OK && y == STREAM_OK)
			return true;
	}
	return false;
}

static void pair_close(struct pair *p)
{
	stream_close(&p->a);
	stream_close(&p->b);
}

/* Send TEXT from A to B and see it arrive. */
static bool moves(struct net_stream *a, struct net_stream *b, const char *text)
{
	uint8_t in[256];
	size_t put, got;

	return stream_write(a, (const uint8_t *)text, strlen(text), &put) == STREAM_OK &&
	    put == strlen(text) && stream_read(b, in, sizeof(in), &got) == STREAM_OK &&
	    got == put && memcmp(in, text, got) == 0;
}

static void bytes_move(void)
{
	struct pair p;
	uint8_t byte;
	size_t got;

	NEED(pair_open(&p, client_tls, server_tls, "shop.example", NULL));
	CHECK(moves(&p.a, &p.b, "hello"));
	CHECK(moves(&p.b, &p.a, "there"));
	CHECK(stream_read(&p.b, &byte, 1, &got) == STREAM_WANT_READ);
	stream_hibernate(&p.a);
	stream_hibernate(&p.b);
	CHECK(moves(&p.a, &p.b, "after sleep"));
	CHECK(moves(&p.b, &p.a, "awake"));
	pair_close(&p);
	CHECK(p.a.fd == -1);
	stream_close(&p.a);
}

static void who_is_believed(void)
{
	struct tls_context *wary = make_client(path("other.pem"), NULL, NULL);
	struct pair p;

	CHECK(!pair_open(&p, wary, server_tls, "shop.example", NULL));
	pair_close(&p);
	CHECK(!pair_open(&p, client_tls, server_tls, "evil.example", NULL));
	pair_close(&p);
	CHECK(!pair_open(&p, client_tls, server_tls, "127.0.0.2", NULL));
	pair_close(&p);
	CHECK(pair_open(&p, client_tls, server_tls, "127.0.0.1", NULL));
	pair_close(&p);
	tls_context_free(wary);
}

static void resumed(void)
{
	struct pair p;
	void *session;

	NEED(pair_open(&p, client_tls, server_tls, "shop.example", NULL));
	CHECK(moves(&p.b, &p.a, "brings the ticket"));
	CHECK(SSL_session_reused(p.a.tls) == 0);
	session = stream_session(&p.a);
	NEED(session != NULL);
	pair_close(&p);
	NEED(pair_open(&p, client_tls, server_tls, "shop.example", session));
	CHECK(SSL_session_reused(p.a.tls) == 1);
	CHECK(moves(&p.a, &p.b, "hello"));
	pair_close(&p);
	tls_session_free(session);
}

static void end_and_cut(void)
{
	struct pair p;
	uint8_t byte;
	size_t got, put;

	NEED(pair_open(&p, client_tls, server_tls, "shop.example", NULL));
	stream_close(&p.a);
	CHECK(stream_read(&p.b, &byte, 1, &got) == STREAM_EOF);
	stream_close(&p.b);

	NEED(pair_open(&p, client_tls, server_tls, "shop.example", NULL));
	shutdown(p.a.fd, SHUT_RDWR); /* no farewell: somebody cut the line */
	CHECK(stream_read(&p.b, &byte, 1, &got) == STREAM_FAILED);
	/* and writing there must not end the process */
	for (int i = 0; i < 3; i++)
		CHECK(stream_write(&p.b, &byte, 1, &put) != STREAM_OK);
	pair_close(&p);
}

static void half_close(void)
{
	struct pair p;
	uint8_t byte;
	size_t got;

	NEED(pair_open(&p, client_tls, server_tls, "shop.example", NULL));
	stream_shutdown(&p.a);
	CHECK(stream_read(&p.b, &byte, 1, &got) == STREAM_EOF);
	CHECK(moves(&p.b, &p.a, "still heard"));
	pair_close(&p);
}

static void expected_spki(const struct id *id, uint8_t out[32])
{
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(id->key, &der);

	EVP_Digest(der, (size_t)n, out, NULL, EVP_sha256(), NULL);
	OPENSSL_free(der);
}

static void client_certificates(void)
{
	struct tls_context *asks = make_server(path("ca.pem"), false);
	struct tls_context *demands = make_server(path("ca.pem"), true);
	struct tls_context *known =
	    make_client(path("ca.pem"), path("client.pem"), path("client.key"));
	struct tls_context *unknown =
	    make_client(path("ca.pem"), path("stranger.pem"), path("stranger.key"));
	uint8_t got[32] = { 0 }, want[32];
	struct pair p;
	void *session;

	expected_spki(&client_id, want);
	NEED(pair_open(&p, known, asks, "shop.example", NULL));
	CHECK(stream_peer_spki(&p.b, got) && memcmp(got, want, 32) == 0);
	CHECK(moves(&p.b, &p.a, "ticket"));
	session = stream_session(&p.a);
	pair_close(&p);
	/* resumption keeps who it is */
	NEED(pair_open(&p, known, asks, "shop.example", session));
	CHECK(SSL_session_reused(p.a.tls) == 1);
	memset(got, 0, sizeof(got));
	CHECK(stream_peer_spki(&p.b, got) && memcmp(got, want, 32) == 0);
	pair_close(&p);
	tls_session_free(session);

	NEED(pair_open(&p, client_tls, asks, "shop.example", NULL));
	CHECK(!stream_peer_spki(&p.b, got));
	pair_close(&p);
	CHECK(!pair_open(&p, unknown, asks, "shop.example", NULL));
	pair_close(&p);
	CHECK(!pair_open(&p, client_tls, demands, "shop.example", NULL));
	pair_close(&p);
	CHECK(pair_open(&p, known, demands, "shop.example", NULL));
	pair_close(&p);
	tls_context_free(asks);
	tls_context_free(demands);
	tls_context_free(known);
	tls_context_free(unknown);
}

static void old_versions(void)
{
	SSL_CTX *old = SSL_CTX_new(TLS_client_method());
	int fd[2];
	struct net_stream s;
	SSL *ssl = NULL;
	bool failed = false;

	SSL_CTX_set_security_level(old, 0);
	SSL_CTX_set_max_proto_version(old, TLS1_1_VERSION);
	NEED(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd) == 0);
	ssl = SSL_new(old);
	SSL_set_fd(ssl, fd[0]);
	SSL_set_connect_state(ssl);
	NEED(stream_init_accept(&s, fd[1], server_tls) == SC_OK);
	for (int i = 0; i < 10 && !failed; i++) {
		SSL_do_handshake(ssl);
		failed = stream_handshake(&s) == STREAM_FAILED;
	}
	CHECK(failed);
	stream_close(&s);
	SSL_free(ssl);
	SSL_CTX_free(old);
	close(fd[0]);
	ERR_clear_error();
}

/* ---- keys that are pinned ---- */

struct pin {
	struct tls_pins pins;
	uint8_t spki[32];
};

static bool is_it(void *arg, const uint8_t spki[static TLS_SPKI_BYTES])
{
	return memcmp(((const struct pin *)arg)->spki, spki, TLS_SPKI_BYTES) == 0;
}

/* A context of NAME's that speaks with whoever has the key of OTHER. */
static struct tls_context *pinned(struct pin *pin, const char *name, const struct id *other,
    bool client)
{
	char cert[64], key[64];
	struct tls_options o = { .pins = &pin->pins };
	struct sc_diag d = { .text = "" };
	struct tls_context *t = NULL;

	snprintf(cert, sizeof(cert), "%s.pem", name);
	snprintf(key, sizeof(key), "%s.key", name);
	o.cert = path(cert);
	o.key = path(key);
	expected_spki(other, pin->spki);
	pin->pins = (struct tls_pins){ is_it, pin };
	if ((client ? tls_client_new(&o, &d, &t) : tls_server_new(&o, &d, &t)) != SC_OK)
		kit_die(d.text);
	return t;
}

static void pinned_keys(void)
{
	struct pin pins[4];
	struct tls_context *server = pinned(&pins[0], "server", &client_id, false);
	struct tls_context *client = pinned(&pins[1], "client", &server_id, true);
	struct tls_context *stranger = pinned(&pins[2], "stranger", &server_id, true);
	struct tls_context *misled = pinned(&pins[3], "client", &ca, true);
	uint8_t got[32], want[32];
	struct net_stream bare;
	struct pair p;

	/* no CA has signed one that both trust, and no name fits */
	NEED(pair_open(&p, client, server, NULL, NULL));
	CHECK(SSL_version(p.a.tls) == TLS1_3_VERSION);
	expected_spki(&client_id, want);
	CHECK(stream_peer_spki(&p.b, got) && memcmp(got, want, 32) == 0);
	CHECK(moves(&p.a, &p.b, "hello") && moves(&p.b, &p.a, "there"));
	CHECK(stream_session(&p.a) == NULL); /* who is there is looked at each time */
	pair_close(&p);

	/* the server's word on a client's certificate comes with its first bytes */
	CHECK(!pair_open(&p, stranger, server, NULL, NULL) || !moves(&p.b, &p.a, "never"));
	pair_close(&p);
	CHECK(!pair_open(&p, misled, server, NULL, NULL));
	pair_close(&p);
	/* one without a certificate, and one that speaks 1.2 at most */
	CHECK(!pair_open(&p, client_tls, server, "shop.example", NULL) ||
	    !moves(&p.b, &p.a, "never"));
	pair_close(&p);
	NEED((bare.fd = socket(AF_UNIX, SOCK_STREAM, 0)) >= 0);
	CHECK(stream_init_connect(&bare, bare.fd, client_tls, NULL, NULL) == SC_BUG);
	stream_close(&bare);
	tls_context_free(server);
	tls_context_free(client);
	tls_context_free(stranger);
	tls_context_free(misled);
}

static void bad_files(void)
{
	struct tls_options o = { .cert = path("none.pem"), .key = path("server.key") };
	struct tls_options c = { .ca = path("server.key") };
	struct tls_context *t;
	struct sc_diag d = { .text = "" };

	CHECK(
	    tls_server_new(&o, &d, &t) == SC_IO && t == NULL && strstr(d.text, "none.pem") != NULL);
	o.cert = path("server.key");
	CHECK(tls_server_new(&o, &d, &t) == SC_SYNTAX && t == NULL);
	o.cert = path("server.pem");
	o.key = path("client.key");
	CHECK(tls_server_new(&o, &d, &t) == SC_SYNTAX && t == NULL);
	CHECK(tls_client_new(&c, &d, &t) == SC_SYNTAX && t == NULL);
}

/* ---- HTTP over it ---- */

static atomic_int with_cert, without_cert;

static void on_head(struct http_call *call)
{
	uint8_t want[32];

	expected_spki(&client_id, want);
	CHECK(call->tls);
	if (call->peer_spki == NULL)
		atomic_fetch_add(&without_cert, 1);
	else if (memcmp(call->peer_spki, want, 32) == 0)
		atomic_fetch_add(&with_cert, 1);
}

static void on_end(struct http_call *call, struct sc_span body)
{
	http_call_respond(call, 200, NULL, 0, body);
}

static const struct http_handler handler = { .on_head = on_head, .on_end = on_end };

struct seen {
	int done;
	size_t n;
	bool same;
};
static uint8_t *big;
#define BIG 700000

static void x_head(struct http_exchange *x)
{
	http_exchange_buffer_body(x, BIG);
}

static void x_end(struct http_exchange *x, struct sc_span body)
{
	struct seen *s = x->user;

	s->done = 1;
	s->n = body.n;
	s->same = body.n == 0 || memcmp(body.p, big, body.n) == 0;
	http_exchange_release(x);
}

static void x_error(struct http_exchange *x, enum http_client_error why)
{
	struct seen *s = x->user;

	s->done = 2 + (int)why;
	http_exchange_release(x);
}

static const struct http_client_handler x_handler = { .on_head = x_head,
	.on_end = x_end,
	.on_error = x_error };

static int https(struct loop *loop, struct http_client *c, uint16_t port, const char *host,
    struct tls_context *tls, size_t n)
{
	struct http_client_req r = { .method = SC_LIT("POST"),
		.target = SC_LIT("/"),
		.has_body = true,
		.body = sc_span(big, n) };
	struct http_origin *o;
	struct http_exchange *x;
	struct seen s = { 0 };
	struct sc_diag d;
	char url[64];

	snprintf(url, sizeof(url), "https://%s:%u", host, port);
	if (http_client_origin(c, url, tls, &d, &o) != SC_OK)
		return -1;
	for (int i = 0; i < 3; i++) {
		s.done = 0;
		if (http_client_request(c, o, &r, &x_handler, &s, &x) != SC_OK)
			return -1;
		while (s.done == 0)
			if (loop_turn_once(loop, KIT_WAIT_MS) != SC_OK)
				return -1;
		if (s.done == 1 && (s.n != n || !s.same))
			return -1;
	}
	return s.done;
}

static void http_over_tls(void)
{
	struct tls_context *asks = make_server(path("ca.pem"), false);
	struct tls_context *known =
	    make_client(path("ca.pem"), path("client.pem"), path("client.key"));
	struct tls_context *wary = make_client(path("other.pem"), NULL, NULL);
	struct http_client_stats st;
	struct kit_server s;
	struct http_client *c;
	struct loop *loop;

	big = malloc(BIG);
	for (size_t i = 0; i < BIG; i++)
		big[i] = (uint8_t)(i * 13 + i / 255);
	kit_start(&s, &handler, NULL, NULL, asks);
	NEED(loop_new(&loop) == SC_OK);
	NEED(http_client_new(loop, NULL, NULL, &c) == SC_OK);
	CHECK(https(loop, c, s.port, "127.0.0.1", known, 100) == 1);
	http_client_stats(c, &st);
	CHECK(st.connects == 1 && st.reused == 2);
	CHECK(atomic_load(&with_cert) == 3 && atomic_load(&without_cert) == 0);
	CHECK(https(loop, c, s.port, "127.0.0.1", client_tls, BIG) == 1);
	CHECK(atomic_load(&without_cert) == 3);
	CHECK(https(loop, c, s.port, "127.0.0.1", wary, 10) == 2 + HTTP_ERR_CONNECT);
	CHECK(https(loop, c, s.port, "localhost", client_tls, 10) == 2 + HTTP_ERR_CONNECT);
	http_client_free(c);
	loop_free(loop);
	kit_stop(&s);
	tls_context_free(asks);
	tls_context_free(known);
	tls_context_free(wary);
	free(big);
}

static void clean(void)
{
	forget_id("ca", &ca);
	forget_id("other", &other_ca);
	forget_id("server", &server_id);
	forget_id("client", &client_id);
	forget_id("stranger", &stranger_id);
	rmdir(made_dir);
	tls_context_free(server_tls);
	tls_context_free(client_tls);
}

int main(void)
{
	if (mkdtemp(made_dir) == NULL)
		return 1;
	ca = make_id("ca", NULL, NULL);
	other_ca = make_id("other", NULL, NULL);
	server_id = make_id("server", &ca, "DNS:shop.example,IP:127.0.0.1");
	client_id = make_id("client", &ca, NULL);
	stranger_id = make_id("stranger", &other_ca, NULL);
	server_tls = make_server(NULL, false);
	client_tls = make_client(path("ca.pem"), NULL, NULL);
	RUN(bytes_move, "bytes move both ways, also after buffers were given back");
	RUN(who_is_believed, "another CA, another name and another address are not believed");
	RUN(resumed, "a session is resumed");
	RUN(end_and_cut, "a farewell is an end, a cut is a failure, and neither kills");
	RUN(half_close, "who stopped writing can still read");
	RUN(client_certificates,
	    "client certificates: optional or demanded, always verified, known by their key");
	RUN(pinned_keys, "where keys are pinned, these alone are met, and over TLS 1.3");
	RUN(old_versions, "TLS 1.1 is refused");
	RUN(bad_files, "bad files are refused by name");
	RUN(http_over_tls, "HTTP over TLS: bodies of any size, pooled, with the client's key");
	clean();
	return tap_done();
}
