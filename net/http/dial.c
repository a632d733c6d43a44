/*
 * dial.c - getting an upstream connection: the addresses in turn, then TLS.
 */
#include "net/http/client_private.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

/* One address: SC_OK when a connection is on its way. */
static enum sc_err link_dial(struct link *l, const struct address *a)
{
	struct http_origin *o = l->origin;
	int one = 1;
	int fd = socket(a->ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return SC_IO;
	if (a->ss.ss_family != AF_UNIX)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, (const struct sockaddr *)&a->ss, a->n) != 0 && errno != EINPROGRESS) {
		close(fd);
		return SC_IO;
	}
	l->io.fd = fd;
	if (stream_init_connect(&l->stream, fd, o->tls, o->host, o->session) == SC_OK &&
	    loop_add(l->client->loop, &l->io, EPOLLIN | EPOLLOUT) == SC_OK)
		return SC_OK;
	stream_close(&l->stream);
	return SC_IO;
}

/* The next address that may work. */
static bool link_dial_next(struct link *l)
{
	struct http_origin *o = l->origin;

	while (l->tries < o->n_addresses) {
		unsigned at = (o->at + l->tries++) % o->n_addresses;

		if (link_dial(l, &o->addresses[at]) == SC_OK) {
			l->state = LINK_CONNECTING;
			return true;
		}
	}
	origin_look_again(o);
	return false;
}

void link_connect(struct link *l)
{
	l->client->stats.connects++;
	l->tries = 0;
	l->reused = false;
	l->eof = false;
	l->state = LINK_CONNECTING;
	if (!link_dial_next(l)) {
		link_break(l, HTTP_ERR_CONNECT);
		link_kick(l);
	}
	link_arm(l);
}

/* The descriptor reported: is it connected? */
void link_step_connect(struct link *l)
{
	int error = 0;
	socklen_t n = sizeof(error);

	if (getsockopt(l->stream.fd, SOL_SOCKET, SO_ERROR, &error, &n) == 0 && error == 0) {
		struct http_origin *o = l->origin;

		o->at = (o->at + l->tries - 1u) % o->n_addresses;
		l->state = l->origin->tls == NULL ? LINK_BUSY : LINK_HANDSHAKE;
		return;
	}
	link_disconnect(l);
	if (!link_dial_next(l))
		link_break(l, HTTP_ERR_CONNECT);
}

void link_step_handshake(struct link *l)
{
	switch (stream_handshake(&l->stream)) {
	case STREAM_OK: l->state = LINK_BUSY; break;
	case STREAM_EOF:
	case STREAM_FAILED:
		/* a session that the server no longer likes must not stand in the way */
		tls_session_free(l->origin->session);
		l->origin->session = NULL;
		link_break(l, HTTP_ERR_CONNECT);
		break;
	case STREAM_WANT_READ:
	case STREAM_WANT_WRITE: break;
	}
}
