/*
 * test_phone_book.c - what the book promises, one by one, at the exact edges;
 * what calls do to it is in test_phone_book_calls.c.
 */
#include "phone_stage.h"
#include "tap.h"

static struct phone_stage t;

/* ---- AXE ---------------------------------------------------------------------------------- */

static void test_axe(void)
{
	struct book_wanted w;
	struct phone_binding v;
	uint32_t at;

	stage_init(&t);
	stage_pool(&t, PHONE_AXE, 4, 1);
	stage_open(&t);
	w = stage_want(&t, 0, 1, 7, 0);
	CHECK(stage_how(&t, &w, &at) == BOOK_NEW);
	v = stage_view(&t, at);
	CHECK(v.state == BOOK_PENDING && v.version == 1 && v.refs == 1 && v.line == 0);
	CHECK(stage_answer(&t, 0, v.ext, 9) == PHONE_NOBODY); /* not durable yet */
	book_confirm(t.book, at);
	CHECK(stage_view(&t, at).state == BOOK_LIVE);
	CHECK(stage_reaches(stage_call(&t, 0, v.ext, 9), 7));
	CHECK(stage_call(&t, 0, v.ext, 9).at == at);
	CHECK(stage_reaches(stage_call(&t, 0, v.ext, 0), 7));
	CHECK(stage_answer(&t, 0, (v.ext + 1) % 10000, 9) == PHONE_NOBODY);
	CHECK(stage_answer(&t, 0, PHONE_NO_EXT, 9) == PHONE_COLLECT);
	CHECK(stage_answer(&t, 0, 0xfffff, 9) == PHONE_NOBODY);
	CHECK(stage_answer(&t, 1, v.ext, 9) == PHONE_NOBODY);
	CHECK(stage_answer(&t, PHONE_NO_LINE, v.ext, 9) == PHONE_NOBODY);
	CHECK(book_find(t.book, w.id) == at);
	CHECK(book_of_order(t.book, w.order, 0) == at);
	CHECK(book_of_order(t.book, w.order, 1) == BOOK_NONE);
	CHECK(book_line(t.book, sc_span_str("+441632960000")) == 0);
	CHECK(book_line(t.book, sc_span_str("+44163296000")) == PHONE_NO_LINE);
	stage_close(&t);
}

static void test_expiry(void)
{
	uint32_t at, ext;
	struct book_wanted w;

	stage_init(&t);
	stage_pool(&t, PHONE_AXE, 4, 1);
	stage_open(&t);
	w = stage_want(&t, 0, 1, 7, 0);
	at = stage_bind(&t, &w);
	ext = stage_view(&t, at).ext;
	stage_connect(&t, at, 9);
	stage_pass(&t, STAGE_DAY - 1);
	CHECK(stage_sweep(&t, true).expired == 0);
	CHECK(stage_answer(&t, 0, ext, 8) == PHONE_CONNECT);
	stage_pass(&t, 1);
	CHECK(stage_answer(&t, 0, ext, 8) == PHONE_NOBODY);
	CHECK(stage_answer(&t, 0, ext, 9) == PHONE_LATE);
	CHECK(stage_answer(&t, 0, ext, 7) == PHONE_LATE); /* whoever was called is a party */
	CHECK(stage_view(&t, at).state == BOOK_LIVE);
	CHECK(stage_sweep(&t, true).expired == 1);
	CHECK(stage_sweep(&t, true).expired == 0);
	CHECK(stage_view(&t, at).state == BOOK_COOLING);
	CHECK(book_knows(t.book, 0, stage_party(9)) && !book_knows(t.book, 0, stage_party(8)));
	CHECK(!book_knows(t.book, 0, 0));
	stage_pass(&t, 2 * STAGE_DAY - 1);
	CHECK(stage_sweep(&t, true).released == 0);
	CHECK(stage_answer(&t, 0, ext, 9) == PHONE_LATE);
	stage_pass(&t, 1);
	CHECK(stage_sweep(&t, true).released == 1);
	CHECK(stage_answer(&t, 0, ext, 9) == PHONE_NOBODY);
	CHECK(book_find(t.book, w.id) == BOOK_NONE && book_count(t.book) == 0);
	CHECK(!book_knows(t.book, 0, stage_party(9)));
	stage_close(&t);
}

