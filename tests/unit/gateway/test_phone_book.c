/*
 * test_phone_book.c - what the book promises, one by one, at the exact edges.
 */
#include "gateway/phone/book_private.h"
#include "phone_stage.h"
#include "tap.h"

static struct phone_stage t;

static bool reaches(struct book_way w, uint32_t person)
{
	return w.answer == PHONE_CONNECT && sc_span_eq(w.to, stage_token(person));
}

static enum book_bound how_bound(const struct book_wanted *w, uint32_t *at)
{
	enum book_bound how;

	return book_bind(t.book, &t.now, w, at, &how) == SC_OK ? how : BOOK_CONFLICT + 1;
}

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
	CHECK(how_bound(&w, &at) == BOOK_NEW);
	v = stage_view(&t, at);
	CHECK(v.state == BOOK_PENDING && v.version == 1 && v.refs == 1 && v.line == 0);
	CHECK(stage_answer(&t, 0, v.ext, 9) == PHONE_NOBODY); /* not durable yet */
	book_confirm(t.book, at);
	CHECK(stage_view(&t, at).state == BOOK_LIVE);
	CHECK(reaches(stage_call(&t, 0, v.ext, 9), 7));
	CHECK(stage_call(&t, 0, v.ext, 9).at == at);
	CHECK(reaches(stage_call(&t, 0, v.ext, 0), 7));
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

int main(void)
{
	RUN(test_axe, "an extension leads to its person, once it is durable, and to nobody else");
	RUN(test_expiry, "a binding ends to the second, and its slot is free after the cooldown");
	return tap_done();
}
