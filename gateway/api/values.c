/*
 * values.c - /v1/seal, /v1/reveal, /v1/index and /v1/mask: batches of values.
 *
 *	{"items":[{"class":"phone","value":"...","subject":"c1"}, ...]}
 *	{"items":[{"status":"ok","token":"sct1-..."}, ...],"request_id":"..."}
 *
 * Each item has a status of its own, so one bad item costs the others nothing.
 * Policy is asked here first; what it allows is asked of keyd, which decides
 * again by its own copy.
 */
#include "base/clock.h"
#include "base/text/hex.h"
#include "base/text/jsonw.h"
#include "crypto/token/token.h"
#include "gateway/api/api.h"
#include "gateway/api/body.h"
#include "policy/mask/mask.h"

#include <stdlib.h>

enum item_status {
	ITEM_ASK,		/* keyd answers */
	ITEM_OK,		/* answered here */
	ITEM_DENIED,
	ITEM_BAD_TOKEN,
	ITEM_UNKNOWN_CLASS,
	ITEM_BAD_ITEM,
};

struct item {
	uint8_t status;		/* enum item_status */
	uint8_t class_id;
	const char *why;	/* static text, or NULL */
	uint32_t text;		/* masked text in batch->texts */
	uint32_t text_n;
};

enum batch_kind { BATCH_SEAL, BATCH_REVEAL, BATCH_INDEX, BATCH_MASK };

struct batch {
	enum batch_kind kind;
	struct item *v;
	size_t n;
	struct keyc_item *asks;
	size_t n_asks;
	cJSON *body;
	struct sc_buf texts;
	struct sc_buf token;	/* one token's bytes */
};

static void batch_free(struct batch *b)
{
	if (b == NULL)
		return;
	free(b->v);
	free(b->asks);
	cJSON_Delete(b->body);
	sc_buf_fini(&b->texts);
	sc_buf_fini(&b->token);
	free(b);
}

static void on_leave(struct visit *v)
{
	batch_free(v->state);
	v->state = NULL;
}

static void refuse(struct visit *v, unsigned status, const char *name, const char *detail,
    size_t offset)
{
	on_leave(v);
	visit_refuse(v, status, name, detail, offset);
}

/* ---- the answer ------------------------------------------------------------------- */

static const char *keyc_status_name(enum keyc_status s)
{
	static const char *const names[KEYC_STATUS_COUNT] = {
		[KEYC_OK] = "ok",
		[KEYC_DENIED] = "denied",
		[KEYC_GONE] = "gone",
		[KEYC_BAD_TOKEN] = "bad_token",
		[KEYC_TOO_LARGE] = "too_large",
		[KEYC_QUOTA] = "quota",
		[KEYC_UNKNOWN_CLASS] = "unknown_class",
	};

	return s < KEYC_STATUS_COUNT ? names[s] : "failed";
}

static const char *item_status_name(uint8_t s)
{
	static const char *const names[] = {
		[ITEM_ASK] = "failed",
		[ITEM_OK] = "ok",
		[ITEM_DENIED] = "denied",
		[ITEM_BAD_TOKEN] = "bad_token",
		[ITEM_UNKNOWN_CLASS] = "unknown_class",
		[ITEM_BAD_ITEM] = "bad_item",
	};

	return names[s];
}

static void count_result(struct visit *v, const struct batch *b, const struct keyc_result *r)
{
	struct audit_counts *c = &v->record.counts;

	if (r->status == KEYC_GONE)
		c->gone++;
	else if (r->status == KEYC_BAD_TOKEN)
		c->bad++;
	else if (r->status != KEYC_OK)
		c->denied++;
	else if (b->kind == BATCH_SEAL)
		c->sealed++;
	else if (b->kind == BATCH_INDEX)
		c->indexed++;
	else if (r->action == ACTION_REVEAL)
		c->revealed++;
	else if (r->action == ACTION_MASK)
		c->masked++;
	else if (r->action == ACTION_GENERALISE)
		c->generalised++;
	else if (r->action == ACTION_TOKENISE)
		c->tokenised++;
	else
		c->dropped++;
}

static void print_result(struct jsonw *w, const struct batch *b, const struct item *item,
    const struct keyc_result *r, const struct policy *policy)
{
	static const char *const members[] = {
		[BATCH_SEAL] = "token",
		[BATCH_REVEAL] = "value",
		[BATCH_INDEX] = "index",
	};
	const struct sc_name *class;

	jsonw_kstr(w, "status", keyc_status_name(r->status));
	if (r->status != KEYC_OK)
		return;
	if (b->kind == BATCH_REVEAL && (class = policy_class_name(policy, item->class_id)) != NULL)
		jsonw_kstr(w, "class", class->s);
	if (b->kind == BATCH_REVEAL)
		jsonw_kstr(w, "action", policy_action_name(r->action));
	jsonw_key(w, members[b->kind]);
	if (b->kind == BATCH_REVEAL && r->action == ACTION_DROP)
		jsonw_null(w);
	else
		jsonw_span(w, r->value);
}

