/*
 * test_feature_file.c - a snapshot's file: what stands where, what is refused, and what a failed
 * writing leaves.
 */
#include "analytics/features/file.h"
#include "base/bytes.h"
#include "fold_kit.h"
#include "tap.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#define T (KIT_START + 100)
#define PEOPLE 5u
#define FILE_BYTES (FEATURE_HEAD_BYTES + PEOPLE * FEATURE_ROW_BYTES + FEATURE_SHA_BYTES)

static char dir[64], path[128];
static uint8_t bytes[FILE_BYTES + 1], sha256[32];
static struct fold_kit kit;

static uint64_t person(uint64_t i)
{
	return (i + 1) * UINT64_C(0x2000000000000000) + 2 * i;
}

static size_t read_file(void)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	const ssize_t n = fd < 0 ? 0 : read(fd, bytes, sizeof(bytes));

	if (fd >= 0)
		close(fd);
	return n < 0 ? 0 : (size_t)n;
}

static void put_file(const uint8_t *p, size_t n)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	CHECK(fd >= 0 && write(fd, p, n) == (ssize_t)n && close(fd) == 0);
}

/* Five people, each with so many views as their place; written. */
static void write_five(void)
{
	struct fold *f;

	kit_init(&kit);
	for (uint64_t i = PEOPLE; i-- > 0;) {
		kit_word(&kit, FEED_PERSON, person(i), FEED_GRANT, T);
		for (uint64_t k = 0; k <= i; k++)
			kit_event(&kit, FEED_PRODUCT, person(i), 0, T);
	}
	f = kit_fold(&kit);
	CHECK(fold_write(f, path, 42, T + 7, NULL, sha256) == SC_OK);
	fold_free(f);
}

static enum sc_err opened(struct feature_file **out)
{
	struct sc_diag d = { .text = "" };
	const enum sc_err err = feature_file_open(path, &d, out);

	CHECK((err == SC_OK) == (d.text[0] == '\0') && (err == SC_OK) == (*out != NULL));
	CHECK(err == SC_OK || strcmp(d.file, path) == 0);
	return err;
}

static enum sc_err refused(void)
{
	struct feature_file *file;
	const enum sc_err err = opened(&file);

	feature_file_close(file);
	return err;
}

/* The file as it is in BYTES, its sum set right. */
static enum sc_err refused_though_signed(size_t n)
{
	crypto_hash_sha256(bytes + n - FEATURE_SHA_BYTES, bytes, n - FEATURE_SHA_BYTES);
	put_file(bytes, n);
	return refused();
}

/* ---- what stands where ---------------------------------------------------------------- */

static void test_read_back(void)
{
	struct feature_file *file;
	struct feature_row row;
	struct stat st;
	uint8_t settings[32];

	write_five();
	CHECK(stat(path, &st) == 0 && (st.st_mode & 07777) == 0600 && st.st_size == FILE_BYTES);
	NEED(opened(&file) == SC_OK);
	CHECK(feature_file_head(file)->number == 42 && feature_file_head(file)->at_ms == T + 7);
	CHECK(feature_file_head(file)->count == PEOPLE);
	feature_settings_sha256(&kit.settings, settings);
	CHECK(memcmp(feature_file_head(file)->settings, settings, 32) == 0);
	CHECK(memcmp(feature_file_sha256(file), sha256, 32) == 0);
	for (uint64_t i = 0; i < PEOPLE; i++) {
		feature_file_row(file, i, &row);
		CHECK(row.person == person(i) && row.views == i + 1);
		row.views = 0;
		CHECK(feature_file_find(file, person(i), &row) && row.views == i + 1);
		CHECK(row.person == person(i));
		CHECK(!feature_file_find(file, person(i) - 1, &row));
		CHECK(!feature_file_find(file, person(i) + 1, &row));
	}
	CHECK(!feature_file_find(file, 0, &row) && !feature_file_find(file, UINT64_MAX, &row));
	feature_file_close(file);
}

static void test_layout(void)
{
	uint8_t digest[32];

	write_five();
	NEED(read_file() == FILE_BYTES);
	CHECK(memcmp(bytes, "SCRIMFEA\0\1\x02\x1c\0\0\0\0", 16) == 0);
	CHECK(sc_be64_load(bytes + 16) == 42 && sc_be64_load(bytes + 24) == T + 7);
	CHECK(sc_be64_load(bytes + 32) == PEOPLE);
	CHECK(sc_be64_load(bytes + 72) == person(0) && sc_be64_load(bytes + 72 + 540) == person(1));
	crypto_hash_sha256(digest, bytes, FILE_BYTES - 32);
	CHECK(memcmp(digest, bytes + FILE_BYTES - 32, 32) == 0);
	CHECK(memcmp(digest, sha256, 32) == 0);
}

