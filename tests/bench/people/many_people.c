/*
 * many_people.c - a store filled with people faster than they could come.
 *
 * An index into which rows came at random has pages that are three quarters full to full, one that
 * was filled in order has full ones, which split at the first row more. So people are sorted
 * by the first bits of their handles only, and come as they are within these: what is written
 * to fits into the cache, and its pages fill as they do when people come by and by.
 */
#include "bench/people/many_people.h"

#include "crypto/keytree/box.h"
#include "crypto/prim/random.h"
#include "crypto/rows/tables.h"

#include <stdlib.h>
#include <string.h>

#define BITE 200000 /* rows of one transaction */
#define RANGES 4096 /* of handles, by their first 12 bits */
#define KEY TREE_SECRET_BYTES

struct filling {
	struct store_job job;
	const struct many_people *m;
	struct box_sealer *sealer;
	uint8_t (*handles)[HANDLE_BYTES]; /* by slot */
	uint32_t *order;                  /* slots, by the first bits of their handles */
	uint8_t *keys, *above;            /* of a level's boxes, and of the one that is made */
	unsigned level;
	uint64_t first, n; /* of a bite: places in the order, slots or boxes */
};

static uint32_t range_of(const uint8_t *handle)
{
	return (uint32_t)handle[0] << 4 | handle[1] >> 4;
}

static void sort_people(struct filling *f)
{
	uint64_t at[RANGES + 1] = { 0 };

	for (uint64_t i = 0; i < f->m->n; i++) {
		f->m->handle(f->m->arg, i, f->handles[i]);
		at[range_of(f->handles[i]) + 1]++;
	}
	for (unsigned r = 0; r < RANGES; r++)
		at[r + 1] += at[r];
	for (uint64_t i = 0; i < f->m->n; i++)
		f->order[at[range_of(f->handles[i])]++] = (uint32_t)i;
}

/* ---- rows ---- */

static bool bind_person(void *arg, size_t i, struct store_value *v)
{
	const struct filling *f = arg;
	const uint32_t slot = f->order[f->first + i];

	v[0] = store_blob(f->handles[slot], HANDLE_BYTES);
	v[1] = store_number(0);
	v[2] = store_number(slot);
	return true;
}

static enum sc_err run_people(struct store_job *j, struct store_tx *tx)
{
	struct filling *f = (struct filling *)j;

	return store_ask(tx, &(struct store_batch){ PERSON_ADD, f->n, bind_person, NULL, f });
}

static bool bind_week(void *arg, size_t i, struct store_value *v)
{
	const struct filling *f = arg;

	v[0] = store_number(f->first + i);
	v[1] = store_number(f->m->week);
	return true;
}

static enum sc_err run_weeks(struct store_job *j, struct store_tx *tx)
{
	struct filling *f = (struct filling *)j;

	return store_ask(tx, &(struct store_batch){ WEEK_KEEP, f->n, bind_week, NULL, f });
}

/* ---- boxes ---- */

/* What box INDEX of the level holds: people, or the keys of the level below. */
static void fill_box(const struct filling *f, uint64_t index, uint8_t plain[TREE_PLAIN])
{
	const uint64_t first = index * TREE_CHILDREN;

	memset(plain, 0, TREE_PLAIN);
	if (f->level > 0) {
		for (uint64_t i = 0; i < TREE_CHILDREN; i++)
			memcpy(plain + i * KEY, f->keys + (first + i) * KEY, KEY);
		if (f->level == TREE_LEVELS - 1)
			memcpy(plain + (TREE_CHILDREN - 1) * KEY, f->m->ring_key, KEY);
		return;
	}
	random_bytes(plain, TREE_PLAIN);
	for (uint64_t i = 0; i < TREE_LEAF; i++) {
		uint8_t *person = plain + i * sizeof(struct tree_person);

		if (index * TREE_LEAF + i < f->m->n)
			memcpy(person + KEY, f->handles[index * TREE_LEAF + i], HANDLE_BYTES);
		else
			memset(person, 0, sizeof(struct tree_person));
	}
}

struct box_row {
	uint64_t place;
	uint8_t box[TREE_BOX];
};

static bool bind_box(void *arg, size_t i, struct store_value *v)
{
	const struct box_row *r = arg;

	(void)i;
	v[0] = store_number(r->place);
	v[1] = store_blob(r->box, TREE_BOX);
	return true;
}

static enum sc_err run_boxes(struct store_job *j, struct store_tx *tx)
{
	struct filling *f = (struct filling *)j;
	uint8_t plain[TREE_PLAIN];
	struct box_row r;
	enum sc_err err = SC_OK;

	for (uint64_t i = f->first; i < f->first + f->n && err == SC_OK; i++) {
		r.place = TREE_PLACE(f->level, i);
		fill_box(f, i, plain);
		if ((err = box_seal(f->sealer, r.place, f->above + i * KEY, plain, r.box)) == SC_OK)
			err = store_ask(tx,
			    &(struct store_batch){ NODE_KEEP, 1, bind_box, NULL, &r });
	}
	return err;
}

/* ---- all ---- */

static enum sc_err in_bites(struct filling *f,
    enum sc_err (*run)(struct store_job *j, struct store_tx *tx), uint64_t n, uint64_t bite)
{
	enum sc_err err = SC_OK;

	for (f->first = 0; f->first < n && err == SC_OK; f->first += f->n) {
		f->n = n - f->first < bite ? n - f->first : bite;
		f->job = (struct store_job){ .run = run };
		err = store_run(f->m->store, &f->job);
	}
	return err;
}

/* A level's boxes; their keys are the texts of the next. */
static enum sc_err add_level(struct filling *f, uint64_t n)
{
	uint8_t *below = f->keys;
	enum sc_err err;

	/* a box is filled from as many keys as it has room for */
	if ((f->above = calloc(n + TREE_CHILDREN, KEY)) == NULL)
		return SC_NOMEM;
	if (f->level == TREE_LEVELS - 1)
		memcpy(f->above, f->m->epoch_key, KEY);
	else
		random_bytes(f->above, n * KEY);
	err = in_bites(f, run_boxes, n, BITE / 10);
	f->keys = f->above;
	free(below);
	return err;
}

enum sc_err many_people_add(const struct many_people *m)
{
	struct filling f = { .m = m };
	uint64_t boxes = (m->n + TREE_LEAF - 1) / TREE_LEAF;
	enum sc_err err;

	f.handles = calloc(m->n, sizeof(*f.handles));
	f.order = calloc(m->n, sizeof(*f.order));
	err = f.handles == NULL || f.order == NULL ?
	    SC_NOMEM :
	    box_sealer_new(m->tenant, m->store_id, &f.sealer);
	if (err == SC_OK) {
		sort_people(&f);
		err = in_bites(&f, run_people, m->n, BITE);
	}
	if (err == SC_OK)
		err = in_bites(&f, run_weeks, m->n, BITE);
	for (; f.level < TREE_LEVELS && err == SC_OK; f.level++) {
		err = add_level(&f, boxes);
		boxes = (boxes + TREE_CHILDREN - 1) / TREE_CHILDREN;
	}
	box_sealer_free(f.sealer);
	free(f.handles);
	free(f.order);
	free(f.keys);
	return err;
}
