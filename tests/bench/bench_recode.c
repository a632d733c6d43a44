/*
 * bench_recode.c - what recoding loses and costs.
 *
 *	bench_recode adult DIR [ONLY [SEED]]	Adult, ages in fives, against the bars
 *	bench_recode duplicates [N]	N rows (1000000) of 8 columns, few of them distinct
 *	bench_recode distinct [N]	... and almost all of them
 *
 * Seconds are of the processor, of recoding alone, the least of three; GCP in millionths.
 */
#include "analytics/recode/measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define COLUMNS 8

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench_recode: %s\n", what);
	exit(1);
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static char *slurp(const char *dir, const char *name, size_t *n)
{
	char path[512];
	char *text = malloc(64u << 20);
	FILE *f = NULL;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	must(text != NULL && (f = fopen(path, "rb")) != NULL, path);
	*n = fread(text, 1, (64u << 20) - 1, f);
	text[*n] = '\0';
	fclose(f);
	return text;
}

/* ---- tables --------------------------------------------------------------------------- */

static struct release_shape shape;
static struct release_table table;

static const char *const names[COLUMNS] = { "sex", "age", "race", "marital-status", "education",
	"native-country", "workclass", "occupation" };

static void read_adult_shape(const char *dir)
{
	const struct hierarchy_grid age = { .min = 17, .max = 90, .step = 5 };

	shape = (struct release_shape){ .n_columns = COLUMNS, .n_sensitive = 1 };
	for (size_t c = 0; c < COLUMNS; c++) {
		char name[64];
		size_t n;
		char *text;
		struct hierarchy *h = NULL;

		snprintf(name, sizeof(name), "adult_hierarchy_%s.csv", names[c]);
		text = slurp(dir, name, &n);
		must((c == 1 ? hierarchy_of_grid(&age, NULL, &h) :
			       hierarchy_parse(sc_span(text, n), NULL, &h)) == SC_OK,
		    name);
		shape.columns[c] = h;
		free(text);
	}
}

static void read_adult(const char *dir)
{
	size_t n;
	char *text = slurp(dir, "adult.csv", &n), *line = strchr(text, '\n');
	struct sc_span cells[COLUMNS + 1];

	read_adult_shape(dir);
	must(release_table_init(&table, &shape, NULL) == SC_OK, "table");
	while (line != NULL && line[1] != '\0') {
		char *at = line + 1;

		line = strchr(at, '\n');
		for (size_t c = 0; c <= COLUMNS; c++) {
			const size_t len = strcspn(at, ";\r\n");

			cells[c] = sc_span(at, len);
			at += len + 1;
		}
		must(release_table_add(&table, cells, &cells[COLUMNS], table.n, NULL) == SC_OK,
		    "row");
	}
	free(text);
}

static uint64_t lot = 88172645463325252u;

static uint64_t any(uint64_t n)
{
	lot ^= lot << 13;
	lot ^= lot >> 7;
	lot ^= lot << 17;
	return (lot >> 11) % n;
}

static struct hierarchy *tree_of(unsigned leaves)
{
	static char text[1u << 20];
	struct hierarchy *h = NULL;
	size_t n = 0;

	for (unsigned i = 0; i < leaves; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "v%u;a%u;b%u;c%u;*\n", i, i / 3,
		    i / 12, i / 60);
	must(hierarchy_parse(sc_span(text, n), NULL, &h) == SC_OK, "tree");
	return h;
}

static const unsigned n_leaves[COLUMNS] = { 60, 40, 240, 32, 20, 12, 6, 3 };

static void make_shape(void)
{
	shape = (struct release_shape){ .n_columns = COLUMNS, .n_sensitive = 1 };
	for (size_t c = 0; c < COLUMNS; c++) {
		const struct hierarchy_grid g = { .min = 0, .max = n_leaves[c] - 1, .step = 1 };
		struct hierarchy *h = NULL;

		if (c >= 2)
			h = tree_of(n_leaves[c]);
		else
			must(hierarchy_of_grid(&g, NULL, &h) == SC_OK, "grid");
		shape.columns[c] = h;
	}
}

/* One of twelve sorts of people, each with its middle in every column. */
static void make_row(unsigned row[COLUMNS])
{
	const unsigned sort = (unsigned)any(12);

	for (size_t c = 0; c < COLUMNS; c++) {
		const unsigned far =
		    (unsigned)(any(100) < 60 ? any(n_leaves[c]) : any(n_leaves[c] / 20 + 2));

		row[c] = (sort * n_leaves[c] / 12 + far) % n_leaves[c];
	}
}

