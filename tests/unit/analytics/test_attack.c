/*
 * test_attack.c - what the attacker must find in a cube, and what he must not claim.
 */
#include "attack_rig.h"
#include "attack_world.h"
#include "tap.h"

static struct attack_rig r;

static bool is_range(const char *table, const char *part, uint64_t lo, uint64_t hi)
{
	const struct attack_finding *f = attack_rig_find(&r, table, part);

	if (f != NULL && f->lo == lo && f->hi == hi)
		return true;
	printf("# %s %s: %s %llu..%llu\n", table, part, f == NULL ? "not found" : f->what,
	    (unsigned long long)(f == NULL ? 0 : f->lo),
	    (unsigned long long)(f == NULL ? 0 : f->hi));
	return false;
}

/* A week that is sound: people enough in everything. */
static void sound_week(const char *week)
{
	attack_rig_week(&r, week, 500, 200, 150);
	attack_rig_sql(&r,
	    "INSERT INTO visitors_category VALUES('%s','toys',1,300),('%s','books',1,200),"
	    "('%s','games | maps | pens',3,25);"
	    "INSERT INTO buyers_category VALUES('%s','toys',1,120,130,5000),"
	    "('%s','books | games | maps | pens',4,90,90,5000)",
	    week, week, week, week, week);
	attack_rig_sql(&r,
	    "INSERT INTO segments VALUES('%s','loyal',1,400,120,130,100),"
	    "('%s','new | promising',2,300,80,80,100);"
	    "INSERT INTO segment_sex VALUES('%s','loyal','f',1,200),('%s','loyal','m',1,185),"
	    "('%s','new | promising','f',2,150),('%s','new | promising','m',2,130)",
	    week, week, week, week, week, week);
}

static void test_sound(void)
{
	attack_rig_init(&r);
	sound_week("2026-W40");
	CHECK(attack_rig_run(&r, "") == SC_OK && r.out.solved == 0 && r.n_found == 0);
	CHECK(r.out.folded == 3 + 4 + 2 + 4 && r.out.differences > 20 && r.out.narrowest >= 10);
	attack_rig_fini(&r);
	attack_rig_init(&r);
	CHECK(attack_rig_run(&r, "") == SC_OK && r.out.solved == 0 && r.out.folded == 0);
	attack_rig_fini(&r);
}

/* ---- differences -------------------------------------------------------------------- */

static void test_few_did_not_buy(void)
{
	attack_rig_init(&r);
	attack_rig_week(&r, "2026-W40", 500, 200, 150);
	attack_rig_sql(&r,
	    "INSERT INTO visitors_category VALUES('2026-W40','toys',1,103),('2026-W40','books',1,300),"
	    "('2026-W40','pens',1,110);"
	    "INSERT INTO buyers_category VALUES('2026-W40','toys',1,100,0,0),"
	    "('2026-W40','books',1,150,0,0),('2026-W40','pens',1,100,0,0)");
	CHECK(attack_rig_run(&r, "") == SC_OK && r.out.solved == 1);
	CHECK(is_range("visitors_category", "category toys", 3, 3));
	/* nobody is left, or ten */
	attack_rig_sql(&r, "UPDATE visitors_category SET visitors=100 WHERE category='toys'");
	CHECK(attack_rig_run(&r, "") == SC_OK && r.out.solved == 0);
	attack_rig_sql(&r, "UPDATE visitors_category SET visitors=109 WHERE category='toys'");
	CHECK(attack_rig_run(&r, "") == SC_OK && r.out.solved == 1);
	attack_rig_sql(&r, "UPDATE visitors_category SET visitors=110 WHERE category='toys'");
	CHECK(attack_rig_run(&r, "") == SC_OK && r.out.solved == 0);
	attack_rig_fini(&r);
}

static void test_week_differences(void)
{
	attack_rig_init(&r);
	attack_rig_week(&r, "2026-W40", 205, 200, 196);
	CHECK(attack_rig_run(&r, "") == SC_OK);
	CHECK(is_range("week", "visitors but not week", 5, 5) &&
	    is_range("week", "buyers but not", 4, 4));
	attack_rig_sql(&r, "UPDATE week SET visitors=210, bought_before=190");
	CHECK(attack_rig_run(&r, "") == SC_OK && r.out.solved == 0);
	/* a row of few itself */
	attack_rig_sql(&r, "INSERT INTO buyers_weekday VALUES('2026-W40','monday',1,9)");
	CHECK(attack_rig_run(&r, "") == SC_OK && r.out.solved == 1);
	CHECK(is_range("buyers_weekday", "2026-W40, weekday monday", 9, 9));
	attack_rig_fini(&r);
}