/* Every field gets numbers of its own, and stands where docs/FORMATS.md says. */
static void test_row_layout(void)
{
	static struct feature_row row, back;
	static uint8_t out[FEATURE_ROW_BYTES];

	memset(&row, 0, sizeof(row));
	row.person = 0x0102030405060708;
	row.first_order_ms = 11;
	row.last_order_ms = 12;
	row.last_seen_ms = 13;
	row.spent = 14;
	row.orders = 21;
	row.refunds = 22;
	row.lines = 23;
	row.views = 24;
	row.searches = 25;
	row.carts = 26;
	for (uint16_t i = 0; i < FEATURE_CATEGORIES; i++)
		row.by_category[i] = (uint16_t)(1000 + i);
	for (uint16_t i = 0; i < FEATURE_CHANNELS; i++)
		row.by_channel[i] = (uint16_t)(1100 + i);
	for (uint16_t i = 0; i < 24; i++)
		row.by_hour[i] = (uint16_t)(1200 + i);
	for (uint16_t i = 0; i < FEED_BANDS; i++)
		row.by_band[i] = (uint16_t)(1300 + i);
	row.week = 0xf1f2f3f4;
	for (uint16_t i = 0; i < FEATURE_WEEKS; i++) {
		row.by_week[i] = (uint16_t)(1400 + i);
		row.orders_by_week[i] = (uint16_t)(1500 + i);
	}
	for (uint8_t i = 0; i < FEATURE_CAMPAIGNS; i++) {
		row.campaigns[i] = (struct feature_campaign){ (uint16_t)(1600 + i),
			(uint8_t)(30 + i), (uint8_t)(40 + i), (uint8_t)(50 + i), (uint8_t)(60 + i),
			UINT64_C(1) << (40 + i) };
		row.attributes[i] = (uint8_t)(70 + i);
		row.attribute_ms[i] = UINT64_C(1) << (50 + i);
	}
	feature_row_encode(&row, out);
	CHECK(sc_be64_load(out) == 0x0102030405060708 && sc_be64_load(out + 8) == 11);
	CHECK(sc_be64_load(out + 16) == 12 && sc_be64_load(out + 24) == 13);
	CHECK(sc_be64_load(out + 32) == 14 && sc_be32_load(out + 40) == 21);
	CHECK(sc_be32_load(out + 44) == 22 && sc_be32_load(out + 60) == 26);
	CHECK(sc_be16_load(out + 64) == 1000 && sc_be16_load(out + 64 + 126) == 1063);
	CHECK(sc_be16_load(out + 192) == 1100 && sc_be16_load(out + 224) == 1200);
	CHECK(sc_be16_load(out + 272) == 1300 && sc_be32_load(out + 288) == 0xf1f2f3f4);
	CHECK(sc_be16_load(out + 292) == 1400 && sc_be16_load(out + 324) == 1500);
	CHECK(sc_be16_load(out + 356) == 1600 && sc_be16_load(out + 370) == 1607);
	CHECK(
	    out[372] == 30 && out[380] == 40 && out[388] == 50 && out[396] == 60 && out[403] == 67);
	CHECK(sc_be64_load(out + 404) == UINT64_C(1) << 40);
	CHECK(out[468] == 70 && out[475] == 77 && sc_be64_load(out + 476) == UINT64_C(1) << 50);
	CHECK(sc_be64_load(out + 532) == UINT64_C(1) << 57);
	feature_row_decode(out, &back);
	CHECK(memcmp(&row, &back, sizeof(row)) == 0);
}

static void test_settings(void)
{
	uint8_t one[32], other[32];

	kit_init(&kit);
	feature_settings_sha256(&kit.settings, one);
#define DIFFERS(change) \
	do { \
		kit_init(&kit); \
		change; \
		feature_settings_sha256(&kit.settings, other); \
		CHECK(memcmp(one, other, 32) != 0); \
	} while (0)
	DIFFERS(kit.settings.purpose = 2);
	DIFFERS(kit.settings.join_devices = true);
	DIFFERS(kit.settings.rules_off = 1);
	DIFFERS(kit.words.text_version = 3);
	DIFFERS(kit.words.price_step = 1);
	for (size_t i = 0; i < FEED_BANDS - 1; i++)
		DIFFERS(kit.words.price_bands[i]--);
	kit_init(&kit);
	kit.settings.find = NULL;
	feature_settings_sha256(&kit.settings, other);
	CHECK(memcmp(one, other, 32) == 0);
}

