/*
 * way.c - how keyd is reached: a socket of this host, or TLS to another.
 */
#include "crypto/keyc/internal.h"

#include <string.h>
#include <sys/socket.h>
#include <errno.h>

static bool is_keyd(void *arg, const uint8_t spki[static TLS_SPKI_BYTES])
{
	const struct keyc_way *way = arg;

	return memcmp(way->spki, spki, TLS_SPKI_BYTES) == 0;
}

enum sc_err keyc_way_init(struct keyc_way *way, const char *address, const struct keyc_far *far,
    struct sc_diag *d)
{
	struct tls_options o = { .pins = &way->pins };
	enum sc_err err;

	memset(way, 0, sizeof(*way));
	if ((err = address_parse(far == NULL ? address : far->address, &way->address, d)) != SC_OK)
		return err;
	if ((way->address.ss.ss_family == AF_UNIX) != (far == NULL))
		return SC_SYNTAX;
	if (far == NULL)
		return SC_OK;
	memcpy(way->spki, far->keyd_spki, TLS_SPKI_BYTES);
	way->pins = (struct tls_pins){ is_keyd, way };
	o.cert = far->cert;
	o.key = far->key;
	return tls_client_new(&o, d, &way->tls);
}

void keyc_way_fini(struct keyc_way *way)
{
	tls_context_free(way->tls);
	way->tls = NULL;
}

enum sc_err keyc_way_dial(const struct keyc_way *way, struct wire_link *link)
{
	const int type = way->tls == NULL ? SOCK_SEQPACKET : SOCK_STREAM, room = 4 << 20;
	int fd = socket(way->address.ss.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	enum sc_err err = SC_OK;

	*link = (struct wire_link){ .stream = { .fd = -1 } };
	if (fd < 0)
		return SC_IO;
	if (way->tls != NULL)
		err = wire_link_init_tls(link, fd, way->tls, true);
	else {
		wire_link_init_packets(link, fd);
		/* more when the system allows it; the default is enough */
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	}
	if (err == SC_OK &&
	    connect(fd, (const struct sockaddr *)&way->address.ss, way->address.n) != 0 &&
	    errno != EINPROGRESS)
		err = SC_IO;
	return err;
}
