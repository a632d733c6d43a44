/*
 * ids_file.c - the ids of a closed segment, as they lie in its file:
 *
 *	head	"scrimids" | entries u32 | blocks u32 | CRC-32C of the body u32 |
 *		zeros to byte 60 | CRC-32C of the head u32
 *	body	filter, BLOCK_BYTES a block | ids u64, ascending | places u32, in their order
 *
 * All big-endian. Nearly every question is of an id that is not there, and is
 * answered by one line of the filter: a Bloom filter of twelve bits an id in
 * blocks of one cache line, wrong once in some two hundred times.
 */
#include "analytics/log/ids.h"

#include "analytics/log/ids_private.h"
#include "base/bytes.h"
#include "base/crc32c.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "scrimids"
#define HEAD_BYTES 64
#define BLOCK_BYTES 64
#define ID_BITS 12
#define PROBES 6 /* of nine bits each */
#define ENTRY_BYTES 12

static const uint8_t *ids_of(const struct ids_file *f)
{
	return f->map + HEAD_BYTES + (size_t)f->blocks * BLOCK_BYTES;
}

static uint64_t id_at(const struct ids_file *f, size_t i)
{
	return sc_be64_load(ids_of(f) + i * 8);
}

static uint32_t place_at(const struct ids_file *f, size_t i)
{
	return sc_be32_load(ids_of(f) + (size_t)f->n * 8 + i * 4);
}

void ids_file_entry(const struct ids_file *f, uint32_t i, uint64_t *id, uint32_t *place)
{
	*id = id_at(f, i);
	*place = place_at(f, i);
}

/* ---- the filter ------------------------------------------------------------------- */

static size_t block_of(uint64_t mixed, uint32_t blocks)
{
	return (size_t)((mixed >> 32) * blocks >> 32);
}

static void filter_put(uint8_t *filter, uint32_t blocks, uint64_t id)
{
	const uint64_t mixed = ids_mix(id);
	uint8_t *block = filter + block_of(mixed, blocks) * BLOCK_BYTES;
	uint64_t bits = ids_mix(mixed);

	for (int i = 0; i < PROBES; i++, bits >>= 9)
		block[(bits & 511) >> 3] |= (uint8_t)(1u << (bits & 7));
}

static bool filter_has(const struct ids_file *f, uint64_t id)
{
	const uint64_t mixed = ids_mix(id);
	const uint8_t *block = f->map + HEAD_BYTES + block_of(mixed, f->blocks) * BLOCK_BYTES;
	uint64_t bits = ids_mix(mixed);

	for (int i = 0; i < PROBES; i++, bits >>= 9)
		if ((block[(bits & 511) >> 3] & 1u << (bits & 7)) == 0)
			return false;
	return true;
}

/* ---- writing ------------------------------------------------------------------------ */

struct ids_entry {
	uint64_t id;
	uint32_t place;
};

static int compare(const void *va, const void *vb)
{
	const struct ids_entry *a = va, *b = vb;

	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return a->place < b->place ? -1 : a->place > b->place;
}

static struct ids_entry *sorted(const struct ids_table *t)
{
	struct ids_entry *v = malloc((t->n + 1) * sizeof(*v));
	size_t n = 0;

	if (v == NULL)
		return NULL;
	for (size_t i = 0; i < t->slots; i++)
		if (t->id[i] != 0)
			v[n++] = (struct ids_entry){ t->id[i], t->place[i] };
	qsort(v, n, sizeof(*v), compare);
	return v;
}

static void fill(uint8_t *p, const struct ids_entry *v, uint32_t n, uint32_t blocks)
{
	uint8_t *ids = p + HEAD_BYTES + (size_t)blocks * BLOCK_BYTES, *places = ids + (size_t)n * 8;
	const size_t body = (size_t)blocks * BLOCK_BYTES + (size_t)n * ENTRY_BYTES;

	for (uint32_t i = 0; i < n; i++) {
		filter_put(p + HEAD_BYTES, blocks, v[i].id);
		sc_be64_store(ids + (size_t)i * 8, v[i].id);
		sc_be32_store(places + (size_t)i * 4, v[i].place);
	}
	memcpy(p, MAGIC, 8); /* NOLINT(bugprone-not-null-terminated-result): it is no text */
	sc_be32_store(p + 8, n);
	sc_be32_store(p + 12, blocks);
	sc_be32_store(p + 16, crc32c(p + HEAD_BYTES, body));
	sc_be32_store(p + HEAD_BYTES - 4, crc32c(p, HEAD_BYTES - 4));
}

