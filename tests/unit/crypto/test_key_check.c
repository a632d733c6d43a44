/*
 * test_key_check.c - each damage planted is found in its own part and told in words, and
 * a store that is as it should be is said to be so, beside its owner at work.
 */
#include "crypto/keycheck/key_check.h"

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "crypto/tlog/writer.h"
#include "tap.h"
#include "unit/crypto/people_maker.h"

enum { AT_ONCE = 8 };

static char dir[64];
static struct maker maker;

/* In $D, the folder. */
static void shell(const char *what)
{
	char cmd[600];

	snprintf(cmd, sizeof(cmd), "D=%s; %s", dir, what);
	if (system(cmd) != 0)
		abort();
}

static void sql(const char *text)
{
	sqlite3 *db;
	char *why = NULL;

	if (sqlite3_open(maker.db, &db) != SQLITE_OK ||
	    sqlite3_exec(db, text, NULL, NULL, &why) != SQLITE_OK) {
		printf("Bail out! %s: %s\n", text, why == NULL ? "?" : why);
		abort();
	}
	sqlite3_close(db);
}

/* 400 people, of whom one is gone, ten log entries, an epoch that has turned once. */
static void make(void)
{
	struct tlog_options o = { .origin = MAKER_ORIGIN, .publish_ms = 20 };
	struct sc_diag d = { .text = "" };
	struct tlog *log;
	uint64_t index;

	snprintf(dir, sizeof(dir), "/tmp/scrim-check-XXXXXX");
	if (mkdtemp(dir) == NULL || !maker_open(&maker, dir, true, &d)) {
		printf("Bail out! %s\n", d.text);
		abort();
	}
	CHECK(maker_add(&maker, 400, (uint32_t)(clock_unix_ms() / 604800000)));
	o.dir = maker.log;
	if (tlog_open(&o, NULL, &log) != SC_OK)
		abort();
	for (int i = 0; i < 10; i++)
		CHECK(tlog_append(log, sc_span("{}", 2), true, &index) == SC_OK);
	tlog_close(log);
	shell("cp $D/keyd.epoch $D/epoch.old");
	CHECK(maker_erase(&maker, 7) && maker_erase(&maker, 8) && maker_applied(&maker, 10));
	maker_close(&maker);
	sql("INSERT INTO backup VALUES(1, 0, 100, 1, 1, zeroblob(32))");
	shell("cp -a $D $D.b");
}

static void again(void)
{
	shell("rm -rf $D && mkdir $D");
	shell("cp -a $D.b/. $D");
}

static enum sc_err check(struct key_check_report *r, struct sc_diag *d)
{
	struct sc_secret *root = maker_root();
	struct key_check_order o = { .place = maker.place, .log_dir = maker.log, .root = root };
	enum sc_err err = key_check_run(&o, d, r);

	sc_secret_free(root);
	return err;
}

static void show(const struct key_check_report *r)
{
	for (unsigned i = 0; i < KEY_CHECK_PARTS; i++)
		printf("# %u %s: %llu %s\n", r->part[i].grade, key_check_name(i),
		    (unsigned long long)r->part[i].n, r->part[i].text);
}

static void test_sound(void)
{
	struct key_check_report r;
	struct sc_diag d = { .text = "" };

	CHECK(check(&r, &d) == SC_OK && key_check_worst(&r) == KEY_CHECK_FINE);
	CHECK(r.keys == 398 && r.people == 398 && r.high == 400 && r.epoch == 2);
	CHECK(r.boxes == 5 + 4);
	for (unsigned i = 0; i < KEY_CHECK_PARTS; i++)
		CHECK(r.part[i].grade == KEY_CHECK_FINE && r.part[i].n == 0);
	if (key_check_worst(&r) != KEY_CHECK_FINE) {
		printf("# %s\n", d.text);
		show(&r);
	}
	/* the key of the keyring is not left behind */
	for (unsigned i = 0; i < sizeof(r.ring); i++)
		CHECK(r.ring[i] == 0);
}

/* ---- damage ---------------------------------------------------------------------- */

static void cut_log(const char *what)
{
	shell("rm -rf $D/log");
	(void)what;
}

static void short_log(const char *what)
{
	struct tlog_options o = { .origin = MAKER_ORIGIN, .publish_ms = 20, .dir = maker.log };
	struct tlog *log;
	uint64_t index;

	cut_log(what);
	if (tlog_open(&o, NULL, &log) != SC_OK ||
	    tlog_append(log, sc_span("{}", 2), true, &index) != SC_OK)
		abort();
	tlog_close(log);
}

