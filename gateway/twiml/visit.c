/*
 * visit.c - what the hooks share: answers, lines, keys.
 */
#include "gateway/twiml/visit.h"

#include "base/bytes.h"
#include "base/log.h"

#include <string.h>

/* ---- answers ------------------------------------------------------------------------ */

void twiml_answer(struct twiml_visit *v, const struct twiml_answer *a)
{
	struct served_request *rq = v->rq;

	sc_buf_clear(&v->out);
	if (v->row->renderer->print(a, &v->out) != SC_OK)
		served_refuse_busy(rq);
	else
		served_answer(rq, 200, v->row->renderer->type, sc_buf_span(&v->out));
}

void twiml_nothing(struct twiml_visit *v)
{
	const struct twiml_answer a = { .verb = TWIML_DO_NOTHING };

	twiml_answer(v, &a);
}

/* A step's row has the digest of the step; a call that was moved on has none of its first request. */
static bool same_step(const struct twiml_visit *v, const struct phone_call *c)
{
	return v->path.hook == TWIML_STEP ? c->step == v->path.step + 1 : c->step <= 1;
}

bool twiml_bent(struct twiml_visit *v, const struct phone_attempt *a)
{
	uint8_t digest[CALL_DIGEST_BYTES];

	twiml_digest(v, digest);
	if (a->answer != PHONE_REPLAYED || !same_step(v, &a->call) ||
	    memcmp(digest, a->call.digest, sizeof(digest)) == 0)
		return false;
	metric_add(&v->rq->worker->shared->metrics, METRIC_WEBHOOK_BENT, 1);
	log_event(LOG_ERROR, "twiml.known_id_with_other_fields",
	    LOG_NAME("vendor", &v->vendor->name), LOG_END);
	v->rq->record.kind = AUDIT_DENIAL;
	v->rq->record.act = "phone.forged";
	served_answer(v->rq, 403, "text/plain", sc_span(NULL, 0));
	return true;
}

void twiml_heard(struct twiml_visit *v)
{
	v->rq->record.outcome = AUDIT_OK;
	served_answer(v->rq, 204, "text/plain", sc_span(NULL, 0));
}

/* ---- lines --------------------------------------------------------------------------- */

/* Is the pool called NAME one of V's, as the request's own configuration has it? */
static bool vendor_has(const struct twiml_visit *v, const struct sc_name *name)
{
	const struct phone_settings *s = v->rq->gen->config->phone;

	for (size_t i = 0; i < s->n_pools; i++)
		if (v->vendor->pools[i] && strcmp(s->pools[i].name.s, name->s) == 0)
			return true;
	return false;
}

const struct phone_pool *twiml_pool(const struct twiml_visit *v)
{
	const struct phone_settings *s = phone_settings_of(v->phone);

	return &s->pools[s->lines[v->line].pool];
}

/* The service keeps the lines of the start; which pools are whose, a reload may change. */
bool twiml_find_line(struct twiml_visit *v)
{
	v->line = phone_line_find(v->phone, v->read.v[TWIML_TO]);
	return v->line != PHONE_NO_LINE && vendor_has(v, &twiml_pool(v)->name);
}

/* ---- keys ------------------------------------------------------------------------------ */

/* By account and not by our name for it, which may change while ids are remembered. */
void twiml_key(const struct twiml_visit *v, struct sc_span sid, uint8_t out[static CALL_KEY_BYTES])
{
	uint8_t mac[HASH_BYTES];

	phone_keyed(v->phone, "twiml.id", sc_span_str(v->vendor->account), sid, mac);
	memcpy(out, mac, CALL_KEY_BYTES);
}

void twiml_digest(const struct twiml_visit *v, uint8_t out[static CALL_DIGEST_BYTES])
{
	uint8_t all[HASH_BYTES], mac[HASH_BYTES], n[8];
	struct hash_sha256 h;

	hash_sha256_init(&h);
	for (size_t i = 0; i < TWIML_FIELDS; i++) {
		struct sc_span s = v->read.v[i];

		sc_be64_store(n, s.p == NULL ? UINT64_MAX : s.n);
		hash_sha256_update(&h, sc_span(n, sizeof(n)));
		hash_sha256_update(&h, s);
	}
	hash_sha256_final(&h, all);
	/* who has the rows alone cannot try numbers against it */
	phone_keyed(v->phone, "twiml.read", sc_span(all, sizeof(all)), sc_span(NULL, 0), mac);
	memcpy(out, mac, CALL_DIGEST_BYTES);
	sc_wipe(all, sizeof(all));
}
