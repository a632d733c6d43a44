/*
 * test_tile.c - paths of tiles, their widths, and a published log: every size of
 * it gives the root that its own operator signed.
 */
#include "crypto/tlog/tile.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "crypto/tlog/note.h"
#include "tap.h"

static bool path_is(unsigned level, uint64_t n, unsigned width, const char *want)
{
	char path[TILE_PATH_MAX];

	tile_path(level, n, width, path);
	return strcmp(path, want) == 0;
}

static void test_paths(void)
{
	CHECK(path_is(0, 0, 256, "tile/0/000"));
	CHECK(path_is(0, 999, 1, "tile/0/999.p/1"));
	CHECK(path_is(1, 1000, 255, "tile/1/x001/000.p/255"));
	CHECK(path_is(0, 1234067, 256, "tile/0/x001/x234/067"));
	CHECK(path_is(TILE_ENTRIES, 1234067, 12, "tile/entries/x001/x234/067.p/12"));
	CHECK(path_is(7, UINT64_MAX >> 12, 256, "tile/7/x004/x503/x599/x627/x370/495"));
}

static void test_widths(void)
{
	/* c2sp.org/tlog-tiles: the size 70,000 has 273 whole tiles and one of 112 */
	CHECK(tile_width(0, 272, 70000) == 256);
	CHECK(tile_width(0, 273, 70000) == 112);
	CHECK(tile_width(0, 274, 70000) == 0);
	CHECK(tile_width(1, 0, 70000) == 256);
	CHECK(tile_width(1, 1, 70000) == 17);
	CHECK(tile_width(2, 0, 70000) == 1);
	CHECK(tile_width(3, 0, 70000) == 0);
	CHECK(tile_width(TILE_ENTRIES, 273, 70000) == 112);
	CHECK(tile_width(0, 0, 0) == 0);
}

static bool slurp(int dirfd, const char *path, struct sc_buf *out)
{
	uint8_t block[4096];
	ssize_t n = 1;
	int fd = openat(dirfd, path, O_RDONLY);

	sc_buf_clear(out);
	while (fd >= 0 && n > 0) {
		n = read(fd, block, sizeof(block));
		if (n > 0 && sc_buf_put(out, block, (size_t)n) != SC_OK)
			break;
	}
	if (fd >= 0)
		close(fd);
	return fd >= 0 && n == 0;
}

static bool entries_hash_to(int dirfd, uint64_t size, const uint8_t *root)
{
	struct merkle_frontier f = { .size = 0 };
	struct merkle_hash h;
	struct sc_buf bundle;
	struct sc_span entry;
	size_t at = 0;
	bool ok;

	sc_buf_init(&bundle, TILE_BUNDLE_MAX);
	ok = size == 0 || tile_read(dirfd, TILE_ENTRIES, 0, (unsigned)size, &bundle, NULL) == SC_OK;
	while (ok && tile_entry_next(sc_buf_span(&bundle), &at, &entry)) {
		merkle_leaf(entry, &h);
		ok = merkle_push(&f, &h, NULL, NULL) == SC_OK;
	}
	merkle_root(&f, &h);
	sc_buf_fini(&bundle);
	return ok && f.size == size && memcmp(h.b, root, 32) == 0;
}

static bool tiles_add_up_to(int dirfd, uint64_t size, const uint8_t *root)
{
	struct merkle_frontier f;
	struct tile_reader r;
	struct merkle_hash h;
	bool ok;

	tile_reader_init(&r, dirfd, size);
	ok = merkle_frontier_load(size, tile_get, &r, &f) == SC_OK;
	tile_reader_fini(&r);
	if (ok)
		merkle_root(&f, &h);
	return ok && memcmp(h.b, root, 32) == 0;
}

static void test_published_log(void)
{
	int dirfd = open("../shared/vectors/tessera/testdata/log", O_RDONLY | O_DIRECTORY);
	int above = open("../shared/vectors/tessera", O_RDONLY | O_DIRECTORY);
	struct note_head head;
	struct note_key key;
	struct sc_buf text;
	struct note note;
	char name[32];
	bool found;

	NEED(dirfd >= 0 && above >= 0);
	sc_buf_init(&text, NOTE_MAX);
	NEED(slurp(above, "vkey.txt", &text));
	NEED(note_key_parse(sc_buf_span(&text), &key) == SC_OK);
	for (unsigned size = 0; size <= 15; size++) {
		snprintf(name, sizeof(name), "checkpoint.%u", size);
		NEED(slurp(dirfd, name, &text));
		NEED(note_parse(sc_buf_span(&text), &note) == SC_OK);
		CHECK(note_verify(&note, &key, &found) == SC_OK && found);
		NEED(note_head_parse(note.text, &head) == SC_OK);
		CHECK(head.size == size && strcmp(head.origin, key.name) == 0);
		CHECK(entries_hash_to(dirfd, size, head.root));
		CHECK(tiles_add_up_to(dirfd, size, head.root));
	}
	sc_buf_fini(&text);
	close(dirfd);
	close(above);
}

int main(void)
{
	RUN(test_paths, "a tile's path is as the specification writes it, and parses back");
	RUN(test_widths, "partial widths follow the specification's example");
	if (access("../shared/vectors/tessera/vkey.txt", R_OK) == 0)
		RUN(test_published_log, "a published log: bundles, tiles, roots, signatures");
	else
		tap_skip("a published log", "../shared/vectors/tessera is NOT THERE");
	return tap_done();
}
