/*
 * kept_head.c - the head of a log that another process writes.
 */
#include "gateway/serve/kept_head.h"

#include "crypto/tlog/files.h"
#include "crypto/tlog/state.h"
#include "crypto/tlog/tile.h"
#include "gateway/serve/head_ask.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static enum kept_trouble prove(int dirfd, struct kept_head *h)
{
	struct tile_reader tiles;
	enum sc_err err;

	tile_reader_init(&tiles, dirfd, h->size);
	err = merkle_prove_consistency(h->from, h->size, tile_get, &tiles, &h->proof);
	tile_reader_fini(&tiles);
	return err == SC_OK ? KEPT_WELL : KEPT_DAMAGED;
}

static enum kept_trouble read_state(int dirfd, const char *origin, struct kept_head *h)
{
	struct tlog_state state;
	struct sc_diag d;
	bool found;

	if (state_read(dirfd, &state, &found, &d) != SC_OK)
		return KEPT_DAMAGED;
	if (!found)
		return KEPT_MISSING;
	if (strcmp(state.origin, origin) != 0)
		return KEPT_OTHER;
	h->size = state.size;
	h->root = state.root;
	return state.size < h->from ? KEPT_SHORTER : KEPT_WELL;
}

enum kept_trouble kept_head_read(const char *dir, const char *origin, uint64_t from,
    struct kept_head *out)
{
	const int dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum kept_trouble t;

	memset(out, 0, sizeof(*out));
	out->from = from;
	if (dirfd < 0)
		return errno == ENOENT ? KEPT_MISSING : KEPT_DAMAGED;
	if ((t = read_state(dirfd, origin, out)) == KEPT_WELL)
		t = prove(dirfd, out);
	close(dirfd);
	return t;
}

bool kept_head_load(int dirfd, const char *path, const char *origin, struct note_head *out)
{
	uint8_t raw[NOTE_MAX];
	size_t n = sizeof(raw);
	struct sc_diag d;
	bool found;

	return files_read(dirfd, path, raw, &n, &found, &d) == SC_OK && found &&
	    head_ask_parse(sc_span(raw, n), out) && strcmp(out->origin, origin) == 0;
}
