/*
 * release_rfm.c - weeks since the last order, orders and spending of 40 weeks as a released
 * view, and how far groups of alike people agree on it and on the exact grid.
 *
 *	release_rfm IN.csv OUT.csv K	rows "weeks,orders,spent,favourite,person"
 *
 * The grid is of 9 by 10 by 11 steps, those of spending by the shop's percentiles. OUT has a
 * row for each person: what is published of him. Prints "rows R suppressed S cells C ari A".
 */
#include "analytics/market/report.h"
#include "analytics/recode/recode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 1000000

/* Where each step begins; the last of orders and spending is open. */
static int64_t begins[3][11] = { { 0, 2, 4, 6, 9, 13, 18, 24, 31 },
	{ 1, 2, 3, 4, 5, 6, 7, 9, 12, 16 } };
static const size_t steps[3] = { 9, 10, 11 };

struct rfm_row {
	int64_t v[3];
	char favourite[48];
	uint64_t person;
};
static struct rfm_row *rows;
static size_t n_rows;

static void fail(const char *what, const struct sc_diag *d)
{
	fprintf(stderr, "release_rfm: %s: %s\n", what, d != NULL ? d->text : "");
	exit(1);
}

static void read_rows(const char *path)
{
	FILE *f = fopen(path, "r");
	char line[256];

	if (f == NULL || (rows = calloc(ROWS_MAX, sizeof(*rows))) == NULL)
		fail(path, NULL);
	while (n_rows < ROWS_MAX && fgets(line, sizeof(line), f) != NULL) {
		struct rfm_row *r = &rows[n_rows];
		char *at = line;

		for (size_t d = 0; d < 3; d++)
			r->v[d] = strtoll(at, &at, 10), at += *at == ',';
		const size_t name = strcspn(at, ",");

		snprintf(r->favourite, sizeof(r->favourite), "%.*s", (int)name, at);
		r->person = strtoull(at + name + 1, NULL, 10);
		n_rows++;
	}
	fclose(f);
}

static int ascending(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Steps of spending: by how many spend less. */
static void find_steps(void)
{
	static const double share[11] = { 0, .1, .2, .35, .5, .62, .74, .84, .91, .96, .99 };
	int64_t *v = calloc(n_rows, sizeof(*v));

	for (size_t i = 0; i < n_rows && v != NULL; i++)
		v[i] = rows[i].v[2];
	if (v == NULL)
		fail("memory", NULL);
	qsort(v, n_rows, sizeof(*v), ascending);
	for (size_t s = 1; s < 11; s++) {
		begins[2][s] = v[(size_t)(share[s] * (double)n_rows)];
		if (begins[2][s] <= begins[2][s - 1])
			begins[2][s] = begins[2][s - 1] + 1;
	}
	free(v);
}

static size_t step_of(size_t d, int64_t v)
{
	size_t s = steps[d] - 1;

	while (s > 0 && v < begins[d][s])
		s--;
	return s;
}

/* As a view writes it: "0-3", "16+", "*". */
static void print_range(size_t d, size_t lo, size_t hi, char out[static 64])
{
	if (lo == 0 && hi == steps[d] - 1)
		strcpy(out, "*");
	else if (hi == steps[d] - 1 && d > 0)
		snprintf(out, 64, ">=%lld", (long long)begins[d][lo]);
	else if (hi == steps[d] - 1)
		snprintf(out, 64, "%lld-39", (long long)begins[d][lo]);
	else if (begins[d][hi + 1] - 1 == begins[d][lo])
		snprintf(out, 64, "%lld", (long long)begins[d][lo]);
	else
		snprintf(out, 64, "%lld-%lld", (long long)begins[d][lo],
		    (long long)begins[d][hi + 1] - 1);
}

static struct recode_result *recode(uint32_t k)
{
	struct release_table t;
	struct release_shape shape = { .n_columns = 3, .n_sensitive = 1 };
	struct recode_settings set = { .k = k,
		.profile = RECODE_STANDARD,
		.rules = { { .distinct = 2 } },
		.suppression_ppm = 20000 };
	struct recode_result *r = NULL;
	struct sc_diag d = { 0 };
	struct hierarchy *h;

	for (size_t c = 0; c < 3; c++) {
		const struct hierarchy_grid g = { .min = 0,
			.max = (int64_t)steps[c] - 1,
			.step = 1 };

		if (hierarchy_of_grid(&g, &d, &h) != SC_OK)
			fail("grid", &d);
		shape.columns[c] = h;
	}
	if (release_table_init(&t, &shape, &d) != SC_OK)
		fail("table", &d);
	for (size_t i = 0; i < n_rows; i++) {
		char text[3][32];
		struct sc_span cells[3], favourite = sc_span_str(rows[i].favourite);

		for (size_t c = 0; c < 3; c++) {
			snprintf(text[c], 32, "%zu", step_of(c, rows[i].v[c]));
			cells[c] = sc_span_str(text[c]);
		}
		if (release_table_add(&t, cells, &favourite, rows[i].person, &d) != SC_OK)
			fail("row", &d);
	}
	memset(set.key, 7, sizeof(set.key));
	if (recode_run(&t, &set, &d, &r) != SC_OK)
		fail("recode", &d);
	release_table_fini(&t);
	for (size_t c = 0; c < 3; c++)
		hierarchy_free((struct hierarchy *)(uintptr_t)shape.columns[c]);
	return r;
}

/* ---- agreement ----------------------------------------------------------------------- */

struct cell_set {
	struct kmeans_cell v[KMEANS_CELLS];
	char name[KMEANS_CELLS][200];
	size_t n;
	uint16_t *of; /* of each row */
};

/* The cell called NAME, of ranges that read so. */
static size_t cell_of(struct cell_set *s, const char *name, const char text[3][64])
{
	struct cell_range ranges[3];
	double most[3], middle[3];

	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->name[i], name) == 0)
			return i;
	if (s->n == KMEANS_CELLS)
		fail("more cells than k-means takes", NULL);
	for (size_t d = 0; d < 3; d++)
		if (!cell_range_parse(sc_span_str(text[d]), &ranges[d]))
			fail(text[d], NULL);
	for (size_t d = 0; d < 3; d++)
		most[d] = d == 0 ? 39 : (double)begins[d][steps[d] - 1];
	report_place((const struct cell_range *const[]){ ranges, ranges + 1, ranges + 2 }, most,
	    middle, s->v[s->n].at);
	snprintf(s->name[s->n], sizeof(s->name[0]), "%s", name);
	return s->n++;
}

