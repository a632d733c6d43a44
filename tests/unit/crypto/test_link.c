/*
 * test_link.c - the same frames over packets and over a stream: whole, in their order,
 * however the bytes are cut; and an end, a stranger and a frame that is too long.
 */
#include "crypto/wire/link.h"

#include "unit/net/made_id.h"

#include "tap.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct id here, there;
static struct tls_context *tls[2]; /* client, server */

static bool anybody(void *arg, const uint8_t spki[static TLS_SPKI_BYTES])
{
	(void)arg;
	(void)spki;
	return true;
}

static const struct tls_pins pins = { anybody, NULL };
static uint8_t in[WIRE_PACKET_MAX + 1];

static void put_frame(struct sc_buf *b, uint64_t id, size_t n)
{
	uint8_t *p;
	size_t at;

	NEED(wire_frame_begin(b, WIRE_STATUS, id, &at) == SC_OK && sc_buf_grow(b, n, &p) == SC_OK);
	memset(p, (int)id, n);
	wire_frame_end(b, at, 0);
}

static void make_pair(struct wire_link l[2], bool streams)
{
	int fd[2];

	NEED(socketpair(AF_UNIX, (streams ? SOCK_STREAM : SOCK_SEQPACKET) | SOCK_NONBLOCK, 0, fd) ==
	    0);
	for (int i = 0; i < 2; i++)
		if (streams)
			NEED(wire_link_init_tls(&l[i], fd[i], tls[i], i == 0) == SC_OK);
		else
			wire_link_init_packets(&l[i], fd[i]);
}

static bool meet(struct wire_link l[2])
{
	enum sc_err a = SC_AGAIN, b = SC_AGAIN;

	for (int i = 0; i < 20 && (a != SC_OK || b != SC_OK); i++) {
		a = wire_link_meet(&l[0]);
		b = wire_link_meet(&l[1]);
	}
	return a == SC_OK && b == SC_OK;
}

/* Take all that is there; frames must come as 1, 2, 3 ... *NEXT, each full of its number. */
static enum sc_err take_all(struct wire_link *l, uint64_t *next, size_t *most)
{
	struct sc_span packet;
	struct wire_frame f;
	enum sc_err err;
	size_t n;

	while ((err = wire_link_receive(l, in, &n)) == SC_OK) {
		*most = n > *most ? n : *most;
		for (packet = sc_span(in, n); packet.n > 0; ++*next) {
			CHECK(wire_frame_decode(&packet, &f) == SC_OK && f.req_id == *next);
			for (size_t i = 0; i < f.body.n; i++)
				if (f.body.p[i] != (uint8_t)f.req_id) {
					CHECK(!"a byte of another frame");
					return SC_BUG;
				}
		}
	}
	CHECK(!wire_link_waits(l));
	return err;
}

static void in_order(bool streams)
{
	static const size_t sizes[] = { 0, 1, 40, 8000, WIRE_PACKET_MAX - WIRE_HEAD, 3, 100000,
		90000, 20, 16384, 16364 };
	const size_t n = sizeof(sizes) / sizeof(sizes[0]);
	uint64_t next = 1;
	size_t sent = 0, most = 0;
	struct wire_link l[2];
	struct sc_buf out;
	bool full = true;

	sc_buf_init(&out, (size_t)8 << 20);
	make_pair(l, streams);
	NEED(meet(l));
	for (unsigned round = 0; round < 4; round++)
		for (size_t i = 0; i < n; i++)
			put_frame(&out, 1 + round * n + i, sizes[i]);
	for (int i = 0; i < 5000 && full; i++) {
		CHECK(wire_link_send(&l[0], &out, &sent, &full) == SC_OK);
		CHECK(take_all(&l[1], &next, &most) == SC_AGAIN);
	}
	CHECK(!full && out.n == 0 && take_all(&l[1], &next, &most) == SC_AGAIN);
	CHECK(next == 1 + 4 * n && most <= WIRE_PACKET_MAX);
	/* the other way, and what was sent before the end is had before the end is told */
	next = 1;
	put_frame(&out, 1, 5);
	CHECK(wire_link_send(&l[1], &out, &sent, &full) == SC_OK && !full);
	wire_link_close(&l[1]);
	CHECK(take_all(&l[0], &next, &most) == SC_IO && next == 2);
	wire_link_close(&l[0]);
	sc_buf_fini(&out);
}

