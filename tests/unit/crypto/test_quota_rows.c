/*
 * test_quota_rows.c - a restart gives nobody a second quota, and counts nobody twice:
 * whatever of the rows a crash leaves out is read from the log.
 */
#include "crypto/quota/quota_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "crypto/quota/quota_log.h"
#include "crypto/quota/unowned.h"
#include "crypto/rows/tables.h"
#include "tap.h"

#define ORIGIN "demo/keyd"

enum { TICK_MS = 20 };

static char dir[64], db[128], log_dir[128];
static struct loop *loop;
static struct inbox inbox;
static struct store *store;
static struct tlog *tlog;
static struct quota_rows *rows;

static void make(void)
{
	snprintf(dir, sizeof(dir), "/tmp/scrim-quota-XXXXXX");
	if (mkdtemp(dir) == NULL)
		abort();
	snprintf(db, sizeof(db), "sqlite:%s/keyd.db", dir);
	snprintf(log_dir, sizeof(log_dir), "%s/log", dir);
}

static void clean(void)
{
	char cmd[128];

	snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	if (system(cmd) != 0)
		abort();
}

/* What the rows' clock says. */
static _Atomic uint64_t says_ms;

static bool begin_at(uint64_t now_ms)
{
	struct tlog_options o = { .dir = log_dir, .origin = ORIGIN, .publish_ms = 20 };
	struct quota_rows_parts parts = { .origin = ORIGIN,
		.inbox = &inbox,
		.tick_ms = TICK_MS,
		.clock = &says_ms };
	struct sc_diag d = { .text = "" };
	bool ok;

	if (loop_new(&loop) != SC_OK || store_open(db, &keyd_tables, &d, &store) != SC_OK ||
	    tlog_open(&o, &d, &tlog) != SC_OK)
		return false;
	inbox_init(&inbox, loop, store);
	says_ms = now_ms;
	parts.loop = loop;
	parts.log = tlog;
	ok = quota_rows_new(&parts, &rows) == SC_OK && quota_rows_start(rows, log_dir, &d) == SC_OK;
	if (!ok)
		printf("# %s: %s\n", d.file, d.text);
	return ok;
}

static bool begin(void)
{
	return begin_at(clock_unix_ms());
}

static void settle(void)
{
	while (tlog_durable(tlog) < tlog_next(tlog))
		usleep(200);
}

/* As a crash leaves it: what was not written yet is lost. */
static void end(void)
{
	settle();
	while (quota_rows_busy(rows))
		if (loop_turn_once(loop, 5) != SC_OK)
			abort();
	tlog_close(tlog);
	store_close(store);
	quota_rows_free(rows);
	inbox_fini(&inbox);
	loop_free(loop);
}

struct second_hand {
	struct loop_timer timer;
	unsigned n;
};

static void on_tick(struct loop_timer *t)
{
	/* a disk may take longer than a tick */
	loop_owner(t, struct second_hand, timer)->n += !quota_rows_busy(rows);
	loop_timer_set(loop, t, TICK_MS);
}

/* N ticks of the rows, which are seconds in keyd, and what they begin. */
static void seconds(unsigned n)
{
	struct second_hand h = { .n = 0 };

	settle();
	loop_timer_init(&h.timer, on_tick);
	loop_timer_set(loop, &h.timer, TICK_MS);
	while (h.n <= n || quota_rows_busy(rows))
		if (loop_turn_once(loop, 5) != SC_OK)
			abort();
	loop_timer_clear(loop, &h.timer);
}

static struct quota_book *book(enum quota_kind kind, const char *who, uint64_t ms)
{
	struct quota_book *b = NULL;
	struct sc_name name;

	snprintf(name.s, sizeof(name.s), "%s", who);
	return quota_book(quota_rows_books(rows, kind), &name, ms, &b) == SC_OK ? b : NULL;
}

static uint32_t count(enum quota_kind kind, const char *who)
{
	struct quota_book *b = book(kind, who, says_ms);

	return b == NULL ? 999999 : quota_count(b);
}

/* How far the machine's clock is ahead of it: what is written is of that time. */
static uint64_t ahead_ms;
static const char *parts_before = ""; /* what a record says of the parts in front of it */