/* ---- what is refused -------------------------------------------------------------------- */

static void test_damage(void)
{
	write_five();
	NEED(read_file() == FILE_BYTES && refused() == SC_OK);
	for (size_t i = 0; i < FILE_BYTES; i++) {
		bytes[i] ^= (uint8_t)(1u << (i % 8));
		put_file(bytes, FILE_BYTES);
		CHECK(refused() == SC_CORRUPT);
		bytes[i] ^= (uint8_t)(1u << (i % 8));
	}
	for (size_t n = 0; n < FILE_BYTES; n += n < 200 ? 1 : 97) {
		put_file(bytes, n);
		CHECK(refused() == SC_CORRUPT);
	}
	put_file(bytes, FILE_BYTES + 1);
	CHECK(refused() == SC_CORRUPT);
}

static void test_signed_damage(void)
{
	write_five();
	NEED(read_file() == FILE_BYTES);
	for (size_t i = 0; i < 16; i++) { /* magic, version, size of a row, zeros */
		bytes[i] ^= 1;
		CHECK(refused_though_signed(FILE_BYTES) == SC_CORRUPT);
		bytes[i] ^= 1;
	}
	sc_be64_store(bytes + 32, PEOPLE + 1);
	CHECK(refused_though_signed(FILE_BYTES) == SC_CORRUPT);
	sc_be64_store(bytes + 32, PEOPLE - 1);
	CHECK(refused_though_signed(FILE_BYTES) == SC_CORRUPT);
	CHECK(refused_though_signed(FILE_BYTES - FEATURE_ROW_BYTES) == SC_OK);
	CHECK(refused_though_signed(FILE_BYTES - FEATURE_ROW_BYTES + 1) == SC_CORRUPT);
	write_five();
	NEED(read_file() == FILE_BYTES);
	/* so many that their bytes would wrap to as many as there are */
	sc_be64_store(bytes + 32, UINT64_MAX / 4);
	CHECK(refused_though_signed(FILE_BYTES) == SC_CORRUPT);
	sc_be64_store(bytes + 32, PEOPLE);
	CHECK(refused_though_signed(FILE_BYTES) == SC_OK);
	/* rows out of order, twice the same, of nobody */
	sc_be64_store(bytes + 72 + 540, person(0));
	CHECK(refused_though_signed(FILE_BYTES) == SC_CORRUPT);
	sc_be64_store(bytes + 72 + 540, person(2) + 1);
	CHECK(refused_though_signed(FILE_BYTES) == SC_CORRUPT);
	sc_be64_store(bytes + 72 + 540, person(1));
	sc_be64_store(bytes + 72, 0);
	CHECK(refused_though_signed(FILE_BYTES) == SC_CORRUPT);
	sc_be64_store(bytes + 72, 1);
	CHECK(refused_though_signed(FILE_BYTES) == SC_OK);
}

static void test_empty(void)
{
	struct feature_file *file;
	struct feature_row row;
	struct fold *f;

	kit_init(&kit);
	f = kit_fold(&kit);
	CHECK(fold_write(f, path, 0, 0, NULL, sha256) == SC_OK);
	fold_free(f);
	CHECK(read_file() == FEATURE_HEAD_BYTES + FEATURE_SHA_BYTES);
	NEED(opened(&file) == SC_OK);
	CHECK(feature_file_head(file)->count == 0 && !feature_file_find(file, 1, &row));
	feature_file_close(file);
}

/* More than is written at once. */
static void test_many(void)
{
	struct feature_file *file;
	struct feature_row row;
	struct fold *f;

	kit_init(&kit);
	f = kit_fold(&kit);
	for (uint64_t i = 1; i <= 3000; i++) {
		struct feed_event *e;

		kit.n = 0;
		kit_word(&kit, FEED_PERSON, i * 977, FEED_GRANT, T);
		e = kit_event(&kit, FEED_PURCHASE, i * 977, 0, T);
		e->price = (uint32_t)i;
		kit_take(&kit, f, 0, 2);
	}
	CHECK(fold_write(f, path, 1, T, NULL, sha256) == SC_OK);
	fold_free(f);
	NEED(opened(&file) == SC_OK);
	CHECK(feature_file_head(file)->count == 3000);
	for (uint64_t i = 1; i <= 3000; i++) {
		CHECK(feature_file_find(file, i * 977, &row) && row.spent == i && row.orders == 1);
		feature_file_row(file, i - 1, &row);
		CHECK(row.person == i * 977);
	}
	feature_file_close(file);
}

