/*
 * test_marks.c - 32 different values of a person, class and day, across restart, crash, both
 * clocks and full memory; and a value that was there before costs nothing.
 */
#include "crypto/marks/marks.h"
#include "crypto/marks/marks_int.h"

#include "base/clock.h"
#include "crypto/rows/tables.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char dir[64], db[128];
static struct loop *loop;
static struct inbox inbox;
static struct store *store;
static struct marks *marks;

static void make(void)
{
	snprintf(dir, sizeof(dir), "/tmp/scrim-marks-XXXXXX");
	if (mkdtemp(dir) == NULL)
		abort();
	snprintf(db, sizeof(db), "sqlite:%s/keyd.db", dir);
}

static void clean(void)
{
	char cmd[128];

	snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	if (system(cmd) != 0)
		abort();
}

/* What the marks' clock says. */
static _Atomic uint64_t says_ms;

static bool begin_at(uint64_t now_ms)
{
	struct sc_diag d = { .text = "" };
	bool ok;

	if (loop_new(&loop) != SC_OK || store_open(db, &keyd_tables, &d, &store) != SC_OK)
		return false;
	inbox_init(&inbox, loop, store);
	says_ms = now_ms;
	ok = marks_new(loop, &inbox, &says_ms, &marks) == SC_OK && marks_start(marks, &d) == SC_OK;
	if (!ok)
		printf("# %s\n", d.text);
	return ok;
}

static void turn_until_idle(void)
{
	while (marks_busy(marks))
		if (loop_turn_once(loop, 5) != SC_OK)
			abort();
}

/* KEPT: as a stop leaves it; else as a crash does. */
static void end(bool kept)
{
	turn_until_idle();
	if (kept)
		CHECK(marks_keep(marks) == SC_OK);
	store_close(store);
	marks_free(marks);
	inbox_fini(&inbox);
	loop_free(loop);
}

/* Until what was noted is in rows, and as many days are there as are needed. */
static void settle(void)
{
	for (int i = 0; i < 200 && (marks->n_notes > 0 || marks->busy); i++)
		if (loop_turn_once(loop, 20) != SC_OK)
			abort();
	CHECK(marks->n_notes == 0);
}

static enum mark see_at(uint64_t ms, uint64_t who, uint8_t class_id, uint32_t value)
{
	return marks_see(marks, marks_day(marks, ms), who, class_id, value);
}

/* How many of N values, from FIRST on, WHO is given. */
static unsigned given_at(uint64_t ms, uint64_t who, uint8_t class_id, uint32_t first, unsigned n)
{
	unsigned given = 0;

	for (uint32_t v = first; v < first + n; v++) {
		enum mark m = see_at(ms, who, class_id, v);

		given += m == MARK_NEW || m == MARK_KNOWN;
	}
	return given;
}

#define NOON (UINT64_C(20000) * MARKS_DAY_MS + MARKS_DAY_MS / 2)

static void test_limit(void)
{
	make();
	NEED(begin_at(NOON));
	CHECK(given_at(NOON, 7, 2, 1, MARKS_VALUES_MAX) == MARKS_VALUES_MAX);
	for (uint32_t v = 1; v <= MARKS_VALUES_MAX; v++)
		CHECK(see_at(NOON, 7, 2, v) == MARK_KNOWN);
	CHECK(see_at(NOON, 7, 2, 33) == MARK_LIMIT);
	/* and from there on, none: not what was there before either */
	for (uint32_t v = 1; v <= MARKS_CLOSED; v++)
		CHECK(see_at(NOON, 7, 2, v) == MARK_LIMIT);
	/* another class, another person */
	CHECK(given_at(NOON, 7, 3, 1, 100) == MARKS_VALUES_MAX);
	CHECK(given_at(NOON, 8, 2, 1, 100) == MARKS_VALUES_MAX);
	/* a day that was never read gives nothing */
	CHECK(see_at(NOON + 10 * MARKS_DAY_MS, 9, 2, 1) == MARK_FULL);
	end(true);
	clean();
}

static void test_restart(void)
{
	make();
	NEED(begin_at(NOON));
	for (uint64_t who = 1; who <= 40; who++)
		CHECK(given_at(NOON, who * 0x9e3779b97f4a7c15u, 2, 1, (unsigned)who) ==
		    (who < MARKS_VALUES_MAX ? who : MARKS_VALUES_MAX));
	CHECK(see_at(NOON, 1, 2, 1) == MARK_NEW);
	for (int i = 0; i < 3; i++) {
		end(true);
		NEED(begin_at(NOON));
		/* exactly: what is left of the 32, and what there was costs nothing */
		for (uint64_t who = 1; who <= 40; who++) {
			unsigned had = who <= MARKS_VALUES_MAX ? (unsigned)who : 0;

			CHECK(given_at(NOON, who * 0x9e3779b97f4a7c15u, 2, 1, had) == had);
			CHECK(had != 0 ||
			    see_at(NOON, who * 0x9e3779b97f4a7c15u, 2, 1) == MARK_LIMIT);
		}
	}
	CHECK(given_at(NOON, 5 * 0x9e3779b97f4a7c15u, 2, 1000, 100) == MARKS_VALUES_MAX - 5);
	end(true);
	clean();
}

