/*
 * loop.c - the event loop's turn: epoll, timers, wakes, hooks.
 */
#include "net/loop/loop.h"

#include "net/loop/sys.h"
#include "net/loop/wheel.h"
#include "base/clock.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define BATCH 256

struct loop {
	int epfd;
	struct loop_io wake_io; /* the eventfd behind wakes and stop */
	struct epoll_event batch[BATCH];
	int batch_n, batch_i;        /* events fetched; the one being run */
	struct loop_turn turns;      /* list head */
	struct loop_turn *turn_next; /* the hook to run next, while running hooks */
	atomic_bool stop;
	pthread_mutex_t lock; /* over the three below, and loop_wake.posted/next */
	struct loop_wake *posted, **posted_end;
	unsigned posted_n;
	struct wheel wheel;
};

/* Called from any thread and from signal handlers: one write, nothing else. */
static void loop_kick(struct loop *l)
{
	uint64_t one = 1;
	int saved = errno;

	/* it can only fail when the counter is full, and then a wake is pending */
	if (write(l->wake_io.fd, &one, sizeof(one)) < 0)
		errno = saved;
}

static struct loop_wake *loop_posted_take(struct loop *l)
{
	struct loop_wake *w;

	pthread_mutex_lock(&l->lock);
	if ((w = l->posted) != NULL) {
		l->posted = w->next;
		if (l->posted == NULL)
			l->posted_end = &l->posted;
		w->next = NULL;
		w->posted = false;
		l->posted_n--;
	}
	pthread_mutex_unlock(&l->lock);
	return w;
}

static void loop_on_wake_io(struct loop_io *io, uint32_t events)
{
	struct loop *l = loop_owner(io, struct loop, wake_io);
	struct loop_wake *w;
	uint64_t count;
	unsigned n;
	bool more;

	(void)events;
	if (read(io->fd, &count, sizeof(count)) < 0)
		return;
	pthread_mutex_lock(&l->lock);
	n = l->posted_n;
	pthread_mutex_unlock(&l->lock);
	for (; n > 0 && (w = loop_posted_take(l)) != NULL; n--)
		w->on_wake(w);
	/* what was posted meanwhile has its turn, but not before the others */
	pthread_mutex_lock(&l->lock);
	more = l->posted != NULL;
	pthread_mutex_unlock(&l->lock);
	if (more)
		loop_kick(l);
}

enum sc_err loop_new(struct loop **out)
{
	struct loop *l;
	enum sc_err err = SC_IO;

	*out = NULL;
	if ((l = calloc(1, sizeof(*l))) == NULL)
		return SC_NOMEM;
	l->turns.prev = l->turns.next = &l->turns;
	l->posted_end = &l->posted;
	pthread_mutex_init(&l->lock, NULL);
	wheel_init(&l->wheel, clock_mono_ms());
	l->wake_io.on_ready = loop_on_wake_io;
	l->wake_io.fd = -1;
	if ((l->epfd = epoll_create1(EPOLL_CLOEXEC)) < 0)
		goto out;
	if ((l->wake_io.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0)
		goto out;
	if ((err = loop_add(l, &l->wake_io, EPOLLIN)) != SC_OK)
		goto out;
	*out = l;
	l = NULL;
out:
	loop_free(l);
	return err;
}

void loop_free(struct loop *l)
{
	if (l == NULL)
		return;
	if (l->wake_io.fd >= 0)
		close(l->wake_io.fd);
	if (l->epfd >= 0)
		close(l->epfd);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

/* ---- one turn ---- */

static int loop_sleep_ms(const struct loop *l, int max_ms)
{
	uint64_t next = wheel_next(&l->wheel);
	uint64_t now, left;

	if (next == UINT64_MAX)
		return max_ms;
	now = clock_mono_ms();
	left = next <= now ? 0 : next - now;
	if (max_ms >= 0 && left > (uint64_t)max_ms)
		return max_ms;
	return left > INT_MAX ? INT_MAX : (int)left;
}

static void loop_run_turns(struct loop *l)
{
	for (struct loop_turn *t = l->turns.next; t != &l->turns; t = l->turn_next) {
		l->turn_next = t->next;
		t->on_turn(t);
	}
	l->turn_next = NULL;
}

enum sc_err loop_turn_once(struct loop *l, int max_ms)
{
	int n = sys_epoll_wait(l->epfd, l->batch, BATCH, loop_sleep_ms(l, max_ms));

	if (n < 0 && errno != EINTR)
		return SC_IO;
	l->batch_n = n < 0 ? 0 : n;
	l->batch_i = 0; /* before the timers: what they remove may be in this batch */
	wheel_run(&l->wheel, clock_mono_ms());
	for (; l->batch_i < l->batch_n; l->batch_i++) {
		struct epoll_event *e = &l->batch[l->batch_i];
		struct loop_io *io = e->data.ptr;

		if (io != NULL)
			io->on_ready(io, e->events);
	}
	l->batch_n = 0;
	loop_run_turns(l);
	return SC_OK;
}

enum sc_err loop_run(struct loop *l)
{
	enum sc_err err = SC_OK;

	while (err == SC_OK && !atomic_exchange(&l->stop, false))
		err = loop_turn_once(l, -1);
	return err;
}

void loop_stop(struct loop *l)
{
	atomic_store(&l->stop, true);
	loop_kick(l);
}

uint64_t loop_now_ms(const struct loop *l)
{
	return l->wheel.now;
}

/* ---- descriptors ---- */

static enum sc_err loop_ctl(struct loop *l, int op, struct loop_io *io, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = io };

	if (epoll_ctl(l->epfd, op, io->fd, &e) == 0)
		return SC_OK;
	return errno == ENOMEM ? SC_NOMEM : errno == ENOSPC ? SC_LIMIT : SC_IO;
}

enum sc_err loop_add(struct loop *l, struct loop_io *io, uint32_t events)
{
	enum sc_err err = loop_ctl(l, EPOLL_CTL_ADD, io, events);