static void no_tile(const char *what)
{
	(void)what;
	shell("rm -rf $D/log/tile/0");
}

static void old_epoch(const char *what)
{
	(void)what;
	shell("cp $D/epoch.old $D/keyd.epoch");
}

/* Junk over one block of the epoch file: the spare's, or the key's. */
static void torn_epoch(const char *which)
{
	char path[300], junk[4096];
	int fd;

	memset(junk, 0x5a, sizeof(junk));
	snprintf(path, sizeof(path), "%s/keyd.epoch", dir);
	if ((fd = open(path, O_WRONLY)) < 0 ||
	    pwrite(fd, junk, sizeof(junk), which[0] == 's' ? 4096 : 0) != sizeof(junk))
		abort();
	close(fd);
}

static void junk_page(const char *what)
{
	char junk[64];
	int fd = open(maker.db, O_WRONLY);

	(void)what;
	/* the head of the third page: a table's own */
	memset(junk, 0xff, sizeof(junk));
	if (fd < 0 || pwrite(fd, junk, sizeof(junk), 4096 * 8) != sizeof(junk))
		abort();
	close(fd);
}

static const struct damage {
	void (*how)(const char *what);
	const char *what;
	enum key_check_part part;
	enum key_check_grade grade;
	uint64_t n; /* 0: some */
	const char *text;
} damages[] = {
	{ sql, "UPDATE node SET box = zeroblob(3856) WHERE n = 1", KEY_CHECK_BOXES, KEY_CHECK_WRONG,
	    1, "box 0/1 does not open" },
	{ sql, "UPDATE node SET box = zeroblob(3855) WHERE n = 2", KEY_CHECK_BOXES, KEY_CHECK_WRONG,
	    1, "box 0/2 does not open" },
	{ sql,
	    "CREATE TEMP TABLE x AS SELECT box FROM node WHERE n = 3;"
	    "UPDATE node SET box = (SELECT box FROM x) WHERE n = 4",
	    KEY_CHECK_BOXES, KEY_CHECK_WRONG, 1, "box 0/4 does not open" },
	{ sql, "DELETE FROM node WHERE n = 0", KEY_CHECK_BOXES, KEY_CHECK_WRONG, 1,
	    "box 0/0 is missing" },
	{ sql, "DELETE FROM node WHERE n = 2 << 56", KEY_CHECK_BOXES, KEY_CHECK_WRONG, 1,
	    "box 2/0 is missing" },
	{ sql, "DELETE FROM node WHERE n = 4 << 56", KEY_CHECK_BOXES, KEY_CHECK_WRONG, 1,
	    "box 4/0 is missing" },
	{ sql, "UPDATE store SET high = 399", KEY_CHECK_BOXES, KEY_CHECK_WRONG, 1,
	    "slot 399 has a key" },
	{ sql, "DELETE FROM person WHERE slot = 20", KEY_CHECK_PEOPLE, KEY_CHECK_WRONG, 2,
	    "398 keys are alive, and 397 rows" },
	{ sql, "INSERT INTO person SELECT zeroblob(16), seq, 7 FROM person WHERE slot = 9",
	    KEY_CHECK_PEOPLE, KEY_CHECK_WRONG, 3, "names slot 7, which has no key" },
	{ sql, "UPDATE person SET slot = 8 WHERE slot = 9", KEY_CHECK_PEOPLE, KEY_CHECK_WRONG, 2,
	    "names slot 8" },
	{ sql,
	    "UPDATE person SET slot = -1 WHERE slot = 30; UPDATE person SET slot = 30 WHERE slot = 31;"
	    "UPDATE person SET slot = 31 WHERE slot = -1",
	    KEY_CHECK_PEOPLE, KEY_CHECK_WRONG, 1, "somebody else" },
	{ sql, "UPDATE person SET handle = zeroblob(15) WHERE slot = 30", KEY_CHECK_PEOPLE,
	    KEY_CHECK_WRONG, 0, "names nobody" },
	{ sql, "UPDATE store SET people = people + 1", KEY_CHECK_PEOPLE, KEY_CHECK_WRONG, 1,
	    "398 people, and 399 were counted" },
	{ sql, "INSERT INTO week VALUES(7, 2000)", KEY_CHECK_WEEKS, KEY_CHECK_WRONG, 1,
	    "slot 7 was sealed for" },
	{ sql, "INSERT INTO week VALUES(400, 2000)", KEY_CHECK_WEEKS, KEY_CHECK_WRONG, 1,
	    "slot 400" },
	{ sql, "UPDATE week SET week = 9000 WHERE slot = 0", KEY_CHECK_WEEKS, KEY_CHECK_WARNING, 1,
	    "to come" },
	{ sql, "INSERT INTO alias VALUES(zeroblob(16), 0, 1)", KEY_CHECK_ORDERS, KEY_CHECK_FINE, 0,
	    "1 rows" },
	{ sql, "INSERT INTO alias VALUES(zeroblob(16), 7, 1)", KEY_CHECK_ORDERS, KEY_CHECK_WRONG, 1,
	    "slot 7's" },
	{ sql, "INSERT INTO alias VALUES(zeroblob(16), 0, 1000000)", KEY_CHECK_ORDERS,
	    KEY_CHECK_WRONG, 1, "commit 1000000" },
	{ sql, "INSERT INTO alias VALUES(zeroblob(15), 0, 1)", KEY_CHECK_ORDERS, KEY_CHECK_WRONG, 1,
	    "names no order" },
	{ sql, "INSERT INTO lost VALUES(7, 8, 0)", KEY_CHECK_LOST, KEY_CHECK_WARNING, 1,
	    "2 slots" },
	{ sql, "INSERT INTO lost VALUES(7, 8, 1)", KEY_CHECK_LOST, KEY_CHECK_FINE, 0,
	    "none; 2 slots were skipped" },
	{ sql, "INSERT INTO lost VALUES(7, 9, 0)", KEY_CHECK_LOST, KEY_CHECK_WRONG, 2,
	    "slot 9 is lost, and has a key" },
	{ sql, "INSERT INTO lost VALUES(500, 600, 1)", KEY_CHECK_LOST, KEY_CHECK_WRONG, 1,
	    "none past 400" },
	{ sql, "INSERT INTO backup VALUES(2, 3, 100, 1, 1, zeroblob(32))", KEY_CHECK_BACKUPS,
	    KEY_CHECK_WRONG, 1, "epoch 3" },
	{ sql, "INSERT INTO backup VALUES(2, 1, 401, 1, 1, zeroblob(32))", KEY_CHECK_BACKUPS,
	    KEY_CHECK_WRONG, 1, "401 slots" },
	{ sql, "INSERT INTO backup VALUES(2, 1, 10, 1, 1, zeroblob(31))", KEY_CHECK_BACKUPS,
	    KEY_CHECK_WRONG, 1, "without its hash" },
	{ sql, "DELETE FROM backup", KEY_CHECK_BACKUPS, KEY_CHECK_WARNING, 1, "ever" },
	{ sql,
	    "UPDATE keyring SET wrapped = zeroblob(length(wrapped)) WHERE id = (SELECT max(id) FROM keyring)",
	    KEY_CHECK_KEYRING, KEY_CHECK_WRONG, 1, "" },
	{ torn_epoch, "spare", KEY_CHECK_EPOCH, KEY_CHECK_WRONG, 1, "not both of epoch 2" },
	{ torn_epoch, "key", KEY_CHECK_EPOCH, KEY_CHECK_WRONG, 1, "no key of epoch 2" },
	{ old_epoch, "", KEY_CHECK_EPOCH, KEY_CHECK_WRONG, 1, "no key of epoch 2" },
	{ cut_log, "", KEY_CHECK_LOG, KEY_CHECK_WRONG, 1, "folder" },
	{ short_log, "", KEY_CHECK_LOG, KEY_CHECK_WRONG, 1, "1 entries, and 10" },
	{ no_tile, "", KEY_CHECK_LOG, KEY_CHECK_WRONG, 1, "missing" },
	{ junk_page, "", KEY_CHECK_DATABASE, KEY_CHECK_WRONG, 0, "" },
};

