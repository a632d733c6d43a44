/*
 * listen.c - accepting connections, and sharing them out.
 *
 * Each thread listens on the same address with SO_REUSEPORT, and the kernel
 * splits by hash: 32 connections may fall 22 to 10. So whoever accepts hands
 * the connection to the like server that has the fewest.
 */
#include "net/http/server_private.h"

#include "net/address/address.h"
#include "base/log.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define ACCEPT_BATCH 64     /* connections accepted in one go */
#define ACCEPT_RETRY_MS 100 /* after running out of descriptors */
#define BACKLOG 4096

/* ---- sharing out ---- */

static const struct listener *listener_find(const struct http_server *s, unsigned index)
{
	for (const struct listener *l = s->listeners; l != NULL; l = l->next)
		if (l->index == index)
			return l;
	return NULL;
}

/* Would A and B serve a connection alike? */
static bool servers_alike(const struct http_server *a, const struct http_server *b)
{
	return a->handler.on_head == b->handler.on_head && a->handler.on_end == b->handler.on_end;
}

void listen_join(struct http_server *s)
{
	struct http_shared *sh = s->shared;

	pthread_mutex_lock(&sh->lock);
	s->next_shared = sh->servers;
	sh->servers = s;
	pthread_mutex_unlock(&sh->lock);
}

/* The server with the fewest connections. Under the lock. */
static struct http_server *least_loaded(struct http_server *s)
{
	struct http_server *best = s;

	for (struct http_server *o = s->shared->servers; o != NULL; o = o->next_shared)
		if (o->ready && servers_alike(o, s) &&
		    atomic_load(&o->open) < atomic_load(&best->open))
			best = o;
	return best;
}

static void arrival_start(struct http_server *s, struct arrival *a)
{
	const struct listener *l = listener_find(s, a->listener);

	a->tls = l == NULL ? NULL : l->tls;
	if (l == NULL)
		close(a->fd);
	if (l == NULL || !conn_new(s, a)) {
		atomic_fetch_sub(&s->open, 1);
		http_shared_leave(s->shared);
	}
}

static void listen_on_arrival(struct loop_wake *w)
{
	struct http_server *s = loop_owner(w, struct http_server, arrived);
	struct arrival *list, *a;

	pthread_mutex_lock(&s->shared->lock);
	list = s->arrivals;
	s->arrivals = NULL;
	pthread_mutex_unlock(&s->shared->lock);
	while ((a = list) != NULL) {
		list = a->next;
		arrival_start(s, a);
		free(a);
	}
}

/* Give A to the server that has the fewest connections. */
static void share_out(struct http_server *s, struct arrival *a)
{
	struct http_server *to;
	struct arrival *copy = NULL;

	pthread_mutex_lock(&s->shared->lock);
	to = least_loaded(s);
	if (to != s && (copy = malloc(sizeof(*copy))) == NULL)
		to = s;
	atomic_fetch_add(&to->open, 1);
	if (to != s) {
		*copy = *a;
		copy->next = to->arrivals;
		to->arrivals = copy;
		loop_wake_post(&to->arrived);
	}
	pthread_mutex_unlock(&s->shared->lock);
	if (to == s)
		arrival_start(s, a);
}

/* ---- accepting ---- */

static void accepted(struct listener *l, struct arrival *a)
{
	struct http_server *s = l->server;

	if (!http_shared_enter(s->shared)) {
		s->stats.refused++;
		close(a->fd);
		return;
	}
	s->stats.accepted++;
	a->listener = l->index;
	share_out(s, a);
}

static void listener_on_ready(struct loop_io *io, uint32_t events)
{
	struct listener *l = loop_owner(io, struct listener, io);

	(void)events;
	for (int i = 0; i < ACCEPT_BATCH; i++) {
		struct arrival a = { .fd = -1 };
		socklen_t n = sizeof(a.peer);

		a.fd =
		    accept4(io->fd, (struct sockaddr *)&a.peer, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (a.fd >= 0) {
			accepted(l, &a);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
			log_event(LOG_ERROR, "http.accept_failed", LOG_ERRNO("error", errno),
			    LOG_END);
			if (loop_change(l->server->loop, io, 0) == SC_OK)
				loop_timer_set(l->server->loop, &l->retry, ACCEPT_RETRY_MS);
		}
		return;
	}
}

static void listener_on_retry(struct loop_timer *t)
{
	struct listener *l = loop_owner(t, struct listener, retry);

	if (loop_change(l->server->loop, &l->io, EPOLLIN) != SC_OK)
		log_event(LOG_ERROR, "http.accept_stopped", LOG_END);
}

/* ---- opening and closing ---- */

/* Remove a socket file that nobody answers at any more; never another kind of file. */
static void remove_stale(const struct address *addr)
{
	struct sockaddr_un un;
	struct stat st;
	int fd;

	memcpy(&un, &addr->ss, sizeof(un));
	if (lstat(un.sun_path, &st) != 0 || !S_ISSOCK(st.st_mode))
		return;
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) < 0)
		return;
	if (connect(fd, (const struct sockaddr *)&un, sizeof(un)) != 0 && errno == ECONNREFUSED)
		unlink(un.sun_path);
	close(fd);
}

