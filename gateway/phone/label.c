/*
 * label.c - numbers for labels: a batch of wants becomes bindings of the service.
 */
#include "gateway/phone/label.h"

#include "gateway/number/number.h"
#include "gateway/phone/service.h"

#include <stdlib.h>

_Static_assert(LABEL_ORDER_MAX == PHONE_ORDER_REF_MAX, "an order that is printed can be bound");
_Static_assert(LABEL_WANTS_MAX <= PHONE_BATCH_MAX, "an ask is one write");
_Static_assert(LABEL_TOKEN_MAX < PHONE_TOKEN_TEXT_MAX, "a token that is taken can be kept");
_Static_assert(LABEL_EXTENSION_MAX >= PHONE_EXT_DIGITS_MAX, "an extension fits");

/* One ask as a write of the service's, in the order of its wants. */
struct label_write {
	struct phone_write write;
	struct label_ask *ask;
	struct phone_want v[];
};

/* ---- there ------------------------------------------------------------------------- */

/* W as the service wants it. False: its pool is not there until a restart. */
static bool fill(const struct phone_service *s, const struct label_want *w, struct phone_want *out)
{
	uint16_t i = phone_pool_find(s, sc_span_str(w->rule->pool));
	const struct phone_pool *pool;
	uint32_t ttl_s;

	if (i == PHONE_NO_POOL)
		return false;
	pool = &phone_settings_of(s)->pools[i];
	ttl_s = w->rule->ttl_s != 0 ? w->rule->ttl_s : pool->ttl_s;
	*out = (struct phone_want){
		.pool = i,
		.line = PHONE_NO_LINE,
		.ext = PHONE_NO_EXT,
		.order_ref = w->order,
		.subject = w->subject,
		.a = w->token,
		.expires_at = phone_now_s(s) + ttl_s,
		.ttl_s = ttl_s,
		.directions = PHONE_TO_A | PHONE_TO_B,
		.channels =
		    (uint8_t)((pool->voice ? PHONE_VOICE : 0) | (pool->sms ? PHONE_SMS : 0)),
	};
	return true;
}

/* ---- and back ------------------------------------------------------------------------ */

/* What a label bears when the ladder that begins at POOL is exhausted; NULL: nothing. */
static const char *hotline_of(const struct phone_settings *s, uint16_t pool)
{
	for (size_t steps = 0; pool != PHONE_NO_POOL && steps < s->n_pools; steps++) {
		if (s->pools[pool].hotline != NULL)
			return s->pools[pool].hotline;
		pool = s->pools[pool].next;
	}
	return NULL;
}

/* EXT with its zeros; nothing when there is none. */
static void print_extension(uint32_t ext, size_t digits, char out[static LABEL_EXTENSION_MAX + 1])
{
	if (ext == PHONE_NO_EXT || digits > LABEL_EXTENSION_MAX)
		digits = 0;
	out[digits] = '\0';
	while (digits-- > 0) {
		out[digits] = (char)('0' + ext % 10);
		ext /= 10;
	}
}

static void take(const struct phone_settings *s, const struct phone_want *got, struct label_want *w)
{
	const struct phone_binding *b = &got->binding;

	if (got->got == PHONE_BOUND_NEW || got->got == PHONE_BOUND_SAME) {
		const struct phone_pool *pool = &s->pools[b->pool];

		w->got = LABEL_NUMBER;
		w->number = s->lines[b->line].e164;
		w->pool = b->pool;
		w->ext = b->ext;
		w->expires_at = b->expires_at;
		print_extension(b->ext, pool->ext_digits, w->extension);
		return;
	}
	w->number = hotline_of(s, got->pool);
	w->got = w->number != NULL ? LABEL_HOTLINE : LABEL_NONE;
	w->retry_at = got->retry_at;
}

static void on_written(struct phone_write *write, enum sc_err err)
{
	struct label_write *l = loop_owner(write, struct label_write, write);
	struct label_ask *ask = l->ask;
	size_t i = 0;

	for (struct label_want *w = ask->wants; w != NULL && err == SC_OK; w = w->next)
		take(phone_settings_of(write->service), &l->v[i++], w);
	free(l);
	ask->done(ask, err);
}

/* ---- what is handed out ---------------------------------------------------------------- */

static enum sc_err bind_labels(const struct label_binder *b, struct label_ask *ask)
{
	struct label_write *l = calloc(1, sizeof(*l) + ask->n * sizeof(l->v[0]));
	enum sc_err err = SC_OK;
	size_t i = 0;

	if (l == NULL)
		return SC_NOMEM;
	l->ask = ask;
	l->write.done = on_written;
	l->write.service = b->service;
	for (const struct label_want *w = ask->wants; w != NULL && err == SC_OK; w = w->next)
		err = fill(b->service, w, &l->v[i++]) ? SC_OK : SC_IO;
	if (err == SC_OK)
		err = phone_bind(b->service, b->worker, &l->write, l->v, i);
	if (err != SC_OK)
		free(l);
	return err;
}

static enum sc_err print_label(const struct label_binder *b, const struct label_want *w,
    struct sc_span masked, struct sc_buf *out)
{
	const struct phone_settings *s = phone_settings_of(b->service);
	const struct phone_pool *pool = &s->pools[w->pool];
	const struct phone_display d = {
		.x = w->number,
		.home = s->home,
		.ext = w->ext,
		.ext_digits = pool->ext_digits,
		.masked = masked,
		.until = w->expires_at,
	};

	if (w->got == LABEL_HOTLINE)
		return sc_buf_printf(out, "%s %.*s", w->number, SC_SPAN_ARG(w->order));
	return phone_display_print(w->rule->display != NULL ? w->rule->display : pool->display, &d,
	    out);
}

struct label_binder phone_label_binder(struct worker *w)
{
	struct label_binder b = { bind_labels, print_label, w->shared->phone, w };

	if (b.service == NULL)
		b.bind = NULL;
	return b;
}
