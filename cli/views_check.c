/*
 * views_check.c - `scrim views check`: a release is derived again from its own files, and,
 * given the table that it was made of, from that. 0 only when all of it holds.
 */
#include "analytics/cube/attack.h"
#include "analytics/query/receipt.h"
#include "analytics/views/recheck.h"
#include "cli/file.h"
#include "cli/views_input.h"

#include <stdio.h>

#define VKEY_MAX 4096

/* What was looked at, and what was found. */
struct check_told {
	struct shelf_release release;
	struct check_report alone, source; /* of a view */
	struct cube_attack attack;         /* of a cube */
	bool has_source, has_receipt;
};

/* ---- a view ----------------------------------------------------------------------------- */

static int check_source(const struct cli_call *c, struct check_told *t)
{
	struct views_input in = { .spec = NULL };
	struct sc_diag d = { .text = "" };
	enum sc_err err;
	int rc = CLI_GO_ON;

	if (c->views.original == NULL)
		return CLI_GO_ON;
	if ((rc = views_input_open(c, c->views.original, &in)) == CLI_GO_ON) {
		err = view_recheck_source(&t->release, in.spec, view_csv_source(in.csv), &t->source,
		    &d);
		t->has_source = err == SC_OK;
		rc = err == SC_OK ? CLI_GO_ON : cli_fail_err(err, &d);
	}
	views_input_close(&in);
	return rc;
}

static int check_view(const struct cli_call *c, struct check_told *t)
{
	struct sc_diag d = { .text = "" };
	const enum sc_err err = view_recheck(&t->release, &t->alone, &d);

	return err == SC_OK ? check_source(c, t) : cli_fail_err(err, &d);
}

/* ---- a cube ----------------------------------------------------------------------------- */

static void say_found(void *arg, const char *table, const char *what, uint64_t lo, uint64_t hi)
{
	(void)arg;
	cli_progress(NULL);
	fprintf(stderr, "scrim: %s: %s is %llu to %llu people\n", table, what,
	    (unsigned long long)lo, (unsigned long long)hi);
}

static int check_cube(const struct cli_call *c, struct check_told *t)
{
	struct sc_diag d = { .text = "" };
	char path[FILE_PATH_MAX];
	enum sc_err err;

	if (c->views.original != NULL)
		return cli_fail(CLI_USAGE, "a cube is made of events: --original is for views");
	file_path(path, "%s/" SHELF_DB, t->release.folder);
	err = cube_attack(path, t->release.manifest.k, "", say_found, views_progress,
	    (void *)(uintptr_t) "attacking", &d, &t->attack);
	cli_progress(NULL);
	if (err != SC_OK)
		return cli_fail_err(err, &d);
	return t->attack.solved == 0 ?
	    CLI_GO_ON :
	    cli_fail(CLI_NO, "%llu cells or differences of the cube can be solved",
		(unsigned long long)t->attack.solved);
}

/* ---- all of it -------------------------------------------------------------------------- */

/* Does the log say that it was published? */
static int check_receipt(const struct cli_call *c, struct check_told *t)
{
	struct sc_diag d = { .text = "" };
	struct sc_buf vkey;
	enum sc_err err;

	if (c->vkey == NULL)
		return CLI_GO_ON;
	sc_buf_init(&vkey, VKEY_MAX);
	if ((err = file_read(c->vkey, &vkey, &d)) == SC_OK &&
	    (err = sc_buf_put(&vkey, "", 1)) == SC_OK)
		err = receipt_check(&t->release, (const char *)vkey.p, &d);
	t->has_receipt = err == SC_OK;
	sc_buf_fini(&vkey);
	return err == SC_OK ? CLI_GO_ON : cli_fail_err(err, &d);
}

static void put_cube(struct jsonw *w, const struct cube_attack *a)
{
	jsonw_ku64(w, "folded", a->folded);
	jsonw_ku64(w, "differences", a->differences);
	jsonw_ku64(w, "solved", a->solved);
	jsonw_ku64(w, "narrowest", a->narrowest);
}

