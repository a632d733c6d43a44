/*
 * server.c - SEQPACKET listeners: one for those who ask, one for operators.
 * Everything that has arrived is read and worked on first; what is to be said to a
 * peer then leaves at the end of the turn, in one packet where it fits.
 *
 * A peer that sends what no honest peer sends is dropped, and we go on.
 */
#include "crypto/keyd/server.h"

#include "base/log.h"
#include "base/weak.h"
#include "crypto/prim/vault.h"
#include "crypto/wire/packet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define PACKETS_A_TURN 64
#define LOOK_MS 1000
#define WAITING_MAX ((size_t)16 << 20) /* bytes unsent: read no more from that peer */

/* A socket that is listened at. */
struct server_door {
	struct loop_io io;
	struct server *of;
	const char *path; /* NULL: there is none */
	bool operates;    /* for keyd's own user and root alone */
};

#define DOORS 2

struct server {
	struct loop *loop;
	const struct settings *settings;
	struct server_door doors[DOORS];
	struct engine *engine;
	struct tlog *log;
	struct loop_turn turn;
	struct loop_wake durable;
	struct loop_timer deadline;
	bool started, draining;
	bool gathering;         /* this turn's records wait for its end */
	uint8_t trouble;        /* as every peer was told */
	struct loop_timer look; /* at it, also when nobody asks anything */
	uint64_t next_id;
	uint8_t *in;
	struct peer peers[SERVER_PEERS_MAX + SERVER_OPERATORS];
	size_t n_peers; /* none behind these was ever used: a turn looks at no more */
};

struct peer *server_find(void *arg, uint64_t id)
{
	struct server *s = arg;

	for (size_t i = 0; i < s->n_peers; i++)
		if (s->peers[i].id == id && id != 0 && !s->peers[i].broken)
			return &s->peers[i];
	return NULL;
}

/* ---- packets in ---- */

static enum sc_err take_packet(struct server *s, struct peer *p, struct sc_span packet)
{
	struct wire_frame f;
	enum sc_err err;

	while (packet.n > 0)
		if ((err = wire_frame_decode(&packet, &f)) != SC_OK ||
		    (err = engine_frame(s->engine, p, &f)) != SC_OK)
			return err;
	return SC_OK;
}

static void on_ready(struct loop_io *io, uint32_t events)
{
	struct peer *p = loop_owner(io, struct peer, io);
	struct server *s = p->owner;
	enum sc_err err;
	size_t n;

	if (p->broken || (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) == 0)
		return;
	/* the records of all that has arrived are one write, begun by on_turn() */
	if (!s->gathering)
		tlog_gather(s->log);
	s->gathering = true;
	for (int i = 0; i < PACKETS_A_TURN && !p->broken; i++) {
		if ((err = packet_receive(io->fd, s->in, &n)) == SC_AGAIN)
			return;
		p->broken = err == SC_IO;
		if (p->broken)
			return;
		if (err != SC_OK || s->draining || take_packet(s, p, sc_span(s->in, n)) != SC_OK) {
			log_event(LOG_WARN, "keyd.peer_dropped", LOG_U64("peer", p->id),
			    LOG_STR("why", "malformed"), LOG_END);
			p->broken = true;
		}
		sc_wipe(s->in, n > WIRE_PACKET_MAX ? WIRE_PACKET_MAX + 1 : n);
	}
}

/* ---- packets out ---- */

static size_t waiting(const struct peer *p)
{
	return p->out.n - p->sent + p->held.n;
}

static void flush(struct server *s, struct peer *p)
{
	uint32_t events = waiting(p) > WAITING_MAX || s->draining ? 0 : EPOLLIN;
	bool full;

	if (packet_send(p->io.fd, &p->out, &p->sent, &full) != SC_OK ||
	    loop_change(s->loop, &p->io, full ? events | EPOLLOUT : events) != SC_OK)
		p->broken = true;
}

static void drop(struct server *s, struct peer *p)
{
	loop_remove(s->loop, &p->io);
	close(p->io.fd);
	peer_fini(p);
}

static void on_turn(struct loop_turn *t)
{
	struct server *s = loop_owner(t, struct server, turn);
	uint64_t durable = tlog_durable(s->log);
	bool failed = tlog_failed(s->log), idle = true;

	if (s->gathering)
		tlog_go(s->log);
	s->gathering = false;
	engine_rest(s->engine);
	engine_durable(s->engine, durable, failed);
	if (engine_trouble(s->engine) != s->trouble) {
		s->trouble = engine_trouble(s->engine);
		server_greet(s);
	}
	for (size_t i = 0; i < s->n_peers; i++) {
		struct peer *p = &s->peers[i];

		if (p->id == 0)
			continue;
		if (!p->broken && p->n > 0 && peer_release(p, durable, failed) != SC_OK)
			p->broken = true;
		if (!p->broken)
			flush(s, p);
		if (p->broken)
			drop(s, p);
		else if (waiting(p) > 0)
			idle = false;
	}
	if (s->draining && idle && engine_pending(s->engine) == 0)
		loop_stop(s->loop);
	vault_sweep();
}

/* The turn hook does the work; the wake only makes a turn. */
static void on_durable_wake(struct loop_wake *w)
{
	(void)w;
}

/* The same for the timer: it only sees to it that there are turns. */
static void on_look(struct loop_timer *t)
{
	loop_timer_set(loop_owner(t, struct server, look)->loop, t, LOOK_MS);
}

static void on_durable(void *arg)
{
	struct server *s = arg;

	loop_wake_post(&s->durable);
}