/* Whoever is in no row of a trait. */
static void test_trait_leaves_few(void)
{
	attack_rig_init(&r);
	attack_rig_week(&r, "2026-W40", 500, 200, 150);
	attack_rig_sql(&r,
	    "INSERT INTO segments VALUES('2026-W40','loyal',1,104,100,0,0),"
	    "('2026-W40','new',1,120,100,0,0);"
	    "INSERT INTO segment_age VALUES('2026-W40','loyal','a',1,60),"
	    "('2026-W40','loyal','b',1,40),('2026-W40','new','a | b',2,110)");
	CHECK(attack_rig_run(&r, "") == SC_OK);
	CHECK(is_range("segments", "segment loyal: people who are in no row of segment_age", 4, 4));
	CHECK(attack_rig_find(&r, "segments", "segment new: people who are in no row") == NULL);
	attack_rig_sql(&r, "UPDATE segments SET people=110 WHERE segment='loyal'");
	CHECK(attack_rig_run(&r, "") == SC_OK && r.out.solved == 0);
	attack_rig_fini(&r);
}

/* ---- folded cells ------------------------------------------------------------------- */

/* Who bought was there: a folded row whose other members nobody visited much. */
static void test_solved_by_totals(void)
{
	attack_rig_init(&r);
	attack_rig_week(&r, "2026-W40", 900, 200, 150);
	/* the segments' buyers add up, so those of `new` follow; its people do not */
	attack_rig_sql(&r,
	    "INSERT INTO segments VALUES('2026-W40','loyal | new',2,300,200,0,0);"
	    "INSERT INTO segment_sex VALUES('2026-W40','loyal','f',1,150),"
	    "('2026-W40','loyal','m',1,145)");
	CHECK(attack_rig_run(&r, "") == SC_OK);
	CHECK(is_range("segments", "segment new: people, of a row of several", 0, 5));
	CHECK(is_range("segments", "segment loyal: people, of a row of several", 295, 300));
	attack_rig_sql(&r, "UPDATE segments SET people=305");
	CHECK(attack_rig_run(&r, "") == SC_OK && r.out.solved == 0);
	attack_rig_fini(&r);
}

/*
 * Three by three, folded along the lines: rows and columns of the same people by sex and by
 * age do not meet; but rows of one trait that cross segments do.
 */
static void test_solved_by_crossing(void)
{
	attack_rig_init(&r);
	attack_rig_week(&r, "2026-W40", 900, 200, 150);
	attack_rig_sql(&r,
	    "INSERT INTO segments VALUES('2026-W40','loyal',1,100,60,0,0),"
	    "('2026-W40','new',1,100,60,0,0),('2026-W40','promising',1,100,80,0,0);"
	    /* a+b=60 (loyal), c+d=53 (new): by value f: loyal|new, and m alone of each */
	    "INSERT INTO segment_sex VALUES('2026-W40','loyal | new','f | x',4,113),"
	    "('2026-W40','loyal','m',1,40),('2026-W40','new','m',1,40)");
	CHECK(attack_rig_run(&r, "") == SC_OK);
	/* loyal has 60 in f and x, new 60: 120 at most, and 113 are told: 7 are in no row */
	CHECK(is_range("segments", "segment loyal: people who are in no row of segment_sex", 0, 7));
	CHECK(is_range("segments", "segment new: people who are in no row of segment_sex", 0, 7));
	attack_rig_fini(&r);
}

static void test_overlap_is_not_claimed(void)
{
	attack_rig_init(&r);
	attack_rig_week(&r, "2026-W40", 500, 100, 50);
	/* one person may buy of both: 30 of two is no sum of anything */
	attack_rig_sql(&r,
	    "INSERT INTO visitors_category VALUES('2026-W40','toys',1,300),"
	    "('2026-W40','books | pens',2,30);"
	    "INSERT INTO buyers_category VALUES('2026-W40','toys',1,80,0,0),"
	    "('2026-W40','books | pens',2,12,0,0)");
	CHECK(attack_rig_run(&r, "") == SC_OK && r.out.solved == 0 && r.out.narrowest >= 10);
	/* that 92 are told of 100 says that 8 more at least are in the one that has no row */
	attack_rig_sql(&r, "INSERT INTO visitors_category VALUES('2026-W40','maps',1,60)");
	CHECK(attack_rig_run(&r, "") == SC_OK && r.out.solved == 1);
	CHECK(is_range("buyers_category", "category maps: buyers, whom no row names", 8, 9));
	attack_rig_fini(&r);
}

