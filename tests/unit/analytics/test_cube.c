/*
 * test_cube.c - the weekly cube of a small shop: all of it is counted again, and nothing that
 * was published ever changes.
 */
#include "cube_kit.h"
#include "tap.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define END(weeks) (KIT_MONDAY + (weeks)*KIT_WEEK)

/* ---- what is counted ------------------------------------------------------------------------ */

static void agrees(unsigned people, unsigned weeks, uint32_t seed, const char *last)
{
	struct kit_shop *k = kit_new();
	sqlite3 *db;
	size_t rows;

	kit_history(k, people, weeks, seed);
	NEED(kit_release(k, END(weeks)) == SC_OK);
	db = kit_db(k, 1);
	CHECK(naive_agrees(k, db, "2024-01", last, END(weeks), &rows));
	printf("# %u people: %zu rows counted again, %llu own, %llu folded\n", people, rows,
	    (unsigned long long)k->last.own, (unsigned long long)k->last.folded);
	CHECK(k->last.weeks == weeks && rows > 100 && k->last.folded > 0);
	CHECK(k->last.own + k->last.folded < k->last.rows);
	CHECK(people < 400 ||
	    (kit_number(db, "SELECT count(*) FROM week WHERE buyers * revenue = 0") < 2 &&
		kit_number(db, "SELECT count(*) FROM week WHERE bought_before = 0") < 8 &&
		kit_number(db, "SELECT count(*) FROM segments WHERE revenue > 0") > 20));
	sqlite3_close(db);
	kit_free(k);
}

static void test_counts(void)
{
	agrees(400, 20, 7, "2024-W20");
	agrees(60, 9, 8, "2024-W09");
	agrees(150, 44, 9, "2024-W44");
}

/* TEN people look at tea at AT, on a clock OFFSET quarters of an hour before UTC. */
static void ten_look(struct kit_shop *k, uint64_t from, uint64_t at, int8_t offset)
{
	for (uint64_t p = from; p < from + 10; p++) {
		kit_look(k, p, at, 1, 1);
		k->v[k->n - 1].offset = offset;
	}
}

static void test_clock(void)
{
	struct kit_shop *k = kit_new();
	const uint64_t monday = END(1);
	sqlite3 *db;

	ten_look(k, 100, KIT_MONDAY + KIT_DAY, 0);
	ten_look(k, 1, monday - 32 * 900000 - 1000, 32); /* Sunday 23:59:59, UTC+8 */
	ten_look(k, 11, monday - 32 * 900000, 32);       /* Monday 00:00:00 */
	ten_look(k, 21, monday + 20 * 900000 - 1000, -20);
	ten_look(k, 31, monday + 20 * 900000, -20);
	/* the hour that summer time leaves out, and the one that it has twice */
	ten_look(k, 41, monday + KIT_DAY + KIT_HOUR / 2, 4);
	ten_look(k, 51, monday + KIT_DAY + KIT_HOUR, 8);
	ten_look(k, 61, monday + 2 * KIT_DAY, 8);
	ten_look(k, 71, monday + 2 * KIT_DAY + KIT_HOUR, 4);
	NEED(kit_release(k, END(3)) == SC_OK);
	db = kit_db(k, 1);
	CHECK(kit_number(db, "SELECT visitors FROM week WHERE week = '2024-W01'") == 30);
	CHECK(kit_number(db, "SELECT visitors FROM week WHERE week = '2024-W02'") == 60);
	CHECK(kit_number(db, "SELECT visitors FROM visitors_hour WHERE hour = '23'") == 20);
	CHECK(kit_number(db,
		  "SELECT visitors FROM visitors_hour WHERE week = '2024-W02' AND hour = '00'") ==
	    20);
	CHECK(kit_number(db, "SELECT visitors FROM visitors_hour WHERE hour = '01'") == 10);
	CHECK(kit_number(db, "SELECT visitors FROM visitors_hour WHERE hour = '02'") == 20);
	CHECK(kit_number(db, "SELECT visitors FROM visitors_hour WHERE hour = '03'") == 10);
	sqlite3_close(db);
	kit_free(k);
}

