/*
 * fuzz_keytree.c - any bytes as an epoch file ("e" before them) or as the top box
 * of a tree ("b").
 *
 * A block that opens stands in its own place and gives a key; what mends a twin from it
 * gives the same. A box opens only if sealing what was in it gives the same box.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/keytree/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LENGTH = 2 * EPOCH_BLOCK };

static struct epoch_place place = { .tenant = SC_LIT("shop"), .store_id = "a store" };
static char path[64], twin[64];

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void gone(void)
{
	unlink(path);
	unlink(twin);
}

static void setup(void)
{
	const char *in = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

	if (place.path != NULL)
		return;
	snprintf(path, sizeof(path), "%s/scrim-fuzz-%d.epoch", in, (int)getpid());
	snprintf(twin, sizeof(twin), "%s/scrim-fuzz-%d.twin", in, (int)getpid());
	place.path = path;
	place.twin = twin;
	must(atexit(gone) == 0);
}

static struct epoch_file *opened(bool *repaired)
{
	uint8_t key[32] = "root";
	struct sc_secret *root;
	struct epoch_file *f;
	struct sc_diag d = { .text = "" };
	enum sc_err err;

	must(sc_secret_new_take(key, sizeof(key), &root) == SC_OK);
	err = epoch_file_open(&place, root, &d, repaired, &f);
	must(err == SC_OK || err == SC_AUTH || err == SC_SYNTAX);
	must((err == SC_OK) == (f != NULL) && (err == SC_OK || d.text[0] != '\0'));
	sc_secret_free(root);
	return f;
}

static void as_epoch_file(const uint8_t *data, size_t size)
{
	struct epoch_held held[2], again[2];
	struct epoch_file *f, *g;
	bool repaired;
	FILE *out;

	setup();
	gone();
	must((out = fopen(path, "wb")) != NULL && fwrite(data, 1, size, out) == size);
	must(fclose(out) == 0 && chmod(path, 0600) == 0);
	if ((f = opened(&repaired)) == NULL)
		return;
	must(size == LENGTH && repaired);
	epoch_file_held(f, held);
	must(epoch_file_mend(f) == SC_OK);
	must((g = opened(&repaired)) != NULL && !repaired);
	epoch_file_held(g, again);
	for (unsigned i = 0; i < 2; i++) {
		const uint8_t *key = epoch_file_key(f, held[i].epoch);

		must(held[i].opens == again[i].opens && held[i].opens == (key != NULL));
		if (key == NULL)
			continue;
		must(held[i].epoch % 2 == i && again[i].epoch == held[i].epoch);
		must(memcmp(key, epoch_file_key(g, held[i].epoch), EPOCH_KEY_BYTES) == 0);
	}
	epoch_file_close(g);
	epoch_file_close(f);
}

static enum sc_err on_read(void *arg, uint64_t at, uint8_t box[TREE_BOX], bool *there)
{
	(void)at;
	memcpy(box, arg, TREE_BOX);
	*there = true;
	return SC_OK;
}

static enum sc_err on_write(void *arg, uint64_t at, const uint8_t box[TREE_BOX])
{
	must(at == TREE_PLACE(TREE_LEVELS - 1, 0) && memcmp(arg, box, TREE_BOX) == 0);
	return SC_OK;
}

static void as_box(const uint8_t *data, size_t size)
{
	static const uint8_t key[EPOCH_KEY_BYTES] = "epoch";
	static struct tree *tree;
	uint8_t box[TREE_BOX] = { 0 };
	const struct tree_rows rows = { on_read, on_write, NULL, box };

	must(tree != NULL || tree_new(place.tenant, place.store_id, 16, &tree) == SC_OK);
	memcpy(box, data, size < TREE_BOX ? size : TREE_BOX);
	if (tree_open(tree, &rows, key) != SC_OK)
		return;
	tree_turn(tree);
	must(tree_write(tree, &rows, key) == SC_OK);
	tree_drop(tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size != 0 && data[0] == 'e')
		as_epoch_file(data + 1, size - 1);
	else if (size != 0 && data[0] == 'b')
		as_box(data + 1, size - 1);
	return 0;
}
