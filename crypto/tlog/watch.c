/*
 * watch.c - noticing, while the log is open, that somebody else touched its
 * files, and that space runs out.
 *
 * Identity, length and time of the newest files are looked at before anything
 * is built on them; and the folder must be at its place, for one that was moved away goes on
 * taking what we write, and nobody finds it there. Of all others it is looked, in the first
 * seconds after opening, whether they are there, and their contents are gone through a few at a
 * time.
 */
#include "crypto/tlog/writer_int.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

void watch_set(struct tlog *w, unsigned slot, const char *path)
{
	struct file_watch *t = &w->watch[slot];

	t->set = path != NULL;
	if (path == NULL)
		return;
	snprintf(t->path, sizeof(t->path), "%s", path);
	if (files_print_take(w->dirfd, path, &t->print) != SC_OK)
		t->print.size = -1; /* gone already: the next check says so */
}

/* Those that were not looked for when the log was opened: are they there? */
static enum sc_err look_for(struct tlog *w, struct sc_diag *d)
{
	enum sc_err err = SC_OK;

	for (unsigned i = 0; i < WRITER_PRESENCE && w->unseen > 0 && err == SC_OK; i++)
		err = check_presence(w->dirfd, --w->unseen, w->state.size, d);
	return err;
}

/* The next bundles against their tiles, the newest first; round and round. */
static enum sc_err scrub(struct tlog *w, struct sc_diag *d)
{
	uint64_t bundles = (w->state.size + TILE_WIDTH - 1) / TILE_WIDTH;
	unsigned bite = w->scrubbed ? WRITER_SCRUB : WRITER_SCRUB_FIRST;
	enum sc_err err = SC_OK;

	for (unsigned i = 0; i < bite && i < bundles && err == SC_OK; i++) {
		if (w->scrub == 0) {
			w->scrubbed = true;
			w->scrub = bundles;
		}
		err = check_bundle(w->dirfd, --w->scrub, w->state.size, d);
	}
	return err;
}

static bool same(struct tlog *w, unsigned slot, struct sc_diag *d)
{
	const struct file_watch *t = &w->watch[slot];

	return !t->set || files_print_same(w->dirfd, t->path, &t->print, true, d);
}

bool watch_head(struct tlog *w, struct sc_diag *d)
{
	return same(w, WATCH_CHECKPOINT, d) && same(w, WATCH_STATE, d);
}

/* Where we may not look any more, nothing is said of it. */
static bool at_its_place(struct tlog *w, struct sc_diag *d)
{
	struct stat here, there;
	const char *what = NULL;

	if (fstat(w->dirfd, &here) != 0)
		what = "cannot be looked at any more";
	else if (stat(w->place, &there) != 0)
		what = errno == EACCES ? NULL : "is not at its place any more";
	else if (here.st_dev != there.st_dev || here.st_ino != there.st_ino)
		what = "was exchanged while the log was open";
	if (what != NULL)
		(void)files_say(d, "the folder", SC_CORRUPT, "%s", what);
	return what == NULL;
}

bool watch_check(struct tlog *w, struct sc_diag *d)
{
	for (unsigned i = 0; i < WATCH_COUNT; i++)
		if (!same(w, i, d))
			return false;
	return at_its_place(w, d) && look_for(w, d) == SC_OK && scrub(w, d) == SC_OK;
}

static void make_reserve(struct tlog *w)
{
	int fd = openat(w->dirfd, "reserve", O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);

	if (fd < 0)
		return;
	w->has_reserve = posix_fallocate(fd, 0, WRITER_RESERVE) == 0;
	close(fd);
	if (!w->has_reserve)
		unlinkat(w->dirfd, "reserve", 0);
}

bool watch_release_reserve(struct tlog *w)
{
	bool had = w->has_reserve;

	unlinkat(w->dirfd, "reserve", 0);
	w->has_reserve = false;
	if (had)
		log_event(LOG_ERROR, "tlog.disk_full", LOG_STR("did", "gave up the reserve"),
		    LOG_END);
	return had;
}

void watch_space(struct tlog *w)
{
	struct statvfs v;
	uint64_t free_bytes;
	bool low;

	if (fstatvfs(w->dirfd, &v) != 0)
		return;
	free_bytes = (uint64_t)v.f_bavail * v.f_frsize;
	low = free_bytes < w->space_red;
	if (low && !atomic_load(&w->space_low))
		log_event(LOG_WARN, "tlog.space_low", LOG_U64("free_bytes", free_bytes), LOG_END);
	atomic_store(&w->free_bytes, free_bytes);
	atomic_store(&w->space_low, low);
	if (!w->has_reserve && free_bytes > 4 * (uint64_t)WRITER_RESERVE)
		make_reserve(w);
}
