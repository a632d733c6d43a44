/*
 * test_phone_book_calls.c - who is reached by a call, and what calls and clocks do to
 * a slot, one by one, at the exact edges.
 */
#include "phone_stage.h"
#include "tap.h"

static struct phone_stage t;

/* ---- calls ---------------------------------------------------------------------------------- */

static void test_callback(void)
{
	struct book_wanted w;
	uint32_t at, other, ext;

	stage_init(&t);
	stage_pool(&t, PHONE_AXE, 4, 1);
	stage_open(&t);
	w = stage_want(&t, 0, 1, 7, 0);
	w.a_party = 0; /* not known before somebody is put through */
	at = stage_bind(&t, &w);
	ext = stage_view(&t, at).ext;
	CHECK(stage_answer(&t, 0, PHONE_NO_EXT, 7) == PHONE_COLLECT);
	NEED(book_connected(t.book, at, &t.now, stage_party(20), stage_token(20), stage_party(7)) ==
	    SC_OK);
	book_call_ended(t.book, at, &t.now);
	CHECK(stage_view(&t, at).a_party == stage_party(7));
	CHECK(stage_reaches(stage_call(&t, 0, PHONE_NO_EXT, 7), 20));
	CHECK(
	    stage_call(&t, 0, PHONE_NO_EXT, 7).callback && stage_call(&t, 0, PHONE_NO_EXT, 7).to_b);
	CHECK(stage_answer(&t, 0, PHONE_NO_EXT, 20) == PHONE_COLLECT);
	/* a second binding of the same person: the later call counts */
	w = stage_want(&t, 0, 2, 7, 0);
	other = stage_bind(&t, &w);
	stage_pass(&t, 60);
	stage_connect(&t, other, 21);
	CHECK(stage_call(&t, 0, PHONE_NO_EXT, 7).at == other);
	stage_pass(&t, 60);
	stage_connect(&t, at, 22);
	CHECK(stage_reaches(stage_call(&t, 0, PHONE_NO_EXT, 7), 22));
	/* A's own call is not one to call back; nor does it tell who A is */
	NEED(book_connected(t.book, at, &t.now, stage_party(7), stage_token(7), stage_party(22)) ==
	    SC_OK);
	CHECK(stage_reaches(stage_call(&t, 0, PHONE_NO_EXT, 7), 22));
	CHECK(stage_view(&t, at).a_party == stage_party(7));
	/* to the second */
	stage_pass(&t, t.pools[0].callback_s - 1);
	CHECK(stage_reaches(stage_call(&t, 0, PHONE_NO_EXT, 7), 22));
	stage_pass(&t, 1);
	CHECK(stage_answer(&t, 0, PHONE_NO_EXT, 7) == PHONE_COLLECT);
	CHECK(stage_reaches(stage_call(&t, 0, ext, 20), 7));
	stage_close(&t);
}

static void test_callback_ends(void)
{
	struct book_wanted w;
	struct book_change c = { .ways = true, .directions = PHONE_TO_A, .channels = 3 };
	uint32_t at;
	bool done;

	stage_init(&t);
	stage_pool(&t, PHONE_AXE, 4, 1);
	stage_open(&t);
	w = stage_want(&t, 0, 1, 7, 0);
	at = stage_bind(&t, &w);
	stage_connect(&t, at, 20);
	NEED(book_change(t.book, &t.now, at, 0, &c, &done) == SC_OK && done);
	CHECK(stage_answer(&t, 0, PHONE_NO_EXT, 7) == PHONE_ONE_WAY);
	c.directions = 3;
	NEED(book_change(t.book, &t.now, at, 0, &c, &done) == SC_OK && done);
	/* the number of A changes: the new one calls back, the old one does not */
	c = (struct book_change){ .parties = true, .a = stage_token(8), .a_party = stage_party(8) };
	NEED(book_change(t.book, &t.now, at, 0, &c, &done) == SC_OK && done);
	CHECK(stage_answer(&t, 0, PHONE_NO_EXT, 7) == PHONE_COLLECT);
	CHECK(stage_reaches(stage_call(&t, 0, PHONE_NO_EXT, 8), 20));
	CHECK(book_end(t.book, &t.now, at, NULL, true));
	CHECK(stage_answer(&t, 0, PHONE_NO_EXT, 8) == PHONE_COLLECT);
	stage_close(&t);
}

