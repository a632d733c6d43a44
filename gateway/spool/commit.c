/*
 * commit.c - the thread that makes frames durable: all that waits goes into
 * one write and one sync, and the next begins as soon as that ended.
 *
 * A write that fails is taken back and tried again, its frames kept: their
 * numbers are given out. After a sync that failed nobody knows what the disk has (the
 * kernel calls the pages clean), so that nothing is written any more until the
 * process starts anew and reads what there is.
 */
#include "gateway/spool/int.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* The segment that is written to, with the lock; the feeder's thread takes others off the list. */
static struct spool_segment *last(struct spool *s)
{
	return &s->files.v[s->files.n - 1];
}

/* As it is now, without the lock. Nobody but this thread, or whoever has joined it, changes it. */
static struct spool_segment last_now(struct spool *s)
{
	struct spool_segment now;

	pthread_mutex_lock(&s->lock);
	now = *last(s);
	pthread_mutex_unlock(&s->lock);
	return now;
}

/* ---- the disk: no lock ------------------------------------------------------------------ */

static bool write_all(int fd, const uint8_t *p, size_t n, uint64_t at)
{
	for (ssize_t done; n > 0; p += done, n -= (size_t)done, at += (uint64_t)done) {
		done = pwrite(fd, p, n, (off_t)at);
		if (done < 0 && errno == EINTR)
			done = 0;
		else if (done <= 0)
			return false;
	}
	return true;
}

static enum spool_health failed(struct spool *s, enum spool_health health)
{
	s->errnum = errno;
	return health;
}

/* What Q holds, and its COMMIT, at the end of the last segment. */
static enum spool_health append(struct spool *s, const struct spool_queue *q, uint64_t next)
{
	const struct feed_frame commit = { .type = FEED_COMMIT,
		.u.commit = { .spool = s->files.spool, .next = next } };
	const uint64_t at = last_now(s).bytes;

	if (feed_encode(&commit, q->p + q->n) != SC_OK)
		return SPOOL_DEAD;
	if (!write_all(s->fd, q->p, q->n + FEED_FRAME_BYTES, at)) {
		(void)failed(s, SPOOL_RETRYING);
		return ftruncate(s->fd, (off_t)at) == 0 ? SPOOL_RETRYING : SPOOL_DEAD;
	}
	return fdatasync(s->fd) == 0 ? SPOOL_WELL : failed(s, SPOOL_DEAD);
}

/*
 * Long enough, or old enough: what viewd has shall not lie here for ever, but goes by
 * whole segments.
 */
static bool is_due(const struct spool *s, const struct spool_segment *of)
{
	return of->end > of->first &&
	    (s->must_roll || of->bytes >= s->segment_max || clock_mono_ms() >= s->roll_at_ms);
}

/* It may be there or not: nothing more may be appended to the one before it. */
static enum spool_health roll_failed(struct spool *s)
{
	s->must_roll = true;
	s->roll_at_ms = clock_mono_ms() + SPOOL_RETRY_MS;
	return failed(s, SPOOL_RETRYING);
}

/* Begin a segment where the last one has had its time. */
static enum spool_health roll(struct spool *s)
{
	const struct spool_segment of = last_now(s);
	char name[SPOOL_NAME];
	enum sc_err err;
	int fd;

	if (!is_due(s, &of))
		return SPOOL_WELL;
	pthread_mutex_lock(&s->lock);
	err = spool_files_reserve(&s->files);
	pthread_mutex_unlock(&s->lock);
	if (err != SC_OK || spool_segment_make(&s->files, of.end, NULL) != SC_OK)
		return roll_failed(s);
	spool_segment_name(of.end, name);
	if ((fd = openat(s->dirfd, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)) < 0)
		return roll_failed(s);
	close(s->fd);
	s->fd = fd;
	s->unsealed = s->must_roll = false;
	pthread_mutex_lock(&s->lock);
	spool_files_add(&s->files, of.end);
	s->disk += SPOOL_HEAD;
	pthread_mutex_unlock(&s->lock);
	return SPOOL_WELL;
}

