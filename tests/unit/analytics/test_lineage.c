/*
 * test_lineage.c - what republication promises, at its edges, and against an attacker who has
 * half a year of two datasets about one made-up population.
 */
#include "analytics/lineage/lineage_private.h"
#include "base/bytes.h"
#include "intersect.h"
#include "recode_rig.h"
#include "tap.h"

#include <sys/stat.h>
#include <unistd.h>

#define K 5
#define M 2

static struct hierarchy *grid;
static struct release_table table;
static struct recode_result *result;
static struct lineage_figures figures;
static struct sc_diag diag;
static char path[64];

/* ---- tables by hand ---------------------------------------------------------------------- */

static void begin(void)
{
	const struct release_shape shape = { .columns = { grid, grid },
		.n_columns = 2,
		.n_sensitive = 1 };

	release_table_fini(&table);
	if (release_table_init(&table, &shape, NULL) != SC_OK)
		exit(1);
}

static void add(uint64_t person, unsigned a, unsigned b, unsigned value)
{
	char text[3][16];
	struct sc_span cells[2], v;

	snprintf(text[0], 16, "%u", a);
	snprintf(text[1], 16, "%u", b);
	snprintf(text[2], 16, "v%u", value);
	cells[0] = sc_span_str(text[0]);
	cells[1] = sc_span_str(text[1]);
	v = sc_span_str(text[2]);
	if (release_table_add(&table, cells, &v, person, NULL) != SC_OK)
		exit(1);
}

/* People FROM to TO, all alike in A, with two values in turn. */
static void add_all(uint64_t from, uint64_t to, unsigned a)
{
	for (uint64_t p = from; p <= to; p++)
		add(p, a, 0, (unsigned)(p % 2));
}

static struct recode_settings settings(uint32_t k)
{
	struct recode_settings set = { .k = k };

	set.rules[0].distinct = M;
	memset(set.key, 7, sizeof(set.key));
	return set;
}

static struct lineage *empty(void)
{
	struct lineage *l = NULL;

	(void)unlink(path);
	if (lineage_open(path, NULL, &l) != SC_OK)
		exit(1);
	return l;
}

static enum sc_err recode(struct lineage *l, const char *dataset, uint64_t number, uint32_t k)
{
	const struct recode_settings set = settings(k);

	recode_result_free(result);
	diag = (struct sc_diag){ 0 };
	return lineage_recode(l, dataset, number, &table, &set, M, &diag, &result, &figures);
}

static enum sc_err release(struct lineage *l, const char *dataset, uint64_t number, uint32_t k)
{
	enum sc_err err = recode(l, dataset, number, k);

	if (err == SC_OK)
		err = lineage_check(l, dataset, &table, result, k, M, &diag);
	return err != SC_OK ? err : lineage_note(l, dataset, number, &table, result);
}

/* How many rows were published. */
static size_t published(void)
{
	size_t n = 0;

	for (size_t i = 0; i < table.n; i++)
		n += result->class_of[i] != RECODE_SUPPRESSED;
	return n;
}

/* ---- edges -------------------------------------------------------------------------------- */

static void test_enter(void)
{
	struct lineage *l = empty();

	begin();
	add_all(1, K, 0);
	NEED(release(l, "a", 1, K) == SC_OK && published() == K && figures.joined == K);
	add_all(K + 1, 2 * K - 1, 9);
	NEED(release(l, "a", 2, K) == SC_OK);
	CHECK(published() == K && figures.stayed == K && figures.joined == 0 &&
	    figures.held_back == K - 1 && figures.smallest == K);
	add_all(2 * K, 2 * K, 9);
	NEED(release(l, "a", 3, K) == SC_OK);
	CHECK(published() == 2 * K && figures.joined == K && figures.held_back == 0);
	CHECK(result->n == 2);
	lineage_close(l);
}