static void put_view(struct jsonw *w, const struct check_told *t)
{
	jsonw_ku64(w, "rows", t->alone.rows);
	jsonw_ku64(w, "classes", t->alone.classes);
	jsonw_ku64(w, "min_rows", t->alone.min_rows);
	jsonw_key(w, "min_distinct");
	jsonw_array(w);
	for (size_t s = 0; s < t->release.manifest.n_rules; s++)
		jsonw_u64(w, t->alone.min_distinct[s]);
	jsonw_array_end(w);
}

static int tell_json(const struct check_told *t)
{
	const struct shelf_manifest *m = &t->release.manifest;
	struct sc_buf out;

	sc_buf_init(&out, 1u << 16);
	struct jsonw w = jsonw(&out);
	jsonw_object(&w);
	jsonw_kstr(&w, "dataset", m->dataset.s);
	jsonw_ku64(&w, "number", m->number);
	jsonw_key(&w, "manifest");
	jsonw_hex(&w, t->release.sha256, sizeof(t->release.sha256));
	jsonw_key(&w, "holds");
	jsonw_bool(&w, true);
	jsonw_key(&w, "original");
	jsonw_bool(&w, t->has_source);
	jsonw_key(&w, "receipt");
	jsonw_bool(&w, t->has_receipt);
	jsonw_ku64(&w, "k", m->k);
	if (m->kind == SHELF_VIEW)
		put_view(&w, t);
	else
		put_cube(&w, &t->attack);
	jsonw_object_end(&w);
	return cli_out_json(&w);
}

static void tell_view(const struct check_told *t)
{
	const struct shelf_manifest *m = &t->release.manifest;

	printf("  classes %s, the smallest of %s rows (k is %u)\n", views_count(t->alone.classes),
	    views_count(t->alone.min_rows), m->k);
	for (size_t s = 0; s < m->n_rules; s++)
		printf("  %s: %u values or more in every class (l is %u)\n", m->rules[s].column,
		    t->alone.min_distinct[s], m->rules[s].distinct);
	if (t->has_source)
		printf("  table   every cell generalises its row's value; %s rows are left out\n",
		    views_count(t->source.suppressed));
}

static int tell(const struct check_told *t)
{
	const struct shelf_manifest *m = &t->release.manifest;

	printf("%s, release %llu: it holds\n", m->dataset.s, (unsigned long long)m->number);
	printf("  files   as its manifest says%s\n",
	    t->has_receipt ? ", and the log says that it is published" : "");
	if (m->kind == SHELF_VIEW)
		tell_view(t);
	else
		printf(
		    "  cells   %s folded ones and %s differences were tried: none can be solved\n",
		    views_count(t->attack.folded), views_count(t->attack.differences));
	return cli_flush(CLI_DONE);
}

/* What is to be checked of each kind. */
static int check_what_it_is(const struct cli_call *c, struct check_told *t)
{
	return t->release.manifest.kind == SHELF_VIEW ? check_view(c, t) : check_cube(c, t);
}

int cli_views_check(const struct cli_call *c)
{
	struct check_told t = { .has_source = false };
	struct sc_diag d = { .text = "" };
	enum sc_err err;
	int rc;

	if ((c->views.original == NULL) != (c->views.spec == NULL))
		return cli_fail(CLI_USAGE, "--original FILE.csv and --spec FILE go together");
	if ((err = shelf_release_open(c->words[0], &d, &t.release)) != SC_OK)
		return cli_fail_err(err, &d);
	if ((rc = check_receipt(c, &t)) == CLI_GO_ON && (rc = check_what_it_is(c, &t)) == CLI_GO_ON)
		rc = c->json ? tell_json(&t) : tell(&t);
	shelf_release_fini(&t.release);
	return rc;
}
