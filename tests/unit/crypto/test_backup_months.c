/*
 * test_backup_months.c - a backup opens as long as its month's key lives, and not a day longer.
 */
#include "tap.h"

#include "base/civil.h"
#include "crypto/backup/months.h"
#include "crypto/prim/random.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAY UINT64_C(86400000)
#define KEEP 90

static char path[] = "/tmp/scrim-months-XXXXXX";
static const struct sc_name tenant = { "demo" };

static struct sc_secret *root_of(uint8_t first)
{
	uint8_t key[32] = { first };
	struct sc_secret *root = NULL;

	CHECK(sc_secret_new_take(key, sizeof(key), &root) == SC_OK);
	return root;
}

static uint64_t day(int64_t year, uint8_t month, uint8_t d)
{
	return (uint64_t)civil_days((struct civil_date){ year, month, d }) * DAY;
}

static struct sc_diag diag;

/* Open at NOW under the root that begins with ROOT, and seal or unseal H. */
static enum sc_err at(uint64_t now, uint8_t first, bool seal, struct backup_header *h,
    uint8_t key[EPOCH_KEY_BYTES], unsigned *destroyed)
{
	const struct months_place place = { path, &tenant, KEEP, now };
	struct sc_secret *root = root_of(first);
	struct backup_months *m;
	enum sc_err err;

	memset(&diag, 0, sizeof(diag));
	*destroyed = 0;
	if ((err = months_open(&place, root, seal, &diag, destroyed, &m)) == SC_OK)
		err = seal ? months_seal(m, key, &diag, h) : months_unseal(m, h, &diag, key);
	months_close(m);
	sc_secret_free(root);
	return err;
}

static struct backup_header header_of(uint64_t epoch)
{
	struct backup_header h = { .epoch = epoch };

	h.tenant = tenant;
	h.store_id[0] = 3;
	return h;
}

static void test_months(void)
{
	CHECK(month_of(day(2026, 1, 1)) == 2026 * 12);
	CHECK(month_of(day(2026, 1, 1) - 1) == 2025 * 12 + 11);
	CHECK(month_of(day(2026, 12, 31)) == 2026 * 12 + 11);
	CHECK(month_horizon(2026 * 12 + 11, KEEP) == day(2027, 1, 1) + KEEP * DAY);
	CHECK(month_horizon(2026 * 12 + 1, 0) == day(2026, 3, 1));
}

static void test_inverse_and_end(void)
{
	uint8_t key[EPOCH_KEY_BYTES] = { 42 }, out[EPOCH_KEY_BYTES];
	struct backup_header nov = header_of(5), dec = header_of(6), bad;
	const uint64_t end = day(2026, 12, 1) + KEEP * DAY;
	unsigned n;

	unlink(path);
	CHECK(at(day(2026, 11, 30), 1, true, &nov, key, &n) == SC_OK && n == 0);
	CHECK(at(day(2026, 12, 1), 1, true, &dec, key, &n) == SC_OK && n == 0);
	CHECK(nov.month + 1 == dec.month && memcmp(nov.key_id, dec.key_id, 8) != 0);
	CHECK(at(end - 1, 1, false, &nov, out, &n) == SC_OK && n == 0);
	CHECK(memcmp(out, key, sizeof(key)) == 0);
	CHECK(at(end - 1, 1, false, &dec, out, &n) == SC_OK);
	bad = nov;
	bad.epoch++;
	CHECK(at(end - 1, 1, false, &bad, out, &n) == SC_AUTH && diag.text[0] != '\0');
	bad = nov;
	bad.key_id[0] ^= 1;
	CHECK(at(end - 1, 1, false, &bad, out, &n) == SC_AUTH);
	CHECK(strstr(diag.text, "not among") != NULL);
	/* the first moment of its end */
	CHECK(at(end, 1, false, &nov, out, &n) == SC_AUTH && n == 1);
	CHECK(strstr(diag.text, "was destroyed by its horizon, on 2027-03-01") != NULL);
	CHECK(strstr(diag.text, "(2026-11)") != NULL);
	/* and says so whatever the clock is set to */
	CHECK(at(end - 3 * DAY, 1, false, &nov, out, &n) == SC_AUTH && n == 0);
	CHECK(strstr(diag.text, "was destroyed by its horizon, on 2027-03-01") != NULL);
	CHECK(at(end, 1, false, &dec, out, &n) == SC_OK && n == 0);
}

