/*
 * hooks_store.c - a hook's rows: one job writes what became of a try and reads
 * what is due next, so that a delivery costs one commit.
 */
#include "base/clock.h"
#include "gateway/phone/hooks_private.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* ---- a turn of one hook ---------------------------------------------------------------- */

static bool bind_later(void *arg, size_t i, struct store_value *v)
{
	const struct hook_line *l = arg;

	(void)i;
	v[0] = store_number(l->retry_at);
	v[1] = phone_tenant(l->hooks->service);
	v[2] = phone_id_value(l->tried);
	v[3] = store_text(l->settings->name.s);
	return true;
}

static bool bind_done(void *arg, size_t i, struct store_value *v)
{
	const struct hook_line *l = arg;

	(void)i;
	v[0] = phone_tenant(l->hooks->service);
	v[1] = phone_id_value(l->tried);
	v[2] = store_text(l->settings->name.s);
	return true;
}

static bool bind_line(void *arg, size_t i, struct store_value *v)
{
	const struct hook_line *l = arg;

	(void)i;
	v[0] = phone_tenant(l->hooks->service);
	v[1] = store_text(l->settings->name.s);
	return true;
}

static enum sc_err take_next(void *arg, size_t i, const struct store_value *v)
{
	struct hook_event *e = &((struct hook_line *)arg)->event;

	(void)i;
	if (v[0].bytes.n != sizeof(e->id))
		return SC_CORRUPT;
	memcpy(e->id, v[0].bytes.p, sizeof(e->id));
	e->made_at = (uint64_t)v[2].number;
	e->due_at = (uint64_t)v[3].number;
	e->tries = (unsigned)v[4].number;
	e->there = true;
	return sc_buf_put_span(&e->payload, v[1].bytes);
}

/* ---- a hook that is over ------------------------------------------------------------------ */

#define GONE_KEY_MAX (2 * SC_NAME_MAX + 16)

/* Where it is kept that a hook is over; the value is the URL that said so. */
static void gone_key(const struct hook_line *l, char out[static GONE_KEY_MAX])
{
	snprintf(out, GONE_KEY_MAX, "hook.gone/%s/%s", l->hooks->service->tenant.s,
	    l->settings->name.s);
}

struct gone_row {
	char key[GONE_KEY_MAX];
	struct hook_line *line;
};

static bool bind_gone(void *arg, size_t i, struct store_value *v)
{
	const struct gone_row *g = arg;

	(void)i;
	v[0] = store_text(g->key);
	v[1] = store_blob(g->line->settings->url, strlen(g->line->settings->url));
	return true;
}

static enum sc_err take_gone(void *arg, size_t i, const struct store_value *v)
{
	const struct gone_row *g = arg;

	(void)i;
	if (sc_span_is(v[0].bytes, g->line->settings->url))
		atomic_store(&g->line->gone, true);
	return SC_OK;
}

enum sc_err hook_line_was_gone(struct hook_line *l)
{
	struct gone_row g = { .line = l };
	struct store_job get = { .ask = { META_GET, 1, bind_gone, take_gone, &g } };

	gone_key(l, g.key);
	return store_run(l->hooks->service->store, &get);
}

static enum sc_err put_gone(struct hook_line *l, struct store_tx *tx)
{
	struct gone_row g = { .line = l };
	const struct store_batch put = { META_PUT, 1, bind_gone, NULL, &g };
	const struct store_batch drop = { HOOK_DROP, 1, bind_line, NULL, l };
	enum sc_err err;

	gone_key(l, g.key);
	/* before what is told behind this job, in the same commit */
	atomic_store(&l->gone, true);
	if ((err = store_ask(tx, &put)) != SC_OK)
		return err;
	return store_ask(tx, &drop);
}

/* ---- the job ---------------------------------------------------------------------------------- */

