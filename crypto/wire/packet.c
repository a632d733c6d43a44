/*
 * packet.c - cutting packets between frames, sending and receiving them.
 */
#include "crypto/wire/packet.h"

#include <errno.h>
#include <sys/socket.h>

/* Bytes of FRAMES, whole and our own, that go into the next packet: one frame at least. */
static size_t packet_length(struct sc_span frames)
{
	size_t n = 0;

	while (n + WIRE_HEAD <= frames.n) {
		size_t frame = WIRE_HEAD + sc_be32_load(frames.p + n + 16);

		if (n > 0 && n + frame > WIRE_PACKET_MAX)
			break;
		n += frame;
	}
	return n;
}

static bool would_wait(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK;
}

enum sc_err packet_send(int fd, struct sc_buf *out, size_t *sent, bool *full)
{
	*full = false;
	while (*sent < out->n) {
		struct sc_span rest = sc_span_from(sc_buf_span(out), *sent);
		size_t n = packet_length(rest);

		if (send(fd, rest.p, n, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
			*sent += n;
		else if (would_wait()) {
			*full = true;
			return SC_OK;
		} else if (errno != EINTR)
			return SC_IO;
	}
	sc_buf_clear(out);
	*sent = 0;
	return SC_OK;
}

enum sc_err packet_receive(int fd, uint8_t in[static WIRE_PACKET_MAX + 1], size_t *n)
{
	ssize_t r;

	do
		r = recv(fd, in, WIRE_PACKET_MAX + 1, MSG_DONTWAIT | MSG_TRUNC);
	while (r < 0 && errno == EINTR);
	*n = r < 0 ? 0 : (size_t)r;
	if (r < 0 && would_wait())
		return SC_AGAIN;
	if (r <= 0)
		return SC_IO;
	return *n > WIRE_PACKET_MAX ? SC_SYNTAX : SC_OK;
}