static enum sc_err write_new(int dirfd, const char *name, const uint8_t *p, size_t n)
{
	const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
	int fd = openat(dirfd, name, flags, 0600);
	bool ok = fd >= 0;
	ssize_t w;

	for (size_t at = 0; ok && at < n; at += (size_t)w)
		ok = (w = write(fd, p + at, n - at)) > 0;
	ok = ok && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return ok ? SC_OK : SC_IO;
}

enum sc_err ids_file_write(int dirfd, const char *name, const struct ids_table *t)
{
	const uint32_t n = (uint32_t)t->n;
	const uint32_t blocks =
	    (uint32_t)((t->n * ID_BITS + BLOCK_BYTES * 8 - 1) / (BLOCK_BYTES * 8));
	const size_t bytes = HEAD_BYTES + (size_t)blocks * BLOCK_BYTES + t->n * ENTRY_BYTES;
	struct ids_entry *v = sorted(t);
	uint8_t *p = calloc(1, bytes);
	enum sc_err err = SC_NOMEM;

	if (v != NULL && p != NULL) {
		fill(p, v, n, blocks);
		err = write_new(dirfd, name, p, bytes);
	}
	free(v);
	free(p);
	return err;
}

/* ---- reading ------------------------------------------------------------------------- */

static bool head_is_sound(const struct ids_file *f)
{
	return memcmp(f->map, MAGIC, 8) == 0 &&
	    sc_be32_load(f->map + HEAD_BYTES - 4) == crc32c(f->map, HEAD_BYTES - 4) &&
	    f->bytes == HEAD_BYTES + (size_t)f->blocks * BLOCK_BYTES + (size_t)f->n * ENTRY_BYTES &&
	    (f->n == 0 || f->blocks > 0);
}

enum sc_err ids_file_open(int dirfd, const char *name, struct ids_file *out)
{
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	enum sc_err err = SC_IO;
	struct stat st;
	void *map;

	memset(out, 0, sizeof(*out));
	if (fd < 0 || fstat(fd, &st) != 0)
		goto out;
	err = SC_CORRUPT;
	if (st.st_size < HEAD_BYTES)
		goto out;
	err = SC_IO;
	if ((map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0)) == MAP_FAILED)
		goto out;
	*out = (struct ids_file){ .map = map, .bytes = (size_t)st.st_size };
	out->n = sc_be32_load(out->map + 8);
	out->blocks = sc_be32_load(out->map + 12);
	err = head_is_sound(out) ? SC_OK : SC_CORRUPT;
out:
	if (err != SC_OK)
		ids_file_close(out);
	if (fd >= 0)
		close(fd);
	return err;
}

void ids_file_close(struct ids_file *f)
{
	void *map;

	if (f->map != NULL) {
		memcpy(&map, &f->map, sizeof(map));
		(void)munmap(map, f->bytes);
	}
	memset(f, 0, sizeof(*f));
}

/* The first entry whose id is not below ID. */
static size_t lower_bound(const struct ids_file *f, uint64_t id)
{
	size_t low = 0, high = f->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (id_at(f, mid) < id)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

void ids_file_each(const struct ids_file *f, uint64_t id, ids_each_fn *each, void *arg)
{
	if (f->n == 0 || !filter_has(f, id))
		return;
	for (size_t i = lower_bound(f, id); i < f->n && id_at(f, i) == id; i++)
		if (!each(arg, place_at(f, i)))
			return;
}

bool ids_file_has(const struct ids_file *f, uint64_t id)
{
	bool found = false;

	ids_file_each(f, id, ids_is_event, &found);
	return found;
}

bool ids_file_sound(const struct ids_file *f)
{
	bool ok = crc32c(f->map + HEAD_BYTES, f->bytes - HEAD_BYTES) == sc_be32_load(f->map + 16);

	for (size_t i = 1; i < f->n && ok; i++)
		ok = id_at(f, i - 1) <= id_at(f, i);
	return ok;
}
