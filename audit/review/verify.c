/*
 * verify.c - everything recomputed from the entries, with none of the code that
 * wrote the files but the hashing itself.
 */
#include "audit/review/review.h"

#include "audit/review/walk.h"
#include "crypto/tlog/files.h"
#include "crypto/tlog/tile.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEPT_TRIES 20

struct verifier {
	const struct audit_verify_ask *ask;
	struct walk_log log;
	struct audit_report *report;
	struct sc_diag *d;
	struct merkle_frontier frontier;
	uint8_t tile[TILE_LEVELS][TILE_BYTES]; /* as they must be */
	unsigned width[TILE_LEVELS];
	struct sc_buf bundle, file;
};

static enum sc_err bad(struct verifier *v, const char *file, const char *what)
{
	return files_say(v->d, file, SC_CORRUPT, "%s", what);
}

static enum sc_err bad_tile(struct verifier *v, unsigned level, uint64_t n, unsigned width,
    const char *what)
{
	char path[TILE_PATH_MAX];

	tile_path(level, n, width, path);
	return bad(v, path, what);
}

/* The file of a tile above level 0 must be what the entries make it. */
static enum sc_err check_tile(struct verifier *v, unsigned level, uint64_t n, unsigned width)
{
	enum sc_err err;

	sc_buf_clear(&v->file);
	err = tile_read(v->log.dirfd, level, n, width, &v->file, v->d);
	if (err != SC_OK)
		return err;
	v->report->tiles++;
	if (memcmp(v->file.p, v->tile[level], v->file.n) == 0)
		return SC_OK;
	return bad_tile(v, level, n, width, "does not match the tiles below it");
}

static enum sc_err keep(void *arg, unsigned level, uint64_t index, const struct merkle_hash *h)
{
	struct verifier *v = arg;
	unsigned l = level / 8;

	if (level % 8 != 0 || l >= TILE_LEVELS)
		return SC_OK;
	memcpy(v->tile[l] + index % TILE_WIDTH * HASH_BYTES, h->b, HASH_BYTES);
	v->width[l] = (unsigned)(index % TILE_WIDTH) + 1;
	if (v->width[l] < TILE_WIDTH)
		return SC_OK;
	v->width[l] = 0;
	return l == 0 ? SC_OK : check_tile(v, l, index / TILE_WIDTH, TILE_WIDTH);
}

/* Is the lowest tile itself the one the tree was built from? Then it is the entry that is wrong. */
static bool tile_is_sound(struct verifier *v, uint64_t n, unsigned width)
{
	uint64_t above = n / TILE_WIDTH, size = v->log.state.size;
	struct merkle_frontier f;
	struct merkle_hash root;
	struct sc_buf tile;
	bool ok;

	if (width < TILE_WIDTH) {
		ok = tile_frontier(v->log.dirfd, size, size, &f, NULL) == SC_OK;
		if (ok)
			merkle_root(&f, &root);
		return ok && memcmp(root.b, v->log.state.root.b, HASH_BYTES) == 0;
	}
	tile_subtree(v->file.p, 8, &root);
	sc_buf_init(&tile, TILE_BYTES);
	ok = tile_read(v->log.dirfd, 1, above, tile_width(1, above, size), &tile, NULL) == SC_OK &&
	    memcmp(tile.p + n % TILE_WIDTH * HASH_BYTES, root.b, HASH_BYTES) == 0;
	sc_buf_fini(&tile);
	return ok;
}

static enum sc_err entry_differs(struct verifier *v, uint64_t index, unsigned width)
{
	uint64_t n = index / TILE_WIDTH;

	bool sound = tile_is_sound(v, n, width);
	char what[64];

	snprintf(what, sizeof(what),
	    sound ? "entry %llu does not match" : "does not match entry %llu",
	    (unsigned long long)index);
	return bad_tile(v, sound ? TILE_ENTRIES : 0, n, width, what);
}

