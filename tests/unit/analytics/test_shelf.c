/*
 * test_shelf.c - a release is made whole or not at all, and opened only as it was made.
 */
#include "analytics/shelf/shelf.h"

#include "shelf_rig.h"
#include "tap.h"

#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

static char base[] = "/tmp/scrim-shelf-XXXXXX";
static char root[64], folder[256];
static struct sc_diag diag;
static uint8_t sha256[SHELF_SHA_BYTES];
static unsigned roots;

/* A shelf of its own with release 1 on it. */
static void fresh(void)
{
	snprintf(root, sizeof(root), "%s/%u", base, roots++);
	CHECK(rig_release(root, 1, &diag, sha256) == SC_OK);
	CHECK(shelf_path(root, RIG_DATASET, 1, folder, sizeof(folder)) == SC_OK);
}

static const char *at(const char *name)
{
	static char path[2][PATH_MAX];
	static unsigned turn;

	turn ^= 1;
	snprintf(path[turn], sizeof(path[0]), "%s/%s", folder, name);
	return path[turn];
}

static bool put(const char *path, const char *text)
{
	int fd;
	bool ok;

	(void)unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	if (fd >= 0)
		close(fd);
	return ok;
}

/* What comes of opening the release, whose diagnosis must name FILE and say WHAT. */
static bool refused(enum sc_err err, const char *file, const char *what)
{
	struct shelf_release r;
	enum sc_err got;

	diag = (struct sc_diag){ 0 };
	got = shelf_release_open(folder, &diag, &r);
	if (got == err && strstr(diag.file, file) != NULL && strstr(diag.text, what) != NULL &&
	    r.folder == NULL)
		return true;
	printf("# %s: %s: %s\n", sc_err_name(got), diag.file, diag.text);
	shelf_release_fini(&r);
	return false;
}

static void test_made(void)
{
	struct shelf_release r;
	struct stat st;

	fresh();
	NEED(shelf_release_open(folder, &diag, &r) == SC_OK);
	CHECK(memcmp(r.sha256, sha256, sizeof(sha256)) == 0 && !r.has_receipt);
	CHECK(strcmp(r.manifest.dataset.s, RIG_DATASET) == 0 && r.manifest.number == 1);
	CHECK(r.manifest.n_tables == 2 && r.manifest.tables[0].rows == 4 &&
	    r.manifest.tables[1].rows == 2);
	CHECK(r.manifest.n_files == 2 && strcmp(r.manifest.files[0].name, SHELF_DB) == 0 &&
	    strcmp(r.manifest.files[1].name, "report.json") == 0 &&
	    r.manifest.files[1].bytes == strlen(RIG_REPORT));
	CHECK(r.manifest.tables[0].columns[1].role == SHELF_SENSITIVE && r.manifest.n_rules == 1);
	CHECK(stat(at(SHELF_DB), &st) == 0 && (st.st_mode & 07777) == 0444 &&
	    (uint64_t)st.st_size == r.manifest.files[0].bytes);
	CHECK(stat(at(SHELF_MANIFEST), &st) == 0 && (st.st_mode & 07777) == 0444);
	shelf_release_fini(&r);
	strcat(folder, "//");
	CHECK(shelf_release_open(folder, &diag, &r) == SC_OK);
	shelf_release_fini(&r);
	snprintf(folder, sizeof(folder), "%s/%s/.making", root, RIG_DATASET);
	CHECK(access(folder, F_OK) != 0);
}

static int collect(void *arg, int n, char **v, char **names)
{
	char *out = arg;

	(void)names;
	for (int i = 0; i < n; i++)
		snprintf(out + strlen(out), 4096 - strlen(out), "%s%s", v[i],
		    i + 1 == n ? ";" : ",");
	return 0;
}

