/*
 * files.c - backups in folders and pipes.
 */
#include "crypto/backup/files.h"

#include "base/bytes.h"
#include "base/civil.h"
#include "crypto/backup/stream_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "keys-"
#define SUFFIX ".backup"
#define PART ".part"
#define SYNC_BYTES (UINT64_C(32) << 20) /* begun to be written back before more gather */
#define DAY_MS UINT64_C(86400000)
#define PATIENCE_MS 60000
#define SLICE_MS 200

static enum sc_err failed(struct sc_diag *d, const char *what)
{
	const bool full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;

	sc_diag_set(d, "%s: %s%s", what, strerror(errno),
	    full ? "; make room there: nothing of this backup counts" : "");
	return full ? SC_LIMIT : SC_IO;
}

/* ---- a target ---- */

/*
 * As many bytes as a write takes without waiting. A reader who stops, as a connection that is cut
 * does, must not hold the moment that is shown for ever: the journal grows behind it.
 */
static enum sc_err room_for(struct backup_target *t, size_t *n)
{
	struct pollfd p = { .fd = t->fd, .events = POLLOUT };
	enum sc_err err;
	int r = 0;

	if (t->folder >= 0)
		return SC_OK;
	if (*n > PIPE_BUF)
		*n = PIPE_BUF;
	for (int ms = 0; ms < t->patience_ms; ms += SLICE_MS) {
		if ((r = poll(&p, 1, SLICE_MS)) == 1)
			return SC_OK;
		if (r < 0 && errno != EINTR)
			return SC_IO;
		/* the signal may have been another thread's */
		if (t->watch != NULL &&
		    (err = work_watched(t->watch, "waiting for who reads", 0, 0)) != SC_OK)
			return err;
	}
	t->stalled = true;
	return SC_IO;
}

static enum sc_err put(void *arg, struct sc_span bytes)
{
	struct backup_target *t = arg;
	const off_t all = 0;

	while (bytes.n > 0) {
		size_t some = bytes.n;
		enum sc_err err = room_for(t, &some);
		const ssize_t n = err != SC_OK ? 0 : write(t->fd, bytes.p, some);

		if (err != SC_OK)
			return err;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? SC_LIMIT :
										      SC_IO;
		bytes = sc_span_from(bytes, (size_t)n);
		t->unsynced += (uint64_t)n;
	}
	if (t->folder >= 0 && t->unsynced >= SYNC_BYTES) {
		t->unsynced = 0;
		(void)sync_file_range(t->fd, all, all, SYNC_FILE_RANGE_WRITE);
	}
	return SC_OK;
}

static bool ends_with(const char *name, const char *end)
{
	const size_t n = strlen(name), e = strlen(end);

	return n > e && strcmp(name + n - e, end) == 0;
}

