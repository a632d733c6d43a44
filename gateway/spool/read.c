/*
 * read.c - the spool as the feeder asks it: what is there, frames from a
 * number on, and what viewd has, whose segments then go.
 */
#include "gateway/spool/int.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

void spool_range(void *spool, uint64_t *oldest, uint64_t *end)
{
	struct spool *s = spool;

	pthread_mutex_lock(&s->lock);
	*oldest = s->files.v[0].first;
	*end = s->durable;
	pthread_mutex_unlock(&s->lock);
}

/* ---- reading -------------------------------------------------------------------------- */

static struct spool_segment segment_of(struct spool *s, uint64_t number)
{
	struct spool_segment found;

	pthread_mutex_lock(&s->lock);
	found = *spool_files_find(&s->files, number);
	pthread_mutex_unlock(&s->lock);
	return found;
}

static enum sc_err segment_enter(struct spool *s, const struct spool_segment *of)
{
	struct spool_cursor *c = &s->cursor;
	char name[SPOOL_NAME];

	if (c->fd >= 0)
		close(c->fd);
	spool_segment_name(of->first, name);
	*c = (struct spool_cursor){ .first = of->first, .at = SPOOL_HEAD, .next = of->first };
	c->fd = openat(s->dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return c->fd < 0 ? SC_IO : SC_OK;
}

/*
 * The frame at P: copied where it is wanted. It was checked when it was put; a disk
 * may have forgotten.
 */
static enum sc_err take(struct spool_cursor *c, const uint8_t *p, uint64_t from, uint8_t *out,
    size_t *n)
{
	struct feed_frame f;

	if (feed_decode(p, &f) != SC_OK)
		return SC_CORRUPT;
	c->at += FEED_FRAME_BYTES;
	if (f.type == FEED_COMMIT)
		return f.u.commit.next == c->next ? SC_OK : SC_CORRUPT;
	if (c->next++ >= from)
		memcpy(out + (*n)++ * FEED_FRAME_BYTES, p, FEED_FRAME_BYTES);
	return SC_OK;
}

/* A block of what is durable of segment OF. */
static enum sc_err block_take(struct spool *s, const struct spool_segment *of, uint64_t from,
    uint8_t *out, size_t max, size_t *n)
{
	struct spool_cursor *c = &s->cursor;
	const uint64_t left = of->bytes - c->at;
	const size_t want = left < SPOOL_BLOCK ? (size_t)left : SPOOL_BLOCK;
	enum sc_err err = SC_OK;

	if (pread(c->fd, s->block, want, (off_t)c->at) != (ssize_t)want)
		return SC_IO;
	for (size_t i = 0; i < want && *n < max && err == SC_OK; i += FEED_FRAME_BYTES)
		err = take(c, s->block + i, from, out, n);
	return err;
}

enum sc_err spool_read(void *spool, uint64_t from, uint8_t *out, size_t max, size_t *n)
{
	struct spool *s = spool;
	const struct spool_segment of = segment_of(s, from);
	enum sc_err err = SC_OK;

	*n = 0;
	if (from < of.first)
		return SC_BUG;
	if (from >= of.end)
		return SC_OK;
	if (s->cursor.fd < 0 || s->cursor.first != of.first || s->cursor.next > from)
		err = segment_enter(s, &of);
	while (err == SC_OK && *n < max && s->cursor.at < of.bytes)
		err = block_take(s, &of, from, out, max, n);
	return err == SC_OK && *n == 0 ? SC_CORRUPT : err; /* it ends before its end */
}

/* ---- what viewd has ------------------------------------------------------------------- */

/* The oldest segment, when it is not the last and viewd has all of it. With the lock. */
static bool oldest_done(struct spool *s, struct spool_segment *out)
{
	*out = s->files.v[0];
	return s->files.n > 1 && out->end <= s->fed;
}

/*
 * One after the other, each durably: after a power cut no older one may be there
 * without the newer. Whatever cannot be removed stays on the list, and is tried again.
 */
static bool segment_remove(struct spool *s, const struct spool_segment *of)
{
	char name[SPOOL_NAME];

	spool_segment_name(of->first, name);
	if ((unlinkat(s->dirfd, name, 0) == 0 || errno == ENOENT) && fsync(s->dirfd) == 0)
		return true;
	log_event(LOG_WARN, "spool.segment_stays", LOG_ERRNO("errno", errno), LOG_END);
	return false;
}

static void oldest_forget(struct spool *s)
{
	pthread_mutex_lock(&s->lock);
	s->disk -= s->files.v[0].bytes;
	s->files.n--;
	memmove(s->files.v, s->files.v + 1, s->files.n * sizeof(*s->files.v));
	pthread_mutex_unlock(&s->lock);
}

void spool_fed(void *spool, uint64_t next)
{
	struct spool *s = spool;
	struct spool_segment of;
	bool done;

	do {
		pthread_mutex_lock(&s->lock);
		s->fed = next;
		done = oldest_done(s, &of);
		pthread_mutex_unlock(&s->lock);
		if (done && (done = segment_remove(s, &of)))
			oldest_forget(s);
	} while (done);
}
