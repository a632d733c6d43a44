/*
 * test_disk_features.c - a snapshot's file on a disk that refuses calls and loses what was
 * not synced: the old one or the new one, whole, and never a torn one.
 */
#include "analytics/features/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk/disk.h"
#include "disk/rebuild.h"
#include "fold_kit.h"
#include "tap.h"

#define PEOPLE 1200u /* more than is written at once */

static char base[64], root[128], control[128], path[160];
static struct disk_control *disk;
static struct fold_kit kit;

static void fresh(void)
{
	disk_free(disk);
	disk_remove(root, true);
	if (mkdir(root, 0700) != 0 || (disk = disk_new(control)) == NULL ||
	    !disk_attach(control, root))
		abort();
}

static struct fold *people(void)
{
	struct fold *f;

	kit_init(&kit);
	f = kit_fold(&kit);
	for (uint64_t i = 1; i <= PEOPLE; i++) {
		kit.n = 0;
		kit_word(&kit, FEED_PERSON, i, FEED_GRANT, KIT_START);
		kit_event(&kit, FEED_PAGE, i, 0, KIT_START);
		kit_take(&kit, f, 0, 2);
	}
	return f;
}

/* The number of the snapshot in FILE; 0: there is none; UINT64_MAX: it is no whole file. */
static uint64_t number_in(const char *file)
{
	struct feature_file *f;
	uint64_t n;

	if (access(file, F_OK) != 0)
		return 0;
	if (feature_file_open(file, NULL, &f) != SC_OK)
		return UINT64_MAX;
	n = feature_file_head(f)->count == PEOPLE ? feature_file_head(f)->number : UINT64_MAX;
	feature_file_close(f);
	return n;
}

static void test_refused(void)
{
	static const struct {
		uint32_t ops;
		const char *file, *says;
		uint32_t first;
		uint64_t leaves;
	} t[] = {
		{ DISK_OPEN, "features.tmp", "the features cannot be written", 0, 1 },
		{ DISK_WRITE, "features.tmp", "the features cannot be written", 0, 1 },
		{ DISK_WRITE, "features.tmp", "the features cannot be written", 1, 1 },
		{ DISK_WRITE, "features.tmp", "the features cannot be written", 3, 1 },
		{ DISK_SYNC, "features.tmp", "the features cannot be written", 0, 1 },
		{ DISK_NAME, "features", "the features cannot be put in place", 0, 1 },
		{ DISK_SYNC, "", "the features cannot be put in place", 0, 2 },
	};
	struct fold *f = people();
	uint8_t sha256[32];
	char beside[200];

	fresh();
	snprintf(beside, sizeof(beside), "%s.tmp", path);
	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		struct disk_rule *r;
		struct sc_diag d = { .text = "" };

		CHECK(fold_write(f, path, 1, 1, NULL, sha256) == SC_OK && number_in(path) == 1);
		r = disk_rule(disk, 0, DISK_FAIL, t[i].ops, t[i].file);
		r->err = ENOSPC;
		r->first = t[i].first;
		r->count = 1;
		CHECK(fold_write(f, path, 2, 1, &d, sha256) == SC_IO);
		CHECK(strncmp(d.text, t[i].says, strlen(t[i].says)) == 0);
		CHECK(strstr(d.text, strerror(ENOSPC)) != NULL && strstr(d.file, "/features"));
		CHECK(r->hits == 1);
		disk_release(r);
		CHECK(number_in(path) == t[i].leaves && access(beside, F_OK) != 0);
	}
	fold_free(f);
}

static void test_short_write(void)
{
	struct fold *f = people();
	struct disk_rule *r;
	uint8_t sha256[32];

	fresh();
	r = disk_rule(disk, 0, DISK_TEAR, DISK_WRITE, "features.tmp");
	r->err = EIO;
	r->arg = 100;
	r->count = 1;
	CHECK(fold_write(f, path, 1, 1, NULL, sha256) == SC_IO && number_in(path) == 0);
	disk_release(r);
	CHECK(fold_write(f, path, 1, 1, NULL, sha256) == SC_OK && number_in(path) == 1);
	fold_free(f);
}

/* The power goes after each call of two writings, in every way it can. */
static void test_power_cut(void)
{
	struct fold *f = people();
	struct disk_story *s;
	char out[128], file[200];
	uint64_t n, seen[3] = { 0 };
	uint8_t sha256[32];
	size_t done;

	fresh();
	CHECK(fold_write(f, path, 1, 1, NULL, sha256) == SC_OK);
	NEED((s = disk_story_new(control, NULL)) != NULL);
	done = disk_story_length(s);
	disk_story_free(s);
	CHECK(fold_write(f, path, 2, 1, NULL, sha256) == SC_OK);
	NEED((s = disk_story_new(control, NULL)) != NULL);
	snprintf(out, sizeof(out), "%s/cut", base);
	snprintf(file, sizeof(file), "%s/features", out);
	for (size_t cut = 0; cut <= disk_story_length(s); cut++)
		for (unsigned luck = 0; luck < LUCK_COUNT; luck++) {
			disk_remove(out, true);
			NEED(mkdir(out, 0700) == 0 &&
			    disk_story_cut(s, cut, (enum disk_luck)luck, cut, out));
			n = number_in(file);
			CHECK(n <= 2 && (cut < done || n >= 1));
			CHECK(cut < disk_story_length(s) || n == 2);
			seen[n % 3]++;
		}
	CHECK(seen[0] > 3 && seen[1] > 3 && seen[2] >= LUCK_COUNT);
	disk_story_free(s);
	fold_free(f);
}

int main(void)
{
	if (!disk_folder(base))
		return 1;
	snprintf(root, sizeof(root), "%s/root", base);
	snprintf(control, sizeof(control), "%s/control", base);
	snprintf(path, sizeof(path), "%s/features", root);
	RUN(test_refused, "a call that is refused is told, and leaves a whole file and no rubbish");
	RUN(test_short_write, "a part of a writing is no writing");
	RUN(test_power_cut, "after a power cut there is the old file or the new one, whole");
	disk_free(disk);
	disk_remove(base, true);
	return tap_done();
}
