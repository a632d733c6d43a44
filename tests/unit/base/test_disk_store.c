/*
 * test_disk_store.c - the store on a disk that holds calls back, refuses them and
 * loses what was not synced: done() comes after the commit is on the disk, and
 * after every power cut of a bounded run what was done is done.
 *
 * DEEP=1: every kind of loss at every call, instead of one of them.
 */
#include "base/store/store.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk/disk.h"
#include "disk/rebuild.h"
#include "tap.h"

enum { PUT, TAKE, LOOK };

static const char *const statements[] = { "INSERT INTO t(k, v) VALUES($1, $2)",
	"DELETE FROM t WHERE k = $1", "SELECT v FROM t WHERE k = $1" };
static const struct store_tables tables = {
	.sqlite = "CREATE TABLE IF NOT EXISTS t(k INTEGER PRIMARY KEY, v BLOB NOT NULL);",
	.statements = statements,
	.n = 3,
};

static char base[64], root[128], control[128], path[160];
static struct disk_control *disk;

static void fresh(void)
{
	disk_free(disk);
	disk_remove(root, true);
	if (mkdir(root, 0700) != 0 || (disk = disk_new(control)) == NULL ||
	    !disk_attach(control, root))
		abort();
}

static struct store *open_at(const char *where)
{
	struct sc_diag d = { .text = "" };
	struct store *s = NULL;
	char url[200];

	snprintf(url, sizeof(url), "sqlite:%s", where);
	if (store_open(url, &tables, &d, &s) != SC_OK)
		printf("# %s: %s\n", d.file, d.text);
	return s;
}

/* Put, take away or look for the row of K. */
struct row {
	struct store_job job;
	unsigned what;
	int64_t k;
	bool found;
	atomic_bool over;
	enum sc_err err;
	char text[64];
};

static bool row_bind(void *arg, size_t i, struct store_value *v)
{
	const struct row *r = arg;

	(void)i;
	v[0] = store_number((uint64_t)r->k);
	v[1] = store_blob(r->text, strlen(r->text));
	return true;
}

static enum sc_err row_came(void *arg, size_t i, const struct store_value *v)
{
	struct row *r = arg;

	(void)i;
	r->found = sc_span_is(v[0].bytes, r->text);
	return SC_OK;
}

static enum sc_err row_run(struct store_job *j, struct store_tx *tx)
{
	struct row *r = (struct row *)(void *)j;
	const struct store_batch b = { r->what, 1, row_bind, row_came, r };

	return store_ask(tx, &b);
}

static void row_done(struct store_job *j, enum sc_err err)
{
	struct row *r = (struct row *)(void *)j;

	r->err = err;
	atomic_store(&r->over, true);
}

static void row_init(struct row *r, unsigned what, int64_t k)
{
	memset(r, 0, sizeof(*r));
	r->job.run = row_run;
	r->job.done = row_done;
	r->job.erase_traces = what == TAKE;
	r->what = what;
	r->k = k;
	snprintf(r->text, sizeof(r->text), "row %lld of somebody, %lld", (long long)k,
	    (long long)(k * 7919));
}

static enum sc_err row_do(struct store *s, unsigned what, int64_t k, bool *found)
{
	struct row r;
	enum sc_err err;

	row_init(&r, what, k);
	err = store_run(s, &r.job);
	if (found != NULL)
		*found = r.found;
	return err;
}

#define WAIT(cond) \
	do { \
		for (unsigned wait_ = 0; !(cond) && wait_ < 10000; wait_++) \
			usleep(1000); \
		CHECK(cond); \
	} while (0)

/* ---- held back and refused ------------------------------------------------------------ */

static void test_done_after_the_sync(void)
{
	struct disk_rule *r;
	struct store *s;
	struct row a, b;

	fresh();
	NEED((s = open_at(path)) != NULL);
	for (int64_t k = 1; k < 6; k += 2) {
		r = disk_rule(disk, 0, DISK_BLOCK, DISK_SYNC, "t.db*");
		row_init(&a, PUT, k);
		row_init(&b, PUT, k + 1);
		store_submit(s, &a.job);
		NEED(disk_waits(r));
		store_submit(s, &b.job);
		usleep(20000);
		CHECK(!atomic_load(&a.over) && !atomic_load(&b.over));
		disk_release(r);
		WAIT(atomic_load(&a.over) && atomic_load(&b.over));
		CHECK(a.err == SC_OK && b.err == SC_OK);
	}
	/* taking away: until the rewritten files are synced */
	r = disk_rule(disk, 0, DISK_BLOCK, DISK_SYNC, "t.db");
	row_init(&a, TAKE, 1);
	store_submit(s, &a.job);
	NEED(disk_waits(r));
	CHECK(!atomic_load(&a.over));
	disk_release(r);
	WAIT(atomic_load(&a.over));
	CHECK(a.err == SC_OK);
	store_close(s);
}

