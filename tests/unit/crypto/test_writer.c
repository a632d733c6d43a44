/*
 * test_writer.c - a log keeps what it called durable: through closing, through
 * kill -9 at any moment, through a full disk; and it notices every change to
 * its files, when opened and while open.
 */
#include "crypto/tlog/writer.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "crypto/tlog/check.h"
#include "crypto/tlog/journal.h"
#include "tap.h"
#include "unit/crypto/log_signer.h"

static char dir[64];
static void fresh(void)
{
	snprintf(dir, sizeof(dir), "/tmp/scrim-log-XXXXXX");
	if (mkdtemp(dir) == NULL)
		abort();
}

static void remove_tree(const char *path)
{
	char sub[512];
	struct dirent *e;
	DIR *d = opendir(path);

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		snprintf(sub, sizeof(sub), "%s/%s", path, e->d_name);
		if (e->d_type == DT_DIR)
			remove_tree(sub);
		else
			unlink(sub);
	}
	if (d != NULL)
		closedir(d);
	rmdir(path);
}

static struct tlog_options options(struct heads *h)
{
	struct tlog_options o = { .dir = dir,
		.origin = "test.example/log",
		.vkey = h == NULL ? NULL : vkey,
		.journal_bytes = JOURNAL_MIN,
		.publish_ms = 20,
		.resign_ms = 30,
		.sign = h == NULL ? NULL : sign_now,
		.sign_arg = h };

	return o;
}

