/*
 * subjects.c - POST /v1/subjects/{id}/erase: destroy a person's key for good.
 *
 * That it was asked for is on disk before keyd is asked; what came of it is a
 * second record.
 */
#include "base/clock.h"
#include "base/text/jsonw.h"
#include "gateway/api/api.h"

#include <stdlib.h>

#define SUFFIX "/erase"

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 3986 section 2.1, into OUT. False when malformed or too long. */
static bool percent_decode(struct sc_span in, struct sc_buf *out)
{
	for (size_t i = 0; i < in.n; i++) {
		uint8_t c = in.p[i];

		if (c == '%') {
			bool room = in.n - i > 2;
			int hi = room ? hex_digit(in.p[i + 1]) : -1;
			int lo = room ? hex_digit(in.p[i + 2]) : -1;

			if (hi < 0 || lo < 0)
				return false;
			c = (uint8_t)(hi << 4 | lo);
			i += 2;
		}
		if (sc_buf_put(out, &c, 1) != SC_OK)
			return false;
	}
	return out->n != 0;
}

static void on_erased(struct keyc_call *call, const struct keyc_reply *reply)
{
	struct visit *v = loop_owner(call, struct visit, key_call);
	enum keyc_status status;
	struct jsonw w;

	if (reply->err != SC_OK || reply->n == 0) {
		visit_refuse_keys(v, reply->err);
		return;
	}
	status = reply->results[0].status;
	if (reply->record != KEYC_NO_RECORD)
		v->record.keyd_index = reply->record;
	if (status != KEYC_OK && status != KEYC_GONE) {
		visit_refuse(v, 403, "policy", "the key service's policy does not let this "
		    "caller erase a subject", SIZE_MAX);
		return;
	}
	sc_buf_clear(&v->out);
	w = jsonw(&v->out);
	jsonw_object(&w);
	jsonw_kstr(&w, "status", status == KEYC_OK ? "erased" : "unknown");
	if (reply->record != KEYC_NO_RECORD)
		jsonw_ku64(&w, "record", reply->record);
	jsonw_object_end(&w);
	v->record.outcome = AUDIT_OK;
	if (reply->n_subjects != 0) {
		memcpy(v->subjects, reply->subjects, AUDIT_HANDLE_BYTES);
		v->record.subjects = (const uint8_t (*)[AUDIT_HANDLE_BYTES])v->subjects;
		v->record.n_subjects = 1;
	}
	visit_answer(v, 200, "application/json", sc_buf_span(&v->out));
}

static void on_intent_durable(struct durable_wait *wait, bool ok)
{
	struct visit *v = loop_owner(wait, struct visit, wait);
	enum sc_err err = SC_LIMIT;

	if (ok) {
		v->key_call.done = on_erased;
		err = keyc_erase_subject(v->worker->keyc, &v->key_call, &v->reader,
		    sc_buf_span(&v->out));
	}
	if (err != SC_OK)
		visit_refuse_keys(v, err);
}

static void on_end(struct visit *v, struct sc_span body)
{
	(void)body;
	/* that it was asked for is on disk before anything happens */
	if (visit_record_intent(v, on_intent_durable) != SC_OK)
		visit_refuse_keys(v, SC_LIMIT);
}

static const struct visit_ops subject_ops = { .on_end = on_end };

static bool may_erase(const struct visit *v, const char **why)
{
	struct policy_query q = {
		.role = v->principal->role, .purpose = v->purpose, .class_id = CLASS_NONE,
		.op = POLICY_DELETE, .now_ms = clock_unix_ms(),
		.has_reason = v->record.reason != NULL, .has_ticket = v->record.ticket != NULL,
		.records = 1,
	};
	struct policy_verdict verdict;

	policy_decide(v->gen->config->policy, &q, &verdict);
	*why = verdict.why;
	return verdict.action == ACTION_REVEAL;
}

void api_subject_begin(struct visit *v)
{
	struct sc_span id = sc_span_from(v->call->head->path, strlen("/v1/subjects/"));
	const char *why;

	metric_add(&v->worker->gate->metrics, METRIC_API, 1);
	v->record.kind = AUDIT_ERASE;
	if (id.n <= strlen(SUFFIX) ||
	    !sc_span_is(sc_span_from(id, id.n - strlen(SUFFIX)), SUFFIX)) {
		visit_refuse(v, 404, "no-route", "POST /v1/subjects/{id}/erase", SIZE_MAX);
		return;
	}
	if (!visit_identify(v, -1) || !visit_log_ready(v))
		return;
	visit_contexts(v, POLICY_DELETE);
	if (!may_erase(v, &why)) {
		metric_add(&v->worker->gate->metrics, METRIC_REFUSED_POLICY, 1);
		visit_refuse(v, 403, "policy", why, SIZE_MAX);
		return;
	}
	id.n -= strlen(SUFFIX);
	if (!percent_decode(id, &v->out) || v->out.n > KEYC_SUBJECT_MAX) {
		visit_refuse(v, 400, "subject",
		    "the subject in the path is malformed or longer than 512 bytes", SIZE_MAX);
		return;
	}
	v->ops = &subject_ops;
	http_call_buffer_body(v->call, 4096);
}
