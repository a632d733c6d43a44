/*
 * ring.c - from the epoch's key to the keyring.
 */
#include "crypto/backup/ring.h"

#include "crypto/rows/tables.h"

#include <string.h>

#define BOXES 16

struct box_row {
	uint64_t place;
	const uint8_t *in;
	uint8_t *out;
	bool there;
};

static bool bind_box(void *arg, size_t i, struct store_value *v)
{
	const struct box_row *b = arg;

	(void)i;
	v[0] = store_number(b->place);
	if (b->in != NULL)
		v[1] = store_blob(b->in, TREE_BOX);
	return true;
}

static enum sc_err take_box(void *arg, size_t i, const struct store_value *v)
{
	struct box_row *b = arg;

	(void)i;
	if (v[0].bytes.n != TREE_BOX)
		return SC_CORRUPT;
	memcpy(b->out, v[0].bytes.p, TREE_BOX);
	b->there = true;
	return SC_OK;
}

static enum sc_err read_box(void *arg, uint64_t place, uint8_t box[TREE_BOX], bool *there)
{
	struct box_row b = { .place = place, .out = box };
	enum sc_err err =
	    store_ask(arg, &(struct store_batch){ NODE_FIND, 1, bind_box, take_box, &b });

	*there = b.there;
	return err;
}

static enum sc_err write_box(void *arg, uint64_t place, const uint8_t box[TREE_BOX])
{
	struct box_row b = { .place = place, .in = box };

	return store_ask(arg, &(struct store_batch){ NODE_KEEP, 1, bind_box, NULL, &b });
}

static enum sc_err remove_box(void *arg, uint64_t place)
{
	struct box_row b = { .place = place };

	return store_ask(arg, &(struct store_batch){ NODE_REMOVE, 1, bind_box, NULL, &b });
}

struct tree_rows backup_tree_rows(struct store_tx *tx)
{
	return (struct tree_rows){ read_box, write_box, remove_box, tx };
}

struct opening {
	struct store_job job; /* first */
	struct tree *tree;
	const uint8_t *key;
};

static enum sc_err run(struct store_job *j, struct store_tx *tx)
{
	struct opening *o = (struct opening *)j;
	const struct tree_rows rows = backup_tree_rows(tx);

	return tree_open(o->tree, &rows, o->key);
}

enum sc_err backup_ring_open(struct store *s, const struct sc_name *tenant,
    const uint8_t store_id[static STORE_ID_BYTES], const uint8_t key[static EPOCH_KEY_BYTES],
    struct sc_diag *d, struct keyring **out)
{
	struct opening o = { .job = { .run = run }, .key = key };
	enum sc_err err;

	*out = NULL;
	if ((err = tree_new(sc_span_str(tenant->s), store_id, BOXES, &o.tree)) != SC_OK)
		return err;
	if ((err = store_run(s, &o.job)) == SC_CORRUPT) {
		sc_diag_set(d, "the top box of the keys does not open under its epoch's key");
		err = SC_STALE;
	}
	if (err == SC_OK)
		err = keyring_open(s, tree_ring(o.tree), tenant, false, d, out);
	tree_free(o.tree);
	return err;
}
