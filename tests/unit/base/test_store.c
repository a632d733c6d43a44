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

enum { insert, count, value, del, del_above, types_in, types_out, insert_many, N_STATEMENTS };

static const char *const statements[N_STATEMENTS] = {
	[insert] = "INSERT INTO t(k, v) VALUES($1, $2)",
	[count] = "SELECT count(*) FROM t",
	[value] = "SELECT v FROM t WHERE k = $1",
	[del] = "DELETE FROM t WHERE k = $1",
	[del_above] = "DELETE FROM t WHERE k > $1",
	[types_in] = "INSERT INTO t(k, v, s) VALUES($1, $2, $3)",
	[types_out] = "SELECT k, v, s, typeof(v), typeof(s) FROM t ORDER BY k",
	[insert_many] = "INSERT INTO t(k, v) VALUES($1, $2) ON CONFLICT(v) DO NOTHING RETURNING k",
};

static const struct store_tables tables = {
	.sqlite = "CREATE TABLE IF NOT EXISTS"
		  " t(k INTEGER PRIMARY KEY, v BLOB NOT NULL UNIQUE, s TEXT);",
	.statements = statements,
	.n = N_STATEMENTS,
};

static char dir[64], path[128], url[140];

static struct store *open_store(void)
{
	struct sc_diag d = { .text = "" };
	struct store *s = NULL;

	if (store_open(url, &tables, &d, &s) != SC_OK)
		printf("# %s\n", d.text);
	return s;
}

/* One statement as a job. */
struct one {
	struct store_job job;
	unsigned statement;
	int64_t k;
	struct sc_span v;
	bool row;
	int64_t got;
	uint8_t bytes[4096];
	size_t n;
	bool over;
	enum sc_err err;
};

static bool one_bind(void *arg, size_t i, struct store_value *v)
{
	const struct one *o = arg;

	(void)i;
	v[0] = store_number((uint64_t)o->k);
	v[1] = store_blob(o->v.p, o->v.n);
	return true;
}

static enum sc_err one_row(void *arg, size_t i, const struct store_value *v)
{
	struct one *o = arg;

	(void)i;
	o->row = true;
	o->got = v[0].number;
	o->n = v[0].bytes.n < sizeof(o->bytes) ? v[0].bytes.n : sizeof(o->bytes);
	if (o->n > 0)
		memcpy(o->bytes, v[0].bytes.p, o->n);
	return SC_OK;
}

static enum sc_err one_run(struct store_job *j, struct store_tx *tx)
{
	struct one *o = (struct one *)(void *)j;
	const struct store_batch b = { o->statement, 1, one_bind, one_row, o };

	return store_ask(tx, &b);
}

static void one_done(struct store_job *j, enum sc_err err)
{
	struct one *o = (struct one *)(void *)j;

	o->err = err;
	o->over = true;
}

static struct one one_of(unsigned statement, int64_t k, const void *v, size_t n)
{
	struct one o = { .job = { .run = one_run, .done = one_done },
		.statement = statement,
		.k = k,
		.v = sc_span(v, n) };

	return o;
}

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
	CHECK(store_run(s, &o.job) == SC_OK && !o.over); /* whoever waits is not told too */
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
	c = one_of(N_STATEMENTS, 0, NULL, 0);
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
	struct store_job wipe = { .erase_traces = true };
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
	CHECK(store_run(s, &wipe) == SC_OK);
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

/* Wiping leaves no page that nobody uses, and an empty journal; an answer given up does not stop it. */
static enum sc_err give_up(void *arg, size_t i, const struct store_value *v)
{
	(void)i, (void)v;
	++*(unsigned *)arg;
	return SC_AUTH;
}

static enum sc_err gives_up(struct store_job *j, struct store_tx *tx)
{
	unsigned rows = 0;
	const struct store_batch b = { types_out, 2, NULL, give_up, &rows };

