/*
 * active.c - the segment that grows: found again at start, closed when it is full or
 * its day is over.
 *
 * Closing is: ids file, new segment with the spools' next numbers at its head, manifest.
 * Before the manifest is in its place nothing has changed.
 */
#include "analytics/log/log_private.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void log_active_fini(struct log_active *a)
{
	if (a->fd >= 0)
		close(a->fd);
	ids_table_fini(&a->ids);
	EVP_MD_CTX_free(a->sha);
	*a = (struct log_active){ .fd = -1 };
}

struct log_manifest log_manifest_of(const struct event_log *l)
{
	return (struct log_manifest){ .next = l->next,
		.open = l->active.s.number,
		.open_day = l->active.s.day,
		.erased = l->erased,
		.closed = l->closed,
		.n_closed = l->n_closed };
}

/* Room for one more closed segment. */
static enum sc_err reserve_closed(struct event_log *l)
{
	const size_t cap = l->cap == 0 ? 64 : l->cap * 2;
	struct log_segment *v;

	if (l->n_closed < l->cap)
		return SC_OK;
	if ((v = realloc(l->closed, cap * sizeof(*v))) == NULL)
		return SC_NOMEM;
	l->closed = v;
	l->cap = cap;
	return SC_OK;
}

/* ---- found again ------------------------------------------------------------------- */

/* How far the frames of FD are good, how far they are closed, and how many COMMITs stand behind what is not good. */
struct log_tail {
	uint32_t frames, good, closed, commits_after;
};

static enum sc_err read_tail(int fd, struct log_tail *t)
{
	const size_t piece = (size_t)4096 * FEED_FRAME_BYTES;
	uint8_t *buf = malloc(piece);
	bool bad = false;
	ssize_t n = 0;

	memset(t, 0, sizeof(*t));
	if (buf == NULL)
		return SC_NOMEM;
	while ((n = pread(fd, buf, piece, (off_t)t->frames * FEED_FRAME_BYTES)) >= FEED_FRAME_BYTES)
		for (ssize_t at = 0; at + FEED_FRAME_BYTES <= n; at += FEED_FRAME_BYTES) {
			struct feed_frame f;
			const bool ok = feed_decode(buf + at, &f) == SC_OK;

			bad |= !ok;
			t->frames++;
			if (!bad)
				t->good = t->frames;
			if (ok && f.type == FEED_COMMIT && bad)
				t->commits_after++;
			else if (ok && f.type == FEED_COMMIT)
				t->closed = t->frames;
		}
	free(buf);
	return n < 0 ? SC_IO : SC_OK;
}

static enum sc_err wrong(const struct event_log *l, struct sc_diag *d, enum sc_err err,
    const char *what, uint32_t place)
{
	char name[SEGMENT_NAME_BYTES];

	if (d == NULL)
		return err;
	segment_name(l->active.s.number, "seg", name);
	snprintf(d->file, sizeof(d->file), "%.200s/%s", l->dir, name);
	sc_diag_set(d, "%s (frame %u)", what, place);
	return err;
}

/*
 * Cut what no COMMIT closes, and make durable what one does: it may have been written
 * and never synced.
 */
static enum sc_err cut_tail(struct event_log *l, struct sc_diag *d)
{
	struct log_active *a = &l->active;
	struct log_tail t;
	enum sc_err err;

	if ((err = read_tail(a->fd, &t)) != SC_OK)
		return wrong(l, d, err, "cannot be read", 0);
	if (t.commits_after > 1)
		return wrong(l, d, SC_CORRUPT, "is damaged before its end", t.good);
	if (t.closed > SEGMENT_FRAMES)
		return wrong(l, d, SC_CORRUPT, "is longer than a segment is", t.closed);
	a->s.frames = t.closed;
	if (ftruncate(a->fd, (off_t)t.closed * FEED_FRAME_BYTES) != 0 || fdatasync(a->fd) != 0)
		return wrong(l, d, SC_IO, "cannot be cut", t.closed);
	if (t.frames > t.closed)
		log_event(LOG_WARN, "eventlog.cut", LOG_U64("segment", a->s.number),
		    LOG_U64("frames", t.frames - t.closed), LOG_END);
	return SC_OK;
}

static enum sc_err take_again(void *arg, const uint8_t *raw, const struct feed_frame *f,
    uint32_t place)
{
	struct event_log *l = arg;
	const uint64_t id = segment_id_of(f);
	struct log_active *a = &l->active;
	struct log_spool *s;

	if (ids_reserve(&a->ids, 1) != SC_OK ||
	    EVP_DigestUpdate(a->sha, raw, FEED_FRAME_BYTES) != 1)
		return SC_NOMEM;
	segment_count(&a->s, f);
	if (id != 0)
		(void)ids_put(&a->ids, id, segment_place(f, place));
	if (f->type != FEED_COMMIT || f->u.commit.spool == 0)
		return SC_OK;
	if ((s = log_spool_of(l, f->u.commit.spool, true)) == NULL)
		return SC_LIMIT;
	s->next = f->u.commit.next;
	return SC_OK;
}