/* N rows: new ones, or of POOL people's, one in ten with a column drawn anew. */
static void make_rows(size_t n, size_t pool)
{
	static unsigned rows[20000][COLUMNS];

	make_shape();
	for (size_t i = 0; i < pool; i++)
		make_row(rows[i]);
	must(release_table_init(&table, &shape, NULL) == SC_OK, "table");
	for (size_t i = 0; i < n; i++) {
		char text[COLUMNS][16];
		struct sc_span cells[COLUMNS], value = sc_span(&"abcde"[any(5) * any(2)], 1);
		unsigned row[COLUMNS];

		make_row(row);
		if (pool > 0) {
			const size_t c = any(COLUMNS);
			const unsigned new = row[c];

			memcpy(row, rows[any(pool)], sizeof(row));
			row[c] = any(100) < 10 ? new : row[c];
		}
		for (size_t c = 0; c < COLUMNS; c++) {
			snprintf(text[c], sizeof(text[c]), "%s%u", c >= 2 ? "v" : "", row[c]);
			cells[c] = sc_span_str(text[c]);
		}
		must(release_table_add(&table, cells, &value, i, NULL) == SC_OK, "row");
	}
}

/* ---- runs ----------------------------------------------------------------------------- */

static int seed = 7;
static const char *const profiles[] = { "fast", "standard", "quality" };

static void run(enum recode_profile profile, uint32_t k, struct recode_rule rule, double bar,
    int times)
{
	struct recode_settings set = { .k = k, .profile = profile, .rules = { rule } };
	struct recode_result *r = NULL;
	struct release_measures m;
	struct rusage use;
	double best = 1e9;

	memset(set.key, seed, sizeof(set.key));
	for (int i = 0; i < times; i++) {
		const double began = seconds();

		recode_result_free(r);
		must(recode_run(&table, &set, NULL, &r) == SC_OK, "recode");
		best = seconds() - began < best ? seconds() - began : best;
	}
	must(measure_release(&table, r, k, &m) == SC_OK, "measure");
	getrusage(RUSAGE_SELF, &use);
	const double gcp = m.gcp_ppm / 1e6;

	printf("%-8s k=%-3u l=%u t=%.2f  gcp %.4f%s  classes %6llu  dm %11llu  least %3llu",
	    profiles[profile], k, rule.distinct, rule.closeness_ppm / 1e6, gcp,
	    bar == 0       ? "" :
		gcp <= bar ? " ok  " :
			     " OVER",
	    (unsigned long long)m.classes, (unsigned long long)m.dm,
	    (unsigned long long)m.min_people);
	printf("  suppressed %llu  %7.3f s  %5ld MB\n", (unsigned long long)m.suppressed, best,
	    use.ru_maxrss / 1024);
	fflush(stdout);
	recode_result_free(r);
}

/* ONLY: a profile's first letter, 'l' for the rules of sensitive values, or 0 for all. */
static void run_adult(char only)
{
	static const uint32_t ks[] = { 5, 10, 25, 50, 100 };
	static const double bars[3][5] = { { .055, .082, .120, .160, .207 },
		{ .051, .077, .119, .159, .207 }, { .0485, .074, .115, .153, .199 } };
	const struct recode_rule none = { 0 }, l2 = { .distinct = 2 };
	const struct recode_rule l2t = { .distinct = 2, .closeness_ppm = 200000 };

	for (enum recode_profile p = RECODE_FAST; p <= RECODE_QUALITY; p++)
		for (size_t i = 0; i < 5 && (only == 0 || only == profiles[p][0]); i++)
			run(p, ks[i], none, bars[p][i], p == RECODE_QUALITY ? 1 : 3);
	if (only != 0 && only != 'l')
		return;
	run(RECODE_STANDARD, 5, l2, .092, 3);
	run(RECODE_STANDARD, 10, l2, .105, 3);
	run(RECODE_STANDARD, 10, l2t, .20, 3);
}

int main(int argc, char **argv)
{
	const size_t n = argc > 2 ? strtoul(argv[2], NULL, 10) : 1000000;
	const struct recode_rule none = { 0 }, l2 = { .distinct = 2 };

	seed = argc > 4 ? (int)strtoul(argv[4], NULL, 10) : seed;
	must(argc > 1, "adult DIR | duplicates [N] | distinct [N]");
	if (strcmp(argv[1], "adult") == 0) {
		must(argc > 2, "where Adult is");
		read_adult(argv[2]);
		run_adult(argc > 3 ? argv[3][0] : 0);
	} else {
		make_rows(n, strcmp(argv[1], "distinct") == 0 ? 0 : 20000);
		run(RECODE_FAST, 10, none, 0, 1);
		run(RECODE_STANDARD, 10, none, 0, 1);
		run(RECODE_STANDARD, 10, l2, 0, 1);
	}
	release_table_fini(&table);
	for (size_t c = 0; c < COLUMNS; c++)
		hierarchy_free((struct hierarchy *)(uintptr_t)shape.columns[c]);
	return 0;
}
