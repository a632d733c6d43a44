/*
 * inbox.h - what the store's thread has done comes back to the loop here, in
 * the order it was done.
 */
#ifndef CRYPTO_KEYD_INBOX_H
#define CRYPTO_KEYD_INBOX_H

#include "net/loop/loop.h"

#include <pthread.h>

struct inbox_item {
	void (*on_loop)(struct inbox_item *);
	struct inbox_item *next; /* private */
};

struct inbox {
	pthread_mutex_t lock;
	struct inbox_item *head, **tail; /* under the lock */
	struct loop_wake wake;
	void (*after)(void *arg); /* once after each batch; may be NULL */
	void *arg;
};

void inbox_init(struct inbox *b, struct loop *l);
void inbox_fini(struct inbox *b);
/* Any thread: have IT->on_loop called on the loop's thread. */
void inbox_put(struct inbox *b, struct inbox_item *it);
/* On the loop's thread: deliver now what is there (at the end of the program). */
void inbox_deliver(struct inbox *b);

#endif
