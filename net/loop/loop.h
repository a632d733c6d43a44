/*
 * loop.h - one event loop per thread: descriptors, timers, turn hooks, wakes.
 *
 * Level-triggered epoll. A turn is: sleep until something happens, run the
 * timers that are due, the descriptors that are ready, the wakes that were
 * posted, then the turn hooks. Callbacks run on the thread that called
 * loop_run() and must never block. Only loop_stop() and loop_wake_post() may
 * be called from other threads.
 *
 * The structs below are embedded in the caller's own; a callback gets the
 * struct back and finds its owner with loop_owner(). None is allocated or
 * freed here, and each must be removed (cleared, fini'd) before its memory
 * goes away.
 */
#ifndef NET_LOOP_LOOP_H
#define NET_LOOP_LOOP_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h> /* EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLERR, EPOLLHUP */

struct loop;

/* The struct TYPE whose member MEMBER is at P. */
#define loop_owner(p, type, member) ((type *)(void *)((char *)(p)-offsetof(type, member)))

/* Make a loop. Fails with SC_NOMEM, SC_IO; *OUT is then NULL. */
SC_CHECKED enum sc_err loop_new(struct loop **out);
/* Everything must have been removed before. NULL is fine. */
void loop_free(struct loop *l);

/*
 * Turn until loop_stop(). A stop asked before the run began is honoured at
 * once; the loop may be run again afterwards. Fails with SC_IO when epoll does.
 */
SC_CHECKED enum sc_err loop_run(struct loop *l);
/* Make loop_run() return after its turn. Any thread; also a signal handler. */
void loop_stop(struct loop *l);

/*
 * One turn, sleeping at most MAX_MS (-1: until something happens). For tests
 * and programs with a loop of their own. Fails with SC_IO.
 */
SC_CHECKED enum sc_err loop_turn_once(struct loop *l, int max_ms);

/* Monotonic milliseconds, read once a turn; for deadlines. */
uint64_t loop_now_ms(const struct loop *l);

/* ---- descriptors ---- */
struct loop_io {
	int fd; /* set by the caller before loop_add(), its to close */
	void (*on_ready)(struct loop_io *io, uint32_t epoll_events);
	uint32_t events; /* private: what is registered */
	bool added;      /* private */
};

/*
 * Watch io->fd for EVENTS (may be 0: then only errors and hang-ups report).
 * Fails with SC_NOMEM, SC_LIMIT, SC_IO; the io is then not watched.
 */
SC_CHECKED enum sc_err loop_add(struct loop *l, struct loop_io *io, uint32_t events);
/* Watch for other events; no system call when nothing changes. Fails like loop_add(). */
SC_CHECKED enum sc_err loop_change(struct loop *l, struct loop_io *io, uint32_t events);
/*
 * Watch no longer; call it before closing the descriptor. Safe inside any
 * callback, for any io: an event already fetched for it is dropped. Harmless
 * when the io is not watched (and was zeroed at birth).
 */
void loop_remove(struct loop *l, struct loop_io *io);

/* ---- timers ---- */
struct loop_timer {
	void (*on_due)(struct loop_timer *t);
	uint64_t due_ms;   /* private, as are the rest; 0: not set */
	uint64_t filed_ms; /* when its place in the wheel comes up */
	struct loop_timer *prev, *next;
	uint16_t slot;
};

void loop_timer_init(struct loop_timer *t, void (*on_due)(struct loop_timer *t));
/*
 * Fire once, DELAY_MS (at most 24 days; longer is cut) after loop_now_ms(),
 * never early. Setting a set timer moves it. A delay of 0 fires in the next
 * turn, which does not sleep: the way to call back later rather than from
 * inside a call. Costs a few nanoseconds and allocates nothing.
 */
void loop_timer_set(struct loop *l, struct loop_timer *t, uint64_t delay_ms);
void loop_timer_clear(struct loop *l, struct loop_timer *t); /* harmless when not set */
static inline bool loop_timer_is_set(const struct loop_timer *t)
{
	return t->due_ms != 0;
}

/* ---- turn hooks: at the end of every turn, before sleeping ---- */
struct loop_turn {
	void (*on_turn)(struct loop_turn *t);
	struct loop_turn *prev, *next; /* private */
};

/* Hooks run in the order they were added. Removing is safe inside any hook. */
void loop_turn_add(struct loop *l, struct loop_turn *t);
void loop_turn_remove(struct loop *l,
    struct loop_turn *t); /* harmless when not added (and zeroed at birth) */

/* ---- wakes from other threads ---- */
struct loop_wake {
	void (*on_wake)(struct loop_wake *w);
	struct loop *loop; /* private, as are the rest */
	struct loop_wake *next;
	bool posted;
};

void loop_wake_init(struct loop *l, struct loop_wake *w, void (*on_wake)(struct loop_wake *w));
/*
 * Run on_wake on the loop's thread. Any thread, any number of posts coalesce
 * into one call; a post made after the call began gives another call.
 */
void loop_wake_post(struct loop_wake *w);
/* On the loop's thread, when nobody can post any more: drops a pending post. */
void loop_wake_fini(struct loop_wake *w);

#endif
