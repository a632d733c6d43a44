/*
 * test_keystore.c - opening store, epoch file and log together: what is there of them, from
 * before and after an erasure, in every mix.
 */
#include "crypto/keystore/keystore_int.h"
#include "tap.h"
#include "unit/crypto/people_world.h"

#include <sys/stat.h>
#include <unistd.h>

static struct people_world w;

static bool says(const char *what)
{
	if (strstr(w.d.text, what) != NULL)
		return true;
	printf("# \"%s\" does not say \"%s\"\n", w.d.text, what);
	return false;
}

static bool file(const char *name, bool there)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", w.dir, name);
	return (access(path, F_OK) == 0) == there;
}

static bool away(const char *name, bool back)
{
	char a[128], b[128];

	snprintf(a, sizeof(a), "%s/%s", w.dir, name);
	snprintf(b, sizeof(b), "%s/%s.away", w.dir, name);
	return rename(back ? b : a, back ? a : b) == 0;
}

/* ---- what is there ---- */

static void test_init(void)
{
	struct people_counts c;

	NEED(world_make(&w));
	CHECK(world_start(&w, false, false) == SC_AUTH && says("--init"));
	CHECK(file("keyd.db", false) && file("keyd.epoch", false));
	NEED(world_start(&w, true, false) == SC_OK);
	people_count(w.pp, &c);
	CHECK(c.people == 0 && c.slots == 0 && c.epoch == 0 && c.gen >= 1 && c.lost == 0);
	world_stop(&w);
	NEED(world_start(&w, false, false) == SC_OK);
	world_stop(&w);
	/* again, on what is there: it opens */
	NEED(world_start(&w, true, false) == SC_OK);
	world_stop(&w);
}

static void test_one_missing(void)
{
	for (int init = 0; init < 2; init++) {
		NEED(away("keyd.epoch", false));
		CHECK(world_start(&w, init, false) == SC_IO && says("keyd.epoch") &&
		    says("scrim keys restore") && strstr(w.d.text, "--init") == NULL);
		CHECK(file("keyd.epoch", false));
		NEED(away("keyd.epoch", true));
		NEED(away("keyd.db", false));
		CHECK(
		    world_start(&w, init, false) == SC_IO && says("put the newest database back"));
		CHECK(strstr(w.d.text, "init") == NULL && strstr(w.d.text, "emove") == NULL);
		CHECK(file("keyd.db", false));
		NEED(away("keyd.db", true));
	}
	NEED(world_start(&w, false, false) == SC_OK);
	world_stop(&w);
}

/* A database that was made and never filled is none; with an epoch file beside it is not touched. */
static void test_empty_database(void)
{
	char path[128];
	FILE *f;

	NEED(away("keyd.db", false));
	snprintf(path, sizeof(path), "%s/keyd.db", w.dir);
	NEED((f = fopen(path, "w")) != NULL && fclose(f) == 0 && chmod(path, 0600) == 0);
	CHECK(world_start(&w, true, false) == SC_IO && says("database back"));
	NEED(away("keyd.epoch", false));
	CHECK(world_start(&w, false, false) == SC_AUTH && file("keyd.epoch", false));
	CHECK(world_start(&w, true, false) == SC_OK && file("keyd.epoch", true));
	world_stop(&w);
	/* nobody else's keys open by it */
	NEED(away("keyd.db", true));
	CHECK(world_start(&w, false, false) != SC_OK);
	NEED(away("keyd.epoch", true));
	CHECK(world_start(&w, false, false) == SC_OK);
	world_stop(&w);
	world_remove(&w);
}

/* ---- every mix ---- */

static struct used_key ann, bob, cat;

/*
 * Three kept moments: before Ann's erasure, its intent in the log, and all done. Then
 * another erasure, so that there are epoch files too old by one and by two.
 */
