/*
 * test_view_make.c - from a table of anybody's to a release on the shelf, and nothing of
 * anybody in it.
 */
#include "analytics/views/gate.h"
#include "analytics/views/released.h"
#include "analytics/views/shuffle.h"
#include "tap.h"
#include "view_kit.h"

#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct view_kit kit;

static struct shelf_release opened(uint64_t number)
{
	struct shelf_release r = { 0 };
	char path[300];

	CHECK(shelf_path(view_kit_path(&kit, "shelf"), "patients", number, path, sizeof(path)) ==
	    SC_OK);
	CHECK(shelf_release_open(path, &kit.d, &r) == SC_OK);
	return r;
}

static void test_release(void)
{
	struct view_made made;
	struct shelf_release r;

	view_kit_init(&kit);
	view_kit_patients(&kit, "");
	NEED(view_kit_make(&kit, 1, &made) == SC_OK);
	CHECK(made.dropped == 2 && made.measures.rows == 440 && made.measures.suppressed <= 4);
	CHECK(made.measures.min_people >= 5 && made.measures.people <= 400);
	CHECK(made.measures.sensitive[0].min_distinct >= 3 &&
	    made.measures.sensitive[0].max_equal_ppm <= 300000);
	r = opened(1);
	CHECK(memcmp(r.sha256, made.sha256, sizeof(r.sha256)) == 0 && r.manifest.checked);
	CHECK(r.manifest.k == 5 && r.manifest.n_rules == 1 && r.manifest.rules[0].distinct == 3 &&
	    r.manifest.rules[0].closeness_ppm == 300000 && r.manifest.suppression_ppm == 10000);
	CHECK(r.manifest.n_tables == 1 && r.manifest.tables[0].n_columns == 5 &&
	    r.manifest.tables[0].rows == 440 - made.measures.suppressed);
	/* as the spec has them, whatever they are */
	CHECK(strcmp(r.manifest.tables[0].columns[1].name, "ill") == 0 &&
	    r.manifest.tables[0].columns[1].role == SHELF_SENSITIVE &&
	    r.manifest.tables[0].columns[3].role == SHELF_QUASI &&
	    r.manifest.tables[0].columns[4].role == SHELF_PLAIN);
	CHECK(strcmp(r.manifest.tables[0].columns[0].unit, "years") == 0);
	shelf_release_fini(&r);
	view_kit_fini(&kit);
}

/* Attack 25: every identifier of the table, as it is and in the forms that people think hide it. */
static void test_no_identifier(void)
{
	struct view_made made;
	uint8_t sum[32];
	char id[16], hex[65], mail[40];

	view_kit_init(&kit);
	view_kit_patients(&kit, "");
	NEED(view_kit_make(&kit, 1, &made) == SC_OK);
	for (unsigned p = 0; p < 400; p += 7) {
		snprintf(id, sizeof(id), "P%05u-Q", p);
		snprintf(mail, sizeof(mail), "%c%u@patients", 'a' + p % 26, p);
		crypto_hash_sha256(sum, (const uint8_t *)id, strlen(id));
		sodium_bin2hex(hex, sizeof(hex), sum, sizeof(sum));
		CHECK(!view_kit_anywhere(&kit, id, "table.csv"));
		CHECK(!view_kit_anywhere(&kit, mail, "table.csv"));
		CHECK(!view_kit_anywhere(&kit, hex, "table.csv"));
	}
	CHECK(!view_kit_anywhere(&kit, "patients.invalid", "table.csv"));
	CHECK(view_kit_anywhere(&kit, "asthma", "table.csv"));
	view_kit_fini(&kit);
}

static void test_columns_that_tell_apart(void)
{
	static const struct {
		const char *more, *says;
	} rows[] = {
		{ ", { \"name\": \"email\", \"is\": \"plain\" }",
		    "column email tells people apart" },
		{ ", { \"name\": \"who\", \"source\": \"patient\", \"is\": \"plain\" }",
		    "\"patient\" says whose a row is" },
		{ ", { \"name\": \"phone\", \"is\": \"plain\" }", "no column \"phone\"" },
		{ ", { \"name\": \"mail\", \"source\": \"email\", \"is\": \"sensitive\" }",
		    "different sensitive values" },
	};
	struct view_made made;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		view_kit_init(&kit);
		view_kit_patients(&kit, rows[i].more);
		CHECK(view_kit_make(&kit, 1, &made) != SC_OK);
		if (strstr(kit.d.text, rows[i].says) == NULL)
			printf("# %s\n", kit.d.text);
		CHECK(strstr(kit.d.text, rows[i].says) != NULL);
		CHECK(access(view_kit_path(&kit, "shelf/patients/1"), F_OK) != 0);
		view_kit_fini(&kit);
	}
}