static void test_missing(void)
{
	struct lineage *l = empty();

	/* a part of 2k, and one of 2k - 2 */
	begin();
	add_all(1, 2 * K, 0);
	add_all(101, 100 + 2 * K - 2, 30);
	NEED(release(l, "a", 1, K) == SC_OK && result->n == 2);
	/* of each, somebody is missing */
	begin();
	add_all(2, 2 * K, 0);
	add_all(102, 100 + 2 * K - 2, 30);
	NEED(release(l, "a", 2, K) == SC_OK);
	CHECK(published() == K && figures.left == 2 * K - 2 + K && figures.smallest == K);
	CHECK(figures.held_back == K - 1 + 2 * K - 3);
	/* those who waited cannot come back without the one who is missing */
	NEED(release(l, "a", 3, K) == SC_OK && published() == K);
	/* with them they may: all of the part, and the k of which one was missing */
	begin();
	add_all(1, 2 * K, 0);
	add_all(101, 100 + 2 * K - 2, 30);
	NEED(release(l, "a", 4, K) == SC_OK);
	CHECK(published() == table.n && result->n == 2 && l->n_parts == 3);
	lineage_close(l);
}

static void test_leave(void)
{
	uint64_t who[K] = { 1, 2, 3, 4, 5 };
	struct lineage *l = empty();

	begin();
	add_all(1, 3 * K, 0);
	NEED(release(l, "a", 1, K) == SC_OK);
	CHECK(lineage_carries(l, "a", 1) && !lineage_carries(l, "b", 1) &&
	    !lineage_carries(l, "a", 999));
	NEED(lineage_leaving(l, who, K - 1) == SC_OK && release(l, "a", 2, K) == SC_OK);
	CHECK(published() == 3 * K && figures.carried == K - 1 && figures.left == 0);
	NEED(lineage_leaving(l, who, K) == SC_OK && release(l, "a", 3, K) == SC_OK);
	CHECK(published() == 2 * K && figures.carried == 0 && figures.left == K);
	CHECK(figures.held_back == 0 && !lineage_carries(l, "a", 1));
	for (size_t i = 0; i < K; i++)
		CHECK(result->class_of[i] == RECODE_SUPPRESSED);
	/* whoever wants to leave at once never enters */
	begin();
	add_all(K + 1, 3 * K, 0);
	add_all(201, 200 + K, 0);
	NEED(lineage_leaving(l, (uint64_t[]){ 201 }, 1) == SC_OK && release(l, "a", 4, K) == SC_OK);
	CHECK(published() == 2 * K && figures.held_back == K - 1);
	lineage_close(l);
}

static void test_divide(void)
{
	struct lineage *l = empty();

	begin();
	add_all(1, 2 * K, 0);
	NEED(release(l, "a", 1, K) == SC_OK && result->n == 1);
	/* half of them are elsewhere now: the part falls into two */
	begin();
	add_all(1, K, 0);
	add_all(K + 1, 2 * K, 20);
	NEED(release(l, "a", 2, K) == SC_OK && result->n == 2 && l->n_parts == 2);
	/* and never into others */
	begin();
	for (uint64_t p = 1; p <= 2 * K; p++)
		add(p, p % 2 != 0 ? 40 : 0, 0, p <= K ? 0 : 1);
	NEED(release(l, "a", 3, K) == SC_OK && l->n_parts == 2);
	CHECK(published() == 2 * K && result->n == 1);
	lineage_close(l);
}

static void test_values(void)
{
	struct lineage *l = empty();

	/* v0 and v1 here, v2 and v3 there */
	begin();
	for (uint64_t p = 1; p <= K; p++)
		add(p, 0, 0, (unsigned)(p % 2));
	for (uint64_t p = 11; p <= 10 + K; p++)
		add(p, 9, 0, 2 + (unsigned)(p % 2));
	NEED(release(l, "a", 1, K) == SC_OK && result->n == 2);
	/* the first have v1 and v2 now: of v0 and v1, both must stay possible */
	begin();
	for (uint64_t p = 1; p <= K; p++)
		add(p, 0, 0, 1 + (unsigned)(p % 2));
	for (uint64_t p = 11; p <= 10 + K; p++)
		add(p, 9, 0, p == 11 ? 0 : 2 + (unsigned)(p % 2));
	NEED(recode(l, "a", 2, K) == SC_OK);
	CHECK(result->n == 1 && published() == 2 * K);
	CHECK(lineage_check(l, "a", &table, result, K, M, &diag) == SC_OK);
	lineage_close(l);
}

