/*
 * files.c - durable writing: a set of files synced together, atomic replacement.
 */
#include "crypto/tlog/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum sc_err files_say(struct sc_diag *d, const char *file, enum sc_err err, const char *fmt, ...)
{
	va_list ap;

	if (d == NULL)
		return err;
	snprintf(d->file, sizeof(d->file), "%s", file);
	va_start(ap, fmt);
	vsnprintf(d->text, sizeof(d->text), fmt, ap);
	va_end(ap);
	return err;
}

enum sc_err files_failed(struct sc_diag *d, const char *file, const char *what)
{
	int e = errno;

	return files_say(d, file, e == ENOSPC || e == EDQUOT || e == EFBIG ? SC_LIMIT : SC_IO,
	    "%s: %s", what, strerror(e));
}

static enum sc_err write_all(int fd, struct sc_span s)
{
	ssize_t n;

	for (; s.n > 0; s = sc_span_from(s, (size_t)n)) {
		n = write(fd, s.p, s.n);
		if (n < 0 && errno == EINTR)
			n = 0;
		if (n < 0)
			return SC_IO;
	}
	return SC_OK;
}

void files_set_init(struct files_set *s, int dirfd)
{
	s->dirfd = dirfd;
	s->n = 0;
	s->n_dirs = 0;
}

static void remember_dir(struct files_set *s, const char *path, size_t n)
{
	char dir[64];

	snprintf(dir, sizeof(dir), "%.*s", n == 0 ? 1 : (int)n, n == 0 ? "." : path);
	for (size_t i = s->n_dirs; i-- > 0;)
		if (strcmp(s->dirs[i], dir) == 0)
			return;
	memcpy(s->dirs[s->n_dirs++], dir, sizeof(dir));
}

/* The parent of the name that ends at END. */
static size_t parent(const char *path, size_t end)
{
	while (end > 0 && path[end - 1] != '/')
		end--;
	return end == 0 ? 0 : end - 1;
}

/* Make the folders that PATH lies in; each new one is a new name in its parent. */
static enum sc_err make_dirs(struct files_set *s, const char *path)
{
	char dir[64];

	for (size_t i = 1; path[i] != '\0'; i++) {
		if (path[i] != '/')
			continue;
		snprintf(dir, sizeof(dir), "%.*s", (int)i, path);
		if (mkdirat(s->dirfd, dir, 0750) == 0)
			remember_dir(s, path, parent(path, i));
		else if (errno != EEXIST)
			return SC_IO;
	}
	return SC_OK;
}

enum sc_err files_set_write(struct files_set *s, const char *path, struct sc_span bytes,
    struct sc_diag *d)
{
	const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
	enum sc_err err;
	int fd;

	/* a path brings at most eight folders: leave room for them */
	if ((s->n == FILES_SET_MAX || s->n_dirs + 8 > 2 * FILES_SET_MAX) &&
	    (err = files_set_sync(s, d)) != SC_OK)
		return err;
	fd = openat(s->dirfd, path, flags, 0640);
	if (fd < 0 && errno == ENOENT) {
		if (make_dirs(s, path) != SC_OK)
			return files_failed(d, path, "cannot make its folder");
		fd = openat(s->dirfd, path, flags, 0640);
	}
	if (fd < 0)
		return files_failed(d, path, "cannot be made");
	remember_dir(s, path, parent(path, strlen(path)));
	s->fd[s->n++] = fd;
	return write_all(fd, bytes) == SC_OK ? SC_OK : files_failed(d, path, "cannot be written");
}

static enum sc_err sync_dir(int dirfd, const char *dir)
{
	int fd = openat(dirfd, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;

	if (fd < 0)
		return SC_IO;
	r = fsync(fd);
	close(fd);
	return r == 0 ? SC_OK : SC_IO;
}

enum sc_err files_set_sync(struct files_set *s, struct sc_diag *d)
{
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < s->n; i++) /* a hint: fsync() below decides */
		(void)sync_file_range(s->fd[i], 0, 0, SYNC_FILE_RANGE_WRITE);
	for (size_t i = 0; i < s->n && err == SC_OK; i++)
		if (fsync(s->fd[i]) != 0)
			err = files_failed(d, "tile", "cannot be synced");
	for (size_t i = 0; i < s->n_dirs && err == SC_OK; i++)
		if (sync_dir(s->dirfd, s->dirs[i]) != SC_OK)
			err = files_failed(d, s->dirs[i], "folder cannot be synced");
	files_set_drop(s);
	if (err == SC_OK)
		s->n_dirs = 0;
	return err;
}

/* The folders stay: what was made in them is there for the next attempt, and not durable. */
void files_set_drop(struct files_set *s)
{
	for (size_t i = 0; i < s->n; i++)
		close(s->fd[i]);
	s->n = 0;
}

enum sc_err files_replace(int dirfd, const char *path, struct sc_span bytes, struct sc_diag *d)
{
	enum sc_err err = SC_OK;
	char tmp[80];
	int fd;

	snprintf(tmp, sizeof(tmp), "%s.tmp", path);
	fd = openat(dirfd, tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0)
		return files_failed(d, path, "cannot be made");
	if (write_all(fd, bytes) != SC_OK || fsync(fd) != 0)
		err = files_failed(d, path, "cannot be written");
	close(fd);
	if (err == SC_OK && (renameat(dirfd, tmp, dirfd, path) != 0 || fsync(dirfd) != 0))
		err = files_failed(d, path, "cannot be replaced");
	if (err != SC_OK)
		unlinkat(dirfd, tmp, 0);
	return err;
}

enum sc_err files_print_take(int dirfd, const char *path, struct files_print *out)
{
	struct stat st;

	memset(out, 0, sizeof(*out));
	if (fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return SC_IO;
	*out = (struct files_print){ st.st_dev, st.st_ino, st.st_size, st.st_mtim };
	return SC_OK;
}

bool files_print_same(int dirfd, const char *path, const struct files_print *was, bool times,
    struct sc_diag *d)
{
	const char *what = NULL;
	struct stat st;

	if (fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		what = errno == ENOENT || errno == ENOTDIR ? "was deleted while the log was open" :
							     "cannot be looked at any more";
	} else if (st.st_dev != was->dev || st.st_ino != was->ino) {
		what = "was replaced while the log was open";
	} else if (st.st_size != was->size) {
		what = "was cut or extended while the log was open";
	} else if (times &&
	    (st.st_mtim.tv_sec != was->mtime.tv_sec || st.st_mtim.tv_nsec != was->mtime.tv_nsec)) {
		what = "was edited while the log was open";
	}
	if (what != NULL)
		(void)files_say(d, path, SC_CORRUPT, "%s", what);
	return what == NULL;
}

enum sc_err files_read(int dirfd, const char *path, uint8_t *p, size_t *n, bool *found,
    struct sc_diag *d)
{
	int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	size_t at = 0, room = *n;
	uint8_t more;
	ssize_t r;

	*n = 0;
	*found = fd >= 0;
	if (fd < 0)
		return errno == ENOENT ? SC_OK : files_failed(d, path, "cannot be opened");
	do {
		r = at < room ? read(fd, p + at, room - at) : read(fd, &more, 1);
		if (r > 0)
			at += (size_t)r;
	} while (r > 0 && at <= room);
	close(fd);
	if (r < 0)
		return files_failed(d, path, "cannot be read");
	if (at > room)
		return files_say(d, path, SC_CORRUPT, "is too long");
	*n = at;
	return SC_OK;
}
