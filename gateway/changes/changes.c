/*
 * changes.c - what passed for orders, held against what stood there.
 */
#include "gateway/changes/changes.h"

#include "base/bytes.h"
#include "base/log.h"
#include "base/store/store.h"
#include "crypto/prim/random.h"
#include "gateway/protect/plan.h"
#include "gateway/serve/access_log.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_BYTES crypto_generichash_KEYBYTES_MIN
#define WAITING_MAX 4096 /* records of orders, for the store's thread; more are not looked at */

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS hash_key (id INTEGER PRIMARY KEY, key BLOB NOT NULL);"
    "CREATE TABLE IF NOT EXISTS place (at INTEGER PRIMARY KEY, token INTEGER NOT NULL);";

enum { GET_KEY, PUT_KEY, GET, PUT };
static const char *const statements[] = {
	[GET_KEY] = "SELECT key FROM hash_key WHERE id = 0",
	[PUT_KEY] = "INSERT INTO hash_key VALUES (0, $1)",
	[GET] = "SELECT token FROM place WHERE at = $1",
	[PUT] = ("INSERT INTO place VALUES ($1, $2) "
		 "ON CONFLICT (at) DO UPDATE SET token = excluded.token"),
};

struct changes {
	struct worker_shared *shared;
	struct store *store;
	uint8_t key[KEY_BYTES];
	atomic_uint waiting;
	bool told; /* that one was left out; the tap's thread's */
};

/* A place, and what stands there. */
struct stood {
	uint64_t at, token, before;
	uint8_t class_id;
	bool known;
};

/* One record of a body, on its way to the store. */
struct writing {
	struct store_job job;
	struct changes *k;
	struct sc_name principal, route;
	uint64_t request_id;
	size_t n;
	struct stood v[];
};

/* ---- what stood there ------------------------------------------------------------------- */

static bool bind_get(void *arg, size_t i, struct store_value *v)
{
	const struct writing *w = arg;

	v[0] = store_number(w->v[i].at);
	return true;
}

static enum sc_err take_get(void *arg, size_t i, const struct store_value *v)
{
	struct writing *w = arg;

	w->v[i].known = true;
	w->v[i].before = (uint64_t)v[0].number;
	return SC_OK;
}

static bool differs(const struct stood *s)
{
	return s->known && s->before != s->token;
}

static bool bind_put(void *arg, size_t i, struct store_value *v)
{
	const struct writing *w = arg;

	v[0] = store_number(w->v[i].at);
	v[1] = store_number(w->v[i].token);
	return !w->v[i].known || differs(&w->v[i]);
}

static enum sc_err hold_against(struct store_job *job, struct store_tx *tx)
{
	struct writing *w = (struct writing *)job;
	const struct store_batch get = { GET, w->n, bind_get, take_get, w };
	const struct store_batch put = { PUT, w->n, bind_put, NULL, w };
	enum sc_err err = store_ask(tx, &get);

	return err == SC_OK ? store_ask(tx, &put) : err;
}

/* ---- the record ------------------------------------------------------------------------- */

static struct generation *in_force(struct worker_shared *shared)
{
	struct generation *g;

	pthread_mutex_lock(&shared->lock);
	g = generation_hold(shared->next);
	pthread_mutex_unlock(&shared->lock);
	return g;
}

/* The classes of what differs, and of how many places each. Returns how many. */
static size_t classes_of(const struct writing *w, const struct policy *p,
    struct audit_class out[static AUDIT_CLASSES_MAX])
{
	size_t n = 0, c;

	for (size_t i = 0; i < w->n; i++) {
		if (!differs(&w->v[i]))
			continue;
		for (c = 0; c < n && out[c].id != w->v[i].class_id; c++)
			;
		if (c == n && n < AUDIT_CLASSES_MAX)
			out[n++] = (struct audit_class){ .id = w->v[i].class_id,
				.name = policy_class_name(p, w->v[i].class_id) };
		if (c < n)
			out[c].n++;
	}
	return n;
}

