/*
 * test_disk_shelf.c - a release on a disk that refuses calls and loses what was not synced: it
 * is in its place whole, or it is not there.
 */
#include "analytics/shelf/shelf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk/disk.h"
#include "disk/rebuild.h"
#include "shelf_rig.h"
#include "tap.h"

static char base[64], root[128], control[128];
static struct disk_control *disk;
static struct sc_diag diag;
static uint8_t sha256[SHELF_SHA_BYTES];

static void fresh(void)
{
	disk_free(disk);
	disk_remove(root, true);
	if (mkdir(root, 0700) != 0 || (disk = disk_new(control)) == NULL ||
	    !disk_attach(control, root))
		abort();
}

enum found { NOTHING, WHOLE, TORN };

/* What became of release NUMBER below TOP's folder NAME. */
static enum found found(const char *top, const char *name, uint64_t number)
{
	char shelf[PATH_MAX / 2], path[PATH_MAX];
	struct shelf_release r;

	snprintf(shelf, sizeof(shelf), "%s/%s", top, name);
	if (shelf_path(shelf, RIG_DATASET, number, path, sizeof(path)) != SC_OK)
		abort();
	if (access(path, F_OK) != 0)
		return NOTHING;
	if (shelf_release_open(path, NULL, &r) != SC_OK)
		return TORN;
	shelf_release_fini(&r);
	return WHOLE;
}

static enum sc_err make(uint64_t number)
{
	char shelf[256];

	snprintf(shelf, sizeof(shelf), "%s/drafts", root);
	diag = (struct sc_diag){ 0 };
	return rig_release(shelf, number, &diag, sha256);
}

static enum sc_err publish(uint64_t number)
{
	char shelf[256], path[PATH_MAX];
	struct shelf_release r;
	enum sc_err err;

	snprintf(shelf, sizeof(shelf), "%s/drafts", root);
	if (shelf_path(shelf, RIG_DATASET, number, path, sizeof(path)) != SC_OK ||
	    (err = shelf_release_open(path, &diag, &r)) != SC_OK)
		return SC_BUG;
	snprintf(shelf, sizeof(shelf), "%s/views", root);
	diag = (struct sc_diag){ 0 };
	err = shelf_publish(&r, shelf, sc_span_str("{}"), sc_span_str("proof\n"), &diag);
	shelf_release_fini(&r);
	return err;
}

static bool left(const char *shelf)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s/%s/.making", root, shelf, RIG_DATASET);
	return access(path, F_OK) == 0;
}

/* Whatever call is refused, it is told, and the next maker finds a clean place. */
static void test_refused(void)
{
	static const struct {
		uint32_t ops;
		const char *file;
	} t[] = {
		{ DISK_WRITE, "*/release.db" },
		{ DISK_SYNC, "*/release.db" },
		{ DISK_WRITE, "*/report.json" },
		{ DISK_SYNC, "*/report.json" },
		{ DISK_OPEN, "*/manifest.json" },
		{ DISK_WRITE, "*/manifest.json" },
		{ DISK_SYNC, "*/manifest.json" },
		{ DISK_SYNC, "*/.making" },
		{ DISK_NAME, "*/portrait/.making" },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct disk_rule *r;

		fresh();
		CHECK(make(1) == SC_OK && found(root, "drafts", 1) == WHOLE);
		r = disk_rule(disk, 0, DISK_FAIL, t[i].ops, t[i].file);
		r->err = ENOSPC;
		r->count = 1;
		/* SQLite has an error of its own for its file */
		CHECK(make(2) == SC_IO && diag.text[0] != '\0');
		if (r->hits != 1)
			printf("# row %zu: %u hits\n", i, r->hits);
		CHECK(r->hits == 1);
		disk_release(r);
		CHECK(found(root, "drafts", 1) == WHOLE && found(root, "drafts", 2) == NOTHING);
		CHECK(!left("drafts") && make(2) == SC_OK && found(root, "drafts", 2) == WHOLE);
	}
}

static void test_publish_refused(void)
{
	static const char *const files[] = { "release.db", "report.json", "manifest.json", "entry",
		"receipt", ".making" };
	char pattern[64];

	fresh();
	CHECK(make(1) == SC_OK);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct disk_rule *r;

		snprintf(pattern, sizeof(pattern), "views/*%s", files[i]);
		r = disk_rule(disk, 0, DISK_FAIL, DISK_SYNC, pattern);
		r->err = EIO;
		r->count = 1;
		CHECK(publish(1) == SC_IO && strstr(diag.text, strerror(EIO)) != NULL);
		CHECK(r->hits == 1);
		disk_release(r);
		CHECK(found(root, "views", 1) == NOTHING && !left("views"));
	}
	CHECK(publish(1) == SC_OK && found(root, "views", 1) == WHOLE);
}

/* The power goes after each call of making and publishing, in every way it can. */
static void test_power_cut(void)
{
	unsigned seen[2][3] = { { 0 } };
	struct disk_story *s;
	char out[128];
	size_t made;

	fresh();
	CHECK(make(1) == SC_OK);
	NEED((s = disk_story_new(control, NULL)) != NULL);
	made = disk_story_length(s);
	disk_story_free(s);
	CHECK(publish(1) == SC_OK);
	NEED((s = disk_story_new(control, NULL)) != NULL);
	snprintf(out, sizeof(out), "%s/cut", base);
	for (size_t cut = 0; cut <= disk_story_length(s); cut++)
		for (unsigned luck = 0; luck < LUCK_COUNT; luck++) {
			enum found draft, view;

			disk_remove(out, true);
			NEED(mkdir(out, 0700) == 0 &&
			    disk_story_cut(s, cut, (enum disk_luck)luck, cut, out));
			draft = found(out, "drafts", 1);
			view = found(out, "views", 1);
			CHECK(draft != TORN && view != TORN);
			CHECK(cut < made || draft == WHOLE);
			CHECK(cut < disk_story_length(s) || view == WHOLE);
			seen[0][draft]++;
			seen[1][view]++;
		}
	CHECK(seen[0][NOTHING] > 3 && seen[0][WHOLE] > 3);
	CHECK(seen[1][NOTHING] > 3 && seen[1][WHOLE] >= LUCK_COUNT);
	disk_story_free(s);
}

int main(void)
{
	if (sodium_init() < 0 || !disk_folder(base))
		return 1;
	snprintf(root, sizeof(root), "%s/root", base);
	snprintf(control, sizeof(control), "%s/control", base);
	RUN(test_refused, "a call that is refused is told, and leaves no release and no rubbish");
	RUN(test_publish_refused, "nor does one while a release is published");
	RUN(test_power_cut, "after a power cut a release is there whole, or not at all");
	disk_free(disk);
	disk_remove(base, true);
	return tap_done();
}
