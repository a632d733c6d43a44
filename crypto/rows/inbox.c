/*
 * inbox.c - a locked list and a wake.
 */
#include "crypto/rows/inbox.h"

void inbox_deliver(struct inbox *b)
{
	struct inbox_job *j, *next;

	pthread_mutex_lock(&b->lock);
	j = b->head;
	b->head = NULL;
	b->tail = &b->head;
	pthread_mutex_unlock(&b->lock);
	for (; j != NULL; j = next) {
		next = j->next;
		j->on_loop(j, j->job.err);
	}
}

static void on_wake(struct loop_wake *w)
{
	inbox_deliver(loop_owner(w, struct inbox, wake));
}

void inbox_init(struct inbox *b, struct loop *l, struct store *s)
{
	pthread_mutex_init(&b->lock, NULL);
	b->store = s;
	b->loop = l;
	b->head = NULL;
	b->tail = &b->head;
	loop_wake_init(l, &b->wake, on_wake);
}

void inbox_fini(struct inbox *b)
{
	loop_wake_fini(&b->wake);
	pthread_mutex_destroy(&b->lock);
}

/* On the store's thread. */
static void on_done(struct store_job *job, enum sc_err err)
{
	struct inbox_job *j = loop_owner(job, struct inbox_job, job);
	struct inbox *b = j->inbox;

	(void)err; /* stays in the job */
	j->next = NULL;
	pthread_mutex_lock(&b->lock);
	*b->tail = j;
	b->tail = &j->next;
	pthread_mutex_unlock(&b->lock);
	loop_wake_post(&b->wake);
}

void inbox_submit(struct inbox *b, struct inbox_job *j)
{
	j->inbox = b;
	j->job.done = on_done;
	store_submit(b->store, &j->job);
}