static void test_pending(void)
{
	struct book_wanted w;
	struct phone_binding v;
	uint8_t id[PHONE_ID_BYTES];
	uint32_t at, again;

	stage_init(&t);
	stage_pool(&t, PHONE_AXE, 4, 1);
	stage_open(&t);
	w = stage_want(&t, 0, 1, 7, 0);
	NEED(stage_how(&t, &w, &at) == BOOK_NEW);
	CHECK(!book_was(t.book, at, id));
	book_abandon(t.book, at, BOOK_NEW, w.order);
	CHECK(book_count(t.book) == 0 && book_find(t.book, w.id) == BOOK_NONE);
	/* one that was ended before it was durable cools down when it is */
	NEED(stage_how(&t, &w, &at) == BOOK_NEW);
	CHECK(book_end(t.book, &t.now, at, w.order, false));
	CHECK(!book_end(t.book, &t.now, at, w.order, false));
	book_confirm(t.book, at);
	v = stage_view(&t, at);
	CHECK(v.state == BOOK_COOLING && v.ended_at == t.now.wall && v.version == 2);
	CHECK(stage_answer(&t, 0, v.ext, 9) == PHONE_NOBODY);
	/* taken back by the same person, which fails, and then does not */
	w = stage_want(&t, 0, 2, 7, 0);
	NEED(stage_how(&t, &w, &again) == BOOK_AGAIN);
	CHECK(book_was(t.book, again, id) && memcmp(id, v.id, sizeof(id)) == 0);
	CHECK(stage_view(&t, again).ext == v.ext && stage_view(&t, at).state == BOOK_COOLING);
	CHECK(stage_answer(&t, 0, v.ext, 9) == PHONE_NOBODY);
	stage_pass(&t, 9 * STAGE_DAY); /* it is not released meanwhile */
	CHECK(stage_sweep(&t, true).released == 0);
	book_abandon(t.book, again, BOOK_AGAIN, w.order);
	CHECK(book_find(t.book, v.id) == at && stage_view(&t, at).state == BOOK_COOLING);
	w = stage_want(&t, 0, 2, 7, 0);
	NEED(stage_how(&t, &w, &again) == BOOK_AGAIN);
	book_confirm(t.book, again);
	CHECK(book_find(t.book, v.id) == BOOK_NONE && book_count(t.book) == 1);
	CHECK(stage_reaches(stage_call(&t, 0, v.ext, 9), 7));
	/* others do not get it */
	CHECK(book_end(t.book, &t.now, again, NULL, true));
	w = stage_want(&t, 0, 2, 8, 0);
	CHECK(stage_how(&t, &w, &at) == BOOK_NEW && stage_view(&t, at).ext != v.ext);
	stage_close(&t);
}

static void test_same(void)
{
	struct book_wanted w;
	uint32_t at, other;

	stage_init(&t);
	stage_pool(&t, PHONE_AXE, 4, 1);
	stage_pool(&t, PHONE_AXE, 4, 1);
	stage_pool(&t, PHONE_AXE, 4, 1);
	t.pools[0].next = 1;
	stage_open(&t);
	w = stage_want(&t, 1, 1, 7, 0);
	NEED(stage_how(&t, &w, &at) == BOOK_NEW);
	w = stage_want(&t, 1, 1, 7, 0);
	CHECK(stage_how(&t, &w, &other) == BOOK_SAME && other == at); /* still PENDING */
	book_confirm(t.book, at);
	w = stage_want(&t, 0, 1, 7, 0); /* the ladder came to pool 1 before */
	CHECK(stage_how(&t, &w, &other) == BOOK_SAME && other == at);
	w = stage_want(&t, 0, 1, 8, 0);
	w.a_party = stage_party(7); /* sealed otherwise, but the same number */
	CHECK(stage_how(&t, &w, &other) == BOOK_SAME && other == at);
	w = stage_want(&t, 0, 1, 8, 0);
	CHECK(stage_how(&t, &w, &other) == BOOK_NEW); /* another person of that order */
	w = stage_want(&t, 0, 2, 7, 0);
	CHECK(stage_how(&t, &w, &other) == BOOK_NEW); /* another order of that person */
	w = stage_want(&t, 2, 1, 7, 0);
	CHECK(stage_how(&t, &w, &other) == BOOK_NEW); /* a pool that the ladder does not reach */
	CHECK(book_of_order(t.book, w.order, 2) != BOOK_NONE);
	CHECK(book_of_order(t.book, w.order, 3) == BOOK_NONE);
	stage_pass(&t, STAGE_DAY); /* it has expired, though nothing was swept */
	w = stage_want(&t, 1, 1, 7, 0);
	CHECK(stage_how(&t, &w, &other) == BOOK_NEW && other != at);
	stage_close(&t);
}