/* Roll, and let the feeder take away what viewd has of what was ended. */
static void tidy(struct spool *s)
{
	(void)roll(s);
	if (s->feeder != NULL)
		feeder_wake(s->feeder);
}

/* ---- one commit --------------------------------------------------------------------------- */

/* What waits is what is written next, unless something still is. With the lock. */
static uint64_t gather(struct spool *s)
{
	const struct spool_queue emptied = { s->writing.p, 0 };

	if (s->writing.n == 0) {
		s->writing = s->waiting;
		s->waiting = emptied;
	}
	return last(s)->end + s->writing.n / FEED_FRAME_BYTES;
}

static void tell_change(struct spool *s, enum spool_health health)
{
	if (health != SPOOL_WELL && s->health == SPOOL_WELL)
		log_event(LOG_ERROR, "spool.disk_failed", LOG_ERRNO("errno", s->errnum), LOG_END);
	if (health == SPOOL_WELL && s->health != SPOOL_WELL)
		log_event(LOG_INFO, "spool.disk_back", LOG_END);
}

/* With the lock. */
static void settle(struct spool *s, enum spool_health health, uint64_t next)
{
	tell_change(s, health);
	s->health = health;
	if (health != SPOOL_WELL)
		return;
	if (last(s)->end == last(s)->first)
		s->roll_at_ms = clock_mono_ms() + s->segment_ms;
	last(s)->end = s->durable = next;
	last(s)->bytes += s->writing.n + FEED_FRAME_BYTES;
	s->disk += s->writing.n + FEED_FRAME_BYTES;
	s->writing.n = 0;
	s->unsealed = true;
}

/* Called with the lock, which it lets go meanwhile. */
static void commit_once(struct spool *s)
{
	const uint64_t next = gather(s);
	enum spool_health health = s->health;
	uint64_t told;

	pthread_mutex_unlock(&s->lock);
	if (health != SPOOL_DEAD && (health = roll(s)) == SPOOL_WELL)
		health = append(s, &s->writing, next);
	pthread_mutex_lock(&s->lock);
	settle(s, health, next);
	told = health == SPOOL_WELL ? s->durable : s->put;
	pthread_mutex_unlock(&s->lock);
	if (s->o.on_durable != NULL)
		s->o.on_durable(s->o.arg, told, health == SPOOL_WELL);
	/* at once, not before the next: what viewd has of a full spool must be able to go */
	if (health == SPOOL_WELL)
		tidy(s);
	pthread_mutex_lock(&s->lock);
}

/* Sleep until there is news, or until UNTIL_MS. With the lock. False: it is that late. */
static bool wait_until(struct spool *s, uint64_t until_ms)
{
	const struct timespec t = { .tv_sec = (time_t)(until_ms / 1000),
		.tv_nsec = (long)(until_ms % 1000) * 1000000 };

	return pthread_cond_timedwait(&s->news, &s->lock, &t) == 0;
}

/*
 * Until something waits to be written, or it is time to stop; no segment gets too old
 * meanwhile. With the lock.
 */
static void wait_for_work(struct spool *s)
{
	while (s->waiting.n == 0 && s->writing.n == 0 && !s->stop) {
		if (last(s)->end == last(s)->first) {
			pthread_cond_wait(&s->news, &s->lock);
		} else if (!wait_until(s, s->roll_at_ms)) {
			pthread_mutex_unlock(&s->lock);
			tidy(s);
			pthread_mutex_lock(&s->lock);
		}
	}
}

void *spool_commit_main(void *spool)
{
	struct spool *s = spool;

	(void)roll(s);
	pthread_mutex_lock(&s->lock);
	for (;;) {
		wait_for_work(s);
		if (s->waiting.n == 0 && s->writing.n == 0)
			break;
		commit_once(s);
		if (s->health != SPOOL_WELL && s->stop)
			break;
		if (s->health != SPOOL_WELL)
			(void)wait_until(s, clock_mono_ms() + SPOOL_RETRY_MS);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

void spool_seal(struct spool *s)
{
	uint8_t none[FEED_FRAME_BYTES];
	const struct spool_queue q = { none, 0 };

	if (s->health == SPOOL_WELL && s->unsealed)
		(void)append(s, &q, last_now(s).end);
}