static void test_ways(void)
{
	struct book_call c = { 0, 0, stage_party(20), PHONE_VOICE };
	struct book_wanted w;
	struct book_way way;
	uint32_t at;

	stage_init(&t);
	stage_pool(&t, PHONE_AXE, 4, 1);
	stage_pool(&t, PHONE_AXB, 0, 1);
	t.pools[0].sms = false;
	stage_open(&t);
	w = stage_want(&t, 0, 1, 7, 0);
	at = stage_bind(&t, &w);
	c.ext = stage_view(&t, at).ext;
	c.channel = PHONE_SMS;
	book_route(t.book, &t.now, &c, &way);
	CHECK(way.answer == PHONE_NOBODY && way.at == BOOK_NONE); /* a stranger learns nothing */
	stage_connect(&t, at, 20);
	book_route(t.book, &t.now, &c, &way);
	CHECK(way.answer == PHONE_ONE_WAY && way.at == at && way.to.n == 0);
	c.channel = PHONE_VOICE;
	book_route(t.book, &t.now, &c, &way);
	CHECK(way.answer == PHONE_CONNECT);
	c.channel = PHONE_VOICE | PHONE_SMS; /* no channel there is */
	book_route(t.book, &t.now, &c, &way);
	CHECK(way.answer != PHONE_CONNECT);
	w = stage_want(&t, 1, 1, 8, 9);
	w.directions = PHONE_TO_B;
	stage_bind(&t, &w);
	CHECK(stage_answer(&t, 1, PHONE_NO_EXT, 8) == PHONE_CONNECT);
	CHECK(stage_answer(&t, 1, PHONE_NO_EXT, 9) == PHONE_ONE_WAY);
	stage_close(&t);
}

static void connect(uint32_t at, uint32_t caller)
{
	CHECK(book_connected(t.book, at, &t.now, stage_party(caller), stage_token(caller), 0) ==
	    SC_OK);
}

static enum phone_answer text_answer(uint32_t ext, uint32_t caller)
{
	struct book_call c = { .ext = ext, .caller = stage_party(caller), .channel = PHONE_SMS };
	struct book_way way;

	book_route(t.book, &t.now, &c, &way);
	return way.answer;
}

static void test_busy(void)
{
	struct book_wanted w;
	uint32_t at, ext;

	stage_init(&t);
	stage_pool(&t, PHONE_AXE, 4, 1);
	t.pools[0].max_parallel = 2;
	t.pools[0].max_calls_day = 4;
	stage_open(&t);
	w = stage_want(&t, 0, 1, 7, 0);
	w.expires_at += 9 * STAGE_DAY;
	at = stage_bind(&t, &w);
	ext = stage_view(&t, at).ext;
	connect(at, 20);
	CHECK(stage_answer(&t, 0, ext, 21) == PHONE_CONNECT);
	connect(at, 21);
	CHECK(stage_answer(&t, 0, ext, 22) == PHONE_BUSY);
	CHECK(stage_call(&t, 0, ext, 22).to.n == 0);
	CHECK(stage_answer(&t, 0, PHONE_NO_EXT, 7) == PHONE_BUSY); /* back as well */
	CHECK(text_answer(ext, 22) == PHONE_CONNECT);              /* a text waits for no call */
	book_call_ended(t.book, at, &t.now);
	CHECK(stage_answer(&t, 0, ext, 22) == PHONE_CONNECT);
	connect(at, 22);
	/* the ends of these two are never told */
	stage_pass(&t, 1800 + 299);
	CHECK(stage_answer(&t, 0, ext, 23) == PHONE_BUSY);
	stage_pass(&t, 1);
	CHECK(stage_answer(&t, 0, ext, 23) == PHONE_CONNECT);
	connect(at, 23);
	book_call_ended(t.book, at, &t.now);
	CHECK(stage_answer(&t, 0, ext, 24) == PHONE_BUSY); /* four in a day */
	CHECK(text_answer(ext, 24) == PHONE_BUSY);
	stage_pass(&t, STAGE_DAY - 2101);
	CHECK(stage_answer(&t, 0, ext, 24) == PHONE_BUSY);
	stage_pass(&t, 1);
	CHECK(stage_answer(&t, 0, ext, 24) == PHONE_CONNECT);
	stage_close(&t);
}

