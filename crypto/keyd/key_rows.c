/*
 * key_rows.c - reading and adding rows of the keyring.
 */
#include "crypto/keyd/key_rows.h"

#include "base/clock.h"
#include "crypto/keyd/tables.h"
#include "net/loop/loop.h"

struct rows_job {
	struct store_job job;
	struct key_row *rows;
	size_t n;
};

static enum sc_err take_row(void *arg, size_t i, const struct store_value *v)
{
	struct rows_job *j = arg;
	struct key_row *r = &j->rows[j->n];

	(void)i;
	if (j->n == KEY_ROWS_MAX || v[7].bytes.n != KEY_WRAPPED)
		return SC_CORRUPT;
	r->id = (uint64_t)v[0].number;
	r->kind = (uint8_t)v[1].number;
	r->class_id = (uint8_t)v[2].number;
	r->tier = (uint8_t)v[3].number;
	r->epoch = (uint8_t)v[4].number;
	r->state = (enum key_state)v[5].number;
	r->parent = (uint64_t)v[6].number;
	memcpy(r->wrapped, v[7].bytes.p, KEY_WRAPPED);
	j->n++;
	return SC_OK;
}

static enum sc_err load_run(struct store_job *job, struct store_tx *tx)
{
	const struct store_batch all = { .statement = KEYRING_LOAD,
		.n = 1,
		.row = take_row,
		.arg = loop_owner(job, struct rows_job, job) };

	return store_ask(tx, &all);
}

static bool bind_row(void *arg, size_t i, struct store_value *v)
{
	const struct key_row *r = &((struct rows_job *)arg)->rows[i];

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

static enum sc_err add_run(struct store_job *job, struct store_tx *tx)
{
	struct rows_job *j = loop_owner(job, struct rows_job, job);
	const struct store_batch add = { .statement = KEYRING_ADD,
		.n = j->n,
		.bind = bind_row,
		.arg = j };

	return store_ask(tx, &add);
}

enum sc_err key_rows_load(struct store *s, struct key_row *rows, size_t *n)
{
	struct rows_job j = { .job = { .run = load_run }, .rows = rows };
	enum sc_err err = store_run(s, &j.job);

	*n = j.n;
	return err;
}

enum sc_err key_rows_add(struct store *s, struct key_row *row)
{
	struct rows_job j = { .job = { .run = add_run }, .rows = row, .n = 1 };

	return store_run(s, &j.job);
}