static void test_named(void)
{
	struct book_wanted w;
	struct sc_name north = { "N" }, east = { "E" };
	uint32_t at;

	stage_init(&t);
	stage_pool(&t, PHONE_AXE, 4, 4);
	t.lines[1].state = PHONE_LINE_DRAINING;
	t.lines[2].state = PHONE_LINE_SUSPENDED;
	t.lines[3].region = north;
	stage_pool(&t, PHONE_AXE, 4, 1);
	stage_open(&t);
	w = stage_want(&t, 0, 1, 7, 0);
	w.line = 3;
	w.ext = 4711;
	CHECK(stage_how(&t, &w, &at) == BOOK_NEW && stage_view(&t, at).line == 3 &&
	    stage_view(&t, at).ext == 4711);
	w = stage_want(&t, 0, 2, 8, 0);
	w.line = 3;
	w.ext = 4711;
	CHECK(stage_how(&t, &w, &at) == BOOK_EXT_TAKEN && at == BOOK_NONE);
	w.line = PHONE_NO_LINE; /* any X where it is free */
	CHECK(stage_how(&t, &w, &at) == BOOK_NEW && stage_view(&t, at).line == 0);
	w = stage_want(&t, 0, 3, 9, 0);
	w.ext = 4711;
	CHECK(stage_how(&t, &w, &at) == BOOK_EXT_TAKEN);
	w.ext = 1234;
	CHECK(stage_how(&t, &w, &at) == BOOK_EXT_TAKEN);
	w.ext = 10000;
	CHECK(stage_how(&t, &w, &at) == BOOK_EXT_TAKEN);
	w.ext = PHONE_NO_EXT;
	for (w.line = 1; w.line <= 5; w.line++)
		if (w.line != 3)
			CHECK(stage_how(&t, &w, &at) == BOOK_EXHAUSTED);
	w.line = PHONE_NO_LINE;
	w.region = &east;
	CHECK(stage_how(&t, &w, &at) == BOOK_EXHAUSTED);
	t.pools[0].loose = true;
	CHECK(stage_how(&t, &w, &at) == BOOK_NEW);
	for (uint32_t i = 0; i < 50; i++) {
		w = stage_want(&t, 0, 10 + i, 10 + i, 0);
		w.region = &north;
		CHECK(stage_how(&t, &w, &at) == BOOK_NEW && stage_view(&t, at).line == 3);
	}
	stage_close(&t);
}