static bool make_moments(void)
{
	uint64_t ids[PEOPLE_SLOTS_MAX], intent;
	size_t n;
	bool found;

	if (!world_make(&w) || world_start(&w, true, false) != SC_OK ||
	    world_seal(&w, "ann", &ann) != SC_OK || world_seal(&w, "bob", &bob) != SC_OK ||
	    world_seal(&w, "cat", &cat) != SC_OK || world_turn(&w) != SC_OK || !world_durable(&w) ||
	    !world_keep(&w, "s0"))
		return false;
	if (world_intend(&w, "ann", ids, &n, &intent) != SC_OK || n != 1 || !world_keep(&w, "s1"))
		return false;
	people_let_go(w.pp);
	if (world_erase(&w, "ann", &found) != SC_OK || !found || !world_durable(&w) ||
	    !world_keep(&w, "s2"))
		return false;
	if (world_erase(&w, "bob", &found) != SC_OK || !found || world_turn(&w) != SC_OK ||
	    !world_durable(&w) || !world_keep(&w, "s3"))
		return false;
	world_stop(&w);
	return true;
}

enum says { OPENS, STORE_OLDER, FILE_OLDER, LOG_SHORT };
enum torn { WHOLE, TORN_0, TORN_1 };

/* Epochs: s0 and s1 are of 1 (1, 2 held), s2 of 2 (2, 3), s3 of 4 (4, 5). */
static const struct mix_row {
	const char *db, *epoch, *log;
	enum torn torn;
	enum says is;
	enum order_store order;
	bool ann, bob; /* are alive */
	bool lost;     /* there are slots that are unknown */
} mixes[] = {
	{ "s0", "s0", "s0", WHOLE, OPENS, ORDER_SAME, true, true, false },
	{ "s0", "s0", "s1", WHOLE, OPENS, ORDER_SAME, false, true, false },
	{ "s0", "s0", "s2", WHOLE, OPENS, ORDER_STORE_BEHIND, false, true, true },
	{ "s0", "s0", "s3", WHOLE, OPENS, ORDER_STORE_BEHIND, false, false, true },
	/* its spare is torn: E_1 stands in block 1 */
	{ "s0", "s0", "s0", TORN_0, OPENS, ORDER_SAME, true, true, false },
	{ "s0", "s0", "s1", TORN_0, OPENS, ORDER_SAME, false, true, false },
	/* E_1 is torn, or written over */
	{ "s0", "s0", "s0", TORN_1, STORE_OLDER, 0, false, false, false },
	{ "s0", "s2", "s0", WHOLE, STORE_OLDER, 0, false, false, false },
	{ "s0", "s2", "s1", WHOLE, STORE_OLDER, 0, false, false, false },
	{ "s0", "s2", "s2", WHOLE, STORE_OLDER, 0, false, false, false },
	{ "s0", "s3", "s3", WHOLE, STORE_OLDER, 0, false, false, false },
	{ "s2", "s3", "s3", WHOLE, STORE_OLDER, 0, false, false, false },
	/* died between commit and block, in it, and behind it */
	{ "s2", "s0", "s1", WHOLE, OPENS, ORDER_SAME, false, true, false },
	{ "s2", "s0", "s2", WHOLE, OPENS, ORDER_SAME, false, true, false },
	{ "s2", "s0", "s1", TORN_1, OPENS, ORDER_SAME, false, true, false },
	{ "s2", "s2", "s1", WHOLE, OPENS, ORDER_SAME, false, true, false },
	{ "s2", "s2", "s2", WHOLE, OPENS, ORDER_SAME, false, true, false },
	{ "s2", "s2", "s2", TORN_1, OPENS, ORDER_SAME, false, true, false },
	{ "s2", "s2", "s2", TORN_0, STORE_OLDER, 0, false, false, false },
	{ "s2", "s2", "s3", WHOLE, OPENS, ORDER_STORE_BEHIND, false, false, true },
	/* an older epoch file */
	{ "s3", "s0", "s3", WHOLE, FILE_OLDER, 0, false, false, false },
	{ "s3", "s2", "s3", WHOLE, FILE_OLDER, 0, false, false, false },
	{ "s3", "s2", "s3", TORN_1, FILE_OLDER, 0, false, false, false },
	{ "s3", "s3", "s3", WHOLE, OPENS, ORDER_SAME, false, false, false },
	/* an older log */
	{ "s3", "s3", "s0", WHOLE, LOG_SHORT, 0, false, false, false },
	{ "s3", "s3", "s1", WHOLE, LOG_SHORT, 0, false, false, false },
};