	io->added = err == SC_OK;
	io->events = events;
	return err;
}

enum sc_err loop_change(struct loop *l, struct loop_io *io, uint32_t events)
{
	enum sc_err err;

	if (!io->added)
		return SC_BUG;
	if (io->events == events)
		return SC_OK;
	if ((err = loop_ctl(l, EPOLL_CTL_MOD, io, events)) != SC_OK)
		loop_remove(l, io);
	else
		io->events = events;
	return err;
}

void loop_remove(struct loop *l, struct loop_io *io)
{
	if (!io->added)
		return;
	io->added = false;
	epoll_ctl(l->epfd, EPOLL_CTL_DEL, io->fd, NULL);
	/* an event of this batch must not reach memory that may be gone by then */
	for (int i = l->batch_i; i < l->batch_n; i++)
		if (l->batch[i].data.ptr == io)
			l->batch[i].data.ptr = NULL;
}

/* ---- timers ---- */

void loop_timer_init(struct loop_timer *t, void (*on_due)(struct loop_timer *t))
{
	*t = (struct loop_timer){ .on_due = on_due };
}

void loop_timer_set(struct loop *l, struct loop_timer *t, uint64_t delay_ms)
{
	wheel_set(&l->wheel, t, delay_ms);
}

void loop_timer_clear(struct loop *l, struct loop_timer *t)
{
	wheel_clear(&l->wheel, t);
}

/* ---- turn hooks ---- */

void loop_turn_add(struct loop *l, struct loop_turn *t)
{
	t->prev = l->turns.prev;
	t->next = &l->turns;
	t->prev->next = t;
	l->turns.prev = t;
}

void loop_turn_remove(struct loop *l, struct loop_turn *t)
{
	if (t->next == NULL)
		return;
	if (l->turn_next == t)
		l->turn_next = t->next;
	t->prev->next = t->next;
	t->next->prev = t->prev;
	t->prev = t->next = NULL;
}

/* ---- wakes ---- */

void loop_wake_init(struct loop *l, struct loop_wake *w, void (*on_wake)(struct loop_wake *w))
{
	*w = (struct loop_wake){ .on_wake = on_wake, .loop = l };
}

void loop_wake_post(struct loop_wake *w)
{
	struct loop *l = w->loop;
	bool first = false;

	pthread_mutex_lock(&l->lock);
	if (!w->posted) {
		first = l->posted == NULL;
		w->posted = true;
		w->next = NULL;
		*l->posted_end = w;
		l->posted_end = &w->next;
		l->posted_n++;
	}
	pthread_mutex_unlock(&l->lock);
	if (first)
		loop_kick(l);
}

void loop_wake_fini(struct loop_wake *w)
{
	struct loop *l = w->loop;

	if (l == NULL)
		return;
	pthread_mutex_lock(&l->lock);
	for (struct loop_wake **at = &l->posted; w->posted && *at != NULL; at = &(*at)->next) {
		if (*at != w)
			continue;
		*at = w->next;
		if (l->posted_end == &w->next)
			l->posted_end = at;
		w->posted = false;
		l->posted_n--;
		break;
	}
	pthread_mutex_unlock(&l->lock);
}