/* Forty-five bought books and forty-five pens, of sixty who saw either: thirty did both. */
static void test_overlap_is_no_contradiction(void)
{
	attack_rig_init(&r);
	attack_rig_week(&r, "2026-W40", 500, 80, 50);
	attack_rig_sql(&r,
	    "INSERT INTO visitors_category VALUES('2026-W40','books | pens',2,60);"
	    "INSERT INTO buyers_category VALUES('2026-W40','books',1,45,0,0),"
	    "('2026-W40','pens',1,45,0,0)");
	CHECK(attack_rig_run(&r, "") == SC_OK && r.out.contradicted == 0 && r.out.solved == 0);
	attack_rig_fini(&r);
}

/* A cell of ten is no finding, one of nine is: the floor is exact. */
static void test_floor(void)
{
	attack_rig_init(&r);
	attack_rig_week(&r, "2026-W40", 500, 0, 0);
	attack_rig_sql(&r, "INSERT INTO visitors_category VALUES('2026-W40','a | b',2,10)");
	CHECK(attack_rig_run(&r, "") == SC_OK && r.out.solved == 0 && r.out.narrowest == 10);
	attack_rig_sql(&r, "UPDATE visitors_category SET visitors=9");
	CHECK(attack_rig_run(&r, "") == SC_OK && r.out.solved == 3 && r.out.narrowest == 9);
	attack_rig_fini(&r);
}

/* ---- between weeks ------------------------------------------------------------------ */

static void quarter(const char *segments, const char *quarters)
{
	attack_rig_init(&r);
	attack_rig_week(&r, "2026-W27", 900, 100, 50);
	attack_rig_week(&r, "2026-W40", 900, 200, 150);
	attack_rig_sql(&r, "INSERT INTO segments VALUES %s; INSERT INTO quarters VALUES %s",
	    segments, quarters);
	CHECK(attack_rig_run(&r, "") == SC_OK);
}

static void test_quarter_folds_otherwise(void)
{
	quarter("('2026-W27','a | b',2,100,60,0,0),('2026-W27','c',1,60,40,0,0)",
	    "('2026-W40','a',1,95,50,0),('2026-W40','b | c',2,65,50,0)");
	CHECK(is_range("segments", "2026-W27, segment b: people, of a row of several", 5, 5));
	CHECK(is_range("segments", "2026-W27, segment a: people, of a row of several", 95, 95));
	CHECK(is_range("quarters", "2026-W40, segment c: people, of a row of several", 60, 60));
	attack_rig_fini(&r);
	/* an older week is asked about where something new says more of it */
	quarter("('2026-W27','a | b',2,130,100,0,0)", "('2026-W40','a',1,125,50,0)");
	CHECK(attack_rig_run(&r, "2026-W40") == SC_OK);
	CHECK(is_range("segments", "2026-W27, segment b: people, of a row of several", 5, 5));
	attack_rig_fini(&r);
}

static void test_quarter_somebody_left(void)
{
	quarter("('2026-W27','a',1,120,100,0,0)", "('2026-W40','a',1,117,50,0)");
	CHECK(is_range("segments", "segment a", 3, 3) && r.out.contradicted > 0);
	attack_rig_fini(&r);
	quarter("('2026-W27','a',1,120,100,0,0)", "('2026-W40','a',1,120,50,0)");
	CHECK(r.out.solved == 0 && r.out.contradicted == 0);
	attack_rig_fini(&r);
}

static void test_cohorts(void)
{
	attack_rig_init(&r);
	attack_rig_sql(&r,
	    "INSERT INTO cohorts VALUES('2026-08','2026-08',1,50),('2026-08','2026-09',1,45),"
	    "('2026-09','2026-09',1,60)");
	CHECK(attack_rig_run(&r, "") == SC_OK && r.out.solved == 1);
	CHECK(is_range("cohorts", "month 2026-08, month 2026-08: buyers but not cohorts", 5, 5));
	attack_rig_sql(&r, "UPDATE cohorts SET buyers=40 WHERE buyers=45");
	CHECK(attack_rig_run(&r, "") == SC_OK && r.out.solved == 0);
	/* September's own weeks: all of W37, W38, W39, and a part of W36 and W40 */
	for (int w = 36; w <= 40; w++) {
		char week[16];

		snprintf(week, sizeof(week), "2026-W%d", w);
		attack_rig_week(&r, week, 900, 100, w == 36 || w == 40 ? 80 : 81);
	}
	CHECK(attack_rig_run(&r, "") == SC_OK);
	/* 19 + 19 + 19 of 60 in whole weeks: 3 in the parts of the other two, so 17 at least outside */
	CHECK(is_range("week", "2026-W40, month 2026-09: new buyers by month", 0, 3));
	attack_rig_fini(&r);
}