/* A week has ended when its Sunday has by the shop's clock. */
static void test_week_ends(void)
{
	struct kit_shop *k = kit_new();

	ten_look(k, 1, KIT_MONDAY + 6 * KIT_DAY, 32);
	CHECK(kit_release(k, END(1) - 32 * 900000 - 1) == SC_STALE && k->made == 0);
	CHECK(kit_release(k, END(1) - 32 * 900000) == SC_OK && k->last.weeks == 1);
	CHECK(strcmp(k->last.from, "2024-01-01") == 0 && strcmp(k->last.to, "2024-01-07") == 0);
	CHECK(kit_release(k, END(1)) == SC_STALE && k->made == 1);
	CHECK(kit_release(k, END(3)) == SC_OK && k->last.weeks == 2);
	CHECK(strcmp(k->last.from, "2024-01-08") == 0 && strcmp(k->last.to, "2024-01-21") == 0);
	kit_free(k);
}

/* What was ordered is revenue; what came back later, or was shown to somebody, says nothing here. */
static void test_revenue(void)
{
	struct kit_shop *k = kit_new();
	sqlite3 *db;

	for (uint64_t p = 1; p <= 12; p++) {
		kit_buy(k, p, KIT_MONDAY + p * KIT_HOUR, 1 + p % 2, p == 1 ? 4000 : 300);
		cube_kit_event(k, p, KIT_MONDAY + KIT_DAY, FEED_REFUND)->price = 300;
		cube_kit_event(k, 100 + p, KIT_MONDAY + KIT_DAY, FEED_EXPOSURE)->campaign = 1;
	}
	NEED(kit_release(k, END(1)) == SC_OK);
	db = kit_db(k, 1);
	CHECK(kit_number(db, "SELECT cap FROM caps") == 100000);
	CHECK(kit_number(db, "SELECT visitors FROM week") == 12);
	CHECK(kit_number(db, "SELECT orders FROM week") == 12);
	CHECK(kit_number(db, "SELECT revenue FROM week") == 100000 + 11 * 30000);
	CHECK(kit_number(db, "SELECT bought_before FROM week") == 0);
	CHECK(kit_number(db, "SELECT revenue FROM buyers_category") == 100000 + 11 * 30000);
	CHECK(kit_number(db, "SELECT folded FROM buyers_category") == 2);
	sqlite3_close(db);
	kit_free(k);
}

/* ---- what is published stays ------------------------------------------------------------------ */

/* Is all that release NUMBER told, up to LAST, in the next one, as it was? */
static bool kept(const struct kit_shop *k, uint64_t number, const char *last)
{
	sqlite3 *a = kit_db(k, number), *b = kit_db(k, number + 1);
	char *before = kit_text(a, ""), *after = kit_text(b, last);
	const bool ok = strcmp(before, after) == 0 && *before != '\0';

	free(before);
	free(after);
	sqlite3_close(a);
	sqlite3_close(b);
	return ok;
}

static void test_published(void)
{
	struct kit_shop *k = kit_new();
	sqlite3 *db;
	size_t rows;

	kit_history(k, 300, 15, 3);
	NEED(kit_release(k, END(13)) == SC_OK);
	for (size_t i = 0; i < k->n; i++)
		if (k->v[i].person % 3 == 0)
			k->v[i].kind = 0;         /* a third of all people leave */
	kit_look(k, 1, END(12) - KIT_HOUR, 2, 2); /* and somebody's event is late */
	k->key = 1;
	NEED(kit_release(k, END(15)) == SC_OK);
	CHECK(kept(k, 1, "2024-W13"));
	db = kit_db(k, 2);
	CHECK(naive_agrees(k, db, "2024-W14", "2024-W15", END(15), &rows) && rows > 60);
	CHECK(kit_number(db, "SELECT count(*) FROM calendar") == 2);
	CHECK(kit_number(db,
		  "SELECT count(*) FROM calendar WHERE number = 2 AND from_day = "
		  "'2024-04-01' AND to_day = '2024-04-14' AND next = '2024-04-22'") == 1);
	sqlite3_close(db);
	kit_free(k);
}

