/*
 * spool.c - the spool as its callers see it: open, put, count, close. Nothing
 * here waits for a disk once it is open.
 */
#include "gateway/spool/int.h"

#include "base/clock.h"
#include "base/log.h"
#include "crypto/tlog/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOMENT_MS 500 /* that closing waits for viewd */

static void fd_close(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* ---- opening ------------------------------------------------------------------------ */

/*
 * The folder's own name must outlive a power cut, too; one that was there and lies
 * where we may not look is not ours to see to.
 */
static bool name_sync(int dirfd, bool made)
{
	const int above = openat(dirfd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const bool ok = above >= 0 && fsync(above) == 0;

	fd_close(above);
	return ok || !made;
}

static enum sc_err folder_open(struct spool *s, struct sc_diag *d)
{
	const bool made = mkdir(s->o.dir, 0700) == 0;

	if (!made && errno != EEXIST)
		return files_failed(d, s->o.dir, "the spool's folder cannot be made");
	s->dirfd = open(s->o.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dirfd < 0 || !name_sync(s->dirfd, made))
		return files_failed(d, s->o.dir, "the spool's folder cannot be opened");
	if (flock(s->dirfd, LOCK_EX | LOCK_NB) != 0)
		return files_failed(d, s->o.dir, "another process has this spool");
	return SC_OK;
}

static enum sc_err segments_open(struct spool *s, struct sc_diag *d)
{
	char name[SPOOL_NAME];
	enum sc_err err;

	if ((err = spool_files_open(&s->files, s->dirfd, d)) != SC_OK)
		return err;
	for (size_t i = 0; i < s->files.n; i++)
		s->disk += s->files.v[i].bytes;
	s->put = s->durable = s->files.v[s->files.n - 1].end;
	s->fed = s->files.v[0].first;
	spool_segment_name(s->files.v[s->files.n - 1].first, name);
	s->fd = openat(s->dirfd, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (s->fd < 0)
		return files_failed(d, name, "cannot be opened");
	if (s->files.cut > 0)
		log_event(LOG_WARN, "spool.torn_end_cut", LOG_LEN("bytes", s->files.cut), LOG_END);
	return SC_OK;
}

static enum sc_err threads_start(struct spool *s, struct sc_diag *d)
{
	const struct feeder_source source = { .socket = s->o.socket,
		.spool = s->files.spool,
		.range = spool_range,
		.read = spool_read,
		.fed = spool_fed,
		.arg = s };
	enum sc_err err = SC_OK;

	if (s->o.socket != NULL)
		err = feeder_new(&source, &s->feeder);
	if (err == SC_OK && pthread_create(&s->thread, NULL, spool_commit_main, s) != 0)
		err = SC_IO;
	if (err != SC_OK)
		return files_say(d, s->o.dir, err == SC_LIMIT ? SC_IO : err, "%s",
		    err == SC_LIMIT ? "the path of the feed's socket is too long" :
				      "the spool's threads cannot be started");
	s->started = true;
	return SC_OK;
}

static enum sc_err queue_init(struct spool_queue *q, size_t max)
{
	q->p = malloc(max + FEED_FRAME_BYTES);
	return q->p == NULL ? SC_NOMEM : SC_OK;
}

static void clock_and_lock(struct spool *s)
{
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->news, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

enum sc_err spool_open(const struct spool_options *o, struct sc_diag *d, struct spool **out)
{
	struct spool *s;
	enum sc_err err;

	*out = NULL;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return SC_NOMEM;
	s->o = *o;
	s->o.max = o->max < SPOOL_MAX_LEAST ? SPOOL_MAX_LEAST : o->max;
	s->segment_max = s->o.max / 8 < SPOOL_SEGMENT_MAX ? s->o.max / 8 : SPOOL_SEGMENT_MAX;
	s->waiting_max = s->o.max < SPOOL_WAITING_MAX ? (size_t)s->o.max : SPOOL_WAITING_MAX;
	s->segment_ms = SPOOL_SEGMENT_MS;
	s->roll_at_ms = clock_mono_ms() + s->segment_ms;
	s->dirfd = s->fd = s->cursor.fd = -1;
	clock_and_lock(s);
	if ((err = queue_init(&s->waiting, s->waiting_max)) != SC_OK ||
	    (err = queue_init(&s->writing, s->waiting_max)) != SC_OK ||
	    (err = folder_open(s, d)) != SC_OK || (err = segments_open(s, d)) != SC_OK ||
	    (err = threads_start(s, d)) != SC_OK) {
		spool_close(s);
		return err == SC_LIMIT ? SC_IO : err;
	}
	*out = s;
	return SC_OK;
}

/* ---- closing ------------------------------------------------------------------------ */

static void commit_stop(struct spool *s)
{
	if (!s->started)
		return;
	pthread_mutex_lock(&s->lock);
	s->stop = true;
	pthread_cond_signal(&s->news);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	spool_seal(s);
}

void spool_close(struct spool *s)
{
	if (s == NULL)
		return;
	commit_stop(s);
	feeder_free(s->feeder, MOMENT_MS);
	fd_close(s->cursor.fd);
	fd_close(s->fd);
	fd_close(s->dirfd);
	spool_files_fini(&s->files);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->news);
	free(s->waiting.p);
	free(s->writing.p);
	free(s);
}

/* ---- putting ------------------------------------------------------------------------ */

/* How many bytes more may wait. With the lock. */
static uint64_t room(const struct spool *s)
{
	const uint64_t used = s->disk + s->writing.n + s->waiting.n + SPOOL_SLACK;
	const uint64_t on_disk = used < s->o.max ? s->o.max - used : 0;
	const uint64_t in_memory = s->waiting_max - s->waiting.n;

	return on_disk < in_memory ? on_disk : in_memory;
}

/* May BYTES more wait? With the lock. */
static enum sc_err has_room(struct spool *s, uint64_t bytes)
{
	if (s->health != SPOOL_WELL)
		return SC_IO;
	if (bytes <= room(s))
		return SC_OK;
	s->full++;
	return SC_LIMIT;
}

/* All or none. With the lock. */
static enum sc_err encode_all(struct spool *s, const struct feed_frame *v, size_t n)
{
	const size_t before = s->waiting.n;

	for (size_t i = 0; i < n; i++) {
		if (v[i].type > FEED_SNAPSHOT ||
		    feed_encode(&v[i], s->waiting.p + s->waiting.n) != SC_OK) {
			s->waiting.n = before;
			return SC_BUG;
		}
		s->waiting.n += FEED_FRAME_BYTES;
	}
	s->put += n;
	return SC_OK;
}

enum sc_err spool_put(struct spool *s, const struct feed_frame *v, size_t n, uint64_t *next)
{
	bool idle;
	enum sc_err err;

	pthread_mutex_lock(&s->lock);
	idle = s->waiting.n == 0;
	if ((err = has_room(s, (uint64_t)n * FEED_FRAME_BYTES)) == SC_OK)
		err = encode_all(s, v, n);
	*next = s->put;
	if (idle && s->waiting.n > 0)
		pthread_cond_signal(&s->news);
	pthread_mutex_unlock(&s->lock);
	return err;
}

void spool_count(struct spool *s, struct spool_stats *out)
{
	struct feeder_stats f = { .connected = false };

	if (s->feeder != NULL)
		feeder_count(s->feeder, &f);
	pthread_mutex_lock(&s->lock);
	*out = (struct spool_stats){ .put = s->put,
		.durable = s->durable,
		.fed = s->fed,
		.bytes = (s->put - s->fed) * FEED_FRAME_BYTES,
		.full = s->full,
		.room = room(s),
		.lost = f.lost,
		.dropped = f.dropped,
		.connected = f.connected,
		.failed = s->health != SPOOL_WELL || f.failed };
	pthread_mutex_unlock(&s->lock);
}
