/*
 * file.c - a features file read back: refused unless every byte is as it was written.
 */
#include "analytics/features/file.h"

#include "base/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct feature_file {
	struct feature_head head;
	const uint8_t *map;
	size_t bytes;
};

#define FRAME_BYTES (FEATURE_HEAD_BYTES + FEATURE_SHA_BYTES) /* of a file without rows */

enum sc_err feature_say(struct sc_diag *d, const char *path, enum sc_err err, const char *what)
{
	const int why = errno;

	if (err == SC_IO)
		sc_diag_set(d, "%s: %s", what, strerror(why));
	else
		sc_diag_set(d, "%s", what);
	if (d != NULL)
		snprintf(d->file, sizeof(d->file), "%.255s", path);
	errno = why;
	return err;
}

static const uint8_t *row_at(const struct feature_file *f, uint64_t i)
{
	return f->map + FEATURE_HEAD_BYTES + i * FEATURE_ROW_BYTES;
}

static uint64_t person_at(const struct feature_file *f, uint64_t i)
{
	return sc_be64_load(row_at(f, i));
}

/* What is wrong with it; NULL: nothing. */
static const char *wrong(struct feature_file *f)
{
	uint8_t sha256[FEATURE_SHA_BYTES];
	uint64_t before = 0;

	if (feature_head_decode(f->map, &f->head) != SC_OK)
		return "this is no features file of this version";
	if ((f->bytes - FRAME_BYTES) / FEATURE_ROW_BYTES != f->head.count ||
	    (f->bytes - FRAME_BYTES) % FEATURE_ROW_BYTES != 0)
		return "it is not as long as it says";
	crypto_hash_sha256(sha256, f->map, f->bytes - FEATURE_SHA_BYTES);
	if (memcmp(sha256, feature_file_sha256(f), sizeof(sha256)) != 0)
		return "its SHA-256 is another";
	for (uint64_t i = 0; i < f->head.count; before = person_at(f, i), i++)
		if (person_at(f, i) <= before)
			return "its rows are not in order";
	return NULL;
}

static enum sc_err map_file(struct feature_file *f, int fd, const char *path, struct sc_diag *d)
{
	struct stat st;
	void *map;

	if (fstat(fd, &st) != 0)
		return feature_say(d, path, SC_IO, "the features cannot be read");
	if (!S_ISREG(st.st_mode) || st.st_size < FRAME_BYTES)
		return feature_say(d, path, SC_CORRUPT, "it is too short for a features file");
	f->bytes = (size_t)st.st_size;
	map = mmap(NULL, f->bytes, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return feature_say(d, path, SC_IO, "the features cannot be read");
	f->map = map;
	return SC_OK;
}

enum sc_err feature_file_open(const char *path, struct sc_diag *d, struct feature_file **out)
{
	struct feature_file *f = calloc(1, sizeof(*f));
	const int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	const char *what;
	enum sc_err err;

	*out = NULL;
	if (f == NULL)
		err = SC_NOMEM;
	else if (fd < 0)
		err = feature_say(d, path, SC_IO, "the features cannot be opened");
	else if ((err = map_file(f, fd, path, d)) == SC_OK && (what = wrong(f)) != NULL)
		err = feature_say(d, path, SC_CORRUPT, what);
	if (fd >= 0)
		close(fd);
	if (err != SC_OK)
		feature_file_close(f);
	else
		*out = f;
	return err;
}

void feature_file_close(struct feature_file *f)
{
	if (f == NULL)
		return;
	if (f->map != NULL)
		munmap((void *)(uintptr_t)f->map, f->bytes);
	free(f);
}

const struct feature_head *feature_file_head(const struct feature_file *f)
{
	return &f->head;
}

const uint8_t *feature_file_sha256(const struct feature_file *f)
{
	return f->map + f->bytes - FEATURE_SHA_BYTES;
}

void feature_file_row(const struct feature_file *f, uint64_t i, struct feature_row *out)
{
	feature_row_decode(row_at(f, i), out);
}

bool feature_file_find(const struct feature_file *f, uint64_t person, struct feature_row *out)
{
	uint64_t low = 0, high = f->head.count;

	while (low < high) {
		const uint64_t mid = low + (high - low) / 2;

		if (person_at(f, mid) < person)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == f->head.count || person_at(f, low) != person)
		return false;
	feature_file_row(f, low, out);
	return true;
}