static bool refused_rightly(const struct mix_row *m)
{
	enum sc_err err = world_start(&w, false, false);

	if (err == SC_OK) {
		world_stop(&w);
		return false;
	}
	if (m->is == LOG_SHORT) {
		if (err != SC_CORRUPT || !says("entries") || !says("--start-anew"))
			return false;
		/* the way out */
		if (world_start(&w, false, true) != SC_OK)
			return false;
		world_stop(&w);
		if (world_start(&w, false, false) != SC_OK)
			return false;
		world_stop(&w);
		return true;
	}
	return err == SC_CORRUPT && says("scrim keys restore") &&
	    says("the database is of epoch") &&
	    says(m->is == STORE_OLDER ? "an older database" : "an older keyd.epoch");
}

static bool as_expected(const struct used_key *k, bool alive)
{
	struct used_key is;

	if (world_open(&w, k->id, &is) != SC_OK)
		return false;
	return alive ? is.state == PERSON_LIVE && memcmp(is.proof, k->proof, 32) == 0 :
		       is.state == PERSON_GONE;
}

static bool opens_rightly(const struct mix_row *m, bool again)
{
	enum sc_err err = world_start(&w, false, false);
	struct people_counts c;
	struct used_key back;
	bool ok;

	if (err != SC_OK) {
		printf("# %s: %s\n", sc_err_name(err), w.d.text);
		return false;
	}
	people_count(w.pp, &c);
	ok = (again || w.replayed.order == m->order) && (c.lost > 0) == m->lost &&
	    as_expected(&ann, m->ann) && as_expected(&bob, m->bob) && as_expected(&cat, true) &&
	    c.people == (uint64_t)m->ann + m->bob + 1;
	if (!ok)
		printf("# order %d, lost %llu, people %llu\n", w.replayed.order,
		    (unsigned long long)c.lost, (unsigned long long)c.people);
	if (ok && !again && m->order == ORDER_STORE_BEHIND)
		ok = says("older database was put back") && w.replayed.behind > 0 &&
		    w.replayed.lost == c.lost;
	/* who comes back is another, past all that may have been given out */
	if (ok && !m->ann && !again)
		ok = world_seal(&w, "ann", &back) == SC_OK && back.state == PERSON_LIVE &&
		    back.id != ann.id && memcmp(back.proof, ann.proof, 32) != 0 &&
		    as_expected(&ann, false);
	if (ok && !m->ann && !again) {
		bool found;

		ok = world_erase(&w, "ann", &found) == SC_OK && found;
	}
	world_stop(&w);
	return ok;
}

static void test_mixes(void)
{
	NEED(make_moments());
	for (size_t i = 0; i < sizeof(mixes) / sizeof(mixes[0]); i++) {
		const struct mix_row *m = &mixes[i];
		bool ok = world_put_back(&w, m->db, "db") &&
		    world_put_back(&w, m->epoch, "epoch") && world_put_back(&w, m->log, "log") &&
		    (m->torn == WHOLE || world_tear(&w, m->torn == TORN_1));

		if (ok && m->is != OPENS)
			ok = refused_rightly(m);
		else if (ok)
			ok = opens_rightly(m, false) && opens_rightly(m, true);
		if (!ok)
			printf("# mix %zu: database %s, epoch file %s, log %s, torn %d\n", i, m->db,
			    m->epoch, m->log, m->torn);
		CHECK(ok);
	}
	world_remove(&w);
}

