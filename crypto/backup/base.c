/*
 * base.c - choosing what a backup goes on from.
 */
#include "crypto/backup/base.h"

#include "crypto/rows/tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum sc_err take_row(void *arg, size_t i, const struct store_value *v)
{
	struct backup_memory *m = arg;

	(void)i;
	if (v[5].bytes.n != HASH_BYTES)
		return SC_CORRUPT;
	if (m->hash != NULL && memcmp(v[5].bytes.p, m->hash, HASH_BYTES) == 0)
		m->known = true;
	if (v[3].number != 0 && (uint64_t)v[1].number > m->pruned)
		m->pruned = (uint64_t)v[1].number;
	return SC_OK;
}

enum sc_err backup_remember(struct store_tx *tx, struct backup_memory *m)
{
	m->known = false;
	m->pruned = 0;
	return store_ask(tx, &(struct store_batch){ BACKUP_ALL, 1, NULL, take_row, m });
}

bool backup_base_fits(const struct backup_found *b, const struct backup_header *store,
    const struct backup_memory *m, struct sc_diag *d)
{
	const struct backup_header *h = &b->header;

	snprintf(d->file, sizeof(d->file), "%.255s", b->path);
	if (strcmp(h->tenant.s, store->tenant.s) != 0 ||
	    memcmp(h->store_id, store->store_id, STORE_ID_BYTES) != 0)
		sc_diag_set(d, "it is a backup of another store");
	else if (!m->known)
		sc_diag_set(d,
		    "this store does not remember taking it, as one that was restored does "
		    "not: begin a new chain with --full");
	else if (h->epoch < m->pruned)
		sc_diag_set(d,
		    "a whole backup was taken since, and erasures before that are told by "
		    "nothing any more: go on from that one, or begin a new chain with --full");
	else
		return true;
	return false;
}

struct remembering {
	struct store_job job;
	struct backup_memory memory;
};

static enum sc_err run(struct store_job *j, struct store_tx *tx)
{
	return backup_remember(tx, &((struct remembering *)j)->memory);
}

static enum sc_err look_fits(struct store *s, const struct backup_found *b,
    const struct backup_header *store, struct sc_diag *d, bool *fits)
{
	struct remembering r = { .job = { .run = run }, .memory = { .hash = b->hash } };
	enum sc_err err = store_run(s, &r.job);

	*fits = err == SC_OK && backup_base_fits(b, store, &r.memory, d);
	return err;
}

/*
 * The newest in the folder that is of this store; not the newest that fits: that would fork the
 * chain.
 */
static enum sc_err look_in_folder(struct store *s, const struct backup_order *o,
    const struct backup_header *store, struct sc_diag *d, bool *found, struct backup_found *base,
    char why[static 256])
{
	struct backup_found *all;
	size_t n;
	enum sc_err err;

	if ((err = backup_list(o->target, d, &all, &n)) != SC_OK)
		return err;
	while (n > 0 && memcmp(all[n - 1].header.store_id, store->store_id, STORE_ID_BYTES) != 0)
		n--;
	if (n > 0) {
		*base = all[n - 1];
		err = look_fits(s, base, store, d, found);
		if (err == SC_OK && !*found)
			snprintf(why, 256, "%s", d->text);
		memset(d, 0, sizeof(*d));
	}
	free(all);
	return err;
}

enum sc_err backup_base(struct store *s, const struct backup_order *o,
    const struct backup_header *store, struct sc_diag *d, bool *found, struct backup_found *base,
    char why[static 256])
{
	enum sc_err err;

	*found = false;
	why[0] = '\0';
	if (o->whole || (o->since == NULL && strcmp(o->target, "-") == 0))
		return SC_OK;
	if (o->since == NULL)
		return look_in_folder(s, o, store, d, found, base, why);
	if ((err = backup_look(o->since, d, base)) != SC_OK ||
	    (err = look_fits(s, base, store, d, found)) != SC_OK)
		return err;
	return *found ? SC_OK : SC_STALE;
}
