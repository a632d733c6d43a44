/*
 * twiml.c - webhooks of those who rent out numbers.
 *
 *	POST /v1/telephony/twiml/{vendor}/...	see gateway/twiml/path.h
 *
 * Who asks is known by the signature alone. Whatever is wrong with that, with the
 * account or with a field that is read is one and the same empty 403: the sender
 * learns nothing by which he could come nearer.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/weak.h"
#include "gateway/api/api.h"
#include "gateway/twiml/twiml.h"
#include "gateway/twiml/visit.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static void (*const hooks[TWIML_HOOKS])(struct twiml_visit *) = {
	[TWIML_VOICE] = twiml_on_voice,
	[TWIML_STEP] = twiml_on_step,
	[TWIML_DIAL] = twiml_on_dial,
	[TWIML_STATUS] = twiml_on_status,
	[TWIML_INBOX] = twiml_on_message,
	[TWIML_MESSAGE_SENT] = twiml_on_message_sent,
};

/* ---- is it the vendor's? ----------------------------------------------------------- */

/* The one field called NAME; empty when there is none, or two. */
static struct sc_span only_field(const struct http_head *h, const char *name)
{
	return name != NULL ? http_head_only(h, name) : sc_span(NULL, 0);
}

static struct twiml_sent as_sent(struct twiml_visit *v, struct sc_span body)
{
	const struct http_head *h = v->rq->call->head;
	const struct twiml_verifier *by = v->row->verifier;

	return (struct twiml_sent){
		.base = v->vendor->base,
		.path = h->path,
		.signature = only_field(h, by->signature),
		.timestamp = only_field(h, by->timestamp),
		.body = body,
		.form = &v->form,
		.arena = &v->arena,
		.now = clock_unix_ms() / 1000,
	};
}

/* Is AccountSid the vendor's account, in constant time? */
static bool same_account(const struct twiml_visit *v)
{
	const char *name = v->row->patterns[TWIML_ACCOUNT].name, *want = v->vendor->account;
	const struct web_field *f;
	size_t n;

	f = web_form_find(&v->form, name, &n);
	return n == 1 && f->value.n == strlen(want) &&
	    sodium_memcmp(f->value.p, want, f->value.n) == 0;
}

/* A fallback is what failed once more: a call's or a message's. */
static void resolve_fallback(struct twiml_visit *v)
{
	const struct twiml_pattern *p = v->row->patterns;

	if (v->path.hook == TWIML_FALLBACK)
		v->path.hook = web_form_find(&v->form, p[TWIML_CALL].name, NULL) != NULL ?
		    TWIML_VOICE :
		    TWIML_INBOX;
}

static bool read_fields(struct twiml_visit *v)
{
	resolve_fallback(v);
	return twiml_fields_read(v->row->patterns, &v->form, twiml_hook_needs(v->path.hook),
	    twiml_hook_may(v->path.hook), &v->read);
}

/* Was this path made for this call? A leg's events come by the path of the call it is of. */
static bool own_path(const struct twiml_visit *v)
{
	enum twiml_field of = v->path.hook == TWIML_STATUS ? TWIML_PARENT : TWIML_CALL;

	return v->path.token.n == 0 ||
	    twiml_token_ok(v->phone, &v->vendor->name, &v->path, v->read.v[of]);
}

/* The id by which this webhook is known as new or old; TWIML_FIELDS: it needs none. */
static enum twiml_field id_of(const struct twiml_visit *v)
{
	if (v->path.hook == TWIML_VOICE || v->path.hook == TWIML_STEP)
		return TWIML_CALL;
	return v->path.hook == TWIML_INBOX ? TWIML_MESSAGE : TWIML_FIELDS;
}

static bool only_id(struct twiml_visit *v)
{
	enum twiml_field f = id_of(v);
	struct sc_span joined;

	if (f == TWIML_FIELDS || WEAK("parse-unremembered"))
		return true;
	return twiml_join(&v->form, &v->arena, &joined) &&
	    twiml_only_id(&v->row->patterns[f], joined, v->read.v[f]);
}

static void count(const struct twiml_visit *v, enum metric which)
{
	metric_add(&v->rq->worker->shared->metrics, which, 1);
}

/* Is it the vendor's, whole and as it was? What is signed and is not is told to whoever looks after this. */
static bool is_sound(struct twiml_visit *v, struct sc_span body)
{
	struct twiml *t = v->rq->worker->shared->twiml;
	const struct twiml_sent sent = as_sent(v, body);
	const struct sc_name *name = &v->vendor->name;
	bool ours = same_account(v);
	unsigned which;

	if (!twiml_genuine(t, v->row, v->vendor, &sent, &which))
		return false;
	count(v, which == 0 ? METRIC_WEBHOOK_FIRST_KEY : METRIC_WEBHOOK_SECOND_KEY);
	if (!ours) {
		log_event(LOG_WARN, "twiml.other_account", LOG_NAME("vendor", name), LOG_END);
	} else if (!read_fields(v)) {
		log_event(LOG_WARN, "twiml.unfit_field", LOG_NAME("vendor", name),
		    LOG_STR("why", "a field is missing, repeated or of another form"), LOG_END);
	} else if (!own_path(v)) {
		log_event(LOG_WARN, "twiml.path_of_another_call", LOG_NAME("vendor", name),
		    LOG_END);
	} else if (!only_id(v)) {
		log_event(LOG_WARN, "twiml.two_ids", LOG_NAME("vendor", name), LOG_END);
	} else if (!twiml_one_parse(t, v->vendor, &sent)) {
		count(v, METRIC_WEBHOOK_BENT);
		log_event(LOG_ERROR, "twiml.signature_over_other_fields", LOG_NAME("vendor", name),
		    LOG_END);
	} else {
		return true;
	}
	return false;
}

