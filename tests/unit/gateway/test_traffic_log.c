/*
 * test_traffic_log.c - the rule log: what a crash leaves, what is damaged, what is too old.
 */
#include "gateway/traffic/log.h"

#include "tap.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define T0 UINT64_C(1790006400000) /* a midnight: day 20717 */
#define DAY UINT64_C(86400000)
#define DAY0 20717u

_Static_assert(T0 / DAY == DAY0, "the day of T0");

static char dir[] = "/tmp/test_traffic_log.XXXXXX";
static struct sc_diag d;

static const char *path_of(unsigned day)
{
	static char path[64];

	(void)snprintf(path, sizeof(path), "%s/rules/day-%u", dir, day);
	return path;
}

static const char *folder(void)
{
	static char path[64];

	(void)snprintf(path, sizeof(path), "%s/rules", dir);
	return path;
}

static long size_of(unsigned day)
{
	struct stat st;

	return stat(path_of(day), &st) == 0 ? (long)st.st_size : -1;
}

static struct traffic_record record(uint64_t id)
{
	return (struct traffic_record){ .id = id,
		.device = id * 3,
		.person = id * 5,
		.at_ms = T0 + id,
		.prefix = 0xfedcba9876,
		.content = id * 7,
		.product = 0x89abcdef,
		.raw_days = -3,
		.shop = 0x0102,
		.campaign = 0xfffe,
		.kind = FEED_PRODUCT,
		.bits = TRAFFIC_CLOCK_OFF | TRAFFIC_INPUT,
		.said = FEED_FOCUS };
}

static bool same(const struct traffic_record *a, const struct traffic_record *b)
{
	return a->id == b->id && a->device == b->device && a->person == b->person &&
	    a->at_ms == b->at_ms && a->prefix == b->prefix && a->order == b->order &&
	    a->address == b->address && a->content == b->content && a->product == b->product &&
	    a->raw_days == b->raw_days && a->shop == b->shop && a->campaign == b->campaign &&
	    a->kind == b->kind && a->bits == b->bits && a->said == b->said;
}

static void test_record(void)
{
	struct traffic_record r = record(9), back;
	uint8_t bytes[TRAFFIC_RECORD_BYTES];

	traffic_record_encode(&r, bytes);
	CHECK(traffic_record_decode(bytes, &back) && same(&r, &back));
	CHECK(bytes[7] == 9 && bytes[30] == 0xfe && bytes[34] == 0x76 &&
	    bytes[39] == FEED_PRODUCT && bytes[TRAFFIC_AT_SAID] == FEED_FOCUS);
	/* an order by the tap, and by a page */
	r = (struct traffic_record){ .kind = FEED_ITEM,
		.bits = TRAFFIC_VOUCHED,
		.order = UINT64_MAX - 1,
		.address = 0xffeeddccbb };
	traffic_record_encode(&r, bytes);
	CHECK(traffic_record_decode(bytes, &back) && same(&r, &back));
	r = (struct traffic_record){ .kind = FEED_PURCHASE, .order = 77, .content = 0x1122334455 };
	traffic_record_encode(&r, bytes);
	CHECK(traffic_record_decode(bytes, &back) && same(&r, &back));
	for (size_t i = 0; i < sizeof(bytes); i++) {
		bytes[i] ^= 0x10;
		CHECK(traffic_record_decode(bytes, &back) == (i == TRAFFIC_AT_SAID));
		bytes[i] ^= 0x10;
	}
	CHECK(traffic_record_orders(FEED_PURCHASE) && traffic_record_orders(FEED_ITEM) &&
	    traffic_record_orders(FEED_REFUND) && !traffic_record_orders(FEED_CHECKOUT) &&
	    !traffic_record_orders(FEED_EXPOSURE));
}

static bool opened(struct traffic_log *l)
{
	d = (struct sc_diag){ 0 };
	return traffic_log_open(l, folder(), &d) == SC_OK;
}

static void add(struct traffic_log *l, uint64_t id, uint64_t now_ms)
{
	const struct traffic_record r = record(id);

	traffic_log_add(l, &r, now_ms);
}

static void test_days(void)
{
	struct traffic_log l;
	struct traffic_tape t;
	struct traffic_record r;

	NEED(opened(&l));
	for (uint64_t i = 0; i < 5; i++)
		add(&l, i + 1, T0 + i / 2 * DAY);
	CHECK(size_of(DAY0) == 128 && size_of(DAY0 + 1) == 128 && size_of(DAY0 + 2) == -1);
	CHECK(traffic_log_tend(&l, T0 + 2 * DAY) == SC_OK && size_of(DAY0 + 2) == 64);
	NEED(traffic_tape_open(&l, &t) == SC_OK);
	CHECK(t.n == 5 && t.n_days == 3 && t.v[1].at == 2 && t.v[2].day == DAY0 + 2);
	for (size_t i = 0; i < 5; i++) {
		traffic_tape_get(&t, i, &r);
		CHECK(r.id == i + 1 && t.said[i] == FEED_FOCUS && t.note[i] == 0);
	}
	t.said[3] = FEED_RING;
	traffic_tape_keep(&t);
	t.said[2] = FEED_RING;
	traffic_tape_close(&t);
	traffic_log_close(&l);
	NEED(opened(&l));
	NEED(traffic_tape_open(&l, &t) == SC_OK);
	for (size_t i = 0; i < 5; i++)
		CHECK(t.said[i] == (i == 3 ? FEED_RING : FEED_FOCUS));
	traffic_tape_close(&t);
	/* fifteen days, and the day before them that is not over yet */
	CHECK(traffic_log_tend(&l, T0 + 15 * DAY) == SC_OK && size_of(DAY0) == 128);
	CHECK(traffic_log_tend(&l, T0 + 16 * DAY) == SC_OK && size_of(DAY0) == -1);
	CHECK(size_of(DAY0 + 1) == 128);
	traffic_log_close(&l);
}

