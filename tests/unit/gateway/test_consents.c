/*
 * test_consents.c - the registry of consent: each promise by itself; then random
 * histories against a plain list, with a disk that fails and starts in between.
 *
 *	test_consents [SEED] [OPERATIONS]
 */
#include "base/bytes.h"
#include "gateway/consent/private.h"
#include "gateway/consent/tables.h"
#include "tap.h"

#include <sqlite3.h>
#include <unistd.h>

#define PURPOSES 2u
#define VERSION 3u
#define PERSONS 5u
#define DEVICES 7u
#define PEOPLE (PERSONS + DEVICES) /* the first are persons */

static const char *const purpose_names[] = { "analytics", "marketing" };
static struct feed_words words;
static struct collect_settings settings;
static const struct sc_name tenant = { "shop" };
static char dir[64], url[160], path[128];
static struct store *store;
static struct consents *c;

static void settings_init(void)
{
	words = (struct feed_words){ .purposes = { .v = purpose_names, .n = PURPOSES },
		.text_version = VERSION };
	settings = (struct collect_settings){ .words = &words };
}

static bool start(void)
{
	struct sc_diag d = { .text = "" };

	if (store_open(url, &collect_tables, &d, &store) != SC_OK)
		printf("# %s\n", d.text);
	return store != NULL && consents_new(&settings, &tenant, &c) == SC_OK &&
	    consents_load(c, store) == SC_OK;
}

static void stop(void)
{
	consents_free(c);
	store_close(store);
	c = NULL;
	store = NULL;
}

static void fresh(void)
{
	settings_init();
	stop();
	unlink(path);
	if (!start())
		abort();
}

/* Identifier I: spread, as keyd's are. */
static struct collect_handle who(uint64_t i)
{
	struct collect_handle h = { .pseudonym = i + 1 };

	sc_be64_store(h.handle, (i + 1) * UINT64_C(0x9E3779B97F4A7C15));
	sc_be64_store(h.handle + 8, i + 1);
	return h;
}

static uint8_t kind_of(uint64_t i)
{
	return i < PERSONS ? FEED_PERSON : FEED_DEVICE;
}

static void put_said(struct consent_said *s, uint64_t i, uint8_t purpose, uint8_t word,
    uint32_t version, bool verified, uint64_t at_ms)
{
	*s = (struct consent_said){ .who = who(i),
		.word = { .who = i + 1,
		    .at_ms = at_ms,
		    .version = version,
		    .kind = kind_of(i),
		    .purpose = purpose,
		    .word = word,
		    .verified = verified },
		.source = { "shop-web" },
		.method = { "checkbox" },
		.said_ms = at_ms };
}

/* Say it, and wait for the disk; it is as it settled. */
static struct consents_write say(uint64_t i, uint8_t purpose, uint8_t word, uint32_t version,
    bool verified, uint64_t at_ms)
{
	struct consents_write w = { .kept = false };

	put_said(&w.said, i, purpose, word, version, verified, at_ms);
	consents_say(c, &w);
	consents_settled(c, &w, store_run(store, &w.job));
	return w;
}

static enum sc_err link_to(uint64_t device, uint64_t person, uint64_t from_ms, uint64_t to_ms)
{
	struct consents_link_write w = { .device = who(device), .person = who(person) };
	enum sc_err err;

	w.link = (struct feed_link){ device + 1, person + 1, from_ms, to_ms };
	consents_link(c, &w);
	err = store_run(store, &w.job);
	consents_link_settled(c, &w, err);
	return err;
}

static enum sc_err erase(uint64_t person)
{
	struct consents_erase_write w = { .person = who(person) };

	consents_erase(c, &w);
	return store_run(store, &w.job);
}

static bool enters(int device, int person, uint32_t asserted)
{
	struct collect_handle d = who((uint64_t)device), p = who((uint64_t)person);

	return consents_enter(c, device < 0 ? NULL : &d, person < 0 ? NULL : &p, asserted);
}

static struct consent_word word_of(uint64_t i, uint8_t purpose)
{
	struct collect_handle h = who(i);
	struct consent_word w;

	consents_word(c, h.handle, purpose, &w);
	return w;
}

