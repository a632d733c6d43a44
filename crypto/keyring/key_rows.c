/*
 * key_rows.c - reading and changing rows of the keyring.
 */
#include "crypto/keyring/key_rows.h"

#include "base/grow.h"
#include "crypto/rows/tables.h"

#include <stdlib.h>
#include <string.h>

/* ---- reading ---- */

static enum sc_err room_for_one(struct key_rows *rows)
{
	size_t cap = sc_grown(rows->cap);
	struct key_row *v;

	if (rows->n == KEY_ROWS_MAX)
		return SC_CORRUPT;
	if (rows->n < rows->cap)
		return SC_OK;
	if ((v = realloc(rows->v, cap * sizeof(*v))) == NULL)
		return SC_NOMEM;
	rows->v = v;
	rows->cap = cap;
	return SC_OK;
}

static bool is_sound(const struct store_value *v)
{
	return v[5].number >= KEY_ACTIVE && v[5].number < KEY_STATE_COUNT &&
	    v[7].bytes.n == (v[5].number == KEY_DESTROYED ? 0 : KEY_WRAPPED);
}

static enum sc_err take_row(void *arg, size_t i, const struct store_value *v)
{
	struct key_rows *rows = arg;
	struct key_row *r;
	enum sc_err err;

	(void)i;
	if (!is_sound(v))
		return SC_CORRUPT;
	if ((err = room_for_one(rows)) != SC_OK)
		return err;
	r = &rows->v[rows->n++];
	memset(r, 0, sizeof(*r));
	r->id = (uint64_t)v[0].number;
	r->kind = (uint8_t)v[1].number;
	r->class_id = (uint8_t)v[2].number;
	r->tier = (uint8_t)v[3].number;
	r->epoch = (uint8_t)v[4].number;
	r->state = (enum key_state)v[5].number;
	r->parent = (uint64_t)v[6].number;
	if (v[7].bytes.n > 0)
		memcpy(r->wrapped, v[7].bytes.p, KEY_WRAPPED);
	r->since_ms = (uint64_t)v[8].number;
	r->used.sealed = (uint64_t)v[9].number;
	r->used.opened = (uint64_t)v[10].number;
	r->used.last_opened = (uint32_t)v[11].number;
	return SC_OK;
}

enum sc_err key_rows_read(struct store_tx *tx, struct key_rows *rows)
{
	const struct store_batch b = { KEYRING_LOAD, 1, NULL, take_row, rows };

	return store_ask(tx, &b);
}

enum sc_err key_rows_load(struct store *s, struct key_rows *rows)
{
	struct store_job j = { .ask = { KEYRING_LOAD, 1, NULL, take_row, rows } };

	return store_run(s, &j);
}

void key_rows_fini(struct key_rows *rows)
{
	free(rows->v);
	memset(rows, 0, sizeof(*rows));
}

/* ---- changing ---- */

static bool bind_whole(void *arg, size_t i, struct store_value *v)
{
	const struct key_row *r = arg;

	(void)i;
	v[0] = store_number(r->id);
	v[1] = store_number(r->kind);
	v[2] = store_number(r->class_id);
	v[3] = store_number(r->tier);
	v[4] = store_number(r->epoch);
	v[5] = store_number(r->state);
	v[6] = store_number(r->parent);
	v[7] = store_number(r->since_ms);
	v[8] = store_blob(r->wrapped, KEY_WRAPPED);
	return true;
}

enum sc_err key_rows_add(struct store *s, struct key_row *row)
{
	struct store_job j = { .ask = { KEYRING_ADD, 1, bind_whole, NULL, row } };

	return store_run(s, &j);
}

enum sc_err key_rows_insert(struct store_tx *tx, struct key_row *row)
{
	const struct store_batch b = { KEYRING_ADD, 1, bind_whole, NULL, row };

	return store_ask(tx, &b);
}

static bool bind_change(void *arg, size_t i, struct store_value *v)
{
	const struct key_row *r = arg;

	(void)i;
	v[0] = store_number(r->state);
	v[1] = store_number(r->parent);
	v[2] = store_blob(r->wrapped, r->state == KEY_DESTROYED ? 0 : KEY_WRAPPED);
	v[3] = store_number(r->id);
	return true;
}

enum sc_err key_rows_set(struct store_tx *tx, struct key_row *row)
{
	const struct store_batch b = { KEYRING_SET, 1, bind_change, NULL, row };

	return store_ask(tx, &b);
}

static bool bind_state(void *arg, size_t i, struct store_value *v)
{
	const struct key_row *r = arg;

	(void)i;
	v[0] = store_number(r->state);
	v[1] = store_number(r->id);
	return true;
}

enum sc_err key_rows_set_state(struct store_tx *tx, uint64_t id, enum key_state state)
{
	struct key_row r = { .id = id, .state = state };
	const struct store_batch b = { KEYRING_STATE, 1, bind_state, NULL, &r };

	return store_ask(tx, &b);
}

static bool bind_id(void *arg, size_t i, struct store_value *v)
{
	(void)i;
	v[0] = store_number(*(const uint64_t *)arg);
	return true;
}

enum sc_err key_rows_remove(struct store_tx *tx, uint64_t id)
{
	const struct store_batch b = { KEYRING_REMOVE, 1, bind_id, NULL, &id };

	return store_ask(tx, &b);
}
