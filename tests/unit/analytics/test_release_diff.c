/*
 * test_release_diff.c - what two releases tell by their columns, and where there is none.
 */
#include "analytics/lineage/diff.h"
#include "tap.h"

#include <sys/stat.h>
#include <unistd.h>

static char root[64];
static const enum shelf_role none[] = { SHELF_DIMENSION };

/* Release NUMBER of DATASET: columns c0, c1 ... from FROM on, in these roles; N rows. */
static void make(const char *dataset, uint64_t number, size_t from, const enum shelf_role *roles,
    size_t n_roles, uint64_t n)
{
	static const char *const names[] = { "c0", "c1", "c2", "c3" };
	struct shelf_column columns[4];
	struct shelf_value v[4];
	const struct shelf_table t = { "people", "A row is a person.", "", columns, n_roles, 0 };
	struct shelf_manifest m = { .kind = SHELF_VIEW, .number = number, .k = 5 };
	struct shelf_writer *w = NULL;
	struct sc_diag d = { .text = "" };
	uint8_t sha256[SHELF_SHA_BYTES];

	for (size_t i = 0; i < n_roles; i++) {
		columns[i] = (struct shelf_column){ names[from + i], SHELF_TEXT, roles[i], "",
			"A column.", "" };
		v[i].text = sc_span_str("*");
	}
	if (sc_name_parse(sc_span_str("shop"), &m.tenant) != SC_OK ||
	    sc_name_parse(sc_span_str(dataset), &m.dataset) != SC_OK)
		exit(1);
	m.from = m.to = "";
	m.title = m.title_zh = "People";
	m.profile = "standard";
	m.checked = true;
	m.tables = &t;
	m.n_tables = 1;
	enum sc_err err = shelf_begin(root, dataset, number, &d, &w);

	if (err == SC_OK)
		err = shelf_table(w, &t, &d);
	for (uint64_t i = 0; i < n && err == SC_OK; i++)
		err = shelf_row(w, v, &d);
	const char *path;

	if (err != SC_OK || shelf_close_tables(w, &d, &path) != SC_OK ||
	    shelf_finish(w, &m, &d, sha256) != SC_OK) {
		printf("Bail out! %s\n", d.text);
		exit(1);
	}
	shelf_manifest_fini(&m);
}

static enum sc_err diff(const char *a, uint64_t i, const char *b, uint64_t j,
    struct release_diff *out)
{
	struct shelf_release of[2] = { { .folder = NULL }, { .folder = NULL } };
	struct sc_diag d = { .text = "" };
	char path[256];
	enum sc_err err = shelf_path(root, a, i, path, sizeof(path));

	if (err == SC_OK)
		err = shelf_release_open(path, &d, &of[0]);
	if (err == SC_OK)
		err = shelf_path(root, b, j, path, sizeof(path));
	if (err == SC_OK)
		err = shelf_release_open(path, &d, &of[1]);
	if (err == SC_OK)
		err = diff_releases(&of[0], &of[1], NULL, NULL, &d, out);
	for (size_t c = 0; err == SC_OK && c < out->n_columns; c++)
		out->columns[c].name = NULL; /* it was the manifest's */
	shelf_release_fini(&of[0]);
	shelf_release_fini(&of[1]);
	return err;
}

static void test_columns(void)
{
	static const enum shelf_role two[] = { SHELF_QUASI, SHELF_QUASI };
	static const enum shelf_role open[] = { SHELF_PLAIN, SHELF_QUASI };
	static const enum shelf_role sure[] = { SHELF_PLAIN, SHELF_SENSITIVE };
	struct release_diff v;

	make("a", 1, 0, two, 2, 20);
	make("a", 2, 0, open, 2, 20);
	make("a", 3, 1, two, 2, 20);
	make("a", 4, 0, sure, 2, 20);
	make("b", 1, 2, two, 2, 24);
	make("b", 2, 2, two, 2, 25);
	make("cube", 1, 0, none, 1, 20);
	NEED(diff("a", 1, "a", 2, &v) == SC_OK);
	CHECK(v.danger && v.dangerous == 0 && v.n_columns == 2 && v.same_dataset && v.k == 5);
	CHECK(v.columns[0].where == DIFF_OPEN && v.columns[1].where == DIFF_BOTH);
	NEED(diff("a", 1, "a", 3, &v) == SC_OK);
	CHECK(!v.danger && v.n_columns == 3 && v.stayed == 1);
	CHECK(v.columns[0].where == DIFF_FIRST && v.columns[1].where == DIFF_BOTH &&
	    v.columns[2].where == DIFF_SECOND);
	/* no column in common: all rows are one cell */
	NEED(diff("a", 1, "b", 1, &v) == SC_OK);
	CHECK(v.danger && v.dangerous == 1 && v.changed == 1 && !v.same_dataset);
	NEED(diff("a", 1, "b", 2, &v) == SC_OK);
	CHECK(!v.danger && v.changed == 1);
	CHECK(diff("a", 1, "cube", 1, &v) == SC_SYNTAX && diff("cube", 1, "a", 1, &v) == SC_SYNTAX);
	CHECK(diff("a", 4, "a", 1, &v) == SC_SYNTAX);
}

int main(void)
{
	char command[96];

	snprintf(root, sizeof(root), "/tmp/test_release_diff.%d", (int)getpid());
	if (mkdir(root, 0700) != 0)
		return 1;
	RUN(test_columns, "columns and counts tell what two releases tell together");
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command) != 0 ? 1 : tap_done();
}
