/*
 * shelf_rig.c - a small release of our own, for tests.
 */
#include "shelf_rig.h"

#include <string.h>

static const struct shelf_column people_columns[] = {
	{ "age", SHELF_TEXT, SHELF_QUASI, "years", "Age, in ranges.", "\xe5\xb9\xb4\xe9\xbe\x84" },
	{ "orders", SHELF_INTEGER, SHELF_SENSITIVE, "", "Orders of the last year.", "" },
};
static const struct shelf_column region_columns[] = {
	{ "select", SHELF_TEXT, SHELF_PLAIN, "", "A word of SQL is a name like any other.", "" },
};
static const struct shelf_table people = { "people", "A row is a person.", "", people_columns, 2,
	0 };
static const struct shelf_table regions = { "regions", "Every region.", "", region_columns, 1, 0 };

void rig_manifest(uint64_t number, struct shelf_manifest *m)
{
	*m = (struct shelf_manifest){ .tenant = { "shop" },
		.dataset = { RIG_DATASET },
		.kind = SHELF_VIEW,
		.number = number,
		.from = "2026-11-16",
		.to = "2026-11-22",
		.made_ms = 1764000000000,
		.title = "Who buys \"what\".",
		.title_zh = "",
		.k = 10,
		.suppression_ppm = 10000,
		.rules = { { "orders", 2, 0, 300000, 0, true } },
		.n_rules = 1,
		.profile = "standard",
		.checked = true };
	memset(m->seed, 0xa5, sizeof(m->seed));
	memset(m->previous, (int)number - 1, sizeof(m->previous));
}

static struct shelf_value text(const char *s)
{
	return (struct shelf_value){ .text = sc_span_str(s) };
}

static enum sc_err put_people(struct shelf_writer *w, struct sc_diag *d)
{
	static const struct {
		const char *age;
		int64_t orders;
	} t[] = { { "20-29", 3 }, { "30-39", -1 }, { "", INT64_MAX }, { "20-29", 3 } };
	enum sc_err err = shelf_table(w, &people, d);

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]) && err == SC_OK; i++) {
		const struct shelf_value v[] = { text(t[i].age), { .number = t[i].orders } };

		err = shelf_row(w, v, d);
	}
	return err;
}

static enum sc_err put_all(struct shelf_writer *w, struct sc_diag *d)
{
	const struct shelf_value north = text("N\xc3\xb8rd"), south = text("S\tout\\h\n");
	enum sc_err err;

	if ((err = put_people(w, d)) != SC_OK || (err = shelf_table(w, &regions, d)) != SC_OK ||
	    (err = shelf_row(w, &north, d)) != SC_OK || (err = shelf_row(w, &south, d)) != SC_OK)
		return err;
	return shelf_file(w, "report.json", sc_span_str(RIG_REPORT), d);
}

enum sc_err rig_begin(const char *root, uint64_t number, struct sc_diag *d, struct shelf_writer **w)
{
	enum sc_err err;

	if ((err = shelf_begin(root, RIG_DATASET, number, d, w)) == SC_OK &&
	    (err = put_all(*w, d)) != SC_OK) {
		shelf_abandon(*w);
		*w = NULL;
	}
	return err;
}

enum sc_err rig_release(const char *root, uint64_t number, struct sc_diag *d,
    uint8_t sha256[static SHELF_SHA_BYTES])
{
	struct shelf_manifest m;
	struct shelf_writer *w;
	enum sc_err err;

	if ((err = rig_begin(root, number, d, &w)) != SC_OK)
		return err;
	rig_manifest(number, &m);
	err = shelf_finish(w, &m, d, sha256);
	shelf_manifest_fini(&m);
	return err;
}