/* The same for all that is not believed. */
static void refuse_forged(struct served_request *rq)
{
	served_identify_signed(rq, NULL, 0, 0);
	rq->record.act = "phone.forged";
	rq->record.outcome = AUDIT_REFUSED;
	served_answer(rq, 403, "text/plain", sc_span(NULL, 0));
}

static bool may_call(struct served_request *rq)
{
	const char *why;

	if (protect_callable(rq->gen->config->policy, &rq->record.asking, &why))
		return true;
	metric_add(&rq->worker->shared->metrics, METRIC_REFUSED_POLICY, 1);
	return served_refuse(rq, 403, "policy", why);
}

/* ---- one request -------------------------------------------------------------------- */

static void on_end(struct served_request *rq, struct sc_span body)
{
	struct twiml_visit *v = rq->state;
	enum sc_err err = web_form_parse(body, &v->arena, &v->form);

	if (err == SC_NOMEM) {
		served_refuse_busy(rq);
	} else if (err != SC_OK) {
		metric_add(&rq->worker->shared->metrics, METRIC_REFUSED_BODY, 1);
		served_refuse(rq, 400, "malformed-form",
		    "the body is no form: name=value pairs, percent-encoded UTF-8");
	} else if (!is_sound(v, body)) {
		refuse_forged(rq);
	} else {
		served_identify_signed(rq, &v->vendor->name, v->vendor->role, v->vendor->purpose);
		served_ask(rq, POLICY_SHARE);
		if (may_call(rq) && served_log_ready(rq))
			hooks[v->path.hook](v);
	}
}

static void on_leave(struct served_request *rq)
{
	struct twiml_visit *v = rq->state;

	if (v == NULL)
		return;
	phone_attempt_free(v->attempt);
	if (v->write != NULL)
		v->write->visit = NULL;
	sc_buf_fini(&v->out);
	sc_buf_fini(&v->text);
	sc_arena_fini(&v->arena);
	free(v);
	rq->state = NULL;
}

static const struct served_ops ops = { .on_end = on_end, .on_leave = on_leave };

/* Is the body said to be a form, in UTF-8 and as it stands? */
static bool says_form(const struct http_head *h)
{
	struct sc_span type = only_field(h, "Content-Type"), rest = sc_span(NULL, 0);
	const uint8_t *end = type.n == 0 ? NULL : memchr(type.p, ';', type.n);

	if (end != NULL) {
		rest = sc_span_from(type, (size_t)(end - type.p) + 1);
		type.n = (size_t)(end - type.p);
	}
	while (type.n != 0 && type.p[type.n - 1] == ' ')
		type.n--;
	while (rest.n != 0 && rest.p[0] == ' ')
		rest = sc_span_from(rest, 1);
	return http_head_count(h, "Content-Encoding") == 0 &&
	    sc_span_caseeq(type, "application/x-www-form-urlencoded") &&
	    (rest.n == 0 || sc_span_caseeq(rest, "charset=utf-8") ||
		sc_span_caseeq(rest, "charset=\"utf-8\""));
}

static const struct phone_vendor *find_vendor(const struct served_request *rq, struct sc_span name)
{
	const struct phone_settings *s = rq->gen->config->phone;

	for (size_t i = 0; s != NULL && i < s->n_vendors; i++)
		if (sc_span_is(name, s->vendors[i].name.s))
			return &s->vendors[i];
	return NULL;
}

static struct twiml_visit *visit_new(struct served_request *rq, const struct twiml_path *path,
    const struct phone_vendor *vendor)
{
	struct twiml_visit *v = calloc(1, sizeof(*v));

	if (v == NULL)
		return NULL;
	v->rq = rq;
	v->phone = rq->worker->shared->phone;
	v->vendor = vendor;
	v->row = twiml_vendor_find(vendor->kind);
	v->path = *path;
	sc_buf_init(&v->out, TWIML_ANSWER_MAX);
	sc_buf_init(&v->text, WEB_FORM_BODY_MAX);
	return v;
}

void api_twiml_begin(struct served_request *rq)
{
	const struct http_head *h = rq->call->head;
	const struct phone_vendor *vendor = NULL;
	struct twiml_path path;

	metric_add(&rq->worker->shared->metrics, METRIC_API, 1);
	if (h->query.p == NULL && rq->worker->shared->phone != NULL &&
	    twiml_path_parse(h->path, &path))
		vendor = find_vendor(rq, path.vendor);
	if (vendor == NULL) {
		served_refuse(rq, 404, "no-route", "no vendor of the configuration has this path");
		return;
	}
	if (!says_form(h)) {
		metric_add(&rq->worker->shared->metrics, METRIC_REFUSED_BODY, 1);
		served_refuse(rq, 415, "body-type",
		    "a webhook's body is a form: application/x-www-form-urlencoded in UTF-8");
		return;
	}
	if ((rq->state = visit_new(rq, &path, vendor)) == NULL) {
		served_refuse_busy(rq);
		return;
	}
	rq->ops = &ops;
	http_call_buffer_body(rq->call, WEB_FORM_BODY_MAX);
}