static int open_socket(const struct address *addr)
{
	bool local = addr->ss.ss_family == AF_UNIX;
	int one = 1;
	int fd = socket(addr->ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (local) {
		remove_stale(addr);
	} else if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)) != 0 ||
	    /* what is accepted inherits it */
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) != 0) {
		close(fd);
		return -1;
	}
	if (bind(fd, (const struct sockaddr *)&addr->ss, addr->n) != 0 ||
	    (local &&
		chmod(((const struct sockaddr_un *)(const void *)&addr->ss)->sun_path, 0660) !=
		    0) ||
	    listen(fd, BACKLOG) != 0) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

enum sc_err http_address_vacant(const char *address, struct sc_diag *diag)
{
	struct address addr;
	enum sc_err err;
	int fd, one = 1;

	if ((err = address_parse(address, &addr, diag)) != SC_OK || addr.ss.ss_family == AF_UNIX)
		return err;
	fd = socket(addr.ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* what is left of connections that ended is no obstacle; no SO_REUSEPORT: whoever listens is */
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
	    bind(fd, (const struct sockaddr *)&addr.ss, addr.n) != 0) {
		sc_diag_set(diag, "cannot listen on %s: %s", address, strerrordesc_np(errno));
		err = SC_IO;
	}
	if (fd >= 0)
		close(fd);
	return err;
}

static uint16_t socket_port(int fd)
{
	struct sockaddr_storage ss = { 0 };
	socklen_t n = sizeof(ss);

	if (getsockname(fd, (struct sockaddr *)&ss, &n) != 0)
		return 0;
	if (ss.ss_family == AF_INET)
		return ntohs(((struct sockaddr_in *)(void *)&ss)->sin_port);
	if (ss.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)(void *)&ss)->sin6_port);
	return 0;
}

static unsigned listener_count(const struct http_server *s)
{
	unsigned n = 0;

	for (const struct listener *l = s->listeners; l != NULL; l = l->next)
		n++;
	return n;
}

/* S listens: it may be given connections that others accepted. */
static void listen_ready(struct http_server *s)
{
	pthread_mutex_lock(&s->shared->lock);
	if (!s->ready)
		loop_wake_init(s->loop, &s->arrived, listen_on_arrival);
	s->ready = true;
	pthread_mutex_unlock(&s->shared->lock);
}

/* L, which watches its socket if it has one, is the next of S. */
static void listener_add(struct http_server *s, struct listener *l)
{
	l->server = s;
	l->index = listener_count(s);
	loop_timer_init(&l->retry, listener_on_retry);
	l->next = s->listeners;
	s->listeners = l;
	listen_ready(s);
}

enum sc_err http_server_listen(struct http_server *s, const char *address, struct tls_context *tls,
    struct sc_diag *diag, uint16_t *port)
{
	struct listener *l = NULL;
	struct address addr;
	enum sc_err err;

	if ((err = address_parse(address, &addr, diag)) != SC_OK)
		return err;
	if ((l = calloc(1, sizeof(*l))) == NULL)
		return SC_NOMEM;
	l->tls = tls;
	l->io.on_ready = listener_on_ready;
	err = SC_IO;
	if ((l->io.fd = open_socket(&addr)) < 0) {
		sc_diag_set(diag, "cannot listen on %s: %s", address, strerrordesc_np(errno));
		goto out;
	}
	if ((err = loop_add(s->loop, &l->io, EPOLLIN)) != SC_OK) {
		sc_diag_set(diag, "cannot watch the socket of %s", address);
		close(l->io.fd);
		goto out;
	}
	if (port != NULL)
		*port = socket_port(l->io.fd);
	listener_add(s, l);
	l = NULL;
out:
	free(l);
	return err;
}

enum sc_err http_server_listen_along(struct http_server *s)
{
	struct listener *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return SC_NOMEM;
	l->io.fd = -1;
	listener_add(s, l);
	return SC_OK;
}

static void listener_close(struct http_server *s, struct listener *l)
{
	if (l->io.fd >= 0) {
		loop_remove(s->loop, &l->io);
		loop_timer_clear(s->loop, &l->retry);
		close(l->io.fd);
	}
	free(l);
}

void listen_leave(struct http_server *s)
{
	struct http_server **at = &s->shared->servers;
	struct listener *l;

	pthread_mutex_lock(&s->shared->lock);
	while (*at != NULL && *at != s)
		at = &(*at)->next_shared;
	if (*at == s)
		*at = s->next_shared;
	pthread_mutex_unlock(&s->shared->lock);
	if (s->ready) {
		loop_wake_fini(&s->arrived);
		listen_on_arrival(&s->arrived); /* those already promised */
	}
	s->ready = false;
	while ((l = s->listeners) != NULL) {
		s->listeners = l->next;
		listener_close(s, l);
	}
}