/* Of those whom an older store has never heard of, the log knows who was erased. */
static void test_erased_behind(void)
{
	struct used_key is, dan, eve;
	bool found;

	NEED(world_make(&w) && world_start(&w, true, false) == SC_OK);
	NEED(world_seal(&w, "ann", &ann) == SC_OK && world_turn(&w) == SC_OK);
	NEED(world_durable(&w) && world_keep(&w, "s0"));
	NEED(world_seal(&w, "bob", &bob) == SC_OK && world_seal(&w, "cat", &cat) == SC_OK &&
	    world_seal(&w, "dan", &dan) == SC_OK && world_seal(&w, "eve", &eve) == SC_OK);
	NEED(world_erase(&w, "dan", &found) == SC_OK && found);
	NEED(world_erase(&w, "bob", &found) == SC_OK && found && world_turn(&w) == SC_OK);
	NEED(world_durable(&w));
	world_stop(&w);
	NEED(world_put_back(&w, "s0", "db") && world_put_back(&w, "s0", "epoch"));
	for (int again = 0; again < 2; again++) {
		NEED(world_start(&w, false, false) == SC_OK);
		CHECK(again == 1 ||
		    (w.replayed.order == ORDER_STORE_BEHIND && w.replayed.lost == 80 - 1 - 2));
		CHECK(as_expected(&ann, true) && as_expected(&bob, false) &&
		    as_expected(&dan, false));
		CHECK(world_open(&w, cat.id, &is) == SC_OK && is.state == PERSON_UNKNOWN);
		CHECK(world_open(&w, eve.id, &is) == SC_OK && is.state == PERSON_UNKNOWN);
		world_stop(&w);
	}
	world_remove(&w);
}

/*
 * Two stores that were one until a backup was restored have keys of equal epochs. Neither is
 * destroyed by a mix of theirs.
 */
static void test_two_ends(void)
{
	NEED(world_make(&w) && world_start(&w, true, false) == SC_OK);
	NEED(world_seal(&w, "ann", &ann) == SC_OK && world_durable(&w) && world_keep(&w, "s0"));
	NEED(world_turn(&w) == SC_OK && world_turn(&w) == SC_OK && world_durable(&w));
	NEED(world_keep(&w, "one"));
	world_stop(&w);
	NEED(world_put_back(&w, "s0", "db") && world_put_back(&w, "s0", "epoch") &&
	    world_put_back(&w, "s0", "log"));
	NEED(world_start(&w, false, false) == SC_OK && world_turn(&w) == SC_OK);
	NEED(world_durable(&w) && world_keep(&w, "other"));
	world_stop(&w);
	/* its epoch is 2, as is the spare of the other's file, which is another key */
	NEED(world_put_back(&w, "one", "db") && world_put_back(&w, "one", "log"));
	CHECK(world_start(&w, false, false) == SC_CORRUPT && says("before a restore"));
	NEED(world_put_back(&w, "other", "db") && world_put_back(&w, "other", "log"));
	NEED(world_start(&w, false, false) == SC_OK);
	CHECK(as_expected(&ann, true));
	world_stop(&w);
	world_remove(&w);
}

/* ---- the twin ---- */

static void test_twin(void)
{
	bool found;

	NEED(world_make(&w));
	w.twin = true;
	NEED(world_start(&w, true, false) == SC_OK);
	NEED(world_seal(&w, "ann", &ann) == SC_OK && world_seal(&w, "bob", &bob) == SC_OK);
	NEED(world_erase(&w, "bob", &found) == SC_OK && found);
	world_stop(&w);
	NEED(away("keyd.epoch", false));
	NEED(world_start(&w, false, false) == SC_OK && file("keyd.epoch", true));
	CHECK(as_expected(&ann, true) && as_expected(&bob, false));
	world_stop(&w);
	NEED(away("twin.epoch", false));
	NEED(world_start(&w, false, false) == SC_OK && file("twin.epoch", true));
	world_stop(&w);
	NEED(away("keyd.epoch", false) && away("twin.epoch", false));
	CHECK(world_start(&w, true, false) == SC_IO && says("twin"));
	world_remove(&w);
}

/* ---- long tails ---- */

#define MANY 300