/* At the signed size the root must be the signed one; at the end the state's. */
static enum sc_err check_roots(struct verifier *v)
{
	const struct note_head *seen = v->ask->seen;
	const struct walk_log *log = &v->log;
	struct merkle_hash root;

	if (seen != NULL && v->frontier.size == seen->size) {
		merkle_root(&v->frontier, &root);
		if (memcmp(root.b, seen->root, HASH_BYTES) != 0)
			return files_say(v->d, "", SC_CORRUPT,
			    "is not the log whose %llu entries you have seen: its past was "
			    "rewritten",
			    (unsigned long long)seen->size);
	}
	if (log->has_checkpoint && v->frontier.size == log->checkpoint.head.size) {
		merkle_root(&v->frontier, &root);
		if (memcmp(root.b, log->checkpoint.head.root, HASH_BYTES) != 0)
			return bad(v, "checkpoint",
			    "the entries do not add up to the root that was signed");
	}
	if (v->frontier.size == log->state.size) {
		merkle_root(&v->frontier, &root);
		if (memcmp(root.b, log->state.root.b, HASH_BYTES) != 0)
			return bad(v, "state", "the entries do not add up to its root");
	}
	return SC_OK;
}

static enum sc_err tell(struct verifier *v, uint64_t index, struct sc_span entry)
{
	return v->ask->entry == NULL ? SC_OK : v->ask->entry(v->ask->arg, index, entry);
}

static enum sc_err check_bundle(struct verifier *v, uint64_t n)
{
	unsigned width = tile_width(0, n, v->log.state.size), i = 0;
	struct merkle_hash leaf;
	struct sc_span entry;
	enum sc_err err;
	size_t at = 0;

	sc_buf_clear(&v->bundle);
	sc_buf_clear(&v->file);
	if ((err = tile_read(v->log.dirfd, TILE_ENTRIES, n, width, &v->bundle, v->d)) != SC_OK ||
	    (err = tile_read(v->log.dirfd, 0, n, width, &v->file, v->d)) != SC_OK)
		return err;
	v->report->bundles++;
	v->report->tiles++;
	/* all of it against its own tile first: a push may read another tile into v->file */
	for (; tile_entry_next(sc_buf_span(&v->bundle), &at, &entry); i++) {
		merkle_leaf(entry, &leaf);
		v->report->bytes += entry.n;
		if (memcmp(leaf.b, v->file.p + i * (size_t)HASH_BYTES, HASH_BYTES) != 0)
			return entry_differs(v, n * TILE_WIDTH + i, width);
		memcpy(v->tile[0] + i * (size_t)HASH_BYTES, leaf.b, HASH_BYTES);
		if ((err = tell(v, n * TILE_WIDTH + i, entry)) != SC_OK)
			return err;
	}
	for (i = 0; i < width; i++) {
		memcpy(leaf.b, v->tile[0] + i * (size_t)HASH_BYTES, HASH_BYTES);
		if ((err = merkle_push(&v->frontier, &leaf, keep, v)) != SC_OK ||
		    (err = check_roots(v)) != SC_OK)
			return err;
	}
	return SC_OK;
}

static enum sc_err check_tree(struct verifier *v)
{
	uint64_t size = v->log.state.size;
	enum sc_err err = check_roots(v);

	for (uint64_t n = 0; n * TILE_WIDTH < size && err == SC_OK; n++)
		err = check_bundle(v, n);
	for (unsigned l = 1; l < TILE_LEVELS && err == SC_OK; l++)
		if (v->width[l] > 0)
			err = check_tile(v, l, (size >> (8 * l)) / TILE_WIDTH, v->width[l]);
	return err;
}

/* Has the log all that somebody saw of it, and a signature over that? */
static enum sc_err check_seen(struct verifier *v)
{
	const struct note_head *seen = v->ask->seen;
	const struct walk_log *log = &v->log;

