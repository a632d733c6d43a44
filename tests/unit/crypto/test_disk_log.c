/*
 * test_disk_log.c - the log on a disk that holds calls back, refuses them, and
 * loses what was not synced: nothing is called durable before it is, and after
 * every power cut of a bounded run everything that was is there.
 *
 * DEEP=1: every kind of loss at every call, instead of one of them.
 */
#include "crypto/tlog/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "crypto/tlog/check.h"
#include "crypto/tlog/journal.h"
#include "disk/disk.h"
#include "disk/rebuild.h"
#include "tap.h"
#include "unit/crypto/log_signer.h"

static char base[64], root[128], dir[160], control[128];
static struct disk_control *disk;

static struct tlog_options options(const char *where, struct heads *h)
{
	struct tlog_options o = { .dir = where,
		.origin = "test.example/log",
		.vkey = h == NULL ? NULL : vkey,
		.journal_bytes = JOURNAL_MIN,
		.publish_ms = 10,
		.delay_ms = 5,
		.resign_ms = 20,
		.sign = h == NULL ? NULL : sign_now,
		.sign_arg = h };

	return o;
}

/* An empty test disk. The log's folder is made by the log. */
static void fresh(void)
{
	disk_free(disk);
	disk_remove(root, true);
	if (mkdir(root, 0700) != 0 || (disk = disk_new(control)) == NULL ||
	    !disk_attach(control, root))
		abort();
}

static struct sc_span entry(uint64_t i, char text[static 300])
{
	int n = snprintf(text, 300, "{\"n\":%llu,\"pad\":\"%0*d\"}", (unsigned long long)i,
	    (int)(1 + i * 7 % 200), 7);

	return sc_span(text, (size_t)n);
}

static bool append(struct tlog *w, uint64_t from, uint64_t count, bool urgent)
{
	char text[300];
	uint64_t index;

	for (uint64_t i = from; i < from + count; i++)
		if (tlog_append(w, entry(i, text), urgent, &index) != SC_OK || index != i)
			return false;
	return true;
}

#define WAIT(cond) \
	do { \
		for (unsigned wait_ = 0; !(cond) && wait_ < 10000; wait_++) \
			usleep(1000); \
		CHECK(cond); \
	} while (0)

static void count_call(void *arg)
{
	atomic_fetch_add((_Atomic unsigned *)arg, 1);
}

/* The first SIZE entries are those that were appended and have ROOT. */
static bool tree_is(const char *where, uint64_t size, uint64_t at, const struct merkle_hash *want)
{
	int fd = open(where, O_RDONLY | O_DIRECTORY);
	struct merkle_frontier f;
	struct merkle_hash root_at;
	struct tile_reader r;
	struct sc_buf bundle;
	struct sc_span e;
	struct sc_diag d;
	char text[300];
	bool ok = fd >= 0;

	sc_buf_init(&bundle, TILE_BUNDLE_MAX);
	tile_reader_init(&r, fd, size);
	for (uint64_t n = 0; ok && n * TILE_WIDTH < size; n++) {
		size_t pos = 0;

		sc_buf_clear(&bundle);
		ok = check_bundle(fd, n, size, &d) == SC_OK &&
		    tile_read(fd, TILE_ENTRIES, n, tile_width(0, n, size), &bundle, &d) == SC_OK;
		for (uint64_t i = n * TILE_WIDTH;
		     ok && tile_entry_next(sc_buf_span(&bundle), &pos, &e); i++)
			ok = sc_span_eq(e, entry(i, text));
	}
	if (ok && at > 0) {
		ok = merkle_frontier_load(at, tile_get, &r, &f) == SC_OK;
		merkle_root(&f, &root_at);
		ok = ok && memcmp(root_at.b, want->b, sizeof(want->b)) == 0;
	}
	tile_reader_fini(&r);
	sc_buf_fini(&bundle);
	close(fd);
	return ok;
}

/* ---- held back and refused ----------------------------------------------------------- */

