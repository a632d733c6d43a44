/*
 * shelf_maker.c - makes a release for the scenarios, of people who are made up by counting.
 *
 *	shelf_maker ROOT DATASET NUMBER ROWS [--previous HEX] [--tenant NAME] [--unchecked]
 *
 * It prints the manifest's SHA-256.
 */
#include "analytics/shelf/shelf.h"
#include "base/text/hex.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct shelf_column people_columns[] = {
	{ "age", SHELF_TEXT, SHELF_QUASI, "years", "Age, in ranges.", "\xe5\xb9\xb4\xe9\xbe\x84" },
	{ "region", SHELF_TEXT, SHELF_QUASI, "", "Where they live; it's a region.", "" },
	{ "orders", SHELF_INTEGER, SHELF_SENSITIVE, "", "Orders of the last year.", "" },
};
static const struct shelf_column region_columns[] = {
	{ "region", SHELF_TEXT, SHELF_DIMENSION, "", "A region, a \"part\" of it\\or both.", "" },
	{ "people", SHELF_INTEGER, SHELF_MEASURE, "people", "How many.", "" },
	{ "folded", SHELF_INTEGER, SHELF_FOLDED, "", "Of how many cells.", "" },
};
static const struct shelf_table people = { "people", "A row is a person.", "", people_columns, 3,
	0 };
static const struct shelf_table regions = { "regions", "A row is a region.", "", region_columns, 3,
	0 };

static struct shelf_value text(const char *s)
{
	return (struct shelf_value){ .text = sc_span_str(s) };
}

static enum sc_err put_rows(struct shelf_writer *w, uint64_t n, struct sc_diag *d)
{
	static const char *const ages[] = { "20-29", "30-39", "40-49", "*" };
	static const char *const where[] = { "north", "S\tout\\h\n", "\xe5\x8c\x97", "" };
	enum sc_err err = shelf_table(w, &people, d);

	for (uint64_t i = 0; i < n && err == SC_OK; i++) {
		const struct shelf_value v[] = { text(ages[i % 4]), text(where[i / 4 % 4]),
			{ .number = (int64_t)(i % 7) - 1 } };

		err = shelf_row(w, v, d);
	}
	if (err == SC_OK)
		err = shelf_table(w, &regions, d);
	for (size_t i = 0; i < 4 && err == SC_OK; i++) {
		const struct shelf_value v[] = { text(where[i]), { .number = (int64_t)(n / 4) },
			{ .number = 1 } };

		err = shelf_row(w, v, d);
	}
	return err;
}

static enum sc_err make(char **argv, struct shelf_manifest *m, struct sc_diag *d,
    uint8_t sha256[static SHELF_SHA_BYTES])
{
	struct shelf_writer *w;
	enum sc_err err;

	if ((err = shelf_begin(argv[1], argv[2], m->number, d, &w)) != SC_OK)
		return err;
	if ((err = put_rows(w, strtoull(argv[4], NULL, 10), d)) != SC_OK ||
	    (err = shelf_file(w, "report.json", sc_span_str("{}\n"), d)) != SC_OK) {
		shelf_abandon(w);
		return err;
	}
	return shelf_finish(w, m, d, sha256);
}

/* What follows the first four words. False: it is not understood. */
static bool take_options(int argc, char **argv, struct shelf_manifest *m)
{
	for (int i = 5; i < argc; i++) {
		if (strcmp(argv[i], "--unchecked") == 0)
			m->checked = false;
		else if (i + 1 < argc && strcmp(argv[i], "--tenant") == 0)
			snprintf(m->tenant.s, sizeof(m->tenant.s), "%s", argv[++i]);
		else if (i + 1 >= argc || strcmp(argv[i], "--previous") != 0 ||
		    !hex_parse(sc_span_str(argv[++i]), m->previous, SHELF_SHA_BYTES))
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	struct shelf_manifest m = { .tenant = { "demo" },
		.from = "2026-11-16",
		.to = "2026-11-22",
		.made_ms = 1764000000000,
		.title = "Who buys, and how much.",
		.title_zh = "",
		.k = 10,
		.suppression_ppm = 10000,
		.rules = { { "orders", 2, 0, 300000, 0, true } },
		.n_rules = 1,
		.profile = "standard",
		.checked = true };
	struct sc_diag d = { .text = "" };
	uint8_t sha256[SHELF_SHA_BYTES];
	char said[640];
	enum sc_err err;

	if (sodium_init() < 0 || argc < 5 || !take_options(argc, argv, &m))
		return 2;
	snprintf(m.dataset.s, sizeof(m.dataset.s), "%s", argv[2]);
	m.number = strtoull(argv[3], NULL, 10);
	err = make(argv, &m, &d, sha256);
	shelf_manifest_fini(&m);
	if (err != SC_OK) {
		sc_diag_print(&d, said, sizeof(said));
		fprintf(stderr, "shelf_maker: %s\n", said);
		return 1;
	}
	for (size_t i = 0; i < sizeof(sha256); i++)
		printf("%02x", sha256[i]);
	putchar('\n');
	return 0;
}
