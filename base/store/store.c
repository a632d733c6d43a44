/*
 * store.c - the writer thread: waiting jobs, one transaction, one commit.
 *
 *	submit ---> waiting list ---> [ begin | job | job | ... | commit ] ---> done()
 *	any thread                     the store's thread
 *
 * Each job runs inside a savepoint of its own, so that one that fails takes
 * only itself back. While one group commits, the next collects.
 */
#include "base/store/store.h"
#include "base/store/sqlite.h"

#include <pthread.h>
#include <stdlib.h>

#define GROUP_MAX 1024 /* jobs of one transaction */

struct store {
	struct store_tx *tx; /* the writer thread's own */
	pthread_t thread;
	bool started;
	pthread_mutex_t lock;
	pthread_cond_t work;
	/* under the lock */
	struct store_job *head, **tail;
	bool stop;
};

static struct store_job *take_group(struct store *s)
{
	struct store_job *first, **end;
	unsigned n = 0;

	pthread_mutex_lock(&s->lock);
	while (s->head == NULL && !s->stop)
		pthread_cond_wait(&s->work, &s->lock);
	first = s->head;
	for (end = &first; *end != NULL && n < GROUP_MAX; n++)
		end = &(*end)->next;
	s->head = *end;
	*end = NULL;
	if (s->head == NULL)
		s->tail = &s->head;
	pthread_mutex_unlock(&s->lock);
	return first;
}

static enum sc_err run_job(struct store_tx *tx, struct store_job *j)
{
	enum sc_err err, back;

	if ((err = sqlite_savepoint(tx)) != SC_OK)
		return err;
	err = j->run(j, tx);
	back = sqlite_savepoint_end(tx, err == SC_OK);
	return err != SC_OK ? err : back;
}

/* Run, commit, wipe traces if anyone asked, and only then answer. */
static void run_group(struct store_tx *tx, struct store_job *first)
{
	struct store_job *j, *next;
	bool erase = false;
	enum sc_err err, wiped = SC_OK;

	err = sqlite_begin(tx);
	for (j = first; j != NULL; j = j->next) {
		j->err = err != SC_OK ? err : run_job(tx, j);
		erase |= j->erase_traces && j->err == SC_OK;
	}
	if (err == SC_OK)
		err = sqlite_commit(tx);
	if (err == SC_OK && erase)
		wiped = sqlite_erase_traces(tx);
	for (j = first; j != NULL; j = next) {
		next = j->next;
		if (j->err == SC_OK)
			j->err = err != SC_OK ? err : j->erase_traces ? wiped : SC_OK;
		if (j->done != NULL)
			j->done(j, j->err);
	}
}

static void *writer(void *arg)
{
	struct store *s = arg;
	struct store_job *first;

	while ((first = take_group(s)) != NULL)
		run_group(s->tx, first);
	return NULL;
}

enum sc_err store_open(const struct store_options *o, struct sc_diag *d, struct store **out)
{
	struct store *s;
	enum sc_err err;

	*out = NULL;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return SC_NOMEM;
	s->tail = &s->head;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->work, NULL);
	if ((err = sqlite_tx_open(o->path, o->schema, d, &s->tx)) != SC_OK)
		goto out;
	if (pthread_create(&s->thread, NULL, writer, s) != 0) {
		sc_diag_set(d, "cannot start the store's thread");
		err = SC_IO;
		goto out;
	}
	s->started = true;
	*out = s;
	s = NULL;
out:
	store_close(s);
	return err;
}

void store_close(struct store *s)
{
	if (s == NULL)
		return;
	if (s->started) {
		pthread_mutex_lock(&s->lock);
		s->stop = true;
		pthread_cond_signal(&s->work);
		pthread_mutex_unlock(&s->lock);
		pthread_join(s->thread, NULL);
	}
	sqlite_tx_close(s->tx);
	pthread_cond_destroy(&s->work);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

void store_submit(struct store *s, struct store_job *j)
{
	j->next = NULL;
	j->err = SC_OK;
	pthread_mutex_lock(&s->lock);
	*s->tail = j;
	s->tail = &j->next;
	pthread_cond_signal(&s->work);
	pthread_mutex_unlock(&s->lock);
}

/* ---- waiting for a job, for starts and tools ---- */

struct waited {
	struct store_job job;
	struct store_job *inner;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	bool over;
	enum sc_err err;
};

static struct waited *waited_of(struct store_job *j)
{
	return (struct waited *)(void *)j; /* its first member */
}

static enum sc_err waited_run(struct store_job *j, struct store_tx *tx)
{
	struct waited *w = waited_of(j);

	return w->inner == NULL ? SC_OK : w->inner->run(w->inner, tx);
}

static void waited_done(struct store_job *j, enum sc_err err)
{
	struct waited *w = waited_of(j);

	if (w->inner != NULL && w->inner->done != NULL)
		w->inner->done(w->inner, err);
	pthread_mutex_lock(&w->lock);
	w->err = err;
	w->over = true;
	pthread_cond_signal(&w->cond);
	pthread_mutex_unlock(&w->lock);
}

static enum sc_err run_and_wait(struct store *s, struct store_job *inner, bool erase)
{
	struct waited w = {
		.job = { .run = waited_run, .done = waited_done, .erase_traces = erase },
		.inner = inner
	};

	pthread_mutex_init(&w.lock, NULL);
	pthread_cond_init(&w.cond, NULL);
	store_submit(s, &w.job);
	pthread_mutex_lock(&w.lock);
	while (!w.over)
		pthread_cond_wait(&w.cond, &w.lock);
	pthread_mutex_unlock(&w.lock);
	pthread_cond_destroy(&w.cond);
	pthread_mutex_destroy(&w.lock);
	return w.err;
}

enum sc_err store_run(struct store *s, struct store_job *j)
{
	return run_and_wait(s, j, j->erase_traces);
}

enum sc_err store_erase_traces(struct store *s)
{
	return run_and_wait(s, NULL, true);
}
