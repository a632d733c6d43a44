/*
 * test_cube_fold.c - which cells may be published, and into what the others are folded.
 */
#include "analytics/cube/cube_private.h"

#include "tap.h"

static struct cube *cube;
static struct cube_margin m;
static struct sc_arena arena;
static struct cube_folded folded;
static const uint8_t key[16] = { 7 };

/* A margin of N_A x N_B cells; cell I has PEOPLE[I] people of its own, each spending 1. */
static void margin(size_t n_a, size_t n_b, bool disjoint, const int *people)
{
	static struct cube_sum sums[4096];
	static uint32_t touched[4096];
	uint32_t person = 0;

	free(cube);
	margin_fini(&m);
	sc_arena_fini(&arena);
	folded = (struct cube_folded){ 0 };
	cube = calloc(1, sizeof(*cube));
	memset(sums, 0, sizeof(sums));
	cube->sums = sums;
	cube->touched = touched;
	if (margin_init(&m, n_a, n_b, disjoint) != SC_OK)
		abort();
	for (size_t c = 0; c < n_a * n_b; c++) {
		for (int i = 0; i < people[c] && !disjoint; i++)
			if (margin_add(&m, c, person++, 1, 1) != SC_OK)
				abort();
		if (disjoint)
			margin_count(&m, c, (uint64_t)people[c]);
	}
}

static void fold(struct cube_rule rule, struct cube_axes axes)
{
	if (rule.floor == 0)
		rule.floor = CUBE_FLOOR;
	if (margin_close(&m) != SC_OK ||
	    cube_fold(cube, &m, &rule, &axes, key, &arena, &folded) != SC_OK)
		abort();
}

/* Rows as "0 1+2 4": the members of A; with B behind a colon where there are more of those. */
static const char *rows(void)
{
	static char text[512];
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < folded.n; i++) {
		const struct cube_rect *r = &folded.v[i].cells;

		for (size_t k = 0; k < r->n_a; k++)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%u",
			    k > 0     ? "+" :
				i > 0 ? " " :
					"",
			    r->a[k]);
		for (size_t k = 0; k < r->n_b && m.n_b > 1; k++)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%u", k > 0 ? "+" : ":",
			    r->b[k]);
	}
	return text;
}

static const struct cube_axes unordered, ordered = { .ordered_a = true };
static const struct cube_rule plain;

static bool gives(const char *want)
{
	if (strcmp(rows(), want) == 0)
		return true;
	printf("# %s instead of %s\n", rows(), want);
	return false;
}

#define LINE(axes, rule, ...) \
	(margin(sizeof((int[]){ __VA_ARGS__ }) / sizeof(int), 1, false, (int[]){ __VA_ARGS__ }), \
	    fold(rule, axes))

static void test_floor(void)
{
	LINE(unordered, plain, 10, 9, 25);
	CHECK(gives("0+1 2") && folded.v[0].stats.people == 19);
	LINE(unordered, plain, 10, 10, 10);
	CHECK(gives("0 1 2"));
	LINE(unordered, plain, 9);
	CHECK(gives(""));
	LINE(unordered, plain, 10);
	CHECK(gives("0"));
	LINE(unordered, plain, 0, 0);
	CHECK(gives(""));
	LINE(ordered, plain, 4, 5);
	CHECK(gives(""));
	LINE(ordered, plain, 4, 6);
	CHECK(gives("0+1") && folded.v[0].stats.people == 10);
}

static void test_small_with_small(void)
{
	LINE(unordered, plain, 5, 30, 6, 3, 40, 4, 4);
	CHECK(gives("0+2 1 3+5+6 4"));
	LINE(unordered, plain, 5, 30, 6, 3, 40);
	CHECK(gives("0+2+3 1 4")); /* what is left over joins a group, not a cell of its own */
	LINE(unordered, plain, 3, 30, 12, 0, 40);
	CHECK(gives("0+2 1 4")); /* or else the smallest */
}

