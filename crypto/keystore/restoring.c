/*
 * restoring.c - STORE.restoring.
 */
#include "crypto/keystore/restoring.h"

#include "crypto/settings/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MARKER ".restoring"
#define PATH_BYTES (SETTINGS_PATH_MAX + sizeof(MARKER))

static enum sc_err place(const char *store, char path[static PATH_BYTES], struct sc_diag *d)
{
	const int n = snprintf(path, PATH_BYTES, "%s" MARKER, store);

	snprintf(d->file, sizeof(d->file), "%.255s", path);
	return n < (int)PATH_BYTES ? SC_OK : SC_LIMIT;
}

/* The folder's entry is on the disk. */
static enum sc_err settle(char path[static PATH_BYTES], struct sc_diag *d)
{
	const int fd = open(dirname(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const bool ok = fd >= 0 && fsync(fd) == 0;

	if (!ok)
		sc_diag_set(d, "the mark of a restore cannot be kept: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return ok ? SC_OK : SC_IO;
}

enum sc_err restoring_set(const char *store, struct sc_diag *d)
{
	char path[PATH_BYTES];
	enum sc_err err;
	int fd;

	if ((err = place(store, path, d)) != SC_OK)
		return err;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		sc_diag_set(d, "the mark of a restore cannot be made: %s", strerror(errno));
		return SC_IO;
	}
	close(fd);
	return settle(path, d);
}

enum sc_err restoring_clear(const char *store, struct sc_diag *d)
{
	char path[PATH_BYTES];
	enum sc_err err;

	if ((err = place(store, path, d)) != SC_OK)
		return err;
	if (unlink(path) != 0 && errno != ENOENT) {
		sc_diag_set(d, "the mark of a restore cannot be removed: %s", strerror(errno));
		return SC_IO;
	}
	return settle(path, d);
}

enum sc_err restoring_check(const char *store, struct sc_diag *d)
{
	char path[PATH_BYTES];
	enum sc_err err;

	if ((err = place(store, path, d)) != SC_OK)
		return err;
	if (access(path, F_OK) != 0) {
		d->file[0] = '\0';
		return SC_OK;
	}
	sc_diag_set(d,
	    "a restore was begun here and not finished, so people are missing: remove the "
	    "store, its epoch file and this mark, and restore again");
	return SC_CORRUPT;
}
