/*
 * journal.c - writing batches in place, and the one way to read them back.
 */
#include "crypto/tlog/journal.h"

#include "base/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static const uint8_t magic[8] = { 'S', 'C', 'J', '1', 0x00, 0x0d, 0x0a, 0xff };

const char *const journal_names[JOURNAL_SEGMENTS] = { "journal.0", "journal.1" };

/* ---- the form of a batch ------------------------------------------------------ */

static uint32_t batch_crc(const uint8_t *p, size_t bytes)
{
	uLong c = crc32(0, p, JOURNAL_HEADER - 4);

	return (uint32_t)crc32(c, p + JOURNAL_HEADER, (uInt)bytes);
}

static size_t whole_blocks(size_t n)
{
	return (n + JOURNAL_BLOCK - 1) / JOURNAL_BLOCK * JOURNAL_BLOCK;
}

/* COUNT entries, none empty, that fill S exactly. */
static bool entries_ok(struct sc_span s, uint32_t count)
{
	size_t n;

	for (; count > 0; count--) {
		if (s.n < 2 || (n = sc_be16_load(s.p)) == 0 || s.n - 2 < n)
			return false;
		s = sc_span_from(s, 2 + n);
	}
	return s.n == 0;
}

bool journal_batch_parse(struct sc_span s, struct journal_batch *out)
{
	uint32_t bytes;

	if (s.n < JOURNAL_HEADER || memcmp(s.p, magic, sizeof(magic)) != 0)
		return false;
	out->first = sc_be64_load(s.p + 8);
	out->count = sc_be32_load(s.p + 16);
	bytes = sc_be32_load(s.p + 20);
	if (bytes > JOURNAL_BATCH_MAX - JOURNAL_HEADER || bytes > s.n - JOURNAL_HEADER ||
	    out->count == 0 || out->first > INT64_MAX)
		return false;
	out->length = whole_blocks(JOURNAL_HEADER + bytes);
	out->entries = sc_span(s.p + JOURNAL_HEADER, bytes);
	return out->length <= s.n && sc_be32_load(s.p + 28) == batch_crc(s.p, bytes) &&
	    entries_ok(out->entries, out->count);
}

/* ---- making and writing --------------------------------------------------------- */

static enum sc_err make_segment(int dirfd, unsigned i, size_t size, struct sc_diag *d)
{
	const size_t step = (size_t)256 * 1024;
	const char *name = journal_names[i];
	enum sc_err err = SC_OK;
	uint8_t *zeros;
	int fd;

	if ((zeros = calloc(1, step)) == NULL)
		return SC_NOMEM;
	fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0)
		err = files_failed(d, name, "cannot be made");
	for (size_t at = 0; err == SC_OK && at < size; at += step) {
		size_t n = size - at < step ? size - at : step;
		ssize_t done = pwrite(fd, zeros, n, (off_t)at);

		if (done >= 0 && done < (ssize_t)n)
			errno = ENOSPC; /* what stops a write in its middle sets none */
		if (done != (ssize_t)n)
			err = files_failed(d, name, "cannot be filled");
	}
	if (err == SC_OK && fsync(fd) != 0)
		err = files_failed(d, name, "cannot be synced");
	if (fd >= 0)
		close(fd);
	free(zeros);
	return err;
}

enum sc_err journal_make(int dirfd, size_t size, struct sc_diag *d)
{
	enum sc_err err = SC_OK;

	for (unsigned i = 0; i < JOURNAL_SEGMENTS && err == SC_OK; i++)
		err = make_segment(dirfd, i, size, d);
	if (err == SC_OK && fsync(dirfd) != 0)
		err = files_failed(d, "journal.0", "cannot be synced");
	return err;
}

enum sc_err journal_open(int dirfd, size_t size, struct journal *j, struct sc_diag *d)
{
	const int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_DSYNC;

