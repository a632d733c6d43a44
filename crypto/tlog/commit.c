/*
 * commit.c - the thread that makes entries durable: everything that waits goes
 * into one journal write, and the next write begins as soon as the last ended.
 *
 * Under load the disk itself sets the pace, so there is no timer for urgent
 * entries; those that are not urgent may wait delay_ms for company.
 */
#include "crypto/tlog/writer_int.h"

#include "base/clock.h"

#define RUNS_MAX 32

/* When the next commit is due; UINT64_MAX when nothing waits. With the lock. */
static uint64_t due_at(const struct tlog *w)
{
	if (w->oldest_ms == 0)
		return UINT64_MAX;
	if (w->urgent || w->stop || w->waiting > WRITER_FULL)
		return 0;
	return w->oldest_ms + w->delay_ms;
}

/* Take what waits, as far as one batch goes, into the journal's buffer. With the lock, which it lets go. */
static uint64_t gather(struct tlog *w)
{
	struct queue_run runs[RUNS_MAX];
	size_t n = 0, room;

	journal_begin(&w->journal, w->to_commit.index);
	room = journal_room(&w->journal);
	while (n < RUNS_MAX && queue_take(&w->queue, &w->to_commit, UINT64_MAX, room, &runs[n])) {
		w->waiting -= runs[n].bytes.n;
		room -= runs[n++].bytes.n;
	}
	w->urgent = w->to_commit.index < w->queue.next; /* what did not fit: next */
	if (!w->urgent)
		w->oldest_ms = 0;
	pthread_mutex_unlock(&w->lock);
	for (size_t i = 0; i < n; i++)
		journal_add(&w->journal, runs[i].bytes, runs[i].count);
	return w->to_commit.index;
}

/* Write the batch; when the journal is full, wait for the publisher. */
static enum sc_err write_batch(struct tlog *w, struct sc_diag *d)
{
	enum sc_err err;
	uint64_t seen;

	for (;;) {
		seen = atomic_load(&w->published);
		err = journal_write(&w->journal, seen, d);
		if (err != SC_AGAIN)
			return err;
		pthread_mutex_lock(&w->lock);
		while (atomic_load(&w->published) == seen && !atomic_load(&w->failed)) {
			w->need_room = true;
			pthread_cond_signal(&w->news);
			writer_sleep(w, &w->work, UINT64_MAX);
		}
		pthread_mutex_unlock(&w->lock);
		if (atomic_load(&w->failed))
			return SC_AGAIN;
	}
}

static void commit_once(struct tlog *w)
{
	struct sc_diag d = { .text = "" };
	uint64_t end = gather(w);
	enum sc_err err = write_batch(w, &d);

	if (err == SC_OK) {
		atomic_store_explicit(&w->durable, end, memory_order_release);
		atomic_fetch_add(&w->commits, 1);
		atomic_store(&w->direct, w->journal.direct);
		writer_tell(w);
	} else if (!atomic_load(&w->failed)) {
		writer_fail(w, &d);
	}
}

void *commit_main(void *arg)
{
	struct tlog *w = arg;
	uint64_t due;
	bool held;

	pthread_mutex_lock(&w->lock);
	while (!atomic_load(&w->failed)) {
		due = due_at(w);
		if (due == UINT64_MAX && w->stop)
			break;
		held = w->gathering && !w->stop && w->waiting <= WRITER_FULL;
		if (held || due > clock_mono_ms()) {
			w->commit_idle = true;
			writer_sleep(w, &w->work, held ? UINT64_MAX : due);
			w->commit_idle = false;
			continue;
		}
		commit_once(w); /* lets the lock go */
		pthread_mutex_lock(&w->lock);
		if (atomic_load(&w->durable) - atomic_load(&w->published) > WRITER_BACKLOG)
			pthread_cond_signal(&w->news);
	}
	w->commit_done = true;
	pthread_cond_signal(&w->news);
	pthread_mutex_unlock(&w->lock);
	return NULL;
}
