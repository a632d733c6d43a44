/*
 * bindings.c - what the endpoints of virtual numbers have in common: who may, what
 * heads and paths say, answers, and writes that outlive their request.
 */
#include "gateway/api/bindings.h"

#include "base/text/hex.h"
#include "gateway/api/api.h"
#include "net/http/head.h"

#include <string.h>
#include <time.h>

#define PREFIX "/v1/bindings/"

const struct binding_status_row binding_statuses[BINDING_STATUS_COUNT] = {
	[BINDING_BOUND] = { "bound", 201, NULL, NULL },
	[BINDING_SAME] = { "same", 200, NULL, NULL },
	[BINDING_CHANGED] = { "changed", 200, NULL, NULL },
	[BINDING_ENDED] = { "ended", 200, NULL, NULL },
	[BINDING_BAD_ITEM] = { "bad_item", 400, "items", "this is no binding" },
	[BINDING_POOL_UNKNOWN] = { "pool_unknown", 422, "pool-unknown",
	    "the configuration has no pool of that name" },
	[BINDING_NUMBER_INVALID] = { "number_invalid", 422, "number-invalid",
	    "this is no person's telephone number within the pool's \"dial\"; a pair has two" },
	[BINDING_DENIED] = { "denied", 403, "policy",
	    "policy does not let this caller store the number, or see what a pair needs" },
	[BINDING_TTL] = { "ttl_out_of_range", 422, "ttl-out-of-range",
	    "it must end in the future, within the pool's ttl_max" },
	[BINDING_PAIR_CONFLICT] = { "pair_conflict", 409, "pair-conflict",
	    "the number joins one of the two to somebody else" },
	[BINDING_EXT_TAKEN] = { "ext_taken", 409, "ext-taken", "the extension is not free" },
	[BINDING_EXHAUSTED] = { "pool_exhausted", 503, "numbers-exhausted", NULL },
	[BINDING_KEY_REUSED] = { "key_reused", 422, "key-reused",
	    "the idempotency key was used for something else" },
	[BINDING_UNKNOWN] = { "unknown", 404, "binding-unknown", "there is no such binding" },
	[BINDING_OVER] = { "ended", 409, "binding-ended", "the binding has ended" },
	[BINDING_VERSION] = { "version", 409, "version", "the binding has another version" },
};

enum binding_status binding_status_of(enum phone_changed got)
{
	static const uint8_t statuses[] = {
		[PHONE_CHANGED] = BINDING_CHANGED,
		[PHONE_CHANGED_UNKNOWN] = BINDING_UNKNOWN,
		[PHONE_CHANGED_ENDED] = BINDING_OVER,
		[PHONE_CHANGED_VERSION] = BINDING_VERSION,
		[PHONE_CHANGED_CONFLICT] = BINDING_PAIR_CONFLICT,
		[PHONE_CHANGED_KEY] = BINDING_KEY_REUSED,
	};

	return statuses[got];
}

/* ---- answers ------------------------------------------------------------------------------ */

void binding_print_time(struct jsonw *w, const char *key, uint64_t at)
{
	time_t t = (time_t)at;
	char text[32];
	struct tm tm;

	if (gmtime_r(&t, &tm) != NULL &&
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) != 0)
		jsonw_kstr(w, key, text);
}

static void print_display(struct jsonw *w, const struct phone_settings *set,
    const struct phone_binding *b, struct sc_span masked)
{
	const struct phone_pool *pool = &set->pools[b->pool];
	const struct phone_display d = {
		.x = set->lines[b->line].e164,
		.home = set->home,
		.ext = b->ext,
		.ext_digits = pool->ext_digits,
		.masked = masked,
		.until = b->expires_at,
	};
	struct sc_buf text;

	sc_buf_init(&text, 1024);
	if (phone_display_print(pool->display, &d, &text) == SC_OK) {
		jsonw_key(w, "display");
		jsonw_span(w, sc_buf_span(&text));
	}
	sc_buf_fini(&text);
}

/* As many digits as its pool has, for 0427 is not 427. */
static void print_ext(struct jsonw *w, const struct phone_pool *pool, uint32_t ext)
{
	char text[PHONE_EXT_DIGITS_MAX];

	for (size_t i = pool->ext_digits; i-- > 0; ext /= 10)
		text[i] = (char)('0' + ext % 10);
	jsonw_key(w, "ext");
	jsonw_plain(w, text, pool->ext_digits);
}

void binding_print(struct jsonw *w, const struct phone_settings *set, const struct phone_binding *b,
    struct sc_span masked)
{
	const struct phone_pool *pool = &set->pools[b->pool];

	jsonw_key(w, "id");
	jsonw_hex(w, b->id, PHONE_ID_BYTES);
	jsonw_kstr(w, "pool", pool->name.s);
	jsonw_kstr(w, "state", b->state == BOOK_LIVE ? "live" : "cooling");
	jsonw_kstr(w, "x", set->lines[b->line].e164);
	if (b->ext != PHONE_NO_EXT)
		print_ext(w, pool, b->ext);
	print_display(w, set, b, masked);
	binding_print_time(w, "expires_at", b->expires_at);
	jsonw_ku64(w, "version", b->version);
}

bool binding_refuse(struct served_request *rq, enum binding_status status, const char *why)
{
	const struct binding_status_row *r = &binding_statuses[status];

	if (status == BINDING_DENIED)
		metric_add(&rq->worker->shared->metrics, METRIC_REFUSED_POLICY, 1);
	return served_refuse(rq, r->http, r->problem, why != NULL ? why : r->detail);
}