static void test_month_holds_weeks(void)
{
	attack_rig_init(&r);
	attack_rig_week(&r, "2026-W38", 900, 100, 50);
	attack_rig_sql(&r,
	    "INSERT INTO buyers_category VALUES('2026-W38','toys',1,95,0,0),"
	    "('2026-W38','pens',1,50,0,0);"
	    "INSERT INTO month_category_band VALUES('2026-09','toys','low | high',2,100),"
	    "('2026-09','pens','low | high',2,100)");
	CHECK(attack_rig_run(&r, "") == SC_OK);
	CHECK(is_range("month_category", "2026-09, category toys: buyers but not buyers_category",
	    5, 5));
	attack_rig_fini(&r);
}

/* ---- an honest shop ----------------------------------------------------------------- */

/* Whatever is told truly never contradicts what the attacker believes of the world. */
static void test_honest(void)
{
	for (uint64_t seed = 1; seed <= 6; seed++) {
		const struct attack_world w = { .people = 300 + 300 * (unsigned)(seed % 3),
			.weeks = 20,
			.categories = 6,
			.bands = 3,
			.channels = 2,
			.values = 4,
			.traits = 2,
			.visit_percent = 30,
			.buy_percent = 20,
			.floor = 10,
			.seed = seed };

		attack_rig_init(&r);
		attack_world_write(&w, r.db);
		CHECK(attack_rig_run(&r, "") == SC_OK && r.out.contradicted == 0);
		CHECK(r.out.folded > 100 && r.out.differences > 1000);
		printf(
		    "# %llu folded, %llu differences, %llu found (%llu doubtful), %llu programs\n",
		    (unsigned long long)r.out.folded, (unsigned long long)r.out.differences,
		    (unsigned long long)r.out.solved, (unsigned long long)r.out.doubtful,
		    (unsigned long long)r.out.programs);
		attack_rig_fini(&r);
	}
}

/* ---- two releases ------------------------------------------------------------------- */

static uint64_t changed(struct attack_rig *before, struct attack_rig *after)
{
	uint64_t n = 77;

	CHECK(cube_attack_pair(before->path, after->path, NULL, NULL, &r.d, &n) == SC_OK);
	return n;
}

static void test_pair(void)
{
	struct attack_rig next;

	attack_rig_init(&r);
	attack_rig_init(&next);
	CHECK(changed(&r, &next) == 0);
	attack_rig_week(&r, "2026-W40", 500, 200, 150);
	attack_rig_sql(&r, "INSERT INTO caps VALUES('2026-W40',100)");
	CHECK(changed(&r, &next) == 2);
	attack_rig_week(&next, "2026-W41", 600, 200, 150);
	attack_rig_week(&next, "2026-W40", 500, 200, 150);
	attack_rig_sql(&next, "INSERT INTO caps VALUES('2026-W40',100)");
	CHECK(changed(&r, &next) == 0);
	/* as many, and another text; once more; and what a week did not have */
	attack_rig_sql(&next, "UPDATE caps SET cap='x100'");
	CHECK(changed(&r, &next) == 2);
	attack_rig_sql(&next, "UPDATE caps SET cap=100; INSERT INTO caps VALUES('2026-W40',100)");
	CHECK(changed(&r, &next) == 1);
	attack_rig_sql(&next,
	    "DELETE FROM caps; INSERT INTO caps VALUES('2026-W40',100);"
	    "UPDATE week SET buyers=199 WHERE week='2026-W40'");
	CHECK(changed(&r, &next) == 2);
	attack_rig_fini(&next);
	attack_rig_fini(&r);
}

int main(void)
{
	RUN(test_sound, "a sound week, and no week at all, have nothing to find");
	RUN(test_few_did_not_buy, "few visitors who did not buy are found, at the floor exactly");
	RUN(test_week_differences, "a week's own numbers are subtracted, and small rows told");
	RUN(test_trait_leaves_few, "those whose trait is in no row are counted");
	RUN(test_solved_by_totals, "a cell that other tables leave no room is found");
	RUN(test_solved_by_crossing, "rows that cross each other are solved together");
	RUN(test_overlap_is_not_claimed, "who may be in two cells is not counted as if in one");
	RUN(test_overlap_is_no_contradiction, "nor is it a contradiction");
	RUN(test_floor, "a range of ten is wide, one of nine narrow");
	RUN(test_quarter_folds_otherwise,
	    "a quarter that is folded otherwise solves the older week");
	RUN(test_quarter_somebody_left, "two rows of the same people that differ tell who left");
	RUN(test_cohorts, "a cohort less a month of it, and less its weeks");
	RUN(test_month_holds_weeks, "a month less a week of it");
	RUN(test_honest, "an honest cube never contradicts itself");
	RUN(test_pair, "what was published is in the next release, byte for byte");
	return tap_done();
}
