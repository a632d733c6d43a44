/*
 * bench_backup.c - what a whole backup, one since, and restoring both cost.
 *
 *	bench_backup [PEOPLE]	(100000; in $TMPDIR's file system, /tmp)
 */
#include "bench/people/many_people.h"
#include "unit/crypto/backup_rig.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "crypto/keystore/store_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct backup_rig rig;

/* As the rig has it. */
static void handle_of(void *arg, uint64_t slot, uint8_t out[HANDLE_BYTES])
{
	(void)arg;
	memset(out, 7, HANDLE_BYTES);
	sc_be64_store(out, slot * 0x9e3779b97f4a7c15u);
}

static enum sc_err open_tree(struct store_job *j, struct store_tx *tx)
{
	const struct tree_rows rows = store_rows_boxes(tx);

	(void)j;
	return tree_open(rig.tree, &rows, epoch_file_key(rig.file, rig.now.epoch));
}

/* All but one, who comes as everybody does, so that the store's own row follows. */
static bool fill(uint64_t people)
{
	const struct many_people m = { .store = rig.store,
		.tenant = sc_span_str("demo"),
		.store_id = rig.now.store_id,
		.epoch_key = epoch_file_key(rig.file, rig.now.epoch),
		.ring_key = tree_ring(rig.tree),
		.n = people - 1,
		.week = 2960,
		.handle = handle_of };
	struct store_job j = { .run = open_tree };

	if (many_people_add(&m) != SC_OK || store_run(rig.store, &j) != SC_OK)
		return false;
	rig.now.high = rig.now.people = m.n;
	rig.now.lease = m.n + 65520;
	return backup_rig_add(&rig, 1);
}

static bool take(const char *what)
{
	struct backup_taken b;
	struct sc_diag d;
	enum sc_err err = backup_rig_take(&rig, NULL, false, &b, &d);

	if (err == SC_OK)
		printf("%-10s %8llu ms  %12llu bytes  %9llu boxes\n", what,
		    (unsigned long long)b.ms, (unsigned long long)b.bytes,
		    (unsigned long long)b.end.rows[BACKUP_BOXES]);
	else
		fprintf(stderr, "%s: %s\n", what, d.text);
	return err == SC_OK;
}

static bool restore(void)
{
	const char *source = rig.target;
	struct backup_chain chain;
	struct settings to = rig.settings;
	const struct backup_rebuild how = { .settings = &to, .root = rig.root, .chain = &chain };
	const uint64_t began = clock_mono_ms();
	struct backup_rebuilt built;
	struct sc_diag d = { .line = 0 };
	char store[160], epoch[160];
	enum sc_err err;

	snprintf(store, sizeof(store), "%s/other.db", rig.dir);
	snprintf(epoch, sizeof(epoch), "%s/other.epoch", rig.dir);
	to.store = store;
	to.epoch = epoch;
	if ((err = backup_chain_find(&source, 1, &to.tenant, &d, &chain)) == SC_OK &&
	    (err = backup_chain_verify(&chain, NULL, &how.watch, &d)) == SC_OK)
		err = backup_rebuild(&how, &d, &built);
	backup_chain_fini(&chain);
	if (err == SC_OK)
		printf("%-10s %8llu ms  %12llu people\n", "restore",
		    (unsigned long long)(clock_mono_ms() - began),
		    (unsigned long long)built.people);
	else
		fprintf(stderr, "restore: %s\n", d.text);
	return err == SC_OK;
}

int main(int argc, char **argv)
{
	const uint64_t people = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000;
	bool ok = people >= 1000 && backup_rig_make(&rig) && fill(people);

	/* as three seconds of a busy shop leave it */
	ok = ok && take("whole") && backup_rig_add(&rig, 15000) &&
	    backup_rig_erase(&rig, people / 32, 15, people / 16) && take("since") && restore();
	backup_rig_remove(&rig);
	return ok ? 0 : 1;
}
