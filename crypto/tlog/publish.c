/*
 * publish.c - the thread that turns durable entries into a tree: whole tiles
 * and bundles, the growing ones at the right edge, then `state`; after that the
 * journal may forget them.
 *
 * Nothing that `state` speaks of is ever written again: a growing tile has its
 * width in its name. So a crash, or a full disk, in the middle leaves only files
 * that the next attempt writes anew.
 */
#include "crypto/tlog/writer_int.h"

#include "base/bytes.h"
#include "base/clock.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define PUBLISH_NICE 5

struct building {
	struct tlog *w;
	struct sc_diag *d;
};

static unsigned level_of(unsigned slot)
{
	return slot == WATCH_BUNDLE ? TILE_ENTRIES : slot;
}

static enum sc_err write_tile(struct tlog *w, unsigned slot, uint64_t n, unsigned width,
    struct sc_span bytes, struct sc_diag *d)
{
	char path[TILE_PATH_MAX];

	tile_path(level_of(slot), n, width, path);
	w->edge.written[slot] = n * TILE_WIDTH + width;
	return files_set_write(&w->files, path, bytes, d);
}

/* merkle_done_fn: keep what tiles are made of, write those that are complete. */
static enum sc_err keep_hash(void *arg, unsigned level, uint64_t index, const struct merkle_hash *h)
{
	struct building *b = arg;
	struct log_edge *e = &b->w->edge;
	unsigned l = level / 8;

	if (level % 8 != 0)
		return SC_OK;
	memcpy(e->tile[l] + index % TILE_WIDTH * HASH_BYTES, h->b, HASH_BYTES);
	e->width[l] = (unsigned)(index % TILE_WIDTH) + 1;
	if (e->width[l] < TILE_WIDTH)
		return SC_OK;
	e->width[l] = 0;
	return write_tile(b->w, l, index / TILE_WIDTH, TILE_WIDTH, sc_span(e->tile[l], TILE_BYTES),
	    b->d);
}

static enum sc_err add_entry(struct building *b, struct sc_span with_length)
{
	struct log_edge *e = &b->w->edge;
	struct merkle_hash leaf;
	enum sc_err err;

	merkle_leaf(sc_span_from(with_length, 2), &leaf);
	if ((err = sc_buf_put_span(&e->bundle, with_length)) != SC_OK ||
	    (err = merkle_push(&e->frontier, &leaf, keep_hash, b)) != SC_OK)
		return err;
	if (e->frontier.size % TILE_WIDTH != 0)
		return SC_OK;
	err = write_tile(b->w, WATCH_BUNDLE, e->frontier.size / TILE_WIDTH - 1, TILE_WIDTH,
	    sc_buf_span(&e->bundle), b->d);
	sc_buf_clear(&e->bundle);
	return err;
}

static enum sc_err add_entries(struct building *b, uint64_t target)
{
	struct tlog *w = b->w;
	struct queue_run run;
	enum sc_err err;
	bool any;

	while (w->edge.frontier.size < target) {
		pthread_mutex_lock(&w->lock);
		any = queue_take(&w->queue, &w->to_publish, target, (size_t)128 * 1024, &run);
		pthread_mutex_unlock(&w->lock);
		if (!any)
			return SC_BUG;
		for (; run.count > 0; run.count--) {
			size_t n = 2 + (size_t)sc_be16_load(run.bytes.p);

			if ((err = add_entry(b, sc_span(run.bytes.p, n))) != SC_OK)
				return err;
			run.bytes = sc_span_from(run.bytes, n);
		}
	}
	return SC_OK;
}

/* The growing tiles, unless their file has that width already. */
static enum sc_err write_partial(struct building *b)
{
	struct log_edge *e = &b->w->edge;
	uint64_t size = e->frontier.size;
	enum sc_err err;

