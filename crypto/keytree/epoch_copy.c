/*
 * epoch_copy.c - keyd.epoch as a file on one disk.
 */
#include "crypto/keytree/epoch_copy.h"

#include "base/private_file.h"
#include "base/weak.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Some file systems refuse O_DIRECT when opening, others at the first use. */
static bool without_direct(struct epoch_copy *c)
{
	if (errno != EINVAL || !c->direct)
		return false;
	c->direct = false;
	return fcntl(c->fd, F_SETFL, 0) == 0;
}

bool epoch_copy_write(struct epoch_copy *c, unsigned i, const uint8_t *block)
{
	const off_t at = (off_t)i * EPOCH_BLOCK;
	ssize_t n;

	do
		n = pwrite(c->fd, block, EPOCH_BLOCK, at);
	while (n < 0 && (errno == EINTR || without_direct(c)));
	if (n >= 0 && n != EPOCH_BLOCK)
		errno = EIO; /* part of a block is none */
	return n == EPOCH_BLOCK;
}

bool epoch_copy_read(struct epoch_copy *c, unsigned i, uint8_t *block)
{
	const off_t at = (off_t)i * EPOCH_BLOCK;
	ssize_t n;

	do
		n = pread(c->fd, block, EPOCH_BLOCK, at);
	while (n < 0 && (errno == EINTR || without_direct(c)));
	return n == EPOCH_BLOCK;
}

static int open_direct(struct epoch_copy *c, int flags)
{
	/* a pipe must not make us wait */
	flags |= O_RDWR | O_DSYNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	c->direct = true;
	c->fd = open(c->path, flags | O_DIRECT, 0600);
	if (c->fd < 0 && errno == EINVAL) {
		c->direct = false;
		/* O_EXCL: some have made the name before they refuse */
		c->fd = open(c->path, flags & ~O_EXCL, 0600);
	}
	return c->fd;
}

bool epoch_copy_create(struct epoch_copy *c)
{
	return open_direct(c, O_CREAT | O_EXCL) >= 0;
}

/* A file system without locks claims nothing. */
bool epoch_copy_claim(const struct epoch_copy *c)
{
	return WEAK("epoch-shared") || flock(c->fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

bool epoch_copy_settle(const struct epoch_copy *c)
{
	return fsync(c->fd) == 0 && private_file_settle(c->path);
}

void epoch_copy_remove(struct epoch_copy *c)
{
	const int why = errno;

	unlink(c->path);
	close(c->fd);
	c->fd = -1;
	errno = why;
}

enum sc_err epoch_copy_refuse(const struct epoch_copy *c, struct sc_diag *d, enum sc_err err,
    const char *what)
{
	if (d != NULL)
		snprintf(d->file, sizeof(d->file), "%.255s", c->path);
	sc_diag_set(d, "%s", what);
	return err;
}

enum sc_err epoch_copy_other(const struct epoch_copy *c, struct sc_diag *d)
{
	return epoch_copy_refuse(c, d, SC_SYNTAX,
	    "the epoch file is not 8192 bytes long, so it is none, or a part of one: put back its "
	    "newest copy (its twin, or that of a backup of the same epoch)");
}

/* Is it a file as this makes them? */
static enum sc_err copy_check(struct epoch_copy *c, struct sc_diag *d)
{
	struct stat st;

	if (fstat(c->fd, &st) != 0)
		return epoch_copy_refuse(c, d, SC_IO, "the epoch file cannot be looked at");
	if (!S_ISREG(st.st_mode))
		return epoch_copy_refuse(c, d, SC_SYNTAX, "the epoch file is no file");
	if ((st.st_mode & 07777) != 0600)
		return epoch_copy_refuse(c, d, SC_SYNTAX,
		    "the epoch file's mode must be 0600, others may not touch it: if nobody "
		    "has read it, chmod 0600 it; else then turn the epoch (scrim keys rotate)");
	if (st.st_uid != geteuid())
		return epoch_copy_refuse(c, d, SC_SYNTAX,
		    "the epoch file belongs to another user: chown it to the one keyd runs as");
	c->part = st.st_size < EPOCH_LENGTH;
	return st.st_size > EPOCH_LENGTH ? epoch_copy_other(c, d) : SC_OK;
}

enum sc_err epoch_copy_open(struct epoch_copy *c, struct sc_diag *d)
{
	if (open_direct(c, 0) >= 0)
		return copy_check(c, d);
	if (errno == ENOENT)
		return SC_OK;
	if (errno == ELOOP)
		return epoch_copy_refuse(c, d, SC_SYNTAX,
		    "the epoch file is a symbolic link: name the file itself");
	if (d != NULL)
		snprintf(d->file, sizeof(d->file), "%.255s", c->path);
	sc_diag_set(d, "the epoch file cannot be opened: %s", strerror(errno));
	return SC_IO;
}

bool epoch_copy_same(const struct epoch_copy *a, const struct epoch_copy *b)
{
	struct stat x, y;

	return a->fd >= 0 && b->fd >= 0 && fstat(a->fd, &x) == 0 && fstat(b->fd, &y) == 0 &&
	    x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}
