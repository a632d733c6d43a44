/*
 * save.c - write beside, sync, rename.
 */
#include "analytics/market/save.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_MAX_BYTES 1024

static enum sc_err no(struct sc_diag *d, const char *path)
{
	sc_diag_set(d, "cannot write %s: %s", path, strerror(errno));
	return SC_IO;
}

static bool write_all(int fd, struct sc_span s)
{
	while (s.n > 0) {
		const ssize_t n = write(fd, s.p, s.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		s = sc_span_from(s, (size_t)n);
	}
	return fsync(fd) == 0;
}

static enum sc_err sync_folder(const char *folder, struct sc_diag *d)
{
	const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok ? SC_OK : no(d, folder);
}

enum sc_err save_file(const char *folder, const char *name, struct sc_span bytes, struct sc_diag *d)
{
	char beside[PATH_MAX_BYTES], path[PATH_MAX_BYTES];
	bool ok;
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path) ||
	    snprintf(beside, sizeof(beside), "%s/.%s.new", folder, name) >= (int)sizeof(beside)) {
		errno = ENAMETOOLONG;
		return no(d, folder);
	}
	if (mkdir(folder, 0755) != 0 && errno != EEXIST)
		return no(d, folder);
	if ((fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644)) < 0)
		return no(d, beside);
	ok = write_all(fd, bytes);
	ok = close(fd) == 0 && ok;
	if (ok && rename(beside, path) == 0)
		return sync_folder(folder, d);
	const enum sc_err err = no(d, path);

	unlink(beside);
	return err;
}