/* At most seven of a person and class are forgotten. */
static void test_crash(void)
{
	make();
	NEED(begin_at(NOON));
	for (unsigned n = 1; n <= MARKS_VALUES_MAX; n++)
		CHECK(given_at(NOON, n * 0x9e3779b97f4a7c15u, 2, 1, n) == n);
	settle();
	end(false);
	NEED(begin_at(NOON));
	for (unsigned n = 1; n <= MARKS_VALUES_MAX; n++)
		CHECK(given_at(NOON, n * 0x9e3779b97f4a7c15u, 2, 1000, 100) <=
		    MARKS_VALUES_MAX - n / MARKS_ROW_EACH * MARKS_ROW_EACH);
	settle();
	/* what a stop kept before it holds behind a crash as well */
	end(true);
	NEED(begin_at(NOON));
	CHECK(given_at(NOON, 99, 2, 1, 5) == 5);
	end(false);
	NEED(begin_at(NOON));
	for (unsigned n = 1; n <= MARKS_VALUES_MAX; n++)
		CHECK(given_at(NOON, n * 0x9e3779b97f4a7c15u, 2, 5000, 100) == 0);
	end(false);
	clean();
}

static void wait_for_day(uint64_t ms)
{
	for (int i = 0; i < 200 && marks_day(marks, ms) == NULL; i++)
		if (loop_turn_once(loop, 20) != SC_OK)
			abort();
}

/* By its clock today and tomorrow are read before they are asked for. */
static void test_tomorrow(void)
{
	const uint64_t now = clock_unix_ms();

	make();
	NEED(begin_at(now));
	CHECK(given_at(now, 7, 2, 1, 20) == 20);
	wait_for_day(now + MARKS_DAY_MS);
	CHECK(given_at(now + MARKS_DAY_MS, 7, 2, 1, 100) == MARKS_VALUES_MAX);
	/* and back: the day is as it was left */
	CHECK(given_at(now, 7, 2, 100, 100) == MARKS_VALUES_MAX - 20);
	settle();
	end(true);
	/* each day on its own, whichever comes first */
	NEED(begin_at(now + MARKS_DAY_MS));
	CHECK(given_at(now + MARKS_DAY_MS, 7, 2, 500, 100) == 0);
	says_ms = now;
	wait_for_day(now);
	CHECK(given_at(now, 7, 2, 500, 100) == 0);
	end(true);
	clean();
}

/* A clock set forth drops nothing that comes back with it. */
static void test_far_clock(void)
{
	static const unsigned days[] = { 0, 30, 0, 3000, 0 };

	make();
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
		uint64_t ms = NOON + days[i] * (uint64_t)MARKS_DAY_MS;

		NEED(begin_at(ms));
		CHECK(given_at(ms, 7, 2, 1000 * (uint32_t)i, 100) ==
		    (i == 0 || days[i] != 0 ? MARKS_VALUES_MAX : 0));
		settle();
		end(i % 2 == 0);
	}
	clean();
}

/* Against a naive map: any order of people, classes and values. */
#define PEOPLE 50
#define CLASSES 3
#define VALUES 60
static void test_model(void)
{
	static bool had[PEOPLE][CLASSES][VALUES];
	static unsigned n[PEOPLE][CLASSES];
	uint64_t x = 88172645463325252u;
	unsigned wrong = 0;

	memset(had, 0, sizeof(had));
	memset(n, 0, sizeof(n));
	make();
	NEED(begin_at(NOON));
	for (int i = 0; i < 12000; i++) {
		unsigned p, c, v;
		enum mark want;

		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		p = x % PEOPLE, c = x / 64 % CLASSES, v = x / 4096 % VALUES;
		want = n[p][c] > MARKS_VALUES_MAX ? MARK_LIMIT :
		    had[p][c][v]                  ? MARK_KNOWN :
		    n[p][c] == MARKS_VALUES_MAX   ? MARK_LIMIT :
						    MARK_NEW;
		n[p][c] += !had[p][c][v];
		had[p][c][v] = true;
		wrong += see_at(NOON, p, (uint8_t)(c + 1), v) != want;
		if (i % 3000 == 2999) {
			end(true);
			NEED(begin_at(NOON));
		}
	}
	CHECK(wrong == 0);
	end(true);
	clean();
}

