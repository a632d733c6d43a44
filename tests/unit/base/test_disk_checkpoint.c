/*
 * test_disk_checkpoint.c - the journal is carried into the database beside commits: on a disk
 * that holds calls back, refuses them and loses what was not synced.
 *
 * DEEP=1: every kind of loss, at many more calls.
 */
#include "base/store/store.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/log.h"
#include "disk/disk.h"
#include "disk/rebuild.h"
#include "tap.h"

enum { PUT, LOOK, COUNT };

static const char *const statements[] = { "INSERT INTO t(k, v) VALUES($1, $2)",
	"SELECT v FROM t WHERE k = $1", "SELECT count(*) FROM t" };
static const struct store_tables tables = {
	.sqlite = "CREATE TABLE IF NOT EXISTS t(k INTEGER PRIMARY KEY, v BLOB NOT NULL);",
	.statements = statements,
	.n = 3,
	.shared = true,
	.worthless = true,
};

#define ROW 3000 /* bytes: one a page, so one a frame */
#define FRAME 4120
#define FRAMES_EVERY 1000 /* as checkpoint.c has it */
#define FRAMES_CEILING 8000

static char base[64], root[128], control[128], path[160], wal[170];
static struct disk_control *disk;

static void fresh(void)
{
	disk_free(disk);
	disk_remove(root, true);
	if (mkdir(root, 0700) != 0 || (disk = disk_new(control)) == NULL ||
	    !disk_attach(control, root))
		abort();
}

static struct store *open_at(const char *where, bool beside)
{
	struct sc_diag d = { .text = "" };
	struct store *s = NULL;
	char url[200];
	enum sc_err err;

	snprintf(url, sizeof(url), "sqlite:%s", where);
	err = beside ? store_open_beside(url, &tables, &d, &s) : store_open(url, &tables, &d, &s);
	if (err != SC_OK)
		printf("# %s: %s\n", d.file, d.text);
	return s;
}

static off_t size_of(const char *file)
{
	struct stat st;

	return stat(file, &st) == 0 ? st.st_size : 0;
}

