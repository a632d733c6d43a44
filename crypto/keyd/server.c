/*
 * server.c - packets of frames in and out.
 * Everything that has arrived is read and worked on first; what is to be said to a
 * peer then leaves at the end of the turn, in one packet where it fits.
 *
 * A peer that sends what no honest peer sends is dropped, and we go on.
 */
#include "crypto/keyd/server_int.h"

#include "base/log.h"
#include "crypto/prim/vault.h"

#include <stdlib.h>

#define PACKETS_A_TURN 64
#define LOOK_MS 1000
#define WAITING_MAX ((size_t)16 << 20) /* bytes unsent: read no more from that peer */

struct peer *server_find(void *arg, uint64_t id)
{
	struct server *s = arg;

	for (size_t i = 0; i < s->n_peers; i++)
		if (s->peers[i].id == id && id != 0 && !s->peers[i].broken)
			return &s->peers[i];
	return NULL;
}

/* ---- packets in ---- */

static size_t waiting(const struct peer *p)
{
	return p->out.n - p->sent + p->held.n;
}

/* Who came from another host proves who it is first. True when it has. */
static bool far_meets(struct server *s, struct peer *p)
{
	enum sc_err err = wire_link_meet(&p->link);

	if (err == SC_AGAIN)
		err = loop_change(s->loop, &p->io,
			  wire_link_events(&p->link, false, !p->link.reads_to_send)) == SC_OK ?
		    SC_AGAIN :
		    SC_IO;
	p->met = err == SC_OK && stream_peer_spki(&p->link.stream, p->spki) &&
	    loop_change(s->loop, &p->io, EPOLLIN) == SC_OK;
	p->broken = err != SC_AGAIN && !p->met;
	if (p->met) {
		loop_timer_clear(s->loop, &p->wait);
		log_event(LOG_INFO, "keyd.peer_far", LOG_U64("peer", p->id), LOG_END);
	} else if (p->broken)
		log_event(LOG_WARN, "keyd.peer_refused", LOG_STR("why", "its key is not known"),
		    LOG_U64("peer", p->id), LOG_END);
	return p->met;
}

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

static void read_all(struct server *s, struct peer *p)
{
	enum sc_err err;
	size_t n;

	/* the records of all that has arrived are one write, begun by on_turn() */
	if (!s->gathering)
		tlog_gather(s->log);
	s->gathering = true;
	for (int i = 0; i < PACKETS_A_TURN && !p->broken; i++) {
		if ((err = wire_link_receive(&p->link, s->in, &n)) == SC_AGAIN)
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
	/* what was taken off a stream already makes no descriptor readable */
	if (!p->broken && wire_link_waits(&p->link))
		loop_timer_set(s->loop, &p->wait, 0);
}

static void on_ready(struct loop_io *io, uint32_t events)
{
	struct peer *p = loop_owner(io, struct peer, io);
	struct server *s = p->owner;

	if (p->broken)
		return;
	if (!p->met && !far_meets(s, p))
		return;
	if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0)
		read_all(s, p);
}

/* It has had its time to prove who it is; or there is more to read. */
static void on_wait(struct loop_timer *t)
{
	struct peer *p = loop_owner(t, struct peer, wait);
	struct server *s = p->owner;

	if (p->broken)
		return;
	if (p->met && waiting(p) <= WAITING_MAX)
		read_all(s, p);
	else if (!p->met)
		p->broken = true;
}

/* ---- packets out ---- */

static void flush(struct server *s, struct peer *p)
{
	const bool deaf = waiting(p) > WAITING_MAX || s->draining;
	bool full;

	if (wire_link_send(&p->link, &p->out, &p->sent, &full) != SC_OK ||
	    loop_change(s->loop, &p->io, wire_link_events(&p->link, deaf, full)) != SC_OK)
		p->broken = true;
	/* it was deaf, and what it had taken already makes no descriptor readable */
	else if (!deaf && wire_link_waits(&p->link) && !loop_timer_is_set(&p->wait))
		loop_timer_set(s->loop, &p->wait, 0);
}

static void drop(struct server *s, struct peer *p)
{
	loop_remove(s->loop, &p->io);
	loop_timer_clear(s->loop, &p->wait);
	wire_link_close(&p->link);
	peer_fini(p);
}

/* Another policy, or something broke: every peer is told. */
static void greet(struct server *s)
{
	for (size_t i = 0; i < s->n_peers; i++)
		if (s->peers[i].id != 0 && !s->peers[i].broken)
			engine_greet(s->engine, &s->peers[i]);
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
		greet(s);
	}
	for (size_t i = 0; i < s->n_peers; i++) {
		struct peer *p = &s->peers[i];

		if (p->id == 0)
			continue;
		if (!p->broken && p->n > 0 && peer_release(p, durable, failed) != SC_OK)
			p->broken = true;
		if (!p->broken && p->met)
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

/* ---- life ---- */

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
	s->turn.on_turn = on_turn;
	s->on_ready = on_ready;
	s->on_wait = on_wait;
	doors_init(s);
	if ((s->in = malloc(WIRE_PACKET_MAX + 1)) == NULL || (err = doors_open(s, d)) != SC_OK)
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
	err = tlog_on_durable(log, on_durable, s);
	return err != SC_OK ? err : doors_watch(s);
}

void server_rejoin(struct server *s)
{
	for (size_t i = 0; i < s->n_peers; i++)
		if (s->peers[i].id != 0)
			engine_rejoin(s->engine, &s->peers[i]);
	greet(s);
}

void server_drain(struct server *s, uint64_t ms)
{
	if (s->draining)
		return;
	s->draining = true;
	doors_unwatch(s);
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
		doors_unwatch(s);
		loop_turn_remove(s->loop, &s->turn);
		loop_timer_clear(s->loop, &s->deadline);
		loop_timer_clear(s->loop, &s->look);
		loop_wake_fini(&s->durable);
	}
	doors_close(s);
	free(s->in);
	free(s);
}