static void take(struct cell_set *s, size_t row, const size_t lo[3], const size_t hi[3])
{
	char text[3][64], name[200];

	for (size_t d = 0; d < 3; d++)
		print_range(d, lo[d], hi[d], text[d]);
	snprintf(name, sizeof(name), "%s/%s/%s", text[0], text[1], text[2]);
	s->of[row] = (uint16_t)cell_of(s, name, (const char(*)[64])text);
	s->v[s->of[row]].weight++;
}

static double agree(struct cell_set *a, struct cell_set *b, const bool *kept, size_t k)
{
	uint8_t *x = calloc(n_rows, 1), *y = calloc(n_rows, 1);
	double *w = calloc(n_rows, sizeof(*w)), ari;
	struct kmeans_result ra, rb;

	kmeans_scale(a->v, a->n);
	kmeans_scale(b->v, b->n);
	if (x == NULL || y == NULL || w == NULL ||
	    kmeans_run(a->v, a->n, k, KMEANS_STARTS, 1, &ra) != SC_OK ||
	    kmeans_run(b->v, b->n, k, KMEANS_STARTS, 1, &rb) != SC_OK)
		fail("k-means", NULL);
	for (size_t i = 0; i < n_rows; i++) {
		if (!kept[i])
			continue;
		x[i] = ra.group[a->of[i]];
		y[i] = rb.group[b->of[i]];
		w[i] = 1;
	}
	ari = kmeans_agreement(x, y, w, n_rows);
	free(x);
	free(y);
	free(w);
	return ari;
}

int main(int argc, char **argv)
{
	static struct cell_set exact, published;
	struct recode_result *r;
	bool *kept;
	FILE *out;

	if (argc != 4 || (out = fopen(argv[2], "w")) == NULL)
		return 2;
	read_rows(argv[1]);
	find_steps();
	r = recode((uint32_t)strtoul(argv[3], NULL, 10));
	kept = calloc(n_rows, sizeof(*kept));
	exact.of = calloc(n_rows, sizeof(*exact.of));
	published.of = calloc(n_rows, sizeof(*published.of));
	for (size_t i = 0; i < n_rows; i++) {
		size_t at[3], lo[3], hi[3];
		char text[64];

		if (r->class_of[i] == RECODE_SUPPRESSED)
			continue;
		kept[i] = true;
		for (size_t d = 0; d < 3; d++) {
			at[d] = step_of(d, rows[i].v[d]);
			lo[d] = r->classes[r->class_of[i]].lo[d];
			hi[d] = r->classes[r->class_of[i]].hi[d];
			print_range(d, lo[d], hi[d], text);
			fprintf(out, "%s,", text);
		}
		fprintf(out, "%s\n", rows[i].favourite);
		take(&exact, i, at, at);
		take(&published, i, lo, hi);
	}
	fclose(out);
	printf("rows %zu suppressed %zu cells %zu ari %.4f\n", n_rows, r->n_suppressed, r->n,
	    agree(&exact, &published, kept, 4));
	recode_result_free(r);
	free(kept);
	free(exact.of);
	free(published.of);
	free(rows);
	return 0;
}