/* What an opening does: counted, then told to the log. TOTAL: more than are named. */
static void show_at(const char *who, uint64_t first, unsigned n, unsigned total, uint64_t ms)
{
	char text[8192], day[40] = "";
	size_t at;
	uint64_t index;

	if (ahead_ms != 0)
		snprintf(day, sizeof(day), "\"day\":%llu,", (unsigned long long)ms / QUOTA_DAY_MS);
	for (unsigned i = 0; i < n; i++)
		CHECK(quota_add(book(QUOTA_SHOWN, who, ms), first + i) == SC_OK);
	at = (size_t)snprintf(text, sizeof(text),
	    "{\"kind\":\"reveal\",\"at\":%llu,%s\"who\":{\"principal\":\"%s\"},"
	    "\"what\":{\"subjects\":[",
	    (unsigned long long)(ms + ahead_ms), day, who);
	for (unsigned i = 0; i < n; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s\"%016llx%016llx\"",
		    i == 0 ? "" : ",", (unsigned long long)(first + i), 0ull);
	snprintf(text + at, sizeof(text) - at, "]%s%s},\"outcome\":{\"revealed\":%u}}",
	    parts_before, total == 0 ? "" : ",\"subjects_total\":500", n);
	if (total != 0)
		CHECK(total == 500);
	CHECK(tlog_append(tlog, sc_span_str(text), true, &index) == SC_OK);
}

static void show(const char *who, uint64_t first, unsigned n)
{
	show_at(who, first, n, 0, says_ms);
}

static void test_restart(void)
{
	make();
	NEED(begin());
	CHECK(count(QUOTA_SHOWN, "ann") == 0);
	show("ann", 1, 5);
	show("ann", 3, 5);
	show("bob", 1, 2);
	CHECK(quota_add(book(QUOTA_SEARCHED, "ann", says_ms), 77) == SC_OK);
	CHECK(count(QUOTA_SHOWN, "ann") == 7 && count(QUOTA_SHOWN, "bob") == 2);
	/* nothing is in rows yet */
	end();
	NEED(begin());
	CHECK(count(QUOTA_SHOWN, "ann") == 7 && count(QUOTA_SHOWN, "bob") == 2);
	CHECK(count(QUOTA_SEARCHED, "ann") == 0); /* no log tells of it */
	show("ann", 100, 1);
	CHECK(quota_add(book(QUOTA_SEARCHED, "ann", says_ms), 77) == SC_OK);
	seconds(2);
	end();
	/* now they are, and the log is not needed for them */
	NEED(begin());
	CHECK(count(QUOTA_SHOWN, "ann") == 8 && count(QUOTA_SEARCHED, "ann") == 1);
	show("ann", 200, 1);
	end();
	for (int i = 0; i < 3; i++) {
		NEED(begin());
		CHECK(count(QUOTA_SHOWN, "ann") == 9);
		end();
	}
	clean();
}

/* What no log tells is written at a stop, and what one tells is not counted twice. */
static void test_kept(void)
{
	make();
	NEED(begin());
	show("ann", 1, 5);
	for (uint64_t i = 1; i <= 30; i++) {
		CHECK(quota_add(book(QUOTA_SEARCHED, "ann", says_ms), i) == SC_OK);
		CHECK(quota_add(book(QUOTA_INDEXED, "bob", says_ms), i) == SC_OK);
		CHECK(quota_add(book(QUOTA_NOBODYS, "bob", says_ms), i % 7 + 1) == SC_OK);
		if (i == 20)
			seconds(1);
	}
	settle();
	while (quota_rows_busy(rows))
		if (loop_turn_once(loop, 5) != SC_OK)
			abort();
	CHECK(quota_rows_keep(rows) == SC_OK);
	end();
	NEED(begin());
	CHECK(count(QUOTA_SHOWN, "ann") == 5 && count(QUOTA_SEARCHED, "ann") == 30);
	CHECK(count(QUOTA_INDEXED, "bob") == 30 && count(QUOTA_NOBODYS, "bob") == 7);
	end();
	clean();
}