/* Close writes what is buffered; a day that is gone on with is appended to. */
static void test_close(void)
{
	struct traffic_log l;

	NEED(opened(&l));
	add(&l, 9, T0 + 2 * DAY + 5);
	traffic_log_close(&l);
	CHECK(size_of(DAY0 + 2) == 128);
}

static void bytes_at(unsigned day, long at, const void *p, size_t n)
{
	const int fd = open(path_of(day), O_WRONLY | O_CLOEXEC);

	CHECK(fd >= 0 && pwrite(fd, p, n, at) == (ssize_t)n);
	(void)close(fd);
}

static void test_torn(void)
{
	struct traffic_log l;

	bytes_at(DAY0 + 2, 128, "torn", 4);
	NEED(opened(&l));
	CHECK(size_of(DAY0 + 2) == 128);
	traffic_log_close(&l);
	/* a whole record that is not whole, at the end */
	bytes_at(DAY0 + 2, 128, (const uint8_t[64]){ 1 }, 64);
	bytes_at(DAY0 + 2, 192, (const uint8_t[70]){ 0 }, 70);
	NEED(opened(&l));
	CHECK(size_of(DAY0 + 2) == 128);
	traffic_log_close(&l);
	/* the last but one */
	bytes_at(DAY0 + 2, 10, "x", 1);
	CHECK(traffic_log_open(&l, folder(), &d) == SC_CORRUPT);
	CHECK(strstr(d.text, "day-20719") != NULL && strstr(d.text, "record 0") != NULL);
	traffic_log_close(&l);
	CHECK(size_of(DAY0 + 2) == 128);
	CHECK(unlink(path_of(DAY0 + 2)) == 0);
}

static void test_damage_while_open(void)
{
	struct traffic_log l;
	struct traffic_tape t;

	NEED(opened(&l));
	bytes_at(DAY0 + 1, 70, "x", 1);
	CHECK(traffic_tape_open(&l, &t) == SC_CORRUPT);
	traffic_tape_close(&t);
	traffic_log_close(&l);
	CHECK(unlink(path_of(DAY0 + 1)) == 0);
}

/* A buffer that is full is written by itself. */
static void test_buffer(void)
{
	const uint64_t n = TRAFFIC_LOG_BUFFER / TRAFFIC_RECORD_BYTES;
	struct traffic_log l;
	struct traffic_tape t;

	NEED(opened(&l));
	for (uint64_t i = 0; i < n; i++)
		add(&l, i + 1, T0);
	CHECK(size_of(DAY0) == -1);
	add(&l, n + 1, T0);
	CHECK(size_of(DAY0) == (long)TRAFFIC_LOG_BUFFER);
	NEED(traffic_tape_open(&l, &t) == SC_OK);
	CHECK(t.n == n + 1);
	traffic_tape_close(&t);
	traffic_log_close(&l);
}

static void test_memory_alone(void)
{
	struct traffic_log l;
	struct traffic_tape t;

	NEED(traffic_log_open(&l, NULL, &d) == SC_OK);
	for (uint64_t i = 0; i < 40; i++)
		add(&l, i + 1, T0 + i * DAY);
	NEED(traffic_tape_open(&l, &t) == SC_OK);
	CHECK(t.n == TRAFFIC_LOG_DAYS);
	traffic_tape_close(&t);
	CHECK(traffic_log_tend(&l, T0 + 39 * DAY) == SC_OK && l.n_days == TRAFFIC_DAYS + 1);
	traffic_log_close(&l);
}

static void test_unreachable(void)
{
	struct traffic_log l;

	d.text[0] = '\0';
	CHECK(traffic_log_open(&l, "/proc/nowhere/rules", &d) == SC_IO && d.text[0] != '\0');
	CHECK(strcmp(d.file, "/proc/nowhere/rules") == 0);
	traffic_log_close(&l);
	d.text[0] = '\0';
	CHECK(traffic_log_open(&l, "/dev/null", &d) == SC_IO && d.text[0] != '\0');
	traffic_log_close(&l);
}

/* A folder that went away: told by the next tending, and not for ever. */
static void test_disk_fails(void)
{
	struct traffic_log l;

	NEED(opened(&l));
	CHECK(rename(folder(), "/tmp/test_traffic_log.gone") == 0 &&
	    rmdir("/tmp/test_traffic_log.gone") != 0);
	add(&l, 1, T0 + 3 * DAY);
	CHECK(traffic_log_tend(&l, T0 + 3 * DAY) == SC_OK);
	CHECK(rename("/tmp/test_traffic_log.gone", folder()) == 0);
	CHECK(size_of(DAY0 + 3) == 64);
	traffic_log_close(&l);
}

int main(void)
{
	char cmd[80];

	if (mkdtemp(dir) == NULL)
		return 1;
	RUN(test_record, "a record is what it was, and one bit more is found");
	RUN(test_days, "a file a day of arrival, kept for fifteen");
	RUN(test_close, "closing writes what is buffered");
	RUN(test_torn, "a torn end is cut, damage before it is not");
	RUN(test_damage_while_open, "a snapshot does not judge by damaged records");
	RUN(test_buffer, "a full buffer is written");
	RUN(test_memory_alone, "without a folder it lies in memory, and forgets the same");
	RUN(test_unreachable, "a folder that cannot be had");
	RUN(test_disk_fails, "the folder is held, not its name");
	(void)snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
	return system(cmd) != 0 || tap_done() != 0;
}
