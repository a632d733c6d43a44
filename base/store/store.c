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

#include "base/store/backend.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GROUP_MAX 1024 /* jobs of one transaction */

static const struct store_backend *const backends[] = { &store_sqlite };

struct store_tx {
	const struct store_backend *backend;
	void *db;
	size_t n_statements;
	struct store_watch watch;
};

struct store {
	struct store_tx tx; /* the writer thread's own */
	pthread_t thread;
	bool started;
	pthread_mutex_t lock;
	pthread_cond_t work, told;
	/* under the lock, and store_job.waited */
	struct store_group group;
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
	return j->run != NULL ? j->run(j, tx) : store_ask(tx, &j->ask);
}

/* One of several: when it fails, what the others did stays. */
static enum sc_err run_among(struct store_tx *tx, struct store_job *j)
{
	const struct store_watch w = tx->watch;
	const size_t mark = w.asked == NULL ? 0 : w.mark(w.arg);
	enum sc_err err, back;

	if ((err = tx->backend->savepoint(tx->db)) != SC_OK)
		return err;
	err = run_job(tx, j);
	back = tx->backend->savepoint_end(tx->db, err == SC_OK);
	if (w.asked != NULL && (err != SC_OK || back != SC_OK))
		w.back(w.arg, mark);
	return err != SC_OK ? err : back;
}

/*
 * The only one: its transaction can be begun anew, and a savepoint would cost a copy of
 * each page that it changes. Returns what the group goes on with.
 */
static enum sc_err run_alone(struct store_tx *tx, struct store_job *j)
{
	const struct store_watch w = tx->watch;
	const size_t mark = w.asked == NULL ? 0 : w.mark(w.arg);

	if ((j->err = run_job(tx, j)) == SC_OK)
		return SC_OK;
	tx->backend->rollback(tx->db);
	if (w.asked != NULL)
		w.back(w.arg, mark);
	return tx->backend->begin(tx->db);
}

static void tell(struct store *s, struct store_job *j)
{
	if (!j->waited) {
		if (j->done != NULL)
			j->done(j, j->err);
		return;
	}
	pthread_mutex_lock(&s->lock);
	j->waited = false;
	pthread_cond_broadcast(&s->told);
	pthread_mutex_unlock(&s->lock);
}

static enum sc_err close_group(struct store *s, const struct store_group *g)
{
	enum sc_err err;

	if (g->closing == NULL || (err = g->closing(g->arg, &s->tx)) == SC_OK)
		return s->tx.backend->commit(s->tx.db);
	s->tx.backend->rollback(s->tx.db);
	return err;
}

/* For closing and its end alike: another may be set between them. */
static struct store_group group_of(struct store *s)
{
	struct store_group g;

	pthread_mutex_lock(&s->lock);
	g = s->group;
	pthread_mutex_unlock(&s->lock);
	return g;
}

/* Run, commit, wipe traces if anyone asked, and only then answer. */
static void run_group(struct store *s, struct store_job *first)
{
	struct store_tx *tx = &s->tx;
	struct store_job *next;
	struct store_group g;
	bool erase = false;
	enum sc_err err, begun, wiped = SC_OK;

	err = begun = tx->backend->begin(tx->db);
	if (err == SC_OK && first->next == NULL)
		err = run_alone(tx, first);
	else
		for (struct store_job *j = first; j != NULL; j = j->next)
			j->err = err != SC_OK ? err : run_among(tx, j);
	for (struct store_job *j = first; j != NULL; j = j->next)
		erase |= j->erase_traces && j->err == SC_OK;
	g = group_of(s); /* which a job may have set */
	if (err == SC_OK)
		err = close_group(s, &g);
	if (begun == SC_OK && g.committed != NULL)
		err = g.committed(g.arg, err);
	if (err == SC_OK && erase)
		wiped = tx->backend->erase_traces(tx->db);
	for (struct store_job *j = first; j != NULL; j = next) {
		next = j->next;
		if (j->err == SC_OK)
			j->err = err != SC_OK ? err : j->erase_traces ? wiped : SC_OK;
		tell(s, j);
	}
}

