/*
 * feeder.c - the gateway's side of the feed, in the order in which it happens:
 * dial, greet, hear where viewd is, send a few packets ahead, hear what is durable.
 *
 *	APART --dial, HELLO--> GREETED --AT--> FEEDING --BATCH...--> <--AT...
 *	  ^                       |               |
 *	  '----- back-off <-------'---------------'  anything else, or the end
 */
#include "gateway/spool/feeder.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define BACK_OFF_MIN_MS 50
#define BACK_OFF_MAX_MS 1000
#define AHEAD (4 * (FEED_PACKET_FRAMES - 1)) /* frames on their way at once */

enum feeder_state { FEEDER_APART, FEEDER_GREETED, FEEDER_FEEDING };

/* Why a connection ended, each told in the log by a name of its own. */
enum feeder_why {
	WHY_NONE,
	WHY_ABSENT,
	WHY_GONE,
	WHY_NONSENSE,
	WHY_LOST,
	WHY_AHEAD,
	WHY_UNREADABLE
};

struct feeder {
	struct feeder_source source;
	struct sockaddr_un address;
	pthread_t thread;
	int wake;                 /* eventfd */
	_Atomic uint64_t stop_at; /* monotonic ms; 0: go on */
	_Atomic bool connected, failed;
	_Atomic uint64_t lost, dropped;

	/* the thread's own */
	enum feeder_state state;
	enum feeder_why told; /* what the log said last */
	int fd;               /* -1: none */
	uint64_t retry_at, back_off_ms;
	uint64_t sent, fed; /* numbers */
	uint8_t packet[FEED_PACKET_FRAMES * FEED_FRAME_BYTES];
	size_t packet_bytes; /* of a packet that the socket did not take yet */
	uint64_t packet_end;
};

/* ---- ending a connection ------------------------------------------------------------ */

static void tell(struct feeder *f, enum feeder_why why, uint64_t n)
{
	if (f->told == why)
		return;
	f->told = why;
	switch (why) {
	case WHY_NONE: log_event(LOG_INFO, "feeder.feeding", LOG_U64("from", n), LOG_END); break;
	case WHY_ABSENT: log_event(LOG_WARN, "feeder.nobody_there", LOG_END); break;
	case WHY_GONE: log_event(LOG_WARN, "feeder.gone", LOG_END); break;
	case WHY_NONSENSE: log_event(LOG_ERROR, "feeder.not_understood", LOG_END); break;
	case WHY_LOST: log_event(LOG_ERROR, "feeder.frames_lost", LOG_U64("n", n), LOG_END); break;
	case WHY_AHEAD:
		log_event(LOG_ERROR, "feeder.frames_unknown", LOG_U64("n", n), LOG_END);
		break;
	case WHY_UNREADABLE: log_event(LOG_ERROR, "feeder.spool_unreadable", LOG_END); break;
	}
}

static void part(struct feeder *f, enum feeder_why why, uint64_t n)
{
	atomic_store(&f->connected, false);
	if (why != WHY_ABSENT && why != WHY_GONE)
		atomic_fetch_add(&f->dropped, 1);
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	f->state = FEEDER_APART;
	f->packet_bytes = 0;
	f->retry_at = clock_mono_ms() + f->back_off_ms;
	f->back_off_ms = 2 * f->back_off_ms < BACK_OFF_MAX_MS ? 2 * f->back_off_ms :
								BACK_OFF_MAX_MS;
	tell(f, why, n);
}

/* ---- dialling ------------------------------------------------------------------------- */

static bool put_hello(struct feeder *f)
{
	const struct feed_frame hello = { .type = FEED_HELLO, .u.hello.spool = f->source.spool };
	uint8_t bytes[FEED_FRAME_BYTES];

	return feed_encode(&hello, bytes) == SC_OK &&
	    send(f->fd, bytes, sizeof(bytes), MSG_NOSIGNAL) == (ssize_t)sizeof(bytes);
}