static bool bind_tenant(void *arg, size_t i, struct store_value *v)
{
	const struct phone_hooks *h = arg;
	const uint64_t now = clock_unix_ms() / 1000;

	(void)i;
	v[0] = phone_tenant(h->service);
	v[1] = store_number(now - HOOK_AGE_MAX_S - HOOK_DAY_S); /* HOOKS_FORGET's */
	return true;
}

static enum sc_err take_count(void *arg, size_t i, const struct store_value *v)
{
	struct phone_hooks *h = arg;

	(void)i;
	h->counted = (uint64_t)v[0].number;
	return SC_OK;
}

enum sc_err hooks_count(struct phone_hooks *h)
{
	struct store_job forget = { .ask = { HOOKS_FORGET, 1, bind_tenant, NULL, h } };
	struct store_job count = { .ask = { HOOKS_COUNT, 1, bind_tenant, take_count, h } };
	enum sc_err err;

	if ((err = store_run(h->service->store, &forget)) != SC_OK ||
	    (err = store_run(h->service->store, &count)) != SC_OK)
		return err;
	atomic_store(&h->waiting, h->counted);
	return SC_OK;
}

static enum sc_err write_outcome(struct hook_line *l, struct store_tx *tx)
{
	const struct store_batch later = { HOOK_LATER, 1, bind_later, NULL, l };
	const struct store_batch done = { HOOK_DONE, 1, bind_done, NULL, l };

	switch (l->outcome) {
	case HOOK_UNTRIED: return SC_OK;
	case HOOK_RETRY: return store_ask(tx, &later);
	case HOOK_OVER: return put_gone(l, tx);
	case HOOK_DELIVERED:
	case HOOK_GIVEN_UP: break;
	}
	return store_ask(tx, &done);
}

static enum sc_err run(struct store_job *j, struct store_tx *tx)
{
	struct hook_line *l = loop_owner(j, struct hook_line, job);
	const struct store_batch count = { HOOKS_COUNT, 1, bind_tenant, take_count, l->hooks };
	const struct store_batch next = { HOOK_NEXT, 1, bind_line, take_next, l };
	enum sc_err err = write_outcome(l, tx);

	if (err == SC_OK && l->outcome == HOOK_OVER)
		return store_ask(tx, &count);
	if (err != SC_OK)
		return err;
	l->event.there = false;
	sc_buf_clear(&l->event.payload);
	return store_ask(tx, &next);
}

/* What was written is counted; what is waiting, on the store's thread alone. */
static void count(struct phone_hooks *h, enum hook_outcome outcome)
{
	if (outcome == HOOK_RETRY)
		atomic_fetch_add(&h->retried, 1);
	if (outcome == HOOK_DELIVERED)
		atomic_fetch_add(&h->delivered, 1);
	if (outcome == HOOK_GIVEN_UP)
		atomic_fetch_add(&h->given_up, 1);
	if (outcome == HOOK_DELIVERED || outcome == HOOK_GIVEN_UP)
		atomic_fetch_sub(&h->waiting, 1);
	if (outcome == HOOK_OVER)
		atomic_fetch_add(&h->given_up,
		    atomic_exchange(&h->waiting, h->counted) - h->counted);
}

static void over(struct store_job *j, enum sc_err err)
{
	struct hook_line *l = loop_owner(j, struct hook_line, job);
	struct phone_hooks *h = l->hooks;

	if (err == SC_OK) {
		count(h, l->outcome);
		l->outcome = HOOK_UNTRIED;
	}
	pthread_mutex_lock(&h->lock);
	l->err = err;
	l->under_way = false;
	l->answered = true;
	hooks_settled(h);
	pthread_mutex_unlock(&h->lock);
}

void hook_line_ask(struct hook_line *l)
{
	loop_timer_clear(l->hooks->worker->loop, &l->timer);
	l->state = LINE_ASKING;
	l->job = (struct store_job){ .run = run, .done = over };
	pthread_mutex_lock(&l->hooks->lock);
	l->under_way = true;
	pthread_mutex_unlock(&l->hooks->lock);
	store_submit(l->hooks->service->store, &l->job);
}
