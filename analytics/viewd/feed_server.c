/*
 * feed_server.c - HELLO, then packets of frames, each durable before it is answered.
 *
 * The disk is waited for on the loop: what the feed is told is that its frames are on the
 * disk, and nobody else waits for anything here but an operator.
 *
 *	let in -> HELLO -> AT -> BATCH and frames -> AT -> ...
 *
 * A spool has one connection: a gateway that comes again has lost the one before.
 */
#include "analytics/viewd/feed_server.h"

#include "analytics/viewd/door.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/weak.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PEERS_MAX 32
#define PACKETS_A_TURN 8 /* of one peer, before the others have theirs */
#define HELLO_MS 10000
#define PACKET_BYTES ((size_t)FEED_PACKET_FRAMES * FEED_FRAME_BYTES)

struct feed_peer {
	struct feed_server *of;
	struct loop_io io; /* fd -1: this place is free */
	struct loop_timer patience;
	uint64_t spool; /* 0: it did not say yet */
	bool owes;      /* an AT waits until the peer reads */
};

struct feed_server {
	struct loop *loop;
	struct view *view;
	const struct view_settings *settings;
	struct view_door door;
	struct feed_peer peers[PEERS_MAX];
	uint8_t packet[PACKET_BYTES];
	struct feed_frame frames[FEED_PACKET_FRAMES];
};

static void drop(struct feed_peer *p)
{
	loop_remove(p->of->loop, &p->io);
	loop_timer_clear(p->of->loop, &p->patience);
	close(p->io.fd);
	p->io.fd = -1;
	p->spool = 0;
	p->owes = false;
}

/* ---- answers --------------------------------------------------------------------------- */

/* One AT is owed at most: until it has left nothing more is read. False: the peer is gone. */
static bool answer(struct feed_peer *p)
{
	struct feed_frame f = { .type = FEED_AT };
	uint8_t raw[FEED_FRAME_BYTES];
	ssize_t n = -1;

	f.u.at = (struct feed_at){ p->spool, view_next(p->of->view, p->spool) };
	if (feed_encode(&f, raw) == SC_OK)
		n = send(p->io.fd, raw, sizeof(raw), MSG_DONTWAIT | MSG_NOSIGNAL);
	p->owes = n < 0 && errno == EAGAIN;
	return (n == (ssize_t)sizeof(raw) || p->owes) &&
	    loop_change(p->of->loop, &p->io, p->owes ? EPOLLOUT : EPOLLIN) == SC_OK;
}

/* ---- what comes --------------------------------------------------------------------------- */

static enum sc_err hello(struct feed_peer *p, const struct feed_frame *f, size_t n)
{
	struct feed_server *s = p->of;

	if (n != 1 || f->type != FEED_HELLO)
		return SC_SYNTAX;
	for (size_t i = 0; i < PEERS_MAX; i++)
		if (s->peers[i].io.fd >= 0 && s->peers[i].spool == f->u.hello.spool)
			drop(&s->peers[i]);
	p->spool = f->u.hello.spool;
	loop_timer_clear(s->loop, &p->patience);
	return SC_OK;
}

/*
 * A gateway tells what its rules set aside. An operator's word goes before every rule, and comes by
 * the operators' socket alone, where the kernel says whose it is.
 */
static bool may_bring(const struct feed_frame *f)
{
	return f->type != FEED_VERDICT || WEAK("operator-by-feed") ||
	    (f->u.verdict.action == FEED_QUARANTINE && f->u.verdict.scope == FEED_OF_EVENT);
}

static enum sc_err batch(struct feed_peer *p, const struct feed_frame *f, size_t n)
{
	if (f->type != FEED_BATCH || f->u.batch.n != n - 1)
		return SC_SYNTAX;
	for (size_t i = 1; i < n; i++)
		if (!may_bring(&f[i]))
			return SC_SYNTAX;
	return view_feed(p->of->view, p->spool, f->u.batch.first, f + 1, n - 1);
}

static enum sc_err take_packet(struct feed_peer *p, size_t bytes)
{
	struct feed_server *s = p->of;
	const size_t n = bytes / FEED_FRAME_BYTES;
	enum sc_err err;

