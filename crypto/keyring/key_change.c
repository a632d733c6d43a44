/*
 * key_change.c - rotating and destroying keys, so that what is old ends.
 *
 * All that can fail for want of memory is made beforehand: once the store has
 * the change, it takes effect.
 */
#include "crypto/keyring/key_change.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "crypto/keyring/keyring_int.h"
#include "crypto/prim/random.h"
#include "crypto/prim/vault.h"
#include "crypto/rows/tables.h"

#include <stdlib.h>
#include <string.h>

/* A version in the making. */
struct new_version {
	struct key_row row;
	struct class_key *key;
};

/* Of a change that ends an epoch: keys that take the place of others, raw, in the vault. */
struct new_keys {
	uint8_t ring[KEY_BYTES], kek[KEY_BYTES];
};

struct key_change {
	struct keyring *kr;
	struct new_version *made;
	size_t n_made;
	struct new_keys *keys; /* NULL: the ring key stays */
	struct kek *old;       /* the tier's */
	struct kek next;       /* that takes its place */
	struct class_key *victim;
	struct year_key *year; /* likewise */
	uint64_t *ids;
	size_t n_ids;
	struct key_change_store store;
};

/* ---- beginning ---- */

static void change_free(struct key_change *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->n_made; i++)
		key_class_free(c->made[i].key);
	siv_ctx_free(c->next.siv);
	vault_free(c->keys);
	free(c->made);
	free(c->ids);
	free(c);
}

static enum sc_err begin(struct keyring *kr, size_t n_ids, struct sc_diag *d,
    struct key_change **out)
{
	struct key_change *c;

	if (kr->changing) {
		sc_diag_set(d, "another change of keys is under way: ask again");
		return SC_AGAIN;
	}
	if (n_ids == 0)
		return SC_BUG;
	if ((c = calloc(1, sizeof(*c))) == NULL ||
	    (c->ids = calloc(n_ids, sizeof(*c->ids))) == NULL) {
		change_free(c);
		return SC_NOMEM;
	}
	c->kr = kr;
	c->n_ids = n_ids;
	*out = c;
	return SC_OK;
}

/* C goes on, or is forgotten. */
static enum sc_err begun(struct key_change *c, enum sc_err err, struct key_change **out)
{
	if (err != SC_OK) {
		change_free(c);
		return err;
	}
	c->kr->changing = true;
	*out = c;
	return SC_OK;
}

/* ---- rotating classes ---- */

static enum sc_err next_version(const struct class_key *newest, struct sc_diag *d, uint8_t *out)
{
	int number;

	if (newest == NULL) {
		sc_diag_set(d,
		    "there is no key for that class yet: keys are made for the classes "
		    "of the policy");
		return SC_LIMIT;
	}
	if ((number = key_version_number(newest->epoch) + 1) == KEY_VERSIONS) {
		sc_diag_set(d,
		    "this class has had all its %d versions: seal under a class of another name "
		    "from now on",
		    KEY_VERSIONS);
		return SC_LIMIT;
	}
	*out = (uint8_t)key_version_letter(number);
	return SC_OK;
}

static enum sc_err draw_version(struct keyring *kr, const struct key_change_class *of,
    struct new_version *v)
{
	const struct kek *kek = keyring_kek_of_tier(kr, of->tier);
	uint8_t key[KEY_BYTES];
	enum sc_err err;

	if (kek == NULL)
		return SC_CORRUPT;
	random_bytes(&v->row.id, sizeof(v->row.id));
	random_bytes(key, sizeof(key));
	v->row.kind = KIND_CLASS;
	v->row.class_id = of->class_id;
	v->row.tier = of->tier;
	v->row.state = KEY_ACTIVE;
	v->row.parent = kek->id;
	v->row.since_ms = clock_unix_ms();
	if ((err = key_row_wrap(kr, kek->siv, &v->row, key)) == SC_OK)
		err = key_class_new(&v->row, key, &v->key);
	sc_wipe(key, sizeof(key));
	return err;
}

