/*
 * open.c - opening a log: is its right edge there, and does it add up to what was
 * signed? Then the journal's entries go into the tree, and the threads start; the
 * rest of the files is looked at by the publisher.
 */
#include "crypto/tlog/writer_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static enum sc_err take_options(struct tlog *w, const struct tlog_options *o, struct sc_diag *d)
{
	if (o->dir == NULL || o->origin == NULL || !note_name_ok(sc_span_str(o->origin)))
		return files_say(d, "", SC_SYNTAX,
		    "the log's origin is not a name without spaces or '+'");
	snprintf(w->origin, sizeof(w->origin), "%s", o->origin);
	w->has_key = o->vkey != NULL;
	if (w->has_key && note_key_parse(sc_span_str(o->vkey), &w->key) != SC_OK)
		return files_say(d, "", SC_SYNTAX, "the log's vkey is malformed");
	w->publish_ms = o->publish_ms == 0 ? 1000 : o->publish_ms;
	w->delay_ms = o->delay_ms == 0 ? TLOG_DELAY_MS : o->delay_ms;
	w->resign_ms = o->resign_ms == 0 ? 2000 : o->resign_ms;
	w->space_red = o->space_red == 0 ? (uint64_t)256 << 20 : o->space_red;
	w->confirm = o->confirm;
	w->sign = o->sign;
	w->sign_arg = o->sign_arg;
	return SC_OK;
}

static enum sc_err new_writer(const struct tlog_options *o, struct sc_diag *d, struct tlog **out)
{
	struct tlog *w = calloc(1, sizeof(*w));
	pthread_condattr_t mono;
	enum sc_err err;

	*out = w;
	if (w == NULL)
		return SC_NOMEM;
	w->dirfd = w->lockfd = -1;
	for (unsigned i = 0; i < JOURNAL_SEGMENTS; i++)
		w->journal.fd[i] = -1;
	sc_buf_init(&w->note, NOTE_MAX);
	sc_buf_init(&w->cosigned, NOTE_MAX);
	sc_buf_init(&w->checkpoint, NOTE_MAX);
	sc_buf_init(&w->edge.bundle, TILE_BUNDLE_MAX);
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&mono);
	pthread_condattr_setclock(&mono, CLOCK_MONOTONIC);
	pthread_cond_init(&w->work, &mono);
	pthread_cond_init(&w->news, &mono);
	pthread_condattr_destroy(&mono);
	err = take_options(w, o, d);
	files_set_init(&w->files, -1);
	return err;
}

static enum sc_err open_dir(struct tlog *w, const char *dir, struct sc_diag *d)
{
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return files_failed(d, dir, "cannot be made");
	w->dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (w->dirfd < 0)
		return files_failed(d, dir, "cannot be opened");
	if ((w->place = realpath(dir, NULL)) == NULL)
		return files_failed(d, dir, "cannot be looked up");
	w->files.dirfd = w->dirfd;
	w->lockfd = openat(w->dirfd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (w->lockfd < 0)
		return files_failed(d, "lock", "cannot be opened");
	if (flock(w->lockfd, LOCK_EX | LOCK_NB) != 0)
		return files_say(d, "lock", SC_AGAIN, "another process has this log open");
	return SC_OK;
}

/* Has anything ever been committed here? */
static bool journal_blank(int dirfd)
{
	uint8_t head[8], zeros[8] = { 0 };
	bool blank = true;
	int fd;

	for (unsigned i = 0; i < JOURNAL_SEGMENTS; i++) {
		if ((fd = openat(dirfd, journal_names[i], O_RDONLY | O_CLOEXEC)) < 0)
			continue;
		memset(head, 0, sizeof(head));
		if (pread(fd, head, sizeof(head), 0) < 0 || memcmp(head, zeros, sizeof(head)) != 0)
			blank = false;
		close(fd);
	}
	return blank;
}

/* A folder without `state`: a new log, or one that lost it. */
static enum sc_err begin(struct tlog *w, size_t journal_bytes, struct sc_diag *d)
{
	size_t size = journal_bytes == 0 ? (size_t)16 << 20 : journal_bytes;
	struct stat st;
	enum sc_err err;