static bool answers(const char *sql, const char *want)
{
	char got[4096] = "", uri[PATH_MAX];
	sqlite3 *db = NULL;
	bool ok;

	snprintf(uri, sizeof(uri), "file:%s?immutable=1", at(SHELF_DB));
	ok = sqlite3_open_v2(uri, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL) == SQLITE_OK &&
	    sqlite3_exec(db, sql, collect, got, NULL) == SQLITE_OK && strcmp(got, want) == 0;
	if (!ok)
		printf("# %s: %s %s\n", sql, got, sqlite3_errmsg(db));
	sqlite3_close(db);
	return ok;
}

static void test_database(void)
{
	fresh();
	CHECK(answers("select * from people", "20-29,3;30-39,-1;,9223372036854775807;20-29,3;"));
	CHECK(answers("select \"select\" from regions", "N\xc3\xb8rd;S\tout\\h\n;"));
	CHECK(answers("select table_name,column_name,type,role,unit,means from dictionary",
	    "people,age,text,quasi,years,Age, in ranges.;"
	    "people,orders,integer,sensitive,,Orders of the last year.;"
	    "regions,select,text,plain,,A word of SQL is a name like any other.;"));
	CHECK(answers("select name,strict from pragma_table_list where schema='main'"
		      " and name not like 'sqlite%' order by 1",
	    "dictionary,1;people,1;regions,1;"));
	CHECK(answers("pragma page_size", "4096;") && answers("pragma journal_mode", "delete;"));
	CHECK(answers("pragma integrity_check", "ok;"));
}

static void test_same_bytes(void)
{
	uint8_t one[SHELF_SHA_BYTES];

	fresh();
	memcpy(one, sha256, sizeof(one));
	umask(077);
	fresh();
	umask(022);
	CHECK(memcmp(one, sha256, sizeof(one)) == 0);
}

/* ---- what is refused while it is made ------------------------------------------------ */

static struct shelf_writer *begun(uint64_t number)
{
	struct shelf_writer *w = NULL;

	diag = (struct sc_diag){ 0 };
	CHECK(rig_begin(root, number, &diag, &w) == SC_OK);
	return w;
}

static const struct shelf_column plain_column = { "a", SHELF_INTEGER, SHELF_PLAIN, "", "", "" };

static bool table_refused(const char *table, const char *column, size_t n, enum sc_err err)
{
	struct shelf_column c[SHELF_COLUMNS_MAX + 1];
	const struct shelf_table t = { table, "", "", c, n, 0 };
	struct shelf_writer *w = begun(2);
	bool ok;

	for (size_t i = 0; i <= SHELF_COLUMNS_MAX; i++) {
		c[i] = plain_column;
		c[i].name = column;
	}
	diag = (struct sc_diag){ 0 };
	ok = w != NULL && shelf_table(w, &t, &diag) == err &&
	    (err == SC_OK) == (diag.text[0] == '\0');
	shelf_abandon(w);
	return ok;
}

#define W63 "abcdefghijklmnopqrstuvwxyz_0123456789_abcdefghijklmnopqrstuvwxy"

static void test_names(void)
{
	static const char *const no[] = { "", "A", "1a", "_a", "a-b", "a b", "a\"b", "\xc3\xa9",
		W63 "z" };

	fresh();
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		CHECK(table_refused(no[i], "a", 1, SC_SYNTAX) &&
		    table_refused("t", no[i], 1, SC_SYNTAX));
	CHECK(table_refused(W63, W63, 1, SC_OK));
	CHECK(table_refused("people", "a", 1, SC_SYNTAX));
	CHECK(table_refused("dictionary", "a", 1, SC_SYNTAX));
	CHECK(table_refused("sqlite_a", "a", 1, SC_SYNTAX));
	CHECK(table_refused("pg_a", "a", 1, SC_SYNTAX) && table_refused("pga", "a", 1, SC_OK));
	CHECK(table_refused("t", "xmin", 1, SC_SYNTAX) && table_refused("xmin", "a", 1, SC_OK));
	CHECK(table_refused("t", "a", 2, SC_SYNTAX) && table_refused("t", "a", 0, SC_SYNTAX));
	CHECK(table_refused("t", "a", SHELF_COLUMNS_MAX + 1, SC_LIMIT));
	CHECK(shelf_begin(root, "..", 1, &diag, &(struct shelf_writer *){ NULL }) == SC_SYNTAX);
	CHECK(shelf_begin(root, ".a", 1, &diag, &(struct shelf_writer *){ NULL }) == SC_SYNTAX);
	CHECK(shelf_begin(root, "a/b", 1, &diag, &(struct shelf_writer *){ NULL }) == SC_SYNTAX);
	CHECK(shelf_begin(root, "a", 0, &diag, &(struct shelf_writer *){ NULL }) == SC_SYNTAX);
}