/* Parts that nobody writes any more. */
static void remove_left(int folder)
{
	const int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;

	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((e = readdir(dir)) != NULL) {
		int part;

		if (strncmp(e->d_name, "." PREFIX, sizeof(PREFIX)) != 0 ||
		    !ends_with(e->d_name, PART))
			continue;
		part = openat(folder, e->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
		if (part >= 0 && flock(part, LOCK_EX | LOCK_NB) == 0)
			(void)unlinkat(folder, e->d_name, 0);
		if (part >= 0)
			close(part);
	}
	closedir(dir);
}

enum sc_err backup_target_open(const char *folder, struct sc_diag *d, struct backup_target *out)
{
	*out = (struct backup_target){ .fd = -1, .folder = -1, .patience_ms = PATIENCE_MS };
	out->sink = (struct backup_sink){ put, out };
	if (strcmp(folder, "-") == 0) {
		if (!isatty(STDOUT_FILENO))
			return SC_OK;
		sc_diag_set(d, "a backup is not for a terminal: name a folder, or a pipe behind -");
		return SC_IO;
	}
	snprintf(d->file, sizeof(d->file), "%.255s", folder);
	out->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (out->folder < 0)
		return failed(d, "the folder for the backup cannot be opened");
	d->file[0] = '\0';
	remove_left(out->folder);
	return SC_OK;
}

static void name_it(struct backup_target *t, const struct backup_header *h)
{
	const struct civil_date date = civil_of_days((int64_t)(h->at_ms / DAY_MS));
	const unsigned ms = (unsigned)(h->at_ms % DAY_MS);

	snprintf(t->name, sizeof(t->name),
	    "." PREFIX "%s-%04d%02u%02uT%02u%02u%02u%03uZ-%s" SUFFIX PART, h->tenant.s,
	    (int)date.year, date.month, date.day, ms / 3600000, ms / 60000 % 60, ms / 1000 % 60,
	    ms % 1000, h->whole ? "whole" : "since");
}

static void drop(struct backup_target *t)
{
	if (t->fd < 0 || t->folder < 0)
		return;
	(void)unlinkat(t->folder, t->name, 0);
	close(t->fd);
	t->fd = -1;
}

enum sc_err backup_target_begin(struct backup_target *t, const struct backup_header *h,
    struct sc_diag *d)
{
	if (t->folder < 0) {
		t->fd = STDOUT_FILENO;
		return SC_OK;
	}
	drop(t);
	name_it(t, h);
	t->fd =
	    openat(t->folder, t->name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (t->fd < 0 || flock(t->fd, LOCK_EX | LOCK_NB) != 0)
		return failed(d, "the backup's file cannot be made");
	return SC_OK;
}

/* Its own name, which nobody else has: a link, or on a file system without them a rename. */
static bool give_name(struct backup_target *t, const char *name)
{
	struct stat st;

	if (linkat(t->folder, t->name, t->folder, name, 0) == 0)
		return unlinkat(t->folder, t->name, 0) == 0;
	if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
		return false;
	if (fstatat(t->folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return false;
	}
	return renameat(t->folder, t->name, t->folder, name) == 0;
}

enum sc_err backup_target_keep(struct backup_target *t, struct sc_diag *d)
{
	char name[BACKUP_NAME_MAX];

	if (t->folder < 0)
		return SC_OK;
	snprintf(name, sizeof(name), "%.*s", (int)(strlen(t->name) - strlen(PART) - 1),
	    t->name + 1);
	if (fsync(t->fd) != 0 || !give_name(t, name) || fsync(t->folder) != 0)
		return failed(d, "the backup cannot be kept");
	snprintf(t->name, sizeof(t->name), "%s", name);
	close(t->fd);
	t->fd = -1;
	return SC_OK;
}

void backup_target_close(struct backup_target *t)
{
	drop(t);
	if (t->folder >= 0)
		close(t->folder);
	t->folder = -1;
}

/* ---- files that are there ---- */

static enum sc_err get(void *arg, uint8_t *p, size_t n, size_t *got)
{
	const struct backup_input *in = arg;
	ssize_t k;

	do
		k = read(in->fd, p, n);
	while (k < 0 && errno == EINTR);
	*got = k < 0 ? 0 : (size_t)k;
	return k < 0 ? SC_IO : SC_OK;
}

enum sc_err backup_input_open(const char *path, struct sc_diag *d, struct backup_input *out)
{
	struct stat st;

	snprintf(d->file, sizeof(d->file), "%.255s", path);
	out->source = (struct backup_source){ get, out };
	/* whoever may write into the folder may lay a pipe there: it must not make us wait */
	out->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (out->fd < 0)
		return failed(d, "it cannot be opened");
	if (fstat(out->fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		sc_diag_set(d, "it is no file");
		backup_input_close(out);
		return SC_SYNTAX;
	}
	(void)posix_fadvise(out->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return SC_OK;
}

void backup_input_close(struct backup_input *i)
{
	if (i->fd >= 0)
		close(i->fd);
	i->fd = -1;
}

/* The trailer where it must be: in the last bytes. */
static enum sc_err look_at_end(int fd, struct sc_diag *d, struct backup_found *f)
{
	uint8_t last[STREAM_LEAD + STREAM_END_BYTES];
	struct backup_end end;
	struct stat st;

	if (fstat(fd, &st) != 0)
		return failed(d, "it cannot be read");
	f->bytes = (uint64_t)st.st_size;
	if (st.st_size < (off_t)sizeof(last) ||
	    pread(fd, last, sizeof(last), st.st_size - (off_t)sizeof(last)) !=
		(ssize_t)sizeof(last) ||
	    last[0] != BACKUP_TRAILER || sc_be32_load(last + 1) != STREAM_END_BYTES) {
		sc_diag_set(d, STREAM_CUT);
		return SC_SYNTAX;
	}
	stream_end_parse(last + STREAM_LEAD, &end);
	memcpy(f->hash, end.hash, HASH_BYTES);
	return SC_OK;
}

enum sc_err backup_look(const char *path, struct sc_diag *d, struct backup_found *out)
{
	struct backup_reader *r = NULL;
	struct backup_input in;
	enum sc_err err;

	snprintf(out->path, sizeof(out->path), "%s", path);
	if ((err = backup_input_open(path, d, &in)) != SC_OK)
		return err;
	if ((err = backup_reader_new(&in.source, d, &out->header, &r)) == SC_OK)
		err = look_at_end(in.fd, d, out);
	backup_reader_free(r);
	backup_input_close(&in);
	return err;
}

static int by_time(const void *a, const void *b)
{
	const struct backup_found *x = a, *y = b;

	return x->header.at_ms < y->header.at_ms ? -1 : x->header.at_ms > y->header.at_ms;
}

static enum sc_err add(const char *folder, const char *name, struct backup_found **all, size_t *n)
{
	struct backup_found *more;
	char path[BACKUP_PATH_MAX];
	struct sc_diag d;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		return SC_OK;
	if ((more = realloc(*all, (*n + 1) * sizeof(*more))) == NULL)
		return SC_NOMEM;
	*all = more;
	if (backup_look(path, &d, &more[*n]) == SC_OK)
		++*n;
	return SC_OK;
}

enum sc_err backup_list(const char *folder, struct sc_diag *d, struct backup_found **out, size_t *n)
{
	enum sc_err err = SC_OK;
	const struct dirent *e;
	DIR *dir = opendir(folder);

	*out = NULL;
	*n = 0;
	if (dir == NULL) {
		snprintf(d->file, sizeof(d->file), "%.255s", folder);
		return failed(d, "the folder of backups cannot be read");
	}
	while (err == SC_OK && (e = readdir(dir)) != NULL)
		if (strncmp(e->d_name, PREFIX, strlen(PREFIX)) == 0 && ends_with(e->d_name, SUFFIX))
			err = add(folder, e->d_name, out, n);
	closedir(dir);
	if (err == SC_OK && *n > 0)
		qsort(*out, *n, sizeof(**out), by_time);
	return err;
}