enum sc_err key_change_classes(struct keyring *kr, const struct key_change_class *v, size_t n,
    struct sc_diag *d, struct key_change **out)
{
	struct key_change *c;
	enum sc_err err;

	*out = NULL;
	if ((err = begin(kr, n, d, &c)) != SC_OK)
		return err;
	if ((c->made = calloc(n, sizeof(*c->made))) == NULL)
		return begun(c, SC_NOMEM, out);
	err = key_class_room(kr, n);
	for (; c->n_made < n && err == SC_OK; c->n_made++) {
		const struct key_change_class *of = &v[c->n_made];
		struct new_version *made = &c->made[c->n_made];

		if ((err = next_version(kr->newest[of->class_id], d, &made->row.epoch)) != SC_OK ||
		    (err = draw_version(kr, of, made)) != SC_OK)
			break;
		c->ids[c->n_made] = made->row.id;
	}
	return begun(c, err, out);
}

/* ---- what ends the epoch too ---- */

static enum sc_err draw_kek(struct key_change *c, uint8_t tier)
{
	struct kek *next = &c->next;

	if ((c->keys = vault_alloc(sizeof(*c->keys))) == NULL)
		return SC_NOMEM;
	random_bytes(c->keys, sizeof(*c->keys));
	random_bytes(&next->id, sizeof(next->id));
	c->old = keyring_kek_of_tier(c->kr, tier);
	next->tier = tier;
	next->state = KEY_ACTIVE;
	next->since_ms = clock_unix_ms();
	/* the row before it goes, so its letters never end */
	next->epoch = (uint8_t)key_version_letter(
	    (key_version_number((char)c->old->epoch) + 1) % KEY_VERSIONS);
	return key_siv_new(c->keys->kek, "scrim1|wrap", &next->siv);
}

enum sc_err key_change_tier(struct keyring *kr, uint8_t tier, struct sc_diag *d,
    struct key_change **out)
{
	struct key_change *c;
	enum sc_err err;

	*out = NULL;
	if ((err = begin(kr, 1, d, &c)) != SC_OK)
		return err;
	if (keyring_kek_of_tier(kr, tier) == NULL) {
		sc_diag_set(d, "there is no key for that tier: tiers are T0 to T4");
		return begun(c, SC_LIMIT, out);
	}
	err = draw_kek(c, tier);
	c->ids[0] = c->next.id;
	return begun(c, err, out);
}

static enum sc_err find_victim(const struct keyring *kr, uint8_t class_id, char version,
    struct sc_diag *d, struct class_key **out)
{
	struct class_key *k = kr->newest[class_id];

	while (k != NULL && k->epoch != version)
		k = k->older;
	*out = k;
	if (k == NULL)
		sc_diag_set(d, "that class has no such version: scrim keys status lists them");
	else if (k == kr->newest[class_id] || k->state == KEY_ACTIVE)
		sc_diag_set(d, "that version seals: rotate the class first");
	else if (k->state == KEY_DESTROYED)
		sc_diag_set(d, "that version was destroyed already");
	else
		return SC_OK;
	return SC_LIMIT;
}

enum sc_err key_change_destroy(struct keyring *kr, uint8_t class_id, char version,
    struct sc_diag *d, struct key_change **out)
{
	struct key_change *c;
	enum sc_err err;

	*out = NULL;
	if ((err = begin(kr, 1, d, &c)) != SC_OK)
		return err;
	if ((err = find_victim(kr, class_id, version, d, &c->victim)) == SC_OK) {
		c->ids[0] = c->victim->id;
		err = keyring_kek_of_tier(kr, c->victim->tier) == NULL ?
		    SC_CORRUPT :
		    draw_kek(c, c->victim->tier);
	}
	return begun(c, err, out);
}