/* What a search for, or a sealing of, N values does: counted one by one, told as a number. */
static void known(enum quota_kind kind, const char *who, uint64_t first, unsigned n)
{
	char text[256];
	uint64_t index;

	for (unsigned i = 0; i < n; i++)
		CHECK(quota_add(book(kind, who, says_ms), first + i) == SC_OK);
	snprintf(text, sizeof(text),
	    "{\"kind\":\"%s\",\"at\":%llu,\"who\":{\"principal\":\"%s\"},\"outcome\":{\"%s\":%u}}",
	    kind == QUOTA_SEARCHED ? "search" : "seal", (unsigned long long)says_ms, who,
	    kind == QUOTA_NOBODYS ? "unowned" : "indexed", n);
	CHECK(tlog_append(tlog, sc_span_str(text), true, &index) == SC_OK);
}

static bool known_are(unsigned searched, unsigned indexed, unsigned nobodys)
{
	const unsigned s = count(QUOTA_SEARCHED, "ann"), i = count(QUOTA_INDEXED, "ann"),
		       n = count(QUOTA_NOBODYS, "ann");

	if (s != searched || i != indexed || n != nobodys)
		printf("# %u %u %u\n", s, i, n);
	return s == searched && i == indexed && n == nobodys;
}

/* Of what the log has numbers alone nothing is lost in a crash, and nothing counts anew behind a stop. */
static void test_known(void)
{
	make();
	NEED(begin());
	known(QUOTA_SEARCHED, "ann", 1, 3);
	known(QUOTA_INDEXED, "ann", 1, 4);
	known(QUOTA_NOBODYS, "ann", 1, 5);
	CHECK(known_are(3, 4, 5));
	end();
	NEED(begin());
	CHECK(known_are(3, 4, 5));
	/* written, they are known one by one */
	known(QUOTA_SEARCHED, "ann", 10, 2);
	seconds(2);
	known(QUOTA_SEARCHED, "ann", 10, 2);
	CHECK(known_are(5, 4, 5));
	/* a stop behind it: all is written, and so is how far the log was */
	known(QUOTA_INDEXED, "ann", 20, 6);
	settle();
	while (quota_rows_busy(rows))
		if (loop_turn_once(loop, 5) != SC_OK)
			abort();
	CHECK(quota_rows_keep(rows) == SC_OK);
	end();
	for (int i = 0; i < 2; i++) {
		NEED(begin());
		CHECK(known_are(5, 10, 5));
		end();
	}
	/* the same again behind a crash is others, for all that the log tells */
	NEED(begin());
	known(QUOTA_SEARCHED, "ann", 10, 2);
	CHECK(known_are(5, 10, 5));
	end();
	NEED(begin());
	CHECK(known_are(7, 10, 5));
	end();
	clean();
}

static void test_unnamed(void)
{
	make();
	NEED(begin());
	show_at("ann", 1, 3, 500, clock_unix_ms());
	CHECK(count(QUOTA_SHOWN, "ann") == 3);
	end();
	/* of a batch whose record names some, all count; and once, however often it starts */
	for (int i = 0; i < 3; i++) {
		NEED(begin());
		CHECK(count(QUOTA_SHOWN, "ann") == 500);
		end();
	}
	clean();
}

static enum sc_err take_number(void *arg, size_t i, const struct store_value *v)
{
	(void)i;
	*(uint64_t *)arg = (uint64_t)v[1].number;
	return SC_OK;
}

static bool bind_node(void *arg, size_t i, struct store_value *v)
{
	(void)arg;
	(void)i;
	v[0] = store_text(ORIGIN " quotas");
	return true;
}

/* How far of the log the rows are, by themselves. */
static uint64_t marked(void)
{
	uint64_t mark = 999999;
	struct store_job j = { .ask = { WRITER_FIND, 1, bind_node, take_number, &mark } };

	j.ask.arg = &mark;
	return store_run(store, &j) == SC_OK ? mark : 999998;
}