	if (fstatat(w->dirfd, "tile", &st, 0) == 0 ||
	    fstatat(w->dirfd, "checkpoint", &st, 0) == 0 || !journal_blank(w->dirfd))
		return files_say(d, "state", SC_CORRUPT, "is missing, but the log is not new");
	size = size < JOURNAL_MIN ? JOURNAL_MIN :
				    (size + JOURNAL_BLOCK - 1) / JOURNAL_BLOCK * JOURNAL_BLOCK;
	if ((err = journal_make(w->dirfd, size, d)) != SC_OK)
		return err;
	/*
	 * The folder's own name, and its parents' names, must last too. The parent
	 * may be a folder that we may not open any more; this needs none.
	 */
	if (syncfs(w->dirfd) != 0)
		return files_failed(d, "", "the log's folder cannot be synced");
	snprintf(w->state.origin, sizeof(w->state.origin), "%s", w->origin);
	w->state.journal_bytes = size;
	merkle_empty(&w->state.root);
	return state_write(w->dirfd, &w->state, d);
}

/*
 * The newest bundles, which the next entries stand beside. Of all others the publisher
 * looks first whether they are there, and then what is in them (watch.c): opening must
 * not take longer the longer a log is.
 */
static enum sc_err check_newest(struct tlog *w, struct sc_diag *d)
{
	uint64_t size = w->state.size, bundles = (size + TILE_WIDTH - 1) / TILE_WIDTH;
	uint64_t from = bundles > WRITER_OPEN_CHECK ? bundles - WRITER_OPEN_CHECK : 0;
	enum sc_err err = SC_OK;

	w->unseen = w->scrub = from;
	for (uint64_t n = from; n < bundles && err == SC_OK; n++)
		err = check_presence(w->dirfd, n, size, d);
	for (uint64_t n = from; n < bundles && err == SC_OK; n++)
		err = check_bundle(w->dirfd, n, size, d);
	return err;
}

/* State, checkpoint and tiles; then the edge is ready to be built on. */
static enum sc_err check_log(struct tlog *w, const struct tlog_options *o, struct sc_diag *d)
{
	struct tlog_checkpoint *c = malloc(sizeof(*c));
	bool found, signed_once = false;
	enum sc_err err;

	if (c == NULL)
		return SC_NOMEM;
	if ((err = state_read(w->dirfd, &w->state, &found, d)) != SC_OK ||
	    (!found && (err = begin(w, o->journal_bytes, d)) != SC_OK))
		goto out;
	err = SC_CORRUPT;
	if (strcmp(w->state.origin, w->origin) != 0) {
		(void)files_say(d, "state", err,
		    "is of a log with another origin: put back the one that belongs here");
		goto out;
	}
	err = checkpoint_read(w->dirfd, "checkpoint", w->has_key ? &w->key : NULL, c, &signed_once,
	    d);
	if (err == SC_AUTH)
		err = SC_CORRUPT;
	/* the files first: what is missing is named, rather than what does not add up */
	if (err != SC_OK || (err = check_newest(w, d)) != SC_OK ||
	    (err = check_edge(w->dirfd, &w->state, signed_once ? c : NULL, &w->edge.frontier, d)) !=
		SC_OK ||
	    (err = publish_load_edge(w, d)) != SC_OK)
		goto out;
	if (signed_once) {
		w->state.signed_size = c->head.size;
		err = sc_buf_put(&w->checkpoint, c->raw, c->n);
		watch_set(w, WATCH_CHECKPOINT, "checkpoint");
	}
out:
	free(c);
	return err;
}

static enum sc_err replay_entry(void *arg, uint64_t index, struct sc_span entry)
{
	struct tlog *w = arg;

