/*
 * test_viewd_releases.c - a running scrim-viewd when a week has ended: the cube and a view as
 * drafts, once; what cannot be released is withheld; who was erased is in no lineage.
 */
#include "unit/analytics/view_rig.h"

#include "analytics/lineage/lineage.h"
#include "analytics/shelf/shelf.h"
#include "base/clock.h"
#include "tap.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#define SPOOL 0x7171717171717171u
#define PEOPLE 60
#define DAY_MS UINT64_C(86400000)

#define RELEASES \
	", \"drafts\": \"drafts\", \"views\": \"views.json\", \"cube\": { \"dataset\": \"week\" }"
#define SPEC(k) \
	"{ \"datasets\": [ { \"name\": \"buyers\", \"title\": \"b\", \"from\": \"features\", \"k\": " k \
	", \"columns\": [ { \"name\": \"orders\", \"is\": \"quasi\", \"grid\": { \"min\": 0," \
	" \"max\": 9, \"step\": 1, \"clamp\": true } } ] } ] }\n"

static struct view_rig r;
static struct feed_frame out[RIG_ANSWER_MAX], in[512];
static size_t n_in;

static bool begin(const char *more, const char *spec)
{
	if (view_rig_make(&r, more) && view_rig_write(&r, "views.json", spec) && view_rig_start(&r))
		return true;
	printf("# scrim-viewd does not start in %s\n", r.dir);
	return false;
}

static struct feed_frame *add(uint8_t type)
{
	in[n_in] = (struct feed_frame){ .type = type };
	return &in[n_in++];
}

static bool feed(void)
{
	uint64_t next, after;
	const int fd = view_rig_hello(&r, SPOOL, &next);
	const bool ok = fd >= 0 && view_rig_batch(fd, next, in, n_in, &after) &&
	    after == next + n_in;

	if (fd >= 0)
		close(fd);
	n_in = 0;
	return ok;
}

/* N people from FIRST, each with an order nine days ago: in a week that has ended. */
static bool feed_buyers(uint64_t first, uint64_t n)
{
	const uint64_t now = clock_unix_ms();

	for (uint64_t i = first; i < first + n; i++) {
		add(FEED_CONSENT)->u.consent = (struct feed_consent){ i, now - 30 * DAY_MS, 1,
			FEED_PERSON, 1, FEED_GRANT, true };
		add(FEED_EVENT)->u.event = (struct feed_event){ .id = i,
			.person = i,
			.at_ms = now - 9 * DAY_MS,
			.shop = 1,
			.kind = FEED_PURCHASE,
			.channel = 1,
			.price = 10,
			.flags = FEED_VOUCHED };
	}
	return feed();
}

/* What is owed is made: the number of dataset A's draft; 0: none. */
static uint64_t draft(uint8_t of, uint8_t a)
{
	const struct feed_ask ask = { .question = FEED_DO_DRAFT };
	uint64_t value = 0;
	size_t n;

	if (view_rig_ask(&r, &ask, out, &n) != SC_OK)
		return UINT64_MAX;
	for (size_t i = 0; i < n; i++)
		if (out[i].u.tally.of == of && out[i].u.tally.a == a)
			value = out[i].u.tally.value;
	return value;
}

/* The sum of COLUMN of TABLE in a draft; -1: it cannot be read. */
static int64_t sum_of(const char *folder, const char *table, const char *column)
{
	struct shelf_release release;
	sqlite3 *db = NULL;
	sqlite3_stmt *s = NULL;
	char path[512], sql[256];
	int64_t sum = -1;

	if (shelf_release_open(view_rig_path(&r, folder), NULL, &release) != SC_OK)
		return -1;
	shelf_release_fini(&release);
	snprintf(path, sizeof(path), "%s/release.db", view_rig_path(&r, folder));
	snprintf(sql, sizeof(sql), "SELECT sum(%s) FROM \"%s\"", column, table);
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
		sum = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	sqlite3_close(db);
	return sum;
}

