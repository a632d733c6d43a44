/*
 * key_rows.c - reading and adding rows of the keyring.
 */
#include "crypto/keyd/key_rows.h"

#include "base/clock.h"

struct load_job {
	struct store_job job;
	struct key_row *rows;
	size_t n;
};

static enum sc_err load_run(struct store_job *j, struct store_tx *tx)
{
	struct load_job *l = (struct load_job *)(void *)j;
	struct store_stmt *st = NULL;
	struct sc_span wrapped;
	struct key_row *r;
	bool more;
	enum sc_err err;

	/* parents first: KEKs are of the lowest kind */
	if ((err = store_prepare(tx,
		 "SELECT id, kind, class, tier, epoch, state,"
		 " parent, wrapped FROM keyring ORDER BY kind, id",
		 &st)) != SC_OK)
		return err;
	while ((err = store_step(st, &more)) == SC_OK && more) {
		wrapped = store_bytes(st, 7);
		if (l->n == KEY_ROWS_MAX || wrapped.n != KEY_ROW_WRAPPED) {
			err = SC_CORRUPT;
			break;
		}
		r = &l->rows[l->n++];
		r->id = (uint64_t)store_i64(st, 0);
		r->kind = (uint8_t)store_i64(st, 1);
		r->class_id = (uint8_t)store_i64(st, 2);
		r->tier = (uint8_t)store_i64(st, 3);
		r->epoch = (uint8_t)store_i64(st, 4);
		r->state = (enum key_state)store_i64(st, 5);
		r->parent = (uint64_t)store_i64(st, 6);
		memcpy(r->wrapped, wrapped.p, KEY_ROW_WRAPPED);
	}
	store_reset(st);
	return err;
}

struct add_job {
	struct store_job job;
	const struct key_row *row;
};

static enum sc_err add_run(struct store_job *j, struct store_tx *tx)
{
	const struct key_row *r = ((struct add_job *)(void *)j)->row;
	const int64_t v[] = { (int64_t)r->id, r->kind, r->class_id, r->tier, r->epoch, r->state,
		(int64_t)r->parent, (int64_t)clock_unix_ms() };
	struct store_stmt *st = NULL;
	bool more;
	enum sc_err err;
	int i;

	if ((err = store_prepare(tx,
		 "INSERT INTO keyring(id, kind, class, tier,"
		 " epoch, state, parent, created, wrapped)"
		 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
		 &st)) != SC_OK)
		return err;
	for (i = 0; i < 8 && err == SC_OK; i++)
		err = store_bind_i64(st, i + 1, v[i]);
	if (err == SC_OK &&
	    (err = store_bind_blob(st, 9, sc_span(r->wrapped, KEY_ROW_WRAPPED))) == SC_OK)
		err = store_step(st, &more);
	store_reset(st);
	return err;
}

enum sc_err key_rows_load(struct store *s, struct key_row *rows, size_t *n)
{
	struct load_job l = { .job = { .run = load_run }, .rows = rows };
	enum sc_err err = store_run(s, &l.job);

	*n = l.n;
	return err;
}

enum sc_err key_rows_add(struct store *s, const struct key_row *row)
{
	struct add_job j = { .job = { .run = add_run }, .row = row };

	return store_run(s, &j.job);
}
