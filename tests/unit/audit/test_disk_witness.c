/*
 * test_disk_witness.c - whenever the power goes, what a witness answered it still knows; and what a
 * refused call leaves is what it knew.
 */
#include "audit/witness/witness.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "disk/disk.h"
#include "disk/rebuild.h"
#include "tap.h"
#include "unit/audit/witness_rig.h"

#define STEPS 6

static char base[64], root[128], control[128], key_path[128];
static struct disk_control *disk;
static struct witness_settings settings = { .name = "witness.example/w1",
	.key = key_path,
	.logs = log_settings,
	.n_logs = 1 };
static struct tree tree = { 1 };

static bool start(const char *state, struct witness *out)
{
	struct sc_diags all = { .n = 0 };

	settings.state = state;
	return witness_open(&settings, &all, out) == SC_OK;
}

static void fresh(struct witness *w)
{
	disk_free(disk);
	disk_remove(root, true);
	if (mkdir(root, 0700) != 0 || (disk = disk_new(control)) == NULL ||
	    !disk_attach(control, root) || !start(root, w))
		abort();
}

static unsigned submit(struct witness *w, uint64_t old, uint64_t size)
{
	struct witness_answer a = { .status = 0 };
	struct sc_buf b;

	body_of(0, &tree, old, size, &b);
	sc_buf_init(&a.body, WITNESS_ANSWER_MAX);
	witness_add(w, sc_buf_span(&b), 1700000000, &a);
	sc_buf_fini(&a.body);
	sc_buf_fini(&b);
	return a.status;
}

/* The size that a witness knows which starts from what a cut behind OPS calls leaves; -1: none does. */
static long after_a_cut(uint64_t ops, enum disk_luck luck)
{
	struct disk_story *s = disk_story_new(control, NULL);
	struct witness w;
	char out[128];
	long size = -1;

	snprintf(out, sizeof(out), "%s/cut", base);
	disk_remove(out, true);
	if (s == NULL || mkdir(out, 0700) != 0 || !disk_story_cut(s, ops, luck, ops, out))
		abort();
	disk_story_free(s);
	if (start(out, &w)) {
		size = (long)w.seen.logs[0].size;
		witness_close(&w);
	}
	return size;
}

static void test_cuts(void)
{
	uint64_t answered[STEPS + 1];
	struct disk_story *s;
	struct witness w;
	uint64_t length;
	long seen, least;

	fresh(&w);
	for (uint64_t i = 0; i < STEPS; i++) {
		CHECK(submit(&w, i, i + 1) == 200);
		NEED((s = disk_story_new(control, NULL)) != NULL);
		answered[i + 1] = length = disk_story_length(s);
		disk_story_free(s);
	}
	witness_close(&w);
	for (uint64_t ops = 0; ops <= length; ops++)
		for (enum disk_luck luck = LUCK_LOSE; luck < LUCK_COUNT; luck++) {
			seen = after_a_cut(ops, luck);
			least = 0;
			for (long i = 1; i <= STEPS; i++)
				least = answered[i] <= ops ? i : least;
			if (seen < least || seen > least + 1) {
				printf("# cut at %llu: %ld, answered %ld\n",
				    (unsigned long long)ops, seen, least);
				CHECK(false);
			}
		}
}

static void test_refused_calls(void)
{
	static const uint32_t ops[] = { DISK_OPEN, DISK_WRITE, DISK_SYNC, DISK_NAME };
	struct disk_rule *r;
	struct witness w;
	uint64_t size = 1;

	fresh(&w);
	CHECK(submit(&w, 0, 1) == 200);
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		r = disk_rule(disk, 0, DISK_FAIL, ops[i], "*");
		r->err = ENOSPC;
		CHECK(submit(&w, size, size + 1) == 500);
		CHECK(w.seen.logs[0].size == size);
		disk_release(r);
		CHECK(submit(&w, size, size + 1) == 200);
		size++;
	}
	witness_close(&w);
}

int main(void)
{
	log_setup("test", LOG_ERROR + 1);
	snprintf(base, sizeof(base), "/tmp/scrim-disk-witness-XXXXXX");
	if (mkdtemp(base) == NULL)
		abort();
	snprintf(root, sizeof(root), "%s/root", base);
	snprintf(control, sizeof(control), "%s/control", base);
	snprintf(key_path, sizeof(key_path), "%s/key", base);
	make_log(0, "demo/one");
	make_witness_key(key_path, settings.name);
	RUN(test_cuts, "wherever the power goes, what was answered is known");
	RUN(test_refused_calls, "what the disk refuses is not cosigned, and then it goes on");
	disk_free(disk);
	disk_remove(base, true);
	return tap_done();
}
