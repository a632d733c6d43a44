/*
 * hooks_tell.c - an event into the outbox: one row for each hook that wants it,
 * in one job.
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

struct tell {
	struct store_job job;
	struct phone_hooks *hooks;
	enum phone_event event;
	uint8_t id[16];
	uint64_t made_at;
	uint64_t rows; /* hooks that got one, as bits */
	struct sc_buf payload;
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

/* On the store's thread: a hook may have gone since. */
static bool bind_row(void *arg, size_t i, struct store_value *v)
{
	struct tell *t = arg;
	const struct hook_line *l = &t->hooks->lines[i];

	if (i == 0)
		t->rows = 0;
	if (!wants(l, t->event))
		return false;
	t->rows |= (uint64_t)1 << i;
	v[0] = phone_tenant(t->hooks->service);
	v[1] = store_blob(t->id, sizeof(t->id));
	v[2] = store_text(l->settings->name.s);
	v[3] = store_blob(t->payload.p, t->payload.n);
	v[4] = store_number(t->made_at);
	v[5] = store_number(t->made_at);
	return true;
}

static void tell_free(struct tell *t)
{
	sc_buf_fini(&t->payload);
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
	struct phone_hooks *h = t->hooks;

	if (err != SC_OK)
		lost(h, t->event, err);
	else
		atomic_fetch_add(&h->waiting, (unsigned)__builtin_popcountll(t->rows));
	for (size_t i = 0; i < h->n && err == SC_OK; i++)
		if ((t->rows >> i & 1) != 0)
			atomic_store(&h->lines[i].news, true);
	tell_free(t);
	pthread_mutex_lock(&h->lock);
	h->tells--;
	hooks_settled(h);
	pthread_mutex_unlock(&h->lock);
}

/*
 * T is one more under way, if there is room. Its id is a time that grows with each, so that
 * those of one second are told in their order, and a random number.
 */
static bool take_place(struct phone_hooks *h, struct tell *t, uint64_t now_ms)
{
	bool room;

	pthread_mutex_lock(&h->lock);
	room = h->tells < HOOK_TELLS_MAX;
	h->tells += room;
	h->last_time = h->last_time < now_ms << 16 ? now_ms << 16 : h->last_time + 1;
	sc_be64_store(t->id, h->last_time);
	pthread_mutex_unlock(&h->lock);
	random_bytes(t->id + 8, sizeof(t->id) - 8);
	return room;
}

static bool anybody(const struct phone_hooks *h, enum phone_event event)
{
	for (size_t i = 0; i < h->n; i++)
		if (wants(&h->lines[i], event))
			return true;
	return false;
}

void hooks_tell(struct phone_hooks *h, const struct phone_told *told)
{
	const uint64_t now_ms = clock_unix_ms();
	struct tell *t;
	enum sc_err err = SC_NOMEM;

	if (h == NULL || !anybody(h, told->event))
		return;
	if ((t = calloc(1, sizeof(*t))) == NULL)
		goto failed;
	sc_buf_init(&t->payload, HOOK_PAYLOAD_MAX);
	if ((err = write_payload(told, now_ms, &t->payload)) != SC_OK)
		goto failed;
	if (!take_place(h, t, now_ms)) {
		err = SC_LIMIT;
		goto failed;
	}
	t->hooks = h;
	t->event = told->event;
	t->made_at = now_ms / 1000;
	t->job.ask = (struct store_batch){ HOOK_ADD, h->n, bind_row, NULL, t };
	t->job.done = over;
	store_submit(h->service->store, &t->job);
	return;
failed:
	if (t != NULL)
		tell_free(t);
	lost(h, told->event, err);
}