enum sc_err key_change_destroy_year(struct keyring *kr, unsigned year, struct sc_diag *d,
    struct key_change **out)
{
	const struct year_key *y = keyring_year(kr, year);
	struct key_change *c;
	enum sc_err err;

	*out = NULL;
	if ((err = begin(kr, 1, d, &c)) != SC_OK)
		return err;
	if (y == NULL || y->state == KEY_DESTROYED) {
		sc_diag_set(d,
		    y == NULL ? "there is no key of that year" :
				"that year's key was destroyed already");
		return begun(c, SC_LIMIT, out);
	}
	c->year = kr->years[year - KEY_YEAR_FIRST];
	c->ids[0] = y->id;
	err = keyring_kek_of_tier(kr, KEY_YEAR_TIER) == NULL ? SC_CORRUPT :
							       draw_kek(c, KEY_YEAR_TIER);
	return begun(c, err, out);
}

const uint8_t *key_change_ring(const struct key_change *c)
{
	return c->keys == NULL ? NULL : c->keys->ring;
}

const uint64_t *key_change_ids(const struct key_change *c, size_t *n)
{
	*n = c->n_ids;
	return c->ids;
}

const struct key_change_store *key_change_store(const struct key_change *c)
{
	return &c->store;
}

/* ---- in the store ---- */

/* What the store's thread wraps with: its own contexts, as one belongs to one thread. */
struct wrapping {
	struct siv_ctx *old_ring, *ring, *old_kek, *kek;
};

static void wrapping_fini(struct wrapping *w)
{
	siv_ctx_free(w->old_ring);
	siv_ctx_free(w->ring);
	siv_ctx_free(w->old_kek);
	siv_ctx_free(w->kek);
}

static enum sc_err add_versions(struct key_change *c, struct store_tx *tx)
{
	enum sc_err err;

	for (size_t i = 0; i < c->n_made; i++) {
		for (const struct class_key *k = c->kr->newest[c->made[i].row.class_id]; k != NULL;
		     k = k->older)
			if (k->state == KEY_ACTIVE &&
			    (err = key_rows_set_state(tx, k->id, KEY_DECRYPT_ONLY)) != SC_OK)
				return err;
		if ((err = key_rows_insert(tx, &c->made[i].row)) != SC_OK)
			return err;
	}
	return SC_OK;
}

/* R's key, until now under FROM, under TO and PARENT. */
static enum sc_err rewrap(const struct keyring *kr, struct store_tx *tx, struct key_row *r,
    struct siv_ctx *from, struct siv_ctx *to, uint64_t parent)
{
	uint8_t key[KEY_BYTES];
	enum sc_err err;

	if (r->state == KEY_DESTROYED)
		return SC_OK;
	if ((err = key_row_unwrap(kr, from, r, key)) == SC_OK) {
		r->parent = parent;
		if ((err = key_row_wrap(kr, to, r, key)) == SC_OK)
			err = key_rows_set(tx, r);
	}
	sc_wipe(key, sizeof(key));
	return err == SC_AUTH ? SC_CORRUPT : err;
}

static enum sc_err change_row(struct key_change *c, struct store_tx *tx, struct wrapping *w,
    struct key_row *r)
{
	if ((c->victim != NULL && r->id == c->victim->id) ||
	    (c->year != NULL && r->id == c->year->id)) {
		r->state = KEY_DESTROYED;
		return key_rows_set(tx, r);
	}
	if (!key_row_under_kek(r))
		return rewrap(c->kr, tx, r, w->old_ring, w->ring, 0);
	return r->parent != c->old->id ? SC_OK :
					 rewrap(c->kr, tx, r, w->old_kek, w->kek, c->next.id);
}

/* The tier's KEK goes; what it wraps is read while it is there. */
static enum sc_err end_kek(struct key_change *c, struct store_tx *tx, struct wrapping *w,
    struct key_row *old)
{
	struct key_row next = { .id = c->next.id,
		.kind = KIND_KEK,
		.tier = c->next.tier,
		.epoch = c->next.epoch,
		.state = KEY_ACTIVE,
		.since_ms = c->next.since_ms };
	uint8_t key[KEY_BYTES];
	enum sc_err err;