/* What was destroyed is nowhere in the file; its block says no more than when that was. */
static void test_destroyed_bytes(void)
{
	uint8_t before[2 * 4096 + 1], after[3 * 4096], key[EPOCH_KEY_BYTES] = { 1 };
	struct backup_header h = header_of(1);
	unsigned n;
	int fd;

	unlink(path);
	CHECK(at(day(2026, 1, 5), 1, true, &h, key, &n) == SC_OK);
	CHECK(at(day(2026, 2, 5), 1, true, &h, key, &n) == SC_OK);
	fd = open(path, O_RDONLY);
	CHECK(read(fd, before, sizeof(before)) == 2 * 4096);
	close(fd);
	CHECK(at(day(2026, 5, 2), 1, true, &h, key, &n) == SC_OK && n == 1);
	fd = open(path, O_RDONLY);
	CHECK(read(fd, after, sizeof(after)) == 3 * 4096);
	close(fd);
	CHECK(memcmp(before + 4096, after + 4096, 4096) == 0);
	CHECK(memcmp(after, "SCBD", 4) == 0 && memcmp(before + 4, after + 4, 12) == 0);
	for (size_t i = 16; i + 8 <= 4096; i += 8)
		CHECK(memcmp(before + i, after + i, 8) != 0);
}

/* ---- without the root, as keyd does ---- */

struct heard {
	unsigned n, refuse;
	uint32_t last;
};

static enum sc_err hear(void *arg, uint32_t month)
{
	struct heard *h = arg;

	if (h->refuse > 0 && h->refuse-- > 0)
		return SC_IO;
	h->n++;
	h->last = month;
	return SC_OK;
}

static enum sc_err end_at(uint64_t now, struct heard *h, struct months_left *left)
{
	const struct months_place place = { path, &tenant, KEEP, now };

	memset(&diag, 0, sizeof(diag));
	return months_end(&place, &diag, hear, h, left);
}

static void test_end(void)
{
	uint8_t key[EPOCH_KEY_BYTES] = { 42 }, out[EPOCH_KEY_BYTES];
	struct backup_header nov = header_of(5), dec = header_of(6);
	const uint64_t end = day(2026, 12, 1) + KEEP * DAY;
	struct heard h = { .n = 0 };
	struct months_left left;
	unsigned n;

	unlink(path);
	CHECK(end_at(end, &h, &left) == SC_OK && left.live == 0 && left.last == 0);
	CHECK(access(path, F_OK) != 0);
	CHECK(months_make(path, &diag) == SC_OK && months_make(path, &diag) == SC_OK);
	CHECK(end_at(end, &h, &left) == SC_OK && left.live == 0 && h.n == 0);
	CHECK(at(day(2026, 11, 30), 1, false, &nov, out, &n) == SC_IO);
	CHECK(strstr(diag.text, "no file of backup keys") != NULL);
	CHECK(at(day(2026, 11, 30), 1, true, &nov, key, &n) == SC_OK);
	CHECK(at(day(2026, 12, 1), 1, true, &dec, key, &n) == SC_OK);
	CHECK(end_at(end - 1, &h, &left) == SC_OK && left.live == 2 && left.destroyed == 0);
	CHECK(h.n == 0);
	/* due, and the log does not take it: destroyed all the same, and told the next time */
	h.refuse = 1;
	CHECK(end_at(end, &h, &left) == SC_IO && left.destroyed == 1 && h.n == 0);
	CHECK(at(end, 1, false, &nov, out, &n) == SC_AUTH && n == 0);
	CHECK(end_at(end, &h, &left) == SC_OK && left.destroyed == 0 && left.live == 1);
	CHECK(h.n == 1 && h.last == nov.month && left.last == nov.month);
	CHECK(left.last_at_ms == end);
	/* once, and not again when the clock is set back */
	CHECK(end_at(end - 40 * DAY, &h, &left) == SC_OK && h.n == 1 && left.live == 1);
	/* what another destroyed is told too */
	CHECK(at(end + 31 * DAY, 1, false, &dec, out, &n) == SC_AUTH && n == 1);
	CHECK(end_at(end + 31 * DAY, &h, &left) == SC_OK && h.n == 2 && h.last == dec.month);
	CHECK(left.live == 0 && left.destroyed == 0);
}