static void test_quarters(void)
{
	struct kit_shop *k = kit_new();
	sqlite3 *db;

	for (uint64_t p = 1; p <= 40; p++) {
		kit_buy(k, p, KIT_MONDAY + 12 * KIT_WEEK + p * KIT_HOUR, 1, 40);
		if (p <= 15)
			kit_buy(k, p, KIT_MONDAY + 20 * KIT_WEEK + p * KIT_HOUR, 1, 40);
	}
	NEED(kit_release(k, END(14)) == SC_OK);
	for (size_t i = 0; i < k->n; i++)
		if (k->v[i].person == 40)
			k->v[i].kind = 0;
	NEED(kit_release(k, END(27)) == SC_OK);
	db = kit_db(k, 2);
	CHECK(kit_number(db, "SELECT count(*) FROM quarters") == 1);
	CHECK(kit_number(db,
		  "SELECT people FROM quarters WHERE quarter = '2024-W26' AND segment LIKE "
		  "'%new%'") == 40); /* not 39: that somebody left is not told */
	CHECK(kit_number(db, "SELECT buyers FROM quarters") == 15);
	CHECK(kit_number(db, "SELECT orders FROM quarters") == 15);
	sqlite3_close(db);
	kit_free(k);
}

static void test_growing(void)
{
	static const char *const more[] = { "tea", "cups", "gifts", "pots", "sweets", "books",
		"a | b" };
	struct kit_shop *k = kit_new();
	sqlite3 *db;
	char *text;

	kit_history(k, 200, 8, 5);
	k->words.n_traits = 1;
	NEED(kit_release(k, END(5)) == SC_OK);
	for (uint64_t p = 1; p <= 30; p++)
		kit_look(k, p, END(6) - p * KIT_HOUR, 7, 1);
	k->words.n_traits = 2;
	k->words.categories = (struct feed_list){ .v = more, .n = 7 };
	NEED(kit_release(k, END(7)) == SC_OK);
	CHECK(kept(k, 1, "2024-W05"));
	db = kit_db(k, 2);
	CHECK(
	    kit_number(db,
		"SELECT visitors FROM visitors_category WHERE category = 'a / b' AND week = '2024-W06'") ==
	    30);
	CHECK(kit_number(db, "SELECT count(DISTINCT week) FROM segment_sex") == 2);
	text = kit_text(db, "");
	CHECK(strstr(text, "a | b") == NULL);
	free(text);
	sqlite3_close(db);
	k->words.n_traits = 1; /* what is not made any more is still there */
	NEED(kit_release(k, END(8)) == SC_OK);
	CHECK(kept(k, 2, "2024-W07"));
	kit_free(k);
}

/* ---- few and none -------------------------------------------------------------------------------- */

static void test_nobody(void)
{
	struct kit_shop *k = kit_new();
	sqlite3 *db;
	char *text;

	CHECK(kit_release(k, END(2)) == SC_STALE);
	kit_look(k, 1, KIT_MONDAY + KIT_HOUR, 1, 1);
	NEED(kit_release(k, END(1)) == SC_OK);
	ten_look(k, 1, END(2) + KIT_HOUR, 0);
	NEED(kit_release(k, END(3)) == SC_OK && k->last.weeks == 2);
	db = kit_db(k, 1);
	text = kit_text(db, "");
	CHECK(strcmp(text, "caps\t2024-W01\t100000\n") == 0);
	free(text);
	sqlite3_close(db);
	db = kit_db(k, 2);
	CHECK(kit_number(db, "SELECT count(*) FROM week") ==
	    1); /* the third: nobody came in the second */
	CHECK(kit_number(db, "SELECT count(*) FROM caps") == 3);
	sqlite3_close(db);
	kit_free(k);
}

static void test_few_buyers(void)
{
	struct kit_shop *k = kit_new();
	sqlite3 *db;

	ten_look(k, 1, KIT_MONDAY, 0);
	ten_look(k, 11, KIT_MONDAY, 0);
	for (uint64_t p = 1; p <= 9; p++)
		kit_buy(k, p, KIT_MONDAY + KIT_DAY, 1, 100);
	for (uint64_t p = 1; p <= 20; p++) /* eleven of twenty, who leave nine */
		kit_look(k, p, END(1), 1, 1);
	for (uint64_t p = 1; p <= 11; p++)
		kit_buy(k, p, END(1) + KIT_DAY, 1, 100);
	NEED(kit_release(k, END(2)) == SC_OK);
	db = kit_db(k, 1);
	CHECK(kit_number(db, "SELECT sum(visitors) FROM week") == 40);
	CHECK(
	    kit_number(db, "SELECT sum(buyers + orders + revenue + bought_before) FROM week") == 0);
	CHECK(kit_number(db, "SELECT count(*) FROM buyers_category") == 0);
	CHECK(kit_number(db, "SELECT sum(buyers + orders + revenue) FROM segments") == 0);
	CHECK(kit_number(db, "SELECT sum(people) FROM segments") == 40);
	CHECK(kit_number(db, "SELECT min(people) FROM segments") >= 10);
	sqlite3_close(db);
	kit_free(k);
}