/* Not the nearest helps, but who has what is missing. */
static void test_help(void)
{
	struct lineage *l = empty();

	for (unsigned week = 1; week <= 2; week++) {
		begin();
		for (uint64_t p = 1; p <= K; p++)
			add(p, 0, 0, week - 1 + (unsigned)(p % 2));
		for (uint64_t p = 11; p <= 10 + K; p++)
			add(p, 9, 0, 2 + (unsigned)(p % 2));
		for (uint64_t p = 21; p <= 20 + K; p++)
			add(p, 40, 0, week == 2 && p == 21 ? 0 : 2 + (unsigned)(p % 2));
		NEED(release(l, "a", week, K) == SC_OK && published() == 3 * K);
	}
	CHECK(result->n == 2 && result->class_of[0] == result->class_of[2 * K] &&
	    result->class_of[0] != result->class_of[K]);
	/* where nobody has v0, all are one class, and even that is not enough: they wait */
	begin();
	add_all(1, K, 0);
	for (size_t i = 0; i < table.n; i++)
		table.values[i] = 1;
	CHECK(recode(l, "a", 3, K) == SC_LIMIT && strstr(diag.text, "no class") != NULL);
	lineage_close(l);
}

/* Enough stay, and one is gone. */
static void test_gone(void)
{
	struct lineage *l = empty();

	begin();
	add_all(1, 3 * K, 0);
	NEED(release(l, "a", 1, K) == SC_OK && recode(l, "a", 2, K) == SC_OK);
	result->class_of[0] = RECODE_SUPPRESSED;
	CHECK(lineage_check(l, "a", &table, result, K, M, &diag) == SC_CORRUPT);
	CHECK(strstr(diag.text, "by being gone") != NULL);
	for (size_t i = 0; i < K; i++)
		result->class_of[i] = RECODE_SUPPRESSED;
	CHECK(lineage_check(l, "a", &table, result, K, M, &diag) == SC_OK);
	lineage_close(l);
}

static void test_check(void)
{
	struct lineage *l = empty();
	const struct recode_settings set = settings(K);

	begin();
	for (uint64_t p = 1; p <= 4 * K; p++)
		add(p, (unsigned)p, 0, (unsigned)(p % 2));
	NEED(release(l, "a", 1, K) == SC_OK && result->n > 1);
	/* by itself, another division */
	begin();
	for (uint64_t p = 1; p <= 4 * K; p++)
		add(p, (unsigned)(p * 7 % 41), 0, (unsigned)(p % 2));
	recode_result_free(result);
	NEED(recode_run(&table, &set, NULL, &result) == SC_OK);
	CHECK(lineage_check(l, "a", &table, result, K, M, &diag) == SC_CORRUPT);
	CHECK(strstr(diag.text, "told from all others") != NULL);
	CHECK(lineage_check(l, "b", &table, result, K, M, &diag) == SC_CORRUPT);
	/* with one row held back */
	NEED(recode(l, "a", 2, K) == SC_OK);
	CHECK(lineage_check(l, "a", &table, result, K, M, &diag) == SC_OK);
	result->class_of[0] = RECODE_SUPPRESSED;
	CHECK(lineage_check(l, "a", &table, result, K, M, &diag) == SC_CORRUPT);
	/* with more than can be */
	NEED(recode(l, "a", 2, K) == SC_OK);
	CHECK(lineage_check(l, "a", &table, result, K, 3, &diag) == SC_OK); /* of 2 in all */
	for (size_t i = 0; i < table.n; i++)
		table.values[i] = 0;
	CHECK(lineage_check(l, "a", &table, result, K, M, &diag) == SC_CORRUPT);
	CHECK(strstr(diag.text, "possible in every release") != NULL);
	/* with somebody in two classes */
	add(1, 0, 0, 0);
	result->class_of = realloc(result->class_of, table.n * sizeof(*result->class_of));
	NEED(result->class_of != NULL);
	result->class_of[table.n - 1] = result->class_of[0] == 0 ? 1 : 0;
	CHECK(lineage_check(l, "a", &table, result, K, 1, &diag) == SC_CORRUPT);
	CHECK(strstr(diag.text, "two classes") != NULL);
	lineage_close(l);
}

static void test_datasets(void)
{
	static const char *const names[LINEAGE_LIVE] = { "a", "b", "c" };
	struct lineage *l = empty();

	begin();
	add_all(1, 2 * K, 0);
	for (size_t i = 0; i < LINEAGE_LIVE; i++)
		CHECK(release(l, names[i], 7, K) == SC_OK);
	CHECK(recode(l, "d", 1, K) == SC_LIMIT && strstr(diag.text, "retire") != NULL);
	CHECK(lineage_note(l, "d", 1, &table, result) == SC_LIMIT);
	CHECK(recode(l, "a", 7, K) == SC_STALE && recode(l, "a", 8, K) == SC_OK);
	CHECK(lineage_note(l, "a", 7, &table, result) == SC_STALE);
	CHECK(recode(l, "not a name", 1, K) == SC_SYNTAX);
	NEED(lineage_retire(l, "b") == SC_OK && lineage_retire(l, "nobody") == SC_OK);
	CHECK(l->n_releases == 2 && release(l, "d", 1, K) == SC_OK);
	lineage_close(l);
}