	memset(j, 0, sizeof(*j));
	j->dirfd = dirfd;
	j->size = size;
	j->direct = true;
	for (unsigned i = 0; i < JOURNAL_SEGMENTS; i++)
		j->fd[i] = -1;
	if (posix_memalign((void **)&j->buf, JOURNAL_BLOCK, JOURNAL_BATCH_MAX) != 0) {
		j->buf = NULL;
		return SC_NOMEM;
	}
	for (unsigned i = 0; i < JOURNAL_SEGMENTS; i++) {
		const char *name = journal_names[i];

		if (j->direct) {
			j->fd[i] = openat(dirfd, name, flags | O_DIRECT);
			j->direct = j->fd[i] >= 0;
		}
		if (j->fd[i] < 0)
			j->fd[i] = openat(dirfd, name, flags);
		if (j->fd[i] < 0 || files_print_take(dirfd, name, &j->print[i]) != SC_OK) {
			enum sc_err err = files_failed(d, name, "cannot be opened");

			journal_close(j);
			return err;
		}
	}
	return SC_OK;
}

void journal_close(struct journal *j)
{
	for (unsigned i = 0; i < JOURNAL_SEGMENTS; i++)
		if (j->fd[i] >= 0)
			close(j->fd[i]);
	free(j->buf);
	memset(j, 0, sizeof(*j));
	for (unsigned i = 0; i < JOURNAL_SEGMENTS; i++)
		j->fd[i] = -1;
}

void journal_begin(struct journal *j, uint64_t first)
{
	memcpy(j->buf, magic, sizeof(magic));
	sc_be64_store(j->buf + 8, first);
	memset(j->buf + 16, 0, JOURNAL_HEADER - 16);
}

static size_t filled(const struct journal *j)
{
	return JOURNAL_HEADER + sc_be32_load(j->buf + 20);
}

size_t journal_room(const struct journal *j)
{
	size_t max = JOURNAL_BATCH_MAX < j->size ? JOURNAL_BATCH_MAX : j->size;

	return max - filled(j);
}

void journal_add(struct journal *j, struct sc_span run, uint32_t count)
{
	size_t at = filled(j);

	memcpy(j->buf + at, run.p, run.n);
	sc_be32_store(j->buf + 16, sc_be32_load(j->buf + 16) + count);
	sc_be32_store(j->buf + 20, (uint32_t)(at - JOURNAL_HEADER + run.n));
}

/* A segment with LENGTH bytes of room. False when there is none yet. */
static bool find_room(struct journal *j, size_t length, uint64_t published)
{
	unsigned other = (j->active + 1) % JOURNAL_SEGMENTS;

	if (j->used[j->active] + length <= j->size)
		return true;
	if (j->end[other] > published)
		return false;
	j->active = other;
	j->used[other] = 0;
	return true;
}

/* The batch at the end of the segment in use. */
static ssize_t write_here(const struct journal *j, size_t length)
{
	ssize_t n;

	do
		n = pwrite(j->fd[j->active], j->buf, length, (off_t)j->used[j->active]);
	while (n < 0 && errno == EINTR);
	return n;
}

/* O_DIRECT may be refused at the first write only (some file systems): do without from then on. */
static ssize_t write_block(struct journal *j, size_t length)
{
	ssize_t n = write_here(j, length);

	if (n >= 0 || errno != EINVAL || !j->direct)
		return n;
	j->direct = false;
	for (unsigned i = 0; i < JOURNAL_SEGMENTS; i++)
		if (fcntl(j->fd[i], F_SETFL, O_DSYNC) != 0)
			return -1;
	return write_here(j, length);
}

enum sc_err journal_write(struct journal *j, uint64_t published, struct sc_diag *d)
{
	size_t n = filled(j), length = whole_blocks(n);
	unsigned a;

	if (!find_room(j, length, published))
		return SC_AGAIN;
	a = j->active;
	memset(j->buf + n, 0, length - n);
	sc_be32_store(j->buf + 28, batch_crc(j->buf, n - JOURNAL_HEADER));
	if (write_block(j, length) != (ssize_t)length)
		return files_failed(d, journal_names[a], "cannot be written");
	j->used[a] += length;
	j->end[a] = sc_be64_load(j->buf + 8) + sc_be32_load(j->buf + 16);
	return SC_OK;
}

bool journal_intact(const struct journal *j, struct sc_diag *d)
{
	for (unsigned i = 0; i < JOURNAL_SEGMENTS; i++)
		if (!files_print_same(j->dirfd, journal_names[i], &j->print[i], false, d))
			return false;
	return true;
}