/* More erasures than a group has boxes for are carried out in several, and all of them. */
static void test_many_erased_at_start(void)
{
	static struct used_key who[MANY];
	uint64_t record;
	uint8_t h[HANDLE_BYTES];
	struct people_counts c;
	unsigned wrong = 0;
	char name[16];

	NEED(world_make(&w));
	NEED(world_start(&w, true, false) == SC_OK);
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "p%d", i);
		NEED(world_seal(&w, name, &who[i]) == SC_OK);
	}
	/* the intents of a process that dies then; the first ten have an outcome */
	people_intend(w.pp);
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "p%d", i);
		world_handle(&w, name, h);
		if (i % 2 == 0)
			NEED(world_log_erase(&w, h, &who[i].id, 1, false, &record) == SC_OK);
	}
	for (int i = 0; i < 20; i += 2) {
		snprintf(name, sizeof(name), "p%d", i);
		world_handle(&w, name, h);
		NEED(world_log_erase(&w, h, NULL, 0, true, &record) == SC_OK);
	}
	NEED(world_durable(&w));
	world_stop(&w);
	NEED(world_start(&w, false, false) == SC_OK);
	CHECK(w.replayed.order == ORDER_SAME && w.replayed.erased == MANY / 2 - 10);
	CHECK(w.told == MANY / 2 - 10);
	people_count(w.pp, &c);
	CHECK(c.people == MANY - (MANY / 2 - 10) && c.epoch == 1);
	for (int i = 0; i < MANY; i++)
		wrong += !as_expected(&who[i], i % 2 != 0 || i < 20);
	CHECK(wrong == 0);
	world_stop(&w);
	/* they are told of once */
	NEED(world_start(&w, false, false) == SC_OK);
	CHECK(w.replayed.erased == 0 && w.told == 0);
	world_stop(&w);
	world_remove(&w);
}

/* Until the log tells what came of them they are told of at each start. */
static void test_told_until_logged(void)
{
	uint64_t ids[PEOPLE_SLOTS_MAX], intent;
	size_t n;

	NEED(world_make(&w));
	NEED(world_start(&w, true, false) == SC_OK);
	NEED(world_seal(&w, "ann", &ann) == SC_OK);
	NEED(world_intend(&w, "ann", ids, &n, &intent) == SC_OK && n == 1);
	world_stop(&w);
	for (int i = 0; i < 4; i++) {
		w.mute = i < 2;
		NEED(world_start(&w, false, false) == SC_OK);
		CHECK(w.told == (i < 3) && w.replayed.erased == (i == 0));
		CHECK(as_expected(&ann, false));
		world_stop(&w);
	}
	world_remove(&w);
}

/* ---- slots are given out once ---- */

/* As kill -9 leaves it; the database of an earlier moment is put back, or (NULL) none. */
static bool killed(const char *db)
{
	bool ok = world_durable(&w) && world_keep(&w, "killed");

	world_stop(&w);
	return ok && world_put_back(&w, db == NULL ? "killed" : db, "db") &&
	    world_put_back(&w, "killed", "epoch") && world_put_back(&w, "killed", "log");
}

/* Somebody new gets a key that none of the N had. */
static bool another(const char *name, const struct used_key *had, size_t n)
{
	struct used_key k;
	bool ok = world_seal(&w, name, &k) == SC_OK && k.state == PERSON_LIVE;

	for (size_t i = 0; i < n; i++)
		ok = ok && k.id != had[i].id && memcmp(k.proof, had[i].proof, 32) != 0;
	return ok;
}

static bool skipped(uint64_t now, uint64_t all, size_t ranges)
{
	struct people_counts c;

	people_count(w.pp, &c);
	if (w.replayed.order == ORDER_SAME && w.replayed.lost == 0 && c.lost == 0 &&
	    w.replayed.skipped == now && c.skipped == all && w.ks->n_lost == ranges)
		return true;
	printf("# order %d, lost %llu, skipped %llu, all %llu in %zu\n", w.replayed.order,
	    (unsigned long long)c.lost, (unsigned long long)w.replayed.skipped,
	    (unsigned long long)c.skipped, w.ks->n_lost);
	return false;
}

