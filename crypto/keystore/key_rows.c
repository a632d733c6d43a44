/*
 * key_rows.c - reading and adding rows of the keyring.
 */
#include "crypto/keystore/key_rows.h"

#include "base/clock.h"
#include "crypto/keystore/tables.h"

#include <string.h>

struct loading {
	struct key_row *rows;
	size_t n;
};

static enum sc_err take_row(void *arg, size_t i, const struct store_value *v)
{
	struct loading *l = arg;
	struct key_row *r = &l->rows[l->n];

	(void)i;
	if (l->n == KEY_ROWS_MAX || v[7].bytes.n != KEY_WRAPPED || v[5].number < KEY_ACTIVE ||
	    v[5].number >= KEY_STATE_COUNT)
		return SC_CORRUPT;
	r->id = (uint64_t)v[0].number;
	r->kind = (uint8_t)v[1].number;
	r->class_id = (uint8_t)v[2].number;
	r->tier = (uint8_t)v[3].number;
	r->epoch = (uint8_t)v[4].number;
	r->state = (enum key_state)v[5].number;
	r->parent = (uint64_t)v[6].number;
	memcpy(r->wrapped, v[7].bytes.p, KEY_WRAPPED);
	l->n++;
	return SC_OK;
}

static bool bind_row(void *arg, size_t i, struct store_value *v)
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
	v[7] = store_number(clock_unix_ms());
	v[8] = store_blob(r->wrapped, KEY_WRAPPED);
	return true;
}

enum sc_err key_rows_load(struct store *s, struct key_row *rows, size_t *n)
{
	struct loading l = { .rows = rows };
	struct store_job j = { .ask = { KEYRING_LOAD, 1, NULL, take_row, &l } };
	enum sc_err err = store_run(s, &j);

	*n = l.n;
	return err;
}

enum sc_err key_rows_add(struct store *s, struct key_row *row)
{
	struct store_job j = { .ask = { KEYRING_ADD, 1, bind_row, NULL, row } };

	return store_run(s, &j);
}
