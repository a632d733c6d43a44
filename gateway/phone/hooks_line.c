/*
 * hooks_line.c - one hook: what is due is sent, one request at a time, and what
 * became of it goes back to the store before the next one is sent.
 *
 *	hook_line_news --> hook_line_ask (hooks_store.c) --> hook_line_answered
 *	                    ^      ^                            |         |
 *	                    |      '-- timer: due, or rested <--'         | due now
 *	                    '-- tried <-- on_end, on_error <-- send_event <'
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/text/hex.h"
#include "crypto/prim/random.h"
#include "gateway/phone/hooks_private.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MS 20000   /* § Request timeouts: 15 to 30 s */
#define AGAIN_MS 1000     /* until a store that failed, or a client without room, is asked again */
#define LOOK_MAX_MS 60000 /* between two looks at the clock, which somebody may set */
#define DUE_MAX_S (2 * HOOK_DAY_S) /* no retry is later: it was made under another clock */
#define ID_DIGITS 36               /* "msg_" and 32 digits */

static uint64_t now_s(void)
{
	return clock_unix_ms() / 1000;
}

static void look_in(struct hook_line *l, uint64_t ms)
{
	l->state = LINE_IDLE;
	loop_timer_set(l->hooks->worker->loop, &l->timer, ms < LOOK_MAX_MS ? ms : LOOK_MAX_MS);
}

/* ---- what became of a try ------------------------------------------------------------------ */

static void log_outcome(const struct hook_line *l, unsigned status)
{
	const struct log_field hook = LOG_NAME("hook", &l->settings->name);

	if (l->outcome == HOOK_OVER)
		log_event(LOG_WARN, "phone.hook_gone", hook,
		    LOG_STR("why", "it answers 410: it is told nothing any more"),
		    LOG_STR("do", "take it out, or give it another name or URL"), LOG_END);
	else if (l->outcome == HOOK_GIVEN_UP)
		log_event(LOG_WARN, "phone.hook_given_up", hook,
		    LOG_HEX64("event_id", sc_be64_load(l->tried)), LOG_U64("status", status),
		    LOG_END);
	else if (l->outcome == HOOK_RETRY && l->fails == 1)
		log_event(LOG_WARN, "phone.hook_failed", hook, LOG_U64("status", status), LOG_END);
	else if (l->outcome == HOOK_DELIVERED && l->fails > 0)
		log_event(LOG_INFO, "phone.hook_back", hook, LOG_END);
}

/* The next try of this event, and a rest for its receiver, which also others' events keep. */
static void put_off(struct hook_line *l, unsigned status, uint64_t after_s)
{
	uint64_t rest_ms = hook_rest_ms(l->fails, status), delay_s;
	uint32_t random;

	if (rest_ms < after_s * 1000)
		rest_ms = after_s * 1000;
	l->rest_until_ms = loop_now_ms(l->hooks->worker->loop) + rest_ms;
	if (l->outcome != HOOK_RETRY)
		return;
	random_bytes(&random, sizeof(random));
	delay_s = hook_delay_s(l->event.tries, random);
	l->retry_at = now_s() + (delay_s < after_s ? after_s : delay_s);
}

/* The try is over: STATUS, 0 when there was no answer. */
static void tried(struct hook_line *l, unsigned status, uint64_t after_s)
{
	const uint64_t now = now_s(), made = l->event.made_at;
	const struct hook_try t = { status, l->event.tries, now > made ? now - made : 0 };

	http_exchange_release(l->exchange);
	l->exchange = NULL;
	memcpy(l->tried, l->event.id, sizeof(l->tried));
	l->outcome = hook_judge(&t);
	if (l->outcome != HOOK_DELIVERED) {
		l->fails++;
		put_off(l, status, after_s);
	}
	log_outcome(l, status);
	if (l->outcome == HOOK_DELIVERED)
		l->fails = 0;
	hook_line_ask(l);
}

static void on_head(struct http_exchange *x)
{
	(void)x; /* what else it says is of no interest */
}

static void on_end(struct http_exchange *x, struct sc_span body)
{
	const struct sc_span after = http_head_find(x->head, "retry-after");

	(void)body;
	tried(x->user, x->head->status, hook_retry_after(after, now_s()));
}

static void on_error(struct http_exchange *x, enum http_client_error why)
{
	(void)why;
	tried(x->user, 0, 0);
}

static const struct http_client_handler handler = { .on_head = on_head,
	.on_end = on_end,
	.on_error = on_error };

/* ---- sending ------------------------------------------------------------------------------------ */

static void print_id(const uint8_t id[static 16], char out[static ID_DIGITS + 1])
{
	memcpy(out, "msg_", 4);
	for (size_t i = 0; i < 16; i += 4)
		hex_u32(sc_be32_load(id + i), (uint8_t *)out + 4 + 2 * i);
	out[ID_DIGITS] = '\0';
}