/* The write of JOURNAL is held back: nothing is durable and nobody is told. */
static void test_not_before_the_write(void)
{
	struct tlog_options o = options(dir, NULL);
	_Atomic unsigned calls = 0;
	struct disk_rule *r;
	struct tlog_status st;
	struct tlog *w;

	fresh();
	NEED(tlog_open(&o, NULL, &w) == SC_OK);
	NEED(tlog_on_durable(w, count_call, &calls) == SC_OK);
	r = disk_rule(disk, 0, DISK_BLOCK, DISK_SYNC, "log/journal.*");
	for (unsigned round = 0; round < 3; round++) {
		uint64_t n = round * 2;

		atomic_store(&calls, 0);
		CHECK(append(w, n, 1, true));
		NEED(disk_waits(r));
		CHECK(append(w, n + 1, 1, true)); /* taken, and waits too */
		usleep(20000);
		tlog_status(w, &st);
		CHECK(tlog_durable(w) == n && st.durable == n && st.commits == n);
		CHECK(tlog_next(w) == n + 2 && atomic_load(&calls) == 0);
		disk_release(r);
		WAIT(tlog_durable(w) == n + 2);
		WAIT(atomic_load(&calls) == 2);
		tlog_status(w, &st);
		CHECK(st.commits == n + 2 && !st.failed);
		r = disk_rule(disk, 0, DISK_BLOCK, DISK_SYNC, "log/journal.*");
	}
	disk_release(r);
	tlog_close(w);
}

/* What the journal's write says is what the log says: EIO and ENOSPC end it for good. */
static void test_refused_write(void)
{
	static const int errors[] = { EIO, ENOSPC };

	for (unsigned i = 0; i < 2; i++) {
		struct tlog_options o = options(dir, NULL);
		_Atomic unsigned calls = 0;
		struct tlog_status st;
		struct disk_rule *r;
		struct tlog *w;
		uint64_t index;

		fresh();
		NEED(tlog_open(&o, NULL, &w) == SC_OK);
		CHECK(append(w, 0, 1, true));
		WAIT(tlog_durable(w) == 1);
		NEED(tlog_on_durable(w, count_call, &calls) == SC_OK);
		r = disk_rule(disk, 0, DISK_FAIL, DISK_WRITE, "log/journal.*");
		r->err = errors[i];
		CHECK(append(w, 1, 1, true));
		WAIT(tlog_failed(w));
		WAIT(atomic_load(&calls) == 1); /* told once, of the failure */
		disk_release(r);
		tlog_status(w, &st);
		CHECK(st.durable == 1 && st.next == 2 && st.failed);
		CHECK(strcmp(st.why.file, "journal.0") == 0);
		CHECK(strstr(st.why.text, strerror(errors[i])) != NULL);
		CHECK(tlog_append(w, sc_span("x", 1), true, &index) == SC_IO);
		tlog_close(w);
		/* nothing was torn: the first entry is there, and the second is not */
		NEED(tlog_open(&o, NULL, &w) == SC_OK);
		CHECK(tlog_next(w) == 1 && tlog_durable(w) == 1);
		tlog_close(w);
	}
}

/* A torn batch was never told as durable, and is passed over. */
static void test_torn_write(void)
{
	static const uint32_t arrives[] = { 0, 512, 2048, 3584 };
	static uint8_t big[3900];

	memset(big, 'b', sizeof(big));
	for (unsigned i = 0; i < 4; i++) {
		struct tlog_options o = options(dir, NULL);
		struct disk_rule *r;
		struct tlog *w;
		uint64_t index;

		fresh();
		NEED(tlog_open(&o, NULL, &w) == SC_OK);
		CHECK(append(w, 0, 1, true));
		WAIT(tlog_durable(w) == 1);
		r = disk_rule(disk, 0, DISK_TEAR, DISK_WRITE, "log/journal.*");
		r->arg = arrives[i];
		CHECK(tlog_append(w, sc_span(big, sizeof(big)), true, &index) == SC_OK);
		WAIT(tlog_failed(w));
		disk_release(r);
		CHECK(tlog_durable(w) == 1);
		tlog_close(w);
		NEED(tlog_open(&o, NULL, &w) == SC_OK);
		CHECK(tlog_durable(w) == 1);
		CHECK(append(w, 1, 1, true));
		WAIT(tlog_durable(w) == 2);
		tlog_close(w);
	}
}

