/*
 * test_view_risk.c - how identifiable a table is, beside somebody who compares every row with
 * every other.
 */
#include "analytics/views/risk.h"
#include "tap.h"
#include "view_kit.h"

#include <stdio.h>
#include <stdlib.h>

#define ROWS 120u

static struct view_kit kit;
static struct view_risk risk;
static unsigned table[ROWS][5]; /* person, three columns, a sensitive one */
static uint64_t lot = 5;

static unsigned any(unsigned n)
{
	lot = lot * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(lot >> 33) % n;
}

static void write_table(unsigned people)
{
	FILE *f = fopen(view_kit_path(&kit, "table.csv"), "wb");

	NEED(f != NULL);
	fputs("person,a,b,c,ill\n", f);
	for (unsigned i = 0; i < ROWS; i++) {
		table[i][0] = any(people);
		table[i][1] = any(6);
		table[i][2] = any(any(2) == 0 ? 3 : 20);
		table[i][3] = any(4);
		table[i][4] = any(3);
		fprintf(f, "p%u,%u,%u,%u,i%u\n", table[i][0], table[i][1], table[i][2], table[i][3],
		    table[i][4]);
	}
	fclose(f);
	view_kit_write(&kit, "views.json",
	    "{\"datasets\":[{\"name\":\"t\",\"title\":\"T\",\"from\":\"csv\",\"person\":\"person\",\"columns\":["
	    "{\"name\":\"a\",\"is\":\"quasi\",\"grid\":{\"min\":0,\"max\":5,\"step\":2}},"
	    "{\"name\":\"b\",\"is\":\"quasi\",\"grid\":{\"min\":0,\"max\":19,\"step\":5}},"
	    "{\"name\":\"c\",\"is\":\"quasi\",\"grid\":{\"min\":0,\"max\":3,\"step\":1}},"
	    "{\"name\":\"ill\",\"is\":\"sensitive\",\"l\":2}]}]}");
}

static bool alike(unsigned i, unsigned j, uint32_t columns)
{
	for (unsigned c = 0; c < 3; c++)
		if ((columns >> c & 1) != 0 && table[i][c + 1] != table[j][c + 1])
			return false;
	return true;
}

/* Rows of who nobody else is like. */
static unsigned naive_unique(uint32_t columns)
{
	unsigned n = 0;

	for (unsigned i = 0; i < ROWS; i++) {
		bool alone = true;

		for (unsigned j = 0; j < ROWS; j++)
			alone = alone && !(alike(i, j, columns) && table[i][0] != table[j][0]);
		n += alone;
	}
	return n;
}

static unsigned naive_groups(uint32_t columns)
{
	unsigned n = 0;

	for (unsigned i = 0; i < ROWS; i++) {
		bool first = true;

		for (unsigned j = 0; j < i; j++)
			first = first && !alike(i, j, columns);
		n += first;
	}
	return n;
}

static unsigned naive_told(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < ROWS; i++) {
		bool same = true;

		for (unsigned j = 0; j < ROWS; j++)
			same = same && !(alike(i, j, 7) && table[i][4] != table[j][4]);
		n += same;
	}
	return n;
}

static void compare(const struct view_risk_set *set)
{
	CHECK(set->unique == naive_unique(set->columns));
	CHECK(set->groups == naive_groups(set->columns));
}

static void test_figures(void)
{
	for (unsigned round = 0; round < 20; round++) {
		uint64_t rows = 0, groups = 0;

		view_kit_init(&kit);
		write_table(round % 2 == 0 ? 30 : 1000);
		NEED(view_kit_open(&kit, 1) == SC_OK);
		NEED(view_risk_look(kit.order.spec, kit.order.source, NULL, NULL, &kit.d, &risk) ==
		    SC_OK);
		CHECK(risk.rows == ROWS && risk.n_columns == 3 && risk.all.columns == 7 &&
		    risk.dropped == 1);
		compare(&risk.all);
		for (unsigned c = 0; c < 3; c++) {
			CHECK(risk.alone[c].columns == 1u << c);
			compare(&risk.alone[c]);
		}
		/* so few columns that every set was tried */
		for (uint32_t set = 1; set < 8; set++) {
			const unsigned size = (unsigned)__builtin_popcount(set);

			if (size <= risk.n_best)
				CHECK(risk.best[size - 1].unique >= naive_unique(set));
		}
		for (size_t i = 0; i < risk.n_best; i++)
			compare(&risk.best[i]);
		for (size_t i = 0; i < VIEW_RISK_SIZES; i++) {
			rows += risk.sizes[i].rows;
			groups += risk.sizes[i].groups;
		}
		CHECK(rows == ROWS && groups == risk.all.groups);
		CHECK(risk.sizes[0].rows == risk.all.unique);
		CHECK(risk.values[0].told == naive_told());
		view_kit_fini(&kit);
	}
}

static void test_costs(void)
{
	view_kit_init(&kit);
	write_table(1000);
	NEED(view_kit_open(&kit, 1) == SC_OK);
	NEED(view_risk_look(kit.order.spec, kit.order.source, NULL, NULL, &kit.d, &risk) == SC_OK);
	CHECK(risk.costs[0].k == 5 && risk.costs[0].ok && risk.costs[0].measures.min_people >= 5);
	CHECK(risk.costs[2].k == 25 &&
	    risk.costs[2].measures.gcp_ppm >= risk.costs[0].measures.gcp_ppm);
	view_kit_fini(&kit);
	view_kit_init(&kit);
	write_table(20);
	NEED(view_kit_open(&kit, 1) == SC_OK);
	NEED(view_risk_look(kit.order.spec, kit.order.source, NULL, NULL, &kit.d, &risk) == SC_OK);
	CHECK(risk.people == 20 && !risk.costs[2].ok);
	CHECK(strstr(risk.costs[2].why, "fewer than the 25") != NULL);
	view_kit_fini(&kit);
}

static bool refuse(void *ctx, unsigned permille)
{
	(void)permille;
	++*(unsigned *)ctx;
	return false;
}

static void test_given_up(void)
{
	unsigned asked = 0;

	view_kit_init(&kit);
	write_table(1000);
	NEED(view_kit_open(&kit, 1) == SC_OK);
	CHECK(view_risk_look(kit.order.spec, kit.order.source, refuse, &asked, &kit.d, &risk) ==
	    SC_AGAIN);
	CHECK(asked == 1);
	view_kit_fini(&kit);
}

int main(void)
{
	RUN(test_figures, "every figure is that of who compares all rows");
	RUN(test_costs, "what a release would cost is told, and why there can be none");
	RUN(test_given_up, "it is given up when nobody waits");
	return tap_done();
}