/* How often the journal has begun anew (its header's "checkpoint sequence number"). */
static uint32_t journal_number(void)
{
	uint8_t b[4] = { 0 };
	int fd = open(wal, O_RDONLY);

	if (fd >= 0) {
		if (pread(fd, b, sizeof(b), 12) != (ssize_t)sizeof(b))
			memset(b, 0, sizeof(b));
		close(fd);
	}
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* ---- jobs ---- */

struct rows {
	struct store_job job;
	unsigned what;
	int64_t first, n, got;
	atomic_bool over;
	enum sc_err err;
};

static void row_text(int64_t k, uint8_t v[static ROW])
{
	for (size_t i = 0; i < ROW; i++)
		v[i] = (uint8_t)(k * 31 + (int64_t)(i % 251) + k / 256);
}

static bool rows_bind(void *arg, size_t i, struct store_value *v)
{
	static _Thread_local uint8_t text[ROW];
	const struct rows *r = arg;

	row_text(r->first + (int64_t)i, text);
	v[0] = store_number((uint64_t)(r->first + (int64_t)i));
	v[1] = store_blob(text, ROW);
	return true;
}

static enum sc_err rows_came(void *arg, size_t i, const struct store_value *v)
{
	struct rows *r = arg;
	uint8_t text[ROW];

	row_text(r->first + (int64_t)i, text);
	r->got = r->what == COUNT ? v[0].number :
				    r->got + sc_span_eq(v[0].bytes, sc_span(text, ROW));
	return SC_OK;
}

static enum sc_err rows_run(struct store_job *j, struct store_tx *tx)
{
	struct rows *r = (struct rows *)(void *)j;
	const struct store_batch b = { r->what, (size_t)r->n, rows_bind, rows_came, r };

	return store_ask(tx, &b);
}

static void rows_done(struct store_job *j, enum sc_err err)
{
	struct rows *r = (struct rows *)(void *)j;

	r->err = err;
	atomic_store(&r->over, true);
}

static void rows_init(struct rows *r, unsigned what, int64_t first, int64_t n)
{
	memset(r, 0, sizeof(*r));
	r->job.run = rows_run;
	r->job.done = rows_done;
	r->what = what;
	r->first = first;
	r->n = n;
}

static enum sc_err put(struct store *s, int64_t first, int64_t n)
{
	struct rows r;

	rows_init(&r, PUT, first, n);
	return store_run(s, &r.job);
}

/* How many of the N rows from FIRST on are there and as they were. */
static int64_t there(struct store *s, int64_t first, int64_t n)
{
	struct rows r;

	rows_init(&r, LOOK, first, n);
	return store_run(s, &r.job) == SC_OK ? r.got : -1;
}

#define WAIT(cond) \
	do { \
		for (unsigned wait_ = 0; !(cond) && wait_ < 10000; wait_++) \
			usleep(1000); \
		CHECK(cond); \
	} while (0)

/* ---- held back ---- */

static void test_commits_go_on(void)
{
	struct disk_rule *r;
	struct store *s;
	struct rows more[20];

	fresh();
	NEED((s = open_at(path, false)) != NULL);
	r = disk_rule(disk, 0, DISK_BLOCK, DISK_WRITE, "t.db");
	for (int64_t k = 0; k < FRAMES_EVERY; k += 100)
		CHECK(put(s, k, 100) == SC_OK);
	NEED(disk_waits(r));
	for (unsigned i = 0; i < 20; i++) {
		rows_init(&more[i], PUT, 2000 + i * 10, 10);
		store_submit(s, &more[i].job);
	}
	for (unsigned i = 0; i < 20; i++) {
		WAIT(atomic_load(&more[i].over));
		CHECK(more[i].err == SC_OK);
	}
	disk_release(r);
	CHECK(there(s, 0, FRAMES_EVERY) == FRAMES_EVERY && there(s, 2000, 200) == 200);
	store_close(s);
	/* the last to leave carries the rest, and the journal goes */
	CHECK(size_of(wal) == 0);
	NEED((s = open_at(path, false)) != NULL);
	CHECK(there(s, 0, FRAMES_EVERY) == FRAMES_EVERY && there(s, 2000, 200) == 200);
	store_close(s);
}

static void test_ceiling(void)
{
	static struct rows r[12];
	const off_t most = (off_t)FRAME * (FRAMES_CEILING + 1200);
	struct disk_rule *held;
	struct store *s;
	uint32_t number;

	fresh();
	NEED((s = open_at(path, false)) != NULL);
	held = disk_rule(disk, 0, DISK_BLOCK, DISK_SYNC, "t.db");
	CHECK(put(s, 0, 1000) == SC_OK);
	NEED(disk_waits(held));
	number = journal_number();
	for (unsigned i = 0; i < 12; i++) {
		rows_init(&r[i], PUT, 1000 + i * 1000, 1000);
		store_submit(s, &r[i].job);
		if (i < 6)
			WAIT(atomic_load(&r[i].over));
		else
			usleep(50000); /* that none of the others joins the one that reaches it */
	}
	/* some 8,000 frames, and all of them may be needed still */
	CHECK(!atomic_load(&r[11].over) && size_of(wal) < most && journal_number() == number);
	disk_release(held);
	for (unsigned i = 0; i < 12; i++) {
		WAIT(atomic_load(&r[i].over));
		CHECK(r[i].err == SC_OK);
	}
	CHECK(size_of(wal) < most && journal_number() != number);
	CHECK(there(s, 0, 13000) == 13000);
	store_close(s);
}

/* ---- others beside ---- */

struct looker {
	struct store_job job;
	struct store *s;
	atomic_bool looks, enough;
	int64_t before, after;
};

static enum sc_err look_run(struct store_job *j, struct store_tx *tx)
{
	struct looker *l = (struct looker *)(void *)j;
	struct rows r;
	enum sc_err err;

	rows_init(&r, COUNT, 0, 1);
	if ((err = rows_run(&r.job, tx)) != SC_OK)
		return err;
	l->before = r.got;
	atomic_store(&l->looks, true);
	while (!atomic_load(&l->enough))
		usleep(1000);
	err = rows_run(&r.job, tx);
	l->after = r.got;
	return err;
}

static void *look(void *arg)
{
	struct looker *l = arg;

	return store_run(l->s, &l->job) == SC_OK ? NULL : arg;
}

static void test_reader(void)
{
	struct looker l = { .job = { .run = look_run } };
	struct store *s;
	uint32_t number;
	pthread_t t;
	void *bad;
	int64_t k = 300;

	fresh();
	NEED((s = open_at(path, false)) != NULL);
	CHECK(put(s, 0, 300) == SC_OK);
	NEED((l.s = open_at(path, true)) != NULL);
	NEED(pthread_create(&t, NULL, look, &l) == 0);
	WAIT(atomic_load(&l.looks));
	number = journal_number();
	for (; k < 6000; k += 100)
		CHECK(put(s, k, 100) == SC_OK);
	/* it reads what the journal had then, so nothing may be written over */
	CHECK(journal_number() == number && size_of(wal) > (off_t)FRAME * 6000);
	atomic_store(&l.enough, true);
	pthread_join(t, &bad);
	CHECK(bad == NULL && l.before == 300 && l.after == 300);
	store_close(l.s);
	for (; journal_number() == number && k < 30000; k += 50)
		CHECK(put(s, k, 50) == SC_OK);
	CHECK(journal_number() != number && there(s, 0, k) == k);
	store_close(s);
}

/* ---- refused ---- */

static unsigned told_of_failure(const char *file)
{
	static char all[1 << 16];
	int fd = open(file, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, all, sizeof(all) - 1);
	unsigned found = 0;

	if (fd >= 0)
		close(fd);
	all[n < 0 ? 0 : n] = '\0';
	for (const char *p = all; (p = strstr(p, "store.checkpoint_failed")) != NULL; p++)
		found++;
	return found;
}

/* 9,000 frames, past the ceiling, while OPS of the database are refused: all commits stand. */
static struct store *put_refused(uint32_t ops, int err, const char *file)
{
	struct disk_rule *r;
	struct store *s;

	fresh();
	if ((s = open_at(path, false)) == NULL)
		return NULL;
	r = disk_rule(disk, 0, DISK_FAIL, ops, "t.db");
	r->err = err;
	for (int64_t k = 0; k < 9000; k += 500)
		CHECK(put(s, k, 500) == SC_OK);
	WAIT(told_of_failure(file) > 0);
	disk_release(r);
	for (int64_t k = 9000; k < 10500; k += 500)
		CHECK(put(s, k, 500) == SC_OK);
	return s;
}

static int catch_stderr(char file[static 150], int *was)
{
	int fd;

	snprintf(file, 150, "%s/stderr", base);
	fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
	log_setup("test", LOG_ERROR);
	fflush(stderr);
	*was = dup(STDERR_FILENO);
	dup2(fd, STDERR_FILENO);
	return fd;
}

static void let_stderr(int fd, int was)
{
	dup2(was, STDERR_FILENO);
	close(was);
	close(fd);
}

static void test_full(void)
{
	struct store *s;
	char file[150];
	int was, fd;

	fd = catch_stderr(file, &was);
	NEED((s = put_refused(DISK_WRITE, 28, file)) != NULL);
	WAIT(size_of(path) > (off_t)9000 * 4096);
	CHECK(told_of_failure(file) == 1);
	let_stderr(fd, was);
	CHECK(there(s, 0, 10500) == 10500);
	store_close(s);
	CHECK(size_of(wal) == 0);
}

static void test_unsynced(void)
{
	struct store *s;
	char file[150];
	int was, fd;

	fd = catch_stderr(file, &was);
	NEED((s = put_refused(DISK_SYNC, 5, file)) != NULL);
	CHECK(told_of_failure(file) == 1 && journal_number() == 0);
	let_stderr(fd, was);
	CHECK(there(s, 0, 10500) == 10500);
	store_close(s);
	/* whoever comes next finds all of it, and may carry it */
	CHECK(size_of(wal) > (off_t)10500 * FRAME);
	NEED((s = open_at(path, false)) != NULL);
	CHECK(there(s, 0, 10500) == 10500);
	store_close(s);
	CHECK(size_of(wal) == 0);
}

/* ---- power cuts ---- */

#define GROUPS 110
#define OF_GROUP 60

static bool stands(const char *where, size_t cut, const uint64_t *told)
{
	struct store *s = open_at(where, false);
	bool ok = s != NULL;

	for (int64_t g = 0; g < GROUPS && ok; g++) {
		const int64_t n = there(s, g * OF_GROUP, OF_GROUP);

		ok = n == OF_GROUP || (n == 0 && told[g] > cut);
		if (!ok)
			printf("# of group %lld %lld rows\n", (long long)g, (long long)n);
	}
	ok = ok && put(s, 1000000, 1) == SC_OK;
	store_close(s);
	return ok;
}

static void test_power_cuts(void)
{
	const unsigned n = getenv("DEEP") != NULL ? 2000 : 40;
	uint64_t told[GROUPS];
	struct disk_story *story;
	char out[128], where[160], what[300];
	unsigned bad = 0;
	struct store *s;

	fresh();
	NEED((s = open_at(path, false)) != NULL);
	for (int64_t g = 0; g < GROUPS; g++) {
		CHECK(put(s, g * OF_GROUP, OF_GROUP) == SC_OK);
		told[g] = atomic_load(&disk->ops);
	}
	CHECK(size_of(path) > (off_t)2000 * 4096); /* something was carried beside */
	store_close(s);
	NEED((story = disk_story_new(control, NULL)) != NULL);
	snprintf(out, sizeof(out), "%s/cut", base);
	snprintf(where, sizeof(where), "%s/t.db", out);
	for (unsigned i = 0; i < n && bad < 5; i++) {
		const size_t cut = disk_story_length(story) * (i + 1) / n;

		disk_remove(out, true);
		NEED(mkdir(out, 0700) == 0);
		NEED(
		    disk_story_cut(story, cut, (enum disk_luck)(i % LUCK_COUNT), 7 * cut + i, out));
		if (stands(where, cut, told))
			continue;
		disk_story_tell(story, cut, what, sizeof(what));
		printf("# cut %zu before '%s', luck %u\n", cut, what, i % LUCK_COUNT);
		bad++;
	}
	printf("# %zu calls, %u cuts\n", disk_story_length(story), n);
	CHECK(bad == 0);
	disk_story_free(story);
}

int main(void)
{
	if (!disk_folder(base))
		return 1;
	snprintf(root, sizeof(root), "%s/root", base);
	snprintf(control, sizeof(control), "%s/control", base);
	snprintf(path, sizeof(path), "%s/t.db", root);
	snprintf(wal, sizeof(wal), "%s-wal", path);
	RUN(test_commits_go_on, "commits go on while a checkpoint waits for the disk");
	RUN(test_ceiling,
	    "at its ceiling the journal grows no further, and begins anew once it may");
	RUN(test_reader, "who reads beside sees one moment, and the journal begins anew behind it");
	RUN(test_full, "a checkpoint that fails is told once, costs no commit and is made up for");
	RUN(test_unsynced, "after a sync that failed nothing of the journal is given up");
	RUN(test_power_cuts, "after every power cut all is there that was told");
	disk_free(disk);
	disk_remove(base, true);
	return tap_done();
}