/* More people than the first tables hold: none is lost, none counts for another. */
static void test_many(void)
{
	unsigned wrong = 0;

	make();
	NEED(begin_at(NOON));
	for (uint64_t who = 1; who <= 200000; who++)
		wrong += see_at(NOON, who * 0x9e3779b97f4a7c15u, 2, (uint32_t)who) != MARK_NEW;
	CHECK(wrong == 0 && marks->slots > MARKS_LEVEL_SLOTS(2));
	end(true);
	NEED(begin_at(NOON));
	for (uint64_t who = 1; who <= 200000; who++)
		wrong += see_at(NOON, who * 0x9e3779b97f4a7c15u, 2, (uint32_t)who) != MARK_KNOWN;
	CHECK(wrong == 0);
	/* somebody whose values lie in several tables */
	CHECK(given_at(NOON, 3 * 0x9e3779b97f4a7c15u, 2, 1000000, 100) == MARKS_VALUES_MAX - 1);
	end(true);
	clean();
}

/* No room for one: from there on nothing is given, to nobody. */
static void test_full(void)
{
	uint32_t slots;

	make();
	NEED(begin_at(NOON));
	CHECK(given_at(NOON, 7, 2, 1, 7) == 7);
	slots = marks->slots;
	marks->slots = MARKS_SLOTS_MAX;
	for (uint64_t who = 1; who <= MARKS_LEVEL_SLOTS(0); who++)
		(void)see_at(NOON, who * 0x9e3779b97f4a7c15u, 2, 1);
	CHECK(see_at(NOON, 12345, 2, 1) == MARK_FULL);
	CHECK(see_at(NOON, 7, 2, 1) == MARK_FULL);
	marks->slots = slots;
	end(true);
	/* nor while too many rows wait to be written */
	NEED(begin_at(NOON));
	CHECK(see_at(NOON, 7, 2, 7) == MARK_KNOWN);
	marks->n_notes = MARKS_NOTES_MAX;
	CHECK(see_at(NOON, 7, 2, 8) == MARK_FULL && see_at(NOON, 7, 2, 7) == MARK_FULL);
	marks->n_notes = 0;
	CHECK(see_at(NOON, 7, 2, 7) == MARK_KNOWN && see_at(NOON, 7, 2, 8) == MARK_NEW);
	end(true);
	clean();
}

/* Days with many people make room for the next ones sooner; those with few are kept. */
static void test_days(void)
{
	const uint64_t today = clock_unix_ms();

	make();
	NEED(begin_at(today));
	CHECK(given_at(today, 7, 2, 1, 5) == 5);
	for (unsigned i = 1; i < MARKS_DAYS_KEPT + 3; i++) {
		struct marks_day *d = marks_day_new(today / MARKS_DAY_MS + i);

		NEED(d != NULL && marks_take(marks, d));
		CHECK((marks_day(marks, today) != NULL) == (i < MARKS_DAYS_KEPT));
		CHECK(given_at(today + i * (uint64_t)MARKS_DAY_MS, 7, 2, 1, 5) == 5);
	}
	marks->slots += MARKS_SLOTS_MAX / 4;
	for (unsigned i = 0; i < 2; i++) {
		struct marks_day *d = marks_day_new(today / MARKS_DAY_MS + MARKS_DAYS_KEPT + 3 + i);

		NEED(d != NULL && marks_take(marks, d));
		CHECK(marks_day(marks,
			  today + (MARKS_DAYS_KEPT + 1 + i) * (uint64_t)MARKS_DAY_MS) == NULL);
		CHECK(marks_day(marks,
			  today + (MARKS_DAYS_KEPT + 2 + i) * (uint64_t)MARKS_DAY_MS) != NULL);
	}
	marks->slots -= MARKS_SLOTS_MAX / 4;
	end(true);
	clean();
}

int main(void)
{
	alarm(120);
	RUN(test_limit, "32 different values of a person, class and day, and repeats for nothing");
	RUN(test_restart, "a restart forgets nothing");
	RUN(test_crash, "a crash forgets seven values at most");
	RUN(test_tomorrow, "days are read before they come, and each has its own");
	RUN(test_far_clock, "a clock set far forth and back gives nobody a second allowance");
	RUN(test_model, "the same as a naive map");
	RUN(test_many, "more people than the first tables hold");
	RUN(test_days, "days of many people go sooner than those of few");
	RUN(test_full, "where there is no room nothing new is given");
	return tap_done();
}