static void record(const struct writing *w)
{
	struct generation *g = in_force(w->k->shared);
	struct audit_class classes[AUDIT_CLASSES_MAX];
	struct audit_record r;

	audit_record_init(&r, AUDIT_CHANGE);
	r.asking.tenant = &g->config->tenant;
	r.asking.policy_hash = g->config->policy_hash;
	r.asking.principal = w->principal.s[0] == '\0' ? NULL : &w->principal;
	r.asking.route = w->route.s[0] == '\0' ? NULL : &w->route;
	r.asking.request_id = w->request_id;
	r.asking.op = POLICY_WRITE;
	r.classes = classes;
	r.n_classes = classes_of(w, g->config->policy, classes);
	r.outcome = AUDIT_OK;
	access_log_note(w->k->shared, &r);
	generation_release(g);
}

static void on_held(struct store_job *job, enum sc_err err)
{
	struct writing *w = (struct writing *)job;
	size_t changed = 0;

	for (size_t i = 0; i < w->n; i++)
		changed += differs(&w->v[i]);
	if (err != SC_OK)
		log_event(LOG_ERROR, "gateway.change_not_looked_at", LOG_ERR("err", err),
		    LOG_HEX64("request", w->request_id), LOG_END);
	else if (changed != 0)
		record(w);
	atomic_fetch_sub(&w->k->waiting, 1);
	free(w);
}

/* ---- what passed ------------------------------------------------------------------------ */

/* Of the N PARTS, each with its length, so that no two lists are one. */
static uint64_t hash(const struct changes *k, const struct sc_span *parts, size_t n)
{
	uint8_t out[crypto_generichash_BYTES_MIN], length[8];
	crypto_generichash_state h;

	crypto_generichash_init(&h, k->key, sizeof(k->key), sizeof(out));
	for (size_t i = 0; i < n; i++) {
		sc_be64_store(length, parts[i].n);
		crypto_generichash_update(&h, length, sizeof(length));
		crypto_generichash_update(&h, parts[i].p, parts[i].n);
	}
	crypto_generichash_final(&h, out, sizeof(out));
	return sc_be64_load(out);
}

/* The order's reference in the record RECORD; empty: it has none, or two. */
static struct sc_span order_of(const struct tap_body *b, uint32_t record)
{
	struct sc_span order = { 0 };

	for (uint32_t i = 0; i < b->n_fields; i++) {
		if (b->fields[i].record != record || b->fields[i].kind != TAP_ORDER)
			continue;
		if (order.n != 0)
			return sc_span(NULL, 0);
		order = b->fields[i].text;
	}
	return order;
}

/* The places of one record. A rule may take several: they are told apart by their order. */
static void take_places(struct writing *w, const struct tap_body *b, uint32_t record,
    struct sc_span order)
{
	const struct sc_span route = sc_span_str(b->route.s);

	for (uint32_t i = 0; i < b->n_fields; i++) {
		const struct tap_field *f = &b->fields[i];
		uint32_t which = 0;

		if (f->record != record || f->kind != TAP_SEALED)
			continue;
		for (uint32_t j = 0; j < i; j++)
			which += b->fields[j].record == record && b->fields[j].kind == TAP_SEALED &&
			    b->fields[j].at.p == f->at.p;
		w->v[w->n++] = (struct stood){
			.at = hash(w->k,
			    (const struct sc_span[]){ route, order, f->at,
				sc_span((const uint8_t *)&which, sizeof(which)) },
			    4),
			.token = hash(w->k, &f->text, 1),
			.class_id = f->class_id,
		};
	}
}