static void test_limits(void)
{
	static char names[SHELF_TABLES_MAX][8];
	static struct shelf_table t[SHELF_TABLES_MAX];
	struct shelf_writer *w;
	char name[16];

	fresh();
	NEED((w = begun(2)) != NULL);
	for (size_t i = 0; i < SHELF_TABLES_MAX; i++) {
		snprintf(names[i], sizeof(names[0]), "t%zu", i);
		t[i] = (struct shelf_table){ names[i], "", "", &plain_column, 1, 0 };
		CHECK(
		    shelf_table(w, &t[i], &diag) == (i + 2 < SHELF_TABLES_MAX ? SC_OK : SC_LIMIT));
	}
	for (size_t i = 2; i <= SHELF_FILES_MAX; i++) {
		snprintf(name, sizeof(name), "f%zu", i);
		CHECK(shelf_file(w, name, sc_span_str("x"), &diag) ==
		    (i < SHELF_FILES_MAX ? SC_OK : SC_LIMIT));
	}
	shelf_abandon(w);
	CHECK(access(folder, F_OK) == 0);
	snprintf(folder, sizeof(folder), "%s/%s/.making", root, RIG_DATASET);
	CHECK(access(folder, F_OK) != 0);
}

static void test_file_names(void)
{
	static const char *const no[] = { SHELF_MANIFEST, SHELF_ENTRY, SHELF_RECEIPT, "", ".a",
		"../a", "a/b", "-a" };
	struct shelf_writer *w;

	fresh();
	NEED((w = begun(2)) != NULL);
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		CHECK(shelf_file(w, no[i], sc_span_str("x"), &diag) == SC_LIMIT);
	CHECK(shelf_file(w, SHELF_DB, sc_span_str("x"), &diag) == SC_IO);
	CHECK(shelf_file(w, "report.json", sc_span_str("x"), &diag) == SC_IO);
	shelf_abandon(w);
}

static void test_texts(void)
{
	static const struct shelf_column column = { "a", SHELF_TEXT, SHELF_PLAIN, "", "", "" };
	static const struct shelf_table t = { "t", "", "", &column, 1, 0 };
	const struct shelf_value half = { .text = SC_LIT("\xc3") };
	const struct shelf_value nul = { .text = { (const uint8_t *)"a\0b", 3 } };
	struct shelf_writer *w;

	fresh();
	NEED((w = begun(2)) != NULL && shelf_table(w, &t, &diag) == SC_OK);
	CHECK(shelf_row(w, &half, &diag) == SC_SYNTAX && shelf_row(w, &nul, &diag) == SC_SYNTAX);
	shelf_abandon(w);
}

/* CHANGE is made to a manifest that is right without it. */
#define MANIFEST_REFUSED(change, what) \
	do { \
		struct shelf_writer *w_ = begun(2); \
		struct shelf_manifest m; \
		NEED(w_ != NULL); \
		rig_manifest(2, &m); \
		change; \
		diag = (struct sc_diag){ 0 }; \
		CHECK(shelf_finish(w_, &m, &diag, sha256) == SC_SYNTAX); \
		CHECK(strstr(diag.text, what) != NULL); \
		shelf_manifest_fini(&m); \
	} while (0)

