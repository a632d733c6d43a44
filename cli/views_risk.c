/*
 * views_risk.c - `scrim views risk`: what a table tells of its people as it stands.
 */
#include "analytics/views/risk.h"
#include "cli/views_input.h"

#include <stdio.h>

static uint64_t share(uint64_t part, uint64_t all)
{
	return all == 0 ? 0 : part * RELEASE_PPM / all;
}

/* ---- as text ---------------------------------------------------------------------------- */

static void print_set(const struct view_risk *r, const struct view_risk_set *set, const char *what)
{
	printf("  %8s  %s", views_percent(share(set->unique, r->rows)), what);
	for (size_t a = 0, n = 0; *what == '\0' && a < r->n_columns; a++)
		if ((set->columns >> a & 1) != 0)
			printf("%s%s", n++ == 0 ? "" : " + ", r->columns[a]);
	putchar('\n');
}

static void print_sets(const struct view_risk *r)
{
	printf("\nrows that are singled out: nobody else has the same\n");
	print_set(r, &r->all, "in all of the columns that are \"quasi\"");
	for (size_t i = 0; i < r->n_best; i++)
		print_set(r, &r->best[i], "");
}

static void print_sizes(const struct view_risk *r)
{
	printf("\npeople who are alike in all of them\n");
	for (size_t i = 0; i < VIEW_RISK_SIZES; i++) {
		const struct view_risk_size *s = &r->sizes[i];
		char range[32];

		if (s->groups == 0)
			continue;
		if (s->to == UINT64_MAX)
			snprintf(range, sizeof(range), "%llu or more", (unsigned long long)s->from);
		else if (s->from == s->to)
			snprintf(range, sizeof(range), "%llu", (unsigned long long)s->from);
		else
			snprintf(range, sizeof(range), "%llu to %llu", (unsigned long long)s->from,
			    (unsigned long long)s->to);
		printf("  %12s  %s groups, %s of the rows\n", range, views_count(s->groups),
		    views_percent(share(s->rows, r->rows)));
	}
	printf("  found by who knows them to be in the table: %s at most, %s on average\n",
	    views_percent(r->prosecutor_max_ppm), views_percent(r->prosecutor_avg_ppm));
	printf("  (who does not know it finds them no more often)\n");
}

static void print_values(const struct view_risk *r)
{
	for (size_t s = 0; s < r->n_sensitive; s++)
		printf("\n%s is told of %s of the rows without finding anybody: all who are alike "
		       "have the same\n",
		    r->sensitive[s], views_percent(share(r->values[s].told, r->rows)));
}

static void print_costs(const struct view_risk *r)
{
	printf("\nwhat a release would cost (fast profile)\n");
	for (size_t i = 0; i < VIEW_RISK_COSTS; i++) {
		const struct view_risk_cost *c = &r->costs[i];

		if (c->ok)
			printf("  k %-3u %s of the detail lost, %s classes, %s rows suppressed\n",
			    c->k, views_percent(c->measures.gcp_ppm),
			    views_count(c->measures.classes), views_count(c->measures.suppressed));
		else
			printf("  k %-3u not possible: %s\n", c->k, c->why);
	}
}

static int tell(const struct view_risk *r)
{
	printf("%s rows of %s people\n", views_count(r->rows), views_count(r->people));
	print_sets(r);
	print_sizes(r);
	print_values(r);
	print_costs(r);
	return cli_flush(CLI_DONE);
}

/* ---- as JSON ---------------------------------------------------------------------------- */

static void put_set(struct jsonw *w, const struct view_risk *r, const struct view_risk_set *set)
{
	jsonw_object(w);
	jsonw_key(w, "columns");
	jsonw_array(w);
	for (size_t a = 0; a < r->n_columns; a++)
		if ((set->columns >> a & 1) != 0)
			jsonw_str(w, r->columns[a]);
	jsonw_array_end(w);
	jsonw_ku64(w, "unique_rows", set->unique);
	jsonw_ku64(w, "groups", set->groups);
	jsonw_object_end(w);
}