static void test_mark(void)
{
	uint64_t index;

	make();
	NEED(begin());
	CHECK(marked() == 999999);
	show("ann", 1, 1);
	seconds(2);
	CHECK(marked() == 1);
	/* entries that count nobody are passed over now and then, not each second */
	CHECK(tlog_append(tlog, sc_span("{}", 2), true, &index) == SC_OK);
	seconds(1);
	CHECK(marked() == 1);
	for (int i = 0; i < 1023; i++)
		CHECK(tlog_append(tlog, sc_span("{}", 2), false, &index) == SC_OK);
	seconds(2);
	CHECK(marked() == 1025);
	end();
	/* many more rows than one job adds, and than one replays */
	NEED(begin());
	for (unsigned i = 0; i < 100; i++)
		show("eve", 1000 + i * 50, 50);
	end();
	NEED(begin());
	CHECK(count(QUOTA_SHOWN, "eve") == 5000 && marked() == 1125);
	for (unsigned i = 0; i < 100; i++)
		show("eve", 100000 + i * 50, 50);
	seconds(2);
	CHECK(marked() == 1225);
	end();
	NEED(begin());
	CHECK(count(QUOTA_SHOWN, "eve") == 10000 && count(QUOTA_SHOWN, "ann") == 1);
	end();
	clean();
}

/* A part of the people of the record to come: N of them from FIRST on. */
static void tell_part(unsigned which, uint64_t first, unsigned n)
{
	char text[8192];
	uint64_t index;
	size_t at = (size_t)snprintf(text, sizeof(text),
	    "{\"kind\":\"people\",\"at\":%llu,\"what\":{\"subjects\":[",
	    (unsigned long long)says_ms);

	for (unsigned i = 0; i < n; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s\"%016llx%016llx\"",
		    i == 0 ? "" : ",", (unsigned long long)(first + i), 0ull);
	snprintf(text + at, sizeof(text) - at, "],\"parts\":%u}}", which);
	CHECK(tlog_append(tlog, sc_span_str(text), true, &index) == SC_OK);
}

/* Who stands before a record counts with it, once, and without one not at all. */
static void test_parts(void)
{
	make();
	NEED(begin());
	tell_part(1, 1000, 200);
	tell_part(2, 1200, 100);
	parts_before = ",\"parts\":2";
	show_at("ann", 1, 16, 0, says_ms);
	tell_part(1, 5000, 50); /* it was never answered */
	tell_part(1, 1150, 150);
	parts_before = ",\"parts\":1";
	show_at("ann", 1, 16, 0, says_ms);
	parts_before = "";
	tell_part(1, 6000, 50); /* nor this */
	end();
	NEED(begin());
	CHECK(count(QUOTA_SHOWN, "ann") == 316);
	end();
	clean();
}

/* A clock that is set finds each day as it left it. */
static void test_clock(void)
{
	uint64_t now = clock_unix_ms(), day = QUOTA_DAY_MS;

	make();
	NEED(begin());
	show("ann", 1, 4);
	seconds(2);
	/* tomorrow is open before it comes */
	CHECK(book(QUOTA_SHOWN, "ann", now + day) != NULL);
	CHECK(quota_count(book(QUOTA_SHOWN, "ann", now + day)) == 0);
	/* a day that was not read is no fresh day: nothing may be shown */
	CHECK(book(QUOTA_SHOWN, "ann", now + 5 * day) == NULL);
	end();
	NEED(begin_at(now + 30 * day));
	CHECK(quota_count(book(QUOTA_SHOWN, "ann", now + 30 * day)) == 0);
	CHECK(book(QUOTA_SHOWN, "ann", now) == NULL);
	show_at("ann", 900, 2, 0, now + 30 * day);
	/* it says today again: the day is read, as it was */
	says_ms = now;
	seconds(2);
	CHECK(count(QUOTA_SHOWN, "ann") == 4);
	end();
	NEED(begin());
	CHECK(count(QUOTA_SHOWN, "ann") == 4);
	end();
	clean();
}

