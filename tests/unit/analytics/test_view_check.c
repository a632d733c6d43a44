/*
 * test_view_check.c - a release that does not keep what it claims is noticed, by who has its
 * folder alone and by who has its table.
 */
#include "analytics/views/match.h"
#include "analytics/views/recheck.h"
#include "analytics/views/released.h"
#include "tap.h"
#include "view_kit.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct view_kit kit;

static enum sc_err alone(uint64_t number, struct check_report *out)
{
	struct shelf_release r = { .folder = NULL };
	char path[300];
	enum sc_err err;

	kit.d = (struct sc_diag){ .text = "" };
	snprintf(path, sizeof(path), "%s/shelf/patients/%u", kit.dir, (unsigned)number);
	if ((err = shelf_release_open(path, &kit.d, &r)) == SC_OK)
		err = view_recheck(&r, out, &kit.d);
	shelf_release_fini(&r);
	return err;
}

static enum sc_err with_table(uint64_t number, struct check_report *out)
{
	struct shelf_release r = { .folder = NULL };
	char path[300];
	enum sc_err err;

	snprintf(path, sizeof(path), "%s/shelf/patients/%u", kit.dir, (unsigned)number);
	if ((err = view_kit_open(&kit, number)) == SC_OK &&
	    (err = shelf_release_open(path, &kit.d, &r)) == SC_OK)
		err = view_recheck_source(&r, kit.order.spec, kit.order.source, out, &kit.d);
	shelf_release_fini(&r);
	return err;
}

static void make(void)
{
	struct view_made made;

	view_kit_init(&kit);
	view_kit_patients(&kit, "");
	NEED(view_kit_make(&kit, 1, &made) == SC_OK);
}

/* ---- a release of the attacker's ------------------------------------------------------ */

