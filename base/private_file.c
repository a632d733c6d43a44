/*
 * private_file.c - reading a file that only its owner may read.
 */
#include "base/private_file.h"

#include <errno.h>
#include <fcntl.h>
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
		sc_diag_set(d, "the %s belongs to another user", what);
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

enum sc_err private_file_read(const char *path, const char *what, struct sc_buf *out,
    struct sc_diag *d)
{
	/* a pipe must not make us wait */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;
	enum sc_err err = SC_IO;

	snprintf(d->file, sizeof(d->file), "%.255s", path);
	if (fd < 0 || fstat(fd, &st) != 0) {
		sc_diag_set(d, "cannot open the %s: %s", what, strerror(errno));
		goto out;
	}
	if ((err = check(&st, what, d)) == SC_OK && (err = read_all(fd, out)) != SC_OK)
		sc_diag_set(d, "cannot read the %s: it is empty, or longer than %zu bytes", what,
		    out->max - 1);
out:
	if (fd >= 0)
		close(fd);
	return err;
}
