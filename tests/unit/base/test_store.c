/* test_store.c - the store: durability, order, undoing one job, erasing traces. */
#include "tap.h"

#include "base/store/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS t(k INTEGER PRIMARY KEY, v BLOB NOT NULL UNIQUE, s TEXT);";

static char dir[64], path[128];

static struct store *open_store(void)
{
	const struct store_options o = { .path = path, .schema = schema };
	struct sc_diag d = { .text = "" };
	struct store *s = NULL;

	if (store_open(&o, &d, &s) != SC_OK)
		printf("# %s\n", d.text);
	return s;
}

/* One statement as a job. */
struct one {
	struct store_job job;
	const char *sql;
	int64_t k;
	struct sc_span v;
	bool has_v, row;
	int64_t got;
	uint8_t bytes[4096];
	size_t n;
	bool over;
	enum sc_err err;
};

static enum sc_err one_run(struct store_job *j, struct store_tx *tx)
{
	struct one *o = (struct one *)(void *)j;
	struct store_stmt *st = NULL;
	struct sc_span b;
	enum sc_err err;

	if ((err = store_prepare(tx, o->sql, &st)) != SC_OK ||
	    (strstr(o->sql, "?1") != NULL && (err = store_bind_i64(st, 1, o->k)) != SC_OK) ||
	    (o->has_v && (err = store_bind_blob(st, 2, o->v)) != SC_OK) ||
	    (err = store_step(st, &o->row)) != SC_OK || !o->row)
		goto out;
	o->got = store_i64(st, 0);
	b = store_bytes(st, 0);
	o->n = b.n < sizeof(o->bytes) ? b.n : sizeof(o->bytes);
	if (o->n > 0)
		memcpy(o->bytes, b.p, o->n);
out:
	store_reset(st);
	return err;
}

static void one_done(struct store_job *j, enum sc_err err)
{
	struct one *o = (struct one *)(void *)j;

	o->err = err;
	o->over = true;
}

static struct one one_of(const char *sql, int64_t k, const void *v, size_t n)
{
	struct one o = { .job = { .run = one_run, .done = one_done },
		.sql = sql,
		.k = k,
		.v = sc_span(v, n),
		.has_v = v != NULL };

	return o;
}

static const char insert[] = "INSERT INTO t(k, v) VALUES(?1, ?2)";
static const char count[] = "SELECT count(*) FROM t";
static const char value[] = "SELECT v FROM t WHERE k = ?1";
static const char del[] = "DELETE FROM t WHERE k = ?1";

static void fresh(void)
{
	char other[140];

	unlink(path);
	snprintf(other, sizeof(other), "%s-wal", path);
	unlink(other);
	snprintf(other, sizeof(other), "%s-shm", path);
	unlink(other);
}

static void test_round_trip(void)
{
	struct store *s;
	struct one o;
	struct stat st;

	fresh();
	NEED((s = open_store()) != NULL);
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
	o = one_of(insert, 5, "a\0b", 3);
	CHECK(store_run(s, &o.job) == SC_OK && o.over);
	o = one_of(value, 5, NULL, 0);
	CHECK(store_run(s, &o.job) == SC_OK && o.row);
	CHECK(o.n == 3 && memcmp(o.bytes, "a\0b", 3) == 0);
	o = one_of(value, 6, NULL, 0);
	CHECK(store_run(s, &o.job) == SC_OK && !o.row);
	store_close(s);
	NEED((s = open_store()) != NULL);
	o = one_of(value, 5, NULL, 0);
	CHECK(store_run(s, &o.job) == SC_OK && o.row && o.n == 3);
	store_close(s);
}

static void test_one_fails(void)
{
	static struct one o[3];
	struct store *s;
	struct one c;

	fresh();
	NEED((s = open_store()) != NULL);
	o[0] = one_of(insert, 1, "x", 1);
	o[1] = one_of(insert, 2, "x", 1); /* not unique */
	o[2] = one_of(insert, 3, "y", 1);
	store_submit(s, &o[0].job);
	store_submit(s, &o[1].job);
	store_submit(s, &o[2].job);
	c = one_of(count, 0, NULL, 0);
	CHECK(store_run(s, &c.job) == SC_OK && c.got == 2);
	CHECK(o[0].err == SC_OK && o[1].err == SC_SYNTAX && o[2].err == SC_OK);
	c = one_of("SELECT nonsense", 0, NULL, 0);
	CHECK(store_run(s, &c.job) == SC_BUG);
	store_close(s);
}

static void *hammer(void *arg)
{
	static _Atomic int64_t next = 1;
	struct store *s = arg;
	int i;

	for (i = 0; i < 50; i++) {
		int64_t k = next++;
		struct one o = one_of(insert, k, &k, sizeof(k));

		if (store_run(s, &o.job) != SC_OK)
			return arg;
	}
	return NULL;
}