/* A file system without O_DIRECT: found out when opening (0), or at the first write (1). */
static void test_no_direct(void)
{
	for (unsigned i = 0; i < 2; i++) {
		struct tlog_options o = options(dir, NULL);
		struct tlog_status st;
		struct disk_rule *r;
		struct tlog *w;

		fresh();
		NEED(tlog_open(&o, NULL, &w) == SC_OK);
		tlog_status(w, &st);
		if (!st.direct) {
			tlog_close(w);
			printf("# no O_DIRECT here anyway\n");
			return;
		}
		tlog_close(w);
		/* the first of the two kinds of call, and only while it is direct */
		r = disk_rule(disk, 0, DISK_FAIL, DISK_DIRECT, "log/journal.0");
		r->first = i;
		r->count = 1;
		r->err = EINVAL;
		NEED(tlog_open(&o, NULL, &w) == SC_OK);
		CHECK(append(w, 0, 5, true));
		WAIT(tlog_durable(w) == 5);
		tlog_status(w, &st);
		CHECK(!st.direct && !st.failed && atomic_load(&r->hits) == 1);
		disk_release(r);
		tlog_close(w);
		NEED(tlog_open(&o, NULL, &w) == SC_OK);
		CHECK(tlog_next(w) == 5);
		tlog_close(w);
	}
}

/* ---- when it is written ------------------------------------------------------------------ */

#define NEVER 3600000u /* ms: longer than any test */

/* What is not urgent waits for company; urgency, a full batch and the end do not. */
static void test_when(void)
{
	struct tlog_options o = options(dir, NULL);
	static uint8_t big[65534]; /* with its length 65,536 bytes */
	struct tlog_status st;
	struct tlog *w;
	uint64_t index;

	fresh();
	o.delay_ms = NEVER;
	NEED(tlog_open(&o, NULL, &w) == SC_OK);
	CHECK(append(w, 0, 2, false));
	usleep(30000);
	tlog_status(w, &st);
	CHECK(st.durable == 0 && st.commits == 0);
	CHECK(append(w, 2, 1, true)); /* takes those before it along */
	WAIT(tlog_durable(w) == 3);
	tlog_status(w, &st);
	CHECK(st.commits == 1);
	/* the urgency went with its batch */
	CHECK(append(w, 3, 2, false));
	usleep(30000);
	CHECK(tlog_durable(w) == 3);
	tlog_close(w);
	CHECK(tree_is(dir, 5, 0, NULL));
	NEED(tlog_open(&o, NULL, &w) == SC_OK);
	CHECK(tlog_next(w) == 5);
	/* WRITER_FULL is half a megabyte, which eight of these fill; also between gather and go */
	for (uint64_t n = 5; n < 5 + 2 * 9; n += 9) {
		if (n > 5)
			tlog_gather(w);
		for (unsigned i = 0; i < 8; i++)
			CHECK(tlog_append(w, sc_span(big, sizeof(big)), false, &index) == SC_OK);
		usleep(30000);
		CHECK(tlog_durable(w) == n);
		CHECK(tlog_append(w, sc_span("x", 1), false, &index) == SC_OK);
		WAIT(tlog_durable(w) > n);
		tlog_go(w);
		CHECK(tlog_append(w, sc_span("x", 1), true, &index) == SC_OK);
		WAIT(tlog_durable(w) == n + 10);
		n++;
	}
	tlog_close(w);
	/* no batch was longer than a segment */
	NEED(tlog_open(&o, NULL, &w) == SC_OK);
	CHECK(tlog_next(w) == 25);
	tlog_close(w);
}

static void *close_main(void *w)
{
	tlog_close(w);
	return NULL;
}