	(void)index;
	return queue_put(&w->queue, entry);
}

/* What the journal has and the tree has not goes into the tree. */
static enum sc_err replay(struct tlog *w, size_t pending_bytes, struct sc_diag *d)
{
	size_t size = (size_t)w->state.journal_bytes;
	struct queue_run run;
	enum sc_err err;
	uint64_t end;

	queue_init(&w->queue, w->state.size, SIZE_MAX / 2);
	w->to_commit.index = w->to_publish.index = w->state.size;
	if (size < JOURNAL_MIN || size > ((size_t)1 << 32))
		return files_say(d, "state", SC_CORRUPT, "tells of an impossible journal");
	err = journal_read(w->dirfd, size, w->state.size, replay_entry, w, &end, d);
	if (err != SC_OK)
		return err;
	/* they are committed; before publishing, which frees their blocks */
	while (queue_take(&w->queue, &w->to_commit, UINT64_MAX, SIZE_MAX, &run))
		;
	if (w->to_commit.index != end)
		return SC_BUG;
	if (end > w->state.size && (err = publish_to(w, end, d)) != SC_OK)
		return err;
	w->queue.max = pending_bytes < ((size_t)1 << 20) ? (size_t)64 << 20 : pending_bytes;
	atomic_store(&w->next, end);
	atomic_store(&w->durable, end);
	atomic_store(&w->published, end);
	atomic_store(&w->signed_size, w->state.signed_size);
	w->signer_size = w->state.signed_size;
	publish_settle(w, 0);
	return journal_open(w->dirfd, size, &w->journal, d);
}

static enum sc_err start(struct tlog *w, struct sc_diag *d)
{
	atomic_store(&w->direct, w->journal.direct);
	watch_space(w);
	if (pthread_create(&w->commit_thread, NULL, commit_main, w) != 0)
		return files_say(d, "", SC_NOMEM, "no thread for the log");
	w->threads = 1;
	if (pthread_create(&w->publish_thread, NULL, publish_main, w) != 0)
		return files_say(d, "", SC_NOMEM, "no thread for the log");
	w->threads = 2;
	return SC_OK;
}

enum sc_err tlog_open(const struct tlog_options *o, struct sc_diag *d, struct tlog **out)
{
	struct tlog *w = NULL;
	struct sc_diag own;
	enum sc_err err;

	*out = NULL;
	if (d == NULL)
		d = &own;
	memset(d, 0, sizeof(*d));
	if ((err = new_writer(o, d, &w)) != SC_OK || (err = open_dir(w, o->dir, d)) != SC_OK ||
	    (err = check_log(w, o, d)) != SC_OK ||
	    (err = replay(w, o->pending_bytes, d)) != SC_OK || (err = start(w, d)) != SC_OK)
		goto out;
	*out = w;
	w = NULL;
out:
	tlog_close(w);
	return err;
}

void tlog_close(struct tlog *w)
{
	if (w == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_broadcast(&w->work);
	pthread_cond_broadcast(&w->news);
	pthread_mutex_unlock(&w->lock);
	if (w->threads > 0)
		pthread_join(w->commit_thread, NULL);
	if (w->threads > 1)
		pthread_join(w->publish_thread, NULL);
	files_set_drop(&w->files);
	journal_close(&w->journal);
	queue_fini(&w->queue);
	sc_buf_fini(&w->note);
	sc_buf_fini(&w->cosigned);
	sc_buf_fini(&w->checkpoint);
	sc_buf_fini(&w->edge.bundle);
	if (w->lockfd >= 0)
		close(w->lockfd);
	if (w->dirfd >= 0)
		close(w->dirfd);
	free(w->place);
	pthread_mutex_destroy(&w->lock);
	pthread_cond_destroy(&w->work);
	pthread_cond_destroy(&w->news);
	free(w);
}