static void test_threads(void)
{
	pthread_t t[4];
	struct store *s;
	struct one c;
	void *bad;
	int i;

	fresh();
	NEED((s = open_store()) != NULL);
	for (i = 0; i < 4; i++)
		NEED(pthread_create(&t[i], NULL, hammer, s) == 0);
	for (i = 0; i < 4; i++) {
		pthread_join(t[i], &bad);
		CHECK(bad == NULL);
	}
	c = one_of(count, 0, NULL, 0);
	CHECK(store_run(s, &c.job) == SC_OK && c.got == 200);
	store_close(s);
}

/* The child tells each key through a pipe after its done(); then it is killed. */
static void test_kill(void)
{
	int64_t k, last = 0;
	int fd[2], n = 0;
	struct store *s;
	struct one o;
	pid_t pid;

	fresh();
	NEED(pipe(fd) == 0);
	NEED((pid = fork()) >= 0);
	if (pid == 0) {
		if ((s = open_store()) == NULL)
			_exit(1);
		for (k = 1; k < 1000000; k++) {
			o = one_of(insert, k, &k, sizeof(k));
			if (store_run(s, &o.job) != SC_OK ||
			    write(fd[1], &k, sizeof(k)) != sizeof(k))
				_exit(1);
		}
		_exit(0);
	}
	close(fd[1]);
	while (n < 40 && read(fd[0], &k, sizeof(k)) == sizeof(k))
		last = k, n++;
	kill(pid, SIGKILL);
	while (read(fd[0], &k, sizeof(k)) == sizeof(k))
		last = k;
	close(fd[0]);
	waitpid(pid, NULL, 0);
	NEED(last >= 40);
	NEED((s = open_store()) != NULL);
	o = one_of(count, 0, NULL, 0);
	CHECK(store_run(s, &o.job) == SC_OK && o.got >= last);
	o = one_of(value, last, NULL, 0);
	CHECK(store_run(s, &o.job) == SC_OK && o.row);
	store_close(s);
}

static bool in_file(const char *name, const void *what, size_t n)
{
	static uint8_t all[32 << 20];
	int fd = open(name, O_RDONLY);
	size_t len = 0;
	ssize_t r;

	if (fd < 0)
		return false;
	while ((r = read(fd, all + len, sizeof(all) - len)) > 0)
		len += (size_t)r;
	close(fd);
	return memmem(all, len, what, n) != NULL;
}

/* 4,000 rows of a page's fifth, so that pages split; every third is erased. */
static void test_erase(void)
{
	static struct one many[4000];
	static char text[4000][80];
	char wal[140];
	struct store *s;
	struct one o;
	int i, left = 0, missing = 0;

	fresh();
	snprintf(wal, sizeof(wal), "%s-wal", path);
	NEED((s = open_store()) != NULL);
	for (i = 0; i < 4000; i++) {
		snprintf(text[i], sizeof(text[i]), "row-%07d-of-somebody-%040d", i * 7919 % 4001,
		    i);
		many[i] = one_of(insert, (int64_t)i * 7919 % 4001, text[i], 64);
		store_submit(s, &many[i].job);
	}
	for (i = 0; i < 4000; i += 3) {
		o = one_of(del, (int64_t)i * 7919 % 4001, NULL, 0);
		o.job.erase_traces = i + 3 >= 4000;
		CHECK(store_run(s, &o.job) == SC_OK);
		if (i == 0)
			CHECK(in_file(wal, text[0], 64) || in_file(path, text[0], 64));
	}
	for (i = 0; i < 4000; i++) {
		bool there = in_file(path, text[i], 64) || in_file(wal, text[i], 64);

		left += i % 3 == 0 && there;
		missing += i % 3 != 0 && !there;
	}
	CHECK(left == 0);
	CHECK(missing == 0);
	CHECK(store_erase_traces(s) == SC_OK);
	store_close(s);
}

static off_t size_of(const char *name)
{
	struct stat st;

	return stat(name, &st) == 0 ? st.st_size : -1;
}

/* A row that is taken away is overwritten at once, not only when all traces are wiped. */
static void test_overwritten(void)
{
	static struct one many[200];
	static char text[200][80];
	struct store *s;
	struct one o;
	int left = 0;

	fresh();
	NEED((s = open_store()) != NULL);
	for (int i = 0; i < 200; i++) {
		snprintf(text[i], sizeof(text[i]), "row-%07d-of-somebody-%040d", i, i);
		many[i] = one_of(insert, i, text[i], 64);
		store_submit(s, &many[i].job);
	}
	for (int i = 0; i < 200; i += 2) {
		o = one_of(del, i, NULL, 0);
		CHECK(store_run(s, &o.job) == SC_OK);
	}
	store_close(s); /* the journal goes into the database and is removed */
	for (int i = 0; i < 200; i += 2)
		left += in_file(path, text[i], 64);
	CHECK(left == 0 && in_file(path, text[1], 64));
}