/* What is written by a machine's clock that is not believed counts on the day that is. */
static void test_named_day(void)
{
	make();
	ahead_ms = 40 * (uint64_t)QUOTA_DAY_MS;
	NEED(begin());
	show("ann", 1, 4);
	end();
	NEED(begin());
	CHECK(count(QUOTA_SHOWN, "ann") == 4);
	show("ann", 100, 3);
	end();
	ahead_ms = 0;
	/* also where no row says how far the log was told */
	remove(db + strlen("sqlite:"));
	NEED(begin());
	CHECK(count(QUOTA_SHOWN, "ann") == 7);
	show("ann", 200, 1);
	end();
	NEED(begin());
	CHECK(count(QUOTA_SHOWN, "ann") == 8);
	end();
	clean();
}

struct old_rows {
	uint64_t today;
	unsigned days, each;
};

static bool bind_old(void *arg, size_t i, struct store_value *v)
{
	const struct old_rows *o = arg;

	v[0] = store_number(o->today - o->days + 1 + i / o->each);
	v[1] = store_text("ann");
	v[2] = store_number(QUOTA_SHOWN);
	v[3] = store_number(1 + i);
	return true;
}

static enum sc_err take_days(void *arg, size_t i, const struct store_value *v)
{
	uint64_t *days = arg;

	(void)i;
	if (days[0] == 0)
		days[1] = (uint64_t)v[0].number;
	days[0]++;
	return SC_OK;
}

static void test_drop(void)
{
	struct old_rows o = { clock_unix_ms() / QUOTA_DAY_MS, 12, 300 };
	uint64_t days[2] = { 0, 0 };
	struct store_job add = { .ask = { SEEN_ADD, 12 * 300, bind_old, NULL, &o } };
	struct store_job look = { .ask = { SEEN_DAYS, 1, NULL, take_days, days } };

	make();
	NEED(begin());
	CHECK(store_run(store, &add) == SC_OK);
	seconds(7); /* two whole days a bite and some */
	CHECK(store_run(store, &look) == SC_OK);
	CHECK(days[0] == 8 && days[1] == o.today - 7);
	end();
	clean();
	/* a clock far ahead drops nothing while few newer days have rows */
	make();
	NEED(begin());
	o = (struct old_rows){ clock_unix_ms() / QUOTA_DAY_MS - 400, 8, 10 };
	add.ask.n = 80;
	days[0] = 0;
	CHECK(store_run(store, &add) == SC_OK);
	seconds(3);
	CHECK(store_run(store, &look) == SC_OK && days[0] == 8);
	end();
	clean();
}

/* Rows that know nothing of the log: the day's beginning is found in it. */
static void test_no_mark(void)
{
	uint64_t now = clock_unix_ms(), day = QUOTA_DAY_MS;

	make();
	NEED(begin());
	for (unsigned i = 0; i < 2; i++) {
		NEED(quota_open_day(quota_rows_books(rows, QUOTA_SHOWN), now / day - 2 + i) ==
		    SC_OK);
		for (unsigned k = 0; k < 300; k++)
			show_at("ann", 5000 + k, 1, 0, now - (2 - i) * day);
	}
	show("ann", 1, 3);
	end();
	remove(db + strlen("sqlite:"));
	NEED(begin());
	CHECK(count(QUOTA_SHOWN, "ann") == 3 && marked() == 601);
	end();
	clean();
}

/* ---- what was sealed for nobody ---- */

static struct unowned *unowned;

/* What a sealing on ROUTE does: told to the log, then counted. */
static void seal_for_nobody(const char *route, unsigned n, uint64_t ms)
{
	struct sc_name name;
	char text[256];
	uint64_t index;

	snprintf(name.s, sizeof(name.s), "%s", route);
	snprintf(text, sizeof(text),
	    "{\"kind\":\"seal\",\"at\":%llu,\"where\":{\"node\":\"scrimd\"%s%s%s},"
	    "\"outcome\":{\"result\":\"ok\",\"sealed\":9,\"unowned\":%u}}",
	    (unsigned long long)ms, route[0] == '\0' ? "" : ",\"route\":\"", route,
	    route[0] == '\0' ? "" : "\"", n);
	CHECK(tlog_append(tlog, sc_span_str(text), true, &index) == SC_OK);
	unowned_add(unowned, &name, ms, n);
}