/* Two halves were told apart once; when that is forgotten they may be divided otherwise. */
static void test_window(void)
{
	struct lineage *l = empty();
	uint64_t number = 1;

	begin();
	add_all(1, K, 0);
	add_all(K + 1, 2 * K, 20);
	NEED(release(l, "a", number++, K) == SC_OK && l->n_parts == 2);
	begin();
	add_all(1, 2 * K, 0); /* all alike: one class of two parts */
	for (size_t i = 0; i < LINEAGE_WINDOW - 1; i++)
		NEED(release(l, "a", number++, K) == SC_OK && result->n == 1);
	CHECK(l->n_parts == 2 && l->n_releases == LINEAGE_WINDOW);
	NEED(release(l, "a", number++, K) == SC_OK);
	CHECK(l->n_parts == 1 && l->n_releases == LINEAGE_WINDOW);
	begin();
	for (uint64_t p = 1; p <= 2 * K; p++)
		add(p, p % 2 != 0 ? 40 : 0, 0, p <= K ? 0 : 1);
	NEED(release(l, "a", number++, K) == SC_OK && result->n == 2 && l->n_parts == 2);
	/* whoever is in none of them is nobody */
	begin();
	add_all(101, 100 + K, 0);
	for (size_t i = 0; i < LINEAGE_WINDOW; i++)
		NEED(release(l, "a", number++, K) == SC_OK);
	CHECK(l->n_parts == 1 && l->n_members == K);
	lineage_close(l);
}

/* ---- erasure and the file ------------------------------------------------------------------- */

static bool has_person(const struct lineage *l, uint64_t person)
{
	struct sc_buf b;
	uint8_t id[8];
	bool found;

	sc_be64_store(id, person);
	sc_buf_init(&b, 1u << 20);
	if (lineage_encode(l, &b) != SC_OK)
		exit(1);
	found = memmem(b.p, b.n, id, sizeof(id)) != NULL;
	sc_buf_fini(&b);
	return found;
}

static void test_forget(void)
{
	const uint64_t person = 0x7071727374757677;
	struct lineage *l = empty();

	begin();
	add_all(1, 2 * K - 1, 0);
	add(person, 0, 0, 1);
	NEED(release(l, "a", 1, K) == SC_OK && has_person(l, person));
	lineage_forget(l, person);
	lineage_forget(l, person);
	CHECK(!has_person(l, person) && l->n_members == 2 * K - 1 && l->erased[0] == 1);
	/* the others are not told from them: k - 1 go out as well */
	begin();
	add_all(1, 2 * K - 1, 0);
	NEED(release(l, "a", 2, K) == SC_OK);
	CHECK(published() == K && figures.held_back == K - 1);
	NEED(release(l, "a", 3, K) == SC_OK);
	CHECK(published() == K);
	lineage_close(l);
}

static void some(struct lineage *l)
{
	for (unsigned week = 1; week <= 4; week++) {
		begin();
		for (uint64_t p = 1 + week; p <= 60 + week; p++)
			add(p, (unsigned)(p * week % 31), (unsigned)(p % 5), (unsigned)(p % 3));
		if (release(l, week % 2 != 0 ? "odd" : "even", week, K) != SC_OK)
			exit(1);
	}
	lineage_forget(l, 30);
}

