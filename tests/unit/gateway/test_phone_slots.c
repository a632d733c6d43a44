/*
 * test_phone_slots.c - which slots are given, and what a binding costs.
 */
#include "base/sandbox.h"
#include "crypto/token/token.h"
#include "gateway/book/book_private.h"
#include "phone_stage.h"
#include "policy/words/class.h"
#include "tap.h"

static struct phone_stage t;

/* ---- slots --------------------------------------------------------------------------------------- */

/* So large that fewer than one honest run in a thousand million exceeds it (Wilson-Hilferty). */
static double chi_bound(double df)
{
	double a = 2 / (9 * df), root = 1 - a + 6.0 * __builtin_sqrt(a);

	return df * root * root * root;
}

static double chi_square(const uint32_t *seen, const bool *counts, size_t n, size_t cells,
    double of)
{
	double sum = 0, expected = of / (double)cells;

	for (size_t i = 0; i < n; i++)
		if (counts == NULL || counts[i])
			sum += ((double)seen[i] - expected) * ((double)seen[i] - expected) /
			    expected;
	return sum;
}

static void test_uniform(void)
{
	static uint32_t seen[10000];
	static bool counts[10000];
	const uint32_t draws = 600000;
	size_t cells = 0;

	memset(seen, 0, sizeof(seen));
	stage_init(&t);
	stage_pool(&t, PHONE_AXE, 4, 1);
	stage_open(&t);
	for (uint32_t i = 0; i < draws; i++) {
		struct book_wanted w = stage_want(&t, 0, i + 1, i + 1, 0);
		uint32_t at;

		NEED(stage_how(&t, &w, &at) == BOOK_NEW);
		seen[stage_view(&t, at).ext]++;
		book_abandon(t.book, at, BOOK_NEW, w.order);
	}
	for (uint32_t i = 0; i < 10000; i++) {
		counts[i] = !book_ext_guessable(i, 4);
		cells += counts[i];
		CHECK(counts[i] || seen[i] == 0);
	}
	CHECK(cells == 9976);
	CHECK(chi_square(seen, counts, 10000, cells, draws) < chi_bound((double)cells - 1));
	stage_close(&t);
}

/* A remainder of words that are not drawn again would favour the first third by half. */
static void test_draw(void)
{
	uint32_t seen[3] = { 0 }, thirds = 1u << 30;
	const uint32_t draws = 90000;

	stage_init(&t);
	stage_open(&t);
	for (uint32_t i = 0; i < draws; i++)
		seen[book_draw(t.book, 3 * thirds) / thirds]++;
	CHECK(chi_square(seen, NULL, 3, 3, draws) < 42); /* p < 1e-9 for two degrees */
	CHECK(book_draw(t.book, 1) == 0);
	stage_close(&t);
}