static void test_callers(void)
{
	struct book_wanted w;
	uint32_t at;

	stage_init(&t);
	stage_pool(&t, PHONE_AXE, 4, 2);
	stage_open(&t);
	w = stage_want(&t, 0, 1, 7, 0);
	w.line = 0;
	at = stage_bind(&t, &w);
	for (uint32_t i = 20; i < 24; i++)
		stage_connect(&t, at, i);
	stage_connect(&t, at, 20); /* again: 21 is now who called longest ago */
	stage_connect(&t, at, 24);
	CHECK(!book_knows(t.book, 0, stage_party(21)));
	CHECK(book_knows(t.book, 0, stage_party(20)) && book_knows(t.book, 0, stage_party(22)));
	CHECK(book_knows(t.book, 0, stage_party(23)) && book_knows(t.book, 0, stage_party(24)));
	CHECK(!book_knows(t.book, 1, stage_party(20)));
	CHECK(stage_reaches(stage_call(&t, 0, PHONE_NO_EXT, 7), 24));
	stage_close(&t);
}

/* One courier, every parcel of an X: out of the tables in an order that nobody chose. */
static void test_courier(void)
{
	enum { PARCELS = 700 };
	uint32_t at[PARCELS];
	struct book_wanted w;

	stage_init(&t);
	stage_pool(&t, PHONE_AXE, 4, 1);
	stage_open(&t);
	for (uint32_t i = 0; i < PARCELS; i++) {
		w = stage_want(&t, 0, i, 7, 0);
		w.expires_at += i * 7919 % PARCELS * 600;
		at[i] = stage_bind(&t, &w);
		stage_connect(&t, at[i], 20);
		if (i % 50 == 0)
			stage_connect(&t, at[i], 21);
	}
	for (uint32_t left = PARCELS; left > 0;) {
		CHECK(book_knows(t.book, 0, stage_party(20)));
		CHECK(stage_reaches(stage_call(&t, 0, stage_view(&t, at[0]).ext, 20), 7) ||
		    stage_view(&t, at[0]).state != BOOK_LIVE);
		stage_pass(&t, 3600);
		left -= (uint32_t)stage_sweep(&t, true).released;
	}
	CHECK(!book_knows(t.book, 0, stage_party(20)) && !book_knows(t.book, 0, stage_party(21)));
	CHECK(book_count(t.book) == 0);
	stage_close(&t);
}

/* A number's owner is called back by what the caller's last call told, wherever that was. */
static void test_known_token(void)
{
	struct book_wanted w;
	uint32_t first, second;

	stage_init(&t);
	stage_pool(&t, PHONE_AXE, 4, 2);
	stage_open(&t);
	w = stage_want(&t, 0, 1, 7, 0);
	w.line = 0;
	first = stage_bind(&t, &w);
	w = stage_want(&t, 0, 2, 8, 0);
	w.line = 1;
	second = stage_bind(&t, &w);
	stage_connect(&t, first, 20);
	/* the same caller, sealed once more */
	CHECK(
	    book_connected(t.book, second, &t.now, stage_party(20), stage_token(1020), 0) == SC_OK);
	CHECK(stage_reaches(stage_call(&t, 0, PHONE_NO_EXT, 7), 1020));
	CHECK(stage_reaches(stage_call(&t, 1, PHONE_NO_EXT, 8), 1020));
	stage_close(&t);
}

/* ---- time ------------------------------------------------------------------------------------- */

static void test_cooldown(void)
{
	struct book_wanted w;
	uint32_t at;

	stage_init(&t);
	stage_pool(&t, PHONE_AXE, 4, 1);
	stage_open(&t);
	w = stage_want(&t, 0, 1, 7, 0);
	at = stage_bind(&t, &w);
	CHECK(book_cools_until(t.book, at) == w.expires_at + 2 * STAGE_DAY);
	/* a call that began before the end, and whose end is told after it */
	stage_pass(&t, STAGE_DAY - 10);
	connect(at, 20);
	CHECK(book_end(t.book, &t.now, at, NULL, true));
	CHECK(book_cools_until(t.book, at) == t.now.wall + 2100 + 2 * STAGE_DAY);
	stage_pass(&t, 600);
	book_call_ended(t.book, at, &t.now);
	CHECK(book_cools_until(t.book, at) == t.now.wall + 2 * STAGE_DAY);
	stage_pass(&t, 2 * STAGE_DAY - 1);
	CHECK(stage_sweep(&t, false).released == 0);
	stage_pass(&t, 1);
	CHECK(stage_sweep(&t, false).released == 1);
	/* the row could not be removed: it is swept again; when it is gone, the slot is free */
	CHECK(stage_view(&t, at).state == BOOK_RELEASING && book_count(t.book) == 1);
	CHECK(book_of_order(t.book, w.order, 0) == BOOK_NONE);
	CHECK(stage_sweep(&t, false).released == 0);
	book_keep(t.book, at);
	CHECK(stage_view(&t, at).state == BOOK_COOLING);
	CHECK(stage_sweep(&t, false).released == 1);
	book_release(t.book, at);
	CHECK(book_count(t.book) == 0);
	book_release(t.book, at);
	book_keep(t.book, at);
	CHECK(book_count(t.book) == 0);
	stage_close(&t);
}