/* Wiping leaves no page that nobody uses, and an empty journal; an open question does not stop it. */
static enum sc_err leaves_open(struct store_job *j, struct store_tx *tx)
{
	struct store_stmt *st = NULL;
	bool row;
	enum sc_err err;

	(void)j;
	if ((err = store_prepare(tx, "SELECT k, v FROM t ORDER BY k", &st)) == SC_OK)
		err = store_step(st, &row);
	return err == SC_OK && !row ? SC_BUG : err;
}

static void test_wiped_files(void)
{
	static struct one many[500];
	struct store_job open_question = { .run = leaves_open, .erase_traces = true };
	struct store *s;
	struct one o;
	char wal[140];
	off_t before;

	fresh();
	snprintf(wal, sizeof(wal), "%s-wal", path);
	NEED((s = open_store()) != NULL);
	for (int64_t i = 0; i < 500; i++) {
		char v[4000];

		memset(v, 'v', sizeof(v));
		memcpy(v, &i, sizeof(i));
		many[i] = one_of(insert, i, v, sizeof(v));
		CHECK(store_run(s, &many[i].job) == SC_OK);
	}
	CHECK(store_erase_traces(s) == SC_OK && size_of(wal) == 0);
	before = size_of(path);
	CHECK(before > 500 * 4000);
	o = one_of("DELETE FROM t WHERE k > ?1", 0, NULL, 0);
	o.job.erase_traces = true;
	CHECK(store_run(s, &o.job) == SC_OK);
	CHECK(size_of(wal) == 0 && size_of(path) < before / 20);
	CHECK(store_run(s, &open_question) == SC_OK);
	CHECK(store_run(s, &open_question) == SC_OK);
	o = one_of(count, 0, NULL, 0);
	CHECK(store_run(s, &o.job) == SC_OK && o.got == 1);
	store_close(s);
}

/* A question left open by a job that fails is no obstacle to taking it back. */
static enum sc_err fails_open(struct store_job *j, struct store_tx *tx)
{
	struct store_stmt *st = NULL;
	bool row;
	enum sc_err err;

	if ((err = store_prepare(tx, "INSERT INTO t(k, v) VALUES(77, x'77')", &st)) != SC_OK ||
	    (err = store_step(st, &row)) != SC_OK || store_changes(tx) != 1 ||
	    (err = leaves_open(j, tx)) != SC_OK)
		return err == SC_OK ? SC_BUG : err;
	return SC_AUTH;
}

static void test_taken_back(void)
{
	struct store_job j = { .run = fails_open };
	struct store *s;
	struct one o;

	fresh();
	NEED((s = open_store()) != NULL);
	o = one_of(insert, 1, "x", 1);
	CHECK(store_run(s, &o.job) == SC_OK);
	for (int i = 0; i < 3; i++) {
		CHECK(store_run(s, &j) == SC_AUTH);
		o = one_of(count, 0, NULL, 0);
		CHECK(store_run(s, &o.job) == SC_OK && o.got == 1);
	}
	store_close(s);
}

/* Every type goes in and comes out as it was; too long and too many are told. */
static enum sc_err types_run(struct store_job *j, struct store_tx *tx)
{
	static char sql[70][32];
	struct store_stmt *st = NULL, *same = NULL;
	enum sc_err err;
	bool row = true;
	int n;