static void test_states_of_lines(void)
{
	struct book_wanted w;
	struct book_stats stats;
	uint32_t at[3];

	stage_init(&t);
	stage_pool(&t, PHONE_AXE, 4, 3);
	stage_open(&t);
	for (uint32_t i = 0; i < 3; i++) {
		w = stage_want(&t, 0, i + 1, 7 + i, 0);
		w.line = i;
		w.ext = 4711;
		at[i] = stage_bind(&t, &w);
	}
	stage_close(&t);
	t.lines[1].state = PHONE_LINE_DRAINING;
	t.lines[2].state = PHONE_LINE_SUSPENDED;
	stage_open(&t);
	for (uint32_t i = 0; i < 3; i++) {
		struct phone_binding row = { .mode = PHONE_AXE,
			.line = i,
			.ext = 4711,
			.a = stage_token(7 + i),
			.directions = 3,
			.channels = 3,
			.made_at = t.now.wall,
			.expires_at = t.now.wall + 60,
			.version = 4 };

		row.id[0] = (uint8_t)(i + 1);
		CHECK(book_load(t.book, &row, w.order) == SC_OK);
		at[i] = book_find(t.book, row.id);
		CHECK(stage_view(&t, at[i]).version == 4);
	}
	CHECK(stage_answer(&t, 0, 4711, 1) == PHONE_CONNECT);
	CHECK(stage_answer(&t, 1, 4711, 1) == PHONE_CONNECT);
	CHECK(stage_answer(&t, 2, 4711, 1) == PHONE_NOBODY);
	book_pool_stats(t.book, &t.now, 0, &stats);
	CHECK(stats.total == 9976 && stats.free == 9975 && stats.live == 3 && stats.cooling == 0);
	book_line_stats(t.book, 1, &stats);
	CHECK(stats.total == 0 && stats.free == 0 && stats.live == 1);
	/* who cools down where nothing new is bound does not come back there */
	CHECK(book_end(t.book, &t.now, at[1], NULL, true));
	w = stage_want(&t, 0, 9, 8, 0);
	CHECK(stage_how(&t, &w, &at[1]) == BOOK_NEW && stage_view(&t, at[1]).line == 0);
	stage_close(&t);
}

/* ---- pairs and X alone ------------------------------------------------------------------- */

static void test_axb(void)
{
	struct book_wanted w;
	uint32_t at, other;
	uint8_t order2[16];

	stage_init(&t);
	stage_pool(&t, PHONE_AXB, 0, 2);
	stage_open(&t);
	w = stage_want(&t, 0, 1, 7, 8);
	w.line = 0;
	at = stage_bind(&t, &w);
	CHECK(stage_reaches(stage_call(&t, 0, PHONE_NO_EXT, 7), 8));
	CHECK(stage_call(&t, 0, PHONE_NO_EXT, 7).to_b);
	CHECK(stage_reaches(stage_call(&t, 0, PHONE_NO_EXT, 8), 7));
	CHECK(!stage_call(&t, 0, PHONE_NO_EXT, 8).to_b);
	CHECK(stage_answer(&t, 0, PHONE_NO_EXT, 9) == PHONE_NOBODY);
	CHECK(stage_answer(&t, 0, PHONE_NO_EXT, 0) == PHONE_NOBODY);
	CHECK(stage_answer(&t, 1, PHONE_NO_EXT, 7) == PHONE_NOBODY);
	/* each leads to one at one X */
	w = stage_want(&t, 0, 2, 7, 9);
	w.line = 0;
	CHECK(stage_how(&t, &w, &other) == BOOK_CONFLICT);
	w = stage_want(&t, 0, 2, 9, 8);
	w.line = 0;
	CHECK(stage_how(&t, &w, &other) == BOOK_CONFLICT);
	w = stage_want(&t, 0, 2, 9, 7); /* on either side */
	w.line = PHONE_NO_LINE;
	CHECK(stage_how(&t, &w, &other) == BOOK_NEW && stage_view(&t, other).line == 1);
	book_abandon(t.book, other, BOOK_NEW, w.order);
	w = stage_want(&t, 0, 2, 9, 9);
	CHECK(stage_how(&t, &w, &other) == BOOK_CONFLICT);
	/* two others fit */
	w = stage_want(&t, 0, 2, 5, 6);
	w.line = 0;
	CHECK(stage_how(&t, &w, &other) == BOOK_NEW);
	/* the same two again */
	w = stage_want(&t, 0, 3, 7, 8);
	CHECK(stage_how(&t, &w, &other) == BOOK_SHARED && other == at);
	CHECK(stage_view(&t, at).refs == 2 && book_of_order(t.book, w.order, 0) == at);
	memcpy(order2, w.order, sizeof(order2));
	stage_order(1, w.order);
	CHECK(!book_end(t.book, &t.now, at, w.order, false));
	CHECK(!book_end(t.book, &t.now, at, w.order, false)); /* it is no order of it any more */
	CHECK(book_of_order(t.book, w.order, 0) == BOOK_NONE);
	CHECK(stage_view(&t, at).refs == 1 && stage_view(&t, at).state == BOOK_LIVE);
	stage_connect(&t, at, 7);
	CHECK(book_end(t.book, &t.now, at, order2, false));
	CHECK(stage_answer(&t, 0, PHONE_NO_EXT, 7) == PHONE_LATE);
	CHECK(stage_answer(&t, 0, PHONE_NO_EXT, 8) == PHONE_LATE); /* was called by it */
	CHECK(stage_answer(&t, 0, PHONE_NO_EXT, 9) == PHONE_NOBODY);
	CHECK(book_of_order(t.book, order2, 0) == at);
	stage_close(&t);
}