/* Release 2: the rows of release 1 as SQL leaves them, under a manifest that claims the same. */
static void forge(const char *sql)
{
	struct shelf_release one = { .folder = NULL };
	struct shelf_writer *w = NULL;
	struct shelf_manifest m;
	struct shelf_value row[8];
	uint8_t sum[SHELF_SHA_BYTES];
	sqlite3 *db = NULL;
	sqlite3_stmt *st = NULL;
	char path[300], *report;
	size_t n;

	snprintf(path, sizeof(path), "%s/shelf/patients/1", kit.dir);
	NEED(shelf_release_open(path, &kit.d, &one) == SC_OK);
	NEED(shelf_begin(view_kit_path(&kit, "shelf"), "patients", 2, &kit.d, &w) == SC_OK);
	NEED(shelf_table(w, &one.manifest.tables[0], &kit.d) == SC_OK);
	NEED(sqlite3_open(":memory:", &db) == SQLITE_OK);
	snprintf(path, sizeof(path),
	    "ATTACH '%s/shelf/patients/1/release.db' AS r; CREATE TABLE t AS SELECT * FROM r.patients;",
	    kit.dir);
	NEED(sqlite3_exec(db, path, NULL, NULL, NULL) == SQLITE_OK);
	NEED(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
	NEED(sqlite3_prepare_v2(db, "SELECT * FROM t", -1, &st, NULL) == SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW) {
		for (int i = 0; i < 5; i++)
			row[i].text = sc_span_str((const char *)sqlite3_column_text(st, i));
		NEED(shelf_row(w, row, &kit.d) == SC_OK);
	}
	sqlite3_finalize(st);
	sqlite3_close(db);
	report = view_kit_read(view_kit_path(&kit, "shelf/patients/1/report.json"), &n);
	NEED(report != NULL && shelf_file(w, "report.json", sc_span(report, n), &kit.d) == SC_OK);
	free(report);
	m = one.manifest;
	m.number = 2;
	m.arena = (struct sc_arena){ 0 };
	NEED(shelf_finish(w, &m, &kit.d, sum) == SC_OK);
	shelf_manifest_fini(&m);
	shelf_release_fini(&one);
}

static void test_holds(void)
{
	struct check_report report;

	make();
	CHECK(alone(1, &report) == SC_OK && report.ok && report.min_rows >= 5 &&
	    report.min_distinct[0] >= 3);
	CHECK(with_table(1, &report) == SC_OK && report.ok && report.suppressed <= 4);
	forge("SELECT 1");
	CHECK(alone(2, &report) == SC_OK && with_table(2, &report) == SC_OK);
	view_kit_fini(&kit);
}

/* A byte of the file, wherever it is. */
static void test_tampered_file(void)
{
	struct check_report report;
	FILE *f;
	long at;

	make();
	const char *path = view_kit_path(&kit, "shelf/patients/1/release.db");
	f = chmod(path, 0600) == 0 ? fopen(path, "r+b") : NULL;
	NEED(f != NULL && fseek(f, -100, SEEK_END) == 0);
	at = ftell(f);
	const int was = fgetc(f);
	CHECK(fseek(f, at, SEEK_SET) == 0 && fputc(was ^ 1, f) != EOF && fclose(f) == 0);
	CHECK(alone(1, &report) == SC_CORRUPT && strstr(kit.d.file, "release.db") != NULL);
	view_kit_fini(&kit);
}

static void test_false_claims(void)
{
	static const struct {
		const char *sql, *says;
	} rows[] = {
		{ "DELETE FROM t WHERE rowid IN (SELECT rowid FROM t WHERE age = (SELECT age FROM t LIMIT 1) "
		  "AND place = (SELECT place FROM t LIMIT 1) AND came = (SELECT came FROM t LIMIT 1) "
		  "LIMIT -1 OFFSET 2)",
		    "fewer people than k" },
		{ "UPDATE t SET ill = 'flu' WHERE age = (SELECT age FROM t LIMIT 1) "
		  "AND place = (SELECT place FROM t LIMIT 1) AND came = (SELECT came FROM t LIMIT 1)",
		    "sensitive values" },
		{ "UPDATE t SET age = '21-22' WHERE rowid = 7", "fewer people than k" },
		{ "INSERT INTO t SELECT * FROM t WHERE age = (SELECT age FROM t LIMIT 1); "
		  "UPDATE t SET place = '*', age = '*', came = '*'",
		    "other figures" },
	};
	struct check_report report;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		make();
		forge(rows[i].sql);
		CHECK(alone(2, &report) == SC_CORRUPT);
		if (strstr(kit.d.text, rows[i].says) == NULL)
			printf("# %zu: %s\n", i, kit.d.text);
		CHECK(strstr(kit.d.text, rows[i].says) != NULL);
		view_kit_fini(&kit);
	}
}

/* A table that the manifest does not tell of, such as one of names, is not overlooked. */
static void test_another_table(void)
{
	struct view_made made;
	struct sc_diag d = { .text = "" };
	struct shelf_release r = { .folder = NULL };
	sqlite3 *db = NULL;
	const char *path;

	view_kit_init(&kit);
	view_kit_patients(&kit, "");
	NEED(view_kit_make(&kit, 1, &made) == SC_OK);
	path = view_kit_path(&kit, "shelf/patients/1");
	NEED(shelf_release_open(path, &d, &r) == SC_OK);
	path = view_kit_path(&kit, "shelf/patients/1/release.db");
	CHECK(view_released_look(path, &r.manifest.tables[0], &d) == SC_OK);
	CHECK(chmod(path, 0600) == 0 && sqlite3_open(path, &db) == SQLITE_OK &&
	    sqlite3_exec(db, "CREATE TABLE names(n TEXT)", NULL, NULL, NULL) == SQLITE_OK);
	sqlite3_close(db);
	CHECK(view_released_look(path, &r.manifest.tables[0], &d) == SC_CORRUPT);
	CHECK(strstr(d.text, "does not tell of") != NULL);
	shelf_release_fini(&r);
	view_kit_fini(&kit);
}

/* What keeps k and l, and is not of this table. */
static void test_of_another_table(void)
{
	struct check_report report;

	make();
	forge("UPDATE t SET ward = 'w9' WHERE rowid = 3");
	CHECK(alone(2, &report) == SC_OK);
	CHECK(with_table(2, &report) == SC_CORRUPT &&
	    strstr(kit.d.text, "no row of the table") != NULL);
	view_kit_fini(&kit);

	make();
	/* one ward more in a class, and one less in another: each row has one it could be of */
	forge("UPDATE t SET ward = 'w0'");
	CHECK(alone(2, &report) == SC_OK && with_table(2, &report) == SC_CORRUPT);
	view_kit_fini(&kit);
}

