/*
 * test_disk_event_log.c - the event log on a disk that refuses calls and loses what was not
 * synced: what was answered is there once after every power cut of a run of appends, new
 * segments, rewritings and restarts, and what was erased is in no file.
 *
 * DEEP=1: every kind of loss at every call, instead of one of them.
 */
#include "analytics/log/log.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk/disk.h"
#include "disk/rebuild.h"
#include "tap.h"

#define SPOOL 0x77u
#define DAY 20700u
#define DAY_MS 86400000u
#define STEPS 30
#define A_STEP 8
#define GONE 0x7766554433221100u /* the person whose events leave */

static char base[64], root[128], control[128];
static struct disk_control *disk;

static void fresh(void)
{
	disk_free(disk);
	disk_remove(root, true);
	if (mkdir(root, 0700) != 0 || (disk = disk_new(control)) == NULL ||
	    !disk_attach(control, root))
		abort();
}

static struct event_log *open_at(const char *dir)
{
	const struct event_log_options o = { .dir = dir, .keep_days = 400, .segment_frames = 60 };
	struct sc_diag d = { .text = "" };
	struct event_log *l = NULL;

	if (event_log_open(&o, &d, &l) != SC_OK)
		printf("# %s: %s\n", d.file, d.text);
	return l;
}

static uint64_t ms(uint32_t day)
{
	return (uint64_t)day * DAY_MS + 5;
}

/* Events of step S; the third of each is of GONE. Half of what a step sends was sent before. */
static enum sc_err put(struct event_log *l, uint64_t step)
{
	const uint64_t next = event_log_next(l, SPOOL), back = step % 3 == 0 ? 0 : 2;
	struct feed_frame v[A_STEP + 2];

	memset(v, 0, sizeof(v));
	for (uint64_t i = 0; i < A_STEP + back; i++) {
		const uint64_t n = next - back + i;

		v[i].type = FEED_EVENT;
		v[i].u.event.id = n + 1;
		v[i].u.event.kind = FEED_PAGE;
		v[i].u.event.person = n % 5 == 2 ? GONE : 1;
		v[i].u.event.at_ms = ms(DAY);
	}
	return event_log_append(l, SPOOL, next - back, v, A_STEP + back,
	    ms(DAY + (uint32_t)step / 12), NULL, NULL);
}

static enum sc_err skip(void *arg, const struct feed_frame *f)
{
	(void)arg;
	(void)f;
	return SC_OK;
}

static bool is_gone(void *arg, const struct feed_frame *f)
{
	(void)arg;
	return f->type == FEED_EVENT && f->u.event.person == GONE;
}

static enum sc_err rewrite(struct event_log *l, uint32_t day)
{
	enum sc_err err = event_log_cut(l);

	return err == SC_OK ? event_log_rewrite(l, ms(day), skip, is_gone, NULL) : err;
}

/* ---- refused --------------------------------------------------------------------------------- */

static size_t events_of(struct event_log *l)
{
	struct event_log_stats s;

	event_log_count(l, &s);
	return s.events;
}

static void test_no_space(void)
{
	struct disk_rule *rule;
	struct event_log *l;

	fresh();
	NEED((l = open_at(root)) != NULL);
	CHECK(put(l, 0) == SC_OK);
	rule = disk_rule(disk, 0, DISK_FAIL, DISK_WRITE, "*.seg");
	rule->err = 28;
	CHECK(put(l, 0) == SC_IO);
	CHECK(event_log_next(l, SPOOL) == A_STEP && events_of(l) == A_STEP);
	disk_release(rule);
	/* nothing of it was kept, not even in mind: it is taken when there is room */
	CHECK(put(l, 0) == SC_OK && events_of(l) == 2 * A_STEP);
	event_log_close(l);
	NEED((l = open_at(root)) != NULL);
	CHECK(events_of(l) == 2 * A_STEP);
	event_log_close(l);
}

/* What a failed sync leaves nobody knows: no more until it is opened anew. */
static void test_failed_sync(void)
{
	struct disk_rule *rule;
	struct event_log *l;

	fresh();
	NEED((l = open_at(root)) != NULL);
	CHECK(put(l, 0) == SC_OK);
	rule = disk_rule(disk, 0, DISK_FAIL, DISK_SYNC, "*.seg");
	rule->err = 5;
	CHECK(put(l, 0) == SC_IO);
	disk_release(rule);
	CHECK(put(l, 0) == SC_IO && event_log_cut(l) == SC_IO && event_log_failed(l));
	CHECK(event_log_next(l, SPOOL) == A_STEP);
	event_log_close(l);
	NEED((l = open_at(root)) != NULL);
	/* nor does it come back from the kernel's memory, which may not be on the disk */
	CHECK(event_log_next(l, SPOOL) == A_STEP && !event_log_failed(l));
	CHECK(put(l, 0) == SC_OK && events_of(l) == event_log_next(l, SPOOL));
	event_log_close(l);
}