/* The write of one of two orders that wait for one pair fails, whichever it is. */
static void test_shared_abandoned(void)
{
	struct book_wanted w, other;
	uint32_t at, same;

	stage_init(&t);
	stage_pool(&t, PHONE_AXB, 0, 1);
	stage_open(&t);
	w = stage_want(&t, 0, 1, 7, 8);
	other = stage_want(&t, 0, 2, 7, 8);
	NEED(stage_how(&t, &w, &at) == BOOK_NEW && stage_how(&t, &other, &same) == BOOK_SHARED);
	book_abandon(t.book, at, BOOK_NEW, w.order);
	CHECK(stage_view(&t, at).state == BOOK_PENDING && stage_view(&t, at).refs == 1);
	CHECK(book_of_order(t.book, w.order, 0) == BOOK_NONE);
	CHECK(stage_answer(&t, 0, PHONE_NO_EXT, 7) == PHONE_NOBODY);
	book_abandon(t.book, at, BOOK_SHARED, other.order);
	CHECK(book_count(t.book) == 0);
	book_abandon(t.book, at, BOOK_SHARED, other.order); /* nothing is there any more */
	w = stage_want(&t, 0, 1, 7, 8);
	other = stage_want(&t, 0, 2, 7, 8);
	at = stage_bind(&t, &w);
	NEED(stage_how(&t, &other, &same) == BOOK_SHARED);
	CHECK(!book_end(t.book, &t.now, at, w.order, false));
	book_abandon(t.book, at, BOOK_SHARED, other.order); /* and nobody rests on it */
	CHECK(stage_view(&t, at).state == BOOK_COOLING);
	stage_close(&t);
}

static void test_pairs_full(void)
{
	struct book_wanted w;
	uint32_t at;

	stage_init(&t);
	stage_pool(&t, PHONE_AXB, 0, 8);
	stage_open(&t);
	for (uint32_t i = 0; i < 8; i++) {
		w = stage_want(&t, 0, 1 + i, 7, 10 + i);
		CHECK(stage_how(&t, &w, &at) == BOOK_NEW);
	}
	w = stage_want(&t, 0, 20, 7, 30);
	CHECK(stage_how(&t, &w, &at) == BOOK_EXHAUSTED);
	w = stage_want(&t, 0, 20, 30, 10); /* 10 is at one X only */
	CHECK(stage_how(&t, &w, &at) == BOOK_NEW);
	stage_close(&t);
}

static void test_axn(void)
{
	struct book_wanted w;
	struct book_stats stats;
	uint32_t at, line;

	stage_init(&t);
	stage_pool(&t, PHONE_AXN, 0, 3);
	stage_open(&t);
	for (uint32_t i = 0; i < 3; i++) {
		w = stage_want(&t, 0, 1 + i, 7 + i, 0);
		NEED((at = stage_bind(&t, &w)) != BOOK_NONE);
		line = stage_view(&t, at).line;
		CHECK(stage_view(&t, at).ext == PHONE_NO_EXT);
		CHECK(stage_reaches(stage_call(&t, line, PHONE_NO_EXT, 50), 7 + i));
		CHECK(stage_reaches(stage_call(&t, line, 4711, 50), 7 + i));
	}
	book_pool_stats(t.book, &t.now, 0, &stats);
	CHECK(stats.total == 3 && stats.live == 3 && stats.free == 0);
	w = stage_want(&t, 0, 9, 9, 0);
	CHECK(stage_how(&t, &w, &at) == BOOK_EXHAUSTED);
	w.line = 1;
	CHECK(stage_how(&t, &w, &at) == BOOK_EXT_TAKEN);
	stage_close(&t);
}