/* ---- matching, beside a naive one ------------------------------------------------------ */

static uint64_t lot = 1;

static unsigned any(unsigned n)
{
	lot = lot * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(lot >> 33) % n;
}

/* Kuhn's: can row I of the release have a row of the table? */
static bool augment(const bool *fit, unsigned n, unsigned i, bool *seen, int *used)
{
	for (unsigned o = 0; o < n; o++) {
		if (!fit[i * n + o] || seen[o])
			continue;
		seen[o] = true;
		if (used[o] < 0 || augment(fit, n, (unsigned)used[o], seen, used)) {
			used[o] = (int)i;
			return true;
		}
	}
	return false;
}

static bool naive(const bool *fit, unsigned n)
{
	bool seen[16];
	int used[16];

	for (unsigned o = 0; o < n; o++)
		used[o] = -1;
	for (unsigned i = 0; i < n; i++) {
		memset(seen, 0, sizeof(seen));
		if (!augment(fit, n, i, seen, used))
			return false;
	}
	return true;
}

static void match_by_lot(unsigned *found, unsigned *missing)
{
	static const char *const cells[] = { "a1", "a2", "b1", "b2", "a*", "b*", "*" };
	const struct check_wants wants = { .k = 1,
		.n_columns = 2,
		.columns = { { .kind = CHECK_PREFIX }, { .kind = CHECK_PREFIX } } };
	const unsigned n = 2 + any(9);
	struct view_cells original, released;
	struct sc_span row[2];
	struct sc_diag d = { .text = "" };
	uint32_t from[16];
	bool fit[256];

	view_cells_init(&original, 2);
	view_cells_init(&released, 2);
	for (unsigned i = 0; i < n; i++) {
		for (unsigned c = 0; c < 2; c++)
			row[c] = sc_span_str(cells[any(4)]);
		NEED(view_cells_add(&original, row) == SC_OK);
		for (unsigned c = 0; c < 2; c++)
			row[c] = sc_span_str(cells[any(3) == 0 ? any(7) : 4 + any(3)]);
		NEED(view_cells_add(&released, row) == SC_OK);
	}
	for (unsigned i = 0; i < n * n; i++) {
		fit[i] = true;
		for (unsigned c = 0; c < 2; c++) {
			const struct sc_span cell = released.v[i / n * 2 + c];
			const struct sc_span value = original.v[i % n * 2 + c];
			const size_t same = cell.p[cell.n - 1] == '*' ? cell.n - 1 : cell.n;

			fit[i] = fit[i] && memcmp(cell.p, value.p, same) == 0;
		}
	}
	const bool can = naive(fit, n);
	CHECK((view_match(&wants, &original, &released, from, &d) == SC_OK) == can);
	CHECK(can || d.text[0] != '\0');
	for (unsigned i = 0; can && i < n; i++) {
		CHECK(fit[i * n + from[i]]);
		for (unsigned j = 0; j < i; j++)
			CHECK(from[i] != from[j]);
	}
	*(can ? found : missing) += 1;
	view_cells_fini(&original);
	view_cells_fini(&released);
}

static void test_match(void)
{
	unsigned found = 0, missing = 0;

	for (unsigned i = 0; i < 4000; i++)
		match_by_lot(&found, &missing);
	CHECK(found > 300 && missing > 300);
	printf("# %u found, %u not there\n", found, missing);
}

int main(void)
{
	RUN(test_holds, "what was made holds, by itself and with its table");
	RUN(test_tampered_file, "a byte that changed is noticed");
	RUN(test_false_claims, "a manifest that claims more than the file keeps is refused");
	RUN(test_another_table, "a table that nobody tells of is noticed");
	RUN(test_of_another_table, "a release of other rows than the table's is refused");
	RUN(test_match, "a way to tell which row became which is found where there is one");
	return tap_done();
}
