/*
 * operator.c - a question is a row: what answers it, and whether a job goes on behind it.
 */
#include "analytics/viewd/operator.h"

#include "analytics/viewd/door.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/weak.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define PEERS_MAX 8
#define ASK_MS 10000 /* for the question, and for reading the answer */
#define PROGRESS_MS 200
#define OUT_FRAMES 4096
#define PACKET_FRAMES 512

struct operator_peer {
	struct operator_server *of;
	struct loop_io io;       /* fd -1: this place is free */
	struct loop_timer timer; /* patience, or the next PROGRESS */
	uid_t uid;
	uint64_t job; /* that is waited for; 0: none */
	void (*came)(const struct view *v, view_tell_fn *tell, void *arg); /* what of it */
	bool asked, ended;                                                 /* END stands in OUT */
	struct sc_buf out; /* frames that have not left */
	enum sc_err err;   /* what went wrong while telling */
};

struct operator_server {
	struct loop *loop;
	struct view *view;
	const struct view_settings *settings;
	struct view_door door;
	struct operator_peer peers[PEERS_MAX];
};

static void drop(struct operator_peer *p)
{
	loop_remove(p->of->loop, &p->io);
	loop_timer_clear(p->of->loop, &p->timer);
	close(p->io.fd);
	sc_buf_fini(&p->out);
	p->io.fd = -1;
}

/* ---- answers ------------------------------------------------------------------------------ */

static void tell(void *arg, const struct feed_frame *f)
{
	struct operator_peer *p = arg;
	uint8_t raw[FEED_FRAME_BYTES];
	enum sc_err err;

	if ((err = feed_encode(f, raw)) == SC_OK)
		err = sc_buf_put(&p->out, raw, sizeof(raw));
	if (err != SC_OK && p->err == SC_OK)
		p->err = err;
}

static void end(struct operator_peer *p, enum sc_err err)
{
	struct feed_frame f = { .type = FEED_END };

	f.u.end.err = (uint8_t)(err == SC_OK ? p->err : err);
	p->job = 0;
	p->ended = true;
	tell(p, &f);
}

/* What stands in OUT leaves; when END has left too, so does the peer. */
static void flush(struct operator_peer *p)
{
	struct loop *l = p->of->loop;
	ssize_t n = 0;

	while (p->out.n > 0) {
		size_t most = (size_t)PACKET_FRAMES * FEED_FRAME_BYTES;

		n = send(p->io.fd, p->out.p, p->out.n < most ? p->out.n : most,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n <= 0)
			break;
		sc_buf_consume(&p->out, (size_t)n);
	}
	if (n < 0 && errno == EAGAIN) {
		if (loop_change(l, &p->io, EPOLLOUT) == SC_OK)
			return;
	} else if (n >= 0 && !p->ended && loop_change(l, &p->io, EPOLLIN) == SC_OK)
		return;
	drop(p);
}

/* ---- questions ------------------------------------------------------------------------------ */

/* SC_OK with p->job set: it goes on. */
typedef enum sc_err question_fn(struct operator_peer *p, const struct feed_ask *ask);

static enum sc_err ask_status(struct operator_peer *p, const struct feed_ask *ask)
{
	(void)ask;
	view_status(p->of->view, tell, p);
	return SC_OK;
}

static enum sc_err ask_why_event(struct operator_peer *p, const struct feed_ask *ask)
{
	return view_why_event(p->of->view, ask->event, tell, p);
}

static enum sc_err ask_why_rule(struct operator_peer *p, const struct feed_ask *ask)
{
	view_why_rule(p->of->view, ask->rule, ask->max, tell, p);
	return SC_OK;
}

static enum sc_err do_release(struct operator_peer *p, const struct feed_ask *ask)
{
	return view_judge(p->of->view, ask, FEED_RELEASE, p->uid, tell, p);
}

static enum sc_err do_condemn(struct operator_peer *p, const struct feed_ask *ask)
{
	return view_judge(p->of->view, ask, FEED_CONDEMN, p->uid, tell, p);
}

static enum sc_err do_drop(struct operator_peer *p, const struct feed_ask *ask)
{
	p->came = view_tell_dropped;
	return view_drop(p->of->view, ask, &p->job);
}

static enum sc_err do_rebuild(struct operator_peer *p, const struct feed_ask *ask)
{
	(void)ask;
	p->came = view_tell_made;
	return view_rebuild(p->of->view, &p->job);
}

static enum sc_err do_draft(struct operator_peer *p, const struct feed_ask *ask)
{
	(void)ask;
	p->came = view_tell_drafted;
	return view_rebuild(p->of->view, &p->job);
}

static question_fn *const questions[FEED_QUESTION_END] = {
	[FEED_STATUS] = ask_status,
	[FEED_WHY_EVENT] = ask_why_event,
	[FEED_WHY_RULE] = ask_why_rule,
	[FEED_DO_RELEASE] = do_release,
	[FEED_DO_CONDEMN] = do_condemn,
	[FEED_DO_DROP] = do_drop,
	[FEED_DO_REBUILD] = do_rebuild,
	[FEED_DO_DRAFT] = do_draft,
};

