/*
 * batch_print.c - the answer to a batch: every item's own status, in order.
 */
#include "gateway/api/batch.h"

#include "base/text/hex.h"
#include "base/text/jsonw.h"

static const char *keyc_status_name(uint8_t s)
{
	static const char *const names[WIRE_STATUS_COUNT] = {
		[WIRE_OK] = "ok",
		[WIRE_DENIED] = "denied",
		[WIRE_GONE] = "gone",
		[WIRE_BAD_TOKEN] = "bad_token",
		[WIRE_TOO_LARGE] = "too_large",
		[WIRE_QUOTA] = "quota",
		[WIRE_UNKNOWN_CLASS] = "unknown_class",
		[WIRE_BAD_VALUE] = "bad_item",
		[WIRE_UNKNOWN_KEY] = "unknown_key",
		[WIRE_BROKEN_KEY] = "broken_key",
		[WIRE_DORMANT] = "dormant",
		[WIRE_QUEUED] = "queued",
		[WIRE_UNSIGNED] = "unsigned",
		[WIRE_FOREIGN] = "foreign",
	};

	return s < WIRE_STATUS_COUNT ? names[s] : "failed";
}

/* Why V was not opened, as far as there is more to say than its status does. */
static const char *why_not(const struct protect_value *v, bool signed_)
{
	if (v->status != WIRE_UNSIGNED)
		return v->why;
	return signed_ ?
	    "the signature sent is not good for this batch: the key service's record says why" :
	    "the caller's own signature is required";
}

static void print_item(struct jsonw *w, const struct policy *policy, const struct batch *b,
    const struct protect_value *v, bool signed_)
{
	const char *why = why_not(v, signed_);
	struct sc_span text = sc_span(v->n == 0 ? NULL : b->texts.p + v->at, v->n);
	const struct sc_name *class = policy_class_name(policy, v->class_id);
	bool reveals = b->kind->way == PLAN_READ;
	/* stored poorer, as policy says: no token of it was made */
	bool poorer = b->kind->form == &form_seal && v->action != ACTION_TOKENISE;

	jsonw_kstr(w, "status", keyc_status_name(v->status));
	if (why != NULL)
		jsonw_kstr(w, "reason", why);
	/* sealed it is, whether there is an index of it or not */
	if (v->token_n != 0) {
		jsonw_key(w, "token");
		jsonw_span(w, sc_span(b->texts.p + v->token_at, v->token_n));
	}
	if (v->status != WIRE_OK)
		return;
	if (reveals && class != NULL)
		jsonw_kstr(w, "class", class->s);
	if (reveals || poorer)
		jsonw_kstr(w, "action", policy_action_name(v->action));
	jsonw_key(w, poorer ? "value" : b->kind->answer);
	if (v->kind == CODEC_NULL)
		jsonw_null(w);
	else if (v->kind != CODEC_TEXT)
		jsonw_raw(w, text); /* a number or literal, as it was sealed */
	else
		jsonw_text(w, text);
}

static enum audit_outcome outcome_of(const struct audit_counts *c)
{
	if (c->denied + c->gone + c->bad + c->unknown + c->broken + c->dormant + c->queued +
		c->foreign ==
	    0)
		return AUDIT_OK;
	return c->sealed + c->indexed + c->revealed + c->masked + c->generalised != 0 ?
	    AUDIT_PARTIAL :
	    AUDIT_REFUSED;
}

enum sc_err batch_print(struct served_request *rq, const struct batch *b, struct sc_buf *out)
{
	struct jsonw w = jsonw(out);
	char id[17];

	hex_u64(rq->record.asking.request_id, id);
	jsonw_object(&w);
	jsonw_key(&w, "items");
	jsonw_array(&w);
	for (size_t i = 0; i < b->n; i++) {
		jsonw_object(&w);
		print_item(&w, rq->gen->config->policy, b, &b->values[i],
		    rq->reader.statement.n != 0);
		jsonw_object_end(&w);
	}
	jsonw_array_end(&w);
	if (rq->record.keyd_index != AUDIT_NONE)
		jsonw_ku64(&w, "record", rq->record.keyd_index);
	jsonw_kstr(&w, "request_id", id);
	jsonw_object_end(&w);
	rq->record.outcome = outcome_of(&rq->record.counts);
	return w.err;
}
