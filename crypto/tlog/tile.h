/*
 * tile.h - the files of a tree (c2sp.org/tlog-tiles): where each stands, how
 * wide it is, and reading them.
 *
 *	tile/<L>/<N>		256 hashes of level 8L, 8,192 bytes
 *	tile/<L>/<N>.p/<W>	the first W of them, while the tile is growing
 *	tile/entries/<N>	256 entries, each u16be length || bytes
 *	tile/entries/<N>.p/<W>
 *
 * N is written in groups of three digits, all but the last behind an x:
 * 1234067 is x001/x234/067.
 */
#ifndef CRYPTO_TLOG_TILE_H
#define CRYPTO_TLOG_TILE_H

#include "base/buf.h"
#include "base/diag.h"
#include "crypto/tlog/merkle.h"

#define TILE_WIDTH 256u
#define TILE_BYTES (TILE_WIDTH * HASH_BYTES)
#define TILE_LEVELS 8u    /* levels 0, 8, ... 56 */
#define TILE_ENTRIES 255u /* "level" of the entry bundles */
#define TILE_PATH_MAX 64
#define TILE_BUNDLE_MAX (TILE_WIDTH * (2u + 65535u))

/* The path below the log's folder. WIDTH 256 is the whole tile. */
void tile_path(unsigned level, uint64_t n, unsigned width, char out[static TILE_PATH_MAX]);
/* Hashes (or entries) that tile N of LEVEL has in a tree of SIZE: 0 to 256. */
unsigned tile_width(unsigned level, uint64_t n, uint64_t size);

/*
 * Append the first WIDTH hashes or entries of tile N to OUT, from the partial
 * file, or the whole one when that is gone (it may be, once the tile is full).
 * Fails with SC_CORRUPT when it is missing, of the wrong length or malformed
 * (D names the path), SC_IO, SC_NOMEM, SC_LIMIT.
 */
SC_CHECKED enum sc_err tile_read(int dirfd, unsigned level, uint64_t n, unsigned width,
    struct sc_buf *out, struct sc_diag *d);

/* The next entry of a bundle at *AT, which moves behind it. False at the end, or when malformed. */
bool tile_entry_next(struct sc_span bundle, size_t *at, struct sc_span *entry);

/*
 * Answers hashes of whole subtrees from the files of a tree of SIZE; one tile
 * of each level is kept. tile_get is a merkle_get_fn whose arg is the reader.
 */
struct tile_reader {
	int dirfd;
	uint64_t size;
	struct sc_diag diag; /* of the last failure */
	struct sc_buf tile[TILE_LEVELS];
	uint64_t n[TILE_LEVELS];
};
void tile_reader_init(struct tile_reader *r, int dirfd, uint64_t size);
void tile_reader_fini(struct tile_reader *r);
SC_CHECKED enum sc_err tile_get(void *reader, unsigned level, uint64_t index,
    struct merkle_hash *out);
/* The frontier that the tree of SIZE had when it had only N entries. Fails like tile_read(). */
SC_CHECKED enum sc_err tile_frontier(int dirfd, uint64_t size, uint64_t n,
    struct merkle_frontier *out, struct sc_diag *d);

/* The root of the 2^K hashes at H. */
void tile_subtree(const uint8_t *h, unsigned k, struct merkle_hash *out);

#endif
