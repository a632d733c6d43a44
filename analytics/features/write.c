/*
 * write.c - a snapshot's file is written beside its place, made durable, and put there.
 */
#include "analytics/features/file.h"
#include "analytics/features/state.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUFFER (256u * 1024)

/* The people who are shown, to be sorted. */
struct written_person {
	uint64_t who;
	uint32_t identity;
};

struct feature_writer {
	int fd;
	uint8_t *buffer;
	size_t n;
	crypto_hash_sha256_state sha;
};

static enum sc_err failed(struct sc_diag *d, const char *path, const char *what)
{
	return feature_say(d, path, SC_IO, what);
}

static int by_person(const void *a, const void *b)
{
	const uint64_t x = ((const struct written_person *)a)->who;
	const uint64_t y = ((const struct written_person *)b)->who;

	return (x > y) - (x < y);
}

/* *OUT is the caller's, to free(). */
static enum sc_err people_sorted(const struct fold *f, struct written_person **out, size_t *n)
{
	struct written_person *v;

	*n = 0;
	for (uint32_t i = 1; i <= f->identities.n; i++)
		*n += fold_shows(f, identity_at(f, i));
	if ((*out = v = calloc(*n + 1, sizeof(*v))) == NULL)
		return SC_NOMEM;
	for (uint32_t i = 1; i <= f->identities.n; i++)
		if (fold_shows(f, identity_at(f, i)))
			*v++ = (struct written_person){ identity_at(f, i)->who, i };
	qsort(*out, *n, sizeof(**out), by_person);
	return SC_OK;
}

/* ---- bytes ------------------------------------------------------------------------------ */

static bool write_all(int fd, const uint8_t *p, size_t n)
{
	for (ssize_t did; n != 0; p += did, n -= (size_t)did)
		if ((did = write(fd, p, n)) <= 0)
			return false;
	return true;
}

static bool writer_flush(struct feature_writer *w)
{
	const bool ok = write_all(w->fd, w->buffer, w->n);

	crypto_hash_sha256_update(&w->sha, w->buffer, w->n);
	w->n = 0;
	return ok;
}

/* Room for N more bytes; NULL: the disk failed. */
static uint8_t *writer_room(struct feature_writer *w, size_t n)
{
	if (w->n + n > BUFFER && !writer_flush(w))
		return NULL;
	w->n += n;
	return w->buffer + w->n - n;
}

static bool write_rows(struct feature_writer *w, const struct fold *f,
    const struct written_person *v, size_t n)
{
	struct feature_row row;
	uint8_t *p;

	for (size_t i = 0; i < n; i++) {
		if ((p = writer_room(w, FEATURE_ROW_BYTES)) == NULL)
			return false;
		portrait_row(f, identity_at(f, v[i].identity), &row);
		feature_row_encode(&row, p);
	}
	return true;
}

static bool write_file(struct feature_writer *w, const struct fold *f,
    const struct feature_head *head, const struct written_person *v, uint8_t sha256[static 32])
{
	crypto_hash_sha256_init(&w->sha);
	feature_head_encode(head, writer_room(w, FEATURE_HEAD_BYTES));
	if (!write_rows(w, f, v, head->count) || !writer_flush(w))
		return false;
	crypto_hash_sha256_final(&w->sha, sha256);
	return write_all(w->fd, sha256, FEATURE_SHA_BYTES) && fsync(w->fd) == 0;
}

/* ---- its place ----------------------------------------------------------------------------- */

/* The folder that PATH is in, opened; -1: it cannot be. */
static int folder_of(const char *path)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');
	const size_t n = slash == NULL ? 0 : (size_t)(slash - path);

	if (n >= sizeof(dir)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(dir, path, n);
	dir[n] = '\0';
	return open(slash == NULL ? "." : n == 0 ? "/" : dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static enum sc_err put_in_place(const char *tmp, const char *path, struct sc_diag *d)
{
	const int dir = folder_of(path);
	const bool ok = dir >= 0 && rename(tmp, path) == 0 && fsync(dir) == 0;
	const int err = errno;

	if (dir >= 0)
		close(dir);
	errno = err;
	return ok ? SC_OK : failed(d, path, "the features cannot be put in place");
}

static enum sc_err write_beside(struct feature_writer *w, const struct fold *f, const char *tmp,
    const struct feature_head *head, const struct written_person *v, struct sc_diag *d,
    uint8_t sha256[static 32])
{
	bool ok;

	w->fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (w->fd < 0)
		return failed(d, tmp, "the features cannot be written");
	ok = write_file(w, f, head, v, sha256);
	if (!ok)
		(void)failed(d, tmp, "the features cannot be written");
	close(w->fd);
	return ok ? SC_OK : SC_IO;
}

enum sc_err fold_write(const struct fold *f, const char *path, uint64_t number, uint64_t at_ms,
    struct sc_diag *d, uint8_t sha256[static 32])
{
	struct feature_head head = { .number = number, .at_ms = at_ms };
	struct feature_writer w = { .fd = -1 };
	struct written_person *v = NULL;
	char tmp[PATH_MAX];
	enum sc_err err;

	if ((size_t)snprintf(tmp, sizeof(tmp), "%s.tmp", path) >= sizeof(tmp)) {
		errno = ENAMETOOLONG;
		return failed(d, path, "the features cannot be written");
	}
	feature_settings_sha256(&f->settings, head.settings);
	if ((err = people_sorted(f, &v, &head.count)) != SC_OK)
		goto out;
	if ((w.buffer = malloc(BUFFER)) == NULL) {
		err = SC_NOMEM;
		goto out;
	}
	if ((err = write_beside(&w, f, tmp, &head, v, d, sha256)) == SC_OK)
		err = put_in_place(tmp, path, d);
	if (err != SC_OK)
		unlink(tmp);
out:
	free(w.buffer);
	free(v);
	return err;
}
