/*
 * test_cube_attacked.c - what is done about what the attacker finds; the attacker is this
 * test's own, and finds what it is told to.
 */
#include "analytics/cube/attack.h"
#include "cube_kit.h"
#include "tap.h"

#include <unistd.h>

#define WEEKS 4

static struct {
	const char *table, *what;
	unsigned times; /* of the first rounds */
	unsigned rounds;
	enum sc_err err;
	char since[32];
} attacker;

enum sc_err cube_attack(const char *path, uint32_t floor, const char *since, attack_found_fn *found,
    bool (*progress)(void *arg, unsigned permille), void *arg, struct sc_diag *d,
    struct cube_attack *out)
{
	*out = (struct cube_attack){ .folded = 1 };
	(void)d;
	snprintf(attacker.since, sizeof(attacker.since), "%s", since);
	if (access(path, R_OK) != 0 || floor != CUBE_FLOOR || !progress(arg, 500))
		return SC_IO;
	if (attacker.rounds++ < attacker.times) {
		out->solved = 2;
		found(arg, attacker.table, attacker.what, 3, 5);
		found(arg, attacker.table, attacker.what, 0, 2);
	}
	return attacker.err;
}

static enum sc_err attacked(struct kit_shop *k, const char *table, const char *what, unsigned times)
{
	attacker.table = table;
	attacker.what = what;
	attacker.times = times;
	attacker.rounds = 0;
	return kit_release(k, KIT_MONDAY + WEEKS * KIT_WEEK);
}

/* The least visitors of a row of a category in WEEK; -1: it has none. */
static int64_t least(const struct kit_shop *k, const char *week)
{
	sqlite3 *db = kit_db(k, 1);
	char sql[128];
	int64_t n;

	snprintf(sql, sizeof(sql),
	    "SELECT ifnull(min(visitors), -1) FROM visitors_category WHERE week = '%s'", week);
	n = kit_number(db, sql);
	sqlite3_close(db);
	return n;
}

static void test_folds_more(void)
{
	struct kit_shop *k;

	for (unsigned times = 0; times <= 4; times++) {
		k = kit_new();
		kit_history(k, 70, WEEKS, 4);
		NEED(attacked(k, "visitors_category", "week 2024-W03, tea | pots", times) == SC_OK);
		CHECK(attacker.rounds == times + 1 && strcmp(attacker.since, "2024-W01") == 0);
		CHECK(least(k, "2024-W02") >= 10 && least(k, "2024-W02") < 20);
		CHECK(times == 4 ? least(k, "2024-W03") == -1 :
				   least(k, "2024-W03") >= (CUBE_FLOOR << times) ||
			    (times == 3 && least(k, "2024-W03") == -1));
		CHECK(times != 1 || least(k, "2024-W03") < 2 * (CUBE_FLOOR << times));
		kit_free(k);
	}
}

static void test_everywhere(void)
{
	struct kit_shop *k = kit_new();

	kit_history(k, 70, WEEKS, 4);
	NEED(attacked(k, "a difference", "2024-W3 and 2024", 4) == SC_OK);
	CHECK(least(k, "2024-W02") == -1 && least(k, "2024-W03") == -1);
	kit_free(k);
}

static void test_refuses(void)
{
	struct kit_shop *k = kit_new();
	char path[96];

	kit_history(k, 70, WEEKS, 4);
	CHECK(attacked(k, "segments", "2024-W03", 99) == SC_CORRUPT && attacker.rounds < 10);
	CHECK(strstr(k->d.text, "segments: 2024-W03 can be worked out") != NULL);
	snprintf(path, sizeof(path), "%s/cube/1", k->root);
	CHECK(access(path, F_OK) != 0);
	attacker.err = SC_LIMIT; /* it could not look at all of it */
	CHECK(attacked(k, "segments", "2024-W03", 0) == SC_LIMIT && access(path, F_OK) != 0);
	attacker.err = SC_OK;
	CHECK(attacked(k, "segments", "2024-W03", 0) == SC_OK && access(path, F_OK) == 0);
	kit_free(k);
}

/* Of FEW new buyers on the last days of January the week of both months, and the month. */
static void new_in_january(unsigned few, int64_t *before, int64_t *cohort)
{
	const uint64_t split = KIT_MONDAY + 4 * KIT_WEEK; /* 2024-W05 begins on January 29 */
	struct kit_shop *k = kit_new();
	sqlite3 *db;

	for (uint64_t p = 1; p <= 30; p++) {
		kit_buy(k, p, KIT_MONDAY + p * KIT_HOUR, 1, 40);
		kit_buy(k, p, split + p * KIT_HOUR, 1, 40);
		kit_buy(k, 100 + p, split + 4 * KIT_DAY, 1, 40);
		if (p <= few)
			kit_buy(k, 200 + p, split + KIT_DAY, 1, 40);
	}
	attacker.times = 0;
	NEED(kit_release(k, split + KIT_WEEK) == SC_OK);
	db = kit_db(k, 1);
	*before = kit_number(db, "SELECT bought_before FROM week WHERE week = '2024-W05'");
	*cohort = kit_number(db, "SELECT buyers FROM cohorts WHERE first_month = '2024-01'");
	sqlite3_close(db);
	kit_free(k);
}

static void test_parts(void)
{
	int64_t before = 0, cohort = 0;

	new_in_january(9, &before, &cohort);
	CHECK(before == 0 && cohort == -1);
	new_in_january(10, &before, &cohort);
	CHECK(before == 30 && cohort == 40);
	new_in_january(0, &before, &cohort);
	CHECK(before == 30 && cohort == 30);
}

int main(void)
{
	RUN(test_parts, "a few new buyers of a week of two months are told by neither");
	RUN(test_folds_more, "where something is found more is folded, and there alone");
	RUN(test_everywhere, "what is found nowhere in particular folds everything");
	RUN(test_refuses, "what goes on being found is never published");
	return tap_done();
}