static void test_manifest_held(void)
{
	fresh();
	MANIFEST_REFUSED(m.number = 3, "another release");
	MANIFEST_REFUSED(strcpy(m.dataset.s, "other"), "another release");
	MANIFEST_REFUSED(m.from = "2026-11-31", "\"from\" must be a day");
	MANIFEST_REFUSED(m.title = "a\nb", "control character");
	MANIFEST_REFUSED(m.k = 0, "\"k\" must be");
	MANIFEST_REFUSED(m.rules[0].column = "age", "sensitive column");
	snprintf(folder, sizeof(folder), "%s/%s/2", root, RIG_DATASET);
	CHECK(access(folder, F_OK) != 0);
}

static void test_one_maker(void)
{
	struct shelf_writer *w, *other;

	fresh();
	CHECK(shelf_begin(root, RIG_DATASET, 1, &diag, &w) == SC_STALE && w == NULL);
	NEED((w = begun(2)) != NULL);
	CHECK(shelf_begin(root, RIG_DATASET, 3, &diag, &other) == SC_IO && other == NULL);
	CHECK(strstr(diag.text, "is locked") != NULL);
	shelf_abandon(w);
	CHECK(shelf_begin(root, RIG_DATASET, 3, &diag, &other) == SC_OK);
	shelf_abandon(other);
	shelf_abandon(NULL);
}

static void test_left_half_made(void)
{
	char path[PATH_MAX];

	fresh();
	snprintf(path, sizeof(path), "%s/%s/.making", root, RIG_DATASET);
	CHECK(mkdir(path, 0700) == 0);
	strcat(path, "/release.db");
	CHECK(put(path, "torn"));
	CHECK(rig_release(root, 2, &diag, sha256) == SC_OK && access(path, F_OK) != 0);
}

/* ---- what is refused when it is opened ------------------------------------------------- */

static void test_changed_files(void)
{
	int fd;

	fresh();
	fd = open(at(SHELF_DB), O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0 && fchmod(fd, 0600) == 0);
	close(fd);
	fd = open(at(SHELF_DB), O_WRONLY | O_CLOEXEC);
	CHECK(fd >= 0 && pwrite(fd, "\xff", 1, 4000) == 1);
	CHECK(refused(SC_CORRUPT, SHELF_DB, "SHA-256"));
	CHECK(ftruncate(fd, 4096) == 0 && refused(SC_CORRUPT, SHELF_DB, "as long"));
	close(fd);
	fresh();
	CHECK(put(at("report.json"), "{\"gcp\":0.04}\n"));
	CHECK(refused(SC_CORRUPT, "report.json", "SHA-256"));
	CHECK(unlink(at("report.json")) == 0 && refused(SC_IO, "report.json", "opened"));
	CHECK(mkdir(at("report.json"), 0700) == 0);
	CHECK(refused(SC_CORRUPT, "report.json", "plain file"));
}

static void test_strange_files(void)
{
	fresh();
	CHECK(put(at("more"), "x") && refused(SC_CORRUPT, "more", "does not name"));
	CHECK(unlink(at("more")) == 0 && mkdir(at("more"), 0700) == 0);
	CHECK(refused(SC_CORRUPT, "more", "does not name") && rmdir(at("more")) == 0);
	CHECK(put(at("release.db-journal"), "x"));
	CHECK(refused(SC_CORRUPT, "release.db-journal", "does not name"));
}

