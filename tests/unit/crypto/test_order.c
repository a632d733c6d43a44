/*
 * test_order.c - the ordering rule's two tables, row by row, and every pair of blocks
 * beside a store's epoch.
 */
#include "tap.h"

#include "crypto/keystore/order.h"

/* The first three are the table; the store is of epoch 7. */
static const struct epoch_row {
	const char *what;
	bool a_opens, b_opens;
	uint64_t a, b;
	enum order_epoch is;
	uint64_t write;
} epoch_rows[] = {
	{ "in order, or died before a commit", true, true, 7, 8, ORDER_IN_STEP, 0 },
	{ "died between commit and block", true, true, 6, 7, ORDER_BLOCK_OWED, 8 },
	{ "died in the block, or laying the spare", false, true, 0, 7, ORDER_SPARE_OWED, 8 },
	{ "the spare is an old one", true, true, 7, 4, ORDER_SPARE_OWED, 8 },
	{ "the same twice", true, true, 7, 7, ORDER_SPARE_OWED, 8 },
	{ "an older database, by one", true, true, 8, 9, ORDER_STORE_OLDER, 0 },
	{ "an older database, by many", true, true, 90, 91, ORDER_STORE_OLDER, 0 },
	{ "an older database, and a torn block", false, true, 0, 8, ORDER_STORE_OLDER, 0 },
	{ "half of an older epoch file", true, true, 8, 3, ORDER_FILE_OLDER, 0 },
	{ "an older epoch file, by two", true, true, 5, 6, ORDER_FILE_OLDER, 0 },
	{ "an older epoch file, by many", true, true, 0, 1, ORDER_FILE_OLDER, 0 },
	{ "an older epoch file, and a torn block", false, true, 0, 6, ORDER_FILE_OLDER, 0 },
	{ "nothing opens", false, false, 7, 8, ORDER_FILE_OLDER, 0 },
	{ "beside the own one a far newer", true, true, 7, 10, ORDER_STORE_OLDER, 0 },
	{ "what does not open says no epoch", false, true, 6, 7, ORDER_SPARE_OWED, 8 },
};

static void test_epochs(void)
{
	for (size_t i = 0; i < sizeof(epoch_rows) / sizeof(epoch_rows[0]); i++) {
		const struct epoch_row *r = &epoch_rows[i];
		const struct epoch_held ab[2] = { { r->a_opens, r->a }, { r->b_opens, r->b } };
		const struct epoch_held ba[2] = { ab[1], ab[0] };
		uint64_t write = 99;

		CHECK(order_of_epochs(7, ab, &write) == r->is && write == r->write);
		write = 99;
		CHECK(order_of_epochs(7, ba, &write) == r->is && write == r->write);
	}
}

/*
 * What a start may never do, whatever lies in the blocks: write over E_n, write
 * without E_n, or go on without it.
 */
static void test_all_pairs(void)
{
	size_t wrong = 0, owed = 0;

	for (uint64_t n = 0; n < 6; n++)
		for (uint64_t a = 0; a < 10; a++)
			for (uint64_t b = 0; b < 10; b++) {
				/* 9 stands for a block that does not open */
				const struct epoch_held h[2] = { { a != 9, a }, { b != 9, b } };
				uint64_t write = 0;
				enum order_epoch is = order_of_epochs(n, h, &write);
				bool own = a == n || b == n;
				bool writes = is == ORDER_BLOCK_OWED || is == ORDER_SPARE_OWED;

				owed += writes;
				wrong += writes && (!own || write != n + 1);
				wrong += !writes && write != 0;
				wrong += !own && is != ORDER_STORE_OLDER && is != ORDER_FILE_OLDER;
				wrong += is == ORDER_IN_STEP && a != n + 1 && b != n + 1;
				/* nothing newer than the spare is ever written over */
				wrong += writes && ((a != 9 && a > n + 1) || (b != 9 && b > n + 1));
			}
	CHECK(wrong == 0 && owed > 20);
}

static const struct log_row {
	struct store_progress store;
	uint64_t applied, size;
	struct store_progress logged;
	enum order_store is;
} log_rows[] = {
	/* nothing yet */
	{ { 0, 0, 0 }, 0, 0, { 0, 0, 0 }, ORDER_SAME },
	/* a log as long as what was carried out, and one entry shorter */
	{ { 9, 5, 80 }, 100, 100, { 9, 5, 80 }, ORDER_SAME },
	{ { 9, 5, 80 }, 100, 99, { 9, 5, 80 }, ORDER_LOG_SHORT },
	/* the log tells of it a second late: the store may be ahead */
	{ { 12, 7, 80 }, 100, 140, { 9, 5, 80 }, ORDER_SAME },
	/* an older store, by one commit, and by slots alone */
	{ { 8, 5, 80 }, 100, 140, { 9, 5, 80 }, ORDER_STORE_BEHIND },
	{ { 9, 4, 80 }, 100, 140, { 9, 5, 80 }, ORDER_STORE_BEHIND },
	/* a lease that was told and not used yet is no sign of age */
	{ { 9, 5, 80 }, 100, 140, { 9, 5, 65600 }, ORDER_SAME },
	/* shorter counts before older: nothing in a log that was cut is whole */
	{ { 8, 5, 80 }, 100, 99, { 9, 5, 80 }, ORDER_LOG_SHORT },
};

static void test_log(void)
{
	for (size_t i = 0; i < sizeof(log_rows) / sizeof(log_rows[0]); i++) {
		const struct log_row *r = &log_rows[i];
		const struct order_log o = { r->store, r->applied, r->size, r->logged };

		CHECK(order_of_log(&o) == r->is);
	}
}

int main(void)
{
	RUN(test_epochs, "store and epoch file: every row of the table, blocks in either order");
	RUN(test_all_pairs, "no pair of blocks makes a start write over a key that is needed");
	RUN(test_log, "store and log: every row of the table");
	return tap_done();
}
