/*
 * backup_rig.c - keyd's files without a keyd.
 */
#include "backup_rig.h"

#include "base/bytes.h"
#include "crypto/backup/ring.h"
#include "crypto/prim/random.h"
#include "crypto/rows/tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define GROUP 2000 /* people of one commit */

struct change {
	struct store_job job; /* first */
	struct backup_rig *r;
	uint64_t first, n, step;
	uint64_t slot;
	uint32_t week;
	bool make, erase;
	struct tree_person who;
};

static bool bind_store(void *arg, size_t i, struct store_value *v)
{
	const struct change *c = arg;
	const struct backup_header *h = &c->r->now;
	unsigned k = 0;

	(void)i;
	if (c->make)
		v[k++] = store_blob(h->store_id, STORE_ID_BYTES);
	v[k++] = store_number(h->epoch);
	v[k++] = store_number(h->high);
	v[k++] = store_number(h->lease);
	v[k] = store_number(h->people);
	return true;
}

static bool bind_writer(void *arg, size_t i, struct store_value *v)
{
	const struct change *c = arg;

	(void)i;
	v[0] = store_text(c->r->settings.origin);
	v[1] = store_number(c->r->now.gen);
	v[2] = store_number(c->r->now.applied);
	return true;
}

static bool bind_person(void *arg, size_t i, struct store_value *v)
{
	const struct change *c = arg;

	(void)i;
	v[0] = store_blob(c->who.handle, HANDLE_BYTES);
	v[1] = store_number(0);
	v[2] = store_number(c->slot);
	return true;
}

static bool bind_touched(void *arg, size_t i, struct store_value *v)
{
	const struct change *c = arg;

	(void)i;
	v[0] = store_number(c->r->now.epoch);
	v[1] = store_number(c->slot);
	return true;
}

static bool bind_week(void *arg, size_t i, struct store_value *v)
{
	const struct change *c = arg;

	(void)i;
	v[0] = store_number(c->slot);
	v[1] = store_number(c->week);
	return true;
}

static void person_of(uint64_t slot, struct tree_person *who)
{
	memset(who, 7, sizeof(*who));
	sc_be64_store(who->secret, slot);
	sc_be64_store(who->handle, slot * 0x9e3779b97f4a7c15u);
}

static enum sc_err each(struct change *c, struct store_tx *tx, const struct tree_rows *rows)
{
	enum sc_err err;

	if ((err = tree_reach(c->r->tree, rows, c->slot)) != SC_OK)
		return err;
	person_of(c->slot, &c->who);
	if (!c->erase) {
		tree_put(c->r->tree, c->slot, &c->who);
		return store_ask(tx, &(struct store_batch){ PERSON_ADD, 1, bind_person, NULL, c });
	}
	tree_erase(c->r->tree, c->slot);
	if ((err = store_ask(tx, &(struct store_batch){ TOUCHED_ADD, 1, bind_touched, NULL, c })) !=
		SC_OK ||
	    (err = store_ask(tx, &(struct store_batch){ WEEK_ERASE, 1, bind_week, NULL, c })) !=
		SC_OK ||
	    (err = store_ask(tx, &(struct store_batch){ ALIAS_ERASE, 1, bind_week, NULL, c })) !=
		SC_OK)
		return err;
	return store_ask(tx, &(struct store_batch){ PERSON_ERASE, 1, bind_person, NULL, c });
}

static enum sc_err change_run(struct store_job *j, struct store_tx *tx)
{
	struct change *c = (struct change *)j;
	struct backup_header *h = &c->r->now;
	const struct tree_rows rows = backup_tree_rows(tx);
	enum sc_err err;

	for (uint64_t i = 0; i < c->n; i++) {
		c->slot = c->first + i * c->step;
		if ((err = each(c, tx, &rows)) != SC_OK)
			return err;
	}
	h->gen++;
	h->epoch += c->erase;
	h->people = c->erase ? h->people - c->n : h->people + c->n;
	h->high += c->erase ? 0 : c->n;
	if ((err = tree_write(c->r->tree, &rows, epoch_file_key(c->r->file, h->epoch))) != SC_OK ||
	    (err = store_ask(tx,
		 &(struct store_batch){ c->make ? STORE_MAKE : STORE_KEEP, 1, bind_store, NULL,
		     c })) != SC_OK)
		return err;
	return store_ask(tx, &(struct store_batch){ WRITER_KEEP, 1, bind_writer, NULL, c });
}

static bool commit(struct backup_rig *r, struct change *c)
{
	c->r = r;
	c->job.run = change_run;
	if (store_run(r->store, &c->job) != SC_OK)
		return false;
	tree_keep(r->tree);
	return !c->erase || epoch_file_write(r->file, r->now.epoch + 1) == SC_OK;
}

