/*
 * desk.h - work that blocks, done by threads of its own, for a loop that must not.
 *
 *	loop: desk_put() -> a thread: work() -> loop: done()
 */
#ifndef ANALYTICS_QUERYD_DESK_H
#define ANALYTICS_QUERYD_DESK_H

#include "net/loop/loop.h"

struct desk;

/* Embedded in whoever waits. */
struct desk_job {
	void (*work)(struct desk_job *j); /* on a thread */
	void (*done)(struct desk_job *j); /* on the loop; the job is the owner's again */
	struct desk_job *next;
};

/* THREADS of them, for at most MAX waiting jobs. Fails with SC_NOMEM, SC_IO. */
SC_CHECKED enum sc_err desk_new(struct loop *loop, unsigned threads, unsigned max,
    struct desk **out);
/* Finish what is there, done() included, and end. On the loop's thread; NULL is fine. */
void desk_free(struct desk *d);

/* False: it is full, and J was not taken. On the loop. */
bool desk_put(struct desk *d, struct desk_job *j);
unsigned desk_waiting(struct desk *d);

#endif
