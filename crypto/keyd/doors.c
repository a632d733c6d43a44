/*
 * doors.c - the sockets that keyd listens at: who may come in, and their place among the peers.
 */
#include "crypto/keyd/server_int.h"

#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define MEET_MS 5000 /* in which who comes from another host proves who it is */

/* ---- accepting ---- */

static bool allowed(const struct server_door *door, int fd, struct ucred *who)
{
	socklen_t n = sizeof(*who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, who, &n) != 0)
		return false;
	return door->operates ? who->uid == 0 || who->uid == geteuid() :
				engine_admits(door->of->engine, who->uid);
}

/* A place for one more, or NULL. */
static struct peer *new_peer(struct server *s, size_t places)
{
	struct peer *p;
	size_t i;

	for (i = 0; i < s->n_peers && s->peers[i].id != 0; i++)
		;
	if (i >= places)
		return NULL;
	if (i == s->n_peers)
		s->n_peers++;
	p = &s->peers[i];
	peer_init(p, ++s->next_id);
	p->owner = s;
	p->io.on_ready = s->on_ready;
	loop_timer_init(&p->wait, s->on_wait);
	return p;
}

/* P's link is made. */
static enum sc_err admit(struct server *s, struct peer *p)
{
	p->io.fd = p->link.stream.fd;
	if (loop_add(s->loop, &p->io, p->met ? EPOLLIN : EPOLLIN | EPOLLOUT) == SC_OK)
		return SC_OK;
	wire_link_close(&p->link);
	peer_fini(p);
	return SC_IO;
}

static enum sc_err admit_near(struct server *s, int fd, uid_t uid, bool operates)
{
	struct peer *p = new_peer(s, SERVER_PEERS_MAX + (operates ? SERVER_OPERATORS : 0));
	const int room = 4 << 20;

	if (p == NULL) {
		close(fd);
		return SC_LIMIT;
	}
	p->uid = uid;
	p->operates = operates;
	p->met = true;
	/* more when the system allows it; the default is enough */
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	wire_link_init_packets(&p->link, fd);
	return admit(s, p);
}

static void on_listener(struct loop_io *io, uint32_t events)
{
	struct server_door *door = loop_owner(io, struct server_door, io);
	struct server *s = door->of;
	struct ucred who = { .pid = 0 };
	int fd;

	(void)events;
	fd = accept4(io->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return;
	if (!allowed(door, fd, &who)) {
		log_event(LOG_WARN, "keyd.peer_refused", LOG_STR("why", "uid"),
		    LOG_U64("pid", (uint64_t)who.pid), LOG_END);
		close(fd);
	} else if (admit_near(s, fd, who.uid, door->operates) != SC_OK) {
		log_event(LOG_WARN, "keyd.peer_refused", LOG_STR("why", "too many"),
		    LOG_U64("pid", (uint64_t)who.pid), LOG_END);
	} else
		log_event(LOG_INFO, "keyd.peer", LOG_U64("peer", s->next_id),
		    LOG_U64("pid", (uint64_t)who.pid), LOG_END);
}

/* How many from other hosts are here; and of those, how many have not met yet. */
static size_t count_far(const struct server *s, bool unmet)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_peers; i++)
		n += s->peers[i].id != 0 && s->peers[i].far && !(unmet && s->peers[i].met);
	return n;
}

static void on_far(struct loop_io *io, uint32_t events)
{
	struct server *s = loop_owner(io, struct server, far_io);
	const bool full = count_far(s, false) >= SERVER_FAR_MAX ||
	    count_far(s, true) >= SERVER_UNMET_MAX;
	struct wire_link link = { .stream = { .fd = -1 } };
	struct peer *p = NULL;

	(void)events;
	if (far_door_accept(s->far, &link) != SC_OK || full ||
	    (p = new_peer(s, SERVER_PEERS_MAX)) == NULL) {
		if (link.stream.fd >= 0)
			log_event(LOG_WARN, "keyd.peer_refused", LOG_STR("why", "too many"),
			    LOG_END);
		wire_link_close(&link);
		return;
	}
	p->far = true;
	p->uid = UINT32_MAX;
	p->link = link;
	if (admit(s, p) == SC_OK)
		loop_timer_set(s->loop, &p->wait, MEET_MS);
}

