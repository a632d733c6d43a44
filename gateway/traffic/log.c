/*
 * log.c - the rule log's files: records appended through a buffer, a torn end cut, old
 * days forgotten.
 */
#include "gateway/traffic/log.h"

#include "base/bytes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAY_MS 86400000u
#define NAME_BYTES 24

static void name_of(uint32_t day, char out[static NAME_BYTES])
{
	(void)snprintf(out, NAME_BYTES, "day-%u", day);
}

/* ---- days, ascending --------------------------------------------------------------------- */

static void day_drop(struct traffic_log *l, size_t i)
{
	char name[NAME_BYTES];

	name_of(l->days[i].day, name);
	(void)close(l->days[i].fd);
	if (l->dirfd >= 0)
		(void)unlinkat(l->dirfd, name, 0);
	l->n_days--;
	memmove(&l->days[i], &l->days[i + 1], (l->n_days - i) * sizeof(l->days[0]));
}

static enum sc_err day_open(struct traffic_log *l, uint32_t day, struct traffic_log_day **out)
{
	char name[NAME_BYTES];
	size_t i = 0;
	int fd;

	while (i < l->n_days && l->days[i].day < day)
		i++;
	if (i == l->n_days || l->days[i].day != day) {
		name_of(day, name);
		fd = l->dirfd < 0 ?
		    memfd_create(name, MFD_CLOEXEC) :
		    openat(l->dirfd, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd < 0)
			return SC_IO;
		if (l->n_days == TRAFFIC_LOG_DAYS) {
			day_drop(l, 0);
			i -= i > 0;
		}
		memmove(&l->days[i + 1], &l->days[i], (l->n_days - i) * sizeof(l->days[0]));
		l->days[i] = (struct traffic_log_day){ .day = day, .fd = fd };
		l->n_days++;
	}
	*out = &l->days[i];
	return SC_OK;
}

/* ---- opening -------------------------------------------------------------------------------- */

static enum sc_err log_damaged(const char *name, uint64_t i, struct sc_diag *d)
{
	sc_diag_set(d, "the rule log's %s is damaged at record %llu", name, (unsigned long long)i);
	return SC_CORRUPT;
}

/* What has been found of one file, piece by piece. */
struct day_found {
	uint64_t n;   /* records looked at */
	uint64_t bad; /* the first that is not whole; UINT64_MAX: all are */
};

/*
 * All behind the first record that is not whole must be so too: then it is an end that was
 * being written; a damaged one among good ones is not.
 */
static bool piece_check(const uint8_t *p, size_t bytes, struct day_found *f)
{
	struct traffic_record r;

	for (; bytes >= TRAFFIC_RECORD_BYTES; bytes -= TRAFFIC_RECORD_BYTES, f->n++) {
		const bool good = traffic_record_decode(p, &r);

		if (good && f->bad != UINT64_MAX)
			return false;
		if (!good && f->bad == UINT64_MAX)
			f->bad = f->n;
		p += TRAFFIC_RECORD_BYTES;
	}
	return true;
}

/* *BYTES are there, *WHOLE records at their beginning are whole. */
static enum sc_err day_check(struct traffic_log *l, const char *name, int fd, uint64_t *whole,
    uint64_t *bytes, struct sc_diag *d)
{
	struct day_found f = { 0, UINT64_MAX };
	ssize_t n;

	*bytes = 0;
	while ((n = pread(fd, l->buffer, TRAFFIC_LOG_BUFFER, (off_t)*bytes)) > 0) {
		*bytes += (uint64_t)n;
		if (!piece_check(l->buffer, (size_t)n, &f))
			return log_damaged(name, f.bad, d);
		if (n % TRAFFIC_RECORD_BYTES != 0)
			break;
	}
	if (n < 0) {
		sc_diag_set(d, "the rule log's %s cannot be read: %s", name, strerror(errno));
		return SC_IO;
	}
	*whole = f.bad < f.n ? f.bad : f.n;
	return SC_OK;
}

static enum sc_err day_load(struct traffic_log *l, uint32_t number, struct sc_diag *d)
{
	char name[NAME_BYTES];
	struct traffic_log_day *day;
	uint64_t bytes;
	enum sc_err err;

	name_of(number, name);
	if ((err = day_open(l, number, &day)) != SC_OK) {
		sc_diag_set(d, "the rule log's %s cannot be opened: %s", name, strerror(errno));
		return err;
	}
	if ((err = day_check(l, name, day->fd, &day->n, &bytes, d)) != SC_OK)
		return err;
	if (bytes > day->n * TRAFFIC_RECORD_BYTES &&
	    ftruncate(day->fd, (off_t)(day->n * TRAFFIC_RECORD_BYTES)) != 0) {
		sc_diag_set(d, "the rule log's %s cannot be cut: %s", name, strerror(errno));
		return SC_IO;
	}
	return SC_OK;
}

static enum sc_err folder_load(struct traffic_log *l, struct sc_diag *d)
{
	const int fd = dup(l->dirfd);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	enum sc_err err = dir == NULL ? SC_IO : SC_OK;
	char name[NAME_BYTES];
	unsigned day;