static void print_item(struct visit *v, struct jsonw *w, const struct batch *b,
    const struct item *item, const struct keyc_result *r)
{
	jsonw_object(w);
	if (item->status == ITEM_ASK && r != NULL) {
		count_result(v, b, r);
		print_result(w, b, item, r, v->gen->config->policy);
	} else {
		jsonw_kstr(w, "status", item_status_name(item->status));
		if (item->status == ITEM_DENIED)
			v->record.counts.denied++;
		if (item->status == ITEM_BAD_TOKEN)
			v->record.counts.bad++;
		if (item->why != NULL)
			jsonw_kstr(w, "reason", item->why);
		if (item->status == ITEM_OK) {
			v->record.counts.masked++;
			jsonw_key(w, "masked");
			jsonw_span(w, sc_span(b->texts.p + item->text, item->text_n));
		}
	}
	jsonw_object_end(w);
}

static void note_classes(struct visit *v, const struct batch *b)
{
	struct protect_result r = { .record = KEYC_NO_RECORD };

	for (size_t i = 0; i < b->n; i++) {
		size_t j = 0;

		if (b->v[i].class_id == CLASS_NONE)
			continue;
		while (j < r.n_classes && r.classes[j].id != b->v[i].class_id)
			j++;
		if (j == AUDIT_CLASSES_MAX)
			continue;
		if (j == r.n_classes) {
			r.classes[j].id = b->v[i].class_id;
			if (class_name(r.classes[j].id) == NULL)
				r.classes[j].name = policy_class_name(v->gen->config->policy,
				    r.classes[j].id);
			r.n_classes++;
		}
		r.classes[j].n++;
	}
	visit_note_result(v, &r);
}

static void note_reply(struct visit *v, const struct keyc_reply *reply)
{
	struct metrics *m = &v->worker->gate->metrics;
	const struct audit_counts *c = &v->record.counts;

	if (reply != NULL) {
		if (reply->record != KEYC_NO_RECORD)
			v->record.keyd_index = reply->record;
		v->record.n_subjects = reply->n_subjects;
		memcpy(v->subjects, reply->subjects, reply->n_subjects * AUDIT_HANDLE_BYTES);
		v->record.subjects = (const uint8_t (*)[AUDIT_HANDLE_BYTES])v->subjects;
	}
	metric_add(m, METRIC_VALUES_SEALED, c->sealed);
	metric_add(m, METRIC_VALUES_OPENED, c->revealed);
	metric_add(m, METRIC_VALUES_MASKED, c->masked + c->generalised);
	metric_add(m, METRIC_VALUES_WITHHELD, c->denied + c->gone + c->bad + c->dropped);
	if (c->denied + c->gone + c->bad == 0)
		v->record.outcome = AUDIT_OK;
	else if (c->sealed + c->indexed + c->revealed + c->masked + c->generalised != 0)
		v->record.outcome = AUDIT_PARTIAL;
	else
		v->record.outcome = AUDIT_REFUSED;
}

/* Every item's own status, in the order they came. REPLY is NULL when keyd was not asked. */
static void answer(struct visit *v, const struct keyc_reply *reply)
{
	struct batch *b = v->state;
	struct jsonw w = jsonw(&v->out);
	size_t asked = 0;
	char id[17];

	hex_u64(v->record.request_id, id);
	jsonw_object(&w);
	jsonw_key(&w, "items");
	jsonw_array(&w);
	for (size_t i = 0; i < b->n; i++) {
		const struct keyc_result *r = NULL;

		if (b->v[i].status == ITEM_ASK && reply != NULL && asked < reply->n)
			r = &reply->results[asked++];
		print_item(v, &w, b, &b->v[i], r);
	}
	jsonw_array_end(&w);
	if (reply != NULL && reply->record != KEYC_NO_RECORD)
		jsonw_ku64(&w, "record", reply->record);
	jsonw_kstr(&w, "request_id", id);
	jsonw_object_end(&w);
	note_classes(v, b);
	note_reply(v, reply);
	on_leave(v);
	if (w.err == SC_OK)
		visit_answer(v, 200, "application/json", sc_buf_span(&v->out));
	else
		visit_refuse(v, 500, "internal", "the answer could not be built", SIZE_MAX);
}

static void on_reply(struct keyc_call *call, const struct keyc_reply *reply)
{
	struct visit *v = loop_owner(call, struct visit, key_call);

	if (reply->err != SC_OK) {
		on_leave(v);
		visit_refuse_keys(v, reply->err);
		return;
	}
	answer(v, reply);
}