/* ---- listening ---- */

/* Others need write access to connect at all; who they are is checked above. */
static mode_t socket_mode(const struct server_door *door)
{
	const struct settings *st = door->of->settings;

	for (size_t i = 0; !door->operates && i < st->n_gateways; i++)
		if (st->gateways[i].uid != geteuid() && st->gateways[i].uid != SETTINGS_NO_UID)
			return 0666;
	return 0600;
}

static enum sc_err listen_at(struct server_door *door, struct sc_diag *d)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct stat st;
	mode_t before;
	int r;

	snprintf(d->file, sizeof(d->file), "%.255s", door->path);
	if (strlen(door->path) >= sizeof(a.sun_path)) {
		sc_diag_set(d, "a socket's path may have at most %zu bytes",
		    sizeof(a.sun_path) - 1);
		return SC_LIMIT;
	}
	memcpy(a.sun_path, door->path, strlen(door->path) + 1);
	if (lstat(door->path, &st) == 0 && S_ISSOCK(st.st_mode))
		(void)unlink(door->path);
	door->io.fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	before = umask(0177);
	r = door->io.fd < 0 ? -1 : bind(door->io.fd, (const struct sockaddr *)&a, sizeof(a));
	umask(before);
	if (r != 0 || chmod(door->path, socket_mode(door)) != 0 || listen(door->io.fd, 64) != 0) {
		sc_diag_set(d, "cannot listen: %s", strerror(errno));
		return SC_IO;
	}
	return SC_OK;
}

/* ---- all of them ---- */

/* A gateway of another host is one whose key stands in keyd's file. */
static bool knows(void *arg, const uint8_t spki[static TLS_SPKI_BYTES])
{
	const struct server *s = arg;

	return engine_admits_key(s->engine, spki);
}

void doors_init(struct server *s)
{
	s->doors[0].path = s->settings->socket;
	s->doors[1].path = s->settings->operator_;
	s->doors[1].operates = true;
	for (size_t i = 0; i < DOORS; i++) {
		s->doors[i].of = s;
		s->doors[i].io.fd = -1;
		s->doors[i].io.on_ready = on_listener;
	}
	s->far_io.fd = -1;
	s->far_io.on_ready = on_far;
	s->pins = (struct tls_pins){ knows, s };
}

enum sc_err doors_open(struct server *s, struct sc_diag *d)
{
	const struct settings_listen *far = &s->settings->listen;
	const struct far_place place = { far->address, far->cert, far->key };
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < DOORS && err == SC_OK; i++)
		if (s->doors[i].path != NULL)
			err = listen_at(&s->doors[i], d);
	if (err == SC_OK && far->address != NULL &&
	    (err = far_door_open(&place, &s->pins, d, &s->far)) == SC_OK)
		s->far_io.fd = far_door_fd(s->far);
	return err;
}

enum sc_err doors_watch(struct server *s)
{
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < DOORS && err == SC_OK; i++)
		if (s->doors[i].io.fd >= 0)
			err = loop_add(s->loop, &s->doors[i].io, EPOLLIN);
	if (err == SC_OK && s->far != NULL)
		err = loop_add(s->loop, &s->far_io, EPOLLIN);
	return err;
}

void doors_unwatch(struct server *s)
{
	for (size_t i = 0; i < DOORS; i++)
		if (s->doors[i].io.fd >= 0)
			loop_remove(s->loop, &s->doors[i].io);
	loop_remove(s->loop, &s->far_io);
}

void doors_close(struct server *s)
{
	for (size_t i = 0; i < DOORS; i++)
		if (s->doors[i].io.fd >= 0) {
			close(s->doors[i].io.fd);
			(void)unlink(s->doors[i].path);
		}
	far_door_close(s->far);
}
