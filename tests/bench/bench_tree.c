/*
 * bench_tree.c - what the tree of keys costs: microseconds and instructions of looking,
 * putting and erasing, with rows in memory.
 *
 * Prints a table; the best of several rounds, so that a busy neighbour does
 * not count. Instructions are of user space, "-" where the system does not tell. Decides nothing.
 */
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "crypto/keytree/slot_id.h"
#include "crypto/keytree/tree.h"
#include "crypto/prim/random.h"

enum { LEAVES = 20000, SLOTS = LEAVES * TREE_LEAF, ROUNDS = 21, BOXES = 512, GROUP = 50 };

/* Rows in memory, found by level and index: what the tree costs without a database. */
static struct rows_kept {
	uint8_t *box[TREE_LEVELS];
	size_t written;
} kept;
static struct tree_rows rows;
static struct tree *tree;
static struct slot_ids *ids;
static const uint8_t key[EPOCH_KEY_BYTES] = "epoch";
static uint64_t next_slot, lot = 1;

static void must(bool ok)
{
	if (!ok) {
		fprintf(stderr, "bench_tree: failed\n");
		exit(1);
	}
}

static uint8_t *at(uint64_t place)
{
	return kept.box[place >> 56] + (place & (TREE_PLACE(1, 0) - 1)) * TREE_BOX;
}

static enum sc_err on_read(void *arg, uint64_t place, uint8_t box[TREE_BOX], bool *there)
{
	(void)arg;
	memcpy(box, at(place), TREE_BOX);
	*there = true;
	return SC_OK;
}

static enum sc_err on_write(void *arg, uint64_t place, const uint8_t box[TREE_BOX])
{
	(void)arg;
	kept.written++;
	memcpy(at(place), box, TREE_BOX);
	return SC_OK;
}

static enum sc_err on_remove(void *arg, uint64_t place)
{
	(void)arg, (void)place;
	return SC_OK;
}

static uint64_t random_slot(void)
{
	lot ^= lot << 13;
	lot ^= lot >> 7;
	lot ^= lot << 17;
	return lot % next_slot;
}

static void end_group(void)
{
	must(tree_write(tree, &rows, key) == SC_OK);
	tree_keep(tree);
}

static void put(void)
{
	struct tree_person p;

	random_bytes(&p, sizeof(p));
	must(tree_reach(tree, &rows, next_slot) == SC_OK);
	tree_put(tree, next_slot++, &p);
}

static void look(uint64_t slot)
{
	struct tree_person p;
	bool gone;

	must(tree_look(tree, &rows, slot, &p, &gone) == SC_OK);
}

/* ---- what is measured ---------------------------------------------------------------- */

static void op_look_warm(void)
{
	look(7);
}

static void op_look_leaf_cold(void)
{
	static uint64_t leaf;

	look(++leaf % BOXES * 3 * TREE_LEAF);
}

static void op_look_cold(void)
{
	must(tree_open(tree, &rows, key) == SC_OK);
	look(7);
}

static void op_look_random(void)
{
	look(random_slot());
}

static void op_put_group(void)
{
	for (unsigned i = 0; i < GROUP; i++)
		put();
	end_group();
}

static void op_put_one(void)
{
	put();
	end_group();
}

static void op_erase_one(void)
{
	const uint64_t slot = random_slot();

	must(tree_reach(tree, &rows, slot) == SC_OK);
	tree_erase(tree, slot);
	end_group();
}

static void op_slot_id(void)
{
	uint64_t id;

	must(slot_id_of(ids, random_slot(), &id) == SC_OK);
}

static const struct bench_op {
	const char *name;
	void (*run)(void);
	unsigned times, each; /* runs of a round; operations of a run */
} ops[] = {
	{ "look, all open", op_look_warm, 100000, 1 },
	{ "look, the leaf to be opened", op_look_leaf_cold, 400, 1 },
	{ "look, five boxes to be opened", op_look_cold, 100, 1 },
	{ "look, anybody of 1.6 million", op_look_random, 400, 1 },
	{ "put, of 50 in a group", op_put_group, 40, GROUP },
	{ "put, alone in its group", op_put_one, 100, 1 },
	{ "erase, alone in its group", op_erase_one, 100, 1 },
	{ "slot to id", op_slot_id, 20000, 1 },
};

/* Of this thread: neighbours do not count. */
static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* A counter of instructions; -1 where there is none. */
static int counter(void)
{
	struct perf_event_attr a = { .type = PERF_TYPE_HARDWARE,
		.size = sizeof(a),
		.config = PERF_COUNT_HW_INSTRUCTIONS,
		.exclude_kernel = 1,
		.exclude_hv = 1 };

	return (int)syscall(SYS_perf_event_open, &a, 0, -1, -1, 0);
}

static uint64_t counted(int fd)
{
	uint64_t n = 0;

	return fd >= 0 && read(fd, &n, sizeof(n)) == sizeof(n) ? n : 0;
}

static void measure(const struct bench_op *op, int fd)
{
	double best = 0, least = 0;

	for (unsigned r = 0; r < ROUNDS; r++) {
		uint64_t insns = counted(fd), began = now_ns();
		double ns, in;

		for (unsigned i = 0; i < op->times; i++)
			op->run();
		ns = (double)(now_ns() - began) / (op->times * op->each);
		in = (double)(counted(fd) - insns) / (op->times * op->each);
		best = r == 0 || ns < best ? ns : best;
		least = r == 0 || in < least ? in : least;
	}
	if (fd >= 0)
		printf("%-32s %10.2f us %12.0f instructions\n", op->name, best / 1000, least);
	else
		printf("%-32s %10.2f us %12s instructions\n", op->name, best / 1000, "-");
}

int main(void)
{
	static const struct sc_span tenant = SC_LIT("bench");
	static const uint8_t store_id[STORE_ID_BYTES] = "bench", id_key[SLOT_ID_KEY_BYTES] = "ids";
	const int fd = counter();

	rows = (struct tree_rows){ on_read, on_write, on_remove, NULL };
	for (unsigned level = 0, n = 2 * LEAVES; level < TREE_LEVELS; level++, n = n / 120 + 2)
		must((kept.box[level] = calloc(n, TREE_BOX)) != NULL);
	must(slot_ids_new(id_key, &ids) == SC_OK);
	must(tree_new(tenant, store_id, BOXES, &tree) == SC_OK && tree_begin(tree) == SC_OK);
	while (next_slot < SLOTS)
		op_put_group();
	must(kept.written >= LEAVES);
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		measure(&ops[i], fd);
	tree_free(tree);
	slot_ids_free(ids);
	for (unsigned level = 0; level < TREE_LEVELS; level++)
		free(kept.box[level]);
	if (fd >= 0)
		close(fd);
	return 0;
}
