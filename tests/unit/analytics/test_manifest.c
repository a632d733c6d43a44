/*
 * test_manifest.c - a release's manifest: what is printed reads back, always as the same
 * bytes, and nothing else is read.
 */
#include "analytics/shelf/manifest.h"

#include "shelf_rig.h"
#include "tap.h"

static struct sc_buf text;
static struct sc_diag diag;

static const struct shelf_column columns[] = {
	{ "category", SHELF_TEXT, SHELF_DIMENSION, "", "What it is of.", "\xe7\xb1\xbb" },
	{ "visitors", SHELF_INTEGER, SHELF_MEASURE, "people", "", "" },
	{ "folded", SHELF_INTEGER, SHELF_FOLDED, "", "", "" },
	{ "orders", SHELF_INTEGER, SHELF_SENSITIVE, "", "", "" },
};
static const struct shelf_table tables[] = { { "by_category", "A cell.", "", columns, 4, 42 },
	{ "more", "", "", columns, 1, 0 } };

static void whole(struct shelf_manifest *m)
{
	rig_manifest(3, m);
	m->tables = tables;
	m->n_tables = 2;
	m->files[0] = (struct shelf_file){ "release.db", { 1, 2, 3 }, INT64_MAX };
	m->files[1] = (struct shelf_file){ "report.html", { 9 }, 0 };
	m->n_files = 2;
}

static void print(const struct shelf_manifest *m)
{
	sc_buf_clear(&text);
	CHECK(shelf_manifest_print(m, &text) == SC_OK);
}

static enum sc_err parse(struct sc_span s, struct shelf_manifest *out)
{
	diag = (struct sc_diag){ 0 };
	return shelf_manifest_parse(s, "manifest.json", &diag, out);
}

static void test_inverse(void)
{
	struct shelf_manifest m, back;
	uint8_t *first;
	size_t n;

	whole(&m);
	print(&m);
	NEED(parse(sc_buf_span(&text), &back) == SC_OK);
	n = text.n;
	NEED((first = malloc(n)) != NULL);
	memcpy(first, text.p, n);
	print(&back);
	CHECK(text.n == n && memcmp(first, text.p, n) == 0);
	free(first);
	CHECK(back.number == 3 && back.kind == SHELF_VIEW && strcmp(back.title, m.title) == 0);
	CHECK(back.n_tables == 2 && back.tables[0].rows == 42 && back.tables[0].n_columns == 4);
	CHECK(back.tables[0].columns[2].role == SHELF_FOLDED &&
	    strcmp(back.tables[0].columns[1].unit, "people") == 0);
	CHECK(back.n_files == 2 && memcmp(&back.files[0].sha256, m.files[0].sha256, 32) == 0 &&
	    back.files[0].bytes == INT64_MAX);
	CHECK(back.n_rules == 1 && back.rules[0].distinct == 2 && back.rules[0].ordered);
	CHECK(memcmp(back.seed, m.seed, 32) == 0 && memcmp(back.previous, m.previous, 32) == 0);
	shelf_manifest_fini(&back);
	m.kind = SHELF_CUBE;
	m.n_rules = 0;
	m.from = m.to = "";
	print(&m);
	NEED(parse(sc_buf_span(&text), &back) == SC_OK);
	CHECK(back.kind == SHELF_CUBE && back.n_rules == 0 && back.from[0] == '\0');
	shelf_manifest_fini(&back);
}

static void test_text(void)
{
	static const char begins[] =
	    "{\"version\":1,\"tenant\":\"shop\",\"dataset\":\"portrait\",\"kind\":\"view\","
	    "\"number\":3,\"from\":\"2026-11-16\",\"to\":\"2026-11-22\",\"made_ms\":1764000000000,"
	    "\"title\":\"Who buys \\\"what\\\".\",\"title_zh\":\"\",\"k\":10,"
	    "\"suppression_ppm\":10000,\"rules\":[{\"column\":\"orders\",\"distinct\":2,";
	struct shelf_manifest m;

	whole(&m);
	print(&m);
	CHECK(sc_span_starts(sc_buf_span(&text), begins));
	CHECK(text.p[text.n - 1] == '\n' && text.p[text.n - 2] == '}');
}

/* The manifest with its first FROM made TO. */
static enum sc_err parse_with(const char *from, const char *to, struct shelf_manifest *out)
{
	struct shelf_manifest m;
	struct sc_buf changed;
	const char *at;
	enum sc_err err;

	whole(&m);
	print(&m);
	CHECK(sc_buf_put(&text, "", 1) == SC_OK);
	at = strstr((const char *)text.p, from);
	if (at == NULL)
		printf("# %s is not in it\n", from);
	sc_buf_init(&changed, SHELF_MANIFEST_MAX);
	CHECK(at != NULL &&
	    sc_buf_put(&changed, text.p, (size_t)(at - (const char *)text.p)) == SC_OK &&
	    sc_buf_put_str(&changed, to) == SC_OK &&
	    sc_buf_put_str(&changed, at + strlen(from)) == SC_OK);
	err = parse(sc_buf_span(&changed), out);
	sc_buf_fini(&changed);
	return err;
}

static bool refused(const char *from, const char *to, const char *what)
{
	struct shelf_manifest m;
	const enum sc_err err = parse_with(from, to, &m);

	if (err == SC_SYNTAX && strstr(diag.text, what) != NULL && m.n_tables == 0)
		return true;
	printf("# %s for %s: %s: %s\n", to, from, sc_err_name(err), diag.text);
	shelf_manifest_fini(&m);
	return false;
}

