/*
 * test_phone_guard.c - guessing does not pay: over many calls, in many calls at
 * once, from many callers, with hits in between, and with the table full.
 */
#include "gateway/book/guard.h"
#include "phone_stage.h"
#include "tap.h"

static struct phone_stage t;
static struct phone_guard *g;

/* Two pools of AXE: two lines and one. */
static void open_guard(void)
{
	stage_init(&t);
	stage_pool(&t, PHONE_AXE, 4, 2);
	stage_pool(&t, PHONE_AXE, 4, 1);
	if (guard_new(&t.settings, &g) != SC_OK)
		exit(1);
}

static void close_guard(void)
{
	guard_free(g);
	g = NULL;
}

static struct guard_try try_of(uint32_t line, uint32_t caller, bool known)
{
	return (struct guard_try){ line, stage_party(caller), known };
}

static bool charge(uint32_t line, uint32_t caller, bool known)
{
	struct guard_try try = try_of(line, caller, known);

	return guard_charge(g, &t.now, &try);
}

static void refund(uint32_t line, uint32_t caller, bool known)
{
	struct guard_try try = try_of(line, caller, known);

	guard_refund(g, &t.now, &try);
}

static bool alarmed(uint32_t line)
{
	uint32_t at;

	return guard_alarm(g, &at) && at == line;
}

static void test_one_caller(void)
{
	open_guard();
	for (int i = 0; i < 3; i++) {
		CHECK(charge(0, 7, false));
		CHECK(!alarmed(0));
		stage_pass(&t, 100);
	}
	CHECK(!charge(0, 7, false));
	CHECK(alarmed(0));
	CHECK(!alarmed(0));
	CHECK(!charge(0, 7, true)); /* also to where the caller is known */
	CHECK(!alarmed(0));
	CHECK(charge(1, 7, false)); /* another X has a count of its own */
	CHECK(charge(0, 8, false));
	/* to the second, from when the block began */
	stage_pass(&t, 3599);
	CHECK(!charge(0, 7, false));
	stage_pass(&t, 1);
	CHECK(charge(0, 7, false));
	close_guard();
}

/* Calls that come while others have not been answered. */
static void test_parallel(void)
{
	size_t compared = 0;

	open_guard();
	for (int i = 0; i < 100; i++)
		compared += charge(0, 7, false);
	CHECK(compared == 3);
	refund(0, 7, false);         /* one of the three was right */
	CHECK(!charge(0, 7, false)); /* blocked is blocked */
	close_guard();
}

/* Whoever knows one right extension does not buy tries with it. */
static void test_hits_between(void)
{
	size_t wrong = 0;

	open_guard();
	for (int i = 0; i < 50; i++) {
		if (charge(0, 7, true))
			refund(0, 7, true);
		wrong += charge(0, 7, true);
	}
	CHECK(wrong == 3);
	close_guard();
}

/* A refund that nothing was charged for takes nothing from others, and none below zero. */
static void test_refunds(void)
{
	open_guard();
	for (int i = 0; i < 20; i++)
		refund(0, 7, false);
	for (int i = 0; i < 3; i++)
		CHECK(charge(0, 7, false));
	for (int i = 0; i < 20; i++)
		refund(0, 8, false);
	CHECK(!charge(0, 7, false));
	/* nor does one that comes after its hour */
	CHECK(charge(1, 9, false));
	stage_pass(&t, 3600);
	CHECK(charge(1, 9, false) && charge(1, 9, false) && charge(1, 9, false));
	CHECK(!charge(1, 9, false));
	refund(7, 9, false); /* there is no such X */
	CHECK(!charge(7, 9, false));
	close_guard();
}

static void test_everywhere(void)
{
	size_t compared = 0;

	stage_init(&t);
	stage_pool(&t, PHONE_AXE, 4, 20);
	NEED(guard_new(&t.settings, &g) == SC_OK);
	for (uint32_t line = 0; line < 20; line++)
		compared += charge(line, 7, false);
	CHECK(compared == 10);
	CHECK(!charge(19, 7, false));
	CHECK(charge(19, 8, false));
	/* and what was refused was not charged to its X: three of its own are left an hour later */
	stage_pass(&t, 3600);
	CHECK(charge(19, 7, false) && charge(19, 7, false) && charge(19, 7, false));
	close_guard();
}