	for (unsigned l = 0; l < TILE_LEVELS; l++) {
		uint64_t have = size >> (8 * l);

		if (e->width[l] == 0 || e->written[l] == have)
			continue;
		err = write_tile(b->w, l, have / TILE_WIDTH, e->width[l],
		    sc_span(e->tile[l], e->width[l] * (size_t)HASH_BYTES), b->d);
		if (err != SC_OK)
			return err;
	}
	if (size % TILE_WIDTH == 0 || e->written[WATCH_BUNDLE] == size)
		return SC_OK;
	return write_tile(b->w, WATCH_BUNDLE, size / TILE_WIDTH, (unsigned)(size % TILE_WIDTH),
	    sc_buf_span(&e->bundle), b->d);
}

/* Remove the partial files of a tile that is whole now. What cannot be removed does no harm. */
static void drop_partial(struct tlog *w, unsigned slot, uint64_t n)
{
	char path[TILE_PATH_MAX];
	struct dirent *entry;
	DIR *dir;
	int fd;

	tile_path(level_of(slot), n, 1, path);
	path[strlen(path) - 2] = '\0'; /* "/1" */
	fd = openat(w->dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || (dir = fdopendir(fd)) == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			unlinkat(fd, entry->d_name, 0);
	closedir(dir);
	unlinkat(w->dirfd, path, AT_REMOVEDIR);
}

void publish_settle(struct tlog *w, uint64_t old)
{
	uint64_t size = w->edge.frontier.size;
	char path[TILE_PATH_MAX];

	for (unsigned slot = 0; slot < WATCH_LEVELS; slot++) {
		unsigned shift = slot == WATCH_BUNDLE ? 0 : 8 * slot;
		uint64_t had = old >> shift, have = size >> shift, n = have / TILE_WIDTH;

		if (had == have)
			continue;
		if (had % TILE_WIDTH != 0 && n > had / TILE_WIDTH)
			drop_partial(w, slot, had / TILE_WIDTH);
		watch_set(w, 2 * slot, NULL);
		if (have % TILE_WIDTH != 0) {
			tile_path(level_of(slot), n, (unsigned)(have % TILE_WIDTH), path);
			watch_set(w, 2 * slot, path);
		}
		if (n > 0) {
			tile_path(level_of(slot), n - 1, TILE_WIDTH, path);
			watch_set(w, 2 * slot + 1, path);
		}
	}
	watch_set(w, WATCH_STATE, "state");
}

enum sc_err publish_load_edge(struct tlog *w, struct sc_diag *d)
{
	struct log_edge *e = &w->edge;
	uint64_t size = w->state.size, n;
	struct sc_buf tile;
	enum sc_err err;

	sc_buf_clear(&e->bundle);
	sc_buf_init(&tile, TILE_BYTES);
	err = tile_frontier(w->dirfd, size, size, &e->frontier, d);
	for (unsigned l = 0; l < TILE_LEVELS && err == SC_OK; l++) {
		e->written[l] = size >> (8 * l);
		n = e->written[l] / TILE_WIDTH;
		e->width[l] = (unsigned)(e->written[l] % TILE_WIDTH);
		if (e->width[l] == 0)
			continue;
		sc_buf_clear(&tile);
		err = tile_read(w->dirfd, l, n, e->width[l], &tile, d);
		if (err == SC_OK)
			memcpy(e->tile[l], tile.p, tile.n);
	}
	e->written[WATCH_BUNDLE] = size;
	if (err == SC_OK && size % TILE_WIDTH != 0)
		err = tile_read(w->dirfd, TILE_ENTRIES, size / TILE_WIDTH,
		    (unsigned)(size % TILE_WIDTH), &e->bundle, d);
	sc_buf_fini(&tile);
	return err;
}

enum sc_err publish_to(struct tlog *w, uint64_t target, struct sc_diag *d)
{
	struct building b = { w, d };
	struct queue_cursor was = w->to_publish;
	struct tlog_state state = w->state;
	struct sc_diag ignored;
	enum sc_err err;

	if ((err = add_entries(&b, target)) != SC_OK || (err = write_partial(&b)) != SC_OK ||
	    (err = files_set_sync(&w->files, d)) != SC_OK)
		goto undo;
	state.size = target;
	merkle_root(&w->edge.frontier, &state.root);
	if (!watch_head(w, d)) {
		err = SC_CORRUPT;
		goto undo;
	}
	if ((err = state_write(w->dirfd, &state, d)) != SC_OK)
		goto undo;
	publish_settle(w, w->state.size);
	w->state = state;
	atomic_store(&w->published, target);
	pthread_mutex_lock(&w->lock);
	queue_release(&w->queue, &w->to_publish);
	w->need_room = false;
	pthread_cond_signal(&w->work); /* it may be waiting for room in the journal */
	pthread_mutex_unlock(&w->lock);
	return SC_OK;
undo:
	files_set_drop(&w->files);
	w->to_publish = was;
	if (publish_load_edge(w, &ignored) != SC_OK)
		return SC_IO; /* D tells of the first failure */
	return err;
}

/* A full disk: use the reserve, else wait for space while the journal has some. */
static void publish(struct tlog *w)
{
	struct sc_diag d = { .text = "" };
	uint64_t target = tlog_durable(w);
	enum sc_err err;
	bool full;

	if (target == w->state.size)
		return;
	err = publish_to(w, target, &d);
	if (err == SC_LIMIT) {
		atomic_store(&w->space_low, true);
		if (watch_release_reserve(w))
			err = publish_to(w, target, &d);
	}
	if (err == SC_OK)
		return;
	pthread_mutex_lock(&w->lock);
	full = w->need_room;
	pthread_mutex_unlock(&w->lock);
	w->retry_ms = clock_mono_ms() + w->publish_ms;
	if (err != SC_LIMIT || full)
		writer_fail(w, &d);
}

/* Must entries move into the tree before the next tick? With the lock. */
static bool pressed(const struct tlog *w)
{
	return w->need_room || (w->stop && w->commit_done) ||
	    (atomic_load(&w->durable) - atomic_load(&w->published) > WRITER_BACKLOG &&
		clock_mono_ms() >= w->retry_ms);
}

/* Is there something to do before the next tick? With the lock. */
static bool called(const struct tlog *w)
{
	return w->note.n > 0 || w->cosigned.n > 0 || w->has_sign_from || pressed(w);
}

static void tick(struct tlog *w)
{
	struct sc_diag d = { .text = "" };

	watch_space(w);
	if (!watch_check(w, &d) || !journal_intact(&w->journal, &d))
		writer_fail(w, &d);
}

/* The last head deserves a signature; wait a little for it. */
static void last_signature(struct tlog *w)
{
	uint64_t until = clock_mono_ms() + WRITER_LAST_SIGN_MS;

	sign_ask(w, clock_mono_ms());
	while (w->ask.active && clock_mono_ms() < until && !atomic_load(&w->failed)) {
		pthread_mutex_lock(&w->lock);
		if (w->note.n == 0 && !w->has_sign_from)
			writer_sleep(w, &w->news, until);
		pthread_mutex_unlock(&w->lock);
		sign_take_note(w);
		sign_ask(w, clock_mono_ms());
	}
}

void *publish_main(void *arg)
{
	struct tlog *w = arg;
	uint64_t next = 0, now;
	bool stop = false, due;

	/*
	 * The tree comes in bursts and nobody waits for it: it steps back for
	 * those who serve requests, but not so far that the journal fills up.
	 */
	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), PUBLISH_NICE);
	while (!stop && !atomic_load(&w->failed)) {
		pthread_mutex_lock(&w->lock);
		while (!called(w) && !atomic_load(&w->failed) && clock_mono_ms() < next)
			writer_sleep(w, &w->news, next);
		stop = w->stop && w->commit_done;
		now = clock_mono_ms();
		due = now >= next || pressed(w);
		pthread_mutex_unlock(&w->lock);
		/* nothing is built on files that were not looked at before */
		if (due) {
			tick(w);
			next = now + w->publish_ms;
			if (!atomic_load(&w->failed))
				publish(w);
		}
		sign_take_note(w);
		sign_take_cosigned(w);
		sign_ask(w, now);
	}
	if (!atomic_load(&w->failed))
		last_signature(w);
	return NULL;
}
