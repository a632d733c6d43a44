/*
 * far_door.c - a TCP listener whose connections are links over TLS.
 */
#include "crypto/keyd/far_door.h"

#include "net/address/address.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 64

struct far_door {
	int fd;
	struct tls_context *tls;
};

static enum sc_err listen_at(const char *text, int *fd, struct sc_diag *d)
{
	const int on = 1;
	struct address a;
	enum sc_err err;

	if ((err = address_parse(text, &a, d)) != SC_OK)
		return err;
	if (a.ss.ss_family == AF_UNIX) {
		sc_diag_set(d, "\"listen\" is for other hosts: ADDRESS:PORT or [IPV6]:PORT");
		return SC_SYNTAX;
	}
	*fd = socket(a.ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (*fd >= 0 && setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	    bind(*fd, (const struct sockaddr *)&a.ss, a.n) == 0 && listen(*fd, BACKLOG) == 0)
		return SC_OK;
	sc_diag_set(d, "cannot listen on %.100s: %s", text, strerrordesc_np(errno));
	return SC_IO;
}

enum sc_err far_door_open(const struct far_place *place, const struct tls_pins *pins,
    struct sc_diag *d, struct far_door **out)
{
	const struct tls_options o = { .cert = place->cert, .key = place->key, .pins = pins };
	struct far_door *f;
	enum sc_err err;

	*out = NULL;
	if ((f = calloc(1, sizeof(*f))) == NULL)
		return SC_NOMEM;
	f->fd = -1;
	if ((err = tls_server_new(&o, d, &f->tls)) != SC_OK ||
	    (err = listen_at(place->address, &f->fd, d)) != SC_OK) {
		far_door_close(f);
		return err;
	}
	*out = f;
	return SC_OK;
}

void far_door_close(struct far_door *f)
{
	if (f == NULL)
		return;
	if (f->fd >= 0)
		close(f->fd);
	tls_context_free(f->tls);
	free(f);
}

int far_door_fd(const struct far_door *f)
{
	return f->fd;
}

enum sc_err far_door_accept(struct far_door *f, struct wire_link *link)
{
	int fd = accept4(f->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	return fd < 0 ? SC_AGAIN : wire_link_init_tls(link, fd, f->tls, false);
}