bool binding_refuse_store(struct served_request *rq, enum sc_err err)
{
	const struct protect_result r = { .outcome = PROTECT_NUMBERS_AWAY };

	if (err == SC_NOMEM)
		return served_refuse_busy(rq);
	served_refuse_outcome(rq, &r);
	return false;
}

bool binding_refuse_body(struct served_request *rq, enum sc_err err, const struct sc_diag *d)
{
	if (err != SC_SYNTAX && err != SC_LIMIT)
		return served_refuse_busy(rq);
	metric_add(&rq->worker->shared->metrics, METRIC_REFUSED_BODY, 1);
	return err == SC_SYNTAX ? served_refuse_at(rq, 400, "malformed-json", d->text, d->offset) :
				  served_refuse(rq, 400, "items", d->text);
}

void binding_note(struct served_request *rq, const uint8_t id[static PHONE_ID_BYTES])
{
	memcpy(rq->binding, id, sizeof(rq->binding));
	rq->record.binding = rq->binding;
}

void binding_print_request(struct jsonw *w, const struct served_request *rq)
{
	char id[17];

	if (rq->record.keyd_index != AUDIT_NONE)
		jsonw_ku64(w, "record", rq->record.keyd_index);
	hex_u64(rq->record.asking.request_id, id);
	jsonw_kstr(w, "request_id", id);
}

/* ---- a request ------------------------------------------------------------------------------ */

bool binding_begin(struct served_request *rq, enum audit_kind kind, const char *act)
{
	static const struct sc_span usual = SC_LIT("order_processing");
	const struct policy *policy = rq->gen->config->policy;
	const char *why;
	uint8_t purpose;

	metric_add(&rq->worker->shared->metrics, METRIC_API, 1);
	rq->record.kind = kind;
	rq->record.act = act;
	if (rq->worker->shared->phone == NULL)
		return served_refuse(rq, 404, "no-phone",
		    "the configuration had no \"phone\" section at the start");
	if (!served_identify(rq, policy_purpose(policy, usual, &purpose) ? purpose : -1) ||
	    !served_log_ready(rq))
		return false;
	served_ask(rq, POLICY_WRITE);
	if (protect_bindable(policy, &rq->record.asking, &why))
		return true;
	metric_add(&rq->worker->shared->metrics, METRIC_REFUSED_POLICY, 1);
	return served_refuse(rq, 403, "policy", why);
}

bool binding_path_id(struct served_request *rq, uint8_t id[static PHONE_ID_BYTES])
{
	struct sc_span hex = sc_span_from(rq->call->head->path, strlen(PREFIX));

	return hex_parse(hex, id, PHONE_ID_BYTES) || binding_refuse(rq, BINDING_UNKNOWN, NULL);
}

bool binding_if_match(struct served_request *rq, uint32_t *version)
{
	struct sc_span text = http_head_find(rq->call->head, "If-Match");
	uint64_t v;

	*version = 0;
	if (text.p == NULL)
		return true;
	if (text.n >= 2 && text.p[0] == '"' && text.p[text.n - 1] == '"')
		text = sc_span(text.p + 1, text.n - 2);
	if (!sc_span_u64(text, &v) || v == 0 || v > UINT32_MAX)
		return served_refuse(rq, 400, "if-match",
		    "If-Match takes one version, such as \"3\"");
	*version = (uint32_t)v;
	return true;
}

bool binding_query_order(struct served_request *rq, struct sc_buf *out)
{
	struct sc_span text = http_query_value(rq->call->head->query, "order_ref");

	return (text.n != 0 && http_percent_decode(text, out) && out->n <= PHONE_ORDER_REF_MAX) ||
	    served_refuse(rq, 400, "order-ref",
		"say which: ?order_ref=..., percent-encoded, at most 128 bytes");
}

bool binding_key(struct served_request *rq, struct sc_arena *arena, struct sc_span *key)
{
	const struct http_head *h = rq->call->head;
	struct sc_span said = http_head_find(h, "Idempotency-Key");
	const char *copy;

	*key = sc_span(NULL, 0);
	if (said.p == NULL)
		return true;
	if (said.n == 0 || said.n > PHONE_KEY_MAX || http_head_count(h, "Idempotency-Key") > 1)
		return served_refuse(rq, 400, "idempotency-key",
		    "send one Idempotency-Key of 1 to 128 bytes");
	if ((copy = sc_arena_copy(arena, said)) == NULL)
		return served_refuse_busy(rq);
	*key = sc_span(copy, said.n);
	return true;
}

/* ---- writes ------------------------------------------------------------------------------------ */

void binding_task_begin(struct binding_task *t, struct served_request *rq,
    const struct served_ops *ops)
{
	t->rq = rq;
	rq->state = t;
	rq->ops = ops;
}

static void on_written(struct phone_write *wr, enum sc_err err)
{
	struct binding_task *t = loop_owner(wr, struct binding_task, write);

	t->writing = false;
	if (t->rq == NULL)
		t->release(t);
	else
		t->on_written(t, err);
}

struct phone_write *binding_task_write(struct binding_task *t)
{
	memset(&t->write, 0, sizeof(t->write));
	t->write.done = on_written;
	t->writing = true;
	return &t->write;
}

void binding_task_failed(struct binding_task *t, enum sc_err err)
{
	t->writing = false;
	binding_refuse_store(t->rq, err);
}

void binding_task_leave(struct served_request *rq)
{
	struct binding_task *t = rq->state;

	if (t == NULL)
		return;
	t->rq = NULL;
	if (!t->writing)
		t->release(t);
}