/* ---- changing --------------------------------------------------------------------------------- */

static void test_change(void)
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
	c.expires_at = t.now.wall + 2 * STAGE_DAY;
	CHECK(book_change(t.book, &t.now, at, 2, &c, &done) == SC_OK && !done);
	CHECK(book_change(t.book, &t.now, at, 1, &c, &done) == SC_OK && done);
	CHECK(stage_view(&t, at).version == 2);
	CHECK(book_change(t.book, &t.now, at, 1, &c, &done) == SC_OK && !done);
	stage_pass(&t, 2 * STAGE_DAY - 1);
	CHECK(stage_sweep(&t, true).expired == 0);
	/* the label stays, the number changes */
	c = (struct book_change){ .parties = true, .a = stage_token(8), .a_party = stage_party(8) };
	CHECK(book_change(t.book, &t.now, at, 0, &c, &done) == SC_OK && done);
	CHECK(stage_reaches(stage_call(&t, 0, ext, 9), 8));
	c = (struct book_change){ .parties = true };
	CHECK(book_change(t.book, &t.now, at, 0, &c, &done) == SC_OK && done);
	CHECK(stage_reaches(stage_call(&t, 0, ext, 9), 8));
	/* sooner: at once */
	c = (struct book_change){ .expiry = true, .expires_at = t.now.wall };
	CHECK(book_change(t.book, &t.now, at, 0, &c, &done) == SC_OK && done);
	CHECK(stage_answer(&t, 0, ext, 9) == PHONE_NOBODY);
	c.expires_at += 60;
	CHECK(book_change(t.book, &t.now, at, 0, &c, &done) == SC_OK && !done); /* it has ended */
	CHECK(stage_sweep(&t, true).expired == 1);
	CHECK(book_change(t.book, &t.now, at, 0, &c, &done) == SC_OK && !done);
	CHECK(book_change(t.book, &t.now, 12345678, 0, &c, &done) == SC_OK && !done);
	stage_close(&t);
}

static void test_change_pair(void)
{
	struct book_wanted w;
	struct book_change c = { .parties = true };
	uint32_t at;
	bool done;

	stage_init(&t);
	stage_pool(&t, PHONE_AXB, 0, 1);
	stage_open(&t);
	w = stage_want(&t, 0, 1, 7, 8);
	at = stage_bind(&t, &w);
	w = stage_want(&t, 0, 2, 5, 6);
	stage_bind(&t, &w);
	c.b = stage_token(6);
	c.b_party = stage_party(6);
	CHECK(book_change(t.book, &t.now, at, 0, &c, &done) == SC_OK && !done);
	c.b_party = 0;
	CHECK(book_change(t.book, &t.now, at, 0, &c, &done) == SC_OK && !done);
	c.b_party = stage_party(7); /* the other of the two */
	CHECK(book_change(t.book, &t.now, at, 0, &c, &done) == SC_OK && !done);
	CHECK(stage_reaches(stage_call(&t, 0, PHONE_NO_EXT, 7), 8));
	c.b = stage_token(9);
	c.b_party = stage_party(9);
	CHECK(book_change(t.book, &t.now, at, 0, &c, &done) == SC_OK && done);
	CHECK(stage_reaches(stage_call(&t, 0, PHONE_NO_EXT, 7), 9));
	CHECK(stage_reaches(stage_call(&t, 0, PHONE_NO_EXT, 9), 7));
	CHECK(stage_answer(&t, 0, PHONE_NO_EXT, 8) == PHONE_NOBODY);
	w = stage_want(&t, 0, 3, 7, 9);
	CHECK(stage_how(&t, &w, &at) == BOOK_SHARED);
	w = stage_want(&t, 0, 4, 7, 8);
	CHECK(stage_how(&t, &w, &at) == BOOK_EXHAUSTED);
	stage_close(&t);
}

/* ---- at a start ---------------------------------------------------------------------------------- */

static struct phone_binding row_of(uint32_t line, uint32_t ext, uint8_t id)
{
	struct phone_binding row = { .mode = PHONE_AXE,
		.line = line,
		.ext = ext,
		.a = stage_token(7),
		.a_party = stage_party(7),
		.directions = 3,
		.channels = 3,
		.made_at = t.now.wall - 7200,
		.expires_at = t.now.wall + 60,
		.version = 1 };