/* ---- accepting ---- */

static bool is_peer(const struct server *s, uid_t uid)
{
	for (size_t i = 0; i < s->settings->n_gateways; i++)
		if (s->settings->gateways[i].uid == uid || WEAK("any-peer"))
			return true;
	return false;
}

static bool allowed(const struct server_door *door, int fd, struct ucred *who)
{
	socklen_t n = sizeof(*who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, who, &n) != 0)
		return false;
	return door->operates ? who->uid == 0 || who->uid == geteuid() :
				is_peer(door->of, who->uid);
}

static enum sc_err admit(struct server *s, int fd, uid_t uid, bool operates)
{
	const size_t places = SERVER_PEERS_MAX + (operates ? SERVER_OPERATORS : 0);
	const int room = 4 << 20;
	struct peer *p;
	size_t i;

	for (i = 0; i < s->n_peers && s->peers[i].id != 0; i++)
		;
	if (i >= places)
		return SC_LIMIT;
	if (i == s->n_peers)
		s->n_peers++;
	p = &s->peers[i];
	peer_init(p, ++s->next_id);
	p->owner = s;
	p->uid = uid;
	p->operates = operates;
	p->io.fd = fd;
	p->io.on_ready = on_ready;
	/* more when the system allows it; the default is enough */
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	if (loop_add(s->loop, &p->io, EPOLLIN) != SC_OK) {
		peer_fini(p);
		return SC_IO;
	}
	return SC_OK;
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
	} else if (admit(s, fd, who.uid, door->operates) != SC_OK) {
		log_event(LOG_WARN, "keyd.peer_refused", LOG_STR("why", "too many"),
		    LOG_U64("pid", (uint64_t)who.pid), LOG_END);
		close(fd);
	} else
		log_event(LOG_INFO, "keyd.peer", LOG_U64("peer", s->next_id),
		    LOG_U64("pid", (uint64_t)who.pid), LOG_END);
}

/* ---- life ---- */

/* Others need write access to connect at all; who they are is checked above. */
static mode_t socket_mode(const struct server_door *door)
{
	const struct settings *st = door->of->settings;

	for (size_t i = 0; !door->operates && i < st->n_gateways; i++)
		if (st->gateways[i].uid != geteuid())
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

static enum sc_err open_doors(struct server *s, struct sc_diag *d)
{
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < DOORS && err == SC_OK; i++)
		if (s->doors[i].path != NULL)
			err = listen_at(&s->doors[i], d);
	return err;
}

enum sc_err server_open(struct loop *l, const struct settings *st, struct sc_diag *d,
    struct server **out)
{
	struct server *s;
	enum sc_err err = SC_NOMEM;

	*out = NULL;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return SC_NOMEM;
	s->loop = l;
	s->settings = st;
	s->doors[0].path = st->socket;
	s->doors[1].path = st->operator_;
	s->doors[1].operates = true;
	for (size_t i = 0; i < DOORS; i++) {
		s->doors[i].of = s;
		s->doors[i].io.fd = -1;
		s->doors[i].io.on_ready = on_listener;
	}
	s->turn.on_turn = on_turn;
	if ((s->in = malloc(WIRE_PACKET_MAX + 1)) == NULL || (err = open_doors(s, d)) != SC_OK)
		goto out;
	*out = s;
	s = NULL;
out:
	server_close(s);
	return err;
}

static void on_deadline(struct loop_timer *t)
{
	loop_stop(loop_owner(t, struct server, deadline)->loop);
}

enum sc_err server_start(struct server *s, struct engine *e, struct tlog *log)
{
	enum sc_err err;

	s->engine = e;
	s->log = log;
	loop_timer_init(&s->deadline, on_deadline);
	loop_timer_init(&s->look, on_look);
	loop_timer_set(s->loop, &s->look, LOOK_MS);
	loop_wake_init(s->loop, &s->durable, on_durable_wake);
	loop_turn_add(s->loop, &s->turn);
	s->started = true;
	if ((err = tlog_on_durable(log, on_durable, s)) != SC_OK)
		return err;
	for (size_t i = 0; i < DOORS && err == SC_OK; i++)
		if (s->doors[i].io.fd >= 0)
			err = loop_add(s->loop, &s->doors[i].io, EPOLLIN);
	return err;
}

static void remove_doors(struct server *s)
{
	for (size_t i = 0; i < DOORS; i++)
		if (s->doors[i].io.fd >= 0)
			loop_remove(s->loop, &s->doors[i].io);
}

void server_greet(struct server *s)
{
	for (size_t i = 0; i < s->n_peers; i++)
		if (s->peers[i].id != 0 && !s->peers[i].broken)
			engine_greet(s->engine, &s->peers[i]);
}

void server_drain(struct server *s, uint64_t ms)
{
	if (s->draining)
		return;
	s->draining = true;
	remove_doors(s);
	loop_timer_set(s->loop, &s->deadline, ms);
}

void server_close(struct server *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->n_peers; i++)
		if (s->peers[i].id != 0)
			drop(s, &s->peers[i]);
	if (s->started) {
		remove_doors(s);
		loop_turn_remove(s->loop, &s->turn);
		loop_timer_clear(s->loop, &s->deadline);
		loop_timer_clear(s->loop, &s->look);
		loop_wake_fini(&s->durable);
	}
	for (size_t i = 0; i < DOORS; i++)
		if (s->doors[i].io.fd >= 0) {
			close(s->doors[i].io.fd);
			(void)unlink(s->doors[i].path);
		}
	free(s->in);
	free(s);
}