	(void)j;
	return store_ask(tx, &b) == SC_AUTH && rows == 1 ? SC_OK : SC_BUG;
}

static void test_wiped_files(void)
{
	static struct one many[500];
	struct store_job given_up = { .run = gives_up, .erase_traces = true }, wipe = given_up;
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
	CHECK(store_run(s, &wipe) == SC_OK && size_of(wal) == 0);
	before = size_of(path);
	CHECK(before > 500 * 4000);
	o = one_of(del_above, 0, NULL, 0);
	o.job.erase_traces = true;
	CHECK(store_run(s, &o.job) == SC_OK);
	CHECK(size_of(wal) == 0 && size_of(path) < before / 20);
	CHECK(store_run(s, &given_up) == SC_OK);
	CHECK(store_run(s, &given_up) == SC_OK);
	o = one_of(count, 0, NULL, 0);
	CHECK(store_run(s, &o.job) == SC_OK && o.got == 1);
	store_close(s);
}

/* An answer given up by a job that fails is no obstacle to taking it back. */
static enum sc_err fails_then(struct store_job *j, struct store_tx *tx)
{
	struct one o = one_of(insert, 77, "w", 1);
	enum sc_err err;

	if ((err = one_run(&o.job, tx)) != SC_OK || (err = gives_up(j, tx)) != SC_OK)
		return err;
	return SC_AUTH;
}