static struct sc_span entry(uint64_t i, char text[static 700])
{
	int n = snprintf(text, 700, "{\"n\":%llu,\"pad\":\"%.*s\"}", (unsigned long long)i,
	    (int)(i * 7 % 600),
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");

	return sc_span(text, (size_t)n);
}

static bool append(struct tlog *w, uint64_t from, uint64_t count, bool urgent)
{
	char text[700];
	uint64_t index = 0;
	enum sc_err err;

	for (uint64_t i = from; i < from + count; i++) {
		while ((err = tlog_append(w, entry(i, text), urgent, &index)) == SC_AGAIN)
			usleep(1000);
		if (err != SC_OK || index != i)
			return false;
	}
	return true;
}

/* Until the condition holds or ten seconds are over. */
#define WAIT(cond) \
	do { \
		for (unsigned wait_ = 0; !(cond) && wait_ < 10000; wait_++) \
			usleep(1000); \
		CHECK(cond); \
	} while (0)

/* The first SIZE entries on disk are the ones that were appended, and hash to their tiles. */
static bool tree_holds(uint64_t size)
{
	int dirfd = open(dir, O_RDONLY | O_DIRECTORY);
	struct sc_buf bundle;
	struct sc_span e;
	struct sc_diag d;
	char text[700];
	bool ok = dirfd >= 0;

	sc_buf_init(&bundle, TILE_BUNDLE_MAX);
	for (uint64_t n = 0; ok && n * TILE_WIDTH < size; n++) {
		size_t at = 0;

		sc_buf_clear(&bundle);
		ok = check_bundle(dirfd, n, size, &d) == SC_OK &&
		    tile_read(dirfd, TILE_ENTRIES, n, tile_width(0, n, size), &bundle, &d) == SC_OK;
		for (uint64_t i = n * TILE_WIDTH;
		     ok && tile_entry_next(sc_buf_span(&bundle), &at, &e); i++)
			ok = sc_span_eq(e, entry(i, text));
	}
	sc_buf_fini(&bundle);
	close(dirfd);
	return ok;
}

static void test_append(void)
{
	struct heads h = { .n = 0 };
	struct tlog_options o = options(&h);
	struct tlog_status st;
	struct sc_buf text;
	struct tlog *w, *second;
	struct note_head head;
	struct note note;
	uint64_t index;
	bool found;

	fresh();
	NEED(tlog_open(&o, NULL, &w) == SC_OK);
	CHECK(tlog_open(&o, NULL, &second) == SC_AGAIN && second == NULL);
	CHECK(tlog_append(w, sc_span("", 0), true, &index) == SC_LIMIT);
	CHECK(append(w, 0, 3, true));
	WAIT(tlog_durable(w) == 3);
	CHECK(append(w, 3, 1000, false));
	WAIT(tlog_durable(w) == 1003);
	tlog_close(w);
	CHECK(tree_holds(1003));
	CHECK(h.size == 1003 && h.refused == 0);
	/* again, with what came before */
	NEED(tlog_open(&o, NULL, &w) == SC_OK);
	CHECK(tlog_next(w) == 1003 && tlog_durable(w) == 1003);
	CHECK(append(w, 1003, 70000, false));
	WAIT(tlog_durable(w) == 71003);
	for (unsigned i = 0; h.size < 71003 && i < 5000; i++)
		usleep(1000);
	sc_buf_init(&text, NOTE_MAX);
	WAIT((tlog_status(w, &st), st.signed_size == 71003));
	CHECK(st.published == 71003 && !st.failed);
	NEED(tlog_checkpoint(w, &text) == SC_OK && note_parse(sc_buf_span(&text), &note) == SC_OK);
	CHECK(note_verify(&note, &signer.key, &found) == SC_OK && found);
	CHECK(note_head_parse(note.text, &head) == SC_OK && head.size == 71003);
	sc_buf_fini(&text);
	tlog_close(w);
	CHECK(tree_holds(71003));
	CHECK(h.refused == 0);
	remove_tree(dir);
}

static void count_call(void *arg)
{
	atomic_fetch_add((_Atomic unsigned *)arg, 1);
}

static void test_watchers(void)
{
	struct tlog_options o = options(NULL);
	_Atomic unsigned calls = 0;
	struct tlog *w;

	fresh();
	NEED(tlog_open(&o, NULL, &w) == SC_OK);
	for (unsigned i = 0; i < TLOG_WATCHERS; i++)
		CHECK(tlog_on_durable(w, count_call, &calls) == SC_OK);
	CHECK(tlog_on_durable(w, count_call, &calls) == SC_LIMIT);
	CHECK(append(w, 0, 1, true));
	WAIT(atomic_load(&calls) >= TLOG_WATCHERS);
	CHECK(tlog_durable(w) == 1);
	tlog_close(w);
	remove_tree(dir);
}

struct many {
	struct tlog *w;
	unsigned id;
	bool ok;
};

/* Only tlog_go() can wake the commit thread in time: entries that are not urgent may wait a minute. */
static void test_gather(void)
{
	struct tlog_options o = options(NULL);
	struct tlog *w;

	o.delay_ms = 60000;
	fresh();
	NEED(tlog_open(&o, NULL, &w) == SC_OK);
	for (uint64_t round = 0; round < 20; round++) {
		tlog_gather(w);
		CHECK(append(w, round * 3, 2, true) && append(w, round * 3 + 2, 1, false));
		tlog_go(w);
		WAIT(tlog_durable(w) == round * 3 + 3);
	}
	tlog_close(w);
	CHECK(tree_holds(60));
	remove_tree(dir);
}

static void *many_main(void *arg)
{
	struct many *m = arg;
	char text[64];
	uint64_t index, last = 0;

	for (unsigned i = 0; i < 500; i++) {
		int n = snprintf(text, sizeof(text), "%u/%u", m->id, i);

		if (tlog_append(m->w, sc_span(text, (size_t)n), i % 3 == 0, &index) != SC_OK ||
		    (i > 0 && index <= last))
			m->ok = false;
		last = index;
	}
	while (tlog_durable(m->w) <= last)
		usleep(500);
	return NULL;
}

static void test_threads(void)
{
	struct tlog_options o = options(NULL);
	struct many m[6];
	pthread_t t[6];
	struct tlog *w;
	bool seen[6][500] = { { false } };
	struct sc_buf bundle;
	struct sc_span e;
	int dirfd;
	size_t at, n = 0;

	fresh();
	NEED(tlog_open(&o, NULL, &w) == SC_OK);
	for (unsigned i = 0; i < 6; i++) {
		m[i] = (struct many){ w, i, true };
		NEED(pthread_create(&t[i], NULL, many_main, &m[i]) == 0);
	}
	for (unsigned i = 0; i < 6; i++) {
		pthread_join(t[i], NULL);
		CHECK(m[i].ok);
	}
	tlog_close(w);
	dirfd = open(dir, O_RDONLY | O_DIRECTORY);
	sc_buf_init(&bundle, TILE_BUNDLE_MAX);
	for (uint64_t b = 0; b * TILE_WIDTH < 3000; b++) {
		sc_buf_clear(&bundle);
		NEED(tile_read(dirfd, TILE_ENTRIES, b, tile_width(0, b, 3000), &bundle, NULL) ==
		    SC_OK);
		for (at = 0; tile_entry_next(sc_buf_span(&bundle), &at, &e); n++) {
			char text[64];
			unsigned id, k;

			snprintf(text, sizeof(text), "%.*s", SC_SPAN_ARG(e));
			NEED(sscanf(text, "%u/%u", &id, &k) == 2 && id < 6 && k < 500);
			CHECK(!seen[id][k]);
			seen[id][k] = true;
		}
	}
	CHECK(n == 3000);
	sc_buf_fini(&bundle);
	close(dirfd);
	remove_tree(dir);
}

/* ---- crashes ------------------------------------------------------------------- */

struct shared {
	_Atomic uint64_t durable, next;
};

static void crash_child(struct shared *s, struct heads *h)
{
	struct tlog_options o = options(h);
	struct tlog_status st;
	struct tlog *w;

	if (tlog_open(&o, NULL, &w) != SC_OK)
		_exit(9);
	for (uint64_t i = tlog_next(w);; i++) {
		if (!append(w, i, 1, i % 5 == 0)) {
			tlog_status(w, &st);
			printf("# %s: %s\n", st.why.file, st.why.text);
			fflush(stdout);
			_exit(8);
		}
		atomic_store(&s->next, i + 1);
		atomic_store(&s->durable, tlog_durable(w));
		if (i % 40 == 39)
			usleep(200);
	}
}

static void test_crash(void)
{
	struct shared *s =
	    mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct heads *h =
	    mmap(NULL, sizeof(*h), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t before = 0;
	struct sc_diag d;
	struct tlog *w;
	int status;
	pid_t pid;

	NEED(s != MAP_FAILED && h != MAP_FAILED);
	fresh();
	for (unsigned round = 0; round < 40; round++) {
		struct tlog_options o = options(h);

		fflush(stdout);
		if ((pid = fork()) == 0)
			crash_child(s, h);
		usleep(3000 + round * 7919 % 90000);
		kill(pid, SIGKILL);
		NEED(waitpid(pid, &status, 0) == pid);
		if (!WIFSIGNALED(status)) {
			printf("# child ended with %d in round %u\n", WEXITSTATUS(status), round);
			CHECK(false);
			break;
		}
		if (round % 4 != 3) /* mostly, crash again before anyone looks */
			continue;
		if (tlog_open(&o, &d, &w) != SC_OK) {
			printf("# round %u: %s: %s\n", round, d.file, d.text);
			CHECK(false);
			break;
		}
		CHECK(tlog_durable(w) >= atomic_load(&s->durable));
		CHECK(tlog_next(w) >= before);
		before = tlog_next(w);
		tlog_close(w);
		CHECK(tree_holds(before));
	}
	printf("# %llu entries in the end, %u heads signed, %u refused\n",
	    (unsigned long long)before, h->n, h->refused);
	CHECK(before > 1000 && h->refused == 0);
	munmap(s, sizeof(*s));
	munmap(h, sizeof(*h));
	remove_tree(dir);
}

/* ---- signatures ---------------------------------------------------------------- */

static void test_signer_away(void)
{
	struct heads h = { .mute = true };
	struct tlog_options o = options(&h);
	struct tlog_status st;
	struct tlog *w;

	fresh();
	NEED(tlog_open(&o, NULL, &w) == SC_OK);
	CHECK(append(w, 0, 300, true));
	WAIT((tlog_status(w, &st), st.published == 300));
	CHECK(st.signed_size == 0);
	h.bent = true;
	h.mute = false;
	WAIT((tlog_status(w, &st), st.bad_notes >= 2));
	CHECK(st.signed_size == 0 && !st.failed);
	h.bent = false;
	WAIT((tlog_status(w, &st), st.signed_size == 300));
	CHECK(tlog_signed(w, sc_span("garbage", 7)) == SC_OK);
	CHECK(append(w, 300, 5, true));
	WAIT((tlog_status(w, &st), st.signed_size == 305));
	tlog_close(w);
	CHECK(h.refused == 0);
	remove_tree(dir);
}

static void test_signer_remembers(void)
{
	struct heads h = { .n = 0 };
	struct tlog_options o = options(&h);
	struct tlog_status st;
	struct tlog *w;

	fresh();
	NEED(tlog_open(&o, NULL, &w) == SC_OK);
	CHECK(append(w, 0, 500, true));
	WAIT((tlog_status(w, &st), st.signed_size == 500));
	tlog_close(w);
	/* the signer signed 500, the answer was lost on the way: as if 200 were all we know */
	h.size = 0;
	memset(&h.root, 0, sizeof(h.root));
	NEED(tlog_open(&o, NULL, &w) == SC_OK);
	CHECK(append(w, 500, 20, true));
	WAIT((tlog_status(w, &st), st.signed_size == 520));
	CHECK(h.refused == 0);
	/* it remembers more than we have: somebody cut the log back */
	h.size = 10000;
	CHECK(append(w, 520, 1, true));
	WAIT(tlog_failed(w));
	tlog_status(w, &st);
	CHECK(strstr(st.why.text, "cut back") != NULL);
	tlog_close(w);
	remove_tree(dir);
}

/* ---- tampering ------------------------------------------------------------------ */

static void path_in(char out[static 160], const char *name)
{
	snprintf(out, 160, "%s/%s", dir, name);
}

static void flip(const char *name, off_t at)
{
	char path[160];
	uint8_t b;
	int fd;

	path_in(path, name);
	fd = open(path, O_RDWR);
	if (fd < 0 || pread(fd, &b, 1, at) != 1)
		abort();
	b ^= 1;
	if (pwrite(fd, &b, 1, at) != 1)
		abort();
	close(fd);
}

static void cut(const char *name)
{
	struct stat st;
	char path[160];

	path_in(path, name);
	if (stat(path, &st) != 0 || truncate(path, st.st_size - 1) != 0)
		abort();
}

static void delete (const char *name)
{
	char path[160];

	path_in(path, name);
	if (unlink(path) != 0)
		abort();
}

/* Another file of the same length and bytes. */
static void replace(const char *name)
{
	char path[160], cmd[700];

	path_in(path, name);
	snprintf(cmd, sizeof(cmd), "cp %s %s.x && mv %s.x %s", path, path, path, path);
	if (system(cmd) != 0)
		abort();
}

/* By a byte that ends a text for whoever reads it as one. */
static void lengthen(const char *name)
{
	char path[200];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if ((fd = open(path, O_WRONLY | O_APPEND)) < 0 || write(fd, "", 1) != 1)
		abort();
	close(fd);
}

/* The whole folder: whoever has it open writes on, where nobody looks. */
static void exchange(const char *name)
{
	char cmd[400];

	(void)name;
	snprintf(cmd, sizeof(cmd), "mv %s %s.m && cp -a %s.m %s", dir, dir, dir, dir);
	if (system(cmd) != 0)
		abort();
}

/* 66,000 entries are 257 whole tiles and one of 208 hashes; two levels above. */
#define TREE 66000
static const char edge_tile[] = "tile/0/257.p/208", edge_bundle[] = "tile/entries/257.p/208";

static void make_log(struct heads *h)
{
	struct tlog_options o = options(h);
	struct tlog *w;

	fresh();
	if (tlog_open(&o, NULL, &w) != SC_OK || !append(w, 0, TREE, false))
		abort();
	tlog_close(w);
}

/* What opening says, or, of a file that opening does not read, the publisher soon after. */
static enum sc_err noticed(struct heads *h, bool late, struct sc_diag *d)
{
	struct tlog_options o = options(h);
	struct tlog_status st;
	struct tlog *w;
	enum sc_err err = tlog_open(&o, d, &w);

	if (!late || err != SC_OK) {
		tlog_close(w);
		return late ? SC_BUG : err;
	}
	WAIT(tlog_failed(w));
	tlog_status(w, &st);
	*d = st.why;
	tlog_close(w);
	return SC_CORRUPT;
}

/* The same of a walk over all of the log, which needs nobody to have it open. */
static enum sc_err walked(struct sc_diag *d)
{
	int dirfd = open(dir, O_RDONLY | O_DIRECTORY);
	struct check_walk walk;
	enum sc_err err = check_walk_begin(&walk, dirfd, NULL, d);

	while (err == SC_OK && walk.next < walk.bundles)
		err = check_walk_on(&walk, 100, d);
	close(dirfd);
	return err;
}

static void test_tampered_closed(void)
{
	static const struct {
		void (*cut)(const char *);
		off_t flip;
		const char *name, *text;
		bool late;     /* noticed by the publisher, not by opening */
		bool unwalked; /* no walk over the tree sees it */
	} t[] = {
		{ NULL, 100, "tile/entries/000", "entry 3 does not match", true, false },
		{ NULL, 40, "tile/0/000", "entry 1 does not match", true, false },
		{ NULL, 40, "tile/0/100", "entry 25601 does not match", true, false },
		{ NULL, 40, "tile/0/242", "entry 61953 does not match", false, false },
		{ NULL, 100, "tile/1/000", "tile above", false, false },
		{ NULL, 3, edge_tile, "entry 65792 does not match", false, false },
		{ NULL, 30, edge_bundle, "does not match", false, false },
		{ NULL, 3, "tile/1/001.p/1", "does not match", false, false },
		{ cut, 0, "tile/0/003", "cut", true, false },
		{ cut, 0, "tile/entries/003", "cut", true, false },
		{ cut, 0, "tile/1/000", "cut", false, false },
		{ cut, 0, edge_tile, "cut", false, false },
		{ cut, 0, edge_bundle, "cut", false, false },
		{ cut, 0, "checkpoint", "malformed", false, false },
		{ cut, 0, "state", "malformed", false, false },
		{ lengthen, 0, "state", "malformed", false, false },
		{ cut, 0, "journal.1", "length", false, true },
		{ delete, 0, "tile/0/200", "missing", true, false },
		{ delete, 0, "tile/entries/000", "missing", true, false },
		{ delete, 0, "tile/entries/241", "missing", true, false },
		{ delete, 0, "tile/entries/242", "missing", false, false },
		{ delete, 0, "tile/entries/256", "missing", false, false },
		{ delete, 0, edge_bundle, "missing", false, false },
		{ delete, 0, edge_tile, "missing", false, false },
		{ delete, 0, "tile/2/000.p/1", "missing", false, false },
		{ delete, 0, "checkpoint", "missing", false, false },
		{ delete, 0, "state", "missing", false, false },
		{ delete, 0, "journal.0", "missing", false, true },
		{ NULL, 150, "checkpoint", "signature", false, true },
		{ NULL, 42, "state", "", false, false },
	};
	struct heads h = { .n = 0 };
	char cmd[256];

	make_log(&h);
	CHECK(walked(&(struct sc_diag){ .line = 0 }) == SC_OK);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct sc_diag d = { .text = "" }, walk = { .text = "" };
		enum sc_err err;

		snprintf(cmd, sizeof(cmd), "rm -rf %s.b && cp -a %s %s.b", dir, dir, dir);
		if (system(cmd) != 0)
			abort();
		if (t[i].cut != NULL)
			t[i].cut(t[i].name);
		else
			flip(t[i].name, t[i].flip);
		err = walked(&walk);
		CHECK(err == (t[i].unwalked ? SC_OK : SC_CORRUPT));
		err = noticed(&h, t[i].late, &d);
		if (err != SC_CORRUPT || strstr(d.text, t[i].text) == NULL) {
			printf("# %zu %s: %s %s: %s (%s)\n", i, t[i].name, sc_err_name(err), d.file,
			    d.text, walk.text);
			CHECK(false);
		}
		snprintf(cmd, sizeof(cmd), "rm -rf %s && mv %s.b %s", dir, dir, dir);
		if (system(cmd) != 0)
			abort();
	}
	remove_tree(dir);
}

static void test_tampered_open(void)
{
	static const struct {
		void (*cut)(const char *);
		off_t flip;
		const char *name;
	} t[] = {
		{ cut, 0, edge_tile },
		{ delete, 0, edge_bundle },
		{ delete, 0, "checkpoint" },
		{ replace, 0, "checkpoint" },
		{ replace, 0, "state" },
		{ NULL, 9, edge_tile },
		{ NULL, 9, "checkpoint" },
		{ cut, 0, "journal.0" },
		{ delete, 0, "journal.1" },
		{ replace, 0, "journal.0" },
		{ delete, 0, "tile/0/256" },
		{ cut, 0, "tile/1/000" },
		{ NULL, 77, "tile/entries/005" },
		{ delete, 0, "tile/entries/006" },
		{ NULL, 77, "tile/0/007" },
		{ exchange, 0, "the folder" },
	};
	struct heads h = { .n = 0 };
	char cmd[400];
	struct tlog *w;

	make_log(&h);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct tlog_options o = options(&h);
		struct tlog_status st;
		uint64_t index;

		snprintf(cmd, sizeof(cmd), "rm -rf %s.b && cp -a %s %s.b", dir, dir, dir);
		if (system(cmd) != 0)
			abort();
		NEED(tlog_open(&o, NULL, &w) == SC_OK);
		CHECK(!tlog_failed(w));
		if (t[i].cut != NULL)
			t[i].cut(t[i].name);
		else
			flip(t[i].name, t[i].flip);
		WAIT(tlog_failed(w));
		tlog_status(w, &st);
		if (strstr(st.why.file, strrchr(t[i].name, '/') == NULL ? t[i].name : "tile/") ==
		    NULL) {
			printf("# %zu %s: %s: %s\n", i, t[i].name, st.why.file, st.why.text);
			CHECK(false);
		}
		CHECK(tlog_append(w, sc_span("x", 1), true, &index) == SC_IO);
		tlog_close(w);
		snprintf(cmd, sizeof(cmd), "rm -rf %s %s.m && mv %s.b %s", dir, dir, dir, dir);
		if (system(cmd) != 0)
			abort();
	}
	remove_tree(dir);
}

