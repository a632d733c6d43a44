/*
 * test_journal.c - batches come back as they were written, a torn last one is
 * passed over, and damage before a good one is not.
 */
#include "crypto/tlog/journal.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <zlib.h>

#include "base/bytes.h"
#include "tap.h"

#define SIZE JOURNAL_MIN
static char dir[64];
static int dirfd_;

static void fresh(void)
{
	snprintf(dir, sizeof(dir), "/tmp/scrim-journal-XXXXXX");
	if (mkdtemp(dir) == NULL || (dirfd_ = open(dir, O_RDONLY | O_DIRECTORY)) < 0 ||
	    journal_make(dirfd_, SIZE, NULL) != SC_OK)
		abort();
}

static void done(void)
{
	unlinkat(dirfd_, "journal.0", 0);
	unlinkat(dirfd_, "journal.1", 0);
	close(dirfd_);
	rmdir(dir);
}

/* Entry I is I as four bytes, repeated 1 + I % 50 times. */
static size_t entry(uint64_t i, uint8_t out[static 256])
{
	size_t n = 1 + i % 50;

	sc_be16_store(out, (uint16_t)(4 * n));
	for (size_t k = 0; k < n; k++)
		sc_be32_store(out + 2 + 4 * k, (uint32_t)i);
	return 2 + 4 * n;
}

static enum sc_err write_batch(struct journal *j, uint64_t first, uint32_t count,
    uint64_t published)
{
	uint8_t e[256];

	journal_begin(j, first);
	for (uint32_t i = 0; i < count; i++)
		journal_add(j, sc_span(e, entry(first + i, e)), 1);
	return journal_write(j, published, NULL);
}

struct seen_people {
	uint64_t from, n;
	bool ok;
};

static enum sc_err see(void *arg, uint64_t index, struct sc_span bytes)
{
	struct seen_people *s = arg;
	uint8_t e[256];
	size_t n = entry(index, e);

	s->ok = s->ok && index == s->from + s->n && sc_span_eq(bytes, sc_span(e + 2, n - 2));
	s->n++;
	return SC_OK;
}

static enum sc_err read_back(uint64_t from, uint64_t *end, struct seen_people *s)
{
	struct sc_diag d;

	s->from = from;
	s->n = 0;
	s->ok = true;
	return journal_read(dirfd_, SIZE, from, see, s, end, &d);
}

static void test_round(void)
{
	uint64_t next = 0, published = 0, end;
	struct journal j;
	struct seen_people s;

	fresh();
	NEED(read_back(0, &end, &s) == SC_OK && end == 0 && s.n == 0);
	NEED(journal_open(dirfd_, SIZE, &j, NULL) == SC_OK);
	for (unsigned i = 0; i < 400; i++) {
		uint32_t count = 1 + i % 61;
		enum sc_err err = write_batch(&j, next, count, published);

		if (err == SC_AGAIN) { /* both segments full: the tree catches up */
			published = next - (i % 3);
			err = write_batch(&j, next, count, published);
			if (err == SC_AGAIN) {
				published = next;
				err = write_batch(&j, next, count, published);
			}
		}
		NEED(err == SC_OK);
		next += count;
		if (i % 7 != 0)
			continue;
		NEED(read_back(published, &end, &s) == SC_OK);
		CHECK(end == next && s.n == next - published && s.ok);
	}
	journal_close(&j);
	/* opened again after everything went into the tree: starts over */
	NEED(journal_open(dirfd_, SIZE, &j, NULL) == SC_OK);
	NEED(write_batch(&j, next, 3, next) == SC_OK);
	NEED(read_back(next, &end, &s) == SC_OK && end == next + 3 && s.ok);
	journal_close(&j);
	done();
}

static void flip(const char *name, off_t at)
{
	int fd = openat(dirfd_, name, O_RDWR);
	uint8_t b;

	if (fd < 0 || pread(fd, &b, 1, at) != 1)
		abort();
	b ^= 0x10;
	if (pwrite(fd, &b, 1, at) != 1)
		abort();
	close(fd);
}

static int truncateat_half(void)
{
	int fd = openat(dirfd_, "journal.0", O_RDWR);
	int r = ftruncate(fd, SIZE / 2);

	close(fd);
	return r;
}

static void three_batches(void)
{
	struct journal j;

	fresh();
	if (journal_open(dirfd_, SIZE, &j, NULL) != SC_OK || write_batch(&j, 0, 5, 0) != SC_OK ||
	    write_batch(&j, 5, 5, 0) != SC_OK || write_batch(&j, 10, 5, 0) != SC_OK)
		abort();
	journal_close(&j);
}

static void test_torn(void)
{
	struct seen_people s;
	uint64_t end;

	for (off_t at = 0; at < 120; at++) { /* anywhere in the last batch */
		three_batches();
		flip("journal.0", 2 * JOURNAL_BLOCK + at);
		CHECK(read_back(0, &end, &s) == SC_OK && end == 10 && s.ok);
		done();
	}
}

static void test_damaged(void)
{
	struct seen_people s;
	uint64_t end;

	for (off_t at = 0; at < 120; at++) { /* anywhere in one before it */
		three_batches();
		flip("journal.0", JOURNAL_BLOCK + at);
		CHECK(read_back(0, &end, &s) == SC_CORRUPT);
		done();
	}
	three_batches();
	CHECK(read_back(12, &end, &s) == SC_OK && end == 15 && s.n == 3 && s.ok);
	unlinkat(dirfd_, "journal.1", 0);
	CHECK(read_back(0, &end, &s) == SC_CORRUPT);
	done();
	three_batches();
	CHECK(truncateat_half() == 0);
	CHECK(read_back(0, &end, &s) == SC_CORRUPT);
	done();
}

