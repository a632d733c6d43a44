/*
 * tile.c - paths, widths and reading of tiles and entry bundles.
 */
#include "crypto/tlog/tile.h"

#include "base/bytes.h"
#include "crypto/tlog/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void tile_path(unsigned level, uint64_t n, unsigned width, char out[static TILE_PATH_MAX])
{
	char number[40], *p = number + sizeof(number);
	const char *mark = "";

	/* groups from the last to the first; all but the last one behind an x */
	*--p = '\0';
	do {
		char group[5];
		size_t len;

		snprintf(group, sizeof(group), "%s%03u", mark, (unsigned)(n % 1000));
		len = strlen(group);
		if (*mark != '\0')
			*--p = '/';
		p -= len;
		memcpy(p, group, len);
		mark = "x";
		n /= 1000;
	} while (n > 0);
	if (level == TILE_ENTRIES)
		snprintf(out, TILE_PATH_MAX, "tile/entries/%s", p);
	else
		snprintf(out, TILE_PATH_MAX, "tile/%u/%s", level % 64, p);
	if (width < TILE_WIDTH)
		snprintf(out + strlen(out), TILE_PATH_MAX - strlen(out), ".p/%u", width);
}

unsigned tile_width(unsigned level, uint64_t n, uint64_t size)
{
	uint64_t have = level == TILE_ENTRIES ? size : size >> (8 * level);

	if (have / TILE_WIDTH > n)
		return TILE_WIDTH;
	return have / TILE_WIDTH == n ? (unsigned)(have % TILE_WIDTH) : 0;
}

/* Append the whole file at PATH. *FOUND is false when there is none. */
static enum sc_err read_file(int dirfd, const char *path, size_t max, struct sc_buf *out,
    bool *found)
{
	struct stat st;
	enum sc_err err = SC_IO;
	uint8_t *p;
	ssize_t r;
	int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	*found = fd >= 0;
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? SC_OK : SC_IO;
	if (fstat(fd, &st) != 0)
		goto out;
	err = SC_CORRUPT;
	if (!S_ISREG(st.st_mode) || st.st_size < 0 || (uint64_t)st.st_size > max)
		goto out;
	if ((err = sc_buf_grow(out, (size_t)st.st_size, &p)) != SC_OK)
		goto out;
	for (size_t at = 0; at < (size_t)st.st_size; at += (size_t)r) {
		r = pread(fd, p + at, (size_t)st.st_size - at, (off_t)at);
		if (r <= 0) {
			err = r < 0 ? SC_IO : SC_CORRUPT;
			goto out;
		}
	}
out:
	close(fd);
	return err;
}

bool tile_entry_next(struct sc_span bundle, size_t *at, struct sc_span *entry)
{
	size_t n;

	if (bundle.n - *at < 2)
		return false;
	n = sc_be16_load(bundle.p + *at);
	if (bundle.n - *at - 2 < n)
		return false;
	*entry = sc_span(bundle.p + *at + 2, n);
	*at += 2 + n;
	return true;
}

/* Cut what was read at FROM to WIDTH items; false when it does not hold HAVE of them exactly. */
static bool fit(struct sc_buf *out, size_t from, unsigned level, unsigned have, unsigned width)
{
	struct sc_span all = sc_span_from(sc_buf_span(out), from), entry;
	size_t at = 0, keep = 0;

	if (level != TILE_ENTRIES) {
		if (all.n != have * (size_t)HASH_BYTES)
			return false;
		sc_buf_truncate(out, from + width * (size_t)HASH_BYTES);
		return true;
	}
	for (unsigned i = 0; i < have; i++) {
		if (i == width)
			keep = at;
		if (!tile_entry_next(all, &at, &entry))
			return false;
	}
	if (at != all.n)
		return false;
	sc_buf_truncate(out, from + (width == have ? at : keep));
	return true;
}

enum sc_err tile_read(int dirfd, unsigned level, uint64_t n, unsigned width, struct sc_buf *out,
    struct sc_diag *d)
{
	size_t from = out->n, max = level == TILE_ENTRIES ? TILE_BUNDLE_MAX : TILE_BYTES;
	char path[TILE_PATH_MAX];
	unsigned have = width;
	bool found = false;
	enum sc_err err;

	tile_path(level, n, width, path);
	err = read_file(dirfd, path, max, out, &found);
	if (err == SC_OK && !found && width < TILE_WIDTH) {
		have = TILE_WIDTH;
		tile_path(level, n, have, path);
		err = read_file(dirfd, path, max, out, &found);
		if (err == SC_OK && !found)
			tile_path(level, n, width, path);
	}
	if (err == SC_OK && (!found || !fit(out, from, level, have, width)))
		err = SC_CORRUPT;
	if (err == SC_OK)
		return SC_OK;
	sc_buf_truncate(out, from);
	if (err != SC_CORRUPT)
		return files_say(d, path, err, "cannot be read");
	if (!found)
		return files_say(d, path, err, "is missing");
	return files_say(d, path, err, "is cut or malformed: it should hold %u %s", have,
	    level == TILE_ENTRIES ? "entries" : "hashes");
}

void tile_reader_init(struct tile_reader *r, int dirfd, uint64_t size)
{
	memset(r, 0, sizeof(*r));
	r->dirfd = dirfd;
	r->size = size;
	for (unsigned i = 0; i < TILE_LEVELS; i++)
		sc_buf_init(&r->tile[i], TILE_BYTES);
}

void tile_reader_fini(struct tile_reader *r)
{
	for (unsigned i = 0; i < TILE_LEVELS; i++)
		sc_buf_fini(&r->tile[i]);
}

void tile_subtree(const uint8_t *h, unsigned k, struct merkle_hash *out)
{
	struct merkle_hash t[TILE_WIDTH];
	size_t n = (size_t)1 << k, i;

	memcpy(t, h, n * sizeof(t[0]));
	for (; n > 1; n /= 2)
		for (i = 0; i < n / 2; i++)
			merkle_node(&t[2 * i], &t[2 * i + 1], &t[i]);
	*out = t[0];
}

enum sc_err tile_get(void *reader, unsigned level, uint64_t index, struct merkle_hash *out)
{
	struct tile_reader *r = reader;
	unsigned l = level / 8, k = level % 8, width;
	uint64_t first = index << k, n = first / TILE_WIDTH;
	size_t at = (size_t)(first % TILE_WIDTH);
	enum sc_err err;

	width = tile_width(l, n, r->size);
	if (at + ((size_t)1 << k) > width)
		return SC_BUG;
	if (r->tile[l].n == 0 || r->n[l] != n) {
		sc_buf_clear(&r->tile[l]);
		err = tile_read(r->dirfd, l, n, width, &r->tile[l], &r->diag);
		if (err != SC_OK)
			return err;
		r->n[l] = n;
	}
	tile_subtree(r->tile[l].p + at * HASH_BYTES, k, out);
	return SC_OK;
}

enum sc_err tile_frontier(int dirfd, uint64_t size, uint64_t n, struct merkle_frontier *out,
    struct sc_diag *d)
{
	struct tile_reader r;
	enum sc_err err;

	tile_reader_init(&r, dirfd, size);
	if ((err = merkle_frontier_load(n, tile_get, &r, out)) != SC_OK && d != NULL)
		*d = r.diag;
	tile_reader_fini(&r);
	return err;
}