static void dial(struct feeder *f)
{
	const int room = 1 << 20;

	f->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (f->fd < 0 ||
	    connect(f->fd, (const struct sockaddr *)&f->address, sizeof(f->address)) != 0) {
		part(f, WHY_ABSENT, 0);
		return;
	}
	/* more when the system allows it; the default is enough for one packet */
	(void)setsockopt(f->fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	if (!put_hello(f)) {
		part(f, WHY_GONE, 0);
		return;
	}
	f->state = FEEDER_GREETED;
}

/* ---- hearing -------------------------------------------------------------------------- */

/* The first AT: where to go on. What it wants must be there, and what it has must be ours. */
static void agree(struct feeder *f, uint64_t next)
{
	uint64_t oldest, end;

	f->source.range(f->source.arg, &oldest, &end);
	if (next < oldest || next > end) {
		const uint64_t n = next < oldest ? oldest - next : next - end;

		atomic_store(&f->lost, n);
		part(f, next < oldest ? WHY_LOST : WHY_AHEAD, n);
		return;
	}
	if (next > f->fed) /* it got somewhere: what broke off is not the same again */
		f->back_off_ms = BACK_OFF_MIN_MS;
	f->sent = f->fed = next;
	f->state = FEEDER_FEEDING;
	atomic_store(&f->lost, 0);
	atomic_store(&f->connected, true);
	tell(f, WHY_NONE, next);
	f->source.fed(f->source.arg, next);
}

static void acknowledge(struct feeder *f, uint64_t next)
{
	if (next < f->fed || next > f->sent) {
		part(f, WHY_NONSENSE, 0);
		return;
	}
	f->fed = next;
	f->back_off_ms = BACK_OFF_MIN_MS;
	f->source.fed(f->source.arg, next);
}

static void hear(struct feeder *f)
{
	uint8_t bytes[FEED_FRAME_BYTES];
	struct feed_frame frame;
	const ssize_t n = recv(f->fd, bytes, sizeof(bytes), MSG_TRUNC);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		part(f, WHY_GONE, 0);
	else if (n != (ssize_t)sizeof(bytes) || feed_decode(bytes, &frame) != SC_OK ||
	    frame.type != FEED_AT || frame.u.at.spool != f->source.spool)
		part(f, WHY_NONSENSE, 0);
	else if (f->state == FEEDER_GREETED)
		agree(f, frame.u.at.next);
	else
		acknowledge(f, frame.u.at.next);
}

/* ---- sending -------------------------------------------------------------------------- */

/* Make the next packet, if there is anything to send and few enough are on their way. */
static bool pack(struct feeder *f)
{
	struct feed_frame batch = { .type = FEED_BATCH, .u.batch.first = f->sent };
	const uint64_t ahead = f->sent - f->fed;
	size_t max = FEED_PACKET_FRAMES - 1, n = 0;

	if (ahead >= AHEAD)
		return false;
	if (max > AHEAD - ahead)
		max = (size_t)(AHEAD - ahead);
	if (f->source.read(f->source.arg, f->sent, f->packet + FEED_FRAME_BYTES, max, &n) !=
	    SC_OK) {
		atomic_store(&f->failed, true);
		part(f, WHY_UNREADABLE, 0);
		return false;
	}
	batch.u.batch.n = (uint32_t)n;
	if (n == 0 || feed_encode(&batch, f->packet) != SC_OK)
		return false;
	f->packet_bytes = (n + 1) * FEED_FRAME_BYTES;
	f->packet_end = f->sent + n;
	return true;
}

static void send_some(struct feeder *f)
{
	ssize_t n;

	while (f->state == FEEDER_FEEDING && (f->packet_bytes > 0 || pack(f))) {
		n = send(f->fd, f->packet, f->packet_bytes, MSG_NOSIGNAL);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0) {
			part(f, WHY_GONE, 0);
			return;
		}
		f->sent = f->packet_end;
		f->packet_bytes = 0;
	}
}

/* ---- the thread ------------------------------------------------------------------------- */

static bool all_fed(struct feeder *f)
{
	uint64_t oldest, end;

	f->source.range(f->source.arg, &oldest, &end);
	return f->fed == end;
}

/* Told to stop: while somebody takes what is left, and time is. */
static bool goes_on(struct feeder *f, uint64_t now)
{
	const uint64_t stop_at = atomic_load(&f->stop_at);

	return stop_at == 0 || (now < stop_at && f->state != FEEDER_APART && !all_fed(f));
}

static int patience(const struct feeder *f, uint64_t now)
{
	const uint64_t stop_at = atomic_load(&f->stop_at);
	uint64_t until = f->state == FEEDER_APART ? f->retry_at : UINT64_MAX;

	if (stop_at != 0 && stop_at < until)
		until = stop_at;
	if (until == UINT64_MAX)
		return -1;
	return until > now ? (int)(until - now) : 0;
}

static void sleep_until_news(struct feeder *f)
{
	struct pollfd p[2] = { { .fd = f->wake, .events = POLLIN },
		{ .fd = f->fd, .events = (short)(POLLIN | (f->packet_bytes > 0 ? POLLOUT : 0)) } };
	uint64_t count;

	if (poll(p, 2, patience(f, clock_mono_ms())) <= 0)
		return;
	if (p[0].revents != 0 && read(f->wake, &count, sizeof(count)) > 0 &&
	    f->state == FEEDER_FEEDING)
		f->source.fed(f->source.arg, f->fed);
	if (f->state != FEEDER_APART && (p[1].revents & ~POLLOUT) != 0)
		hear(f);
}

static void *feeder_main(void *arg)
{
	struct feeder *f = arg;
	uint64_t now;

	while (now = clock_mono_ms(), goes_on(f, now) && !atomic_load(&f->failed)) {
		if (f->state == FEEDER_APART && now >= f->retry_at)
			dial(f);
		send_some(f);
		sleep_until_news(f);
	}
	return NULL;
}

/* ---- its owner's side --------------------------------------------------------------------- */

enum sc_err feeder_new(const struct feeder_source *source, struct feeder **out)
{
	struct feeder *f;

	*out = NULL;
	if (strlen(source->socket) >= sizeof(f->address.sun_path))
		return SC_LIMIT;
	if ((f = calloc(1, sizeof(*f))) == NULL)
		return SC_NOMEM;
	f->source = *source;
	f->address.sun_family = AF_UNIX;
	memcpy(f->address.sun_path, source->socket, strlen(source->socket));
	f->fd = -1;
	f->back_off_ms = BACK_OFF_MIN_MS;
	f->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (f->wake < 0 || pthread_create(&f->thread, NULL, feeder_main, f) != 0) {
		if (f->wake >= 0)
			close(f->wake);
		free(f);
		return SC_IO;
	}
	*out = f;
	return SC_OK;
}

void feeder_wake(struct feeder *f)
{
	const uint64_t one = 1;

	(void)!write(f->wake, &one, sizeof(one));
}

void feeder_free(struct feeder *f, unsigned moment_ms)
{
	if (f == NULL)
		return;
	atomic_store(&f->stop_at, clock_mono_ms() + moment_ms);
	feeder_wake(f);
	pthread_join(f->thread, NULL);
	if (f->fd >= 0)
		close(f->fd);
	close(f->wake);
	free(f);
}

void feeder_count(struct feeder *f, struct feeder_stats *out)
{
	*out = (struct feeder_stats){ .connected = atomic_load(&f->connected),
		.failed = atomic_load(&f->failed),
		.lost = atomic_load(&f->lost),
		.dropped = atomic_load(&f->dropped) };
}