/* A value that fits nowhere is told by line and column, and never itself. */
static void test_unknown_value(void)
{
	struct view_made made;
	char *text;
	FILE *f;

	view_kit_init(&kit);
	view_kit_patients(&kit, "");
	f = fopen(view_kit_path(&kit, "table.csv"), "ab");
	NEED(f != NULL);
	fputs("P99999-Q,x@patients.invalid,33,Zanzibar,2026-02-03,flu,w1\r\n", f);
	fclose(f);
	CHECK(view_kit_make(&kit, 1, &made) == SC_SYNTAX);
	CHECK(kit.d.line == 442 && strstr(kit.d.text, "column place") != NULL);
	CHECK(strstr(kit.d.text, "Zanzibar") == NULL);
	text = view_kit_read(view_kit_path(&kit, "shelf/patients/1/manifest.json"), NULL);
	CHECK(text == NULL);
	free(text);
	view_kit_fini(&kit);
}

static void test_order_is_drawn(void)
{
	static const size_t which[] = { 0, 1, 2, 3, 4 };
	struct view_cells one, two;
	struct view_made made;
	struct shelf_release r;

	view_kit_init(&kit);
	view_kit_patients(&kit, "");
	NEED(view_kit_make(&kit, 1, &made) == SC_OK && view_kit_make(&kit, 2, &made) == SC_OK);
	r = opened(1);
	CHECK(view_released_read(view_kit_path(&kit, "shelf/patients/1/release.db"),
		  r.manifest.tables, which, 5, &one, &kit.d) == SC_OK);
	CHECK(view_released_read(view_kit_path(&kit, "shelf/patients/2/release.db"),
		  r.manifest.tables, which, 5, &two, &kit.d) == SC_OK);
	NEED(one.n > 400 && two.n > 400);
	size_t same = 0;
	for (size_t i = 0; i < 400; i++)
		same += sc_span_eq(one.v[i * 5], two.v[i * 5]) &&
		    sc_span_eq(one.v[i * 5 + 3], two.v[i * 5 + 3]);
	CHECK(same < 100);
	view_cells_fini(&one);
	view_cells_fini(&two);
	shelf_release_fini(&r);
	view_kit_fini(&kit);
}

/* The gate: what the file says of another row than it was made of, or of fewer people, does not pass. */
static void test_gate(void)
{
	struct recode_rule rules[RELEASE_SENSITIVE_MAX] = { { .distinct = 2 } };
	struct view_rules r;
	struct view_made made;
	struct shelf_release release;
	struct check_wants wants;
	struct check_report report;
	uint32_t from[440];

	view_kit_init(&kit);
	view_kit_patients(&kit, "");
	NEED(view_kit_make(&kit, 1, &made) == SC_OK && view_kit_open(&kit, 1) == SC_OK);
	release = opened(1);
	NEED(view_rules_init(&r, kit.order.spec, kit.order.source, &kit.d) == SC_OK);
	const uint64_t n = release.manifest.tables[0].rows;
	struct view_gate gate = { .rules = &r,
		.source = kit.order.source,
		.wants = &wants,
		.table = &release.manifest.tables[0],
		.path = view_kit_path(&kit, "shelf/patients/1/release.db"),
		.from = from,
		.n = n };

	/* as view_make() drew it, where nothing is left out */
	for (uint32_t i = 0; i < 440; i++)
		from[i] = i;
	view_shuffle(from, 440, kit.order.key);
	view_rules_wants(&r, rules, 5, 10000, &wants);
	if (made.measures.suppressed == 0)
		CHECK(view_gate_hold(&gate, &report, &kit.d) == SC_OK && report.rows == n);
	wants.k = 300;
	CHECK(view_gate_hold(&gate, &report, &kit.d) == SC_CORRUPT && kit.d.text[0] != '\0');
	wants.k = 5;
	const uint32_t first = from[0];
	from[0] = from[1];
	from[1] = first;
	CHECK(view_gate_hold(&gate, &report, &kit.d) == SC_CORRUPT);
	from[0] = 440;
	CHECK(view_gate_hold(&gate, &report, &kit.d) == SC_STALE);
	gate.n = n - 1;
	CHECK(view_gate_hold(&gate, &report, &kit.d) == SC_CORRUPT);
	view_rules_fini(&r);
	shelf_release_fini(&release);
	view_kit_fini(&kit);
}

int main(void)
{
	RUN(test_release, "a table becomes a release that keeps its rules");
	RUN(test_no_identifier, "no identifier is in any byte of it, as it is or hashed");
	RUN(test_columns_that_tell_apart, "a column that tells people apart is refused");
	RUN(test_unknown_value, "a value that fits nowhere is told by line and column alone");
	RUN(test_order_is_drawn, "the order of rows is drawn anew for each release");
	RUN(test_gate, "what is not of its rows, or of too few people, does not pass the gate");
	return tap_done();
}