static void test_ranges(void)
{
	LINE(ordered, plain, 30, 9, 12, 50);
	CHECK(gives("0 1+2 3"));
	LINE(ordered, plain, 12, 9, 30, 50);
	CHECK(gives("0+1 2 3"));
	LINE(ordered, plain, 4, 0, 6, 20);
	CHECK(gives("0+1+2 3")); /* across a cell without anybody */
	LINE(ordered, plain, 0, 4, 20, 0, 30, 0);
	CHECK(gives("1+2 4"));
	LINE(ordered, plain, 5, 5, 40, 5, 5);
	CHECK(gives("0+1 2 3+4"));
}

/* The same ten people in both cells are ten, and nine of them are nine. */
static void test_once(void)
{
	margin(2, 1, false, (int[]){ 0, 0 });
	for (uint32_t p = 0; p < 9; p++)
		for (size_t c = 0; c < 2; c++)
			CHECK(margin_add(&m, c, p, 1u << c, 5) == SC_OK);
	fold(plain, unordered);
	CHECK(gives(""));
	margin(3, 1, false, (int[]){ 0, 0, 0 });
	for (uint32_t p = 0; p < 9; p++)
		CHECK(margin_add(&m, 0, p, 1, 5) == SC_OK);
	for (uint32_t p = 1; p < 10; p++)
		CHECK(margin_add(&m, 2, p, p < 5 ? 1 : 2, 5) == SC_OK);
	m.cap_cents = 7;
	fold(plain, unordered);
	NEED(gives("0+2"));
	CHECK(folded.v[0].stats.people == 10 && folded.v[0].stats.orders == 4 + 2 * 4 + 2);
	CHECK(folded.v[0].stats.revenue == 8 * 7 + 2 * 5 && folded.v[0].stats.top == 7);
}

static void test_rectangles(void)
{
	const struct cube_axes hours = { .ordered_b = true };

	margin(3, 4, false, (int[]){ 2, 3, 0, 3, /* too few */ 20, 4, 6, 20, 1, 0, 2, 0 });
	fold(plain, hours);
	CHECK(gives("0+2:0+1+2+3 1:0 1:1+2 1:3"));
	for (size_t i = 0; i < folded.n; i++)
		CHECK(folded.v[i].stats.people >= CUBE_FLOOR);
}

static void test_differences(void)
{
	LINE(unordered, ((struct cube_rule){ .of = 60 }), 51, 12, 30);
	CHECK(gives("0+1 2")); /* 9 of 60 would be in none */
	LINE(unordered, ((struct cube_rule){ .of = 61 }), 51, 12, 30);
	CHECK(gives("0 1 2"));
	LINE(unordered, ((struct cube_rule){ .of = 51 }), 51, 12, 30);
	CHECK(gives("0 1 2")); /* nobody else is certain, and tells of nobody */
	CHECK(cube_may_differ(20, 10) && cube_may_differ(10, 10) && !cube_may_differ(19, 10) &&
	    !cube_may_differ(11, 10));
}

static bool keeps(const struct cube_rule *rule, struct cube_stats s)
{
	static const uint16_t a[] = { 0, 1 };
	const struct cube_rect r = { .a = a, .n_a = 2 };

	return cube_rule_keeps(rule, &r, &s);
}

static void test_measures(void)
{
	const struct cube_rule buyers = { .floor = 10, .buyers = true };
	const struct cube_rule revenue = { .floor = 10, .revenue = true };

	CHECK(keeps(&buyers, (struct cube_stats){ .people = 30, .buyers = 10 }));
	CHECK(keeps(&buyers, (struct cube_stats){ .people = 30, .buyers = 0 }));
	CHECK(keeps(&buyers, (struct cube_stats){ .people = 30, .buyers = 30 }));
	CHECK(!keeps(&buyers, (struct cube_stats){ .people = 30, .buyers = 9 }));
	CHECK(!keeps(&buyers, (struct cube_stats){ .people = 30, .buyers = 21 }));
	CHECK(keeps(&buyers, (struct cube_stats){ .people = 30, .buyers = 20 }));
	CHECK(keeps(&revenue,
	    (struct cube_stats){ .people = 10, .revenue = 200, .top = 100, .second = 50 }));
	CHECK(!keeps(&revenue,
	    (struct cube_stats){ .people = 10, .revenue = 199, .top = 100, .second = 50 }));
	CHECK(keeps(&revenue, (struct cube_stats){ .people = 10 }));
}

