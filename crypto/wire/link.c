/*
 * link.c - the same frames over packets or a stream.
 */
#include "crypto/wire/link.h"

#include "crypto/wire/packet.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define TLS_RECORD ((size_t)16384)

/* ---- life ---- */

void wire_link_init_packets(struct wire_link *l, int fd)
{
	*l = (struct wire_link){ .stream = { .fd = fd, .established = true } };
}

/* What helps; without it a dead connection is noticed later. */
static void tune(int fd)
{
	static const struct {
		int level, name, value;
	} rows[] = {
		/* a turn's frames leave together: nothing is gained by waiting for more */
		{ IPPROTO_TCP, TCP_NODELAY, 1 },
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, 10 },
		{ IPPROTO_TCP, TCP_KEEPINTVL, 5 },
		{ IPPROTO_TCP, TCP_KEEPCNT, 3 },
		{ IPPROTO_TCP, TCP_USER_TIMEOUT, 25000 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		(void)setsockopt(fd, rows[i].level, rows[i].name, &rows[i].value, sizeof(int));
}

enum sc_err wire_link_init_tls(struct wire_link *l, int fd, struct tls_context *t, bool client)
{
	tune(fd);
	*l = (struct wire_link){ .streams = true };
	sc_buf_init(&l->had, 2 * WIRE_PACKET_MAX);
	return client ? stream_init_connect(&l->stream, fd, t, NULL, NULL) :
			stream_init_accept(&l->stream, fd, t);
}

void wire_link_close(struct wire_link *l)
{
	stream_close(&l->stream);
	if (l->streams)
		sc_buf_fini(&l->had);
	l->streams = false;
}

enum sc_err wire_link_meet(struct wire_link *l)
{
	switch (stream_handshake(&l->stream)) {
	case STREAM_OK: return SC_OK;
	case STREAM_WANT_READ: l->reads_to_send = true; return SC_AGAIN;
	case STREAM_WANT_WRITE: l->reads_to_send = false; return SC_AGAIN;
	default: return SC_AUTH;
	}
}

/* ---- out ---- */

static enum sc_err stream_send(struct wire_link *l, struct sc_buf *out, size_t *sent, bool *full)
{
	size_t put;

	*full = false;
	while (*sent < out->n) {
		switch (stream_write(&l->stream, out->p + *sent, out->n - *sent, &put)) {
		case STREAM_OK: *sent += put; break;
		case STREAM_WANT_READ: *full = l->reads_to_send = true; return SC_OK;
		case STREAM_WANT_WRITE:
			*full = true;
			l->reads_to_send = false;
			return SC_OK;
		default: return SC_IO;
		}
	}
	sc_buf_clear(out);
	*sent = 0;
	return SC_OK;
}

enum sc_err wire_link_send(struct wire_link *l, struct sc_buf *out, size_t *sent, bool *full)
{
	return l->streams ? stream_send(l, out, sent, full) :
			    packet_send(l->stream.fd, out, sent, full);
}

/* ---- in ---- */

/* Bytes of the whole frames in HAD that go together, at most one packet; 0: none is whole. */
static enum sc_err whole_frames(struct sc_span had, size_t *n)
{
	*n = 0;
	while (had.n - *n >= WIRE_HEAD) {
		size_t frame = WIRE_HEAD + (size_t)sc_be32_load(had.p + *n + 16);

		if (frame > WIRE_PACKET_MAX)
			return SC_SYNTAX;
		if (frame > had.n - *n || *n + frame > WIRE_PACKET_MAX)
			break;
		*n += frame;
	}
	return SC_OK;
}

/* Read what there is, as long as there is room for it. */
static enum sc_err fill(struct wire_link *l)
{
	size_t room, got;
	uint8_t *p;
	enum sc_err err;

	for (l->unread = true; (room = 2 * WIRE_PACKET_MAX - l->had.n) > 0;) {
		if (room > TLS_RECORD)
			room = TLS_RECORD;
		if ((err = sc_buf_grow(&l->had, room, &p)) != SC_OK)
			return err;
		switch (stream_read(&l->stream, p, room, &got)) {
		case STREAM_OK: sc_buf_truncate(&l->had, l->had.n - room + got); break;
		case STREAM_WANT_READ:
		case STREAM_WANT_WRITE:
			sc_buf_truncate(&l->had, l->had.n - room);
			l->unread = false;
			return SC_OK;
		default:
			sc_buf_truncate(&l->had, l->had.n - room);
			l->unread = false;
			return SC_IO;
		}
	}
	return SC_OK;
}

enum sc_err wire_link_receive(struct wire_link *l, uint8_t in[static WIRE_PACKET_MAX + 1],
    size_t *n)
{
	enum sc_err err, gone = SC_OK;

	*n = 0;
	if (!l->streams)
		return packet_receive(l->stream.fd, in, n);
	if ((err = whole_frames(sc_buf_span(&l->had), n)) != SC_OK)
		return err;
	if (*n == 0) {
		/* what came before the end is taken before the end is told */
		gone = fill(l);
		if ((err = whole_frames(sc_buf_span(&l->had), n)) != SC_OK)
			return err;
	}
	if (*n == 0)
		return gone == SC_OK ? SC_AGAIN : gone;
	memcpy(in, l->had.p, *n);
	sc_buf_consume(&l->had, *n);
	return SC_OK;
}

bool wire_link_waits(const struct wire_link *l)
{
	size_t n;

	return l->streams &&
	    (l->unread || whole_frames(sc_buf_span(&l->had), &n) != SC_OK || n > 0);
}

uint32_t wire_link_events(const struct wire_link *l, bool deaf, bool full)
{
	if (!full)
		return deaf ? 0 : EPOLLIN;
	if (l->streams && l->reads_to_send)
		return EPOLLIN;
	return EPOLLOUT | (deaf ? 0 : EPOLLIN);
}