/* Who takes a backup destroys what is due himself: he is not waited for. */
static void test_end_busy(void)
{
	const struct months_place place = { path, &tenant, KEEP, day(2026, 1, 5) };
	struct sc_secret *root = root_of(1);
	struct backup_months *m;
	struct heard h = { .n = 0 };
	struct months_left left;

	unlink(path);
	CHECK(months_open(&place, root, true, &diag, NULL, &m) == SC_OK);
	CHECK(end_at(day(2027, 1, 5), &h, &left) == SC_AGAIN && h.n == 0);
	months_close(m);
	sc_secret_free(root);
	CHECK(end_at(day(2027, 1, 5), &h, &left) == SC_OK);
	CHECK(chmod(path, 0644) == 0);
	CHECK(end_at(day(2027, 1, 5), &h, &left) == SC_AUTH && strstr(diag.text, "chmod 600"));
	CHECK(unlink(path) == 0 && mkdir(path, 0700) == 0);
	CHECK(end_at(day(2027, 1, 5), &h, &left) == SC_IO && diag.text[0] != '\0');
	CHECK(rmdir(path) == 0);
}

/* A key of a month that is over would die before its time. */
static void test_clock_back(void)
{
	uint8_t key[EPOCH_KEY_BYTES] = { 42 }, out[EPOCH_KEY_BYTES];
	struct backup_header h = header_of(5), late = header_of(6);
	unsigned n;

	unlink(path);
	CHECK(at(day(2026, 11, 30), 1, true, &h, key, &n) == SC_OK);
	CHECK(at(day(2026, 10, 31), 1, true, &late, key, &n) == SC_AUTH);
	CHECK(strstr(diag.text, "2026-10") && strstr(diag.text, "2026-11, ") == NULL);
	CHECK(strstr(diag.text, "set the clock") != NULL);
	CHECK(at(day(2026, 10, 31), 1, false, &h, out, &n) == SC_OK);
	CHECK(at(day(2026, 11, 1), 1, true, &late, key, &n) == SC_OK && late.month == h.month);
	/* nor is one begun in the month of one that is dead */
	CHECK(at(day(2027, 6, 1), 1, false, &h, out, &n) == SC_AUTH && n == 1);
	CHECK(at(day(2026, 11, 2), 1, true, &late, key, &n) == SC_AUTH);
}

static void test_refused_files(void)
{
	uint8_t key[EPOCH_KEY_BYTES] = { 1 };
	struct backup_header h = header_of(1);
	unsigned n;
	int fd;

	unlink(path);
	CHECK(at(day(2026, 1, 5), 1, false, &h, key, &n) == SC_IO);
	CHECK(strstr(diag.text, "no file of backup keys") != NULL);
	CHECK(at(day(2026, 1, 5), 1, true, &h, key, &n) == SC_OK);
	CHECK(at(day(2026, 1, 5), 2, true, &h, key, &n) == SC_AUTH);
	CHECK(chmod(path, 0640) == 0);
	CHECK(at(day(2026, 1, 5), 1, true, &h, key, &n) == SC_AUTH);
	CHECK(chmod(path, 0600) == 0);
	fd = open(path, O_WRONLY | O_APPEND);
	CHECK(write(fd, "x", 1) == 1);
	close(fd);
	CHECK(at(day(2026, 1, 5), 1, true, &h, key, &n) == SC_SYNTAX);
}

int main(void)
{
	const int fd = mkstemp(path);

	close(fd);
	RUN(test_months, "months begin and end in UTC");
	RUN(test_inverse_and_end,
	    "a backup opens until its month's horizon, and says why not after");
	RUN(test_destroyed_bytes,
	    "a destroyed key leaves no byte, and its block says when it died");
	RUN(test_end, "keyd destroys what is due without the root, and tells of each once");
	RUN(test_end_busy, "it waits for nobody, and says what is in its way");
	RUN(test_clock_back, "with the clock set back no key is begun that would die too soon");
	RUN(test_refused_files, "a file of another root, open to others or cut, is refused");
	unlink(path);
	return tap_done();
}