static void test_file(void)
{
	struct lineage *l = empty(), *other = NULL;
	struct sc_buf a, b;
	struct stat st;

	some(l);
	NEED(lineage_save(l, &diag) == SC_OK && stat(path, &st) == 0);
	CHECK((st.st_mode & 0777) == 0600);
	NEED(lineage_open(path, &diag, &other) == SC_OK);
	sc_buf_init(&a, 1u << 20);
	sc_buf_init(&b, 1u << 20);
	NEED(lineage_encode(l, &a) == SC_OK && lineage_encode(other, &b) == SC_OK);
	CHECK(sc_span_eq(sc_buf_span(&a), sc_buf_span(&b)));
	/* what goes on from it goes on alike */
	begin();
	for (uint64_t p = 1; p <= 70; p++)
		add(p, (unsigned)(p % 31), 0, (unsigned)(p % 3));
	CHECK(release(l, "odd", 5, K) == SC_OK);
	const size_t n = published();

	CHECK(release(other, "odd", 5, K) == SC_OK && published() == n);
	lineage_close(other);
	/* any byte that is another, any end that is missing */
	for (size_t i = 0; i < a.n; i += 1 + i / 64) {
		struct lineage *bad = empty();

		a.p[i] ^= 1;
		CHECK(lineage_decode(bad, sc_buf_span(&a), &diag) == SC_CORRUPT);
		a.p[i] ^= 1;
		CHECK(lineage_decode(bad, sc_span(a.p, i), &diag) == SC_CORRUPT);
		CHECK(bad->n_members == 0 && bad->n_releases == 0);
		lineage_close(bad);
	}
	sc_buf_fini(&a);
	sc_buf_fini(&b);
	lineage_close(l);
}

static void test_open(void)
{
	struct lineage *l = empty(), *other = NULL;

	some(l);
	NEED(lineage_save(l, &diag) == SC_OK && chmod(path, 0644) == 0);
	CHECK(lineage_open(path, &diag, &other) == SC_IO && other == NULL);
	NEED(chmod(path, 0600) == 0 && truncate(path, 100) == 0);
	CHECK(lineage_open(path, &diag, &other) == SC_CORRUPT && other == NULL);
	free(l->path);
	l->path = strdup("/nonexistent/lineage");
	CHECK(lineage_save(l, &diag) == SC_IO && strstr(diag.text, "cannot be written") != NULL);
	lineage_close(l);
	lineage_close(NULL);
	(void)unlink(path);
}

static void test_order(void)
{
	struct lineage *l = empty();
	uint16_t lo[60];

	begin();
	for (uint64_t p = 0; p < 60; p++)
		add(1 + p, (unsigned)(p * 7 % 31), (unsigned)(p % 5), (unsigned)(p % 3));
	NEED(recode(l, "a", 1, K) == SC_OK);
	for (size_t i = 0; i < 60; i++)
		lo[i] = result->classes[result->class_of[i]].lo[0];
	begin();
	for (uint64_t p = 60; p-- > 0;)
		add(1 + p, (unsigned)(p * 7 % 31), (unsigned)(p % 5), (unsigned)(p % 3));
	NEED(recode(l, "a", 1, K) == SC_OK);
	for (size_t i = 0; i < 60; i++)
		CHECK(lo[i] == result->classes[result->class_of[59 - i]].lo[0]);
	lineage_close(l);
}

/* ---- half a year --------------------------------------------------------------------------- */

#define PEOPLE 600
#define WEEKS 26
#define SETS 2

static struct {
	unsigned since, age, orders, kind; /* week they came; weeks since, orders, ... */
	bool gone, twice;
} people[PEOPLE];

static void live(unsigned week)
{
	for (size_t i = 0; i < PEOPLE; i++) {
		if (week == 0) {
			people[i].since = rig_any(4) == 0 ? (unsigned)rig_any(WEEKS) : 0;
			people[i].age = (unsigned)rig_any(20);
			people[i].orders = 1 + (unsigned)rig_any(6);
			people[i].kind = (unsigned)rig_any(5);
			people[i].twice = rig_any(10) == 0;
			people[i].gone = false;
		}
		people[i].age += people[i].age < 60;
		if (rig_any(15) == 0) {
			people[i].age = 0;
			people[i].orders += people[i].orders < 60;
			people[i].kind = rig_any(3) == 0 ? (unsigned)rig_any(5) : people[i].kind;
		}
		if (rig_any(1500) == 0)
			people[i].gone = true;
	}
}

/* Dataset 0: all; 1: those who ordered more than twice, by other columns. */
static void table_of(unsigned week, unsigned set)
{
	begin();
	for (size_t i = 0; i < PEOPLE; i++) {
		if (people[i].since > week || people[i].gone || (set == 1 && people[i].orders <= 2))
			continue;
		if (set == 0)
			add(i, people[i].age, people[i].orders, people[i].kind);
		else
			add(i, people[i].orders, people[i].kind, people[i].age % 4);
		if (people[i].twice)
			add(i, people[i].age, people[i].orders, people[i].kind);
	}
}

