/*
 * test_recode_adult.c - what is lost of a table that everybody measures on: Adult, 30,162
 * rows and 8 columns, with ARX's hierarchies and ages as ranges of five years.
 *
 * The bars are below what ARX's local recoding loses at every k. Every release passes the
 * checker, and nothing is suppressed.
 */
#include "downcode.h"
#include "recode_rig.h"
#include "tap.h"

#define ADULT "../shared/data/anon/adult_arx"
#define COLUMNS 8

static struct recode_rig rig;

static char *slurp(const char *name)
{
	char path[256], *text = calloc(1, 4u << 20);
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", ADULT, name);
	f = fopen(path, "rb");
	if (f == NULL || text == NULL || fread(text, 1, (4u << 20) - 1, f) == 0) {
		free(text);
		text = NULL;
	}
	if (f != NULL)
		fclose(f);
	return text;
}

static bool read_adult(void)
{
	static const char *const names[COLUMNS] = { "sex", "age", "race", "marital-status",
		"education", "native-country", "workclass", "occupation" };
	char *text = slurp("adult.csv"), *line = text;

	rig_init(&rig);
	for (size_t c = 0; c < COLUMNS && text != NULL; c++) {
		char name[64], *tree;

		snprintf(name, sizeof(name), "adult_hierarchy_%s.csv", names[c]);
		if ((tree = slurp(name)) == NULL)
			return false;
		if (c == 1)
			rig_grid(&rig, (struct hierarchy_grid){ .min = 17, .max = 90, .step = 5 });
		else
			rig_tree(&rig, tree);
		free(tree);
	}
	rig_sensitive(&rig, NULL, (struct recode_rule){ 0 });
	for (size_t i = 0; line != NULL && *line != '\0'; i++) {
		const size_t n = strcspn(line, "\r\n");
		char *next = line + n + strspn(line + n, "\r\n");

		line[n] = '\0';
		if (i > 0)
			rig_row(&rig, line, i);
		line = next;
	}
	free(text);
	return text != NULL;
}

static void release(enum recode_profile profile, uint32_t k, struct recode_rule rule, uint32_t bar)
{
	struct release_measures m;
	struct check_report report;
	struct sc_diag d = { 0 };

	rig.set.profile = profile;
	rig.set.k = k;
	rig.set.rules[0] = rule;
	rig.wants.rules[0] =
	    (struct check_rule){ .distinct = rule.distinct, .closeness_ppm = rule.closeness_ppm };
	NEED(rig_recode(&rig, NULL, &d) == SC_OK && rig_check(&rig, &report, &d) == SC_OK);
	NEED(measure_release(&rig.table, rig.result, k, &m) == SC_OK);
	CHECK(report.ok && report.suppressed == 0 && report.min_people >= k &&
	    m.min_people == report.min_people);
	CHECK(m.classes == report.classes && m.gcp_ppm <= bar);
	printf("# k %u, %u values: %u of %u millionths\n", k, rule.distinct, m.gcp_ppm, bar);
}

static const uint32_t ks[] = { 5, 10, 25, 50, 100 };

static void test_fast(void)
{
	static const uint32_t bars[] = { 55000, 82000, 120000, 160000, 207000 };

	for (size_t i = 0; i < 5; i++)
		release(RECODE_FAST, ks[i], (struct recode_rule){ 0 }, bars[i]);
}

static void test_standard(void)
{
	static const uint32_t bars[] = { 51000, 77000, 119000, 159000, 207000 };

	for (size_t i = 0; i < 5; i++)
		release(RECODE_STANDARD, ks[i], (struct recode_rule){ 0 }, bars[i]);
}

static void test_quality(void)
{
	release(RECODE_QUALITY, 50, (struct recode_rule){ 0 }, 153000);
	release(RECODE_QUALITY, 100, (struct recode_rule){ 0 }, 199000);
}

static void test_rules(void)
{
	release(RECODE_STANDARD, 5, (struct recode_rule){ .distinct = 2 }, 92000);
	release(RECODE_STANDARD, 10, (struct recode_rule){ .distinct = 2 }, 105000);
	release(RECODE_STANDARD, 10, (struct recode_rule){ .distinct = 2, .closeness_ppm = 200000 },
	    200000);
}

/* Whoever knows the method guesses cells hardly better than whoever knows frequencies. */
static void undo(enum recode_profile profile, uint32_t k)
{
	struct downcode_score s;
	struct sc_diag d = { 0 };

	rig.set.profile = profile;
	rig.set.k = k;
	rig.set.rules[0] = (struct recode_rule){ 0 };
	NEED(rig_recode(&rig, NULL, &d) == SC_OK);
	s = downcode_run(&rig.table, rig.result, k);
	CHECK(s.by_cover * 100 <= s.by_rate * 100 + 2 * s.cells);
	CHECK(s.by_cut * 100 <= s.by_rate * 100 + 2 * s.cells);
	printf(
	    "# k %u: of %llu cells %llu by frequency, %llu by what would have moved, %llu by what "
	    "would have been cut\n",
	    k, (unsigned long long)s.cells, (unsigned long long)s.by_rate,
	    (unsigned long long)s.by_cover, (unsigned long long)s.by_cut);
}

static void test_undone(void)
{
	for (size_t i = 0; i < 5; i++)
		undo(RECODE_FAST, ks[i]);
	undo(RECODE_STANDARD, 100);
}

int main(void)
{
	if (!read_adult()) {
		tap_skip("what is lost of Adult", ADULT " is not there");
		rig_fini(&rig);
		return tap_done();
	}
	RUN(test_fast, "fast loses no more than it may");
	RUN(test_standard, "standard loses no more than it may");
	RUN(test_quality, "quality loses no more than it may");
	RUN(test_rules, "with rules for sensitive values, standard loses no more than it may");
	RUN(test_undone, "generalised cells are not undone by whoever knows the method");
	rig_fini(&rig);
	return tap_done();
}