static void take_record(struct changes *k, const struct tap_body *b, uint32_t record)
{
	const struct sc_span order = order_of(b, record);
	struct writing *w;

	if (order.n == 0)
		return;
	if (atomic_load(&k->waiting) >= WAITING_MAX ||
	    (w = calloc(1, sizeof(*w) + b->n_fields * sizeof(w->v[0]))) == NULL) {
		metric_add(&k->shared->metrics, METRIC_UNHEARD, 1);
		if (!k->told)
			log_event(LOG_ERROR, "gateway.change_not_looked_at",
			    LOG_HEX64("request", b->request_id), LOG_END);
		k->told = true;
		return;
	}
	k->told = false;
	w->k = k;
	w->principal = b->principal;
	w->route = b->route;
	w->request_id = b->request_id;
	take_places(w, b, record, order);
	w->job.run = hold_against;
	w->job.done = on_held;
	atomic_fetch_add(&k->waiting, 1);
	store_submit(k->store, &w->job);
}

static void on_body(void *arg, const struct tap_body *b)
{
	uint32_t last = UINT32_MAX;

	if (b->way != PLAN_STORE)
		return;
	for (uint32_t i = 0; i < b->n_fields; i++) {
		if (b->fields[i].kind != TAP_SEALED || b->fields[i].record == last)
			continue;
		last = b->fields[i].record;
		take_record(arg, b, last);
	}
}

/* ---- life -------------------------------------------------------------------------------- */

struct key_job {
	struct store_job job;
	uint8_t *key;
	bool found;
};

static enum sc_err take_key(void *arg, size_t i, const struct store_value *v)
{
	struct key_job *j = arg;

	(void)i;
	if (v[0].bytes.n != KEY_BYTES)
		return SC_CORRUPT;
	memcpy(j->key, v[0].bytes.p, KEY_BYTES);
	j->found = true;
	return SC_OK;
}

static bool bind_key(void *arg, size_t i, struct store_value *v)
{
	const struct key_job *j = arg;

	(void)i;
	v[0] = store_blob(j->key, KEY_BYTES);
	return true;
}

static enum sc_err find_key(struct store_job *job, struct store_tx *tx)
{
	struct key_job *j = (struct key_job *)job;
	const struct store_batch get = { GET_KEY, 1, NULL, take_key, j };
	const struct store_batch put = { PUT_KEY, 1, bind_key, NULL, j };
	enum sc_err err = store_ask(tx, &get);

	if (err != SC_OK || j->found)
		return err;
	random_bytes(j->key, KEY_BYTES);
	return store_ask(tx, &put);
}

bool changes_wanted(const struct config *c)
{
	for (size_t i = 0; i < c->n_routes; i++)
		if (c->routes[i].changes)
			return true;
	return false;
}

/* Beside C's store. */
static void place(const struct config *c, char *out, size_t size)
{
	const char *slash = strrchr(c->store, '/');
	const size_t n = slash == NULL ? strlen("sqlite:") : (size_t)(slash + 1 - c->store);

	snprintf(out, size, "%.*schanges.db", (int)n, c->store);
}

enum sc_err changes_new(const struct config *c, struct worker_shared *shared, struct sc_diag *d,
    struct changes **out)
{
	static const struct store_tables kept = { .sqlite = tables,
		.statements = statements,
		.n = sizeof(statements) / sizeof(statements[0]),
		.worthless = true };
	struct key_job j = { .job = { .run = find_key } };
	struct changes *k;
	char url[4096];
	enum sc_err err;

	*out = NULL;
	if (!changes_wanted(c))
		return SC_OK;
	if ((k = calloc(1, sizeof(*k))) == NULL)
		return SC_NOMEM;
	k->shared = shared;
	j.key = k->key;
	place(c, url, sizeof(url));
	if ((err = store_open(url, &kept, d, &k->store)) == SC_OK &&
	    (err = store_run(k->store, &j.job)) == SC_OK)
		*out = k;
	else
		changes_free(k);
	return err;
}

void changes_free(struct changes *k)
{
	if (k == NULL)
		return;
	store_close(k->store);
	free(k);
}

struct tap_listener changes_listener(struct changes *k)
{
	if (k == NULL)
		return (struct tap_listener){ .name = NULL };
	return (struct tap_listener){ .name = "changes", .take = on_body, .arg = k };
}