static void test_taken_back(void)
{
	struct store_job j = { .run = fails_then };
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

/* Every type goes in and comes out as it was; what is too long, or NULL where none may be, is told. */
static bool bind_types(void *arg, size_t i, struct store_value *v)
{
	static int64_t k[5];

	(void)arg;
	k[i] = (int64_t)i - 1;
	v[0] = store_number((uint64_t)k[i]);
	v[1] = store_blob(&k[i], k[i] == 0 ? 0 : sizeof(k[i]));
	v[2] = store_text(k[i] == 2 ? "" : "text");
	return true;
}

static enum sc_err check_types(void *arg, size_t i, const struct store_value *v)
{
	int64_t k = (*(int64_t *)arg)++ - 1;

	CHECK(i == 0 && v[0].kind == STORE_NUMBER && v[0].number == k);
	CHECK(
	    v[1].kind == STORE_BLOB && sc_span_eq(v[1].bytes, sc_span(&k, k == 0 ? 0 : sizeof(k))));
	CHECK(sc_span_is(v[3].bytes, "blob"));
	CHECK(sc_span_is(v[4].bytes, k == 9 ? "null" : "text"));
	CHECK(sc_span_is(v[2].bytes, k == 2 || k == 9 ? "" : "text"));
	return SC_OK;
}

static bool bind_long(void *arg, size_t i, struct store_value *v)
{
	(void)i;
	v[0] = store_number(8);
	v[1] = store_blob("x", 1);
	v[2] = store_text("y");
	v[*(size_t *)arg].bytes.n = (size_t)INT32_MAX + 1;
	return true;
}

static enum sc_err types_run(struct store_job *j, struct store_tx *tx)
{
	int64_t rows = 0;
	size_t place;
	const struct store_batch in = { types_in, 5, bind_types, NULL, NULL },
				 out = { types_out, 1, NULL, check_types, &rows },
				 too_long = { types_in, 1, bind_long, NULL, &place };

	(void)j;
	CHECK(store_ask(tx, &in) == SC_OK);
	for (place = 1; place < 3; place++)
		CHECK(store_ask(tx, &too_long) == SC_LIMIT);
	CHECK(store_ask(tx, &out) == SC_OK && rows == 5);
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

/* Many runs in one go: those left out do not run, and each row says whose it is. */
struct many {
	struct store_job job;
	uint8_t v[100], came[100];
};

static bool bind_many(void *arg, size_t i, struct store_value *v)
{
	struct many *m = arg;

	v[0] = store_number(i);
	v[1] = store_blob(&m->v[i], 1);
	return i % 3 != 0;
}

static enum sc_err take_many(void *arg, size_t i, const struct store_value *v)
{
	struct many *m = arg;

	CHECK(v[0].number == (int64_t)i);
	m->came[i]++;
	return SC_OK;
}

static enum sc_err many_run(struct store_job *j, struct store_tx *tx)
{
	struct many *m = (struct many *)(void *)j;
	const struct store_batch b = { insert_many, 100, bind_many, take_many, m };

	return store_ask(tx, &b);
}

static void test_batch(void)
{
	static struct many m = { .job = { .run = many_run } };
	struct store *s;
	struct one c;

	fresh();
	NEED((s = open_store()) != NULL);
	for (uint8_t i = 0; i < 100; i++)
		m.v[i] = i % 50; /* of two alike the first one stays */
	CHECK(store_run(s, &m.job) == SC_OK);
	for (unsigned i = 0; i < 100; i++)
		CHECK(m.came[i] == (i % 3 != 0 && (i < 50 || (i - 50) % 3 == 0)));
	c = one_of(count, 0, NULL, 0);
	CHECK(store_run(s, &c.job) == SC_OK && c.got == 50);
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
	static const char *const bad[] = { "SELECT nonsense", "SELECT $2, $1", "SELECT ?1",
		"SELECT 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25" };
	const struct store_tables nonsense = { .sqlite = "CREATE NONSENSE" };
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
	CHECK(store_open(url, &tables, &d, &s) == SC_CORRUPT && s == NULL);
	CHECK(strstr(d.text, "Put back") != NULL && strcmp(d.file, path) == 0);
	CHECK(store_open(url, &tables, NULL, &s) == SC_CORRUPT && s == NULL);
	/* a link is not followed, a folder is no file, wrong statements are a mistake of ours */
	unlink(path);
	NEED(symlink("/nowhere/at/all", path) == 0);
	CHECK(store_open(url, &tables, &d, &s) == SC_IO && s == NULL);
	CHECK(strstr(d.text, "cannot open the store") != NULL);
	unlink(path);
	CHECK(store_open(url, &nonsense, &d, &s) == SC_BUG && s == NULL);
	CHECK(strstr(d.text, "cannot use the store") != NULL);
	for (unsigned i = 0; i < 4; i++) {
		const struct store_tables wrong = { .sqlite = "", .statements = &bad[i], .n = 1 };

		CHECK(store_open(url, &wrong, &d, &s) == SC_BUG && s == NULL);
	}
	/* any other URL is another database's, and a path is none */
	CHECK(store_open("postgres:x", &tables, &d, &s) == SC_SYNTAX && s == NULL);
	CHECK(store_open(path, &tables, NULL, &s) == SC_SYNTAX && s == NULL);
	/* two at once: the second one is kept out */
	NEED((s = open_store()) != NULL);
	CHECK(store_open(url, &tables, &d, &second) == SC_IO && second == NULL);
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
	snprintf(url, sizeof(url), "sqlite:%s", path);
	RUN(test_round_trip,
	    "a row is what was written, also after reopening; the file is private");
	RUN(test_one_fails, "a job that fails is undone alone");
	RUN(test_threads, "jobs of many threads are all kept");
	RUN(test_kill, "what was answered survives kill -9");
	RUN(test_erase, "erased rows are in neither database nor journal, and others are");
	RUN(test_overwritten, "a row that is taken away is overwritten at once");
	RUN(test_wiped_files, "wiped files have no unused page and an empty journal");
	RUN(test_taken_back, "a job that fails with an answer given up is taken back");
	RUN(test_types, "every type comes out as it went in, what is too long is told");
	RUN(test_batch, "a batch runs each of its own, and every row says whose it is");
	RUN(test_damaged, "a file that is no store is refused");
	fresh();
	rmdir(dir);
	return tap_done();
}