/* ---- the items ---------------------------------------------------------------------- */

static enum policy_action decide(const struct visit *v, uint8_t op, uint8_t class_id,
    uint8_t tier, const char **why)
{
	struct policy_query q = {
		.role = v->principal->role, .purpose = v->purpose, .class_id = class_id,
		.op = op, .tier = tier, .now_ms = clock_unix_ms(),
		.has_reason = v->record.reason != NULL,
		.has_ticket = v->record.ticket != NULL,
		.records = 1,
	};
	struct policy_verdict verdict;

	policy_decide(v->gen->config->policy, &q, &verdict);
	*why = verdict.why;
	return verdict.action;
}

/* The class of an item by its name; says so in the item when it is none. */
static bool take_class(const struct visit *v, const cJSON *object, struct item *item)
{
	struct sc_span name;

	if (api_body_string(object, "class", &name) &&
	    policy_class(v->gen->config->policy, name, &item->class_id))
		return true;
	item->status = ITEM_UNKNOWN_CLASS;
	return false;
}

static void take_seal(struct visit *v, const cJSON *object, struct item *item,
    struct keyc_item *ask)
{
	if (!take_class(v, object, item))
		return;
	if (!api_body_string(object, "value", &ask->value)) {
		item->status = ITEM_BAD_ITEM;
		item->why = "\"value\" must be a string";
		return;
	}
	if (decide(v, POLICY_WRITE, item->class_id, 0, &item->why) != ACTION_TOKENISE) {
		item->status = ITEM_DENIED;
		return;
	}
	item->why = NULL;
	(void)api_body_string(object, "subject", &ask->subject);
	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, "random")))
		ask->flags = TOKEN_RANDOM;
	ask->class_id = item->class_id;
	item->status = ITEM_ASK;
}

static void take_index(struct visit *v, const cJSON *object, struct item *item,
    struct keyc_item *ask)
{
	bool search = v->reader.op == POLICY_SEARCH;

	if (!take_class(v, object, item))
		return;
	if (!api_body_string(object, "value", &ask->value)) {
		item->status = ITEM_BAD_ITEM;
		item->why = "\"value\" must be a string";
		return;
	}
	if (decide(v, v->reader.op, item->class_id, 0, &item->why) !=
	    (search ? ACTION_REVEAL : ACTION_TOKENISE)) {
		item->status = ITEM_DENIED;
		return;
	}
	item->why = NULL;
	ask->class_id = item->class_id;
	item->status = ITEM_ASK;
}

static void take_reveal(struct visit *v, const cJSON *object, struct item *item,
    struct keyc_item *ask)
{
	struct batch *b = v->state;
	struct token_parts t;

	if (!api_body_string(object, "token", &ask->value) ||
	    token_parse(ask->value, &b->token, &t) != SC_OK) {
		item->status = ITEM_BAD_TOKEN;
		return;
	}
	item->class_id = t.class_id;
	if (decide(v, POLICY_READ, t.class_id, t.tier, &item->why) == ACTION_DENY) {
		item->status = ITEM_DENIED;
		return;
	}
	item->why = NULL;
	item->status = ITEM_ASK;
}

static void take_mask(struct visit *v, const cJSON *object, struct item *item,
    struct keyc_item *ask)
{
	struct batch *b = v->state;

	item->text = (uint32_t)b->texts.n;
	if (!take_class(v, object, item))
		return;
	if (!api_body_string(object, "value", &ask->value) ||
	    mask_value(item->class_id, ask->value, &b->texts) != SC_OK) {
		item->status = ITEM_BAD_ITEM;
		item->why = "\"value\" must be a string of at most 64 KiB";
		return;
	}
	item->text_n = (uint32_t)(b->texts.n - item->text);
	item->status = ITEM_OK;
}

static void take_items(struct visit *v, const cJSON *items)
{
	static void (*const take[])(struct visit *, const cJSON *, struct item *,
	    struct keyc_item *) = {
		[BATCH_SEAL] = take_seal,
		[BATCH_REVEAL] = take_reveal,
		[BATCH_INDEX] = take_index,
		[BATCH_MASK] = take_mask,
	};
	struct batch *b = v->state;
	const cJSON *object;

	cJSON_ArrayForEach(object, items) {
		struct keyc_item *ask = &b->asks[b->n_asks];
		struct item *item = &b->v[b->n++];

		memset(ask, 0, sizeof(*ask));
		item->status = ITEM_BAD_ITEM;
		if (cJSON_IsObject(object))
			take[b->kind](v, object, item, ask);
		if (item->status == ITEM_ASK)
			b->n_asks++;
	}
}

static enum sc_err ask_keyd(struct visit *v)
{
	struct batch *b = v->state;