static void test_guessable(void)
{
	static const struct {
		uint32_t ext;
		unsigned digits;
		bool guessable;
	} rows[] = { { 0, 4, true }, { 1111, 4, true }, { 9999, 4, true }, { 123, 4, true },
		{ 1234, 4, true }, { 6789, 4, true }, { 4321, 4, true }, { 3210, 4, true },
		{ 7890, 4, false }, { 1235, 4, false }, { 1112, 4, false }, { 2111, 4, false },
		{ 12, 4, false }, { 12, 3, true }, { 123456, 6, true }, { 1234, 6, false },
		{ 543210, 6, true }, { 120000, 6, false } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK(book_ext_guessable(rows[i].ext, rows[i].digits) == rows[i].guessable);
	for (unsigned digits = 3, span = 1000; digits <= 6; digits++, span *= 10) {
		unsigned n = 0;

		for (uint32_t i = 0; i < span; i++)
			n += book_ext_guessable(i, digits);
		CHECK(n == book_ext_guessables(digits));
	}
}

/* One draw alone would leave the fullest and the emptiest some 120 apart. */
static void test_even(void)
{
	uint64_t fewest = UINT64_MAX, most = 0;
	struct book_stats stats;

	stage_init(&t);
	stage_pool(&t, PHONE_AXE, 4, 20);
	stage_open(&t);
	for (uint32_t i = 0; i < 20000; i++) {
		struct book_wanted w = stage_want(&t, 0, i + 1, i + 1, 0);

		NEED(stage_bind(&t, &w) != BOOK_NONE);
	}
	for (uint32_t line = 0; line < 20; line++) {
		book_line_stats(t.book, line, &stats);
		fewest = stats.live < fewest ? stats.live : fewest;
		most = stats.live > most ? stats.live : most;
	}
	CHECK(most - fewest < 40);
	stage_close(&t);
}

/* Every slot that may be drawn is, and then there is none. */
static void test_exhausted(void)
{
	static bool taken[3][1000];
	struct book_stats stats;
	struct book_wanted w;
	uint32_t at;

	memset(taken, 0, sizeof(taken));
	stage_init(&t);
	stage_pool(&t, PHONE_AXE, 3, 3);
	stage_open(&t);
	for (uint32_t i = 0; i < 3 * 974; i++) {
		struct phone_binding v;

		w = stage_want(&t, 0, i + 1, i + 1, 0);
		NEED((at = stage_bind(&t, &w)) != BOOK_NONE);
		v = stage_view(&t, at);
		CHECK(v.ext < 1000 && !book_ext_guessable(v.ext, 3) && !taken[v.line][v.ext]);
		taken[v.line][v.ext] = true;
	}
	book_pool_stats(t.book, &t.now, 0, &stats);
	CHECK(stats.free == 0 && stats.live == stats.total && stats.total == 3 * 974);
	w = stage_want(&t, 0, 9999, 9999, 0);
	CHECK(stage_how(&t, &w, &at) == BOOK_EXHAUSTED && at == BOOK_NONE);
	/* one is given back, and found */
	at = book_slot_find(t.book, 1, 500);
	CHECK(book_end(t.book, &t.now, at, NULL, true));
	stage_pass(&t, 3 * STAGE_DAY - 1);
	stage_sweep(&t, true);
	CHECK(stage_how(&t, &w, &at) == BOOK_EXHAUSTED);
	stage_pass(&t, 1);
	CHECK(stage_sweep(&t, true).released == 3 * 974);
	CHECK(stage_how(&t, &w, &at) == BOOK_NEW);
	stage_close(&t);
}

/* ---- what it costs ----------------------------------------------------------------------------------- */

static void test_memory(void)
{
	const uint32_t n = 300000;
	size_t before;

	stage_init(&t);
	stage_pool(&t, PHONE_AXE, 6, 2); /* two sparse lines: not a million entries each */
	stage_open(&t);
	before = book_memory(t.book);
	CHECK(before < 1 << 20);
	for (uint32_t i = 0; i < n; i++) {
		struct book_wanted w = stage_want(&t, 0, i + 1, i + 1, 0);

		NEED(stage_bind(&t, &w) != BOOK_NONE);
	}
	CHECK(book_memory(t.book) / n < 175);
	for (uint32_t i = 0; i < n; i += 7) {
		uint8_t order[16];

		stage_order(i + 1, order);
		CHECK(book_of_order(t.book, order, 0) != BOOK_NONE);
	}
	/* what was given back is taken again */
	stage_pass(&t, 3 * STAGE_DAY);
	CHECK(stage_sweep(&t, true).released == n && book_count(t.book) == 0);
	before = book_memory(t.book);
	for (uint32_t i = 0; i < n; i++) {
		struct book_wanted w = stage_want(&t, 0, i + 1, i + 1, 0);

		NEED(stage_bind(&t, &w) != BOOK_NONE);
	}
	CHECK(book_memory(t.book) == before);
	stage_close(&t);
}

/* A sanitizer has its own allocator, in whose place ours cannot stand. */
static int allocations_left = -1; /* until one fails; -1: never */
#if !SANDBOX_SANITIZED
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_malloc(size_t n);

static bool may_allocate(void)
{
	if (allocations_left == 0)
		return false;
	allocations_left -= allocations_left > 0;
	return true;
}

void *calloc(size_t n, size_t size)
{
	return may_allocate() ? __libc_calloc(n, size) : NULL;
}

void *realloc(void *p, size_t n)
{
	return may_allocate() ? __libc_realloc(p, n) : NULL;
}

void *malloc(size_t n)
{
	return may_allocate() ? __libc_malloc(n) : NULL;
}
#endif

/* Everything a binding can need, the N-th allocation failing; how far it came. */
static int story_without_memory(int n)
{
	struct book_wanted w = stage_want(&t, 0, 1, 7, 8), other = stage_want(&t, 0, 2, 7, 8);
	struct book_change c = { .parties = true, .b = stage_token(9), .b_party = stage_party(9) };
	enum book_bound how;
	uint32_t at;
	bool done;
	int step = 0;

	allocations_left = n;
	if (book_new(&t.settings, &t.book) == SC_OK && ++step &&
	    book_bind(t.book, &t.now, &w, &at, &how) == SC_OK && ++step) {
		book_confirm(t.book, at);
		if (book_bind(t.book, &t.now, &other, &at, &how) == SC_OK && ++step &&
		    book_connected(t.book, at, &t.now, stage_party(7), stage_token(7), 0) ==
			SC_OK &&
		    ++step && book_change(t.book, &t.now, at, 0, &c, &done) == SC_OK)
			step++;
	}
	allocations_left = -1;
	return step;
}

static void test_no_memory(void)
{
	int step = 0, last = 0;

	stage_init(&t);
	stage_pool(&t, PHONE_AXB, 0, 1);
	for (int n = 0; step < 5 && n < 200; n++) {
		step = story_without_memory(n);
		CHECK(step >= last);
		last = step;
		CHECK((step == 0) == (t.book == NULL));
		if (step == 0)
			continue;
		CHECK(book_count(t.book) == (step >= 2));
		if (step >= 2) {
			struct book_way way = stage_call(&t, 0, PHONE_NO_EXT, 7);

			CHECK(stage_reaches(way, step == 5 ? 9 : 8));
			CHECK(stage_view(&t, way.at).refs == (step >= 3 ? 2 : 1));
			CHECK(book_knows(t.book, 0, stage_party(7)) == (step >= 4));
		}
		stage_close(&t);
	}
	CHECK(step == 5);
}

/* ---- tokens --------------------------------------------------------------------------------------------- */

static void test_tokens(void)
{
	uint8_t packed[PHONE_TOKEN_PACKED_MAX], back[PHONE_TOKEN_PACKED_MAX];
	char text[PHONE_TOKEN_TEXT_MAX], longer[PHONE_TOKEN_TEXT_MAX + 16];
	size_t n, length, sizes = 0;

	memset(packed, 0xa7, sizeof(packed));
	packed[0] = 0; /* flags */
	packed[1] = CLASS_PHONE;
	for (size_t i = 27; i <= sizeof(packed); i++) {
		if (token_padded(CLASS_PHONE, i - 27) != i - 27)
			continue;
		sizes++;
		length = phone_token_text(sc_span(packed, i), text);
		CHECK(length == strlen(text) && strncmp(text, "sct1-", 5) == 0);
		CHECK(phone_token_pack(sc_span_str(text), back, &n));
		CHECK(n == i && memcmp(back, packed, n) == 0);
		/* a character more or less is none */
		CHECK(!phone_token_pack(sc_span(text, length - 1), back, &n) || n != i);
		snprintf(longer, sizeof(longer), "%s@a.scrim.example.com", text);
		CHECK(!phone_token_pack(sc_span_str(longer), back, &n) && n == 0);
		snprintf(longer, sizeof(longer), " %s", text);
		CHECK(!phone_token_pack(sc_span_str(longer), back, &n));
		snprintf(longer, sizeof(longer), "%s ", text);
		CHECK(!phone_token_pack(sc_span_str(longer), back, &n));
	}
	CHECK(sizes == 4); /* 16, 32, 64 and 96 bytes are sealed */
	phone_token_text(sc_span(packed, sizeof(packed)), text);
	snprintf(longer, sizeof(longer), "%s00000000", text); /* too long for a number's */
	CHECK(!phone_token_pack(sc_span_str(longer), back, &n));
	CHECK(!phone_token_pack(sc_span_str("+441632960001"), back, &n));
	CHECK(!phone_token_pack(sc_span(NULL, 0), back, &n));
	CHECK(phone_token_text(sc_span(NULL, 0), text) == 0 && text[0] == '\0');
}

int main(void)
{
	RUN(test_uniform, "extensions are drawn uniformly");
	RUN(test_draw, "and draws have no remainder");
	RUN(test_even, "lines are filled evenly");
	RUN(test_guessable, "what people try first is never drawn");
	RUN(test_exhausted, "a pool is exhausted when it is full, and not before");
	RUN(test_memory, "a binding takes few bytes, also on sparse lines, and gives them back");
	if (SANDBOX_SANITIZED)
		tap_skip("without memory nothing has changed",
		    "the sanitizer has its own allocator");
	else
		RUN(test_no_memory, "without memory nothing has changed");
	RUN(test_tokens, "a token packed and printed is the same token");
	return tap_done();
}
