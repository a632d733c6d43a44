/*
 * file.c - whole small files, read with a ceiling and written atomically.
 */
#include "cli/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum sc_err refuse(struct sc_diag *d, const char *path, const char *what)
{
	int e = errno;

	snprintf(d->file, sizeof(d->file), "%s", path);
	sc_diag_set(d, "%s: %s", what, strerror(e));
	return SC_IO;
}

enum sc_err file_read(const char *path, struct sc_buf *out, struct sc_diag *d)
{
	bool std = strcmp(path, "-") == 0;
	int fd = std ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	enum sc_err err = SC_OK;
	uint8_t chunk[4096];
	ssize_t n = 1;

	if (fd < 0)
		return refuse(d, path, "cannot be opened");
	while (err == SC_OK && n != 0) {
		n = read(fd, chunk, sizeof(chunk));
		if (n >= 0)
			err = sc_buf_put(out, chunk, (size_t)n);
		else if (errno != EINTR)
			err = refuse(d, path, "cannot be read");
	}
	sc_wipe(chunk, sizeof(chunk));
	if (!std)
		close(fd);
	if (err == SC_LIMIT || err == SC_NOMEM) {
		snprintf(d->file, sizeof(d->file), "%s", path);
		sc_diag_set(d,
		    err == SC_LIMIT ? "is longer than %zu bytes" : "out of memory for %zu bytes",
		    out->max);
	}
	return err;
}

static bool write_all(int fd, struct sc_span s)
{
	while (s.n > 0) {
		ssize_t n = write(fd, s.p, s.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		s = sc_span_from(s, (size_t)n);
	}
	return true;
}

/* What root writes into a daemon's folder is for the daemon to read. */
static bool give(int fd, const char *path)
{
	char folder[FILE_PATH_MAX];
	struct stat st;

	if (geteuid() != 0)
		return true;
	file_beside(path, ".", folder);
	return stat(folder, &st) == 0 && (st.st_uid == 0 || fchown(fd, st.st_uid, st.st_gid) == 0);
}

enum sc_err file_write(const char *path, mode_t mode, bool replace, struct sc_span text,
    struct sc_diag *d)
{
	enum sc_err err = SC_OK;
	char tmp[FILE_PATH_MAX];
	int fd;

	file_path(tmp, "%s.%ld.new", path, (long)getpid());
	(void)unlink(tmp);
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0 || !give(fd, path) || fchmod(fd, mode) != 0 || !write_all(fd, text) ||
	    fdatasync(fd) != 0)
		err = refuse(d, path, "cannot be written");
	else if (replace ? rename(tmp, path) != 0 : link(tmp, path) != 0)
		err = errno == EEXIST ? SC_OK : refuse(d, path, "cannot be made");
	if (fd >= 0) {
		close(fd);
		(void)unlink(tmp);
	}
	return err;
}

enum sc_err file_folder(const char *path, struct sc_diag *d)
{
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return refuse(d, path, "cannot be made");
	return SC_OK;
}

bool file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

void file_path(char out[static FILE_PATH_MAX], const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(out, FILE_PATH_MAX, fmt, ap);
	va_end(ap);
	if (n < 0 || n >= FILE_PATH_MAX)
		out[0] = '\0';
}

void file_beside(const char *path, const char *name, char out[static FILE_PATH_MAX])
{
	const char *slash = name[0] == '/' ? NULL : strrchr(path, '/');

	file_path(out, "%.*s%s", slash == NULL ? 0 : (int)(slash + 1 - path), path, name);
}