/* What was written and not synced is found at the next start: it is synced before it counts. */
static void test_found_is_synced(void)
{
	struct disk_story *story;
	struct disk_rule *rule;
	struct event_log *l;
	char out[128];
	uint64_t next;

	fresh();
	NEED((l = open_at(root)) != NULL);
	CHECK(put(l, 0) == SC_OK);
	rule = disk_rule(disk, 0, DISK_FAIL, DISK_SYNC | DISK_SIZE, "*.seg");
	rule->err = 5;
	CHECK(put(l, 0) == SC_IO);
	disk_release(rule);
	event_log_close(l);
	NEED((l = open_at(root)) != NULL);
	next = event_log_next(l, SPOOL);
	event_log_close(l);
	CHECK(next == 2 * A_STEP);
	NEED((story = disk_story_new(control, NULL)) != NULL);
	snprintf(out, sizeof(out), "%s/cut", base);
	disk_remove(out, true);
	NEED(mkdir(out, 0700) == 0);
	NEED(disk_story_cut(story, disk_story_length(story), LUCK_LOSE, 1, out));
	NEED((l = open_at(out)) != NULL);
	CHECK(event_log_next(l, SPOOL) == next);
	event_log_close(l);
	disk_story_free(story);
}

/* Whatever of closing a segment or of rewriting fails, the log goes on as it was. */
static void test_failed_steps(void)
{
	static const struct {
		uint32_t ops;
		const char *file;
	} rows[] = {
		{ DISK_WRITE, "*.ids" },
		{ DISK_SYNC, "*.ids" },
		{ DISK_WRITE, "00000003.seg" },
		{ DISK_SYNC, "00000003.seg" },
		{ DISK_WRITE, "manifest.json.tmp" },
		{ DISK_SYNC, "manifest.json.tmp" },
		{ DISK_NAME, "manifest.json*" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct disk_rule *rule;
		struct event_log *l;

		fresh();
		NEED((l = open_at(root)) != NULL);
		CHECK(put(l, 0) == SC_OK && event_log_cut(l) == SC_OK && put(l, 0) == SC_OK);
		rule = disk_rule(disk, 0, DISK_FAIL, rows[i].ops, rows[i].file);
		rule->err = 5;
		CHECK(rewrite(l, DAY) != SC_OK);
		disk_release(rule);
		CHECK(events_of(l) == 2 * A_STEP && put(l, 0) == SC_OK);
		CHECK(event_log_check(l, NULL) == SC_OK);
		CHECK(rewrite(l, DAY) == SC_OK && events_of(l) == 3 * A_STEP - 5);
		event_log_close(l);
		NEED((l = open_at(root)) != NULL);
		CHECK(events_of(l) == 3 * A_STEP - 5 && event_log_check(l, NULL) == SC_OK);
		event_log_close(l);
	}
}

/* ---- every power cut of a run ------------------------------------------------------------------ */

static struct {
	uint64_t at, next; /* calls that were made when it was answered */
} told[STEPS];
static uint64_t rewritten_at[STEPS], rewritten_next[STEPS], rewriting_at[STEPS];
static size_t n_rewritten;

static void run(void)
{
	struct event_log *l = NULL;

	n_rewritten = 0;
	for (uint64_t s = 0; s < STEPS; s++) {
		if (s % 7 == 0) {
			event_log_close(l);
			NEED((l = open_at(root)) != NULL);
		}
		CHECK(put(l, s) == SC_OK);
		told[s].next = event_log_next(l, SPOOL);
		told[s].at = atomic_load(&disk->ops);
		if (s % 10 != 8)
			continue;
		rewriting_at[n_rewritten] = told[s].at;
		CHECK(rewrite(l, DAY + (uint32_t)s / 12) == SC_OK);
		rewritten_next[n_rewritten] = told[s].next;
		rewritten_at[n_rewritten++] = atomic_load(&disk->ops);
	}
	event_log_close(l);
}

static bool found[STEPS * A_STEP + 2];

static enum sc_err find(void *arg, const struct feed_frame *f)
{
	bool *twice = arg;

	if (f->type != FEED_EVENT || f->u.event.id > STEPS * A_STEP)
		return f->type == FEED_EVENT ? SC_CORRUPT : SC_OK;
	*twice |= found[f->u.event.id];
	found[f->u.event.id] = true;
	return SC_OK;
}

/* Which is there, must be, and must not be. */
static bool holds(struct event_log *l, size_t cut, char why[static 200])
{
	uint64_t answered = 0, erased = 0, erasing = 0, next = event_log_next(l, SPOOL);
	bool twice = false;

	for (size_t s = 0; s < STEPS; s++)
		if (told[s].at <= cut)
			answered = told[s].next;
	for (size_t i = 0; i < n_rewritten; i++) {
		if (rewritten_at[i] <= cut)
			erased = rewritten_next[i];
		if (rewriting_at[i] <= cut)
			erasing = rewritten_next[i];
	}
	memset(found, 0, sizeof(found));
	snprintf(why, 200, "cannot be read, or holds one twice");
	if (event_log_read(l, find, &twice, NULL, NULL) != SC_OK || twice)
		return false;
	snprintf(why, 200, "wants %llu, %llu were answered", (unsigned long long)next,
	    (unsigned long long)answered);
	if (next < answered)
		return false;
	for (uint64_t n = 0; n < next; n++) {
		const bool leaves = n % 5 == 2;

		snprintf(why, 200, "number %llu", (unsigned long long)n);
		if (found[n + 1] ? leaves && n < erased : !(leaves && n < erasing))
			return false;
	}
	return true;
}

static bool folder_has_gone(const char *dir)
{
	static uint8_t all[1 << 20];
	uint8_t bytes[8];
	DIR *d = opendir(dir);
	bool has = false;
	struct dirent *e;

	for (size_t i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(GONE >> (56 - 8 * i));
	while (d != NULL && (e = readdir(d)) != NULL) {
		char path[500];
		ssize_t n;
		int fd;

		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		fd = open(path, O_RDONLY);
		n = fd < 0 ? 0 : read(fd, all, sizeof(all));
		has |= n > 0 && memmem(all, (size_t)n, bytes, 8) != NULL;
		if (fd >= 0)
			close(fd);
	}
	if (d != NULL)
		closedir(d);
	return has;
}

static bool stands(const char *dir, size_t cut, enum disk_luck luck, char why[static 200])
{
	struct event_log *l;
	bool ok;

	for (size_t i = 0; i < n_rewritten; i++)
		/* the next step writes others of theirs, and a torn call is a part of it */
		if (rewritten_at[i] == cut && luck != LUCK_TORN && folder_has_gone(dir)) {
			snprintf(why, 200, "what was erased is in a file");
			return false;
		}
	snprintf(why, 200, "does not open");
	if ((l = open_at(dir)) == NULL)
		return false;
	ok = holds(l, cut, why);
	if (ok) {
		snprintf(why, 200, "takes no more, or is not sound");
		ok = put(l, 0) == SC_OK && event_log_check(l, NULL) == SC_OK;
	}
	event_log_close(l);
	return ok;
}

static void test_every_cut(void)
{
	const bool deep = getenv("DEEP") != NULL;
	char out[128], why[200], what[300];
	struct disk_story *story;
	unsigned bad = 0, cuts = 0;

	fresh();
	run();
	NEED((story = disk_story_new(control, NULL)) != NULL);
	snprintf(out, sizeof(out), "%s/cut", base);
	for (size_t cut = 0; cut <= disk_story_length(story) && bad < 5; cut++)
		for (unsigned k = 0; k < (deep ? 3 * LUCK_COUNT : 2) && bad < 5; k++) {
			unsigned luck = (unsigned)(cut + k) % LUCK_COUNT;

			disk_remove(out, true);
			NEED(mkdir(out, 0700) == 0);
			NEED(disk_story_cut(story, cut, (enum disk_luck)luck, 1000 * k + cut, out));
			cuts++;
			if (stands(out, cut, (enum disk_luck)luck, why))
				continue;
			disk_story_tell(story, cut, what, sizeof(what));
			printf("# cut %zu before '%s', luck %u: %s\n", cut, what, luck, why);
			bad++;
		}
	printf("# %zu calls, %u cuts, %zu rewritings\n", disk_story_length(story), cuts,
	    n_rewritten);
	CHECK(bad == 0 && cuts > 200 && n_rewritten == 3);
	disk_story_free(story);
}

int main(void)
{
	if (!disk_folder(base))
		return 1;
	snprintf(root, sizeof(root), "%s/root", base);
	snprintf(control, sizeof(control), "%s/control", base);
	RUN(test_no_space, "what cannot be written is not in the log, and is taken later");
	RUN(test_failed_sync, "after a failed sync nothing is taken until the log is opened anew");
	RUN(test_found_is_synced, "what a start finds is synced before it is answered for");
	RUN(test_failed_steps,
	    "whatever fails of closing and rewriting, the log goes on as it was");
	RUN(test_every_cut, "after every power cut what was answered is there, once");
	disk_free(disk);
	disk_remove(base, true);
	return tap_done();
}
