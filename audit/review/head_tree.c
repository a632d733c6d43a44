/*
 * head_tree.c - roots that a log once had, of its tiles.
 */
#include "audit/review/head_tree.h"

#include "crypto/tlog/files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define STEP_MAX 4096 /* leaves; a longer way is begun anew, from whole subtrees */

static enum sc_err read_state(struct head_tree *t, struct sc_diag *d)
{
	bool found;
	enum sc_err err = state_read(t->dirfd, &t->state, &found, d);

	if (err != SC_OK)
		return err;
	if (!found)
		return files_say(d, "state", SC_CORRUPT, "is missing");
	tile_reader_fini(&t->tiles);
	tile_reader_init(&t->tiles, t->dirfd, t->state.size);
	return SC_OK;
}

enum sc_err head_tree_open(struct head_tree *t, const char *dir, struct sc_diag *d)
{
	memset(t, 0, sizeof(*t));
	t->dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	tile_reader_init(&t->tiles, t->dirfd, 0);
	return t->dirfd < 0 ? files_say(d, dir, SC_IO, "%s", strerror(errno)) : read_state(t, d);
}

void head_tree_close(struct head_tree *t)
{
	if (t->dirfd >= 0)
		close(t->dirfd);
	tile_reader_fini(&t->tiles);
	t->dirfd = -1;
}

/* The edge that the tree had at SIZE. */
static enum sc_err go_to(struct head_tree *t, uint64_t size)
{
	struct merkle_hash leaf;
	enum sc_err err = SC_OK;

	if (size < t->edge.size || size - t->edge.size > STEP_MAX)
		return merkle_frontier_load(size, tile_get, &t->tiles, &t->edge);
	while (t->edge.size < size && err == SC_OK)
		if ((err = tile_get(&t->tiles, 0, t->edge.size, &leaf)) == SC_OK)
			err = merkle_push(&t->edge, &leaf, NULL, NULL);
	return err;
}

enum head_fit head_tree_fits(struct head_tree *t, uint64_t size,
    const uint8_t root[static HASH_BYTES])
{
	struct merkle_hash have;
	struct sc_diag d;

	if (t->dirfd < 0)
		return HEAD_UNKNOWN;
	if (size > t->state.size && read_state(t, &d) != SC_OK)
		return HEAD_UNKNOWN;
	if (size > t->state.size)
		return HEAD_BEYOND;
	if (go_to(t, size) != SC_OK) {
		memset(&t->edge, 0, sizeof(t->edge));
		return HEAD_UNKNOWN;
	}
	merkle_root(&t->edge, &have);
	return memcmp(have.b, root, HASH_BYTES) == 0 ? HEAD_FITS : HEAD_DIFFERS;
}