static void test_gap(void)
{
	struct journal j;
	struct seen_people s;
	uint64_t end;

	fresh();
	NEED(journal_open(dirfd_, SIZE, &j, NULL) == SC_OK);
	NEED(write_batch(&j, 7, 5, 7) == SC_OK);
	journal_close(&j);
	CHECK(read_back(7, &end, &s) == SC_OK && end == 12);
	CHECK(read_back(6, &end, &s) == SC_CORRUPT);
	CHECK(read_back(12, &end, &s) == SC_OK && end == 12 && s.n == 0);
	done();
}

static void test_intact(void)
{
	struct journal j;
	struct sc_diag d;

	three_batches();
	NEED(journal_open(dirfd_, SIZE, &j, NULL) == SC_OK);
	CHECK(journal_intact(&j, &d));
	NEED(renameat(dirfd_, "journal.0", dirfd_, "x") == 0);
	CHECK(!journal_intact(&j, &d) && strcmp(d.file, "journal.0") == 0);
	NEED(renameat(dirfd_, "x", dirfd_, "journal.0") == 0);
	CHECK(journal_intact(&j, &d));
	CHECK(truncateat_half() == 0);
	CHECK(!journal_intact(&j, &d));
	journal_close(&j);
	done();
}

/* A batch whose entries have BYTES bytes, in whole blocks. */
static size_t batch_of(uint8_t *b, size_t bytes, size_t size)
{
	static const uint8_t magic[8] = { 'S', 'C', 'J', '1', 0x00, 0x0d, 0x0a, 0xff };
	uint32_t count = 0;
	uLong c;

	memset(b, 0, size);
	memcpy(b, magic, 8);
	for (size_t at = 0; at < bytes; count++) {
		size_t n = bytes - at < 65537 ? bytes - at - 2 : 60000;

		sc_be16_store(b + JOURNAL_HEADER + at, (uint16_t)n);
		at += 2 + n;
	}
	sc_be32_store(b + 16, count);
	sc_be32_store(b + 20, (uint32_t)bytes);
	c = crc32(0, b, 28);
	sc_be32_store(b + 28, (uint32_t)crc32(c, b + JOURNAL_HEADER, (uInt)bytes));
	return (JOURNAL_HEADER + bytes + JOURNAL_BLOCK - 1) / JOURNAL_BLOCK * JOURNAL_BLOCK;
}

/* The batch at B (its entries fill BYTES) begins at entry FIRST. */
static void begin_at(uint8_t *b, size_t bytes, uint64_t first)
{
	uLong c;

	sc_be64_store(b + 8, first);
	c = crc32(0, b, 28);
	sc_be32_store(b + 28, (uint32_t)crc32(c, b + JOURNAL_HEADER, (uInt)bytes));
}

static void test_first(void)
{
	const uint64_t last = INT64_MAX;
	static uint8_t b[JOURNAL_BLOCK];
	struct journal_batch batch;
	size_t n = batch_of(b, 3, sizeof(b));

	begin_at(b, 3, last);
	CHECK(journal_batch_parse(sc_span(b, n), &batch) && batch.first == last);
	begin_at(b, 3, last + 1);
	CHECK(!journal_batch_parse(sc_span(b, n), &batch));
	begin_at(b, 3, UINT64_MAX);
	CHECK(!journal_batch_parse(sc_span(b, n), &batch));
}

static void test_limits(void)
{
	const size_t size = 2 * JOURNAL_BATCH_MAX, max = JOURNAL_BATCH_MAX - JOURNAL_HEADER;
	uint8_t *b = malloc(size);
	struct journal_batch batch;
	size_t n;

	NEED(b != NULL);
	n = batch_of(b, max, size);
	NEED(n == JOURNAL_BATCH_MAX && journal_batch_parse(sc_span(b, size), &batch));
	CHECK(batch.length == n && batch.entries.n == max && batch.first == 0);
	CHECK(journal_batch_parse(sc_span(b, n), &batch));
	CHECK(!journal_batch_parse(sc_span(b, n - 1), &batch));
	batch_of(b, max + 1, size);
	CHECK(!journal_batch_parse(sc_span(b, size), &batch));
	n = batch_of(b, 3, size); /* one entry of one byte */
	CHECK(n == JOURNAL_BLOCK && journal_batch_parse(sc_span(b, n), &batch) && batch.count == 1);
	for (size_t cut = 0; cut < n; cut++)
		CHECK(!journal_batch_parse(sc_span(b, cut), &batch));
	for (uint16_t over = 1; over < 6; over++) { /* an entry longer than the batch */
		batch_of(b, 3, size);
		sc_be16_store(b + JOURNAL_HEADER, (uint16_t)(1 + over));
		sc_be32_store(b + 28, (uint32_t)crc32(crc32(0, b, 28), b + JOURNAL_HEADER, 3));
		CHECK(!journal_batch_parse(sc_span(b, size), &batch));
	}
	batch_of(b, 2, size); /* one of none */
	CHECK(!journal_batch_parse(sc_span(b, size), &batch));
	batch_of(b, 0, size);
	CHECK(!journal_batch_parse(sc_span(b, size), &batch));
	free(b);
}

int main(void)
{
	RUN(test_round, "what was written is read back, round after round of the segments");
	RUN(test_first, "entries have numbers up to the largest there is");
	RUN(test_limits, "the shortest and the longest batch are taken, nothing beyond");
	RUN(test_torn, "a torn last batch is passed over");
	RUN(test_damaged, "damage before a good batch is told, and so are cut and missing files");
	RUN(test_gap, "entries missing between tree and journal are told");
	RUN(test_intact, "a segment that was moved away or cut is noticed");
	return tap_done();
}
