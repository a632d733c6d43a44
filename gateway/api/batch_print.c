/*
 * batch_print.c - the answer to a batch: every item's own status, in order.
 */
#include "gateway/api/batch.h"
#include "base/text/hex.h"
#include "base/text/jsonw.h"
#include "crypto/token/token.h"

#include <stdio.h>

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
		[KEYC_BAD_VALUE] = "bad_item",
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
	else if (r->status == KEYC_BAD_TOKEN || r->status == KEYC_BAD_VALUE)
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
	else if (b->kind == BATCH_REVEAL && r->action == ACTION_REVEAL && r->kind != TOKEN_STRING)
		jsonw_raw(w, r->value); /* a number or literal, as it was sealed */
	else
		jsonw_span(w, r->value);
}

/* Why the item is what it is, and of which member that is said. */
static void print_why(struct jsonw *w, const struct item *item)
{
	char text[128];

	if (item->why == NULL)
		return;
	if (item->member.n == 0) {
		jsonw_kstr(w, "reason", item->why);
		return;
	}
	snprintf(text, sizeof(text), "\"%.*s\" %s", (int)item->member.n,
	    (const char *)item->member.p, item->why);
	jsonw_kstr(w, "reason", text);
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
		print_why(w, item);
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
				r.classes[j].name =
				    policy_class_name(v->gen->config->policy, r.classes[j].id);
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
		v->record.subjects = (const uint8_t(*)[AUDIT_HANDLE_BYTES])v->subjects;
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

enum sc_err batch_print(struct visit *v, const struct batch *b, const struct keyc_reply *reply,
    struct sc_buf *out)
{
	struct jsonw w = jsonw(out);
	size_t asked = 0;
	char id[17];

	hex_u64(v->record.asking.request_id, id);
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
	return w.err;
}
