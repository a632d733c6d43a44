/*
 * test_disk_mirror.c - a second disk that refuses: nobody is answered whose key is not there, no
 * epoch's key is destroyed that the mirror needs, and when it can be written again it has all.
 */
#include "disk/disk.h"
#include "disk/rebuild.h"
#include "tap.h"
#include "unit/crypto/people_world.h"

#include <errno.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static struct people_world w;
static char base[64], root[96], control[96];
static struct disk_control *disk;

static struct disk_rule *refuse(unsigned i, const char *file)
{
	struct disk_rule *r = disk_rule(disk, i, DISK_OFF, DISK_WRITE | DISK_SYNC, file);

	r->err = EIO;
	atomic_store(&r->act, DISK_FAIL);
	return r;
}

static bool fresh(void)
{
	snprintf(w.dir, sizeof(w.dir), "%.60s", root);
	w.mirror = true;
	return mkdir(root, 0700) == 0 && (disk = disk_new(control)) != NULL &&
	    disk_attach(control, root) && world_start(&w, true, false) == SC_OK;
}

static void test_refused(void)
{
	const struct timespec wait = { .tv_sec = 1, .tv_nsec = 100000000 };
	struct people_counts c;
	struct used_key ann, bob, k;
	struct disk_rule *r, *b;
	uint64_t epoch = 0, before;
	char path[128];
	bool found;

	NEED(fresh() && world_seal(&w, "ann", &ann) == SC_OK &&
	    world_seal(&w, "bob", &bob) == SC_OK);
	NEED(keystore_epoch_key(w.ks, &before) != NULL);
	r = refuse(0, "second/journal");
	b = refuse(1, "second/.base.part");
	CHECK(world_erase(&w, "ann", &found) == SC_IO && atomic_load(&r->hits) > 0);
	/* the mirror is of the epoch before: its key is not destroyed, on neither disk */
	CHECK(world_seal(&w, "cat", &k) == SC_IO);
	nanosleep(&wait, NULL);
	CHECK(world_seal(&w, "cat", &k) == SC_IO && atomic_load(&b->hits) > 0);
	disk_release(r);
	disk_release(b);
	nanosleep(&wait, NULL);
	CHECK(world_seal(&w, "cat", &k) == SC_OK && world_open(&w, bob.id, &k) == SC_OK);
	CHECK(k.state == PERSON_LIVE && world_open(&w, ann.id, &k) == SC_OK);
	CHECK(k.state == PERSON_GONE && keystore_epoch_key(w.ks, &epoch) != NULL);
	people_count(w.pp, &c);
	CHECK(epoch == before + 1 && c.epoch == epoch);
	world_stop(&w);
	/* it cannot be opened at the start */
	r = refuse(0, "second/.base.part");
	snprintf(path, sizeof(path), "%s/second/base.scb", root);
	NEED(unlink(path) == 0);
	CHECK(world_start(&w, false, false) == SC_IO && strstr(w.d.text, "mirror") != NULL);
	disk_release(r);
	NEED(world_start(&w, false, false) == SC_OK);
	CHECK(world_open(&w, bob.id, &k) == SC_OK && k.state == PERSON_LIVE);
	world_stop(&w);
}

int main(void)
{
	if (!disk_folder(base))
		return 1;
	snprintf(root, sizeof(root), "%.55s/run", base);
	snprintf(control, sizeof(control), "%.55s/control", base);
	RUN(test_refused, "nobody is answered whose key is not on both disks");
	disk_free(disk);
	disk_remove(base, true);
	return tap_done();
}
