/*
 * private_file.c - reading a file that only its owner may read, and keeping it.
 */
#include "base/private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Is it ours alone? D says why not. */
static enum sc_err check(const struct stat *st, const char *what, struct sc_diag *d)
{
	if (!S_ISREG(st->st_mode) || (st->st_mode & 077) != 0) {
		sc_diag_set(d, "the %s's mode must be 0600 or 0400, not %04o", what,
		    (unsigned)st->st_mode & 07777);
		return SC_AUTH;
	}
	if (st->st_uid != geteuid() && st->st_uid != 0) {
		sc_diag_set(d, "the %s belongs to user %u, and must belong to %u, who runs this",
		    what, (unsigned)st->st_uid, (unsigned)geteuid());
		return SC_AUTH;
	}
	return SC_OK;
}

/* What was handed over, and the folder it lies in. */
static enum sc_err check_handed(const struct stat *st, bool folder, const char *what,
    struct sc_diag *d)
{
	const char *of = folder ? "folder" : "file";

	if (folder ? !S_ISDIR(st->st_mode) : !S_ISREG(st->st_mode)) {
		sc_diag_set(d, "the %s's %s is none", what, of);
		return SC_AUTH;
	}
	if ((st->st_uid != geteuid() && st->st_uid != 0) || (st->st_mode & 027) != 0) {
		sc_diag_set(d,
		    "the %s's %s must be root's or ours and closed to others, "
		    "not of user %u and mode %04o",
		    what, of, (unsigned)st->st_uid, (unsigned)st->st_mode & 07777);
		return SC_AUTH;
	}
	return SC_OK;
}

/* FD to its end. */
static enum sc_err read_all(int fd, struct sc_buf *out)
{
	const size_t began = out->n;
	enum sc_err err;
	ssize_t n = 1;
	uint8_t *p;

	while (n > 0) {
		size_t room = out->max - out->n < 4096 ? out->max - out->n : 4096;

		if (room == 0)
			return SC_LIMIT;
		if ((err = sc_buf_grow(out, room, &p)) != SC_OK)
			return err;
		while ((n = read(fd, p, room)) < 0 && errno == EINTR)
			;
		sc_buf_truncate(out, out->n - room + (n < 0 ? 0 : (size_t)n));
	}
	return n < 0 || out->n == began ? SC_IO : SC_OK;
}

static enum sc_err read_whole(int fd, const char *what, struct sc_buf *out, struct sc_diag *d)
{
	const enum sc_err err = read_all(fd, out);

	if (err != SC_OK)
		sc_diag_set(d, "cannot read the %s: it is empty, or longer than %zu bytes", what,
		    out->max - 1);
	return err;
}

/* a pipe must not make us wait */
#define READING (O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)

enum sc_err private_file_read(const char *path, const char *what, struct sc_buf *out,
    struct sc_diag *d)
{
	int fd = open(path, READING);
	struct stat st;
	enum sc_err err = SC_IO;

	snprintf(d->file, sizeof(d->file), "%.255s", path);
	if (fd < 0 && errno == EACCES)
		sc_diag_set(d, "the %s may not be read by user %u, who runs this and must own it",
		    what, (unsigned)geteuid());
	else if (fd < 0 || fstat(fd, &st) != 0)
		sc_diag_set(d, "cannot open the %s: %s", what, strerror(errno));
	else if ((err = check(&st, what, d)) == SC_OK)
		err = read_whole(fd, what, out, d);
	if (fd >= 0)
		close(fd);
	return err;
}

enum sc_err private_file_read_handed(const char *folder, const char *name, const char *what,
    struct sc_buf *out, struct sc_diag *d)
{
	int dir = open(folder, READING | O_DIRECTORY), fd = -1;
	enum sc_err err = SC_IO;
	struct stat st;

	snprintf(d->file, sizeof(d->file), "%.127s/%.127s", folder, name);
	if (dir < 0 || fstat(dir, &st) != 0) {
		sc_diag_set(d, "cannot open the %s's folder: %s", what, strerror(errno));
		goto out;
	}
	if ((err = check_handed(&st, true, what, d)) != SC_OK)
		goto out;
	err = SC_IO;
	if ((fd = openat(dir, name, READING)) < 0 || fstat(fd, &st) != 0)
		sc_diag_set(d, "cannot open the %s: %s", what, strerror(errno));
	else if ((err = check_handed(&st, false, what, d)) == SC_OK)
		err = read_whole(fd, what, out, d);
out:
	if (fd >= 0)
		close(fd);
	if (dir >= 0)
		close(dir);
	return err;
}

bool private_file_settle(const char *path)
{
	char copy[PATH_MAX];
	bool ok;
	int fd;

	snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ok = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return ok;
}