static void test_links(void)
{
	char other[PATH_MAX];

	fresh();
	snprintf(other, sizeof(other), "%s/other", base);
	(void)unlink(other);
	CHECK(rename(at("report.json"), other) == 0 && symlink(other, at("report.json")) == 0);
	CHECK(refused(SC_CORRUPT, "report.json", "symbolic link"));
	fresh();
	(void)unlink(other);
	CHECK(rename(at(SHELF_MANIFEST), other) == 0 && symlink(other, at(SHELF_MANIFEST)) == 0);
	CHECK(refused(SC_CORRUPT, SHELF_MANIFEST, "symbolic link"));
	fresh();
	(void)unlink(other);
	CHECK(rename(folder, other) == 0 && symlink(other, folder) == 0);
	CHECK(refused(SC_IO, "", "cannot be opened"));
	CHECK(unlink(folder) == 0 && rename(other, folder) == 0);
	CHECK(mkfifo(at("pipe"), 0600) == 0 && rename(at("pipe"), at("report.json")) == 0);
	CHECK(refused(SC_CORRUPT, "report.json", "plain file"));
}

static void test_other_place(void)
{
	char moved[256];

	fresh();
	snprintf(moved, sizeof(moved), "%s/%s/11", root, RIG_DATASET);
	CHECK(rename(folder, moved) == 0);
	strcpy(folder, moved);
	CHECK(refused(SC_CORRUPT, "", "another release"));
	snprintf(moved, sizeof(moved), "%s/x" RIG_DATASET, root);
	CHECK(mkdir(moved, 0700) == 0);
	strcat(moved, "/1");
	CHECK(rename(folder, moved) == 0);
	strcpy(folder, moved);
	CHECK(refused(SC_CORRUPT, "", "another release"));
	CHECK(put(at(SHELF_MANIFEST), "{}") && refused(SC_SYNTAX, SHELF_MANIFEST, "\"version\""));
	CHECK(unlink(at(SHELF_MANIFEST)) == 0 && refused(SC_IO, SHELF_MANIFEST, "opened"));
}

/* ---- publishing ------------------------------------------------------------------------ */

static void test_publish(void)
{
	char views[128], path[PATH_MAX];
	struct shelf_release r, p;

	fresh();
	snprintf(views, sizeof(views), "%s/views", root);
	NEED(shelf_release_open(folder, &diag, &r) == SC_OK);
	CHECK(shelf_publish(&r, views, sc_span_str("{}"), sc_span_str("proof\n"), &diag) == SC_OK);
	CHECK(
	    shelf_publish(&r, views, sc_span_str("{}"), sc_span_str("proof\n"), &diag) == SC_STALE);
	CHECK(shelf_path(views, RIG_DATASET, 1, path, sizeof(path)) == SC_OK);
	NEED(shelf_release_open(path, &diag, &p) == SC_OK);
	CHECK(p.has_receipt && memcmp(p.sha256, r.sha256, SHELF_SHA_BYTES) == 0);
	shelf_release_fini(&p);
	strcat(path, "/receipt");
	CHECK(unlink(path) == 0);
	*strrchr(path, '/') = '\0';
	NEED(shelf_release_open(path, &diag, &p) == SC_OK);
	CHECK(!p.has_receipt);
	shelf_release_fini(&p);
	shelf_release_fini(&r);
}

static void test_publish_swapped(void)
{
	char views[128];
	struct shelf_release r;

	fresh();
	snprintf(views, sizeof(views), "%s/views", root);
	NEED(shelf_release_open(folder, &diag, &r) == SC_OK);
	CHECK(put(at("report.json"), "{\"gcp\":0.04}\n"));
	CHECK(shelf_publish(&r, views, sc_span_str("{}"), sc_span_str(""), &diag) == SC_CORRUPT);
	CHECK(put(at("report.json"), RIG_REPORT) && put(at(SHELF_MANIFEST), "{}"));
	CHECK(shelf_publish(&r, views, sc_span_str("{}"), sc_span_str(""), &diag) == SC_CORRUPT);
	CHECK(strstr(diag.file, SHELF_MANIFEST) != NULL);
	CHECK(unlink(at("report.json")) == 0 && unlink(at(SHELF_MANIFEST)) == 0 &&
	    unlink(at(SHELF_DB)) == 0 && rmdir(folder) == 0);
	CHECK(shelf_publish(&r, views, sc_span_str("{}"), sc_span_str(""), &diag) == SC_IO);
	snprintf(folder, sizeof(folder), "%s/%s/1", views, RIG_DATASET);
	CHECK(access(folder, F_OK) != 0);
	shelf_release_fini(&r);
}