static void test_refused(void)
{
	static const struct {
		uint32_t ops;
		int err;
		enum sc_err want;
	} t[] = {
		{ DISK_SYNC, 5, SC_IO },
		{ DISK_WRITE, 5, SC_IO },
		{ DISK_WRITE, 28, SC_LIMIT },
	};
	struct disk_rule *r;
	struct store *s;
	bool found;

	for (unsigned i = 0; i < 3; i++) {
		fresh();
		NEED((s = open_at(path)) != NULL);
		CHECK(row_do(s, PUT, 1, NULL) == SC_OK);
		r = disk_rule(disk, 0, DISK_FAIL, t[i].ops, "t.db-wal");
		r->err = t[i].err;
		CHECK(row_do(s, PUT, 2, NULL) == t[i].want);
		disk_release(r);
		/* taken back whole, and the store goes on */
		CHECK(row_do(s, LOOK, 2, &found) == SC_OK && !found);
		CHECK(row_do(s, LOOK, 1, &found) == SC_OK && found);
		CHECK(row_do(s, PUT, 2, NULL) == SC_OK);
		CHECK(row_do(s, LOOK, 2, &found) == SC_OK && found);
		/* traces that cannot be wiped are no erasure */
		r = disk_rule(disk, 0, DISK_FAIL, DISK_WRITE | DISK_SYNC, "t.db");
		CHECK(row_do(s, TAKE, 1, NULL) != SC_OK);
		disk_release(r);
		CHECK(row_do(s, TAKE, 1, NULL) == SC_OK);
		store_close(s);
	}
}

/* ---- every power cut of a run ------------------------------------------------------------ */

#define ROWS 60
static struct {
	uint64_t put, taken, take_began;
} told[ROWS];

static void run(void)
{
	struct store *s = NULL;

	memset(told, 0xff, sizeof(told));
	for (int64_t k = 0; k < ROWS; k++) {
		if (k % 20 == 0) { /* closed and opened again now and then */
			store_close(s);
			NEED((s = open_at(path)) != NULL);
		}
		CHECK(row_do(s, PUT, k, NULL) == SC_OK);
		told[k].put = atomic_load(&disk->ops);
		if (k % 8 != 7)
			continue;
		told[k - 3].take_began = atomic_load(&disk->ops);
		CHECK(row_do(s, TAKE, k - 3, NULL) == SC_OK);
		told[k - 3].taken = atomic_load(&disk->ops);
	}
	store_close(s);
}

static bool in_file(const char *name, const char *what)
{
	static uint8_t all[1 << 20];
	int fd = open(name, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, all, sizeof(all));

	if (fd >= 0)
		close(fd);
	return n > 0 && memmem(all, (size_t)n, what, strlen(what)) != NULL;
}

static bool stands(const char *where, size_t cut, char why[static 200])
{
	char wal[200];
	struct store *s;
	struct row r;
	bool found, ok = true;

	snprintf(wal, sizeof(wal), "%s-wal", where);
	snprintf(why, 200, "does not open");
	for (int64_t k = 0; k < ROWS; k++) { /* before anything repairs it */
		row_init(&r, LOOK, k);
		if (told[k].taken <= cut && (in_file(where, r.text) || in_file(wal, r.text))) {
			snprintf(why, 200, "row %lld was erased and is in the files", (long long)k);
			return false;
		}
	}
	if ((s = open_at(where)) == NULL)
		return false;
	for (int64_t k = 0; k < ROWS && ok; k++) {
		snprintf(why, 200, "row %lld", (long long)k);
		ok = row_do(s, LOOK, k, &found) == SC_OK &&
		    (found || told[k].put > cut || told[k].take_began <= cut) &&
		    (!found || told[k].taken > cut);
	}
	if (ok) {
		snprintf(why, 200, "takes no row");
		ok = row_do(s, PUT, 1000, NULL) == SC_OK;
	}
	store_close(s);
	return ok;
}

static void test_every_cut(void)
{
	const bool deep = getenv("DEEP") != NULL;
	char out[128], where[160], why[200], what[300];
	struct disk_story *story;
	unsigned bad = 0, cuts = 0;

	fresh();
	run();
	NEED((story = disk_story_new(control, NULL)) != NULL);
	snprintf(out, sizeof(out), "%s/cut", base);
	snprintf(where, sizeof(where), "%s/t.db", out);
	for (size_t cut = 0; cut <= disk_story_length(story) && bad < 5; cut++)
		for (unsigned k = 0; k < (deep ? 3 * LUCK_COUNT : 1) && bad < 5; k++) {
			unsigned luck = (unsigned)(cut + k) % LUCK_COUNT;

			disk_remove(out, true);
			NEED(mkdir(out, 0700) == 0);
			NEED(disk_story_cut(story, cut, (enum disk_luck)luck, 1000 * k + cut, out));
			cuts++;
			if (stands(where, cut, why))
				continue;
			disk_story_tell(story, cut, what, sizeof(what));
			printf("# cut %zu before '%s', luck %u: %s\n", cut, what, luck, why);
			bad++;
		}
	printf("# %zu calls, %u cuts\n", disk_story_length(story), cuts);
	CHECK(bad == 0 && cuts > 300);
	disk_story_free(story);
}

int main(void)
{
	if (!disk_folder(base))
		return 1;
	snprintf(root, sizeof(root), "%s/root", base);
	snprintf(control, sizeof(control), "%s/control", base);
	snprintf(path, sizeof(path), "%s/t.db", root);
	RUN(test_done_after_the_sync,
	    "nobody is told before the commit is synced, nor of an erasure before the files are");
	RUN(test_refused, "what cannot be written or synced is taken back and told");
	RUN(test_every_cut,
	    "after every power cut what was done is done, and what was erased is in no file");
	disk_free(disk);
	disk_remove(base, true);
	return tap_done();
}
