/*
 * log.c - the event log is opened, and asked.
 *
 * Whatever stands in the folder and is not named by the manifest is what a crash
 * left of a segment that was being made, or of one that was replaced: it is removed.
 */
#include "analytics/log/log.h"

#include "analytics/log/log_private.h"
#include "base/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- opening ------------------------------------------------------------------------- */

static enum sc_err say(const struct event_log *l, struct sc_diag *d, enum sc_err err,
    const char *file, const char *what)
{
	if (d != NULL) {
		snprintf(d->file, sizeof(d->file), "%.200s/%.40s", l->dir, file);
		sc_diag_set(d, "%s", what);
	}
	return err;
}

static enum sc_err open_folder(struct event_log *l, struct sc_diag *d)
{
	if (mkdir(l->dir, 0700) != 0 && errno != EEXIST)
		return say(l, d, SC_IO, "", strerror(errno));
	l->dirfd = open(l->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (l->dirfd < 0)
		return say(l, d, SC_IO, "", strerror(errno));
	l->lock_fd = openat(l->dirfd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (l->lock_fd < 0)
		return say(l, d, SC_IO, "lock", strerror(errno));
	if (flock(l->lock_fd, LOCK_EX | LOCK_NB) != 0)
		return say(l, d, SC_IO, "lock", "another process has the log open");
	return SC_OK;
}

typedef enum sc_err file_each_fn(struct event_log *l, const char *name, struct sc_diag *d);

static enum sc_err each_file(struct event_log *l, file_each_fn *each, struct sc_diag *d)
{
	int fd = openat(l->dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	enum sc_err err = SC_OK;
	struct dirent *e;

	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return say(l, d, SC_IO, "", strerror(errno));
	}
	while (err == SC_OK && (e = readdir(dir)) != NULL)
		err = each(l, e->d_name, d);
	closedir(dir);
	return err;
}

static enum sc_err must_be_empty(struct event_log *l, const char *name, struct sc_diag *d)
{
	const char *ending;
	struct stat st;
	uint32_t number;

	if (!segment_name_parse(name, &number, &ending) || strcmp(ending, "seg") != 0)
		return SC_OK;
	if (fstatat(l->dirfd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return say(l, d, SC_IO, name, strerror(errno));
	return st.st_size == 0 ?
	    SC_OK :
	    say(l, d, SC_CORRUPT, MANIFEST_NAME, "is not there, but there are segments");
}

/* The first segment, then the manifest that names it: either alone is begun anew. */
static enum sc_err begin(struct event_log *l, struct sc_diag *d)
{
	const struct log_manifest m = { .next = 2, .open = 1 };
	char name[SEGMENT_NAME_BYTES];
	bool placed;
	enum sc_err err;
	int fd;

	if ((err = each_file(l, must_be_empty, d)) != SC_OK)
		return err;
	segment_name(m.open, "seg", name);
	fd = openat(l->dirfd, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return say(l, d, SC_IO, name, strerror(errno));
	close(fd);
	err = manifest_write(l->dirfd, &m, &placed);
	return err == SC_OK ? SC_OK : say(l, d, err, MANIFEST_NAME, "cannot be written");
}

static enum sc_err load_manifest(struct event_log *l, struct sc_diag *d)
{
	struct log_manifest m;
	bool found;
	enum sc_err err;

	if ((err = manifest_read(l->dirfd, l->dir, d, &m, &found)) != SC_OK)
		return err;
	if (!found &&
	    ((err = begin(l, d)) != SC_OK ||
		(err = manifest_read(l->dirfd, l->dir, d, &m, &found)) != SC_OK))
		return err;
	l->closed = m.closed;
	l->n_closed = m.n_closed;
	l->cap = m.n_closed + 1;
	l->next = m.next;
	l->erased = m.erased;
	l->active.s.number = m.open;
	l->active.s.day = m.open_day;
	return SC_OK;
}

static bool is_named(const struct event_log *l, uint32_t number, const char *ending)
{
	for (size_t i = 0; i < l->n_closed; i++)
		if (l->closed[i].number == number)
			return true;
	return l->active.s.number == number && strcmp(ending, "seg") == 0;
}

static enum sc_err remove_leftover(struct event_log *l, const char *name, struct sc_diag *d)
{
	const char *ending;
	uint32_t number;

	if (!segment_name_parse(name, &number, &ending) || is_named(l, number, ending))
		return SC_OK;
	if (unlinkat(l->dirfd, name, 0) != 0)
		return say(l, d, SC_IO, name, strerror(errno));
	log_event(LOG_INFO, "eventlog.leftover", LOG_U64("segment", number), LOG_END);
	return SC_OK;
}

static enum sc_err put_ids(void *arg, const uint8_t *raw, const struct feed_frame *f,
    uint32_t place)
{
	const uint64_t id = segment_id_of(f);
	struct ids_table *t = arg;

	(void)raw;
	if (ids_reserve(t, 1) != SC_OK)
		return SC_NOMEM;
	if (id != 0)
		(void)ids_put(t, id, segment_place(f, place));
	return SC_OK;
}

/* Make S's ids file from its frames, and open it. */
static enum sc_err make_ids(struct event_log *l, struct log_segment *s)
{
	struct ids_table t = { .n = 0 };
	char name[SEGMENT_NAME_BYTES];
	enum sc_err err;

	segment_name(s->number, "ids", name);
	if ((err = segment_read(l->dirfd, s->number, s->frames, put_ids, &t, NULL)) == SC_OK &&
	    (err = ids_file_write(l->dirfd, name, &t)) == SC_OK)
		err = ids_file_open(l->dirfd, name, &s->ids);
	ids_table_fini(&t);
	return err;
}

/* Its length, and its ids, which can be made again. */
static enum sc_err open_closed(struct event_log *l, struct log_segment *s, struct sc_diag *d)
{
	char name[SEGMENT_NAME_BYTES], ids[SEGMENT_NAME_BYTES];
	struct stat st;

	segment_name(s->number, "seg", name);
	segment_name(s->number, "ids", ids);
	if (fstatat(l->dirfd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return say(l, d, errno == ENOENT ? SC_CORRUPT : SC_IO, name, strerror(errno));
	if (st.st_size != (off_t)s->frames * FEED_FRAME_BYTES)
		return say(l, d, SC_CORRUPT, name, "has another length than its manifest says");
	if (ids_file_open(l->dirfd, ids, &s->ids) == SC_OK)
		return SC_OK;
	log_event(LOG_WARN, "eventlog.ids_made_anew", LOG_U64("segment", s->number), LOG_END);
	return make_ids(l, s) == SC_OK ? SC_OK :
					 say(l, d, SC_CORRUPT, name, "cannot be read through");
}

static enum sc_err open_all(struct event_log *l, struct sc_diag *d)
{
	enum sc_err err;

	if ((err = open_folder(l, d)) != SC_OK || (err = load_manifest(l, d)) != SC_OK ||
	    (err = each_file(l, remove_leftover, d)) != SC_OK)
		return err;
	for (size_t i = 0; i < l->n_closed; i++)
		if ((err = open_closed(l, &l->closed[i], d)) != SC_OK)
			return err;
	l->cut = l->n_closed;
	return log_active_open(l, d);
}

enum sc_err event_log_open(const struct event_log_options *o, struct sc_diag *d,
    struct event_log **out)
{
	struct event_log *l = calloc(1, sizeof(*l));
	enum sc_err err = SC_NOMEM;

	*out = NULL;
	if (l == NULL)
		return SC_NOMEM;
	l->o = *o;
	if (l->o.segment_frames == 0 || l->o.segment_frames > SEGMENT_FRAMES)
		l->o.segment_frames = SEGMENT_FRAMES;
	l->dirfd = l->lock_fd = l->active.fd = -1;
	(void)pthread_mutex_init(&l->lock, NULL);
	if ((l->dir = strdup(o->dir)) == NULL ||
	    (l->spools = calloc(EVENT_LOG_SPOOLS_MAX, sizeof(*l->spools))) == NULL ||
	    (l->buf = malloc(LOG_APPEND_FRAMES * FEED_FRAME_BYTES)) == NULL ||
	    (err = open_all(l, d)) != SC_OK)
		goto out;
	*out = l;
	l = NULL;
out:
	event_log_close(l);
	return err;
}

void event_log_close(struct event_log *l)
{
	if (l == NULL)
		return;
	log_active_fini(&l->active);
	for (size_t i = 0; i < l->n_closed; i++)
		ids_file_close(&l->closed[i].ids);
	free(l->closed);
	free(l->spools);
	free(l->buf);
	free(l->dir);
	if (l->dirfd >= 0)
		close(l->dirfd);
	if (l->lock_fd >= 0)
		close(l->lock_fd);
	(void)pthread_mutex_destroy(&l->lock);
	free(l);
}

/* ---- what is in it --------------------------------------------------------------------- */

struct log_spool *log_spool_of(struct event_log *l, uint64_t spool, bool make)
{
	for (size_t i = 0; i < l->n_spools; i++)
		if (l->spools[i].spool == spool)
			return &l->spools[i];
	if (!make || l->n_spools == EVENT_LOG_SPOOLS_MAX)
		return NULL;
	l->spools[l->n_spools] = (struct log_spool){ spool, 0 };
	return &l->spools[l->n_spools++];
}

uint64_t event_log_next(struct event_log *l, uint64_t spool)
{
	const struct log_spool *s;
	uint64_t next;

	pthread_mutex_lock(&l->lock);
	s = log_spool_of(l, spool, false);
	next = s == NULL ? 0 : s->next;
	pthread_mutex_unlock(&l->lock);
	return next;
}

/* What is being looked for: one segment after the other, then the places in it. */
struct log_search {
	struct event_log *l;
	uint32_t number; /* of the segment */
	event_log_each_fn *each;
	void *arg;
	enum sc_err err;
};

static bool tell_place(void *arg, uint32_t place)
{
	struct log_search *s = arg;
	struct feed_frame f;

	if (place == IDS_GONE)
		return true;
	s->err = segment_frame(s->l->dirfd, s->number, place & ~IDS_VERDICT, &f);
	if (s->err == SC_OK)
		s->err = s->each(s->arg, &f);
	return s->err == SC_OK;
}

enum sc_err event_log_about(struct event_log *l, uint64_t id, event_log_each_fn *each, void *arg)
{
	struct log_search s = { .l = l, .each = each, .arg = arg };

	if (id == 0)
		return SC_OK;
	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; i < l->n_closed && s.err == SC_OK; i++) {
		s.number = l->closed[i].number;
		ids_file_each(&l->closed[i].ids, id, tell_place, &s);
	}
	s.number = l->active.s.number;
	if (s.err == SC_OK)
		ids_each(&l->active.ids, id, tell_place, &s);
	pthread_mutex_unlock(&l->lock);
	return s.err;
}

struct log_found {
	struct feed_event *out;
	bool found;
};

static enum sc_err take_event(void *arg, const struct feed_frame *f)
{
	struct log_found *found = arg;

	if (f->type == FEED_EVENT) {
		*found->out = f->u.event;
		found->found = true;
	}
	return SC_OK;
}

bool event_log_find(struct event_log *l, uint64_t id, struct feed_event *out)
{
	struct log_found found = { .out = out };

	return event_log_about(l, id, take_event, &found) == SC_OK && found.found;
}

static void add(struct event_log_stats *out, const struct log_segment *s)
{
	out->frames += s->kept;
	out->events += s->events;
	out->duplicates += s->duplicates;
	out->bytes += (uint64_t)s->frames * FEED_FRAME_BYTES;
	out->segments++;
}

bool event_log_failed(struct event_log *l)
{
	bool failed;

	pthread_mutex_lock(&l->lock);
	failed = l->failed;
	pthread_mutex_unlock(&l->lock);
	return failed;
}

void event_log_count(struct event_log *l, struct event_log_stats *out)
{
	memset(out, 0, sizeof(*out));
	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; i < l->n_closed; i++)
		add(out, &l->closed[i]);
	add(out, &l->active.s);
	out->erased = l->erased;
	out->rewritten = l->rewritten;
	pthread_mutex_unlock(&l->lock);
}