/* § Webhook headers. A client that has no room is no fault of the receiver's. */
static void send_event(struct hook_line *l)
{
	char id[ID_DIGITS + 1], seconds[24], signature[WEBHOOK_SIGNATURE_MAX];
	const struct sc_span body = sc_buf_span(&l->event.payload);
	const uint64_t now = now_s();

	print_id(l->event.id, id);
	snprintf(seconds, sizeof(seconds), "%llu", (unsigned long long)now);
	pthread_mutex_lock(&l->hooks->lock); /* a reload changes it */
	webhook_sign(&l->secret, sc_span_str(id), now, body, signature);
	pthread_mutex_unlock(&l->hooks->lock);
	const struct http_field fields[] = {
		{ SC_LIT("content-type"), SC_LIT("application/json") },
		{ SC_LIT("webhook-id"), sc_span_str(id) },
		{ SC_LIT("webhook-timestamp"), sc_span_str(seconds) },
		{ SC_LIT("webhook-signature"), sc_span_str(signature) },
	};
	const struct http_client_req req = { .method = SC_LIT("POST"),
		.target = sc_span_str(l->target),
		.fields = fields,
		.n_fields = sizeof(fields) / sizeof(fields[0]),
		.has_body = true,
		.body = body,
		.first_byte_ms = ANSWER_MS,
		.total_ms = ANSWER_MS };

	l->state = LINE_SENDING;
	if (http_client_request(l->hooks->worker->client, l->origin, &req, &handler, l,
		&l->exchange) != SC_OK)
		look_in(l, AGAIN_MS);
}

/* ---- from the store ---------------------------------------------------------------------------------- */

void hook_line_answered(struct hook_line *l, enum sc_err err)
{
	const uint64_t now = now_s(), now_ms = loop_now_ms(l->hooks->worker->loop);
	const struct hook_event *e = &l->event;

	if (err != SC_OK) /* nothing was written either: the same once more */
		look_in(l, AGAIN_MS);
	else if (atomic_load(&l->gone))
		l->state = LINE_GONE;
	else if (l->rest_until_ms > now_ms)
		look_in(l, l->rest_until_ms - now_ms);
	else if (!e->there) {
		l->state = LINE_IDLE;
		hook_line_news(l);
	} else if (e->due_at > now && e->due_at - now <= DUE_MAX_S)
		look_in(l, (e->due_at - now) * 1000);
	else
		send_event(l);
}

void hook_line_news(struct hook_line *l)
{
	const uint64_t now_ms = loop_now_ms(l->hooks->worker->loop);

	if (l->state == LINE_IDLE && l->rest_until_ms <= now_ms && atomic_exchange(&l->news, false))
		hook_line_ask(l);
}

static void on_due(struct loop_timer *t)
{
	hook_line_ask(loop_owner(t, struct hook_line, timer));
}

/* ---- life --------------------------------------------------------------------------------------------- */

/* The URL in its two parts: who is asked, and for what. */
static enum sc_err split_url(struct hook_line *l)
{
	const char *url = l->settings->url, *authority = strstr(url, "://");
	const char *path = authority == NULL ? NULL : strchr(authority + 3, '/');

	l->target = path == NULL ? "/" : path;
	l->origin_url = path == NULL ? strdup(url) : strndup(url, (size_t)(path - url));
	return l->origin_url == NULL ? SC_NOMEM : SC_OK;
}

enum sc_err hook_line_init(struct hook_line *l, struct phone_hooks *h,
    const struct phone_hook *settings, struct sc_diag *d)
{
	const struct tls_options trust = { .ca = settings->ca };
	enum sc_err err;

	l->hooks = h;
	l->settings = settings;
	atomic_init(&l->gone, false);
	atomic_init(&l->news, true); /* of before the start */
	loop_timer_init(&l->timer, on_due);
	sc_buf_init(&l->event.payload, HOOK_PAYLOAD_MAX);
	if ((err = webhook_secret_load(settings->secret_file, d, &l->secret)) != SC_OK ||
	    (err = split_url(l)) != SC_OK || (err = hook_line_was_gone(l)) != SC_OK)
		return err;
	if (strncmp(settings->url, "https://", 8) == 0)
		err = tls_client_new(&trust, d, &l->tls);
	return err;
}

void hook_line_fini(struct hook_line *l)
{
	webhook_secret_fini(&l->secret);
	tls_context_free(l->tls);
	free(l->origin_url);
	sc_buf_fini(&l->event.payload);
}

enum sc_err hook_line_bind(struct hook_line *l, struct sc_diag *d)
{
	enum sc_err err = http_client_origin_later(l->hooks->worker->client, l->origin_url, l->tls,
	    d, &l->origin);

	l->state = atomic_load(&l->gone) ? LINE_GONE : LINE_IDLE;
	if (err == SC_OK)
		hook_line_news(l);
	return err;
}

void hook_line_unbind(struct hook_line *l)
{
	loop_timer_clear(l->hooks->worker->loop, &l->timer);
	http_exchange_release(l->exchange);
	l->exchange = NULL;
}