	if (bytes > PACKET_BYTES || bytes % FEED_FRAME_BYTES != 0)
		return SC_SYNTAX;
	for (size_t i = 0; i < n; i++)
		if ((err = feed_decode(s->packet + i * FEED_FRAME_BYTES, &s->frames[i])) != SC_OK)
			return err;
	return p->spool == 0 ? hello(p, s->frames, n) : batch(p, s->frames, n);
}

/* What was refused may be anything: it is in no buffer any more. */
static void refuse(struct feed_peer *p, enum sc_err err)
{
	sc_wipe(p->of->packet, sizeof(p->of->packet));
	sc_wipe(p->of->frames, sizeof(p->of->frames));
	log_event(err == SC_IO ? LOG_ERROR : LOG_WARN, "feed.dropped", LOG_ERR("err", err),
	    LOG_HEX64("spool", p->spool), LOG_END);
	drop(p);
}

static void on_ready(struct loop_io *io, uint32_t events)
{
	struct feed_peer *p = loop_owner(io, struct feed_peer, io);
	bool ended = false;
	enum sc_err err;
	size_t n;

	if ((events & EPOLLOUT) != 0 && p->owes && !answer(p)) {
		drop(p);
		return;
	}
	for (int i = 0; i < PACKETS_A_TURN && !p->owes && !ended; i++) {
		if (!view_door_receive(io->fd, p->of->packet, PACKET_BYTES, &n, &ended))
			break;
		if ((err = take_packet(p, n)) != SC_OK) {
			refuse(p, err);
			return;
		}
		ended = !answer(p);
	}
	if (ended || (events & (EPOLLERR | EPOLLHUP)) != 0)
		drop(p);
}

/* ---- letting in ----------------------------------------------------------------------------- */

static void on_impatient(struct loop_timer *t)
{
	refuse(loop_owner(t, struct feed_peer, patience), SC_AGAIN);
}

static struct feed_peer *free_place(struct feed_server *s)
{
	for (size_t i = 0; i < PEERS_MAX; i++)
		if (s->peers[i].io.fd < 0)
			return &s->peers[i];
	return NULL;
}

static void on_peer(struct view_door *door, int fd, uid_t uid)
{
	struct feed_server *s = loop_owner(door, struct feed_server, door);
	struct feed_peer *p = free_place(s);

	if (p == NULL || !view_uid_is_among(uid, s->settings->peers, s->settings->n_peers, false)) {
		log_event(LOG_WARN, "feed.refused", LOG_U64("uid", uid), LOG_END);
		close(fd);
		return;
	}
	p->io.fd = fd;
	loop_timer_set(s->loop, &p->patience, HELLO_MS);
	if (loop_add(s->loop, &p->io, EPOLLIN) != SC_OK)
		drop(p);
}

/* ---- life ------------------------------------------------------------------------------------- */

enum sc_err feed_server_open(struct loop *l, struct view *v, const struct view_settings *settings,
    struct sc_diag *d, struct feed_server **out)
{
	struct feed_server *s = calloc(1, sizeof(*s));
	bool others = false;
	enum sc_err err;

	*out = NULL;
	if (s == NULL)
		return SC_NOMEM;
	s->loop = l;
	s->view = v;
	s->settings = settings;
	s->door = (struct view_door){ .io.fd = -1, .on_peer = on_peer };
	for (size_t i = 0; i < PEERS_MAX; i++) {
		s->peers[i] =
		    (struct feed_peer){ .of = s, .io = { .fd = -1, .on_ready = on_ready } };
		loop_timer_init(&s->peers[i].patience, on_impatient);
	}
	for (size_t i = 0; i < settings->n_peers; i++)
		others |= settings->peers[i] != geteuid();
	if ((err = view_door_open(&s->door, l, settings->feed, others, d)) != SC_OK) {
		feed_server_close(s);
		return err;
	}
	*out = s;
	return SC_OK;
}

enum sc_err feed_server_start(struct feed_server *s)
{
	return view_door_start(&s->door);
}

void feed_server_close(struct feed_server *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < PEERS_MAX; i++)
		if (s->peers[i].io.fd >= 0)
			drop(&s->peers[i]);
	view_door_close(&s->door);
	free(s);
}
