/*
 * hooks_tell.c - an event into the outbox: one row for each hook that wants it,
 * in the job of what it tells of, or in one of its own.
 *
 *	{"type":"call.ended","timestamp":"2026-11-26T12:00:00.250Z",
 *	 "data":{"binding":"1f81eb...","mode":"AXE","pool":"labels","x":"+44...","seconds":63}}
 */
#include "base/bytes.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text/jsonw.h"
#include "crypto/prim/random.h"
#include "gateway/phone/hooks_private.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* An event, and what becomes of it in a job. */
struct entry {
	struct phone_hooks *hooks;
	enum phone_event event;
	uint8_t id[16];
	uint64_t made_at;
	uint64_t rows; /* hooks that got one, as bits */
	struct sc_buf payload;
};

struct tell {
	struct store_job job;
	struct entry entry;
};

_Static_assert(PHONE_HOOKS_MAX <= 64, "a tell has 64 bits of them");

/* ---- the payload ------------------------------------------------------------------------- */

static void write_time(struct jsonw *w, uint64_t unix_ms)
{
	const time_t s = (time_t)(unix_ms / 1000);
	char text[sizeof("YYYY-MM-DDTHH:MM:SS") + 16], whole[sizeof(text) + 8];
	struct tm tm;

	gmtime_r(&s, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(whole, sizeof(whole), "%s.%03uZ", text, (unsigned)(unix_ms % 1000));
	jsonw_str(w, whole);
}

static void write_binding(struct jsonw *w, const struct phone_binding *b)
{
	jsonw_key(w, "binding");
	jsonw_hex(w, b->id, sizeof(b->id));
	jsonw_kstr(w, "mode", phone_mode_names[b->mode]);
	jsonw_ku64(w, "expires_at", b->expires_at);
}

static void write_data(struct jsonw *w, const struct phone_told *t)
{
	if (t->binding != NULL)
		write_binding(w, t->binding);
	if (t->pool != NULL)
		jsonw_kstr(w, "pool", t->pool->s);
	if (t->x != NULL && t->x[0] != '\0')
		jsonw_kstr(w, "x", t->x);
	if (t->call != NULL && t->call[0] != '\0')
		jsonw_kstr(w, "call", t->call);
	if (t->cause != NULL && t->cause[0] != '\0')
		jsonw_kstr(w, "cause", t->cause);
	if (t->seconds != 0)
		jsonw_ku64(w, "seconds", t->seconds);
	if (t->percent != 0)
		jsonw_ku64(w, "percent", t->percent);
}

static enum sc_err write_payload(const struct phone_told *t, uint64_t now_ms, struct sc_buf *out)
{
	struct jsonw w = jsonw(out);

	jsonw_object(&w);
	jsonw_kstr(&w, "type", phone_event_names[t->event]);
	jsonw_key(&w, "timestamp");
	write_time(&w, now_ms);
	jsonw_key(&w, "data");
	jsonw_object(&w);
	write_data(&w, t);
	jsonw_object_end(&w);
	jsonw_object_end(&w);
	return w.err;
}

/* ---- the rows -------------------------------------------------------------------------------- */

static bool wants(const struct hook_line *l, enum phone_event event)
{
	return !atomic_load(&l->gone) && (l->settings->events >> event & 1) != 0;
}

static bool anybody(const struct phone_hooks *h, enum phone_event event)
{
	for (size_t i = 0; i < h->n; i++)
		if (wants(&h->lines[i], event))
			return true;
	return false;
}

/* On the store's thread: a hook may have gone since. */
static bool bind_row(void *arg, size_t i, struct store_value *v)
{
	struct entry *e = arg;
	const struct hook_line *l = &e->hooks->lines[i];

	if (i == 0)
		e->rows = 0;
	if (!wants(l, e->event))
		return false;
	e->rows |= (uint64_t)1 << i;
	v[0] = phone_tenant(e->hooks->service);
	v[1] = store_blob(e->id, sizeof(e->id));
	v[2] = store_text(l->settings->name.s);
	v[3] = store_blob(e->payload.p, e->payload.n);
	v[4] = store_number(e->made_at);
	v[5] = store_number(e->made_at);
	return true;
}

static struct store_batch rows_of(struct entry *e)
{
	return (struct store_batch){ HOOK_ADD, e->hooks->n, bind_row, NULL, e };
}

/* Written down, without an id. */
static enum sc_err entry_init(struct entry *e, struct phone_hooks *h, const struct phone_told *t)
{
	const uint64_t now_ms = clock_unix_ms();

	*e = (struct entry){ .hooks = h, .event = t->event, .made_at = now_ms / 1000 };
	sc_buf_init(&e->payload, HOOK_PAYLOAD_MAX);
	return write_payload(t, now_ms, &e->payload);
}

/*
 * A time that grows with each event, so that those of one second are told in their order,
 * and a random number. Under the hooks' lock.
 */
static void take_id(struct entry *e)
{
	const uint64_t now = clock_unix_ms() << 16;
	struct phone_hooks *h = e->hooks;

	h->last_time = h->last_time < now ? now : h->last_time + 1;
	sc_be64_store(e->id, h->last_time);
	random_bytes(e->id + 8, sizeof(e->id) - 8);
}

/* Durable: LINES have something new, ROWS in all. */
static void note_news(struct phone_hooks *h, uint64_t lines, uint64_t rows)
{
	atomic_fetch_add(&h->waiting, rows);
	for (size_t i = 0; i < h->n; i++)
		if ((lines >> i & 1) != 0)
			atomic_store(&h->lines[i].news, true);
}

/* ---- in the job of what it tells of ------------------------------------------------------ */

enum sc_err hooks_put(struct phone_hooks *h, struct store_tx *tx, const struct phone_told *t,
    struct hooks_put *p)
{
	struct store_batch rows;
	struct entry e;
	enum sc_err err;

	if (h == NULL || !anybody(h, t->event))
		return SC_OK;
	if ((err = entry_init(&e, h, t)) == SC_OK) {
		pthread_mutex_lock(&h->lock);
		take_id(&e);
		pthread_mutex_unlock(&h->lock);
		rows = rows_of(&e);
		err = store_ask(tx, &rows);
	}
	if (err == SC_OK) {
		p->lines |= e.rows;
		p->rows += (unsigned)__builtin_popcountll(e.rows);
	}
	sc_buf_fini(&e.payload);
	return err;
}

void hooks_put_over(struct phone_hooks *h, struct hooks_put *p, enum sc_err err)
{
	if (h != NULL && err == SC_OK && p->rows != 0) {
		note_news(h, p->lines, p->rows);
		pthread_mutex_lock(&h->lock);
		hooks_settled(h);
		pthread_mutex_unlock(&h->lock);
	}
	*p = (struct hooks_put){ .rows = 0 };
}

/* ---- in a job of its own ---------------------------------------------------------------------- */

static void tell_free(struct tell *t)
{
	sc_buf_fini(&t->entry.payload);
	free(t);
}

/* An event did not reach the outbox. */
static void lost(struct phone_hooks *h, enum phone_event event, enum sc_err err)
{
	struct sc_name name;

	atomic_fetch_add(&h->given_up, 1);
	snprintf(name.s, sizeof(name.s), "%s", phone_event_names[event]);
	log_event(LOG_ERROR, "phone.event_lost", LOG_NAME("told", &name), LOG_ERR("err", err),
	    LOG_END);
}

static void over(struct store_job *j, enum sc_err err)
{
	struct tell *t = loop_owner(j, struct tell, job);
	struct phone_hooks *h = t->entry.hooks;

	if (err != SC_OK)
		lost(h, t->entry.event, err);
	else
		note_news(h, t->entry.rows, (unsigned)__builtin_popcountll(t->entry.rows));
	tell_free(t);
	pthread_mutex_lock(&h->lock);
	h->tells--;
	hooks_settled(h);
	pthread_mutex_unlock(&h->lock);
}

/* T is one more under way, if there is room. */
static bool take_place(struct tell *t)
{
	struct phone_hooks *h = t->entry.hooks;
	bool room;

	pthread_mutex_lock(&h->lock);
	room = h->tells < HOOK_TELLS_MAX;
	h->tells += room;
	take_id(&t->entry);
	pthread_mutex_unlock(&h->lock);
	return room;
}

void hooks_tell(struct phone_hooks *h, const struct phone_told *told)
{
	struct tell *t;
	enum sc_err err = SC_NOMEM;

	if (h == NULL || !anybody(h, told->event))
		return;
	if ((t = calloc(1, sizeof(*t))) == NULL)
		goto failed;
	if ((err = entry_init(&t->entry, h, told)) != SC_OK)
		goto failed;
	if (!take_place(t)) {
		err = SC_LIMIT;
		goto failed;
	}
	t->job.ask = rows_of(&t->entry);
	t->job.done = over;
	store_submit(h->service->store, &t->job);
	return;
failed:
	if (t != NULL)
		tell_free(t);
	lost(h, told->event, err);
}