static bool is_found(const struct damage *x)
{
	struct key_check_report r = { .keys = 0 };
	struct sc_diag d = { .text = "" };
	const struct key_check_finding *f = &r.part[x->part];
	enum sc_err err = check(&r, &d);

	if (err == SC_OK && f->grade == x->grade && (x->n == 0 || f->n == x->n) &&
	    strstr(f->text, x->text) != NULL && key_check_worst(&r) == x->grade)
		return true;
	printf("# %s: %s %s\n", x->what, sc_err_name(err), d.text);
	show(&r);
	return false;
}

/* In a folder and a process of its own: a check waits for a keyd that may be at work. */
static int damage_one(const char *from, const char *number)
{
	const struct damage *x = &damages[strtoul(number, NULL, 10)];
	bool found;

	snprintf(dir, sizeof(dir), "%.40s.%.4s", from, number);
	maker_at(&maker, dir);
	shell("cp -a ${D%.*}.b $D");
	x->how(x->what);
	found = is_found(x);
	shell("rm -rf $D");
	return found ? 0 : 1;
}

static void await_one(void)
{
	int status;

	NEED(wait(&status) > 0);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void test_damage(void)
{
	const size_t n = sizeof(damages) / sizeof(damages[0]);
	char number[8];

	fflush(stdout);
	/* the last ones wait longest */
	for (size_t i = n; i-- > 0;) {
		if (i + AT_ONCE < n)
			await_one();
		snprintf(number, sizeof(number), "%zu", i);
		/* keys' memory is not for a fork's child: it begins anew */
		if (fork() == 0) {
			execl("/proc/self/exe", "test_key_check", dir, number, (char *)NULL);
			_exit(127);
		}
	}
	for (size_t i = 0; i < n && i < AT_ONCE; i++)
		await_one();
}

/* What cannot be begun is told, and is no report. */
static void test_none(void)
{
	struct key_check_report r;
	struct sc_diag d = { .text = "" };
	struct key_check_order o = { .place = maker.place, .log_dir = maker.log };
	uint8_t other[32] = { 9 };

	again();
	if (sc_secret_new_take(other, 32, &o.root) != SC_OK)
		abort();
	CHECK(key_check_run(&o, &d, &r) == SC_AUTH && d.text[0] != '\0');
	sc_secret_free(o.root);
	sql("DELETE FROM store");
	CHECK(check(&r, &d) == SC_SYNTAX && strstr(d.text, "no store") != NULL);
	again();
	shell("rm $D/keyd.epoch");
	CHECK(check(&r, &d) == SC_IO);
	again();
	shell("rm $D/keyd.db");
	CHECK(check(&r, &d) == SC_IO);
	again();
}

/* ---- beside its owner ---------------------------------------------------------------- */

static atomic_bool over;

static void *work(void *arg)
{
	uint64_t gone = 20;
	bool ok = true;

	(void)arg;
	while (ok && !atomic_load(&over)) {
		ok = maker_add(&maker, 50, 2900) && maker_erase(&maker, gone++);
		usleep(2000);
	}
	return ok ? NULL : &maker;
}

static void test_beside(void)
{
	struct key_check_report r = { .keys = 0 };
	struct sc_diag d = { .text = "" };
	pthread_t thread;
	void *bad;

	again();
	NEED(maker_open(&maker, dir, false, &d));
	NEED(pthread_create(&thread, NULL, work, NULL) == 0);
	for (int i = 0; i < 20; i++) {
		CHECK(check(&r, &d) == SC_OK && key_check_worst(&r) == KEY_CHECK_FINE);
		if (key_check_worst(&r) != KEY_CHECK_FINE)
			show(&r);
	}
	CHECK(r.keys > 400);
	atomic_store(&over, true);
	pthread_join(thread, &bad);
	CHECK(bad == NULL);
	maker_close(&maker);
}

static void test_stop(void)
{
	struct key_check_report r;
	struct sc_diag d = { .text = "" };
	struct sc_secret *root = maker_root();
	atomic_bool stop = true;
	struct key_check_order o = { .place = maker.place,
		.root = root,
		.watch = { .stop = &stop } };

	CHECK(key_check_run(&o, &d, &r) == SC_AGAIN);
	sc_secret_free(root);
}

int main(int argc, char **argv)
{
	log_setup("test", LOG_ERROR);
	if (argc == 3)
		return damage_one(argv[1], argv[2]);
	make();
	RUN(test_sound, "a store that is as it should be");
	RUN(test_damage, "each damage is found where it is");
	RUN(test_none, "what cannot be begun is told");
	RUN(test_beside, "beside an owner who goes on, nothing is wrong");
	RUN(test_stop, "who asks to stop is heard");
	shell("rm -rf $D $D.b");
	return tap_done();
}