/* Visitors of 0 and of 1, then of both in one row; so many bought of 0 and 1. */
static void test_who_did_not_buy(void)
{
	static const uint16_t zero[] = { 0 }, one[] = { 1 }, both[] = { 0, 1 },
			      three[] = { 0, 1, 2 };
	struct cube_folded_row v[3] = { { .cells = { zero, NULL, 1, 1 },
					    .stats = { .people = 12 } },
		{ .cells = { one, NULL, 1, 1 }, .stats = { .people = 10 } } };
	struct cube_folded visitors = { .v = v, .n = 2 };
	const struct cube_rule rule = { .floor = 10, .visitors = &visitors };

	CHECK(!keeps(&rule, (struct cube_stats){ .people = 20 })); /* 0 to 2 more */
	CHECK(keeps(&rule, (struct cube_stats){ .people = 12 }));  /* 0 to 10 */
	CHECK(keeps(&rule, (struct cube_stats){ .people = 22 }));  /* nobody */
	v[0] = (struct cube_folded_row){ .cells = { both, NULL, 2, 1 }, .stats = { .people = 30 } };
	visitors.n = 1;
	CHECK(keeps(&rule, (struct cube_stats){ .people = 20 }) &&
	    !keeps(&rule, (struct cube_stats){ .people = 21 }));
	v[0].cells = (struct cube_rect){ three, NULL, 3, 1 };
	CHECK(keeps(&rule, (struct cube_stats){ .people = 20 }) && /* 0 to 10 */
	    !keeps(&rule, (struct cube_stats){ .people = 21 }));
}

static void test_disjoint(void)
{
	static const uint16_t both[] = { 0, 1 };
	struct cube_folded_row row = { .cells = { both, NULL, 2, 1 } };
	const struct cube_folded groups = { .v = &row, .n = 1 };
	const struct cube_axes values = { .ordered_b = true, .groups = &groups };

	margin(2, 3, true, (int[]){ 5, 3, 30, 1, 1, 12 });
	fold(plain, values);
	CHECK(gives("0+1:0+1 0+1:2") && folded.v[0].stats.people == 10 &&
	    folded.v[1].stats.people == 42);
}

/* Every way to have up to twelve people in each of four cells, a few thousand of them. */
static void test_all(void)
{
	size_t wrong = 0;

	for (unsigned i = 0; i < 13 * 13 * 13 * 13; i += 7) {
		const int n[] = { (int)(i % 13), (int)(i / 13 % 13), (int)(i / 169 % 13),
			(int)(i / 2197) };
		const int all = n[0] + n[1] + n[2] + n[3];

		for (int way = 0; way < 2; way++) {
			uint64_t people = 0;

			margin(4, 1, way == 1, n);
			fold(plain, way == 0 ? unordered : ordered);
			for (size_t k = 0; k < folded.n; k++) {
				people += folded.v[k].stats.people;
				wrong += folded.v[k].stats.people < CUBE_FLOOR;
			}
			wrong += people != (uint64_t)(all < CUBE_FLOOR ? 0 : all);
			for (size_t k = 0; k < folded.n && folded.v[k].cells.n_a == 1; k++)
				wrong += n[folded.v[k].cells.a[0]] < CUBE_FLOOR;
		}
	}
	CHECK(wrong == 0);
}

int main(void)
{
	RUN(test_floor, "ten people are a cell, nine are not");
	RUN(test_small_with_small, "small cells go together, and take a large one where they must");
	RUN(test_ranges, "along an order neighbours alone go together, the cheapest way");
	RUN(test_once, "whoever is in several cells counts once, and is cut once");
	RUN(test_rectangles, "rows are rectangles");
	RUN(test_differences, "nobody is left over when a row is taken from the whole");
	RUN(test_measures, "what few people are behind is not told");
	RUN(test_who_did_not_buy, "who looked and did not buy is nobody, or many");
	RUN(test_disjoint, "groups that are there already are kept");
	RUN(test_all, "everybody is in a row, and no row has fewer than ten");
	free(cube);
	margin_fini(&m);
	sc_arena_fini(&arena);
	return tap_done();
}