/* ---- lists ------------------------------------------------------------------------------ */

static char told[256];

static void tell_name(void *arg, const char *name)
{
	(void)arg;
	snprintf(told + strlen(told), sizeof(told) - strlen(told), "%s ", name);
}

static void tell_number(void *arg, uint64_t number)
{
	(void)arg;
	snprintf(told + strlen(told), sizeof(told) - strlen(told), "%llu ",
	    (unsigned long long)number);
}

static void test_lists(void)
{
	static const char *const more[] = { "10", "9", "012", "x", ".2", "18446744073709551616" };
	char path[PATH_MAX];
	uint64_t n = 7;

	fresh();
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s/%s", root, RIG_DATASET, more[i]);
		CHECK(mkdir(path, 0700) == 0);
		snprintf(path, sizeof(path), "%s/%s", root, more[i]);
		CHECK(mkdir(path, 0700) == 0);
	}
	snprintf(path, sizeof(path), "%s/%s/99", root, RIG_DATASET);
	CHECK(put(path, "no folder"));
	told[0] = '\0';
	CHECK(shelf_numbers(root, RIG_DATASET, tell_number, NULL, &diag) == SC_OK);
	CHECK(strcmp(told, "10 9 1 ") == 0);
	CHECK(shelf_newest(root, RIG_DATASET, &diag, &n) == SC_OK && n == 10);
	told[0] = '\0';
	CHECK(shelf_datasets(root, tell_name, NULL, &diag) == SC_OK);
	CHECK(strcmp(told, "012 10 18446744073709551616 9 portrait x ") == 0);
	CHECK(shelf_newest(root, "none", &diag, &n) == SC_OK && n == 0);
	CHECK(shelf_newest(root, "..", &diag, &n) == SC_OK && n == 0);
	CHECK(shelf_newest(path, RIG_DATASET, &diag, &n) == SC_IO);
	CHECK(shelf_path(root, RIG_DATASET, 1, path, strlen(root) + 11) == SC_LIMIT);
	CHECK(shelf_path(root, RIG_DATASET, 1, path, strlen(root) + 12) == SC_OK);
}

int main(void)
{
	char remove[128];

	if (sodium_init() < 0 || mkdtemp(base) == NULL)
		return 1;
	RUN(test_made, "a release is put in its place, read-only, and opens");
	RUN(test_database,
	    "its database has strict tables in the order of the rows, and a dictionary");
	RUN(test_same_bytes, "the same release is the same bytes");
	RUN(test_names, "names that a database could take for something else are refused");
	RUN(test_limits, "too many tables and files are refused, and nothing stays");
	RUN(test_file_names, "a file with a meaning of its own, or outside, is refused");
	RUN(test_texts, "text that is none is refused");
	RUN(test_manifest_held, "a manifest that could not be read back is not written");
	RUN(test_one_maker, "one release of a dataset is made at a time, and none twice");
	RUN(test_left_half_made, "what a maker who died left is removed");
	RUN(test_changed_files, "a file that is not what the manifest says is found");
	RUN(test_strange_files, "a file that the manifest does not name is found");
	RUN(test_links, "links and pipes are no files");
	RUN(test_other_place, "a release that was moved, or has no manifest, is refused");
	RUN(test_publish, "publishing copies the release and its receipt, once");
	RUN(test_publish_swapped, "a release that changed since it was opened is not published");
	RUN(test_lists, "releases are told the newest first, and nothing else is one");
	snprintf(remove, sizeof(remove), "rm -rf '%s'", base);
	return tap_done() | (system(remove) != 0);
}