/* Closing waits for the write under way, and then for the tree, though nothing else wakes it. */
static void test_close_waits(void)
{
	struct tlog_options o = options(dir, NULL);
	struct disk_rule *r;
	struct tlog *w;
	pthread_t t;

	fresh();
	o.publish_ms = NEVER;
	NEED(tlog_open(&o, NULL, &w) == SC_OK);
	r = disk_rule(disk, 0, DISK_BLOCK, DISK_WRITE, "log/journal.*");
	CHECK(append(w, 0, 3, true));
	NEED(disk_waits(r));
	NEED(pthread_create(&t, NULL, close_main, w) == 0);
	usleep(30000); /* the publisher has seen that it is to end, and waits for the rest */
	disk_release(r);
	pthread_join(t, NULL);
	CHECK(tree_is(dir, 3, 0, NULL));
}

/* Not urgent and delay_ms old: written then, without anybody's help. */
static void test_delay(void)
{
	struct tlog_options o = options(dir, NULL);
	struct tlog *w;

	fresh();
	o.delay_ms = 100;
	o.publish_ms = NEVER;
	NEED(tlog_open(&o, NULL, &w) == SC_OK);
	for (uint64_t n = 0; n < 3; n++) {
		CHECK(append(w, n, 1, false));
		WAIT(tlog_durable(w) == n + 1);
	}
	tlog_close(w);
}

/* A full journal waits for the tree, calls for it, and overwrites nothing that is not in it. */
static void test_journal_full(void)
{
	struct tlog_options o = options(dir, NULL);
	struct disk_rule *r;
	struct tlog_status st;
	struct tlog *w;
	uint64_t n, fits = 2 * JOURNAL_MIN / JOURNAL_BLOCK;

	fresh();
	o.publish_ms = NEVER;
	NEED(tlog_open(&o, NULL, &w) == SC_OK);
	r = disk_rule(disk, 0, DISK_BLOCK, DISK_SYNC, "log/state.tmp");
	for (n = 0; n < fits; n++) { /* a block each */
		CHECK(append(w, n, 1, true));
		WAIT(tlog_durable(w) == n + 1);
	}
	CHECK(append(w, n, 1, true));
	NEED(disk_waits(r)); /* the publisher was called, and is held back */
	usleep(20000);
	tlog_status(w, &st);
	CHECK(st.durable == fits && st.published == 0 && !st.failed);
	disk_release(r);
	WAIT(tlog_durable(w) == fits + 1);
	tlog_status(w, &st);
	CHECK(st.published > 0 && !st.failed);
	for (n = fits + 1; n < 3 * fits; n++) {
		CHECK(append(w, n, 1, true));
		WAIT(tlog_durable(w) == n + 1);
	}
	tlog_close(w);
	CHECK(tree_is(dir, 3 * fits, 0, NULL));
}

/* A full journal and a tree that cannot be written: the log ends, and its threads do. */
static void test_journal_full_for_good(void)
{
	struct tlog_options o = options(dir, NULL);
	_Atomic unsigned calls = 0;
	struct tlog_status st;
	struct disk_rule *r;
	struct tlog *w;
	uint64_t n;

	fresh();
	o.publish_ms = NEVER;
	NEED(tlog_open(&o, NULL, &w) == SC_OK);
	NEED(tlog_on_durable(w, count_call, &calls) == SC_OK);
	r = disk_rule(disk, 0, DISK_BLOCK, DISK_WRITE, "log/tile/*");
	for (n = 0; n < 2 * JOURNAL_MIN / JOURNAL_BLOCK; n++) {
		CHECK(append(w, n, 1, true));
		WAIT(tlog_durable(w) == n + 1);
	}
	CHECK(append(w, n, 1, true));
	NEED(disk_waits(r));
	CHECK(!tlog_failed(w));
	atomic_store(&r->act, DISK_FAIL);
	WAIT(tlog_failed(w));
	tlog_status(w, &st);
	CHECK(strncmp(st.why.file, "tile/", 5) == 0 && st.durable == n);
	disk_release(r);
	tlog_close(w);
	CHECK(atomic_load(&calls) == st.commits + 1); /* told of each commit, and once of the end */
	o = options(dir, NULL);
	NEED(tlog_open(&o, NULL, &w) == SC_OK);
	CHECK(tlog_next(w) == st.durable);
	tlog_close(w);
	CHECK(tree_is(dir, st.durable, 0, NULL));
}