static void see(struct intersect *x)
{
	unsigned at[16] = { 0 };

	for (size_t i = 0; i < table.labels[0].n; i++)
		at[i] = (unsigned)(table.labels[0].v[i].p[1] - '0');
	intersect_add(x, &table, result, at);
}

static void print(const char *what, const struct intersect_victims *v)
{
	printf("# %s: of %zu people %zu by records (smallest part %zu), %zu by values, %zu by "
	       "coming or going, %zu by two releases\n",
	    what, v->people, v->records, v->smallest, v->values, v->comings, v->common);
}

/* In ALL both datasets by turns, in EACH one of them. */
static void half_year(bool alone, struct intersect *all, struct intersect *each)
{
	const struct recode_settings set = settings(K);
	struct lineage *l = empty();
	uint64_t waited = 0;

	rig_seed(22);
	for (unsigned week = 0; week < WEEKS; week++) {
		live(week);
		for (unsigned s = 0; s < SETS; s++) {
			table_of(week, s);
			if (alone) {
				recode_result_free(result);
				NEED(recode_run(&table, &set, NULL, &result) == SC_OK);
			} else {
				NEED(release(l, s == 0 ? "all" : "some", week, K) == SC_OK);
				waited += figures.held_back;
			}
			see(all);
			see(&each[s]);
		}
		for (size_t i = 0; i < PEOPLE; i++)
			if (people[i].gone)
				lineage_forget(l, i);
	}
	if (!alone)
		printf("# in the mean %llu waited\n", (unsigned long long)waited / WEEKS / SETS);
	lineage_close(l);
}

static void test_half_year(void)
{
	struct intersect all = { 0 }, each[SETS] = { { .n = 0 } };
	struct intersect_victims v;

	half_year(false, &all, each);
	v = intersect_run(&all, 0, all.n, K, 0);
	print("both datasets", &v);
	CHECK(v.people > PEOPLE / 3 && v.records == 0 && v.comings == 0 && v.common == 0 &&
	    v.smallest >= K);
	for (size_t s = 0; s < SETS; s++) {
		v = intersect_run(&each[s], 0, each[s].n, K, M);
		CHECK(v.people > 0 && v.records == 0 && v.values == 0);
		intersect_fini(&each[s]);
	}
	intersect_fini(&all);
}

/* The attack has teeth: each week by itself. */
static void test_naive(void)
{
	struct intersect all = { 0 }, each[SETS] = { { .n = 0 } };
	struct intersect_victims v;

	half_year(true, &all, each);
	v = intersect_run(&all, 0, all.n, K, 0);
	print("each by itself", &v);
	CHECK(v.records > v.people / 2 && v.comings > 0 && v.common > 0);
	v = intersect_run(&each[0], 0, each[0].n, K, M);
	print("one of them by itself", &v);
	CHECK(v.values > 0);
	for (size_t s = 0; s < SETS; s++)
		intersect_fini(&each[s]);
	intersect_fini(&all);
}

int main(void)
{
	snprintf(path, sizeof(path), "/tmp/test_lineage.%d", (int)getpid());
	if (hierarchy_of_grid(&(struct hierarchy_grid){ .max = 63, .step = 1 }, NULL, &grid) !=
	    SC_OK)
		return 1;
	begin();
	RUN(test_enter, "fewer than k wait, and k enter together");
	RUN(test_missing, "whoever is missing takes others along until k are missing");
	RUN(test_leave, "who wants to leave stays until k can go");
	RUN(test_divide, "a part is divided into parts of k, and never across them");
	RUN(test_values, "the values that were possible stay possible");
	RUN(test_help, "who is joined is who helps, though another be nearer");
	RUN(test_gone, "the check finds who is gone with fewer than k");
	RUN(test_check, "the check finds parts that are too small, and values that are too few");
	RUN(test_datasets, "three datasets are live, with numbers that rise");
	RUN(test_window, "what the window forgot tells nobody apart");
	RUN(test_forget, "of who is erased nothing stays, and nobody is told by it");
	RUN(test_file, "the file is read back as it was written, or refused");
	RUN(test_open, "a file that others may read, or that is damaged, is refused");
	RUN(test_order, "the order of rows changes nothing");
	RUN(test_half_year, "nobody is found by half a year of two datasets");
	RUN(test_naive, "with each week by itself most are found");
	recode_result_free(result);
	release_table_fini(&table);
	hierarchy_free(grid);
	return tap_done();
}
