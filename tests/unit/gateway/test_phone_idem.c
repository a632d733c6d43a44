/*
 * test_phone_idem.c - a key stands for one thing, as long as its binding is there,
 * held against a plain list.
 */
#include "gateway/phone/idem.h"
#include "phone_stage.h"
#include "tap.h"

#define KEYS 3000
#define BINDINGS 500

static struct phone_stage stage;
static struct idem_table table;
static uint32_t ats[BINDINGS];
static struct phone_binding bindings[BINDINGS];

/* Keys that fall on each other's places: the table goes by the low bits. */
static struct idem_said say(uint32_t key, uint32_t content)
{
	struct idem_said said = { .said = true };

	for (size_t i = 0; i < 4; i++) {
		said.key[i] = (uint8_t)(key >> (8 * i));
		said.content[i] = (uint8_t)(content >> (8 * i));
	}
	said.key[6] = (uint8_t)(key % 7);
	return said;
}

static void begin(void)
{
	stage_init(&stage);
	stage_pool(&stage, PHONE_AXE, 4, 1);
	stage_open(&stage);
	for (uint32_t i = 0; i < BINDINGS; i++) {
		struct book_wanted w = stage_want(&stage, 0, i, i + 1, 0);

		ats[i] = stage_bind(&stage, &w);
		bindings[i] = stage_view(&stage, ats[i]);
	}
}

static void end(void)
{
	idem_fini(&table);
	stage_close(&stage);
}

static void test_found(void)
{
	struct idem_said said = say(1, 1), other = say(1, 2), none = { .said = false };
	uint32_t at;

	begin();
	CHECK(idem_find(&table, stage.book, &said, &at) == IDEM_NEW && at == BOOK_NONE);
	CHECK(idem_put(&table, stage.book, &none, bindings[0].id) == SC_OK && table.cap == 0);
	CHECK(idem_put(&table, stage.book, &said, bindings[0].id) == SC_OK);
	CHECK(idem_find(&table, stage.book, &said, &at) == IDEM_SAME && at == ats[0]);
	CHECK(idem_find(&table, stage.book, &other, &at) == IDEM_OTHER && at == ats[0]);
	CHECK(idem_find(&table, stage.book, &none, &at) == IDEM_NEW && at == BOOK_NONE);
	idem_drop(&table, &none);
	idem_drop(&table, &said);
	CHECK(idem_find(&table, stage.book, &said, &at) == IDEM_NEW && at == BOOK_NONE);
	/* and it may be said anew */
	CHECK(idem_put(&table, stage.book, &other, bindings[1].id) == SC_OK);
	CHECK(idem_find(&table, stage.book, &other, &at) == IDEM_SAME && at == ats[1]);
	CHECK(table.n == 1);
	end();
}

static void test_list(void)
{
	uint32_t at;

	begin();
	for (uint32_t i = 0; i < KEYS; i++) {
		struct idem_said said = say(i, i % 11);

		CHECK(idem_find(&table, stage.book, &said, &at) == IDEM_NEW);
		CHECK(idem_put(&table, stage.book, &said, bindings[i % BINDINGS].id) == SC_OK);
		CHECK(table.n <= table.cap / 8 * 7);
	}
	for (uint32_t i = 0; i < KEYS; i++) {
		struct idem_said said = say(i, i % 11), other = say(i, 12);

		CHECK(idem_find(&table, stage.book, &said, &at) == IDEM_SAME);
		CHECK(at == ats[i % BINDINGS]);
		CHECK(idem_find(&table, stage.book, &other, &at) == IDEM_OTHER);
	}
	CHECK(table.n == KEYS);
	end();
}

/* Those whose binding is gone say nothing, and room is not made for them for ever. */
static void test_gone(void)
{
	struct idem_said said;
	size_t cap;
	uint32_t at;

	begin();
	for (uint32_t i = 0; i < KEYS; i++) {
		said = say(i, 1);
		CHECK(idem_put(&table, stage.book, &said, bindings[i % BINDINGS].id) == SC_OK);
	}
	cap = table.cap;
	stage_pass(&stage, 10 * STAGE_DAY);
	stage_sweep(&stage, true);
	CHECK(book_count(stage.book) == 0);
	for (uint32_t i = 0; i < KEYS; i++) {
		said = say(i, 1);
		CHECK(idem_find(&table, stage.book, &said, &at) == IDEM_NEW && at == BOOK_NONE);
	}
	for (uint32_t i = 0; i < 4 * cap; i++) {
		said = say(100000 + i, 1);
		CHECK(idem_put(&table, stage.book, &said, bindings[0].id) == SC_OK);
	}
	CHECK(table.cap <= cap);
	end();
}

int main(void)
{
	RUN(test_found, "a key is the same, or something else, or new");
	RUN(test_list, "a table of keys answers as a list would");
	RUN(test_gone, "a key of a binding that is gone says nothing and takes no room");
	return tap_done();
}