/* A frame that is no question, or not the only one: nothing to answer. */
static bool take_question(struct operator_peer *p, const uint8_t *raw, size_t n)
{
	struct feed_frame f;
	enum sc_err err;

	if (n != FEED_FRAME_BYTES || feed_decode(raw, &f) != SC_OK || f.type != FEED_ASK)
		return false;
	p->asked = true;
	log_event(LOG_INFO, "operator.asks", LOG_U64("question", f.u.ask.question),
	    LOG_U64("uid", p->uid), LOG_END);
	err = questions[f.u.ask.question](p, &f.u.ask);
	if (err != SC_OK || p->job == 0)
		end(p, err);
	else
		loop_timer_set(p->of->loop, &p->timer, PROGRESS_MS);
	return true;
}

static void on_ready(struct loop_io *io, uint32_t events)
{
	struct operator_peer *p = loop_owner(io, struct operator_peer, io);
	uint8_t raw[FEED_FRAME_BYTES];
	bool ended = false;
	size_t n;

	if ((events & EPOLLIN) != 0 && view_door_receive(io->fd, raw, sizeof(raw), &n, &ended)) {
		if (p->asked || !take_question(p, raw, n)) {
			log_event(LOG_WARN, "operator.dropped", LOG_U64("uid", p->uid), LOG_END);
			sc_wipe(raw, sizeof(raw)); /* it may be anything */
			drop(p);
			return;
		}
	}
	if (ended || (events & (EPOLLERR | EPOLLHUP)) != 0)
		drop(p);
	else if (p->asked)
		flush(p);
}

/* ---- jobs ------------------------------------------------------------------------------------ */

static void on_timer(struct loop_timer *t)
{
	struct operator_peer *p = loop_owner(t, struct operator_peer, timer);
	struct feed_frame f = { .type = FEED_PROGRESS };
	enum sc_err err;

	if (p->job == 0) { /* it asked nothing, or does not read */
		drop(p);
		return;
	}
	if (!view_job_ended(p->of->view, p->job, &err, &f.u.progress)) {
		if (p->out.n == 0)
			tell(p, &f);
		loop_timer_set(p->of->loop, t, PROGRESS_MS);
	} else {
		if (err == SC_OK) {
			tell(p, &f);
			p->came(p->of->view, tell, p);
		}
		end(p, err);
	}
	flush(p);
}

/* ---- letting in ------------------------------------------------------------------------------- */

static struct operator_peer *free_place(struct operator_server *s)
{
	for (size_t i = 0; i < PEERS_MAX; i++)
		if (s->peers[i].io.fd < 0)
			return &s->peers[i];
	return NULL;
}

static void turn_away(int fd, enum sc_err err)
{
	struct feed_frame f = { .type = FEED_END, .u.end = { (uint8_t)err } };
	uint8_t raw[FEED_FRAME_BYTES], asked[FEED_FRAME_BYTES];

	if (feed_encode(&f, raw) == SC_OK)
		(void)!send(fd, raw, sizeof(raw), MSG_DONTWAIT | MSG_NOSIGNAL);
	/* what is closed with a question unread tells its peer of that before it tells why */
	(void)!recv(fd, asked, sizeof(asked), MSG_DONTWAIT);
	close(fd);
}

static void on_peer(struct view_door *door, int fd, uid_t uid)
{
	struct operator_server *s = loop_owner(door, struct operator_server, door);
	const struct view_settings *st = s->settings;
	struct operator_peer *p = free_place(s);

	if (!view_uid_is_among(uid, st->operators, st->n_operators, true) &&
	    !WEAK("any-operator")) {
		log_event(LOG_WARN, "operator.refused", LOG_U64("uid", uid), LOG_END);
		turn_away(fd, SC_AUTH);
		return;
	}
	if (p == NULL) {
		turn_away(fd, SC_LIMIT);
		return;
	}
	*p =
	    (struct operator_peer){ .of = s, .io = { .fd = fd, .on_ready = on_ready }, .uid = uid };
	sc_buf_init(&p->out, (size_t)OUT_FRAMES * FEED_FRAME_BYTES);
	loop_timer_init(&p->timer, on_timer);
	loop_timer_set(s->loop, &p->timer, ASK_MS);
	if (loop_add(s->loop, &p->io, EPOLLIN) != SC_OK)
		drop(p);
}

/* ---- life --------------------------------------------------------------------------------------- */

enum sc_err operator_server_open(struct loop *l, struct view *v,
    const struct view_settings *settings, struct sc_diag *d, struct operator_server **out)
{
	struct operator_server *s = calloc(1, sizeof(*s));
	bool others = settings->n_operators == 0 && geteuid() != 0;
	enum sc_err err;

	*out = NULL;
	if (s == NULL)
		return SC_NOMEM;
	s->loop = l;
	s->view = v;
	s->settings = settings;
	s->door = (struct view_door){ .io.fd = -1, .on_peer = on_peer };
	for (size_t i = 0; i < PEERS_MAX; i++)
		s->peers[i].io.fd = -1;
	for (size_t i = 0; i < settings->n_operators; i++)
		others |= settings->operators[i] != geteuid();
	if ((err = view_door_open(&s->door, l, settings->operator_, others, d)) != SC_OK) {
		operator_server_close(s);
		return err;
	}
	*out = s;
	return SC_OK;
}

enum sc_err operator_server_start(struct operator_server *s)
{
	return view_door_start(&s->door);
}

void operator_server_close(struct operator_server *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < PEERS_MAX; i++)
		if (s->peers[i].io.fd >= 0)
			drop(&s->peers[i]);
	view_door_close(&s->door);
	free(s);
}