/* More than 16,384 entries that are not in the tree: it does not wait for its time. */
static void test_backlog(void)
{
	struct tlog_options o = options(dir, NULL);
	struct tlog_status st;
	struct tlog *w;
	uint64_t index;

	fresh();
	o.publish_ms = NEVER;
	o.journal_bytes = (size_t)1 << 20;
	NEED(tlog_open(&o, NULL, &w) == SC_OK);
	for (unsigned i = 0; i <= 16384; i++)
		CHECK(tlog_append(w, sc_span("x", 1), i == 16384, &index) == SC_OK);
	/* all, or what the publisher saw at its first look, which comes when it comes */
	WAIT((tlog_status(w, &st), st.durable == st.next && st.published > 0));
	usleep(30000);
	tlog_status(w, &st);
	for (uint64_t i = st.published + 16384 - st.next; i > 0; i--)
		CHECK(tlog_append(w, sc_span("x", 1), i == 1, &index) == SC_OK);
	WAIT((tlog_status(w, &st), st.durable == st.next));
	usleep(30000);
	tlog_status(w, &st);
	CHECK(st.durable - st.published == 16384);
	CHECK(tlog_append(w, sc_span("x", 1), true, &index) == SC_OK);
	WAIT((tlog_status(w, &st), st.published == st.next));
	tlog_close(w);
}

/* ---- every power cut of a run ----------------------------------------------------------- */

/* What the program was told, and by how many calls it was true. */
struct fact {
	uint64_t calls, durable, size;
	struct merkle_hash root;
};
static struct fact facts[4096];
static size_t n_facts;

static void learn(struct tlog *w)
{
	struct fact *f = &facts[n_facts];
	struct note_head head;
	struct sc_buf text;
	struct note note;

	sc_buf_init(&text, NOTE_MAX);
	f->durable = tlog_durable(w);
	f->size = 0;
	if (tlog_checkpoint(w, &text) != SC_OK)
		abort();
	if (text.n > 0) {
		if (note_parse(sc_buf_span(&text), &note) != SC_OK ||
		    note_head_parse(note.text, &head) != SC_OK)
			abort();
		f->size = head.size;
		memcpy(f->root.b, head.root, sizeof(f->root.b));
	}
	/* after looking: whatever made it true was done by then */
	f->calls = atomic_load(&disk->ops);
	if (n_facts + 1 < sizeof(facts) / sizeof(facts[0]))
		n_facts++;
	sc_buf_fini(&text);
}

/*
 * A new log, appended to in bursts over a whole tile, closed, opened, appended to.
 * Once a folder cannot be synced: the second attempt must make up for the first.
 */
static void run(void)
{
	struct heads h = { .n = 0 };
	struct tlog_options o = options(dir, &h);
	struct disk_rule *r = disk_rule(disk, 0, DISK_FAIL, DISK_SYNC, "log/tile");
	struct tlog *w;
	uint64_t n = 0;

	r->err = ENOSPC;
	r->count = 1;
	n_facts = 0;
	for (unsigned life = 0; life < 2; life++) {
		NEED(tlog_open(&o, NULL, &w) == SC_OK);
		learn(w);
		for (unsigned burst = 0; burst < 22; burst++) {
			CHECK(append(w, n, 1 + burst % 13, burst % 3 != 2));
			n += 1 + burst % 13;
			WAIT(tlog_durable(w) == n);
			learn(w);
			if (burst % 4 == 3)
				usleep(12000);
			learn(w);
		}
		tlog_close(w);
	}
	CHECK(h.refused == 0 && n > TILE_WIDTH && atomic_load(&r->hits) == 1);
	disk_release(r);
}