static void test_no_file(void)
{
	struct feature_file *file;
	char link[160];

	unlink(path);
	CHECK(refused() == SC_IO);
	write_five();
	snprintf(link, sizeof(link), "%s.link", path);
	CHECK(symlink(path, link) == 0);
	CHECK(feature_file_open(link, NULL, &file) == SC_IO && file == NULL);
	unlink(link);
	CHECK(feature_file_open(dir, NULL, &file) == SC_CORRUPT && file == NULL);
	feature_file_close(NULL);
}

/* ---- what a failed writing leaves ---------------------------------------------------------- */

static void test_failed_write(void)
{
	struct sc_diag d = { .text = "" };
	char beside[160], lost[160];
	struct fold *f;

	write_five();
	kit_init(&kit);
	f = kit_fold(&kit);
	snprintf(lost, sizeof(lost), "%s/none/features", dir);
	CHECK(fold_write(f, lost, 1, 1, &d, sha256) == SC_IO && d.text[0] != '\0');
	/* a link lies where it would be written: it is not followed */
	snprintf(beside, sizeof(beside), "%s.tmp", path);
	CHECK(symlink("elsewhere", beside) == 0);
	d.text[0] = '\0';
	CHECK(fold_write(f, path, 1, 1, &d, sha256) == SC_IO && d.text[0] != '\0');
	CHECK(read_file() == FILE_BYTES && refused() == SC_OK);
	unlink(beside);
	/* a folder stands in its place */
	snprintf(lost, sizeof(lost), "%s/folder", dir);
	snprintf(beside, sizeof(beside), "%s/folder.tmp", dir);
	CHECK(mkdir(lost, 0700) == 0);
	CHECK(fold_write(f, lost, 1, 1, &d, sha256) == SC_IO && access(beside, F_OK) != 0);
	rmdir(lost);
	/* what a crash left is written over, and the file replaced */
	put_file(bytes, FILE_BYTES);
	snprintf(beside, sizeof(beside), "%s.tmp", path);
	CHECK(rename(path, beside) == 0);
	CHECK(fold_write(f, path, 1, 1, &d, sha256) == SC_OK && access(beside, F_OK) != 0);
	CHECK(read_file() == FEATURE_HEAD_BYTES + FEATURE_SHA_BYTES && refused() == SC_OK);
	fold_free(f);
}

static void test_long_paths(void)
{
	static char much[5000];
	struct fold *f;

	kit_init(&kit);
	f = kit_fold(&kit);
	memset(much, 'x', sizeof(much) - 1);
	CHECK(fold_write(f, much, 1, 1, NULL, sha256) == SC_IO);
	CHECK(chdir(dir) == 0);
	CHECK(fold_write(f, "here", 1, 1, NULL, sha256) == SC_OK && access("here", F_OK) == 0);
	unlink("here");
	CHECK(chdir("/") == 0);
	fold_free(f);
}

int main(void)
{
	snprintf(dir, sizeof(dir), "/tmp/test_feature_file.XXXXXX");
	if (mkdtemp(dir) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/features-42", dir);
	RUN(test_read_back, "what was written is read back, by place and by person");
	RUN(test_layout, "the head stands where it should, and the file ends in its sum");
	RUN(test_row_layout, "every field of a row stands where it should");
	RUN(test_settings, "settings that change rows change their sum");
	RUN(test_damage, "a file with any bit changed, or any end, is refused");
	RUN(test_signed_damage, "one that says what cannot be is refused, though its sum is right");
	RUN(test_empty, "a file of nobody is a file");
	RUN(test_many, "a file of thousands is whole and sorted");
	RUN(test_no_file, "what is no file is not opened, and links are not followed");
	RUN(test_failed_write, "a failed writing leaves what was there");
	RUN(test_long_paths, "a path is as long as a path may be, or of a name alone");
	unlink(path);
	rmdir(dir);
	return tap_done();
}