static void put_sets(struct jsonw *w, const struct view_risk *r)
{
	jsonw_key(w, "all");
	put_set(w, r, &r->all);
	jsonw_key(w, "alone");
	jsonw_array(w);
	for (size_t a = 0; a < r->n_columns; a++)
		put_set(w, r, &r->alone[a]);
	jsonw_array_end(w);
	jsonw_key(w, "best");
	jsonw_array(w);
	for (size_t i = 0; i < r->n_best; i++)
		put_set(w, r, &r->best[i]);
	jsonw_array_end(w);
}

static void put_sizes(struct jsonw *w, const struct view_risk *r)
{
	jsonw_key(w, "sizes");
	jsonw_array(w);
	for (size_t i = 0; i < VIEW_RISK_SIZES; i++) {
		jsonw_object(w);
		jsonw_ku64(w, "from", r->sizes[i].from);
		jsonw_key(w, "to");
		if (r->sizes[i].to == UINT64_MAX)
			jsonw_null(w);
		else
			jsonw_u64(w, r->sizes[i].to);
		jsonw_ku64(w, "groups", r->sizes[i].groups);
		jsonw_ku64(w, "rows", r->sizes[i].rows);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

static void put_values(struct jsonw *w, const struct view_risk *r)
{
	jsonw_key(w, "sensitive");
	jsonw_array(w);
	for (size_t s = 0; s < r->n_sensitive; s++) {
		jsonw_object(w);
		jsonw_kstr(w, "name", r->sensitive[s]);
		jsonw_ku64(w, "told_rows", r->values[s].told);
		jsonw_ku64(w, "min_distinct", r->values[s].min_distinct);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

static void put_costs(struct jsonw *w, const struct view_risk *r)
{
	jsonw_key(w, "costs");
	jsonw_array(w);
	for (size_t i = 0; i < VIEW_RISK_COSTS; i++) {
		const struct view_risk_cost *c = &r->costs[i];

		jsonw_object(w);
		jsonw_ku64(w, "k", c->k);
		jsonw_key(w, "possible");
		jsonw_bool(w, c->ok);
		if (c->ok) {
			jsonw_ku64(w, "gcp_ppm", c->measures.gcp_ppm);
			jsonw_ku64(w, "classes", c->measures.classes);
			jsonw_ku64(w, "suppressed", c->measures.suppressed);
			jsonw_ku64(w, "risk_avg_ppm", c->measures.risk_avg_ppm);
		} else {
			jsonw_kstr(w, "why", c->why);
		}
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

static int tell_json(const struct view_risk *r)
{
	struct sc_buf out;

	sc_buf_init(&out, 1u << 18);
	struct jsonw w = jsonw(&out);
	jsonw_object(&w);
	jsonw_ku64(&w, "rows", r->rows);
	jsonw_ku64(&w, "people", r->people);
	jsonw_ku64(&w, "dropped_columns", r->dropped);
	put_sets(&w, r);
	put_sizes(&w, r);
	jsonw_ku64(&w, "prosecutor_max_ppm", r->prosecutor_max_ppm);
	jsonw_ku64(&w, "prosecutor_avg_ppm", r->prosecutor_avg_ppm);
	jsonw_ku64(&w, "journalist_max_ppm_at_most", r->prosecutor_max_ppm);
	jsonw_ku64(&w, "marketer_ppm", r->marketer_ppm);
	put_values(&w, r);
	put_costs(&w, r);
	jsonw_object_end(&w);
	return cli_out_json(&w);
}

int cli_views_risk(const struct cli_call *c)
{
	struct views_input in = { .spec = NULL };
	struct sc_diag d = { .text = "" };
	struct view_risk risk;
	enum sc_err err;
	int rc;

	if ((rc = views_input_open(c, c->words[0], &in)) == CLI_GO_ON) {
		err = view_risk_look(in.spec, view_csv_source(in.csv), views_progress,
		    (void *)(uintptr_t) "looking", &d, &risk);
		cli_progress(NULL);
		if (err != SC_OK)
			rc = cli_fail_err(err, &d);
		else
			rc = c->json ? tell_json(&risk) : tell(&risk);
	}
	views_input_close(&in);
	return rc;
}
