/*
 * walk.c - reading a log beside its writer: files only ever grow, but the
 * journal is reused, so what was missed there is in the tree by then.
 */
#include "audit/review/walk.h"

#include "crypto/tlog/files.h"
#include "crypto/tlog/journal.h"
#include "crypto/tlog/tile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define TRIES 20

/* Until two looks at the state agree, and the checkpoint was read in between. */
static enum sc_err read_heads(struct walk_log *log, const struct note_key *key, struct sc_diag *d)
{
	struct tlog_state again;
	enum sc_err err = SC_OK;
	bool found;

	for (unsigned i = 0; i < TRIES; i++) {
		if ((err = state_read(log->dirfd, &log->state, &found, d)) != SC_OK)
			return err;
		if (!found)
			return files_say(d, "state", SC_CORRUPT,
			    "is missing: this is not a log, or it was damaged");
		if ((err = checkpoint_read(log->dirfd, "checkpoint", key, &log->checkpoint,
			 &log->has_checkpoint, d)) != SC_OK ||
		    (err = state_read(log->dirfd, &again, &found, d)) != SC_OK)
			return err;
		if (found && again.size == log->state.size &&
		    again.signed_size == log->state.signed_size &&
		    (!log->has_checkpoint || log->checkpoint.head.size <= again.signed_size))
			break;
		usleep(2000);
	}
	return err;
}

enum sc_err walk_open(const char *dir, const struct note_key *key, struct sc_diag *d,
    struct walk_log *log)
{
	memset(d, 0, sizeof(*d));
	memset(log, 0, sizeof(*log));
	log->dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return log->dirfd < 0 ? files_say(d, dir, SC_IO, "%s", strerror(errno)) :
				read_heads(log, key, d);
}

void walk_close(struct walk_log *log)
{
	if (log->dirfd >= 0)
		close(log->dirfd);
}

struct walker {
	uint64_t next;
	audit_line_fn *line;
	void *arg;
	bool stopped; /* the caller said stop */
};

static enum sc_err give(void *arg, uint64_t index, struct sc_span entry)
{
	struct walker *w = arg;
	enum sc_err err;

	if (index < w->next)
		return SC_OK;
	err = w->line(w->arg, index, entry);
	w->stopped = err != SC_OK;
	w->next = index + 1;
	return err;
}

static enum sc_err walk_tree(struct walk_log *log, struct walker *w, struct sc_diag *d)
{
	uint64_t size = log->state.size;
	struct sc_buf bundle;
	enum sc_err err = SC_OK;
	struct sc_span entry;

	sc_buf_init(&bundle, TILE_BUNDLE_MAX);
	while (err == SC_OK && w->next < size) {
		uint64_t n = w->next / TILE_WIDTH, i = n * TILE_WIDTH;
		size_t at = 0;

		sc_buf_clear(&bundle);
		err = tile_read(log->dirfd, TILE_ENTRIES, n, tile_width(0, n, size), &bundle, d);
		while (err == SC_OK && tile_entry_next(sc_buf_span(&bundle), &at, &entry))
			err = give(w, i++, entry);
	}
	sc_buf_fini(&bundle);
	return err;
}

enum sc_err walk_entries(struct walk_log *log, uint64_t since, audit_line_fn *line, void *arg,
    struct sc_diag *d)
{
	struct walker w = { .next = since, .line = line, .arg = arg };
	uint64_t size, end;
	enum sc_err err;
	bool found;

	for (unsigned i = 0;; i++) {
		size = log->state.size;
		if ((err = walk_tree(log, &w, d)) != SC_OK)
			return err;
		err = journal_read(log->dirfd, (size_t)log->state.journal_bytes, size, give, &w,
		    &end, d);
		if (err != SC_CORRUPT || w.stopped || i == TRIES)
			return err;
		/* was it reused while we read? then the tree has grown */
		if (state_read(log->dirfd, &log->state, &found, d) != SC_OK || !found ||
		    log->state.size == size)
			return err;
	}
}

enum sc_err walk_dir(const char *dir, uint64_t since, audit_line_fn *line, void *arg,
    struct sc_diag *d)
{
	struct walk_log log;
	enum sc_err err;

	if ((err = walk_open(dir, NULL, d, &log)) == SC_OK)
		err = walk_entries(&log, since, line, arg, d);
	walk_close(&log);
	return err;
}