static void *writer(void *arg)
{
	struct store *s = arg;
	struct store_job *first;

	while ((first = take_group(s)) != NULL)
		run_group(s, first);
	return NULL;
}

static enum sc_err open_backend(const char *url, const struct store_tables *tables, bool beside,
    struct sc_diag *d, struct store_tx *tx)
{
	for (size_t i = 0; i < sizeof(backends) / sizeof(backends[0]); i++) {
		const struct store_backend *b = backends[i];
		size_t n = strlen(b->scheme);

		if (strncmp(url, b->scheme, n) != 0)
			continue;
		tx->backend = b;
		tx->n_statements = tables->n;
		if (d != NULL)
			snprintf(d->file, sizeof(d->file), "%.255s", url + n);
		return b->open(url + n, tables, beside, d, &tx->db);
	}
	sc_diag_set(d, "a store's URL begins with sqlite:");
	return SC_SYNTAX;
}

static enum sc_err start(const char *url, const struct store_tables *tables, bool beside,
    struct sc_diag *d, struct store **out)
{
	struct store *s;
	enum sc_err err;

	*out = NULL;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return SC_NOMEM;
	s->tail = &s->head;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->work, NULL);
	pthread_cond_init(&s->told, NULL);
	if ((err = open_backend(url, tables, beside, d, &s->tx)) != SC_OK)
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

enum sc_err store_open(const char *url, const struct store_tables *tables, struct sc_diag *d,
    struct store **out)
{
	return start(url, tables, false, d, out);
}

enum sc_err store_open_beside(const char *url, const struct store_tables *tables, struct sc_diag *d,
    struct store **out)
{
	return tables->shared ? start(url, tables, true, d, out) : SC_BUG;
}

void store_set_group(struct store *s, const struct store_group *g)
{
	pthread_mutex_lock(&s->lock);
	s->group = *g;
	pthread_mutex_unlock(&s->lock);
}

void store_set_watch(struct store *s, const struct store_watch *w)
{
	const struct store_watch none = { .asked = NULL };

	s->tx.watch = w == NULL ? none : *w;
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
	if (s->tx.db != NULL)
		s->tx.backend->close(s->tx.db);
	pthread_cond_destroy(&s->told);
	pthread_cond_destroy(&s->work);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

void store_submit(struct store *s, struct store_job *j)
{
	j->next = NULL;
	pthread_mutex_lock(&s->lock);
	*s->tail = j;
	s->tail = &j->next;
	pthread_cond_signal(&s->work);
	pthread_mutex_unlock(&s->lock);
}

enum sc_err store_run(struct store *s, struct store_job *j)
{
	j->waited = true;
	store_submit(s, j);
	pthread_mutex_lock(&s->lock);
	while (j->waited)
		pthread_cond_wait(&s->told, &s->lock);
	pthread_mutex_unlock(&s->lock);
	return j->err;
}

/* A batch, with whoever watches between it and the backend. */
struct watched {
	const struct store_batch *b;
	const struct store_watch *w;
	enum sc_err err;
};

static bool bind_watched(void *arg, size_t i, struct store_value *v)
{
	struct watched *x = arg;

	if (x->err != SC_OK || !x->b->bind(x->b->arg, i, v))
		return false;
	x->err = x->w->asked(x->w->arg, x->b->statement, v);
	return x->err == SC_OK;
}

static enum sc_err row_watched(void *arg, size_t i, const struct store_value *v)
{
	const struct watched *x = arg;

	return x->b->row(x->b->arg, i, v);
}

enum sc_err store_ask(struct store_tx *tx, const struct store_batch *b)
{
	struct watched x = { b, &tx->watch, SC_OK };
	const struct store_batch seen = { b->statement, b->n, bind_watched,
		b->row == NULL ? NULL : row_watched, &x };
	enum sc_err err;

	if (b->statement >= tx->n_statements)
		return SC_BUG;
	if (tx->watch.asked == NULL || b->bind == NULL)
		return tx->backend->ask(tx->db, b);
	err = tx->backend->ask(tx->db, &seen);
	return x.err != SC_OK ? x.err : err;
}

enum sc_err store_check(struct store_tx *tx, struct sc_diag *d)
{
	return tx->backend->check(tx->db, d);
}