	if (seen == NULL)
		return SC_OK;
	if (log->state.size < seen->size)
		return files_say(v->d, "", SC_CORRUPT,
		    "has %llu entries, and you have seen %llu: it was rolled back",
		    (unsigned long long)log->state.size, (unsigned long long)seen->size);
	return log->has_checkpoint && log->checkpoint.head.size < seen->size ?
	    files_say(v->d, "checkpoint", SC_CORRUPT,
		"is an older one: it covers %llu entries, you have seen %llu signed",
		(unsigned long long)log->checkpoint.head.size, (unsigned long long)seen->size) :
	    SC_OK;
}

static enum sc_err check_heads(struct verifier *v)
{
	const struct walk_log *log = &v->log;
	const struct note_head *h = &log->checkpoint.head;

	if (!log->has_checkpoint)
		return check_seen(v);
	if (strcmp(h->origin, log->state.origin) != 0)
		return bad(v, "checkpoint", "is another log's");
	if (h->size < log->state.signed_size)
		return files_say(v->d, "checkpoint", SC_CORRUPT,
		    "is an older one: it covers %llu entries, %llu were signed",
		    (unsigned long long)h->size, (unsigned long long)log->state.signed_size);
	return h->size > log->state.size ?
	    bad(v, "state", "tells of fewer entries than were signed") :
	    check_seen(v);
}

static enum sc_err count_one(void *arg, uint64_t index, struct sc_span entry)
{
	struct verifier *v = arg;

	v->report->journal_entries++;
	return tell(v, index, entry);
}

static void fill(struct verifier *v)
{
	const struct walk_log *log = &v->log;
	struct audit_report *r = v->report;

	snprintf(r->origin, sizeof(r->origin), "%s", log->state.origin);
	r->has_checkpoint = log->has_checkpoint;
	r->unsigned_entries = log->state.size;
	if (!log->has_checkpoint)
		return;
	r->signed_size = log->checkpoint.head.size;
	memcpy(r->signed_root, log->checkpoint.head.root, HASH_BYTES);
	r->unsigned_entries -= r->signed_size < log->state.size ? r->signed_size : log->state.size;
	r->signature_checked = v->ask->key != NULL;
}

/* State and the checkpoint that others keep; it may be newer than the state that was read first. */
static enum sc_err open_kept(struct verifier *v)
{
	struct walk_log *log = &v->log;
	enum sc_err err;

	for (unsigned i = 0;; i++) {
		if ((err = walk_open(v->ask->dir, NULL, v->d, log)) != SC_OK ||
		    (err = checkpoint_read(AT_FDCWD, v->ask->checkpoint, v->ask->key,
			 &log->checkpoint, &log->has_checkpoint, v->d)) != SC_OK)
			return err;
		if (!log->has_checkpoint || log->checkpoint.head.size <= log->state.size ||
		    i == KEPT_TRIES)
			return SC_OK;
		walk_close(log);
		usleep(2000);
	}
}

enum sc_err audit_verify(const struct audit_verify_ask *ask, struct sc_diag *d,
    struct audit_report *report)
{
	struct verifier *v = calloc(1, sizeof(*v));
	enum sc_err err;

	memset(d, 0, sizeof(*d));
	memset(report, 0, sizeof(*report));
	if (v == NULL)
		return SC_NOMEM;
	v->ask = ask;
	v->report = report;
	v->d = d;
	sc_buf_init(&v->bundle, TILE_BUNDLE_MAX);
	sc_buf_init(&v->file, TILE_BYTES);
	err = ask->checkpoint == NULL ? walk_open(ask->dir, ask->key, d, &v->log) : open_kept(v);
	if (err != SC_OK)
		goto out;
	fill(v);
	if ((err = check_heads(v)) == SC_OK && (err = check_tree(v)) == SC_OK)
		err = walk_entries(&v->log, v->log.state.size, count_one, v, d);
out:
	walk_close(&v->log);
	sc_buf_fini(&v->bundle);
	sc_buf_fini(&v->file);
	free(v);
	return err;
}