static uint32_t granted(uint64_t i)
{
	return consents_granted(c, who(i).handle);
}

/* What SQL counts. */
static int64_t counted(const char *sql)
{
	sqlite3_stmt *st = NULL;
	sqlite3 *db = NULL;
	int64_t n = -1;

	store_close(store);
	store = NULL;
	if (sqlite3_open(path, &db) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	stop();
	return start() ? n : -2;
}

#define DEVICE (PERSONS + 0)
#define DEVICE2 (PERSONS + 1)
#define A 0
#define B 1

/* ---- one by one ---------------------------------------------------------------------- */

static void test_unknown_is_no(void)
{
	fresh();
	CHECK(!enters(-1, -1, VERSION) && !enters(-1, A, 0) && !enters(DEVICE, -1, 0));
	CHECK(granted(A) == 0 && word_of(A, 1).word == 0 && c->image.people == 0);
	say(A, 1, FEED_GRANT, VERSION, true, 1000);
	CHECK(enters(-1, A, 0) && !enters(-1, B, 0) && enters(DEVICE, A, 0));
	CHECK(granted(A) == 1 && granted(B) == 0 && c->image.people == 1);
	say(A, 2, FEED_GRANT, VERSION, true, 1001);
	CHECK(granted(A) == 3 && c->image.people == 1);
	say(A, 1, FEED_WITHDRAW, VERSION, true, 1002);
	CHECK(!enters(-1, A, 0) && granted(A) == 2);
}

static void test_new_text(void)
{
	fresh();
	say(A, 1, FEED_GRANT, VERSION, true, 1000);
	say(B, 1, FEED_REFUSE, VERSION, true, 1000);
	words.text_version = VERSION + 1;
	CHECK(!enters(-1, A, 0) && granted(A) == 0 && word_of(B, 1).word == FEED_REFUSE);
	CHECK(!enters(DEVICE, -1, VERSION) && enters(DEVICE, -1, VERSION + 1));
	say(A, 1, FEED_GRANT, VERSION + 1, true, 1001);
	CHECK(enters(-1, A, 0));
	words.text_version = VERSION;
	CHECK(enters(-1, A, 0));
}

static void test_page(void)
{
	fresh();
	CHECK(enters(DEVICE, -1, VERSION) && !enters(DEVICE, -1, VERSION - 1));
	CHECK(!enters(DEVICE, -1, 0) && !enters(DEVICE, A, VERSION) && !enters(-1, A, VERSION));
	say(DEVICE, 1, FEED_GRANT, VERSION, false, 1000);
	CHECK(!enters(DEVICE, -1, 0) && word_of(DEVICE, 1).word == 0);
	/* a page speaks for no person */
	say(A, 1, FEED_WITHDRAW, VERSION, false, 1000);
	CHECK(word_of(A, 1).word == 0);
	say(DEVICE, 1, FEED_WITHDRAW, VERSION, false, 1000);
	CHECK(!enters(DEVICE, -1, 0) && enters(DEVICE, -1, VERSION));
	say(DEVICE, 1, FEED_REFUSE, VERSION, true, 1001);
	CHECK(!enters(DEVICE, -1, VERSION));
	CHECK(counted("SELECT count(*) FROM consent") == 1);
}

static void test_links(void)
{
	fresh();
	say(A, 1, FEED_GRANT, VERSION, true, 1000);
	NEED(link_to(DEVICE, A, 1000, 0) == SC_OK);
	CHECK(enters(DEVICE, -1, VERSION) && !enters(DEVICE, -1, 0));
	NEED(link_to(DEVICE, B, 1000, 0) == SC_OK);
	CHECK(!enters(DEVICE, -1, VERSION) && enters(-1, A, 0));
	say(B, 1, FEED_REFUSE, VERSION, true, 1000);
	CHECK(!enters(DEVICE, -1, VERSION) && enters(-1, A, 0) && enters(DEVICE, A, 0));
	NEED(link_to(DEVICE, B, 1000, 2000) == SC_OK);
	CHECK(enters(DEVICE, -1, VERSION));
	say(DEVICE, 1, FEED_WITHDRAW, VERSION, false, 1500);
	CHECK(!enters(-1, A, 0) && granted(A) == 0 && !enters(DEVICE2, A, 0));
	NEED(link_to(DEVICE, A, 1000, 2000) == SC_OK);
	CHECK(enters(-1, A, 0) && enters(DEVICE2, A, 0) && !enters(DEVICE, A, 0));
	CHECK(granted(A) == 1);
	/* again, and over a start */
	NEED(link_to(DEVICE, A, 1000, 0) == SC_OK);
	CHECK(!enters(-1, A, 0));
	CHECK(counted("SELECT count(*) FROM link WHERE to_ms = 0") == 1);
	CHECK(!enters(-1, A, 0) && !enters(DEVICE, A, 0));
}

static void test_crowd(void)
{
	fresh();
	say(A, 1, FEED_GRANT, VERSION, true, 1000);
	for (uint64_t i = 0; i < 1024; i++)
		NEED(link_to(100 + i, A, 1000, 0) == SC_OK);
	CHECK(enters(-1, A, 0));
	say(100 + 511, 1, FEED_WITHDRAW, VERSION, false, 2000);
	CHECK(!enters(-1, A, 0));
	NEED(link_to(100 + 511, A, 1000, 3000) == SC_OK);
	CHECK(enters(-1, A, 0));
	NEED(link_to(100 + 1024, A, 1000, 0) == SC_OK && link_to(100 + 1025, A, 1000, 0) == SC_OK);
	CHECK(!enters(-1, A, 0));
}

static void test_stranger_linked(void)
{
	fresh();
	say(A, 1, FEED_GRANT, VERSION, true, 1000);
	say(DEVICE, 1, FEED_WITHDRAW, VERSION, false, 1500);
	say(DEVICE2, 1, FEED_WITHDRAW, VERSION, false, 1500);
	CHECK(enters(-1, A, 0) && !enters(DEVICE, A, 0));
	NEED(link_to(DEVICE, A, 1600, 0) == SC_OK);
	CHECK(!enters(-1, A, 0) && word_of(DEVICE, 1).at_ms == 1500);
	CHECK(counted("SELECT count(*) FROM consent WHERE kind = 2 AND verified = 0 AND word = 3"
		      " AND version = 3 AND at_ms = 1500 AND source = 'page'") == 1);
	CHECK(!enters(-1, A, 0) && word_of(DEVICE, 1).word == FEED_WITHDRAW);
	CHECK(word_of(DEVICE2, 1).word == 0); /* a start forgets strangers */
}

/* What a page says of known devices does not pile up either. */
static void test_flood(void)
{
	struct consents_write w = { .kept = true };

	fresh();
	for (uint64_t i = 0; i < STRANGERS_MAX + 10; i++) {
		put_said(&w.said, 1000 + i, 1, FEED_WITHDRAW, VERSION, false, 1000 + i);
		consents_say(c, &w);
		NEED(!w.kept && w.job.run == NULL);
	}
	CHECK(word_of(1000, 1).word == 0 && word_of(1009, 1).word == 0);
	CHECK(word_of(1010, 1).word == FEED_WITHDRAW && word_of(1010, 1).at_ms == 1010);
	CHECK(word_of(1000 + STRANGERS_MAX + 9, 1).word == FEED_WITHDRAW);
	CHECK(word_of(1010, 2).word == 0);
	NEED(link_to(DEVICE, A, 1000, 0) == SC_OK);
	for (uint64_t i = 0; i < 100; i++)
		say(DEVICE, 1, FEED_WITHDRAW, VERSION, false, 2000 + i);
	CHECK(word_of(DEVICE, 1).at_ms == 2000);
	CHECK(counted("SELECT count(*) FROM consent") == 1);
}

static void test_time(void)
{
	fresh();
	say(A, 1, FEED_GRANT, VERSION, true, 5000);
	say(A, 1, FEED_WITHDRAW, VERSION, true, 4000); /* the clock went back */
	CHECK(!enters(-1, A, 0) && word_of(A, 1).at_ms == 5001);
	say(A, 1, FEED_GRANT, VERSION, true, 5001);
	CHECK(enters(-1, A, 0) && word_of(A, 1).at_ms == 5002);
}

static void test_same(void)
{
	struct consents_write w = { .kept = false };

	fresh();
	say(A, 1, FEED_WITHDRAW, VERSION, true, 1000);
	put_said(&w.said, A, 1, FEED_WITHDRAW, VERSION, true, 2000);
	w.said.said_ms = 1000;
	consents_say(c, &w);
	CHECK(word_of(A, 1).at_ms == 2000);
	consents_settled(c, &w, store_run(store, &w.job));
	CHECK(w.same_ms == 1000 && word_of(A, 1).at_ms == 1000);
	for (int i = 0; i < 6; i++) {
		put_said(&w.said, A, 1, FEED_WITHDRAW, VERSION, true, 3000);
		w.said.said_ms = 1000 + (i == 0);
		w.said.word.version = VERSION - (i == 1);
		w.said.word.word = i == 2 ? FEED_REFUSE : FEED_WITHDRAW;
		w.said.text_sha256[31] = i == 3;
		w.said.evidence_sha256[0] = i == 4;
		if (i == 5)
			w.said.method.s[0] = 'C';
		consents_say(c, &w);
		consents_settled(c, &w, store_run(store, &w.job));
		CHECK(w.same_ms == 0);
	}
	CHECK(counted("SELECT count(*) FROM consent") == 7);
	CHECK(counted("SELECT count(*) FROM consent WHERE length(text) = 32") == 1);
	CHECK(counted("SELECT max(seq) FROM consent") == 7);
}

static void test_not_durable(void)
{
	struct consents_write g = { .kept = false }, n = { .kept = false };

	fresh();
	put_said(&g.said, A, 1, FEED_GRANT, VERSION, true, 1000);
	consents_say(c, &g);
	CHECK(!enters(-1, A, 0));
	consents_settled(c, &g, SC_IO);
	CHECK(!enters(-1, A, 0) && c->image.people == 0);
	say(A, 1, FEED_GRANT, VERSION, true, 1100);
	put_said(&n.said, A, 1, FEED_WITHDRAW, VERSION, true, 1200);
	consents_say(c, &n);
	CHECK(!enters(-1, A, 0));
	consents_settled(c, &n, SC_IO);
	CHECK(!enters(-1, A, 0));
	stop();
	NEED(start());
	CHECK(enters(-1, A, 0));
}

/* A grant on its way, and a no said meanwhile with a clock that went back. */
static void test_overtaken(void)
{
	struct consents_write g = { .kept = false };

	fresh();
	put_said(&g.said, A, 1, FEED_GRANT, VERSION, true, 9000);
	consents_say(c, &g);
	say(A, 1, FEED_WITHDRAW, VERSION, true, 1000);
	consents_settled(c, &g, store_run(store, &g.job));
	CHECK(!enters(-1, A, 0) && word_of(A, 1).word == FEED_WITHDRAW);
}

static void test_erase(void)
{
	struct consents_write g = { .kept = false };

	fresh();
	say(A, 1, FEED_GRANT, VERSION, true, 1000);
	say(B, 1, FEED_GRANT, VERSION, true, 1000);
	NEED(link_to(DEVICE, A, 1000, 0) == SC_OK && link_to(DEVICE, B, 1000, 0) == SC_OK);
	say(DEVICE, 1, FEED_WITHDRAW, VERSION, true, 1100);
	put_said(&g.said, A, 2, FEED_GRANT, VERSION, true, 1200);
	consents_say(c, &g);
	CHECK(store_run(store, &g.job) == SC_OK);
	NEED(erase(A) == SC_OK);
	consents_settled(c, &g, SC_OK);
	CHECK(granted(A) == 0 && word_of(A, 1).word == 0 && word_of(A, 2).word == 0);
	CHECK(c->image.people == 1 && word_of(DEVICE, 1).word == FEED_WITHDRAW);
	CHECK(erase(A) == SC_OK && erase(4) == SC_OK);
	CHECK(counted("SELECT count(*) FROM consent WHERE handle = x'' AND pseudonym = 0"
		      " AND text = x'' AND evidence = x''") == 2);
	CHECK(counted("SELECT count(*) FROM link") == 1);
	CHECK(granted(A) == 0 && c->image.people == 1 && !enters(-1, B, 0));
	say(A, 1, FEED_GRANT, VERSION, true, 1300);
	CHECK(granted(A) == 1 && enters(-1, A, 0));
	CHECK(counted("SELECT max(seq) FROM consent") == 5);
}

static void exec(const char *sql)
{
	sqlite3 *db = NULL;

	store_close(store);
	store = NULL;
	if (sqlite3_open(path, &db) != SQLITE_OK ||
	    sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		printf("# %s\n", sqlite3_errmsg(db));
	sqlite3_close(db);
	stop();
}

static bool refused(const char *sql)
{
	struct sc_diag d;
	bool corrupt;

	fresh();
	say(A, 1, FEED_GRANT, VERSION, true, 1000);
	if (link_to(DEVICE, A, 1000, 0) != SC_OK)
		return false;
	exec(sql);
	if (store_open(url, &collect_tables, &d, &store) != SC_OK ||
	    consents_new(&settings, &tenant, &c) != SC_OK)
		return false;
	corrupt = consents_load(c, store) == SC_CORRUPT;
	stop();
	return corrupt;
}

static void test_damage(void)
{
	CHECK(!refused("UPDATE consent SET verified = 1"));
	CHECK(refused("UPDATE consent SET handle = x'00'"));
	CHECK(refused("UPDATE consent SET kind = 0") && refused("UPDATE consent SET kind = 3"));
	CHECK(refused("UPDATE consent SET word = 0") && refused("UPDATE consent SET word = 4"));
	CHECK(refused("UPDATE consent SET version = -1"));
	CHECK(refused("UPDATE consent SET version = 4294967296"));
	CHECK(refused("UPDATE consent SET verified = 2"));
	CHECK(refused("UPDATE consent SET at_ms = -1"));
	CHECK(refused("UPDATE consent SET seq = 0"));
	CHECK(refused("UPDATE consent SET word = 'x'"));
	CHECK(refused("UPDATE link SET device = x'00'"));
	CHECK(refused("UPDATE link SET person = x''"));
	CHECK(refused("UPDATE link SET from_ms = -1") && refused("UPDATE link SET to_ms = -1"));
}

static void test_others(void)
{
	fresh();
	say(A, 1, FEED_GRANT, VERSION, true, 1000);
	exec("INSERT INTO consent SELECT 'other', 9, handle, 1, 1, purpose, 3, 3, 1, 9999, 0,"
	     " source, method, text, evidence FROM consent;"
	     "INSERT INTO consent SELECT tenant, 7, handle, 1, 1, 'gone', 3, 3, 1, 9999, 0,"
	     " source, method, text, evidence FROM consent WHERE tenant = 'shop'");
	NEED(start());
	CHECK(enters(-1, A, 0) && word_of(A, 2).word == 0);
	say(A, 2, FEED_GRANT, VERSION, true, 1001);
	CHECK(counted("SELECT seq FROM consent WHERE purpose = 'marketing'") == 8);
}

/* ---- random histories ------------------------------------------------------------------ */

/* One word of the list. */
struct listed {
	uint64_t at_ms, said_ms;
	uint32_t who, version;
	uint8_t purpose, word;
	bool verified, image, disk, lost; /* LOST: erased before it was durable */
};
/* A job that has not run yet. */
struct waiting {
	enum { SAYS, LINKS, ERASES } what;
	struct consents_write say;
	struct consents_link_write link;
	struct consents_erase_write erase;
	size_t listed, n_listed; /* words that it makes durable */
	uint64_t device, person, gen;
	struct waiting *next;
};
static struct listed list[200000];
static size_t n_list;
static struct waiting *first, **last = &first;
static struct {
	bool image, disk;
	uint64_t gen; /* of what was said of it last */
} pair[PEOPLE][PERSONS];
static struct {
	uint64_t last_ms;
	bool known, known_disk, failed; /* FAILED: times are the image's own until a start */
	struct consent_word stranger[PURPOSES + 1];
} person[PEOPLE];
static uint64_t seed = 1, now = 100000, gens, echoes;

static uint32_t any(uint32_t n)
{
	static uint64_t s;

	if (s == 0)
		s = seed * 0x9e3779b97f4a7c15u + 1;
	s ^= s << 13;
	s ^= s >> 7;
	s ^= s << 17;
	return (uint32_t)((s >> 11) % n);
}

#define HOLD(cond) \
	do { \
		if (!(cond) && echoes++ == 0) { \
			CHECK(cond); \
			printf("# seed %llu\n", (unsigned long long)seed); \
		} \
	} while (0)

static const struct listed *newest(uint32_t i, uint8_t purpose, bool verified, bool disk)
{
	const struct listed *best = NULL;

	for (size_t k = 0; k < n_list; k++)
		if (list[k].who == i && list[k].purpose == purpose &&
		    list[k].verified == verified && (disk ? list[k].disk : list[k].image) &&
		    (best == NULL || list[k].at_ms > best->at_ms))
			best = &list[k];
	return best;
}

/* By the rule of the specification, in its own words. */
static struct consent_word counts(uint32_t i, uint8_t purpose, uint32_t asserted)
{
	const struct listed *v = newest(i, purpose, true, false),
			    *p = newest(i, purpose, false, false);
	struct consent_word page = { .word = 0 }, back_end = { .word = 0 };

	if (v != NULL)
		back_end = (struct consent_word){ v->at_ms, v->version, v->word, true, 0 };
	if (p != NULL)
		page = (struct consent_word){ p->at_ms, p->version, p->word, false, 0 };
	if (person[i].stranger[purpose].word != 0 &&
	    person[i].stranger[purpose].at_ms >= page.at_ms)
		page = person[i].stranger[purpose];
	if (asserted != 0)
		page = (struct consent_word){ UINT64_MAX, asserted, FEED_GRANT, false, 0 };
	if (back_end.word == 0)
		return page;
	return page.word > FEED_GRANT && page.at_ms >= back_end.at_ms ? page : back_end;
}

static bool yes(struct consent_word w)
{
	return w.word == FEED_GRANT && w.version >= words.text_version;
}

static bool naive_person(uint32_t p, uint8_t purpose, int device)
{
	bool ok = yes(counts(p, purpose, 0));

	for (uint32_t d = PERSONS; d < PEOPLE; d++)
		if (pair[d][p].image || (int)d == device)
			ok = ok && counts(d, purpose, 0).word <= FEED_GRANT;
	return ok;
}

static bool naive_device(uint32_t d, uint32_t asserted)
{
	bool ok = yes(counts(d, 1, asserted));

	for (uint32_t p = 0; p < PERSONS; p++)
		if (pair[d][p].image)
			ok = ok && yes(counts(p, 1, 0));
	return ok;
}

static void compare_all(void)
{
	for (uint32_t i = 0; i < PEOPLE; i++) {
		uint32_t bits = 0;

		for (uint8_t p = 1; p <= PURPOSES; p++) {
			struct consent_word got = word_of(i, p), want = counts(i, p, 0);

			HOLD((got.word > FEED_GRANT) == (want.word > FEED_GRANT));
			/* of a no that failed, which of two noes is told differs */
			HOLD(person[i].failed ||
			    (got.word == want.word && got.at_ms == want.at_ms &&
				got.version == want.version));
			if (i < PERSONS && naive_person(i, p, -1))
				bits |= 1u << (p - 1);
		}
		if (i < PERSONS) {
			int d = (int)(PERSONS + any(DEVICES));

			HOLD(granted(i) == bits);
			HOLD(enters(d, (int)i, VERSION) == naive_person(i, 1, d));
			HOLD(enters(-1, (int)i, VERSION) == naive_person(i, 1, -1));
		} else {
			uint32_t asserted = any(2) * (VERSION + any(3) - 1);

			HOLD(enters((int)i, -1, asserted) == naive_device(i, asserted));
		}
	}
}

static struct waiting *wait_for(int what)
{
	struct waiting *w = calloc(1, sizeof(*w));

	if (w == NULL)
		abort();
	w->what = what;
	w->listed = n_list;
	*last = w;
	last = &w->next;
	return w;
}

static void add_listed(uint32_t i, uint8_t purpose, const struct consent_word *w, uint64_t said)
{
	if (n_list == sizeof(list) / sizeof(list[0]))
		abort();
	list[n_list++] = (struct listed){ .at_ms = w->at_ms,
		.said_ms = said,
		.who = i,
		.version = w->version,
		.purpose = purpose,
		.word = w->word,
		.verified = w->verified,
		.image = w->word != FEED_GRANT };
	if (w->at_ms > person[i].last_ms)
		person[i].last_ms = w->at_ms;
}

static void do_say(void)
{
	uint32_t i = any(PEOPLE);
	uint8_t purpose = (uint8_t)(1 + any(PURPOSES)), word = (uint8_t)(1 + any(3));
	struct consent_word w = { now, VERSION + any(3) - 1, word, i < PERSONS || any(2) == 0, 0 };
	struct waiting *job = wait_for(SAYS);
	struct consent_word old = counts(i, purpose, 0);

	put_said(&job->say.said, i, purpose, word, w.version, w.verified, now);
	/* the same again now and then */
	job->say.said.said_ms = any(3) == 0 ? now : 7;
	consents_say(c, &job->say);
	if (!w.verified && word == FEED_GRANT)
		return;
	if (!w.verified && !person[i].known) {
		person[i].stranger[purpose] = w;
		return;
	}
	if (!w.verified && old.word > FEED_GRANT && old.at_ms == person[i].last_ms)
		return;
	person[i].known = true;
	if (w.at_ms <= person[i].last_ms)
		w.at_ms = person[i].last_ms + 1;
	add_listed(i, purpose, &w, job->say.said.said_ms);
	job->n_listed = 1;
}

static void do_link(void)
{
	uint32_t d = PERSONS + any(DEVICES), p = any(PERSONS);
	struct waiting *job = wait_for(LINKS);
	bool ends = any(3) == 0;

	job->device = d;
	job->person = p;
	job->gen = pair[d][p].gen = ++gens;
	job->link.device = who(d);
	job->link.person = who(p);
	job->link.link = (struct feed_link){ d + 1, p + 1, now, ends ? now + gens : 0 };
	consents_link(c, &job->link);
	person[d].known = person[p].known = true;
	if (!ends)
		pair[d][p].image = true;
	for (uint8_t k = 1; k <= PURPOSES; k++) {
		if (person[d].stranger[k].word == 0)
			continue;
		add_listed(d, k, &person[d].stranger[k], person[d].stranger[k].at_ms);
		job->n_listed++;
		person[d].stranger[k] = (struct consent_word){ .word = 0 };
	}
}

static void do_erase(void)
{
	uint32_t p = any(PERSONS);
	struct waiting *job = wait_for(ERASES);

	job->person = p;
	job->erase.person = who(p);
	consents_erase(c, &job->erase);
	for (size_t k = 0; k < n_list; k++)
		if (list[k].who == p) {
			list[k].image = false;
			list[k].lost |= !list[k].disk;
		}
	for (uint32_t d = PERSONS; d < PEOPLE; d++)
		pair[d][p].image = false;
}

/* The newest word on disk, if that is what JOB says. */
static const struct listed *same_on_disk(const struct waiting *job)
{
	const struct listed *l = &list[job->listed], *a = newest(l->who, l->purpose, true, true),
			    *b = newest(l->who, l->purpose, false, true);

	if (a == NULL || (b != NULL && b->at_ms > a->at_ms))
		a = b;
	return a != NULL && a->word == l->word && a->version == l->version &&
		a->verified == l->verified && a->said_ms == l->said_ms ?
	    a :
	    NULL;
}

static void now_durable(struct waiting *job)
{
	const struct listed *same = job->what == SAYS && job->n_listed == 1 ? same_on_disk(job) :
									      NULL;

	for (size_t k = job->listed; k < job->listed + job->n_listed; k++) {
		list[k].image = same == NULL && !list[k].lost;
		list[k].disk = same == NULL;
	}
	/* also where an erasure that failed has taken it out of the image */
	if (same != NULL && !list[job->listed].lost)
		list[same - list].image = true;
	if (job->what == LINKS) {
		bool ends = job->link.link.to_ms != 0;

		person[job->device].known_disk = true;
		pair[job->device][job->person].disk = !ends;
		if (ends && pair[job->device][job->person].gen == job->gen)
			pair[job->device][job->person].image = false;
	}
	if (job->what != ERASES)
		return;
	for (size_t k = 0; k < n_list; k++)
		list[k].disk &= list[k].who != job->person;
	for (uint32_t d = PERSONS; d < PEOPLE; d++)
		pair[d][job->person].disk = false;
}

static void run_one(bool fails)
{
	struct waiting *job = first;
	struct store_job *j;
	enum sc_err err;

	if (job == NULL)
		return;
	if ((first = job->next) == NULL)
		last = &first;
	j = job->what == SAYS  ? &job->say.job :
	    job->what == LINKS ? &job->link.job :
				 &job->erase.job;
	j->erase_traces = false; /* the store's own test holds it, and it is slow */
	err = fails ? SC_IO : store_run(store, j);
	HOLD(fails || err == SC_OK);
	if (job->what == SAYS)
		consents_settled(c, &job->say, err);
	else if (job->what == LINKS)
		consents_link_settled(c, &job->link, err);
	if (err == SC_OK)
		now_durable(job);
	for (size_t k = job->listed; k < job->listed + job->n_listed && fails; k++)
		person[list[k].who].failed = true;
	free(job);
}

/* Only what is on disk is there again. */
static void restart(void)
{
	while (first != NULL) {
		struct waiting *job = first;

		first = job->next;
		free(job);
	}
	last = &first;
	stop();
	HOLD(start());
	for (uint32_t i = 0; i < PEOPLE; i++) {
		bool known = person[i].known_disk;

		memset(&person[i], 0, sizeof(person[i]));
		person[i].known = person[i].known_disk = known;
		for (uint32_t p = 0; p < PERSONS; p++)
			pair[i][p].image = pair[i][p].disk;
	}
	for (size_t k = 0; k < n_list; k++) {
		list[k].image = list[k].disk;
		if (!list[k].disk)
			continue;
		person[list[k].who].known = true;
		if (list[k].at_ms > person[list[k].who].last_ms)
			person[list[k].who].last_ms = list[k].at_ms;
	}
}

static uint64_t operations = 20000;

static void test_histories(void)
{
	fresh();
	for (uint64_t n = 0; n < operations && echoes == 0; n++) {
		uint32_t what = any(1000);

		now += any(20);
		if (any(50) == 0)
			now -= any(100);
		if (what < 350)
			do_say();
		else if (what < 450)
			do_link();
		else if (what < 465)
			do_erase();
		else if (what < 468)
			words.text_version = VERSION - 1 + any(3);
		else if (what < 475)
			restart();
		else
			run_one(any(40) == 0);
		if (n % 8 == 0)
			compare_all();
	}
	while (first != NULL)
		run_one(false);
	restart();
	compare_all();
	CHECK(echoes == 0);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		seed = strtoull(argv[1], NULL, 10);
	if (argc > 2)
		operations = strtoull(argv[2], NULL, 10);
	snprintf(dir, sizeof(dir), "/tmp/consents.XXXXXX");
	if (mkdtemp(dir) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/collect.db", dir);
	snprintf(url, sizeof(url), "sqlite:%s", path);
	RUN(test_unknown_is_no, "unknown is no, of each purpose by itself");
	RUN(test_new_text, "where a newer text is asked, a grant to an older one is unknown");
	RUN(test_page, "a page's grant is believed for its device's event alone, and never kept");
	RUN(test_links, "a no of whoever is linked counts, for as long as they are linked");
	RUN(test_crowd, "all that is linked is asked, up to a number beyond which nothing enters");
	RUN(test_stranger_linked, "a device's no is for good once it is somebody's");
	RUN(test_flood, "noes of made-up devices, and of known ones again, cost nothing more");
	RUN(test_time, "no word is older than the one before it");
	RUN(test_same, "what is said again is one word, and what differs is another");
	RUN(test_not_durable, "a grant counts when it is durable, a no at once");
	RUN(test_overtaken, "a no that overtakes a grant on its way is the later one");
	RUN(test_erase, "who is erased has said nothing, and that something was said stays");
	RUN(test_damage, "what is no row of ours is not served from");
	RUN(test_others, "other tenants and purposes of once are let alone");
	RUN(test_histories, "random histories answer as a plain list does");
	stop();
	unlink(path);
	rmdir(dir);
	return tap_done();
}
