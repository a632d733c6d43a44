/*
 * people_maker.c - people put into the tree and its rows by the store's own jobs.
 */
#include "unit/crypto/people_maker.h"

#include "crypto/keystore/keystore_int.h"
#include "crypto/prim/random.h"
#include "crypto/rows/tables.h"
#include "net/loop/loop.h"

#include <stdio.h>
#include <string.h>

#define BITE 4000

static const struct sc_name tenant = { "demo" };

struct making {
	struct store_job job;
	struct maker *m;
	uint64_t n, applied, slot;
	uint32_t week;
	bool found;
};

static enum sc_err closing(void *arg, struct store_tx *tx)
{
	return keystore_closing(arg, tx);
}

static enum sc_err committed(void *arg, enum sc_err err)
{
	enum sc_err mine = keystore_committed(arg, err);

	return err != SC_OK ? err : mine;
}

struct sc_secret *maker_root(void)
{
	uint8_t key[32] = { 1, 2, 3 };
	struct sc_secret *root = NULL;

	return sc_secret_new_take(key, 32, &root) == SC_OK ? root : NULL;
}

void maker_at(struct maker *m, const char *dir)
{
	memset(m, 0, sizeof(*m));
	snprintf(m->dir, sizeof(m->dir), "%s", dir);
	snprintf(m->db, sizeof(m->db), "%s/keyd.db", m->dir);
	snprintf(m->url, sizeof(m->url), "sqlite:%s/keyd.db", m->dir);
	snprintf(m->epoch, sizeof(m->epoch), "%s/keyd.epoch", m->dir);
	snprintf(m->log, sizeof(m->log), "%s/log", m->dir);
	m->place = (struct keystore_place){ .tenant = &tenant,
		.store = m->url,
		.epoch = m->epoch,
		.node = MAKER_ORIGIN };
}

bool maker_open(struct maker *m, const char *dir, bool init, struct sc_diag *d)
{
	maker_at(m, dir);
	if ((m->root = maker_root()) == NULL ||
	    keystore_open(&m->place, m->root, init, d, &m->ks) != SC_OK ||
	    keyring_open(keystore_store(m->ks), keystore_ring(m->ks), &tenant, init, d, &m->kr) !=
		SC_OK)
		return false;
	store_set_group(keystore_store(m->ks),
	    &(struct store_group){ .closing = closing, .committed = committed, .arg = m->ks });
	return true;
}

void maker_close(struct maker *m)
{
	keyring_free(m->kr);
	keystore_close(m->ks);
	sc_secret_free(m->root);
}

void maker_handle(uint64_t person, uint8_t handle[static HANDLE_BYTES])
{
	uint64_t x = person + 1;

	for (int i = 0; i < HANDLE_BYTES; i++) {
		x ^= x >> 33;
		x *= UINT64_C(0xff51afd7ed558ccd);
		handle[i] = (uint8_t)(x >> 56);
	}
}

static bool bind_week(void *arg, size_t i, struct store_value *v)
{
	const struct making *j = arg;

	v[0] = store_number(j->slot + i);
	v[1] = store_number(j->week);
	return true;
}

static enum sc_err add_one(struct keystore *ks, struct store_tx *tx, const struct tree_rows *rows)
{
	uint64_t slot = ks->now.high;
	struct tree_person p;
	enum sc_err err;

	random_bytes(p.secret, sizeof(p.secret));
	maker_handle(slot, p.handle);
	if ((err = tree_reach(ks->tree, rows, slot)) != SC_OK ||
	    (err = store_rows_give(tx, p.handle, &slot, 1)) != SC_OK)
		return err;
	tree_put(ks->tree, slot, &p);
	ks->now.high++;
	ks->now.people++;
	ks->changed = true;
	if (ks->now.lease < ks->now.high)
		ks->now.lease = ks->now.high + 65520;
	return SC_OK;
}

static enum sc_err run_add(struct store_job *job, struct store_tx *tx)
{
	struct making *j = loop_owner(job, struct making, job);
	struct keystore *ks = j->m->ks;
	const struct tree_rows rows = store_rows_boxes(tx);
	enum sc_err err = keystore_ready(ks, tx);

	j->slot = ks->now.high;
	for (uint64_t i = 0; i < j->n && err == SC_OK; i++)
		err = add_one(ks, tx, &rows);
	if (err != SC_OK || j->week == 0)
		return err;
	return store_ask(tx, &(struct store_batch){ WEEK_KEEP, j->n, bind_week, NULL, j });
}

bool maker_add(struct maker *m, uint64_t n, uint32_t week)
{
	struct making j = { .m = m, .week = week };

	for (uint64_t left = n; left > 0; left -= j.n) {
		j.n = left < BITE ? left : BITE;
		j.job = (struct store_job){ .run = run_add };
		if (store_run(keystore_store(m->ks), &j.job) != SC_OK)
			return false;
	}
	return true;
}

static enum sc_err run_erase(struct store_job *job, struct store_tx *tx)
{
	struct making *j = loop_owner(job, struct making, job);
	enum sc_err err = keystore_ready(j->m->ks, tx);

	return err != SC_OK ? err : keystore_erase(j->m->ks, tx, &j->slot, 1, &j->found);
}

bool maker_erase(struct maker *m, uint64_t slot)
{
	struct making j = { .job = { .run = run_erase }, .m = m, .slot = slot };

	return store_run(keystore_store(m->ks), &j.job) == SC_OK && j.found;
}

static enum sc_err run_applied(struct store_job *job, struct store_tx *tx)
{
	struct making *j = loop_owner(job, struct making, job);
	enum sc_err err = keystore_ready(j->m->ks, tx);

	j->m->ks->now.applied = j->applied;
	j->m->ks->changed = true;
	return err;
}

bool maker_applied(struct maker *m, uint64_t applied)
{
	struct making j = { .job = { .run = run_applied }, .m = m, .applied = applied };

	return store_run(keystore_store(m->ks), &j.job) == SC_OK;
}
