/*
 * disk.c - files of a release as they are read.
 */
#include "analytics/shelf/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK ((size_t)256 * 1024)

enum sc_err disk_say(struct sc_diag *d, const char *file, enum sc_err err, const char *what)
{
	const int why = errno;

	if (err == SC_IO)
		sc_diag_set(d, "%s: %s", what, strerror(why));
	else
		sc_diag_set(d, "%s", what);
	if (d != NULL)
		snprintf(d->file, sizeof(d->file), "%.255s", file);
	errno = why;
	return err;
}

enum sc_err disk_open(int folder, const char *name, struct sc_diag *d, int *fd)
{
	struct stat st;

	/* a pipe must not make us wait */
	*fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (*fd < 0 && errno == ELOOP)
		return disk_say(d, name, SC_CORRUPT,
		    "this is a symbolic link, no file of a release");
	if (*fd < 0)
		return disk_say(d, name, SC_IO, "a file of the release cannot be opened");
	if (fstat(*fd, &st) == 0 && S_ISREG(st.st_mode))
		return SC_OK;
	close(*fd);
	*fd = -1;
	return disk_say(d, name, SC_CORRUPT, "this is no plain file");
}

static ssize_t read_some(int fd, uint8_t *p, size_t n)
{
	ssize_t did;

	while ((did = read(fd, p, n)) < 0 && errno == EINTR)
		;
	return did;
}

enum sc_err disk_read(int folder, const char *name, struct sc_buf *out, struct sc_diag *d)
{
	uint8_t chunk[4096];
	enum sc_err err;
	ssize_t n = 1;
	int fd;

	if ((err = disk_open(folder, name, d, &fd)) != SC_OK)
		return err;
	while (err == SC_OK && (n = read_some(fd, chunk, sizeof(chunk))) > 0)
		err = sc_buf_put(out, chunk, (size_t)n);
	if (n < 0)
		err = disk_say(d, name, SC_IO, "a file of the release cannot be read");
	else if (err == SC_LIMIT)
		(void)disk_say(d, name, err, "it is longer than such a file may be");
	close(fd);
	return err;
}

enum sc_err disk_write(int fd, const uint8_t *p, size_t n)
{
	for (ssize_t did; n != 0; p += did, n -= (size_t)did) {
		did = write(fd, p, n);
		if (did < 0 && errno == EINTR)
			did = 0;
		else if (did <= 0)
			return SC_IO;
	}
	return SC_OK;
}

enum sc_err disk_sum(int fd, int to, uint8_t sha256[static SHELF_SHA_BYTES], uint64_t *bytes)
{
	crypto_hash_sha256_state sha;
	uint8_t *chunk = malloc(CHUNK);
	enum sc_err err = SC_OK;
	ssize_t n = 1;

	*bytes = 0;
	if (chunk == NULL)
		return SC_NOMEM;
	crypto_hash_sha256_init(&sha);
	while (err == SC_OK && (n = read_some(fd, chunk, CHUNK)) > 0) {
		crypto_hash_sha256_update(&sha, chunk, (size_t)n);
		*bytes += (uint64_t)n;
		if (to >= 0)
			err = disk_write(to, chunk, (size_t)n);
	}
	crypto_hash_sha256_final(&sha, sha256);
	free(chunk);
	return n < 0 ? SC_IO : err;
}

enum sc_err disk_check(int folder, const struct shelf_file *f, struct sc_diag *d)
{
	struct shelf_file is = { .name = f->name };
	enum sc_err err;
	int fd;

	if ((err = disk_open(folder, f->name, d, &fd)) != SC_OK)
		return err;
	if ((err = disk_sum(fd, -1, is.sha256, &is.bytes)) != SC_OK)
		(void)disk_say(d, f->name, err, "a file of the release cannot be read");
	else if (is.bytes != f->bytes)
		err = disk_say(d, f->name, SC_CORRUPT, "it is not as long as the manifest says");
	else if (memcmp(is.sha256, f->sha256, SHELF_SHA_BYTES) != 0)
		err = disk_say(d, f->name, SC_CORRUPT,
		    "its SHA-256 is not the one that the manifest says");
	close(fd);
	return err;
}

enum sc_err disk_names(int folder, disk_name_fn *each, void *arg)
{
	/* an open file of its own, to be read from its beginning */
	const int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	enum sc_err err = SC_OK;
	struct dirent *e;

	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return SC_IO;
	}
	for (errno = 0; err == SC_OK && (e = readdir(dir)) != NULL; errno = 0)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			err = each(arg, e->d_name);
	if (err == SC_OK && errno != 0)
		err = SC_IO;
	closedir(dir);
	return err;
}