/* The log tells of progress each second only, so a store of a moment before does not look older. */
static void test_moment_before(void)
{
	struct used_key had[3], k;
	unsigned tries = 0, told;

	do {
		NEED(world_make(&w) && world_start(&w, true, false) == SC_OK);
		NEED(world_seal(&w, "ann", &had[0]) == SC_OK &&
		    world_seal(&w, "bob", &had[1]) == SC_OK && world_durable(&w) &&
		    world_keep(&w, "before"));
		told = w.progresses + w.leases;
		NEED(world_seal(&w, "cat", &had[2]) == SC_OK);
		told = w.progresses + w.leases - told;
		NEED(killed("before") && world_start(&w, false, false) == SC_OK);
		if (told > 0) { /* a slow machine */
			world_stop(&w);
			world_remove(&w);
		}
	} while (told > 0 && ++tries < 10);
	NEED(told == 0);
	CHECK(skipped(78, 78, 1) && w.replayed.now.high == 80 && w.replayed.now.lease == 80);
	CHECK(another("dan", had, 3) && another("cat", had, 3) && another("eve", had, 3));
	CHECK(as_expected(&had[0], true) && as_expected(&had[1], true));
	CHECK(world_open(&w, had[2].id, &k) == SC_OK && k.state == PERSON_UNKNOWN);
	world_stop(&w);
	/* nor later */
	NEED(world_start(&w, false, false) == SC_OK);
	CHECK(skipped(0, 78, 1) && another("fay", had, 3));
	CHECK(world_open(&w, had[2].id, &k) == SC_OK && k.state == PERSON_UNKNOWN);
	world_stop(&w);
	world_remove(&w);
}

static void test_clean_stops(void)
{
	struct people_counts c;
	struct used_key k;
	char name[16];

	NEED(world_make(&w));
	for (unsigned i = 0; i < 12; i++) {
		NEED(world_start(&w, i == 0, false) == SC_OK);
		CHECK(skipped(0, 0, 0));
		snprintf(name, sizeof(name), "p%u", i);
		if (i % 3 != 1)
			NEED(world_seal(&w, name, &k) == SC_OK);
		people_count(w.pp, &c);
		CHECK(c.slots == i + 1 - (i + 2) / 3);
		world_stop(&w);
	}
	/* a start that dies before the log tells of it gave nothing out */
	NEED(world_keep(&w, "stopped") && world_start(&w, false, false) == SC_OK);
	NEED(killed(NULL) && world_put_back(&w, "stopped", "log"));
	NEED(world_start(&w, false, false) == SC_OK);
	CHECK(skipped(0, 0, 0));
	/* one that dies later may have */
	NEED(killed(NULL) && world_start(&w, false, false) == SC_OK);
	CHECK(skipped(80 - 8, 72, 1));
	world_stop(&w);
	world_remove(&w);
}

/* However often keyd dies, few slots go, and none while nobody is new; nor does the table grow. */
static void test_crash_loop(void)
{
	struct store_progress p;
	uint64_t all = 0;
	struct used_key k;
	char name[16];

	NEED(world_make(&w) && world_start(&w, true, false) == SC_OK);
	NEED(world_seal(&w, "ann", &ann) == SC_OK);
	for (unsigned i = 0; i < 4; i++) {
		NEED(killed(NULL) && world_start(&w, false, false) == SC_OK);
		CHECK(skipped(i == 0 ? 79 : 0, 79, 1));
	}
	/* a lease that is told, and of which nothing was used */
	all = 79;
	for (unsigned i = 1; i < 4; i++) {
		p = w.replayed.now;
		p.lease += 80;
		NEED(world_log_store(&w, "keys.lease", &p) == SC_OK);
		NEED(killed(NULL) && world_start(&w, false, false) == SC_OK);
		CHECK(skipped(80, all += 80, 1));
		CHECK(w.ks->lost[0].first == 1 && w.ks->lost[0].last == 79 + 80 * i);
	}
	for (unsigned i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "p%u", i);
		NEED(world_seal(&w, name, &k) == SC_OK && killed(NULL) &&
		    world_start(&w, false, false) == SC_OK);
		CHECK(skipped(79, all += 79, i + 2));
		CHECK(as_expected(&k, true) && as_expected(&ann, true));
	}
	world_stop(&w);
	world_remove(&w);
}