	if ((err = key_row_unwrap(c->kr, w->old_ring, old, key)) == SC_OK)
		err = key_siv_new(key, "scrim1|wrap", &w->old_kek);
	sc_wipe(key, sizeof(key));
	if (err != SC_OK || (err = key_row_wrap(c->kr, w->ring, &next, c->keys->kek)) != SC_OK ||
	    (err = key_rows_remove(tx, old->id)) != SC_OK)
		return err == SC_AUTH ? SC_CORRUPT : err;
	return key_rows_insert(tx, &next);
}

static enum sc_err change_rows(struct key_change *c, struct store_tx *tx, struct wrapping *w,
    struct key_rows *rows)
{
	struct key_row *old = NULL;
	enum sc_err err;

	for (size_t i = 0; i < rows->n; i++)
		if (rows->v[i].kind == KIND_KEK && rows->v[i].id == c->old->id)
			old = &rows->v[i];
	if (old == NULL)
		return SC_CORRUPT;
	if ((err = end_kek(c, tx, w, old)) != SC_OK)
		return err;
	for (size_t i = 0; i < rows->n; i++)
		if (&rows->v[i] != old && (err = change_row(c, tx, w, &rows->v[i])) != SC_OK)
			return err;
	return SC_OK;
}

static enum sc_err take_store(void *arg, size_t i, const struct store_value *v)
{
	struct key_change_store *s = arg;

	(void)i;
	if (v[0].bytes.n != STORE_ID_BYTES)
		return SC_CORRUPT;
	memcpy(s->id, v[0].bytes.p, STORE_ID_BYTES);
	s->epoch = (uint64_t)v[1].number;
	return SC_OK;
}

enum sc_err key_change_run(struct key_change *c, struct store_tx *tx, const uint8_t *ring)
{
	struct wrapping w = { NULL, NULL, NULL, NULL };
	const struct store_batch whose = { STORE_FIND, 1, NULL, take_store, &c->store };
	struct key_rows rows = { .n = 0 };
	enum sc_err err;

	if (c->keys == NULL)
		return add_versions(c, tx);
	if (ring == NULL)
		return SC_BUG;
	if ((err = key_siv_new(ring, "scrim1|ring", &w.old_ring)) == SC_OK &&
	    (err = key_siv_new(c->keys->ring, "scrim1|ring", &w.ring)) == SC_OK &&
	    (err = key_siv_new(c->keys->kek, "scrim1|wrap", &w.kek)) == SC_OK &&
	    (err = store_ask(tx, &whose)) == SC_OK && (err = key_rows_read(tx, &rows)) == SC_OK)
		err = change_rows(c, tx, &w, &rows);
	key_rows_fini(&rows);
	wrapping_fini(&w);
	return err;
}

/* ---- in effect ---- */

static void take_effect(struct key_change *c)
{
	for (size_t i = 0; i < c->n_made; i++) {
		for (struct class_key *k = c->kr->newest[c->made[i].row.class_id]; k != NULL;
		     k = k->older)
			if (k->state == KEY_ACTIVE)
				k->state = KEY_DECRYPT_ONLY;
		key_class_put(c->kr, c->made[i].key);
		c->made[i].key = NULL;
	}
	if (c->keys != NULL) {
		siv_ctx_free(c->old->siv);
		*c->old = c->next;
		c->next.siv = NULL;
	}
	if (c->victim != NULL) {
		key_class_forget(c->victim);
		c->victim->state = KEY_DESTROYED;
	}
	if (c->year != NULL)
		key_year_forget(c->year);
}

void key_change_end(struct key_change *c, enum sc_err err)
{
	c->kr->changing = false;
	if (err == SC_OK)
		take_effect(c);
	change_free(c);
}