bool backup_rig_add(struct backup_rig *r, uint64_t n)
{
	for (uint64_t done = 0, some; done < n; done += some) {
		struct change c = { .first = r->now.high, .step = 1 };

		some = c.n = n - done < GROUP ? n - done : GROUP;
		if (!commit(r, &c))
			return false;
	}
	return true;
}

bool backup_rig_erase(struct backup_rig *r, uint64_t first, uint64_t n, uint64_t step)
{
	struct change c = { .first = first, .n = n, .step = step, .erase = true };

	return commit(r, &c);
}

bool backup_rig_week(struct backup_rig *r, uint64_t slot, uint32_t week)
{
	struct change c = { .slot = slot, .week = week };

	c.job.ask = (struct store_batch){ WEEK_KEEP, 1, bind_week, NULL, &c };
	return store_run(r->store, &c.job) == SC_OK;
}

static bool bind_order(void *arg, size_t i, struct store_value *v)
{
	const struct change *c = arg;

	(void)i;
	v[0] = store_blob(c->who.handle, HANDLE_BYTES);
	v[1] = store_number(c->slot);
	v[2] = store_number(c->r->now.gen);
	return true;
}

static enum sc_err order_run(struct store_job *j, struct store_tx *tx)
{
	struct change *c = (struct change *)j;
	enum sc_err err;

	c->r->now.gen++;
	err = store_ask(tx, &(struct store_batch){ ALIAS_KEEP, 1, bind_order, NULL, c });
	return err != SC_OK ?
	    err :
	    store_ask(tx, &(struct store_batch){ WRITER_KEEP, 1, bind_writer, NULL, c });
}

bool backup_rig_order(struct backup_rig *r, uint8_t n, uint64_t slot)
{
	struct change c = { .job.run = order_run, .r = r, .slot = slot };

	memset(c.who.handle, n, sizeof(c.who.handle));
	return store_run(r->store, &c.job) == SC_OK;
}

static bool make_keys(struct backup_rig *r, const struct epoch_place *at)
{
	struct change c = { .make = true };
	struct sc_diag d;

	return tree_new(sc_span_str("demo"), r->now.store_id, 256, &r->tree) == SC_OK &&
	    epoch_file_make(at, r->root, &d, &r->file) == SC_OK && tree_begin(r->tree) == SC_OK &&
	    commit(r, &c) &&
	    keyring_open(r->store, tree_ring(r->tree), &r->settings.tenant, true, &d,
		&r->keyring) == SC_OK;
}

bool backup_rig_make(struct backup_rig *r)
{
	struct epoch_place at = { .tenant = sc_span_str("demo") };
	uint8_t root[32] = { 5 };
	char url[160];
	struct sc_diag d;

	memset(r, 0, sizeof(*r));
	strcpy(r->dir, "/tmp/scrim-backup-XXXXXX");
	if (mkdtemp(r->dir) == NULL)
		return false;
	snprintf(r->store_path, sizeof(r->store_path), "%s/keyd.db", r->dir);
	snprintf(r->epoch_path, sizeof(r->epoch_path), "%s/keyd.epoch", r->dir);
	snprintf(r->months_path, sizeof(r->months_path), "%s/backup.keys", r->dir);
	snprintf(r->target, sizeof(r->target), "%s/backups", r->dir);
	snprintf(url, sizeof(url), "sqlite:%s", r->store_path);
	strcpy(r->settings.tenant.s, "demo");
	r->settings.store = r->store_path;
	r->settings.epoch = r->epoch_path;
	r->settings.backup_keys = r->months_path;
	r->settings.backup_keep_days = 90;
	r->settings.origin = "scrim/demo/keyd";
	r->now.lease = 65520;
	r->now.store_id[3] = 9;
	memcpy(at.store_id, r->now.store_id, STORE_ID_BYTES);
	at.path = r->epoch_path;
	return mkdir(r->target, 0700) == 0 &&
	    sc_secret_new_take(root, sizeof(root), &r->root) == SC_OK &&
	    store_open(url, &keyd_tables, &d, &r->store) == SC_OK && make_keys(r, &at);
}

void backup_rig_remove(struct backup_rig *r)
{
	char command[128];

	keyring_free(r->keyring);
	store_close(r->store);
	tree_free(r->tree);
	epoch_file_close(r->file);
	sc_secret_free(r->root);
	snprintf(command, sizeof(command), "rm -rf %s", r->dir);
	if (system(command) != 0)
		perror(command);
}

enum sc_err backup_rig_take(struct backup_rig *r, const char *since, bool whole,
    struct backup_taken *out, struct sc_diag *d)
{
	const struct backup_order o = { .settings = &r->settings,
		.root = r->root,
		.target = r->target,
		.since = since,
		.whole = whole };

	memset(d, 0, sizeof(*d));
	return backup_take(&o, d, out);
}