/* Recover the tree in WHERE and hold it against what was told by CUT calls. */
static bool recovers(const char *where, size_t cut, char why[static 700])
{
	struct heads h = { .n = 0 };
	struct tlog_options o = options(where, &h);
	const struct fact *f = NULL;
	uint64_t next;
	struct sc_diag d;
	struct tlog *w;
	enum sc_err err;

	for (size_t i = 0; i < n_facts && facts[i].calls <= cut; i++)
		f = &facts[i];
	if ((err = tlog_open(&o, &d, &w)) != SC_OK) {
		snprintf(why, 700, "does not open (%s): %s: %s", sc_err_name(err), d.file, d.text);
		return false;
	}
	next = tlog_next(w);
	if (f != NULL && next < f->durable) {
		snprintf(why, 700, "%llu entries were durable, %llu are left",
		    (unsigned long long)f->durable, (unsigned long long)next);
		tlog_close(w);
		return false;
	}
	if (!append(w, next, 1, true)) {
		snprintf(why, 700, "takes no entry");
		tlog_close(w);
		return false;
	}
	tlog_close(w);
	if (tree_is(where, next + 1, f == NULL ? 0 : f->size, f == NULL ? NULL : &f->root))
		return true;
	snprintf(why, 700, "the tree is another one");
	return false;
}

static void test_every_cut(void)
{
	const bool deep = getenv("DEEP") != NULL;
	char out[128], where[160], why[700], what[300];
	struct disk_story *s;
	unsigned bad = 0, cuts = 0;

	fresh();
	run();
	NEED((s = disk_story_new(control, NULL)) != NULL);
	snprintf(out, sizeof(out), "%s/cut", base);
	snprintf(where, sizeof(where), "%s/log", out);
	for (size_t cut = 0; cut <= disk_story_length(s) && bad < 5; cut++)
		for (unsigned k = 0; k < (deep ? 3 * LUCK_COUNT : 1) && bad < 5; k++) {
			unsigned luck = (unsigned)(cut + k) % LUCK_COUNT;

			disk_remove(out, true);
			NEED(mkdir(out, 0700) == 0);
			NEED(disk_story_cut(s, cut, (enum disk_luck)luck, 1000 * k + cut, out));
			cuts++;
			if (recovers(where, cut, why))
				continue;
			disk_story_tell(s, cut, what, sizeof(what));
			printf("# cut %zu before '%s', luck %u: %s\n", cut, what, luck, why);
			bad++;
		}
	printf("# %zu calls, %zu facts, %u cuts\n", disk_story_length(s), n_facts, cuts);
	CHECK(bad == 0 && cuts > 300);
	disk_story_free(s);
}

int main(void)
{
	log_setup("test", LOG_ERROR);
	make_key();
	if (!disk_folder(base))
		return 1;
	snprintf(root, sizeof(root), "%s/root", base);
	snprintf(dir, sizeof(dir), "%s/log", root);
	snprintf(control, sizeof(control), "%s/control", base);
	RUN(test_not_before_the_write, "nothing is called durable while its write is held back");
	RUN(test_refused_write,
	    "a journal that cannot be written ends the log, nothing more is durable");
	RUN(test_torn_write, "a torn batch is passed over, what was durable is there");
	RUN(test_no_direct, "without O_DIRECT the journal is written all the same");
	RUN(test_when, "urgency, a full batch and the end write at once, nothing else does");
	RUN(test_close_waits, "closing waits for the write under way");
	RUN(test_delay, "what is not urgent is written when its time has come");
	RUN(test_journal_full, "a full journal waits for the tree and overwrites nothing");
	RUN(test_journal_full_for_good,
	    "a full journal beside a tree that cannot grow ends the log");
	RUN(test_backlog, "a backlog calls for the tree before its time");
	RUN(test_every_cut,
	    "after every power cut all that was durable is there, under every head seen");
	disk_free(disk);
	disk_remove(base, true);
	return tap_done();
}