/* While somebody talks, a slot is not given back even to the same person. */
static void test_talking(void)
{
	struct book_wanted w;
	uint32_t at, other;

	stage_init(&t);
	stage_pool(&t, PHONE_AXE, 4, 1);
	stage_open(&t);
	w = stage_want(&t, 0, 1, 7, 0);
	at = stage_bind(&t, &w);
	connect(at, 20);
	CHECK(book_end(t.book, &t.now, at, NULL, true));
	w = stage_want(&t, 0, 2, 7, 0);
	CHECK(stage_how(&t, &w, &other) == BOOK_NEW);
	book_call_ended(t.book, at, &t.now);
	w = stage_want(&t, 0, 3, 7, 0);
	CHECK(stage_how(&t, &w, &other) == BOOK_AGAIN);
	stage_close(&t);
}

static void test_clocks(void)
{
	struct book_wanted w;
	struct book_change c = { .expiry = true };
	uint32_t at, ext;
	bool done;

	stage_init(&t);
	stage_pool(&t, PHONE_AXE, 4, 1);
	stage_open(&t);
	w = stage_want(&t, 0, 1, 7, 0);
	at = stage_bind(&t, &w);
	ext = stage_view(&t, at).ext;
	/* set forward: closed, but nothing is released */
	t.now.wall += 30 * STAGE_DAY;
	CHECK(stage_answer(&t, 0, ext, 9) == PHONE_NOBODY);
	CHECK(stage_sweep(&t, true).expired == 1 && stage_sweep(&t, true).released == 0);
	/* and back: what was closed stays so */
	t.now.wall -= 30 * STAGE_DAY;
	CHECK(stage_answer(&t, 0, ext, 9) == PHONE_NOBODY);
	/* far back: the cooldown is no longer, and no shorter, than both clocks say */
	t.now.wall -= 30 * STAGE_DAY;
	t.now.steady += 3 * STAGE_DAY;
	CHECK(stage_sweep(&t, true).released == 0);
	t.now.wall += 33 * STAGE_DAY - 1;
	CHECK(stage_sweep(&t, true).released == 0);
	t.now.wall += 1;
	CHECK(stage_sweep(&t, true).released == 1);
	/* set back before anything was swept: expired all the same */
	w = stage_want(&t, 0, 1, 7, 0);
	at = stage_bind(&t, &w);
	ext = stage_view(&t, at).ext;
	t.now.steady += STAGE_DAY;
	t.now.wall -= STAGE_DAY;
	CHECK(stage_answer(&t, 0, ext, 9) == PHONE_NOBODY);
	/* an end while the clock is behind counts from when it really was */
	w = stage_want(&t, 0, 2, 8, 0);
	w.expires_at += 9 * STAGE_DAY;
	at = stage_bind(&t, &w);
	c.expires_at = t.now.wall + 60; /* has passed by the other clock */
	NEED(book_change(t.book, &t.now, at, 0, &c, &done) == SC_OK && done);
	CHECK(stage_view(&t, at).expires_at == t.now.steady);
	CHECK(book_cools_until(t.book, at) == t.now.steady + 2 * STAGE_DAY);
	stage_close(&t);
}

int main(void)
{
	RUN(test_callback, "a person who calls X reaches the last caller, for a while");
	RUN(test_callback_ends, "and only while the binding lets them");
	RUN(test_ways, "a closed way is told to parties only");
	RUN(test_busy, "calls at a time and in a day are counted");
	RUN(test_callers, "the last four callers are remembered");
	RUN(test_courier, "a courier of hundreds of parcels is known until the last is forgotten");
	RUN(test_known_token, "who called is called back by the token that was told last");
	RUN(test_cooldown, "a slot cools down from the last thing that happened");
	RUN(test_talking, "a slot is not taken back while somebody talks");
	RUN(test_clocks, "no clock that is set revives a binding or shortens a cooldown");
	return tap_done();
}