	for (const struct dirent *e; err == SC_OK && (e = readdir(dir)) != NULL;) {
		if (sscanf(e->d_name, "day-%u", &day) != 1)
			continue;
		name_of(day, name);
		if (strcmp(name, e->d_name) == 0)
			err = day_load(l, day, d);
	}
	if (dir != NULL)
		(void)closedir(dir);
	else if (fd >= 0)
		(void)close(fd);
	return err;
}

enum sc_err traffic_log_open(struct traffic_log *l, const char *dir, struct sc_diag *d)
{
	memset(l, 0, sizeof(*l));
	l->dirfd = -1;
	(void)pthread_mutex_init(&l->lock, NULL);
	if ((l->buffer = malloc(TRAFFIC_LOG_BUFFER)) == NULL)
		return SC_NOMEM;
	if (dir == NULL)
		return SC_OK;
	if (d != NULL)
		snprintf(d->file, sizeof(d->file), "%s", dir);
	if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
		sc_diag_set(d, "the rule log's folder cannot be made: %s", strerror(errno));
		return SC_IO;
	}
	l->dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (l->dirfd < 0) {
		sc_diag_set(d, "the rule log's folder cannot be opened: %s", strerror(errno));
		return SC_IO;
	}
	return folder_load(l, d);
}

/* ---- appending ------------------------------------------------------------------------------- */

static bool write_at(int fd, const uint8_t *p, size_t n, uint64_t at)
{
	while (n > 0) {
		const ssize_t did = pwrite(fd, p, n, (off_t)at);

		if (did < 0 && errno == EINTR)
			continue;
		if (did < 0)
			return false;
		p += did;
		n -= (size_t)did;
		at += (uint64_t)did;
	}
	return true;
}

/* Under the lock. What cannot be written is kept for the next time, while there is room. */
static enum sc_err buffer_write(struct traffic_log *l)
{
	struct traffic_log_day *day;
	enum sc_err err;

	if (l->used == 0)
		return SC_OK;
	if ((err = day_open(l, l->buffer_day, &day)) != SC_OK)
		return err;
	if (!write_at(day->fd, l->buffer, l->used, day->n * TRAFFIC_RECORD_BYTES))
		return SC_IO;
	day->n += l->used / TRAFFIC_RECORD_BYTES;
	day->unsynced = true;
	l->used = 0;
	return SC_OK;
}

void traffic_log_add(struct traffic_log *l, const struct traffic_record *r, uint64_t now_ms)
{
	const uint32_t day = (uint32_t)(now_ms / DAY_MS);

	(void)pthread_mutex_lock(&l->lock);
	if ((l->used == TRAFFIC_LOG_BUFFER || (l->used > 0 && day != l->buffer_day)) &&
	    buffer_write(l) != SC_OK) {
		l->failed = true;
		l->used = 0;
	}
	l->buffer_day = day;
	traffic_record_encode(r, l->buffer + l->used);
	l->used += TRAFFIC_RECORD_BYTES;
	(void)pthread_mutex_unlock(&l->lock);
}

enum sc_err traffic_log_write(struct traffic_log *l)
{
	enum sc_err err;

	(void)pthread_mutex_lock(&l->lock);
	err = buffer_write(l);
	(void)pthread_mutex_unlock(&l->lock);
	return err;
}

/* Descriptors of what is not durable yet, the folder's first; how many. Under the lock. */
static size_t take_unsynced(struct traffic_log *l, int *fds)
{
	size_t n = 0;

	if (l->dirfd < 0)
		return 0;
	for (size_t i = 0; i < l->n_days; i++) {
		if (!l->days[i].unsynced)
			continue;
		l->days[i].unsynced = false;
		if (n == 0)
			fds[n++] = dup(l->dirfd);
		fds[n++] = dup(l->days[i].fd);
	}
	return n;
}

enum sc_err traffic_log_tend(struct traffic_log *l, uint64_t now_ms)
{
	const uint32_t today = (uint32_t)(now_ms / DAY_MS);
	int fds[TRAFFIC_LOG_DAYS + 1];
	enum sc_err err;
	size_t n;

	(void)pthread_mutex_lock(&l->lock);
	while (l->n_days > 0 && l->days[0].day + TRAFFIC_DAYS < today)
		day_drop(l, 0);
	err = buffer_write(l);
	if (l->failed)
		err = SC_IO;
	l->failed = false;
	n = take_unsynced(l, fds);
	(void)pthread_mutex_unlock(&l->lock);
	/* no event waits for this */
	for (size_t i = 0; i < n; i++) {
		if (fds[i] < 0 || fsync(fds[i]) != 0)
			err = SC_IO;
		if (fds[i] >= 0)
			(void)close(fds[i]);
	}
	return err;
}

void traffic_log_close(struct traffic_log *l)
{
	if (l->buffer == NULL)
		return;
	(void)pthread_mutex_lock(&l->lock);
	(void)buffer_write(l);
	(void)pthread_mutex_unlock(&l->lock);
	for (size_t i = 0; i < l->n_days; i++)
		(void)close(l->days[i].fd);
	if (l->dirfd >= 0)
		(void)close(l->dirfd);
	(void)pthread_mutex_destroy(&l->lock);
	free(l->buffer);
	memset(l, 0, sizeof(*l));
}
