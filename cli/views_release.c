/*
 * views_release.c - `scrim views release`: a table of anybody's becomes a release on a shelf
 * of anybody's. No daemon and no scrim.json is needed; without a table see views_owed.h.
 */
#include "base/clock.h"
#include "base/private_file.h"
#include "cli/views_input.h"
#include "cli/views_owed.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define SEED_MAX 4096 /* bytes of a file */

/* ---- what it is made with --------------------------------------------------------------- */

/* The key that ties fall by: of --seed's bytes, or drawn. */
static int choose_key(const struct cli_call *c, uint8_t key[static RELEASE_KEY_BYTES])
{
	struct sc_diag d = { .text = "" };
	uint8_t sum[crypto_hash_sha256_BYTES];
	struct sc_buf seed;
	enum sc_err err;

	if (c->views.seed == NULL) {
		randombytes_buf(key, RELEASE_KEY_BYTES);
		return CLI_GO_ON;
	}
	sc_buf_init(&seed, SEED_MAX);
	err = private_file_read(c->views.seed, "seed", &seed, &d);
	if (err == SC_OK && seed.n < RELEASE_KEY_BYTES) {
		sc_diag_set(&d, "a seed has at least %d bytes that nobody can guess",
		    RELEASE_KEY_BYTES);
		err = SC_SYNTAX;
	}
	crypto_hash_sha256(sum, seed.p, seed.n);
	memcpy(key, sum, RELEASE_KEY_BYTES);
	sc_wipe(sum, sizeof(sum));
	sc_buf_fini(&seed);
	return err == SC_OK ? CLI_GO_ON : cli_fail_err(err, &d);
}

/* Its number, and the manifest of the one before it. */
static int choose_number(const struct cli_call *c, struct view_order *o)
{
	struct shelf_release before = { .folder = NULL };
	struct sc_diag d = { .text = "" };
	char path[4096];
	uint64_t newest = 0;
	enum sc_err err = shelf_newest(o->root, o->spec->name, &d, &newest);

	if (err != SC_OK)
		return cli_fail_err(err, &d);
	o->number = c->views.number == 0 ? newest + 1 : c->views.number;
	/* one that was noted and never made has its number for good */
	if (c->views.number == 0 && o->lineage != NULL &&
	    lineage_number(o->lineage, o->spec->name) >= o->number)
		o->number = lineage_number(o->lineage, o->spec->name) + 1;
	if (newest == 0 || newest >= o->number)
		return CLI_GO_ON; /* the first; or shelf_begin() refuses it */
	if ((err = shelf_path(o->root, o->spec->name, newest, path, sizeof(path))) == SC_OK &&
	    (err = shelf_release_open(path, &d, &before)) == SC_OK && newest == o->number - 1)
		memcpy(o->previous, before.sha256, sizeof(o->previous));
	shelf_release_fini(&before);
	return err == SC_OK ? CLI_GO_ON : cli_fail_err(err, &d);
}

static int open_lineage(const struct cli_call *c, const struct view_spec *spec,
    struct lineage **out)
{
	struct sc_diag d = { .text = "" };
	enum sc_err err;

	if (c->views.lineage == NULL)
		return CLI_GO_ON;
	if (spec->person == NULL)
		return cli_fail(CLI_NO,
		    "--lineage needs \"person\" in the spec: who is in a row must be known again");
	err = lineage_open(c->views.lineage, &d, out);
	return err == SC_OK ? CLI_GO_ON : cli_fail_err(err, &d);
}

/* ---- what is told ----------------------------------------------------------------------- */

static int tell_json(const struct view_order *o, const struct view_made *made)
{
	const struct release_measures *m = &made->measures;
	struct sc_buf out;

	sc_buf_init(&out, 1u << 16);
	struct jsonw w = jsonw(&out);
	jsonw_object(&w);
	jsonw_kstr(&w, "dataset", o->spec->name);
	jsonw_ku64(&w, "number", o->number);
	jsonw_key(&w, "manifest");
	jsonw_hex(&w, made->sha256, sizeof(made->sha256));
	jsonw_ku64(&w, "k", o->spec->k);
	jsonw_ku64(&w, "rows", m->rows);
	jsonw_ku64(&w, "suppressed", m->suppressed);
	jsonw_ku64(&w, "people", m->people);
	jsonw_ku64(&w, "classes", m->classes);
	jsonw_ku64(&w, "min_people", m->min_people);
	jsonw_ku64(&w, "gcp_ppm", m->gcp_ppm);
	jsonw_ku64(&w, "risk_max_ppm", m->risk_max_ppm);
	jsonw_ku64(&w, "risk_avg_ppm", m->risk_avg_ppm);
	jsonw_ku64(&w, "dropped_columns", made->dropped);
	jsonw_object_end(&w);
	return cli_out_json(&w);
}

static int tell(const struct view_order *o, const struct view_made *made)
{
	const struct release_measures *m = &made->measures;

	printf("%s, release %llu: %s of %s rows, %s people\n", o->spec->name,
	    (unsigned long long)o->number, views_count(m->rows - m->suppressed),
	    views_count(m->rows), views_count(m->people));
	printf("  classes     %s, the smallest of %s people (k is %u)\n", views_count(m->classes),
	    views_count(m->min_people), o->spec->k);
	printf("  detail lost %s (GCP: 0 is nothing, 1 is all)\n", views_fraction(m->gcp_ppm));
	printf("  suppressed  %s rows, %s\n", views_count(m->suppressed),
	    views_percent(m->rows == 0 ? 0 : m->suppressed * RELEASE_PPM / m->rows));
	printf("  to be found %s at most, %s on average: who knows all else of somebody\n",
	    views_percent(m->risk_max_ppm), views_percent(m->risk_avg_ppm));
	printf("  files       %s/%s/%llu: release.db, manifest.json, report.json, report.html\n",
	    o->root, o->spec->name, (unsigned long long)o->number);
	return cli_flush(CLI_DONE);
}

/* ---- all of it -------------------------------------------------------------------------- */

static int make(const struct cli_call *c, struct view_order *o)
{
	struct sc_diag d = { .text = "" };
	struct view_made made;
	enum sc_err err;

	o->progress = views_progress;
	o->ctx = (void *)(uintptr_t) "releasing";
	err = view_make(o, &d, &made);
	cli_progress(NULL);
	if (err != SC_OK)
		return cli_fail_err(err, &d);
	views_say_dropped(made.dropped);
	return c->json ? tell_json(o, &made) : tell(o, &made);
}

int cli_views_release(const struct cli_call *c)
{
	struct views_input in = { .spec = NULL };
	struct view_order o = { .tenant = "local",
		.root = c->views.out,
		.made_ms = clock_unix_ms(),
		.from = "",
		.to = "" };
	int rc;

	if (c->n_words == 0)
		return views_owed(c);
	if (c->views.out == NULL)
		return cli_fail(CLI_USAGE, "--out DIR is missing: the folder that releases go to");
	if ((rc = views_input_open(c, c->words[0], &in)) == CLI_GO_ON) {
		o.spec = in.spec;
		o.source = view_csv_source(in.csv);
		if ((rc = choose_key(c, o.key)) == CLI_GO_ON &&
		    (rc = open_lineage(c, in.spec, &o.lineage)) == CLI_GO_ON &&
		    (rc = choose_number(c, &o)) == CLI_GO_ON)
			rc = make(c, &o);
	}
	lineage_close(o.lineage);
	sc_wipe(o.key, sizeof(o.key));
	views_input_close(&in);
	return rc;
}
