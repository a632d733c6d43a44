/*
 * test_attack_read.c - files that somebody else made: not a cube, more than a cube, or a lie.
 */
#include "analytics/cube/attack_private.h"
#include "attack_rig.h"
#include "tap.h"

#include <sys/stat.h>
#include <unistd.h>

static struct attack_rig r;

static bool refused(enum sc_err want, const char *why)
{
	const enum sc_err err = attack_rig_run(&r, "");

	if (err == want && strstr(r.d.text, why) != NULL && r.n_found == 0)
		return true;
	printf("# %s: %s\n", sc_err_name(err), r.d.text);
	return false;
}

/* A file that SQL makes of an empty cube. */
static bool refused_after(const char *sql, const char *why)
{
	bool ok;

	attack_rig_init(&r);
	attack_rig_week(&r, "2026-W40", 500, 200, 150);
	attack_rig_sql(&r, "%s", sql);
	ok = refused(SC_SYNTAX, why);
	attack_rig_fini(&r);
	return ok;
}

static void test_not_a_cube(void)
{
	FILE *f;

	attack_rig_init(&r);
	snprintf(r.path + strlen(r.path), 8, ".not");
	CHECK(refused(SC_IO, "cannot be opened"));
	f = fopen(r.path, "w");
	NEED(f != NULL);
	fputs("week,visitors\n2026-W40,5\nand more than a hundred bytes of it, as a header has, "
	      "so that it is read for what it is: no database at all\n",
	    f);
	fclose(f);
	CHECK(refused(SC_SYNTAX, "no database"));
	unlink(r.path);
	CHECK(symlink("/etc/passwd", r.path) == 0 && refused(SC_IO, "cannot be opened"));
	unlink(r.path);
	r.path[strlen(r.path) - 4] = '\0';
	attack_rig_fini(&r);
}

static void test_more_than_tables(void)
{
	CHECK(refused_after("CREATE VIEW v AS SELECT 1", "more than tables"));
	CHECK(refused_after("CREATE TRIGGER t AFTER INSERT ON week BEGIN SELECT 1; END",
	    "more than tables"));
	CHECK(refused_after("CREATE INDEX i ON week(week)", "more than tables"));
	CHECK(refused_after("CREATE TABLE people(person INT)", "does not know the table people"));
	CHECK(
	    refused_after("CREATE TABLE segment_x(week TEXT, segment TEXT)", "column is missing"));
	CHECK(refused_after("ALTER TABLE week ADD COLUMN refunds INT", "does not know"));
	CHECK(refused_after("ALTER TABLE week DROP COLUMN orders", "column is missing"));
	CHECK(refused_after("ALTER TABLE week RENAME COLUMN visitors TO \"vis\"\"itors\"",
	    "column is missing"));
}

static void test_rows(void)
{
	static const char *const weeks[] = { "2026-W54", "2026-W00", "2026-W4", "2026-W401",
		"2026W40", "1970-W01", "202x-W40", "" };
	static const char *const members[] = { "''", "'a | '", "' | a'", "'a | a'", "x'61'", "NULL",
		"'a' || char(10)", "'a | b |  | c'" };
	char sql[256];

	for (size_t i = 0; i < sizeof(weeks) / sizeof(weeks[0]); i++) {
		snprintf(sql, sizeof(sql), "UPDATE week SET week='%s'", weeks[i]);
		CHECK(refused_after(sql, "no week"));
	}
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		snprintf(sql, sizeof(sql),
		    "INSERT INTO visitors_category VALUES('2026-W40',%s,1,20)", members[i]);
		CHECK(refused_after(sql, "members") || refused_after(sql, "folded"));
	}
	CHECK(refused_after("UPDATE week SET visitors=-1", "number of people"));
	CHECK(refused_after("UPDATE week SET visitors=1099511627776", "number of people"));
	CHECK(refused_after("UPDATE week SET visitors='many'", "number of people"));
	CHECK(refused_after("UPDATE week SET visitors=500.5", "number of people"));
	CHECK(refused_after("UPDATE week SET revenue=-1", "number cannot be read"));
	CHECK(refused_after("INSERT INTO visitors_category VALUES('2026-W40','a | b',1,20)",
	    "folded"));
	CHECK(refused_after("INSERT INTO cohorts VALUES('2026-01','soon',1,20)", "no month"));
}

