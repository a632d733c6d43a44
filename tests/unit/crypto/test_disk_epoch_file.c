/*
 * test_disk_epoch_file.c - keyd.epoch on a disk that refuses, tears and loses: each
 * block is the old or the new one, or its twin's.
 */
#include "crypto/keytree/epoch_file.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk/disk.h"
#include "disk/rebuild.h"
#include "tap.h"

static char base[64], root_dir[128], control[128], path[192], twin[192];
static const char *const names[] = { "keyd.epoch", "twin.epoch" };
static struct disk_control *disk;
static struct epoch_place place = { .tenant = SC_LIT("shop"), .store_id = "a store" };
static struct sc_secret *root;

static void fresh(void)
{
	disk_free(disk);
	disk_remove(root_dir, true);
	if (mkdir(root_dir, 0700) != 0 || (disk = disk_new(control)) == NULL ||
	    !disk_attach(control, root_dir))
		abort();
}

static void refuse(unsigned i, uint32_t ops, const char *file, int err, uint32_t first)
{
	struct disk_rule *r = disk_rule(disk, i, DISK_FAIL, ops, file);

	r->err = err;
	r->first = first;
}

static struct epoch_file *opened(void)
{
	struct epoch_file *f;
	bool repaired;

	return epoch_file_open(&place, root, NULL, &repaired, &f) == SC_OK ? f : NULL;
}

static bool holds(const struct epoch_file *f, uint64_t a, uint64_t b)
{
	return f != NULL && epoch_file_key(f, a) != NULL && epoch_file_key(f, b) != NULL;
}

static void test_make_refused(void)
{
	static const uint32_t ops[] = { DISK_WRITE, DISK_SYNC, DISK_NAME };
	struct epoch_file *f;

	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
			struct sc_diag d = { .text = "" };

			fresh();
			refuse(0, ops[i], names[k], ENOSPC, ops[i] == DISK_WRITE);
			CHECK(epoch_file_make(&place, root, &d, &f) == SC_IO && f == NULL);
			CHECK(strstr(d.text, "No space") != NULL);
			CHECK(access(path, F_OK) != 0 && access(twin, F_OK) != 0);
		}
}

static void test_write_refused(void)
{
	struct epoch_file *f;

	for (unsigned k = 0; k < 2; k++) {
		fresh();
		NEED(epoch_file_make(&place, root, NULL, &f) == SC_OK);
		refuse(0, DISK_WRITE, names[k], EIO, 0);
		CHECK(epoch_file_write(f, 2) == SC_IO);
		disk_release(&disk->rule[0]);
		epoch_file_close(f);
		f = opened();
		CHECK(k == 0 ? holds(f, 0, 1) : holds(f, 2, 1));
		/* tried again, it is there, on both */
		CHECK(epoch_file_write(f, 2) == SC_OK);
		epoch_file_close(f);
		unlink(k == 0 ? path : twin);
		CHECK(holds(f = opened(), 2, 1));
		epoch_file_close(f);
	}
}

static void test_torn(void)
{
	struct epoch_file *f;
	struct disk_rule *r;

	for (uint32_t arrives = 0; arrives < EPOCH_BLOCK; arrives += 512) {
		fresh();
		place.twin = NULL;
		NEED(epoch_file_make(&place, root, NULL, &f) == SC_OK);
		r = disk_rule(disk, 0, DISK_TEAR, DISK_WRITE, "keyd.epoch");
		r->err = EIO;
		r->arg = arrives;
		CHECK(epoch_file_write(f, 2) == SC_IO);
		disk_release(r);
		epoch_file_close(f);
		CHECK(holds(f = opened(), arrives == 0 ? 0 : 2, 1));
		CHECK(epoch_file_write(f, 2) == SC_OK);
		epoch_file_close(f);
		place.twin = twin;
	}
}

/* File systems that know no O_DIRECT say so when it is opened, or when it is used. */
static void test_without_direct(void)
{
	struct epoch_file *f;

	for (unsigned at_open = 0; at_open < 2; at_open++) {
		fresh();
		refuse(0, DISK_DIRECT, "keyd.epoch", EINVAL, !at_open);
		disk->rule[0].count = 1;
		NEED(epoch_file_make(&place, root, NULL, &f) == SC_OK);
		CHECK(epoch_file_write(f, 2) == SC_OK);
		epoch_file_close(f);
		CHECK(holds(f = opened(), 2, 1));
		epoch_file_close(f);
		CHECK(disk->rule[0].hits == 1);
	}
}

/* What is told as written is there when the power goes, on each of both. */
static void test_power(void)
{
	char image[128], left[192];
	struct disk_story *story;
	struct epoch_file *f;

	fresh();
	NEED(epoch_file_make(&place, root, NULL, &f) == SC_OK);
	CHECK(epoch_file_write(f, 2) == SC_OK && epoch_file_write(f, 3) == SC_OK);
	epoch_file_close(f);
	snprintf(image, sizeof(image), "%s/cut", base);
	NEED((story = disk_story_new(control, NULL)) != NULL && mkdir(image, 0700) == 0);
	CHECK(disk_story_cut(story, disk_story_length(story), LUCK_LOSE, 0, image));
	disk_story_free(story);
	for (unsigned k = 0; k < 2; k++) {
		snprintf(left, sizeof(left), "%s/%s", image, names[k]);
		CHECK(chmod(left, 0600) == 0);
		place.path = left;
		place.twin = NULL;
		CHECK(holds(f = opened(), 2, 3));
		epoch_file_close(f);
		place.path = path;
		place.twin = twin;
	}
}

int main(void)
{
	uint8_t key[32] = "root";

	if (!disk_folder(base) || sc_secret_new_take(key, sizeof(key), &root) != SC_OK)
		return 1;
	snprintf(root_dir, sizeof(root_dir), "%s/root", base);
	snprintf(control, sizeof(control), "%s/control", base);
	snprintf(path, sizeof(path), "%s/%s", root_dir, names[0]);
	snprintf(twin, sizeof(twin), "%s/%s", root_dir, names[1]);
	place.path = path;
	place.twin = twin;
	RUN(test_make_refused, "what cannot be made leaves nothing behind, and is told");
	RUN(test_write_refused, "a refused write leaves the old, and can be tried again");
	RUN(test_torn, "a write torn at any sector leaves the old or the new");
	RUN(test_without_direct, "without O_DIRECT it does without, however that is found out");
	RUN(test_power, "what is told as written survives a power cut, on each of both");
	sc_secret_free(root);
	disk_free(disk);
	disk_remove(base, true);
	return tap_done();
}
