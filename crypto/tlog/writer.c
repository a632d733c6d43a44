/*
 * writer.c - what callers of a log see: append, ask how far it is, hand in
 * signatures. Nothing here touches a disk.
 */
#include "crypto/tlog/writer_int.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdio.h>
#include <string.h>

void writer_sleep(struct tlog *w, pthread_cond_t *cond, uint64_t until_ms)
{
	struct timespec t;

	if (until_ms == UINT64_MAX) {
		pthread_cond_wait(cond, &w->lock);
		return;
	}
	t.tv_sec = (time_t)(until_ms / 1000);
	t.tv_nsec = (long)(until_ms % 1000) * 1000000;
	pthread_cond_timedwait(cond, &w->lock, &t);
}

void writer_tell(struct tlog *w)
{
	size_t n;

	pthread_mutex_lock(&w->lock);
	n = w->n_watchers; /* only ever grows */
	pthread_mutex_unlock(&w->lock);
	for (size_t i = 0; i < n; i++)
		w->watchers[i].fn(w->watchers[i].arg);
}

/* The operational log takes names only: tile/0/001 is told as tile.0.001. */
static void log_failure(const char *file)
{
	struct sc_name name;
	char text[SC_NAME_MAX + 1];

	snprintf(text, sizeof(text), "%.63s", file);
	for (char *p = text; *p != '\0'; p++)
		if (*p == '/')
			*p = '.';
	if (sc_name_parse(sc_span_str(text), &name) == SC_OK)
		log_event(LOG_ERROR, "tlog.failed", LOG_NAME("file", &name), LOG_END);
	else
		log_event(LOG_ERROR, "tlog.failed", LOG_END);
}

void writer_fail(struct tlog *w, const struct sc_diag *d)
{
	bool first;

	pthread_mutex_lock(&w->lock);
	first = !atomic_load(&w->failed);
	if (first)
		w->why = *d;
	atomic_store(&w->failed, true);
	pthread_cond_broadcast(&w->work);
	pthread_cond_broadcast(&w->news);
	pthread_mutex_unlock(&w->lock);
	if (!first)
		return;
	log_failure(d->file);
	writer_tell(w);
}

/* With the lock. */
static enum sc_err put(struct tlog *w, struct sc_span entry, bool urgent, uint64_t *index)
{
	enum sc_err err;
	bool wake;

	*index = w->queue.next;
	if ((err = queue_put(&w->queue, entry)) != SC_OK)
		return err;
	atomic_store(&w->next, w->queue.next);
	w->waiting += entry.n + 2;
	/* wake it for the first entry, and for the first that cannot wait */
	wake = w->commit_idle && (w->oldest_ms == 0 || (urgent && !w->urgent));
	if (w->oldest_ms == 0)
		w->oldest_ms = clock_mono_ms();
	if (urgent)
		w->urgent = true;
	if ((wake && !w->gathering) || (w->commit_idle && w->waiting > WRITER_FULL))
		pthread_cond_signal(&w->work);
	return SC_OK;
}

enum sc_err tlog_append_all(struct tlog *w, const struct sc_span *entries, size_t n, bool urgent,
    uint64_t *last)
{
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < n; i++)
		if (entries[i].n == 0 || entries[i].n > TLOG_ENTRY_MAX)
			return SC_LIMIT;
	if (atomic_load(&w->failed))
		return SC_IO;
	pthread_mutex_lock(&w->lock);
	for (size_t i = 0; i < n && err == SC_OK; i++)
		err = put(w, entries[i], urgent, last);
	pthread_mutex_unlock(&w->lock);
	return err;
}

enum sc_err tlog_append(struct tlog *w, struct sc_span entry, bool urgent, uint64_t *index)
{
	return tlog_append_all(w, &entry, 1, urgent, index);
}

void tlog_gather(struct tlog *w)
{
	pthread_mutex_lock(&w->lock);
	w->gathering = true;
	pthread_mutex_unlock(&w->lock);
}

void tlog_go(struct tlog *w)
{
	pthread_mutex_lock(&w->lock);
	w->gathering = false;
	if (w->commit_idle && w->oldest_ms != 0)
		pthread_cond_signal(&w->work);
	pthread_mutex_unlock(&w->lock);
}

uint64_t tlog_durable(const struct tlog *w)
{
	return atomic_load_explicit(&w->durable, memory_order_acquire);
}

uint64_t tlog_next(const struct tlog *w)
{
	return atomic_load(&w->next);
}

bool tlog_failed(const struct tlog *w)
{
	return atomic_load(&w->failed);
}

bool tlog_space_low(const struct tlog *w)
{
	return atomic_load(&w->space_low);
}

enum sc_err tlog_on_durable(struct tlog *w, void (*fn)(void *arg), void *arg)
{
	enum sc_err err = SC_LIMIT;

	pthread_mutex_lock(&w->lock);
	if (w->n_watchers < TLOG_WATCHERS) {
		w->watchers[w->n_watchers].fn = fn;
		w->watchers[w->n_watchers].arg = arg;
		w->n_watchers++;
		err = SC_OK;
	}
	pthread_mutex_unlock(&w->lock);
	return err;
}

enum sc_err tlog_signed(struct tlog *w, struct sc_span note)
{
	enum sc_err err;

	pthread_mutex_lock(&w->lock);
	sc_buf_clear(&w->note); /* a newer answer replaces one that still waits */
	err = sc_buf_put_span(&w->note, note);
	pthread_cond_signal(&w->news);
	pthread_mutex_unlock(&w->lock);
	return err;
}

void tlog_sign_from(struct tlog *w, uint64_t old_size)
{
	pthread_mutex_lock(&w->lock);
	w->has_sign_from = true;
	w->sign_from = old_size;
	pthread_cond_signal(&w->news);
	pthread_mutex_unlock(&w->lock);
}

enum sc_err tlog_checkpoint(struct tlog *w, struct sc_buf *out)
{
	enum sc_err err;

	pthread_mutex_lock(&w->lock);
	err = sc_buf_put_span(out, sc_buf_span(&w->checkpoint));
	pthread_mutex_unlock(&w->lock);
	return err;
}

void tlog_status(struct tlog *w, struct tlog_status *out)
{
	memset(out, 0, sizeof(*out));
	out->next = atomic_load(&w->next);
	out->durable = tlog_durable(w);
	out->published = atomic_load(&w->published);
	out->signed_size = atomic_load(&w->signed_size);
	out->free_bytes = atomic_load(&w->free_bytes);
	out->commits = atomic_load(&w->commits);
	out->bad_notes = atomic_load(&w->bad_notes);
	out->direct = atomic_load(&w->direct);
	out->space_low = tlog_space_low(w);
	out->failed = tlog_failed(w);
	pthread_mutex_lock(&w->lock);
	out->pending_bytes = w->queue.bytes;
	out->why = w->why;
	pthread_mutex_unlock(&w->lock);
}
