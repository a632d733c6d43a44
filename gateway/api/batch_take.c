/*
 * batch_take.c - the items of a batch: what each asks for, and whether policy
 * lets this caller ask.
 */
#include "gateway/api/batch.h"
#include "base/clock.h"
#include "crypto/token/token.h"
#include "gateway/api/body.h"
#include "policy/mask/mask.h"

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

static void take_seal(struct visit *v, struct batch *b, const cJSON *object,
    struct item *item, struct keyc_item *ask)
{
	(void)b;
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

static void take_index(struct visit *v, struct batch *b, const cJSON *object,
    struct item *item, struct keyc_item *ask)
{
	bool search = v->reader.op == POLICY_SEARCH;

	(void)b;
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

static void take_reveal(struct visit *v, struct batch *b, const cJSON *object,
    struct item *item, struct keyc_item *ask)
{
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

static void take_mask(struct visit *v, struct batch *b, const cJSON *object,
    struct item *item, struct keyc_item *ask)
{
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

void batch_take(struct visit *v, struct batch *b, const cJSON *items)
{
	static void (*const take[])(struct visit *, struct batch *, const cJSON *,
	    struct item *, struct keyc_item *) = {
		[BATCH_SEAL] = take_seal,
		[BATCH_REVEAL] = take_reveal,
		[BATCH_INDEX] = take_index,
		[BATCH_MASK] = take_mask,
	};
	const cJSON *object;

	cJSON_ArrayForEach(object, items) {
		struct keyc_item *ask = &b->asks[b->n_asks];
		struct item *item = &b->v[b->n++];

		memset(ask, 0, sizeof(*ask));
		item->status = ITEM_BAD_ITEM;
		if (cJSON_IsObject(object))
			take[b->kind](v, b, object, item, ask);
		if (item->status == ITEM_ASK)
			b->n_asks++;
	}
}

void batch_choose_index_op(struct visit *v, const cJSON *items)
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