static atomic_int touched; /* what the next signature finds gone: 1 checkpoint, 2 state */

static void touch_and_sign(void *arg, struct tlog *w, const struct tlog_head *head)
{
	if (touched != 0)
		delete (touched == 1 ? "checkpoint" : "state");
	sign_now(arg, w, head);
}

/* A new checkpoint takes the place of the old one, and of what was done to that as well. */
static void test_not_healed(void)
{
	for (int what = 1; what <= 2; what++) {
		struct heads h = { .n = 0 };
		struct tlog_options o = options(&h);
		struct tlog *w;

		fresh();
		touched = 0;
		o.sign = touch_and_sign;
		NEED(tlog_open(&o, NULL, &w) == SC_OK && append(w, 0, 10, true));
		tlog_close(w);
		o.publish_ms = 600000; /* nothing looks by itself any more */
		o.confirm = true;
		touched = what;
		NEED(tlog_open(&o, NULL, &w) == SC_OK);
		WAIT(tlog_failed(w));
		tlog_close(w);
		remove_tree(dir);
	}
}

static void test_old_checkpoint(void)
{
	struct heads h = { .n = 0 };
	struct tlog_options o = options(&h);
	char cmd[256];
	struct sc_diag d;
	struct tlog *w;

	fresh();
	NEED(tlog_open(&o, NULL, &w) == SC_OK);
	CHECK(append(w, 0, 10, true));
	tlog_close(w);
	snprintf(cmd, sizeof(cmd), "cp %s/checkpoint %s/old", dir, dir);
	NEED(system(cmd) == 0);
	NEED(tlog_open(&o, NULL, &w) == SC_OK);
	CHECK(append(w, 10, 10, true));
	tlog_close(w);
	snprintf(cmd, sizeof(cmd), "mv %s/old %s/checkpoint", dir, dir);
	NEED(system(cmd) == 0);
	CHECK(tlog_open(&o, &d, &w) == SC_CORRUPT);
	CHECK(strcmp(d.file, "checkpoint") == 0 && strstr(d.text, "older") != NULL);
	remove_tree(dir);
}

