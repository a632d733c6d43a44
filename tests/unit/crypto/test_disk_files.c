/*
 * test_disk_files.c - durable files and the journal's, call by call: what each
 * refused call is told as, that nothing stays open, and what a power cut leaves.
 */
#include "crypto/tlog/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "crypto/tlog/journal.h"
#include "disk/disk.h"
#include "disk/rebuild.h"
#include "tap.h"

static char base[64], root[128], control[128];
static struct disk_control *disk;
static int rootfd = -1;

static void fresh(void)
{
	if (rootfd >= 0)
		close(rootfd);
	disk_free(disk);
	disk_remove(root, true);
	if (mkdir(root, 0700) != 0 || (disk = disk_new(control)) == NULL ||
	    !disk_attach(control, root) || (rootfd = open(root, O_RDONLY | O_DIRECTORY)) < 0)
		abort();
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

static bool holds(const char *path, const char *want)
{
	uint8_t got[300];
	size_t n = sizeof(got);
	bool found;

	return files_read(rootfd, path, got, &n, &found, NULL) == SC_OK && found &&
	    sc_span_is(sc_span(got, n), want);
}

/* What the disk has of PATH when the power goes now. NULL: nothing. */
static const char *after_a_cut(const char *path)
{
	static char text[300];
	char out[128], whole[300];
	struct disk_story *s = disk_story_new(control, NULL);
	ssize_t n = -1;
	int fd;

	snprintf(out, sizeof(out), "%s/cut", base);
	disk_remove(out, true);
	if (s == NULL || mkdir(out, 0700) != 0 ||
	    !disk_story_cut(s, disk_story_length(s), LUCK_LOSE, 0, out))
		abort();
	disk_story_free(s);
	snprintf(whole, sizeof(whole), "%s/%s", out, path);
	if ((fd = open(whole, O_RDONLY)) >= 0) {
		n = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	if (n < 0)
		return NULL;
	text[n] = '\0';
	return text;
}

/* D says of FILE that WHAT, because of ERR. */
static bool says(const struct sc_diag *d, const char *file, const char *what, int err)
{
	char want[300];

	snprintf(want, sizeof(want), "%s: %s", what, strerror(err));
	return strcmp(d->file, file) == 0 && strcmp(d->text, want) == 0;
}

/* The permissions of PATH, when nothing is masked. */
static bool mode_is(const char *path, mode_t want)
{
	struct stat st;

	return fstatat(rootfd, path, &st, 0) == 0 && (st.st_mode & 07777) == want;
}

static bool is(const char *got, const char *want)
{
	return got == NULL || want == NULL ? got == want : strcmp(got, want) == 0;
}

/* ---- replacing ---------------------------------------------------------------------- */

static void test_replace(void)
{
	static const struct {
		uint32_t ops;
		const char *file, *text;
	} t[] = {
		{ DISK_OPEN, "x.tmp", "cannot be made" },
		{ DISK_WRITE, "x.tmp", "cannot be written" },
		{ DISK_SYNC, "x.tmp", "cannot be written" },
		{ DISK_NAME, "x", "cannot be replaced" },
		{ DISK_SYNC, "", "cannot be replaced" },
	};
	static const int errors[] = { EIO, ENOSPC, EDQUOT, EFBIG, EACCES };
	unsigned before;

	fresh();
	before = open_files();
	CHECK(files_replace(rootfd, "x", sc_span_str("one"), NULL) == SC_OK);
	CHECK(holds("x", "one") && mode_is("x", 0640));
	CHECK(is(after_a_cut("x"), "one") && after_a_cut("x.tmp") == NULL);
	for (unsigned i = 0; i < 5; i++)
		for (unsigned k = 0; k < 5; k++) {
			struct disk_rule *r = disk_rule(disk, 0, DISK_FAIL, t[i].ops, t[i].file);
			struct sc_diag d = { .text = "" };

			r->err = errors[k];
			r->count = 1;
			CHECK(files_replace(rootfd, "x", sc_span_str("two"), &d) ==
			    (k >= 1 && k <= 3 ? SC_LIMIT : SC_IO));
			CHECK(says(&d, "x", t[i].text, errors[k]));
			CHECK(files_replace(rootfd, "x", sc_span_str("one"), NULL) == SC_OK);
			disk_release(r);
			/* the old or the new one, and no rubbish */
			CHECK(holds("x", "one") && faccessat(rootfd, "x.tmp", F_OK, 0) != 0);
		}
	CHECK(is(after_a_cut("x"), "one"));
	CHECK(open_files() == before);
}

/* ---- sets --------------------------------------------------------------------------- */

static void test_set(void)
{
	static const char *const paths[] = { "a/b/c/one", "a/b/two", "a/three", "four",
		"a/b/c/five" };
	struct files_set s;
	struct sc_diag d;
	unsigned before;

	fresh();
	before = open_files();
	files_set_init(&s, rootfd);
	for (unsigned i = 0; i < 5; i++)
		CHECK(files_set_write(&s, paths[i], sc_span_str(paths[i]), &d) == SC_OK);
	for (unsigned i = 0; i < 5; i++)
		CHECK(holds(paths[i], paths[i]) && after_a_cut(paths[i]) == NULL);
	CHECK(files_set_sync(&s, &d) == SC_OK && s.n == 0 && s.n_dirs == 0);
	CHECK(mode_is("four", 0640) && mode_is("a", 0750) && mode_is("a/b/c", 0750));
	for (unsigned i = 0; i < 5; i++)
		CHECK(is(after_a_cut(paths[i]), paths[i]));
	/* written over, shorter */
	CHECK(files_set_write(&s, "four", sc_span_str("4"), &d) == SC_OK);
	CHECK(files_set_sync(&s, &d) == SC_OK && is(after_a_cut("four"), "4"));
	/* given up: nothing is open, nothing is durable */
	CHECK(files_set_write(&s, "six", sc_span_str("6"), &d) == SC_OK);
	files_set_drop(&s);
	CHECK(s.n == 0 && open_files() == before && after_a_cut("six") == NULL);
}

/* It syncs by itself when it is full, before one more is opened. */
static void test_full_set(void)
{
	struct files_set s;
	char path[64];
	struct sc_diag d;

	fresh();
	files_set_init(&s, rootfd);
	for (unsigned i = 0; i <= FILES_SET_MAX; i++) {
		snprintf(path, sizeof(path), "f%u", i);
		CHECK(files_set_write(&s, path, sc_span_str(path), &d) == SC_OK);
		CHECK(s.n == (i < FILES_SET_MAX ? i + 1 : 1));
		CHECK(s.n_dirs == 1);
	}
	CHECK(is(after_a_cut("f0"), "f0") && is(after_a_cut("f63"), "f63"));
	CHECK(after_a_cut("f64") == NULL);
	CHECK(files_set_sync(&s, &d) == SC_OK && is(after_a_cut("f64"), "f64"));
	/* many folders: 120 of 128 leave room for one more path's */
	for (unsigned i = 0; i < 40; i++) {
		snprintf(path, sizeof(path), "d%u/e/f/g/file", i);
		CHECK(files_set_write(&s, path, sc_span_str(path), &d) == SC_OK);
		CHECK(s.n_dirs <= 2 * FILES_SET_MAX);
	}
	CHECK(s.n == 10); /* for the 31st there was no room */
	CHECK(files_set_sync(&s, &d) == SC_OK);
	for (unsigned i = 0; i < 40; i++) {
		snprintf(path, sizeof(path), "d%u/e/f/g/file", i);
		CHECK(is(after_a_cut(path), path));
	}
}

static void test_set_refused(void)
{
	static const struct {
		uint32_t ops;
		const char *file, *text, *named;
		bool writing;
	} t[] = {
		{ DISK_NAME, "a", "cannot make its folder", "a/b/x", true },
		{ DISK_NAME, "a/b", "cannot make its folder", "a/b/x", true },
		{ DISK_OPEN, "a/b/x", "cannot be made", "a/b/x", true },
		{ DISK_WRITE, "a/b/x", "cannot be written", "a/b/x", true },
		{ DISK_SYNC, "a/b/x", "cannot be synced", "tile", false },
		{ DISK_SYNC, "a/b", "folder cannot be synced", "a/b", false },
		{ DISK_SYNC, "a", "folder cannot be synced", "a", false },
		{ DISK_SYNC, "", "folder cannot be synced", ".", false },
		{ DISK_OPEN, "a/b", "folder cannot be synced", "a/b", false },
	};
	static const int errors[] = { EIO, ENOSPC };

	for (unsigned i = 0; i < 9; i++)
		for (unsigned k = 0; k < 2; k++) {
			struct sc_diag d = { .text = "" };
			enum sc_err err, want = k == 0 ? SC_IO : SC_LIMIT;
			struct disk_rule *r;
			struct files_set s;
			unsigned before;

			fresh();
			before = open_files();
			files_set_init(&s, rootfd);
			r = disk_rule(disk, 0, DISK_FAIL, t[i].ops, t[i].file);
			r->err = errors[k];
			r->count = 1;
			err = files_set_write(&s, "a/b/x", sc_span_str("x"), &d);
			CHECK(err == (t[i].writing ? want : SC_OK));
			if (err == SC_OK)
				CHECK(files_set_sync(&s, &d) == want);
			CHECK(says(&d, t[i].named, t[i].text, errors[k]));
			files_set_drop(&s);
			CHECK(open_files() == before);
			/* what the first attempt made and did not sync, the second one does */
			CHECK(files_set_write(&s, "a/b/x", sc_span_str("y"), &d) == SC_OK);
			CHECK(files_set_sync(&s, &d) == SC_OK);
			CHECK(is(after_a_cut("a/b/x"), "y") && open_files() == before);
			disk_release(r);
		}
}

/* ---- reading and recognising ------------------------------------------------------------ */

static void test_read(void)
{
	uint8_t p[10];
	struct sc_diag d;
	unsigned before;
	bool found;
	size_t n;

	fresh();
	before = open_files();
	n = sizeof(p);
	CHECK(files_read(rootfd, "x", p, &n, &found, &d) == SC_OK && !found && n == 0);
	for (unsigned len = 0; len <= 12; len++) {
		CHECK(files_replace(rootfd, "x", sc_span("abcdefghijkl", len), NULL) == SC_OK);
		n = sizeof(p);
		d.file[0] = '\0';
		if (len <= sizeof(p)) {
			CHECK(files_read(rootfd, "x", p, &n, &found, &d) == SC_OK && found);
			CHECK(n == len && memcmp(p, "abcdefghijkl", len) == 0);
		} else {
			CHECK(files_read(rootfd, "x", p, &n, &found, &d) == SC_CORRUPT && n == 0);
			CHECK(strcmp(d.file, "x") == 0 && strcmp(d.text, "is too long") == 0);
			n = sizeof(p);
			CHECK(files_read(rootfd, "x", p, &n, &found, NULL) == SC_CORRUPT);
		}
	}
	NEED(mkdirat(rootfd, "dir", 0700) == 0);
	n = sizeof(p);
	CHECK(files_read(rootfd, "dir", p, &n, &found, &d) == SC_IO && n == 0);
	CHECK(strcmp(d.file, "dir") == 0 && strstr(d.text, "cannot be read") != NULL);
	n = sizeof(p);
	CHECK(files_read(rootfd, "x/y", p, &n, &found, &d) == SC_IO && !found);
	CHECK(strstr(d.text, "cannot be opened") != NULL);
	NEED(symlinkat("x", rootfd, "link") == 0);
	n = sizeof(p);
	CHECK(files_read(rootfd, "link", p, &n, &found, &d) == SC_IO && !found);
	CHECK(open_files() == before);
}

static const char *told(const struct files_print *was, bool times)
{
	static struct sc_diag d;

	memset(&d, 0, sizeof(d));
	if (files_print_same(rootfd, "x", was, times, &d))
		return "the same";
	CHECK(!files_print_same(rootfd, "x", was, times, NULL));
	CHECK(strcmp(d.file, "x") == 0);
	return d.text;
}

static void test_print(void)
{
	struct timespec t[2] = { { 1000, 5 }, { 2000, 7 } };
	struct files_print was;

	fresh();
	CHECK(files_print_take(rootfd, "x", &was) == SC_IO);
	CHECK(files_replace(rootfd, "x", sc_span_str("one"), NULL) == SC_OK);
	NEED(utimensat(rootfd, "x", t, 0) == 0);
	NEED(files_print_take(rootfd, "x", &was) == SC_OK && was.size == 3);
	CHECK(is(told(&was, true), "the same"));
	t[1].tv_nsec++;
	NEED(utimensat(rootfd, "x", t, 0) == 0);
	CHECK(is(told(&was, true), "was edited while the log was open"));
	CHECK(is(told(&was, false), "the same"));
	t[1].tv_nsec--;
	t[1].tv_sec++;
	NEED(utimensat(rootfd, "x", t, 0) == 0);
	CHECK(is(told(&was, true), "was edited while the log was open"));
	was.dev++;
	CHECK(is(told(&was, false), "was replaced while the log was open"));
	was.dev--;
	was.size++;
	CHECK(is(told(&was, false), "was cut or extended while the log was open"));
	was.size--;
	was.ino++;
	CHECK(is(told(&was, false), "was replaced while the log was open"));
	NEED(unlinkat(rootfd, "x", 0) == 0);
	CHECK(is(told(&was, false), "was deleted while the log was open"));
	CHECK(!files_print_same(rootfd, "x/y", &was, false, NULL));
}

/* ---- the journal's files ------------------------------------------------------------------- */

static bool journal_exists(void)
{
	return faccessat(rootfd, "journal.0", F_OK, 0) == 0 ||
	    faccessat(rootfd, "journal.1", F_OK, 0) == 0;
}

static void test_journal_made(void)
{
	static const struct {
		uint32_t ops;
		const char *file, *named, *text;
		uint32_t first;
	} t[] = {
		{ DISK_OPEN, "journal.0", "journal.0", "cannot be made", 0 },
		{ DISK_WRITE, "journal.0", "journal.0", "cannot be filled", 0 },
		{ DISK_WRITE, "journal.1", "journal.1", "cannot be filled", 1 },
		{ DISK_SYNC, "journal.0", "journal.0", "cannot be synced", 0 },
		{ DISK_SYNC, "journal.1", "journal.1", "cannot be synced", 0 },
		{ DISK_SYNC, "", "journal.0", "cannot be synced", 0 },
	};
	const size_t size = JOURNAL_MIN + JOURNAL_BLOCK; /* not a whole number of steps */
	struct disk_story *s;
	struct stat st;
	unsigned before;
	char path[200];

	fresh();
	before = open_files();
	CHECK(!journal_exists());
	for (unsigned i = 0; i < 6; i++) {
		struct sc_diag d = { .text = "" };
		struct disk_rule *r = disk_rule(disk, 0, DISK_FAIL, t[i].ops, t[i].file);

		r->first = t[i].first;
		CHECK(journal_make(rootfd, size, &d) == SC_IO);
		CHECK(says(&d, t[i].named, t[i].text, EIO));
		CHECK(open_files() == before);
		disk_release(r);
	}
	fresh();
	before = open_files();
	CHECK(journal_make(rootfd, size, NULL) == SC_OK && open_files() == before);
	CHECK(journal_exists() && mode_is("journal.0", 0640) && mode_is("journal.1", 0640));
	NEED((s = disk_story_new(control, NULL)) != NULL);
	snprintf(path, sizeof(path), "%s/cut", base);
	disk_remove(path, true);
	NEED(mkdir(path, 0700) == 0 && disk_story_cut(s, disk_story_length(s), LUCK_LOSE, 0, path));
	disk_story_free(s);
	for (unsigned i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/cut/journal.%u", base, i);
		CHECK(stat(path, &st) == 0 && st.st_size == (off_t)size);
	}
	/* either is enough to say that there was one */
	NEED(unlinkat(rootfd, "journal.0", 0) == 0);
	CHECK(journal_exists());
	NEED(journal_make(rootfd, size, NULL) == SC_OK && unlinkat(rootfd, "journal.1", 0) == 0);
	CHECK(journal_exists());
}

static void test_journal_opened(void)
{
	struct journal j;
	struct sc_diag d;
	unsigned before;

	fresh();
	before = open_files();
	CHECK(
	    journal_open(rootfd, JOURNAL_MIN, &j, &d) == SC_IO && strcmp(d.file, "journal.0") == 0);
	CHECK(j.buf == NULL && j.fd[0] == -1 && j.fd[1] == -1 && open_files() == before);
	NEED(journal_make(rootfd, JOURNAL_MIN, NULL) == SC_OK);
	NEED(journal_open(rootfd, JOURNAL_MIN, &j, &d) == SC_OK && open_files() == before + 2);
	CHECK((uintptr_t)j.buf % JOURNAL_BLOCK == 0);
	CHECK(malloc_usable_size(j.buf) >= JOURNAL_BATCH_MAX);
	for (unsigned i = 0; i < 2; i++)
		CHECK((fcntl(j.fd[i], F_GETFL) & O_DSYNC) != 0 &&
		    (fcntl(j.fd[i], F_GETFD) & FD_CLOEXEC) != 0);
	journal_close(&j);
	CHECK(j.fd[0] == -1 && j.fd[1] == -1 && j.buf == NULL && open_files() == before);
	journal_close(&j); /* once more does no harm */
	NEED(unlinkat(rootfd, "journal.1", 0) == 0);
	CHECK(
	    journal_open(rootfd, JOURNAL_MIN, &j, &d) == SC_IO && strcmp(d.file, "journal.1") == 0);
	CHECK(open_files() == before);
}

/* Each way of finding out that there is no O_DIRECT, in either segment. */
static void test_journal_direct(void)
{
	static const struct {
		const char *file;
		uint32_t first;
		bool opens_direct;
	} t[] = {
		{ "journal.0", 0, false },
		{ "journal.1", 0, false },
		{ "journal.0", 1, true },
	};
	struct journal j;

	for (unsigned i = 0; i < 3; i++) {
		struct disk_rule *r;
		uint8_t entry[6] = { 0, 4, 't', 'e', 's', 't' };

		fresh();
		NEED(journal_make(rootfd, JOURNAL_MIN, NULL) == SC_OK);
		r = disk_rule(disk, 0, DISK_FAIL, DISK_DIRECT, t[i].file);
		r->first = t[i].first;
		r->err = EINVAL;
		NEED(journal_open(rootfd, JOURNAL_MIN, &j, NULL) == SC_OK);
		CHECK(j.direct == t[i].opens_direct);
		journal_begin(&j, 0);
		journal_add(&j, sc_span(entry, 6), 1);
		r->count = 2; /* direct or not is in the test disk's memory since opening */
		CHECK(journal_write(&j, 0, NULL) == (i == 2 ? SC_IO : SC_OK));
		CHECK(!j.direct);
		if (i == 2) {
			CHECK((fcntl(j.fd[0], F_GETFL) & O_DIRECT) == 0 &&
			    (fcntl(j.fd[1], F_GETFL) & O_DIRECT) == 0);
			disk_release(r);
			CHECK(journal_write(&j, 0, NULL) == SC_OK);
		}
		journal_close(&j);
	}
}

/* A write that is cut short, or interrupted, or finds no space. */
static void test_journal_written(void)
{
	static const struct {
		int err;
		enum sc_err want;
	} t[] = {
		{ EIO, SC_IO },
		{ ENOSPC, SC_LIMIT },
		{ EINVAL, SC_IO },
	};
	uint8_t entry[6] = { 0, 4, 't', 'e', 's', 't' };
	struct disk_rule *r;
	struct sc_diag d;
	struct journal j;

	fresh();
	NEED(journal_make(rootfd, JOURNAL_MIN, NULL) == SC_OK);
	NEED(journal_open(rootfd, JOURNAL_MIN, &j, NULL) == SC_OK);
	for (unsigned i = 0; i < 3; i++) {
		journal_begin(&j, 0);
		journal_add(&j, sc_span(entry, 6), 1);
		r = disk_rule(disk, 0, DISK_FAIL, DISK_WRITE, "journal.*");
		r->err = t[i].err;
		CHECK(journal_write(&j, 0, &d) == t[i].want);
		CHECK(says(&d, "journal.0", "cannot be written", t[i].err));
		CHECK(j.used[0] == 0 && j.end[0] == 0);
		disk_release(r);
	}
	r = disk_rule(disk, 0, DISK_FAIL, DISK_WRITE, "journal.*");
	r->err = EINTR;
	r->count = 3;
	CHECK(journal_write(&j, 0, &d) == SC_OK && atomic_load(&r->hits) == 3);
	CHECK(j.used[0] == JOURNAL_BLOCK && j.end[0] == 1 && j.active == 0);
	disk_release(r);
	journal_close(&j);
}

int main(void)
{
	umask(0);
	if (!disk_folder(base))
		return 1;
	snprintf(root, sizeof(root), "%s/root", base);
	snprintf(control, sizeof(control), "%s/control", base);
	RUN(test_replace, "replacing is all or nothing, durable, and told when it fails");
	RUN(test_set, "a set is durable when it is synced, its folders too");
	RUN(test_full_set, "a full set syncs itself");
	RUN(test_set_refused, "every refused call is told, and the next attempt makes up for it");
	RUN(test_read, "what is read is whole, or told");
	RUN(test_print, "a file that changed is told from one that did not");
	RUN(test_journal_made, "the journal's files are there, whole and durable, or it is told");
	RUN(test_journal_opened,
	    "the journal is opened for synchronous writing, or nothing stays open");
	RUN(test_journal_direct, "without O_DIRECT it does without, however that is found out");
	RUN(test_journal_written,
	    "a batch that is not written whole is told, and room is not used up");
	close(rootfd);
	disk_free(disk);
	disk_remove(base, true);
	return tap_done();
}
