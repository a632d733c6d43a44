/*
 * inbox.h - jobs for the store whose end comes back to the loop, in the order
 * they were done.
 */
#ifndef CRYPTO_ROWS_INBOX_H
#define CRYPTO_ROWS_INBOX_H

#include "base/store/store.h"
#include "net/loop/loop.h"

#include <pthread.h>

/* Embedded in the caller's own structure, which must live until on_loop(). */
struct inbox_job {
	struct store_job job; /* run() and erase_traces are the caller's */
	/* On the loop's thread; ERR is as store_job.done() has it. */
	void (*on_loop)(struct inbox_job *, enum sc_err err);
	struct inbox *inbox;    /* private */
	struct inbox_job *next; /* private */
};

struct inbox {
	struct store *store;
	struct loop *loop;
	pthread_mutex_t lock;
	struct inbox_job *head, **tail; /* under the lock */
	struct loop_wake wake;
};

/* S is borrowed, and closed before the inbox ends. */
void inbox_init(struct inbox *b, struct loop *l, struct store *s);
void inbox_fini(struct inbox *b);
/* Hand J to the store. */
void inbox_submit(struct inbox *b, struct inbox_job *j);
/* On the loop's thread: deliver now what is there (at the end of the program). */
void inbox_deliver(struct inbox *b);

#endif