/* ---- a full disk ------------------------------------------------------------------ */

/* Bundles of big entries do not fit under a file size limit that the journal does fit under. */
static void full_child(void)
{
	struct rlimit lim = { JOURNAL_MIN, JOURNAL_MIN };
	struct tlog_options o = options(NULL);
	static uint8_t big[3000];
	enum sc_err err = SC_OK;
	uint64_t index = 0;
	struct tlog_status st;
	struct tlog *w;

	signal(SIGXFSZ, SIG_IGN);
	memset(big, 'b', sizeof(big));
	if (setrlimit(RLIMIT_FSIZE, &lim) != 0 || tlog_open(&o, NULL, &w) != SC_OK)
		_exit(2);
	for (unsigned i = 0; i < 1000 && err == SC_OK; i++) {
		err = tlog_append(w, sc_span(big, sizeof(big)), true, &index);
		while (err == SC_OK && !tlog_failed(w) && tlog_durable(w) <= index)
			usleep(100);
	}
	tlog_status(w, &st);
	tlog_close(w);
	if (err != SC_IO || !st.failed || !st.space_low || st.why.text[0] == '\0')
		_exit(3);
	/* what was durable fills the journal and the bundles that did fit */
	if (st.durable < 85 || st.durable > 256)
		_exit(4);
	_exit(0);
}