static bool is_there(const char *name)
{
	struct stat st;

	return stat(view_rig_path(&r, name), &st) == 0;
}

static void test_week(void)
{
	NEED(begin(RELEASES, SPEC("10")));
	NEED(feed_buyers(1, PEOPLE));
	CHECK(draft(FEED_N_DRAFTED, 0) == 1);
	CHECK(sum_of("drafts/week/1", "week", "buyers") == PEOPLE);
	CHECK(sum_of("drafts/buyers/1", "buyers", "1") == PEOPLE);
	CHECK(!is_there("drafts/week/1/receipt") && is_there("drafts/buyers/1/report.html"));
	/* nothing more is owed before the next week has ended */
	CHECK(draft(FEED_N_DRAFTED, 0) == 0 && draft(FEED_N_DRAFTED, 1) == 0);
	CHECK(!is_there("drafts/week/2") && !is_there("drafts/buyers/2"));
	/* nor after a restart */
	CHECK(view_rig_stop(&r, SIGTERM) == 0);
	NEED(view_rig_start(&r));
	CHECK(draft(FEED_N_DRAFTED, 1) == 0 && !is_there("drafts/buyers/2"));
	CHECK(view_rig_stop(&r, SIGTERM) == 0);
	view_rig_remove(&r);
}

static void test_withheld(void)
{
	NEED(begin(RELEASES, SPEC("50")));
	NEED(feed_buyers(1, 20));
	CHECK(draft(FEED_N_WITHHELD, 1) == SC_LIMIT);
	CHECK(sum_of("drafts/week/1", "week", "buyers") == 20); /* the others are made */
	CHECK(!is_there("drafts/buyers/1"));
	CHECK(view_rig_said(&r, "viewd.release_withheld"));
	/* and when it can be, it is made */
	NEED(feed_buyers(101, 80));
	CHECK(draft(FEED_N_DRAFTED, 1) == 1);
	CHECK(sum_of("drafts/buyers/1", "buyers", "1") == 100);
	CHECK(view_rig_stop(&r, SIGTERM) == 0);
	view_rig_remove(&r);
}

/* How many of PEOPLE the lineage still knows to have been in a release, as it must carry them. */
static bool knows(uint64_t person)
{
	struct lineage *l = NULL;
	bool does = false;

	if (lineage_open(view_rig_path(&r, "data/view/lineage-buyers"), NULL, &l) == SC_OK)
		does = lineage_carries(l, "buyers", person);
	lineage_close(l);
	return does;
}

static void test_erased(void)
{
	NEED(begin(RELEASES, SPEC("10")));
	NEED(feed_buyers(1, PEOPLE));
	CHECK(draft(FEED_N_DRAFTED, 1) == 1 && knows(7) && knows(8));
	add(FEED_ERASE)->u.erase = (struct feed_erase){ 7, FEED_PERSON };
	NEED(feed());
	CHECK(draft(FEED_N_DRAFTED, 1) == 0);
	CHECK(!knows(7) && knows(8));
	CHECK(view_rig_stop(&r, SIGTERM) == 0);
	view_rig_remove(&r);
}

static void test_without(void)
{
	NEED(begin("", "{}"));
	NEED(feed_buyers(1, PEOPLE));
	CHECK(draft(FEED_N_DRAFTED, 0) == 0 && draft(FEED_N_WITHHELD, 0) == 0);
	CHECK(!is_there("drafts"));
	CHECK(view_rig_stop(&r, SIGTERM) == 0);
	view_rig_remove(&r);
}

int main(void)
{
	RUN(test_week, "a week that has ended is drafted once");
	RUN(test_withheld, "what cannot be released is withheld, and made when it can");
	RUN(test_erased, "who is erased is in no lineage from the next snapshot on");
	RUN(test_without, "without a shelf nothing is released");
	return tap_done();
}