static void test_contradictions(void)
{
	CHECK(refused_after("UPDATE week SET buyers=501", "contradicts itself"));
	CHECK(refused_after("UPDATE week SET bought_before=201", "bought before"));
	CHECK(refused_after("INSERT INTO week VALUES('2026-W40',500,200,200,1,150)",
	    "two rows of week are of one cell: 2026-W40"));
	CHECK(refused_after("INSERT INTO visitors_category VALUES('2026-W40','a | b',2,20),"
			    "('2026-W40','b',1,20)",
	    "two rows of visitors_category"));
	CHECK(refused_after("INSERT INTO buyers_category VALUES('2026-W40','a',1,201,0,0)",
	    "contradicts itself"));
	CHECK(refused_after("INSERT INTO segments VALUES('2026-W40','a',1,50,20,0,0);"
			    "INSERT INTO segment_age VALUES('2026-W40','a','x | y',2,51)",
	    "contradicts itself"));
	/* found by no bound alone: 60 of each of three, pairwise in rows of 100 */
	CHECK(refused_after("INSERT INTO segments VALUES('2026-W40','a | b',2,20,0,0,0);"
			    "INSERT INTO segment_age VALUES('2026-W40','a','x | y',2,15),"
			    "('2026-W40','b','x | y',2,15)",
	    "contradicts itself"));
}

/* Names are data, whatever they are. */
static void test_names(void)
{
	attack_rig_init(&r);
	attack_rig_week(&r, "2026-W40", 500, 0, 0);
	attack_rig_sql(&r,
	    "INSERT INTO visitors_category VALUES('2026-W40','%%s%%n\"; DROP TABLE week; --',1,9),"
	    "('2026-W40','%.*s',1,20)",
	    ATTACK_MEMBER_BYTES,
	    "ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
	    "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc");
	CHECK(attack_rig_run(&r, "") == SC_OK && r.out.solved == 1);
	CHECK(attack_rig_find(&r, "visitors_category", "%s%n\"; DROP TABLE week; --") != NULL);
	CHECK(attack_rig_run(&r, "2026-W41") == SC_OK && r.out.solved == 0);
	CHECK(attack_rig_run(&r, "W41") == SC_SYNTAX && strstr(r.d.text, "2026-W40") != NULL);
	attack_rig_fini(&r);
}

static void test_periods(void)
{
	static const struct {
		const char *text;
		int64_t day;
	} weeks[] = { { "2026-W01", 20451 }, { "2026-W53", 20815 }, { "2027-W01", 20822 },
		{ "2020-W53", 18624 }, { "1970-W02", 4 } };
	uint32_t week, month;
	char text[16];

	for (size_t i = 0; i < sizeof(weeks) / sizeof(weeks[0]); i++) {
		CHECK(attack_week_parse(sc_span_str(weeks[i].text), &week));
		CHECK(attack_week_day(week) == weeks[i].day);
		attack_period_print(ATTACK_WEEK, week, text);
		CHECK(strcmp(text, weeks[i].text) == 0);
	}
	CHECK(!attack_week_parse(sc_span_str("2025-W53"), &week));
	CHECK(attack_month_parse(sc_span_str("2026-02"), &month) &&
	    attack_month_of(attack_month_day(month)) == month);
	attack_period_print(ATTACK_MONTH, month, text);
	CHECK(strcmp(text, "2026-02") == 0 && !attack_month_parse(sc_span_str("2026-13"), &month));
}

static bool stop(void *arg, unsigned permille)
{
	return permille > 1000 || arg == NULL;
}

static void test_progress(void)
{
	struct cube_attack out;

	attack_rig_init(&r);
	for (int w = 10; w < 50; w++) {
		char week[16];

		snprintf(week, sizeof(week), "2026-W%d", w);
		attack_rig_week(&r, week, 500, 200, 100);
	}
	CHECK(cube_attack(r.path, 10, "", NULL, stop, &r, &r.d, &out) == SC_AGAIN);
	attack_rig_fini(&r);
}

int main(void)
{
	RUN(test_not_a_cube, "what is no database is refused");
	RUN(test_more_than_tables, "tables and columns that the attacker cannot judge are refused");
	RUN(test_rows, "rows that cannot be read are refused");
	RUN(test_contradictions, "rows that no people fit are refused");
	RUN(test_names, "names are data");
	RUN(test_periods, "weeks and months are ISO 8601's");
	RUN(test_progress, "whoever has enough of it says so");
	return tap_done();
}
