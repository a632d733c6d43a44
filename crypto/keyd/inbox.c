/*
 * inbox.c - a locked list and a wake.
 */
#include "crypto/keyd/inbox.h"

void inbox_deliver(struct inbox *b)
{
	struct inbox_item *it, *next;

	pthread_mutex_lock(&b->lock);
	it = b->head;
	b->head = NULL;
	b->tail = &b->head;
	pthread_mutex_unlock(&b->lock);
	for (; it != NULL; it = next) {
		next = it->next;
		it->on_loop(it);
	}
	if (b->after != NULL)
		b->after(b->arg);
}

static void on_wake(struct loop_wake *w)
{
	inbox_deliver(loop_owner(w, struct inbox, wake));
}

void inbox_init(struct inbox *b, struct loop *l)
{
	pthread_mutex_init(&b->lock, NULL);
	b->head = NULL;
	b->tail = &b->head;
	b->after = NULL;
	b->arg = NULL;
	loop_wake_init(l, &b->wake, on_wake);
}

void inbox_fini(struct inbox *b)
{
	loop_wake_fini(&b->wake);
	pthread_mutex_destroy(&b->lock);
}

void inbox_put(struct inbox *b, struct inbox_item *it)
{
	it->next = NULL;
	pthread_mutex_lock(&b->lock);
	*b->tail = it;
	b->tail = &it->next;
	pthread_mutex_unlock(&b->lock);
	loop_wake_post(&b->wake);
}
