/*
 * desk.c - a queue, threads that empty it, and the way back to the loop.
 */
#include "analytics/queryd/desk.h"

#include <pthread.h>
#include <stdlib.h>

struct job_list {
	struct desk_job *first, **last;
};

struct desk {
	struct loop_wake back;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct job_list waiting, finished;
	unsigned n_waiting, max;
	bool ending;
	unsigned n_threads;
	pthread_t threads[];
};

static void list_init(struct job_list *l)
{
	l->first = NULL;
	l->last = &l->first;
}

static void list_put(struct job_list *l, struct desk_job *j)
{
	j->next = NULL;
	*l->last = j;
	l->last = &j->next;
}

static struct desk_job *list_take(struct job_list *l)
{
	struct desk_job *j = l->first;

	if (j != NULL && (l->first = j->next) == NULL)
		l->last = &l->first;
	return j;
}

static void *work(void *arg)
{
	struct desk *d = arg;
	struct desk_job *j;

	pthread_mutex_lock(&d->lock);
	for (;;) {
		while ((j = list_take(&d->waiting)) == NULL && !d->ending)
			pthread_cond_wait(&d->more, &d->lock);
		if (j == NULL)
			break;
		d->n_waiting--;
		pthread_mutex_unlock(&d->lock);
		j->work(j);
		pthread_mutex_lock(&d->lock);
		list_put(&d->finished, j);
		loop_wake_post(&d->back);
	}
	pthread_mutex_unlock(&d->lock);
	return NULL;
}

static void take_back(struct desk *d)
{
	struct job_list all;
	struct desk_job *j, *next;

	pthread_mutex_lock(&d->lock);
	all = d->finished;
	list_init(&d->finished);
	pthread_mutex_unlock(&d->lock);
	for (j = all.first; j != NULL; j = next) {
		next = j->next;
		j->done(j);
	}
}

static void on_back(struct loop_wake *w)
{
	take_back(loop_owner(w, struct desk, back));
}

enum sc_err desk_new(struct loop *loop, unsigned threads, unsigned max, struct desk **out)
{
	struct desk *d = calloc(1, sizeof(*d) + threads * sizeof(d->threads[0]));

	if ((*out = d) == NULL)
		return SC_NOMEM;
	loop_wake_init(loop, &d->back, on_back);
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->more, NULL);
	list_init(&d->waiting);
	list_init(&d->finished);
	d->max = max;
	while (d->n_threads < threads)
		if (pthread_create(&d->threads[d->n_threads], NULL, work, d) == 0)
			d->n_threads++;
		else
			return SC_IO;
	return SC_OK;
}

void desk_free(struct desk *d)
{
	if (d == NULL)
		return;
	pthread_mutex_lock(&d->lock);
	d->ending = true;
	pthread_cond_broadcast(&d->more);
	pthread_mutex_unlock(&d->lock);
	for (unsigned i = 0; i < d->n_threads; i++)
		pthread_join(d->threads[i], NULL);
	take_back(d);
	loop_wake_fini(&d->back);
	pthread_cond_destroy(&d->more);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

bool desk_put(struct desk *d, struct desk_job *j)
{
	bool room;

	pthread_mutex_lock(&d->lock);
	if ((room = d->n_waiting < d->max)) {
		list_put(&d->waiting, j);
		d->n_waiting++;
		pthread_cond_signal(&d->more);
	}
	pthread_mutex_unlock(&d->lock);
	return room;
}

unsigned desk_waiting(struct desk *d)
{
	unsigned n;

	pthread_mutex_lock(&d->lock);
	n = d->n_waiting;
	pthread_mutex_unlock(&d->lock);
	return n;
}