static void over_packets(void)
{
	in_order(false);
}

static void over_a_stream(void)
{
	in_order(true);
}

/* A stream hands frames on as they become whole, however it is cut. */
static void byte_by_byte(void)
{
	uint64_t next = 1;
	size_t most = 0, put;
	struct wire_link l[2];
	struct sc_buf out;

	sc_buf_init(&out, 1 << 20);
	make_pair(l, true);
	NEED(meet(l));
	put_frame(&out, 1, 7);
	put_frame(&out, 2, 0);
	for (size_t i = 0; i < out.n; i++) {
		CHECK(stream_write(&l[0].stream, out.p + i, 1, &put) == STREAM_OK && put == 1);
		CHECK(take_all(&l[1], &next, &most) == SC_AGAIN);
		CHECK(next == 1u + (i + 1 >= WIRE_HEAD + 7) + (i + 1 == out.n));
	}
	wire_link_close(&l[0]);
	wire_link_close(&l[1]);
	sc_buf_fini(&out);
}

/* A length that no frame of ours has ends it, before anything is kept for it. */
static void too_long(void)
{
	struct wire_link l[2];
	struct sc_buf out;
	size_t put, n;

	sc_buf_init(&out, 1 << 20);
	make_pair(l, true);
	NEED(meet(l));
	put_frame(&out, 1, 4);
	sc_be32_store(out.p + 16, WIRE_PACKET_MAX - WIRE_HEAD + 1);
	CHECK(stream_write(&l[0].stream, out.p, out.n, &put) == STREAM_OK);
	CHECK(wire_link_receive(&l[1], in, &n) == SC_SYNTAX);
	wire_link_close(&l[0]);
	wire_link_close(&l[1]);
	sc_buf_fini(&out);
}

static void who_speaks_no_tls(void)
{
	struct wire_link l;
	int fd[2];

	NEED(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd) == 0);
	NEED(wire_link_init_tls(&l, fd[1], tls[1], false) == SC_OK);
	CHECK(wire_link_meet(&l) == SC_AGAIN);
	CHECK(write(fd[0], "SKD1 and no word of TLS", 23) == 23);
	CHECK(wire_link_meet(&l) == SC_AUTH);
	wire_link_close(&l);
	close(fd[0]);
}

int main(void)
{
	struct tls_options o[2] = { { .pins = &pins }, { .pins = &pins } };
	struct sc_diag d = { .text = "" };

	if (mkdtemp(made_dir) == NULL)
		made_die("no folder");
	here = make_id("here", NULL, NULL);
	there = make_id("there", NULL, NULL);
	o[0].cert = path("here.pem");
	o[0].key = path("here.key");
	o[1].cert = path("there.pem");
	o[1].key = path("there.key");
	if (tls_client_new(&o[0], &d, &tls[0]) != SC_OK ||
	    tls_server_new(&o[1], &d, &tls[1]) != SC_OK)
		made_die(d.text);
	RUN(over_packets, "packets keep frames whole and in order");
	RUN(over_a_stream, "so does a stream");
	RUN(byte_by_byte, "a stream that is cut anywhere gives frames as they become whole");
	RUN(too_long, "a frame longer than a packet ends a stream");
	RUN(who_speaks_no_tls, "who does not speak TLS is not met");
	for (int i = 0; i < 2; i++)
		tls_context_free(tls[i]);
	forget_id("here", &here);
	forget_id("there", &there);
	rmdir(made_dir);
	return tap_done();
}
