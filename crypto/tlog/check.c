/*
 * check.c - holding entries, tiles, state and checkpoint against one another.
 */
#include "crypto/tlog/check.h"

#include "crypto/tlog/files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Each entry of the bundle hashes to its place in the tile. */
static enum sc_err check_entries(struct sc_span bundle, struct sc_span tile, uint64_t n,
    unsigned width, struct sc_diag *d)
{
	char path[TILE_PATH_MAX];
	struct merkle_hash h;
	struct sc_span entry;
	size_t at = 0;

	for (unsigned i = 0; i < width; i++) {
		if (!tile_entry_next(bundle, &at, &entry))
			return SC_BUG; /* tile_read() counted them */
		merkle_leaf(entry, &h);
		if (memcmp(h.b, tile.p + i * (size_t)HASH_BYTES, HASH_BYTES) == 0)
			continue;
		tile_path(TILE_ENTRIES, n, width, path);
		return files_say(d, path, SC_CORRUPT, "entry %llu does not match",
		    (unsigned long long)(n * TILE_WIDTH + i));
	}
	return SC_OK;
}

/* Whole tile N of LEVEL, its bytes in TILE, has its root in the tile above; and so on upwards. */
static enum sc_err check_above(int dirfd, unsigned level, uint64_t n, uint64_t size,
    struct sc_buf *tile, struct sc_diag *d)
{
	char path[TILE_PATH_MAX];
	struct merkle_hash root;
	enum sc_err err;
	unsigned width;
	size_t at;

	for (; level + 1 < TILE_LEVELS; level++, n /= TILE_WIDTH) {
		tile_subtree(tile->p, 8, &root);
		at = (size_t)(n % TILE_WIDTH) * HASH_BYTES;
		width = tile_width(level + 1, n / TILE_WIDTH, size);
		sc_buf_clear(tile);
		err = tile_read(dirfd, level + 1, n / TILE_WIDTH, width, tile, d);
		if (err != SC_OK)
			return err;
		if (memcmp(root.b, tile->p + at, HASH_BYTES) != 0) {
			tile_path(level, n, TILE_WIDTH, path);
			return files_say(d, path, SC_CORRUPT,
			    "does not match its place in the tile above");
		}
		if (n % TILE_WIDTH != TILE_WIDTH - 1)
			break;
	}
	return SC_OK;
}

enum sc_err check_bundle(int dirfd, uint64_t n, uint64_t size, struct sc_diag *d)
{
	unsigned width = tile_width(0, n, size);
	struct sc_buf bundle, tile;
	enum sc_err err;

	sc_buf_init(&bundle, TILE_BUNDLE_MAX);
	sc_buf_init(&tile, TILE_BYTES);
	if ((err = tile_read(dirfd, TILE_ENTRIES, n, width, &bundle, d)) != SC_OK ||
	    (err = tile_read(dirfd, 0, n, width, &tile, d)) != SC_OK ||
	    (err = check_entries(sc_buf_span(&bundle), sc_buf_span(&tile), n, width, d)) != SC_OK)
		goto out;
	if (width == TILE_WIDTH)
		err = check_above(dirfd, 0, n, size, &tile, d);
out:
	sc_buf_fini(&bundle);
	sc_buf_fini(&tile);
	return err;
}

enum sc_err check_presence(int dirfd, uint64_t n, uint64_t size, struct sc_diag *d)
{
	unsigned width = tile_width(0, n, size);
	static const unsigned levels[2] = { TILE_ENTRIES, 0 };
	char path[TILE_PATH_MAX];
	struct stat st;

	for (unsigned i = 0; i < 2; i++) {
		tile_path(levels[i], n, width, path);
		if (fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) != 0)
			return files_say(d, path, SC_CORRUPT, "is missing");
		if (levels[i] == 0 ? st.st_size != (off_t)(width * HASH_BYTES) :
				     st.st_size < (off_t)(3 * width))
			return files_say(d, path, SC_CORRUPT, "is cut");
	}
	return SC_OK;
}

enum sc_err check_edge(int dirfd, const struct tlog_state *state, const struct tlog_checkpoint *c,
    struct merkle_frontier *edge, struct sc_diag *d)
{
	struct merkle_frontier old;
	struct merkle_hash root;
	enum sc_err err;

	if (c == NULL && state->signed_size > 0)
		return files_say(d, "checkpoint", SC_CORRUPT, "is missing");
	if (c != NULL && strcmp(c->head.origin, state->origin) != 0)
		return files_say(d, "checkpoint", SC_CORRUPT, "is another log's");
	if (c != NULL && c->head.size < state->signed_size)
		return files_say(d, "checkpoint", SC_CORRUPT,
		    "is an older one: it covers %llu entries, %llu were signed",
		    (unsigned long long)c->head.size, (unsigned long long)state->signed_size);
	if (c != NULL && c->head.size > state->size)
		return files_say(d, "state", SC_CORRUPT, "tells of fewer entries than were signed");
	if ((err = tile_frontier(dirfd, state->size, state->size, edge, d)) != SC_OK)
		return err;
	merkle_root(edge, &root);
	if (memcmp(root.b, state->root.b, HASH_BYTES) != 0)
		return files_say(d, "state", SC_CORRUPT, "the tiles do not add up to its root");
	if (c == NULL)
		return SC_OK;
	if ((err = tile_frontier(dirfd, state->size, c->head.size, &old, d)) != SC_OK)
		return err;
	merkle_root(&old, &root);
	return memcmp(root.b, c->head.root, HASH_BYTES) == 0 ?
	    SC_OK :
	    files_say(d, "checkpoint", SC_CORRUPT,
		"the tiles do not add up to the root that was signed");
}

/* The writer may sign, and then write `state`, between two looks: what is read first is older. */
enum sc_err check_walk_begin(struct check_walk *w, int dirfd, const struct note_key *key,
    struct sc_diag *d)
{
	struct tlog_checkpoint *c = malloc(sizeof(*c));
	struct merkle_frontier edge;
	bool found, signed_once;
	enum sc_err err;

	memset(w, 0, sizeof(*w));
	w->dirfd = dirfd;
	if (c == NULL)
		return SC_NOMEM;
	if ((err = checkpoint_read(dirfd, "checkpoint", key, c, &signed_once, d)) != SC_OK ||
	    (err = state_read(dirfd, &w->state, &found, d)) != SC_OK)
		goto out;
	if (!found) {
		if (signed_once)
			err = files_say(d, "state", SC_CORRUPT, "is missing");
		goto out;
	}
	/* signed between the two looks: that checkpoint is newer than the one at hand */
	if (signed_once && c->head.size < w->state.signed_size)
		w->state.signed_size = c->head.size;
	if ((err = check_edge(dirfd, &w->state, signed_once ? c : NULL, &edge, d)) == SC_OK)
		w->bundles = (w->state.size + TILE_WIDTH - 1) / TILE_WIDTH;
out:
	free(c);
	return err == SC_AUTH ? SC_CORRUPT : err;
}

enum sc_err check_walk_on(struct check_walk *w, uint64_t n, struct sc_diag *d)
{
	enum sc_err err = SC_OK;

	for (; n > 0 && w->next < w->bundles && err == SC_OK; n--)
		err = check_bundle(w->dirfd, w->next++, w->state.size, d);
	return err;
}