	v->key_call.done = on_reply;
	switch (b->kind) {
	case BATCH_SEAL:
		return keyc_seal(v->worker->keyc, &v->key_call, &v->writer, b->asks, b->n_asks);
	case BATCH_REVEAL:
		return keyc_open(v->worker->keyc, &v->key_call, &v->reader, b->asks, b->n_asks);
	case BATCH_INDEX:
		return keyc_index(v->worker->keyc, &v->key_call, &v->reader, b->asks, b->n_asks);
	case BATCH_MASK:
		break;
	}
	return SC_BUG;
}

/*
 * Indexing is a search where policy lets the caller search the first item's
 * class, and otherwise a part of storing.
 */
static void choose_index_op(struct visit *v, const cJSON *items)
{
	const cJSON *first = cJSON_GetArrayItem(items, 0);
	struct sc_span name;
	const char *why;
	uint8_t class_id;

	if (!api_body_string(first, "class", &name) ||
	    !policy_class(v->gen->config->policy, name, &class_id))
		return;
	if (decide(v, POLICY_SEARCH, class_id, 0, &why) != ACTION_REVEAL) {
		v->reader.op = POLICY_WRITE;
		v->record.op = POLICY_WRITE;
	}
}

static void on_end(struct visit *v, struct sc_span body)
{
	struct batch *b = v->state;
	struct sc_diag diag = { .text = "" };
	const cJSON *items;
	size_t n, max = v->gen->config->limits.items_max;
	enum sc_err err;

	if ((err = api_body_parse(body, &diag, &b->body)) != SC_OK) {
		metric_add(&v->worker->gate->metrics, METRIC_REFUSED_BODY, 1);
		refuse(v, 400, "malformed-json", diag.text, diag.offset);
		return;
	}
	items = cJSON_GetObjectItemCaseSensitive(b->body, "items");
	n = cJSON_IsArray(items) ? (size_t)cJSON_GetArraySize(items) : 0;
	if (n == 0 || n > max) {
		refuse(v, 400, "items", n == 0 ?
		    "send {\"items\":[...]} with at least one item" :
		    "too many items in one request: see limits.items_max", SIZE_MAX);
		return;
	}
	b->v = calloc(n, sizeof(*b->v));
	b->asks = calloc(n, sizeof(*b->asks));
	if (b->v == NULL || b->asks == NULL) {
		refuse(v, 503, "busy", "memory is short; try again", SIZE_MAX);
		return;
	}
	if (b->kind == BATCH_INDEX)
		choose_index_op(v, items);
	take_items(v, items);
	v->record.records = (uint32_t)n;
	if (b->n_asks == 0) {
		answer(v, NULL);
	} else if ((err = ask_keyd(v)) != SC_OK) {
		on_leave(v);
		if (err == SC_LIMIT)
			visit_refuse(v, 413, "value-too-large",
			    "a value or a subject is longer than Scrim carries", SIZE_MAX);
		else
			visit_refuse_keys(v, err);
	}
}

static const struct visit_ops values_ops = { .on_end = on_end, .on_leave = on_leave };

/* The purpose of storing when the caller names none. */
static int default_purpose(const struct visit *v)
{
	static const struct sc_span name = SC_LIT("order_processing");
	uint8_t id;

	return policy_purpose(v->gen->config->policy, name, &id) ? id : -1;
}

static void begin(struct visit *v, enum batch_kind kind, enum audit_kind record, uint8_t op)
{
	struct batch *b;

	metric_add(&v->worker->gate->metrics, METRIC_API, 1);
	v->record.kind = record;
	if (!visit_identify(v, kind == BATCH_REVEAL ? -1 : default_purpose(v)) ||
	    !visit_log_ready(v))
		return;
	visit_contexts(v, op);
	if ((b = calloc(1, sizeof(*b))) == NULL) {
		visit_refuse(v, 503, "busy", "memory is short; try again", SIZE_MAX);
		return;
	}
	b->kind = kind;
	sc_buf_init(&b->texts, VISIT_OUT_MAX);
	sc_buf_init(&b->token, TOKEN_BYTES_MAX);
	v->state = b;
	v->ops = &values_ops;
	http_call_buffer_body(v->call, v->gen->config->limits.body_max);
}

void api_seal_begin(struct visit *v)
{
	begin(v, BATCH_SEAL, AUDIT_SEAL, POLICY_WRITE);
}

void api_reveal_begin(struct visit *v)
{
	begin(v, BATCH_REVEAL, AUDIT_REVEAL, POLICY_READ);
}

void api_index_begin(struct visit *v)
{
	begin(v, BATCH_INDEX, AUDIT_SEARCH, POLICY_SEARCH);
}

void api_mask_begin(struct visit *v)
{
	begin(v, BATCH_MASK, AUDIT_REQUEST, POLICY_WRITE);
}