static void test_many_callers(void)
{
	size_t compared = 0, alarms = 0;

	open_guard();
	for (uint32_t caller = 1; caller <= 1000; caller++) {
		compared += charge(0, caller, false);
		alarms += alarmed(0);
	}
	CHECK(compared == 30 && alarms == 1);
	/* whoever was connected there goes on, up to a caller's own limit */
	CHECK(charge(0, 5000, true) && charge(0, 5000, true) && charge(0, 5000, true));
	CHECK(!charge(0, 5000, true));
	CHECK(charge(0, 5001, true));
	CHECK(!charge(0, 5002, false));
	CHECK(charge(2, 5002, false)); /* another pool */
	stage_pass(&t, 3599);
	CHECK(!charge(0, 5003, false));
	stage_pass(&t, 1);
	CHECK(charge(0, 5003, false));
	close_guard();
}

/* The misses of known callers count as well. */
static void test_known_count(void)
{
	open_guard();
	for (uint32_t caller = 1; caller <= 30; caller++)
		CHECK(charge(0, caller, true));
	CHECK(!charge(0, 99, false));
	close_guard();
}

static void test_pool(void)
{
	size_t compared = 0, alarms = 0;

	open_guard();
	t.settings.guard.pool = 10; /* for each of two lines */
	for (uint32_t caller = 1; caller <= 100; caller++) {
		compared += charge(caller % 2, caller, false);
		alarms += alarmed(caller % 2);
	}
	CHECK(compared == 20 && alarms == 1);
	CHECK(charge(0, 500, true));
	CHECK(charge(2, 500, false));
	close_guard();
}

/* Hits are free: an X that is much called is not closed by them. */
static void test_hits(void)
{
	open_guard();
	for (uint32_t caller = 1; caller <= 500; caller++) {
		NEED(charge(0, caller, false));
		refund(0, caller, false);
	}
	for (int i = 0; i < 500; i++) {
		NEED(charge(0, 7, false));
		refund(0, 7, false);
	}
	close_guard();
}

static void test_withheld(void)
{
	open_guard();
	CHECK(charge(0, 0, false) && charge(0, 0, false) && charge(0, 0, false));
	CHECK(!charge(0, 0, false));
	CHECK(charge(0, 1, false));
	close_guard();
}

static void test_wall_clock(void)
{
	open_guard();
	while (charge(0, 7, false))
		;
	t.now.wall += 365 * STAGE_DAY;
	CHECK(!charge(0, 7, false));
	t.now.wall -= 2 * 365 * STAGE_DAY;
	CHECK(!charge(0, 7, false));
	close_guard();
}

/* More callers than there is room for: the last ones share a few tries, and known ones others. */
static void test_full(void)
{
	const uint32_t callers = 600000;
	uint32_t compared = 0, late = 0;

	open_guard();
	t.settings.guard.line = t.settings.guard.pool = UINT32_MAX;
	for (uint32_t caller = 1; caller <= callers; caller++) {
		bool may = charge(0, caller, false);

		compared += may;
		late += may && caller > callers - 50000;
	}
	/* two counts of each caller: at this X, and everywhere */
	CHECK(compared < 131072);
	CHECK(late < 500); /* where two places happen to be left, some 50 */
	CHECK(charge(0, callers + 1, true) || charge(0, callers + 2, true));
	/* those who have a count of their own are still held to it */
	CHECK(charge(0, 1, false) && charge(0, 1, false));
	CHECK(!charge(0, 1, false));
	/* an hour later there is room again */
	stage_pass(&t, 3600);
	CHECK(charge(0, callers + 3, false));
	CHECK(charge(1, 77, false) && charge(1, 77, false) && charge(1, 77, false));
	CHECK(!charge(1, 77, false));
	close_guard();
}

int main(void)
{
	RUN(test_one_caller, "three wrong ones at an X, and its caller is refused for an hour");
	RUN(test_parallel, "calls at once are charged before any of them is compared");
	RUN(test_hits_between, "a hit takes back its own charge and no other");
	RUN(test_refunds, "a refund without a charge gains nothing");
	RUN(test_everywhere, "a caller has ten in all");
	RUN(test_many_callers, "an X has a budget for all callers; known ones go on");
	RUN(test_known_count, "to which the misses of known ones belong");
	RUN(test_pool, "a pool has a budget as well");
	RUN(test_hits, "hits cost nothing");
	RUN(test_withheld, "all who withhold their number are one");
	RUN(test_wall_clock, "setting the clock ends no block");
	RUN(test_full, "a table full of callers gives no tries to more of them");
	return tap_done();
}