	(void)j;
	if ((err = store_prepare(tx, "INSERT INTO t(k, v, s) VALUES(?1, ?2, ?3)", &st)) != SC_OK)
		return err;
	for (int64_t k = -1; k < 4; k++) {
		CHECK(store_bind_i64(st, 1, k) == SC_OK);
		CHECK(store_bind_blob(st, 2, sc_span(&k, k == 0 ? 0 : sizeof(k))) == SC_OK);
		CHECK((k == 1 ? store_bind_null(st, 3) :
				store_bind_text(st, 3,
				    sc_span("text", (size_t)(k == 2 ? 0 : 4)))) == SC_OK);
		CHECK(store_step(st, &row) == SC_OK && !row && store_changes(tx) == 1);
		store_reset(st);
	}
	/* reset forgets what was bound: a NULL where none may be */
	CHECK(store_bind_i64(st, 1, 9) == SC_OK && store_step(st, &row) == SC_SYNTAX && !row);
	store_reset(st);
	store_reset(NULL);
	CHECK(store_bind_blob(st, 2, sc_span("", (size_t)INT32_MAX + 1)) == SC_LIMIT);
	CHECK(store_bind_text(st, 3, sc_span("", (size_t)INT32_MAX + 1)) == SC_LIMIT);
	CHECK(store_bind_i64(st, 4, 0) == SC_BUG && store_bind_null(st, 0) == SC_BUG);
	if ((err = store_prepare(tx, "SELECT k, v, s, typeof(v), typeof(s) FROM t ORDER BY k",
		 &st)) != SC_OK)
		return err;
	for (int64_t k = -1; k < 4; k++) {
		CHECK(store_step(st, &row) == SC_OK && row && store_i64(st, 0) == k);
		CHECK(sc_span_eq(store_bytes(st, 1), sc_span(&k, k == 0 ? 0 : sizeof(k))));
		CHECK(sc_span_is(store_bytes(st, 3), "blob"));
		CHECK(store_is_null(st, 2) == (k == 1) && !store_is_null(st, 0));
		CHECK(sc_span_is(store_bytes(st, 4), k == 1 ? "null" : "text"));
		CHECK(sc_span_is(store_bytes(st, 2), k == 1 || k == 2 ? "" : "text"));
	}
	CHECK(store_step(st, &row) == SC_OK && !row);
	store_reset(st);
	CHECK(store_prepare(tx, "SELECT", &same) == SC_BUG && same == NULL);
	/* 64 texts are kept; the same one is the same statement */
	for (n = 0; n < 70; n++) {
		snprintf(sql[n], sizeof(sql[n]), "SELECT %d", n);
		if ((err = store_prepare(tx, sql[n], &st)) != SC_OK)
			break;
		CHECK(store_prepare(tx, sql[n], &same) == SC_OK && same == st);
	}
	CHECK(err == SC_LIMIT && st == NULL && n == 62);
	return SC_OK;
}

static void test_types(void)
{
	struct store_job j = { .run = types_run };
	struct store *s;

	fresh();
	NEED((s = open_store()) != NULL);
	CHECK(store_run(s, &j) == SC_OK);
	store_close(s);
}

static unsigned open_files(void)
{
	struct dirent *e;
	unsigned n = 0;
	DIR *d = opendir("/proc/self/fd");

	while ((e = readdir(d)) != NULL)
		n++;
	closedir(d);
	return n;
}

static void test_damaged(void)
{
	const struct store_options o = { .path = path, .schema = schema };
	const struct store_options wrong = { .path = path, .schema = "CREATE NONSENSE" };
	struct sc_diag d = { .text = "" };
	struct store *s = NULL, *second = NULL;
	unsigned before;
	int fd;

	fresh();
	before = open_files();
	NEED((fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600)) >= 0);
	CHECK(write(fd, "this is not a database at all, but long enough to be read as one", 64) ==
	    64);
	close(fd);
	CHECK(store_open(&o, &d, &s) == SC_CORRUPT && s == NULL);
	CHECK(d.text[0] != '\0' && strcmp(d.file, path) == 0);
	CHECK(store_open(&o, NULL, &s) == SC_CORRUPT && s == NULL);
	/* a link is not followed, a folder is no file, wrong statements are a mistake of ours */
	unlink(path);
	NEED(symlink("/nowhere/at/all", path) == 0);
	CHECK(store_open(&o, &d, &s) == SC_IO && s == NULL);
	CHECK(strstr(d.text, "cannot open the store") != NULL);
	unlink(path);
	CHECK(store_open(&wrong, &d, &s) == SC_BUG && s == NULL);
	CHECK(strstr(d.text, "cannot use the store") != NULL);
	/* two at once: the second one is kept out */
	NEED((s = open_store()) != NULL);
	CHECK(store_open(&o, &d, &second) == SC_IO && second == NULL);
	store_close(s);
	store_close(NULL);
	CHECK(open_files() == before);
}

int main(void)
{
	snprintf(dir, sizeof(dir), "/tmp/scrim-store-XXXXXX");
	if (mkdtemp(dir) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/t.db", dir);
	RUN(test_round_trip,
	    "a row is what was written, also after reopening; the file is private");
	RUN(test_one_fails, "a job that fails is undone alone");
	RUN(test_threads, "jobs of many threads are all kept");
	RUN(test_kill, "what was answered survives kill -9");
	RUN(test_erase, "erased rows are in neither database nor journal, and others are");
	RUN(test_overwritten, "a row that is taken away is overwritten at once");
	RUN(test_wiped_files, "wiped files have no unused page and an empty journal");
	RUN(test_taken_back, "a job that fails with a question open is taken back");
	RUN(test_types, "every type comes out as it went in, too long and too many are told");
	RUN(test_damaged, "a file that is no store is refused");
	fresh();
	rmdir(dir);
	return tap_done();
}