	row.id[0] = id;
	return row;
}

static void test_load(void)
{
	struct phone_binding row, v;
	struct book_stats stats;
	uint8_t order[16];
	uint32_t at;

	stage_init(&t);
	stage_pool(&t, PHONE_AXE, 4, 2);
	stage_open(&t);
	stage_order(1, order);
	row = row_of(0, 4711, 1);
	CHECK(book_load(t.book, &row, order) == SC_OK);
	at = book_find(t.book, row.id);
	CHECK(stage_view(&t, at).state == BOOK_LIVE && book_of_order(t.book, order, 0) == at);
	book_pool_stats(t.book, &t.now, 0, &stats);
	CHECK(stats.oldest_s >= 7200 && stats.oldest_s < 7200 + 3600 && stats.next_release == 0);
	CHECK(book_load(t.book, &row, order) == SC_CORRUPT);
	row.id[0] = 2; /* its slot is another's */
	CHECK(book_load(t.book, &row, order) == SC_CORRUPT);
	row = row_of(1, 4711, 1); /* its id is */
	CHECK(book_load(t.book, &row, order) == SC_CORRUPT);
	row = row_of(1, PHONE_NO_EXT, 3);
	CHECK(book_load(t.book, &row, order) == SC_CORRUPT);
	row = row_of(1, 4711, 3);
	row.a.n = 0;
	CHECK(book_load(t.book, &row, order) == SC_CORRUPT);
	row = row_of(2, 4711, 3); /* a number that is rented no more */
	CHECK(book_load(t.book, &row, order) == SC_SYNTAX);
	row = row_of(1, 4711, 3);
	row.mode = PHONE_AXN;
	CHECK(book_load(t.book, &row, order) == SC_SYNTAX);
	CHECK(book_count(t.book) == 1);
	/* one that has ended; a slot that would not be drawn today takes none that would */
	row = row_of(1, 1234, 3);
	row.ended_at = t.now.wall - 60;
	row.last_call_at = t.now.wall - 30;
	CHECK(book_load(t.book, &row, order) == SC_OK);
	at = book_find(t.book, row.id);
	v = stage_view(&t, at);
	CHECK(v.state == BOOK_COOLING && v.refs == 0 && v.last_call_at == row.last_call_at);
	book_pool_stats(t.book, &t.now, 0, &stats);
	CHECK(stats.live == 1 && stats.cooling == 1 && stats.free == 2 * 9976 - 1);
	CHECK(stats.next_release == row.expires_at + 2 * STAGE_DAY);
	/* a call that was under way may still be */
	CHECK(book_load_caller(t.book, at, stage_party(20), stage_token(20), t.now.wall - 20) ==
	    SC_OK);
	CHECK(book_cools_until(t.book, at) == t.now.wall - 20 + 2100 + 2 * STAGE_DAY);
	CHECK(stage_answer(&t, 1, 1234, 20) == PHONE_LATE);
	stage_close(&t);
}

int main(void)
{
	RUN(test_axe, "an extension leads to its person, once it is durable, and to nobody else");
	RUN(test_expiry, "a binding ends to the second, and its slot is free after the cooldown");
	RUN(test_pending, "what never became durable leaves its slot as it was");
	RUN(test_same, "the same order and person get the same number, by whatever pool");
	RUN(test_named, "a slot that is named is given or refused, never replaced");
	RUN(test_states_of_lines,
	    "a draining X is routed, a suspended one is not, neither is given");
	RUN(test_axb, "an X joins two people, and each of them to one");
	RUN(test_shared_abandoned, "an order that was not kept takes back its own reference");
	RUN(test_pairs_full, "pairs are refused only when no X fits");
	RUN(test_axn, "an X of its own leads to its person, whoever calls");
	RUN(test_change, "a live binding is changed, if it is the version that was meant");
	RUN(test_change_pair, "a pair's new party is joined to nobody there");
	RUN(test_load, "what contradicts itself is not loaded");
	return tap_done();
}