/* ---- caps ---------------------------------------------------------------------------------------- */

/* OVER of 200 buyers spend more than the cap in the first quarter: the cap after it. */
static int64_t cap_after(unsigned over, uint8_t key)
{
	struct kit_shop *k = kit_new();
	int64_t cap = -1;
	sqlite3 *db;

	for (uint64_t p = 1; p <= 400; p++)
		kit_buy(k, p, KIT_MONDAY + p * KIT_HOUR, 1, p <= over ? 1001 : 1000);
	k->key = key;
	if (kit_release(k, END(14)) == SC_OK) {
		db = kit_db(k, 1);
		cap = kit_number(db, "SELECT cap FROM caps WHERE week = '2024-W14'");
		CHECK(kit_number(db, "SELECT count(*) FROM caps WHERE cap = 100000") >= 13);
		sqlite3_close(db);
	}
	kit_free(k);
	return cap;
}

static void test_cap(void)
{
	unsigned first = 400;

	CHECK(cap_after(103, 0) == 100000); /* one in a hundred, and a hundred more */
	CHECK(cap_after(203, 0) == 200000); /* and whatever was drawn */
	for (uint8_t key = 1; key < 9; key++) {
		unsigned over = 103;

		while (cap_after(over, key) == 100000)
			over += 20;
		first = over < first ? over : first;
		CHECK(over <= 223);
	}
	CHECK(first > 103);
}

/* ---- releases -------------------------------------------------------------------------------------- */

static void test_same(void)
{
	struct kit_shop *a = kit_new(), *b = kit_new();

	kit_history(a, 150, 6, 11);
	kit_history(b, 150, 6, 11);
	b->backwards = true;
	NEED(kit_release(a, END(6)) == SC_OK && kit_release(b, END(6)) == SC_OK);
	CHECK(memcmp(a->last.sha256, b->last.sha256, SHELF_SHA_BYTES) == 0);
	kit_free(a);
	kit_free(b);
}

static void test_damaged(void)
{
	struct kit_shop *k = kit_new();
	char path[160];
	uint8_t byte;
	int fd;

	kit_history(k, 100, 4, 2);
	NEED(kit_release(k, END(2)) == SC_OK);
	snprintf(path, sizeof(path), "%s/cube/1/release.db", k->root);
	NEED(chmod(path, 0600) == 0 && (fd = open(path, O_RDWR)) >= 0);
	NEED(pread(fd, &byte, 1, 5000) == 1);
	byte ^= 1;
	NEED(pwrite(fd, &byte, 1, 5000) == 1);
	CHECK(kit_release(k, END(4)) == SC_CORRUPT && k->made == 1);
	byte ^= 1;
	NEED(pwrite(fd, &byte, 1, 5000) == 1);
	close(fd);
	k->made = 3; /* there is no such release */
	CHECK(kit_release(k, END(4)) != SC_OK);
	k->made = 0;
	CHECK(kit_release(k, END(4)) == SC_STALE); /* that number is taken */
	k->made = 1;
	CHECK(kit_release(k, END(4)) == SC_OK);
	kit_free(k);
}

int main(void)
{
	RUN(test_counts, "every row is what was counted");
	RUN(test_clock, "weeks and hours are those of the shop's clock");
	RUN(test_week_ends, "a week is published when it has ended, once");
	RUN(test_revenue, "revenue is what was ordered, cut to the cap");
	RUN(test_published, "nothing published changes, whoever leaves and whatever comes late");
	RUN(test_quarters, "a quarter's people are those that were published");
	RUN(test_growing, "words grow, rows stay");
	RUN(test_nobody, "one visitor is told of no more than an empty week");
	RUN(test_few_buyers, "too few buyers, or all but too few, are not told");
	RUN(test_cap, "a cap moves for many, never for one");
	RUN(test_same, "the same events make the same bytes, in whatever order");
	RUN(test_damaged, "a damaged release has no successor");
	return tap_done();
}