static void test_full(void)
{
	struct tlog_options o = options(NULL);
	struct tlog *w;
	int status;
	pid_t pid;

	fresh();
	fflush(stdout);
	if ((pid = fork()) == 0)
		full_child();
	NEED(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	printf("# exit %d\n", WEXITSTATUS(status));
	/* with space again everything durable is there, and it goes on */
	NEED(tlog_open(&o, NULL, &w) == SC_OK);
	CHECK(tlog_durable(w) >= 85);
	tlog_close(w);
	remove_tree(dir);
}

static void test_pending_ceiling(void)
{
	struct tlog_options o = options(NULL);
	static uint8_t big[TLOG_ENTRY_MAX];
	enum sc_err err = SC_OK;
	uint64_t index = 0;
	struct tlog *w;

	fresh();
	o.pending_bytes = (size_t)1 << 20;
	o.publish_ms = 60000;
	o.delay_ms = 60000;
	memset(big, 1, sizeof(big));
	NEED(tlog_open(&o, NULL, &w) == SC_OK);
	usleep(50000);
	for (unsigned i = 0; i < 4000 && err == SC_OK; i++)
		err = tlog_append(w, sc_span(big, sizeof(big)), false, &index);
	CHECK(err == SC_AGAIN);
	WAIT(tlog_durable(w) == index || tlog_durable(w) > 0);
	tlog_close(w);
	remove_tree(dir);
}

int main(void)
{
	log_setup("test", LOG_ERROR);
	make_key();
	RUN(test_append, "appended, closed, opened, appended: everything is there and signed");
	RUN(test_watchers, "those who wait are told");
	RUN(test_gather, "what was gathered is committed when it is said to go");
	RUN(test_threads, "many threads append; every entry stands once");
	RUN(test_crash, "kill -9, forty times: what was durable is there, the log is sound");
	RUN(test_signer_away, "without a signer the log grows; a bad signature is not taken");
	RUN(test_signer_remembers, "the signer's memory counts, also against a log cut back");
	RUN(test_tampered_closed,
	    "every change to a closed log is named when it is opened, or in its first seconds");
	RUN(test_tampered_open, "every change to an open log is noticed");
	RUN(test_not_healed, "what a signature would write over is looked at before");
	RUN(test_old_checkpoint, "an older checkpoint put back is noticed");
	RUN(test_full, "a full disk: refused, nothing durable is lost");
	RUN(test_pending_ceiling, "what waits has a ceiling");
	return tap_done();
}
