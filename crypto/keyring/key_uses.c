/*
 * key_uses.c - counting, and a job a second for what was counted.
 */
#include "crypto/keyring/key_uses.h"

#include "base/log.h"
#include "crypto/keyring/keyring_int.h"
#include "crypto/rows/tables.h"

#include <stdlib.h>

#define PERIOD_MS 1000
#define DAY_MS UINT64_C(86400000)

/* What the store does not know yet of one key. */
struct untold {
	struct class_key *key;
	struct key_use_counts more; /* than it was told */
};

struct key_uses {
	struct keyring *kr;
	struct loop *loop;
	struct inbox *inbox;
	struct loop_timer due;
	struct inbox_job job;
	bool under_way;
	struct untold *v; /* of the job */
	size_t n;
};

/* ---- counting ---- */

static void counted(struct keyring *kr)
{
	struct key_uses *u = kr->uses;

	if (u != NULL && !u->under_way && !loop_timer_is_set(&u->due))
		loop_timer_set(u->loop, &u->due, PERIOD_MS);
}

static struct key_use_counts *in_use(struct keyring *kr, struct key_use *use)
{
	if (!use->in_use) {
		use->in_use = true;
		use->next = kr->in_use;
		kr->in_use = use;
	}
	return &use->now;
}

void keyring_sealed(struct keyring *kr, const struct class_key *k)
{
	in_use(kr, k->use)->sealed++;
}

void keyring_opened(struct keyring *kr, const struct class_key *k, uint64_t now_ms)
{
	struct key_use_counts *now = in_use(kr, k->use);

	now->opened++;
	now->last_opened = (uint32_t)(now_ms / DAY_MS);
}

void keyring_used_end(struct keyring *kr, bool keep)
{
	struct key_use *use;

	if (keep && kr->in_use != NULL)
		counted(kr);
	while ((use = kr->in_use) != NULL) {
		if (keep) {
			use->all.sealed += use->now.sealed;
			use->all.opened += use->now.opened;
		}
		if (keep && use->now.last_opened > use->all.last_opened)
			use->all.last_opened = use->now.last_opened;
		use->now = (struct key_use_counts){ 0, 0, 0 };
		use->in_use = false;
		kr->in_use = use->next;
	}
}

struct key_use_counts keyring_used(const struct class_key *k)
{
	return k->use->all;
}

/* ---- telling ---- */

static bool is_told(const struct class_key *k)
{
	return k->use->all.sealed == k->use->told.sealed &&
	    k->use->all.opened == k->use->told.opened;
}

static enum sc_err collect(struct key_uses *u)
{
	const struct keyring *kr = u->kr;

	free(u->v);
	u->n = 0;
	if ((u->v = calloc(kr->n_classes + 1, sizeof(*u->v))) == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < kr->n_classes; i++) {
		struct class_key *k = kr->classes[i];
		const struct key_use *use = k->use;

		if (is_told(k))
			continue;
		u->v[u->n].key = k;
		u->v[u->n++].more = (struct key_use_counts){ use->all.sealed - use->told.sealed,
			use->all.opened - use->told.opened, use->all.last_opened };
	}
	return SC_OK;
}

static bool bind(void *arg, size_t i, struct store_value *v)
{
	const struct untold *t = &((struct key_uses *)arg)->v[i];

	v[0] = store_number(t->more.sealed);
	v[1] = store_number(t->more.opened);
	v[2] = store_number(t->more.last_opened);
	v[3] = store_number(t->key->id);
	return true;
}

static void told(struct key_uses *u)
{
	for (size_t i = 0; i < u->n; i++) {
		struct key_use *use = u->v[i].key->use;

		use->told.sealed += u->v[i].more.sealed;
		use->told.opened += u->v[i].more.opened;
	}
}

static void on_told(struct inbox_job *j, enum sc_err err)
{
	struct key_uses *u = loop_owner(j, struct key_uses, job);

	u->under_way = false;
	if (err == SC_OK)
		told(u);
	else
		log_event(LOG_ERROR, "keyd.uses_not_kept", LOG_ERR("err", err), LOG_END);
	for (size_t i = 0; i < u->kr->n_classes; i++)
		if (!is_told(u->kr->classes[i])) {
			counted(u->kr);
			return;
		}
}

static void on_due(struct loop_timer *t)
{
	struct key_uses *u = loop_owner(t, struct key_uses, due);

	if (collect(u) != SC_OK || u->n == 0)
		return;
	u->job.job.ask = (struct store_batch){ KEYRING_USED, u->n, bind, NULL, u };
	u->job.on_loop = on_told;
	u->under_way = true;
	inbox_submit(u->inbox, &u->job);
}

enum sc_err key_uses_save(struct key_uses *u)
{
	struct store_job j = { .ask = { KEYRING_USED, 0, bind, NULL, u } };
	enum sc_err err;

	loop_timer_clear(u->loop, &u->due);
	if (u->under_way)
		return SC_AGAIN;
	if ((err = collect(u)) != SC_OK || u->n == 0)
		return err;
	j.ask.n = u->n;
	if ((err = store_run(u->inbox->store, &j)) == SC_OK)
		told(u);
	return err;
}

/* ---- life ---- */

enum sc_err key_uses_new(struct keyring *kr, struct loop *l, struct inbox *in,
    struct key_uses **out)
{
	struct key_uses *u = calloc(1, sizeof(*u));

	*out = u;
	if (u == NULL)
		return SC_NOMEM;
	u->kr = kr;
	u->loop = l;
	u->inbox = in;
	loop_timer_init(&u->due, on_due);
	kr->uses = u;
	return SC_OK;
}

void key_uses_free(struct key_uses *u)
{
	if (u == NULL)
		return;
	loop_timer_clear(u->loop, &u->due);
	u->kr->uses = NULL;
	free(u->v);
	free(u);
}