static enum sc_err sum_begin(struct log_active *a)
{
	if ((a->sha = EVP_MD_CTX_new()) == NULL ||
	    EVP_DigestInit_ex(a->sha, EVP_sha256(), NULL) != 1)
		return SC_NOMEM;
	return SC_OK;
}

enum sc_err log_active_open(struct event_log *l, struct sc_diag *d)
{
	struct log_active *a = &l->active;
	char name[SEGMENT_NAME_BYTES];
	enum sc_err err;

	segment_name(a->s.number, "seg", name);
	if ((a->fd = openat(l->dirfd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW)) < 0)
		return wrong(l, d, errno == ENOENT ? SC_CORRUPT : SC_IO, strerror(errno), 0);
	if ((err = sum_begin(a)) != SC_OK || (err = cut_tail(l, d)) != SC_OK)
		return err;
	return segment_read(l->dirfd, a->s.number, a->s.frames, take_again, l, NULL);
}

/* ---- closed --------------------------------------------------------------------------- */

/* A segment of which nothing but the spools' numbers is known. */
static enum sc_err begin(struct event_log *l, uint32_t day, struct log_active *a)
{
	const size_t n = l->n_spools;
	const int flags = O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
	char name[SEGMENT_NAME_BYTES];
	enum sc_err err;
	uint8_t *buf;

	*a = (struct log_active){ .fd = -1, .s = { .number = l->next, .day = day } };
	segment_name(a->s.number, "seg", name);
	if ((buf = malloc((n + 1) * FEED_FRAME_BYTES)) == NULL)
		return SC_NOMEM;
	err = sum_begin(a);
	for (size_t i = 0; i < n && err == SC_OK; i++) {
		struct feed_frame f = { .type = FEED_COMMIT };

		f.u.commit = (struct feed_commit){ l->spools[i].spool, l->spools[i].next };
		err = feed_encode(&f, buf + i * FEED_FRAME_BYTES);
	}
	if (err == SC_OK && EVP_DigestUpdate(a->sha, buf, n * FEED_FRAME_BYTES) != 1)
		err = SC_NOMEM;
	if (err == SC_OK &&
	    ((a->fd = openat(l->dirfd, name, flags, 0600)) < 0 ||
		segment_write(a->fd, buf, n * FEED_FRAME_BYTES, 0) != SC_OK || fsync(a->fd) != 0))
		err = SC_IO;
	a->s.frames = (uint32_t)n;
	free(buf);
	return err;
}

/* What the active segment is when nothing more comes: sum and ids. */
static enum sc_err finish(struct event_log *l, struct log_segment *s)
{
	EVP_MD_CTX *copy = EVP_MD_CTX_new();
	char name[SEGMENT_NAME_BYTES];
	enum sc_err err = SC_NOMEM;

	*s = l->active.s;
	s->devices = s->events > 0;
	segment_name(s->number, "ids", name);
	if (copy != NULL && EVP_MD_CTX_copy_ex(copy, l->active.sha) == 1 &&
	    EVP_DigestFinal_ex(copy, s->sha256, NULL) == 1 &&
	    (err = ids_file_write(l->dirfd, name, &l->active.ids)) == SC_OK)
		err = ids_file_open(l->dirfd, name, &s->ids);
	EVP_MD_CTX_free(copy);
	return err;
}

/* Name the new state in the manifest; when that does not come about the old one stands. */
static enum sc_err announce(struct event_log *l, const struct log_segment *s,
    const struct log_active *next)
{
	struct log_manifest m;
	bool placed = false;
	enum sc_err err;

	if ((err = reserve_closed(l)) != SC_OK)
		return err;
	l->closed[l->n_closed] = *s;
	m = log_manifest_of(l);
	m.n_closed++;
	m.next++;
	m.open = next->s.number;
	m.open_day = next->s.day;
	err = manifest_write(l->dirfd, &m, &placed);
	l->failed |= placed && err != SC_OK;
	return err;
}

static enum sc_err roll(struct event_log *l, uint32_t day)
{
	struct log_segment s = { .number = 0 };
	struct log_active next = { .fd = -1 };
	char name[SEGMENT_NAME_BYTES];
	enum sc_err err;

	if ((err = finish(l, &s)) == SC_OK && (err = begin(l, day, &next)) == SC_OK &&
	    (err = announce(l, &s, &next)) == SC_OK) {
		l->n_closed++;
		l->next++;
		log_active_fini(&l->active);
		l->active = next;
		return SC_OK;
	}
	ids_file_close(&s.ids);
	if (next.fd >= 0 && !l->failed) {
		segment_name(next.s.number, "seg", name);
		(void)unlinkat(l->dirfd, name, 0);
	}
	log_active_fini(&next);
	return err;
}

enum sc_err log_active_close(struct event_log *l, uint32_t day)
{
	struct log_manifest m;
	bool placed = false;
	enum sc_err err;

	if (l->failed)
		return SC_IO;
	if (l->active.s.kept > 0)
		return roll(l, day);
	if (l->active.s.day == day)
		return SC_OK;
	m = log_manifest_of(l);
	m.open_day = day;
	if ((err = manifest_write(l->dirfd, &m, &placed)) == SC_OK)
		l->active.s.day = day;
	l->failed |= placed && err != SC_OK;
	return err;
}