/* What a newer store gave out is told apart from what was skipped beside it. */
static void test_lost_and_skipped(void)
{
	struct people_counts c;
	struct store_progress p;

	NEED(world_make(&w) && world_start(&w, true, false) == SC_OK);
	NEED(world_seal(&w, "ann", &ann) == SC_OK && world_durable(&w) && world_keep(&w, "before"));
	NEED(world_seal(&w, "bob", &bob) == SC_OK);
	world_stop(&w);
	NEED(world_put_back(&w, "before", "db") && world_start(&w, false, false) == SC_OK);
	CHECK(w.replayed.order == ORDER_STORE_BEHIND && w.replayed.lost == 79 &&
	    w.replayed.skipped == 0);
	p = w.replayed.now;
	CHECK(p.high == 80 && p.lease == 80);
	p.lease = 200;
	NEED(world_log_store(&w, "keys.lease", &p) == SC_OK);
	NEED(killed(NULL) && world_start(&w, false, false) == SC_OK);
	people_count(w.pp, &c);
	CHECK(w.replayed.order == ORDER_SAME && w.replayed.skipped == 120 && w.replayed.lost == 0);
	CHECK(c.lost == 79 && c.skipped == 120 && w.ks->n_lost == 2);
	world_stop(&w);
	world_remove(&w);
}

/* A log that is taken as it is does not tell how many there were. */
static void test_anew(void)
{
	NEED(world_make(&w) && world_start(&w, true, false) == SC_OK);
	NEED(world_seal(&w, "ann", &ann) == SC_OK && world_durable(&w) && world_keep(&w, "before"));
	NEED(world_seal(&w, "bob", &bob) == SC_OK && world_log(&w, AUDIT_REVEAL, NULL) == SC_OK &&
	    world_durable(&w) && world_turn(&w) == SC_OK && world_turn(&w) == SC_OK);
	world_stop(&w);
	NEED(world_put_back(&w, "before", "log"));
	CHECK(world_start(&w, false, false) == SC_CORRUPT);
	NEED(world_start(&w, false, true) == SC_OK);
	CHECK(w.replayed.order == ORDER_LOG_SHORT && w.replayed.skipped == 78 + KEYSTORE_GAP &&
	    w.replayed.lost == 0);
	CHECK(as_expected(&ann, true) && as_expected(&bob, true));
	world_stop(&w);
	NEED(world_start(&w, false, false) == SC_OK);
	CHECK(skipped(0, 78 + KEYSTORE_GAP, 1));
	world_stop(&w);
	world_remove(&w);
}

static void test_is_lost(void)
{
	struct slot_range v[9];
	struct keystore ks = { .lost = v };
	unsigned wrong = 0;

	for (size_t n = 0; n <= 9; n++) {
		for (size_t i = 0; i < n; i++)
			v[i] = (struct slot_range){ 10 * i + 3, 10 * i + 3 + i, i % 2 == 0 };
		ks.n_lost = n;
		for (uint64_t slot = 0; slot < 110; slot++) {
			bool is = slot >= 3 && (slot - 3) / 10 < n &&
			    (slot - 3) % 10 <= (slot - 3) / 10;

			wrong += keystore_is_lost(&ks, slot) != is;
		}
	}
	CHECK(wrong == 0);
}

int main(void)
{
	RUN(test_init, "keys are made where there is nothing at all, and with --init only");
	RUN(test_one_missing, "where one of database and epoch file is missing nothing is made");
	RUN(test_empty_database, "an empty database beside an epoch file is a lost one");
	RUN(test_mixes, "every mix of files from before and after an erasure gets the right word");
	RUN(test_erased_behind, "who was erased is gone, not unknown, also where they came later");
	RUN(test_two_ends, "an epoch file of the same store's other end is not written to");
	RUN(test_twin, "either copy of the epoch file will do, and the other is made again");
	RUN(test_many_erased_at_start, "intents without an outcome are carried out in one turn");
	RUN(test_told_until_logged,
	    "an erasure carried out at the start is told until it is logged");
	RUN(test_moment_before,
	    "no slot is given out twice after kill -9 and a database of a moment before");
	RUN(test_clean_stops, "after a clean stop no slot is skipped");
	RUN(test_crash_loop, "a keyd that dies again and again uses up few slots");
	RUN(test_lost_and_skipped, "slots that were skipped are told apart from those lost");
	RUN(test_anew, "a log that is taken anew leaves a gap, once");
	RUN(test_is_lost, "a slot is lost that lies in any of the ranges, and no other");
	return tap_done();
}