static bool taken(const char *from, const char *to)
{
	struct shelf_manifest m;
	const enum sc_err err = parse_with(from, to, &m);

	if (err != SC_OK)
		printf("# %s for %s: %s: %s\n", to, from, sc_err_name(err), diag.text);
	shelf_manifest_fini(&m);
	return err == SC_OK;
}

static void test_keys(void)
{
	static const char *const keys[] = { "version", "tenant", "dataset", "kind", "number",
		"from", "to", "made_ms", "title", "title_zh", "k", "suppression_ppm", "rules",
		"column", "distinct", "entropy_milli", "closeness_ppm", "share_ppm", "ordered",
		"profile", "checked", "seed", "previous", "tables", "name", "means", "means_zh",
		"rows", "columns", "type", "role", "unit", "files", "sha256", "bytes" };
	char from[40], to[60];

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		snprintf(from, sizeof(from), "\"%s\":", keys[i]);
		snprintf(to, sizeof(to), "\"%sx\":", keys[i]);
		CHECK(refused(from, to, keys[i]));
		snprintf(to, sizeof(to), "\"%s\":null,\"%s\":", keys[i], keys[i]);
		CHECK(refused(from, to, ""));
	}
	CHECK(refused("{\"version\"", "{\"more\":1,\"version\"", "more"));
}

static void test_edges(void)
{
	CHECK(refused("\"version\":1", "\"version\":2", "\"version\" must"));
	CHECK(refused("\"number\":3", "\"number\":0", "\"number\" must"));
	CHECK(refused("\"k\":10", "\"k\":0", "\"k\" must") && taken("\"k\":10", "\"k\":1"));
	CHECK(taken("\"suppression_ppm\":10000", "\"suppression_ppm\":1000000"));
	CHECK(refused("\"suppression_ppm\":10000", "\"suppression_ppm\":1000001", "1000000"));
	CHECK(refused("\"dataset\":\"portrait\"", "\"dataset\":\"..\"", "\"dataset\""));
	CHECK(refused("\"name\":\"release.db\"", "\"name\":\"entry\"", "\"name\""));
	CHECK(refused("\"name\":\"release.db\"", "\"name\":\"release.dc\"", "release.db"));
	CHECK(refused("\"name\":\"report.html\"", "\"name\":\"release.db\"", "release.db"));
	CHECK(refused("\"name\":\"more\"", "\"name\":\"by_category\"", "by_category"));
	CHECK(refused("\"name\":\"visitors\"", "\"name\":\"category\"", "category"));
	CHECK(refused("\"column\":\"orders\"", "\"column\":\"visitors\"", "no sensitive column"));
	CHECK(refused("\"role\":\"measure\"", "\"role\":\"meassure\"", "measure"));
}

static void test_empty(void)
{
	struct shelf_manifest m, back;

	whole(&m);
	m.n_tables = 0;
	print(&m);
	CHECK(parse(sc_buf_span(&text), &back) == SC_SYNTAX && strstr(diag.text, "tables") != NULL);
	whole(&m);
	m.n_files = 0;
	print(&m);
	CHECK(parse(sc_buf_span(&text), &back) == SC_SYNTAX && strstr(diag.text, "files") != NULL);
}

static void test_days(void)
{
	static const char *const no[] = { "2026-11-1", "2026-11-31", "2026-02-29", "2026-13-01",
		"2026-00-01", "2026-01-00", "2026/01/01", "20260101", "2026-1-001", "2026-11-160" };
	char to[40];

	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		snprintf(to, sizeof(to), "\"from\":\"%s\"", no[i]);
		CHECK(refused("\"from\":\"2026-11-16\"", to, "\"from\""));
	}
	CHECK(taken("\"from\":\"2026-11-16\"", "\"from\":\"2024-02-29\""));
	CHECK(taken("\"from\":\"2026-11-16\"", "\"from\":\"2026-11-22\""));
	CHECK(refused("\"from\":\"2026-11-16\"", "\"from\":\"2026-11-23\"", "in order"));
	CHECK(refused("\"from\":\"2026-11-16\"", "\"from\":\"\"", "in order"));
}

static void test_lengths(void)
{
	static uint8_t big[SHELF_MANIFEST_MAX + 1];
	struct shelf_manifest m;

	memset(big, ' ', sizeof(big));
	CHECK(parse(sc_span(big, sizeof(big)), &m) == SC_LIMIT && diag.text[0] != '\0');
	CHECK(parse(sc_span(big, sizeof(big) - 1), &m) == SC_SYNTAX);
	CHECK(parse(sc_span("", 0), &m) == SC_SYNTAX);
}

int main(void)
{
	sc_buf_init(&text, SHELF_MANIFEST_MAX);
	RUN(test_inverse, "what is printed reads back, and prints as the same bytes");
	RUN(test_text, "it is canonical JSON on a line");
	RUN(test_keys, "every key must be there, once, and none else");
	RUN(test_edges, "numbers and names keep within their ranges");
	RUN(test_empty, "a release without a table or a file is none");
	RUN(test_days, "days are days, in order");
	RUN(test_lengths, "nothing that is too long is read");
	sc_buf_fini(&text);
	return tap_done();
}