static bool unowned_are(const char *want)
{
	struct sc_buf b;
	bool ok;

	sc_buf_init(&b, 65536);
	ok = unowned_print(unowned, &b) == SC_OK && sc_span_is(sc_buf_span(&b), want);
	if (!ok)
		printf("# %.*s\n", (int)b.n, (const char *)b.p);
	sc_buf_fini(&b);
	return ok;
}

static bool begin_unowned(void)
{
	return begin() && unowned_new(rows, store, &unowned) == SC_OK;
}

static void end_unowned(void)
{
	end();
	unowned_free(unowned);
}

/* Sums of each route: from rows, from the log, or both; kept at a stop, and for good. */
static void test_unowned(void)
{
	const uint64_t now = clock_unix_ms();
	struct old_rows o = { now / QUOTA_DAY_MS, 12, 300 };
	struct store_job add = { .ask = { SEEN_ADD, 12 * 300, bind_old, NULL, &o } };
	char want[512], name[16];

	make();
	NEED(begin_unowned());
	CHECK(unowned_are("[]"));
	unowned_free(unowned);
	unowned = NULL; /* nobody counts yet */
	CHECK(unowned_are("[]"));
	NEED(unowned_new(rows, store, &unowned) == SC_OK);
	seal_for_nobody("orders", 3, UINT64_C(1767225600000)); /* 2026-01-01 */
	seal_for_nobody("orders", 4, UINT64_C(1767312000000));
	seal_for_nobody("", 1, UINT64_C(1767312000000));
	CHECK(unowned_are("[{\"route\":null,\"values\":1,\"since\":\"2026-01-02\"},"
			  "{\"route\":\"orders\",\"values\":7,\"since\":\"2026-01-01\"}]"));
	seconds(2);
	seal_for_nobody("orders", 2, UINT64_C(1767312000000));
	seal_for_nobody("gifts", 5, UINT64_C(1767398400000));
	CHECK(quota_rows_keep(rows) == SC_OK);
	end_unowned();
	snprintf(want, sizeof(want), "%s",
	    "[{\"route\":null,\"values\":1,\"since\":\"2026-01-02\"},"
	    "{\"route\":\"gifts\",\"values\":5,\"since\":\"2026-01-03\"},"
	    "{\"route\":\"orders\",\"values\":9,\"since\":\"2026-01-01\"}]");
	/* once, however often it starts; and old days, which go with all other kinds, stay */
	for (int i = 0; i < 3; i++) {
		NEED(begin_unowned());
		CHECK(unowned_are(want));
		if (i == 1)
			CHECK(store_run(store, &add) == SC_OK);
		seconds(i == 1 ? 7 : 1);
		end_unowned();
	}
	/* routes beyond those that are told apart count as of none */
	NEED(begin_unowned());
	for (unsigned i = 0; i < UNOWNED_ROUTES_MAX; i++) {
		snprintf(name, sizeof(name), "r%u", i);
		seal_for_nobody(name, 1, now);
	}
	end_unowned();
	NEED(begin_unowned());

	{
		struct sc_buf b;

		sc_buf_init(&b, 65536);
		CHECK(unowned_print(unowned, &b) == SC_OK);
		CHECK(memmem(b.p, b.n, "{\"route\":null,\"values\":4,", 25) != NULL);
		sc_buf_fini(&b);
	}
	end_unowned();
	clean();
}

int main(void)
{
	log_setup("test", LOG_ERROR);
	RUN(test_restart, "a restart finds the day as it was, from rows, from the log, or both");
	RUN(test_kept, "a stop writes what the log does not tell");
	RUN(test_known,
	    "what is told in numbers is never too few behind a crash, nor anew behind a stop");
	RUN(test_unnamed, "people whom nobody can name any more count once");
	RUN(test_mark, "the mark follows the log, and bites add up");
	RUN(test_parts, "people whom a record has no room for count with it");
	RUN(test_clock, "a clock set forth and back gives nobody a second day");
	RUN(test_named_day, "what counts on another day than that of its writing names it");
	RUN(test_drop, "old days go in bites, and never by the clock alone");
	RUN(test_unowned, "what was sealed for nobody is counted by route, once and for good");
	RUN(test_no_mark, "a store without rows counts today from the log");
	return tap_done();
}
