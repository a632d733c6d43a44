/*
 * visit.c - beginning, recording and ending a request.
 */
#include "gateway/serve/visit.h"
#include "base/log.h"
#include "crypto/prim/hash.h"
#include "base/text/hex.h"
#include "base/text/jsonw.h"
#include "gateway/serve/trail.h"

#include <arpa/inet.h>
#include <stdlib.h>

#define SPARE_MAX 64
#define SPARE_OUT_MAX (256u << 10) /* a larger buffer is not kept */

struct visit *visit_begin(struct worker *w, struct http_call *call)
{
	struct visit *v = w->spare;

	if (v != NULL) {
		w->spare = v->next;
		w->n_spare--;
	} else {
		if ((v = calloc(1, sizeof(*v))) == NULL)
			return NULL;
		if ((v->job = protect_job_new()) == NULL) {
			free(v);
			return NULL;
		}
		sc_buf_init(&v->out, VISIT_OUT_MAX);
	}
	v->worker = w;
	v->call = call;
	v->gen = generation_hold(w->current);
	call->user = v;
	audit_record_init(&v->record, AUDIT_REQUEST);
	v->record.asking.request_id = call->request_id;
	v->record.asking.tenant = &v->gen->config->tenant;
	v->record.asking.policy_hash = v->gen->config->policy_hash;
	v->record.keyd_index = AUDIT_NONE;
	return v;
}

/* The client's network, never its address. */
static struct audit_prefix peer_prefix(const struct sockaddr_storage *peer)
{
	struct audit_prefix p = { 0 };

	if (peer->ss_family == AF_INET) {
		p.family = 4;
		memcpy(p.bytes, &((const struct sockaddr_in *)peer)->sin_addr, 3);
	} else if (peer->ss_family == AF_INET6) {
		p.family = 6;
		memcpy(p.bytes, &((const struct sockaddr_in6 *)peer)->sin6_addr, 6);
	}
	return p;
}

void visit_end(struct visit *v)
{
	struct worker *w = v->worker;

	/* health checks and metrics have no outcome and are no records */
	if (v->record.outcome != AUDIT_OUTCOME_NONE)
		trail_note(w->gate, &v->record);
	protect_cancel(v->job);
	keyc_cancel(&v->key_call);
	worker_forget_wait(w, &v->wait);
	http_exchange_release(v->exchange);
	generation_release(v->gen);
	if (v->out.cap > SPARE_OUT_MAX)
		sc_buf_fini(&v->out);
	else
		sc_buf_clear(&v->out);
	if (w->n_spare == SPARE_MAX) {
		protect_job_free(v->job);
		sc_buf_fini(&v->out);
		free(v);
		return;
	}
	/* everything but the reusable parts begins anew */
	{
		struct protect_job *job = v->job;
		struct sc_buf out = v->out;

		memset(v, 0, sizeof(*v));
		v->job = job;
		v->out = out;
	}
	v->next = w->spare;
	w->spare = v;
	w->n_spare++;
}

enum sc_err visit_record_intent(struct visit *v,
    void (*on_durable)(struct durable_wait *w, bool ok))
{
	uint64_t index;
	enum sc_err err = trail_append(v->worker->gate, &v->record, true, &index);

	if (err != SC_OK)
		return err;
	v->wait.on_durable = on_durable;
	worker_wait_durable(v->worker, &v->wait, index);
	return SC_OK;
}

/* ---- who and why ------------------------------------------------------------- */

static struct sc_span presented_key(const struct http_head *h)
{
	struct sc_span key = http_head_find(h, "Scrim-Key");
	struct sc_span auth;

	if (key.p != NULL)
		return key;
	auth = http_head_find(h, "Authorization");
	if (auth.n > 7 && strncasecmp((const char *)auth.p, "Bearer ", 7) == 0)
		return sc_span_from(auth, 7);
	return sc_span(NULL, 0);
}

static const struct policy_principal *find_principal(struct visit *v, enum audit_auth *how)
{
	const struct config *c = v->gen->config;
	struct sc_span key = presented_key(v->call->head);
	uint8_t digest[HASH_BYTES];

	*how = AUDIT_AUTH_NONE;
	if (key.n != 0) {
		*how = AUDIT_AUTH_API_KEY;
		hash_sha256(key, digest);
		return policy_principal_find(c->principals, c->n_principals, POLICY_AUTH_API_KEY,
		    digest);
	}
	if (v->call->peer_spki != NULL) {
		*how = AUDIT_AUTH_CERTIFICATE;
		return policy_principal_find(c->principals, c->n_principals, POLICY_AUTH_CERT,
		    v->call->peer_spki);
	}
	return NULL;
}

/* An optional header that says why; false when it was refused and answered. */
static bool take_words(struct visit *v, const char *header, struct policy_reason *out)
{
	struct sc_span text = http_head_find(v->call->head, header);
	struct sc_diag diag = { .text = "" };

	if (text.n == 0)
		return true;
	if (policy_reason_parse(text, out, &diag) == SC_OK)
		return true;
	visit_refuse(v, 400, "bad-reason", diag.text, SIZE_MAX);
	return false;
}

static bool take_purpose(struct visit *v, int fallback)
{
	struct sc_span text = http_head_find(v->call->head, "Scrim-Purpose");
	const struct policy *policy = v->gen->config->policy;
	uint8_t *purpose = &v->record.asking.purpose;

	if (text.n == 0 && fallback >= 0) {
		*purpose = (uint8_t)fallback;
	} else if (text.n == 0) {
		visit_refuse(v, 400, "purpose-missing", "say what for: send a Scrim-Purpose header",
		    SIZE_MAX);
		return false;
	} else if (!policy_purpose(policy, text, purpose)) {
		visit_refuse(v, 400, "purpose-unknown", "the policy has no purpose of that name",
		    SIZE_MAX);
		return false;
	}
	if (!policy_principal_may(v->principal, *purpose)) {
		metric_add(&v->worker->gate->metrics, METRIC_REFUSED_AUTH, 1);
		visit_refuse(v, 403, "purpose-not-allowed",
		    "this credential may not act for that purpose", SIZE_MAX);
		return false;
	}
	v->record.purpose = policy_purpose_name(policy, *purpose);
	return true;
}

bool visit_identify(struct visit *v, int fallback_purpose)
{
	const struct policy *policy = v->gen->config->policy;

	v->record.address = peer_prefix(v->call->peer);
	v->principal = find_principal(v, &v->record.auth);
	if (v->principal == NULL) {
		metric_add(&v->worker->gate->metrics, METRIC_REFUSED_AUTH, 1);
		v->record.kind = AUDIT_DENIAL;
		visit_refuse(v, 401, "credential",
		    v->record.auth == AUDIT_AUTH_NONE ?
			"send an API key (Authorization: Bearer ...) or a client certificate" :
			"this credential is not known here",
		    SIZE_MAX);
		return false;
	}
	v->record.asking.principal = &v->principal->name;
	v->record.asking.role = v->principal->role;
	v->record.role = policy_role_name(policy, v->principal->role);
	if (!take_words(v, "Scrim-Reason", &v->reason) ||
	    !take_words(v, "Scrim-Ticket", &v->ticket))
		return false;
	v->record.asking.reason = v->reason.s[0] != '\0' ? &v->reason : NULL;
	v->record.asking.ticket = v->ticket.s[0] != '\0' ? &v->ticket : NULL;
	return take_purpose(v, fallback_purpose);
}

void visit_ask(struct visit *v, uint8_t op)
{
	const struct config_route *r = v->route == NULL ? NULL : v->route->config;
	struct asking *a = &v->record.asking;

	a->op = op;
	a->records = 1;
	v->reader = *a;
	if (op != POLICY_SHARE || r == NULL || !r->has_to)
		return;
	v->reader = asking_of_recipient(a, r->to_role, r->to_purpose, &r->recipient);
	a->recipient = &r->recipient;
}

/* ---- answers -------------------------------------------------------------------- */

enum sc_err visit_problem(const struct visit *v, unsigned status, const char *name,
    const char *detail, size_t offset, struct sc_buf *out)
{
	char urn[64] = "urn:scrim:problem:", id[17];
	struct jsonw w = jsonw(out);

	strncat(urn, name, sizeof(urn) - strlen(urn) - 1);
	hex_u64(v->record.asking.request_id, id);
	jsonw_object(&w);
	jsonw_kstr(&w, "type", urn);
	jsonw_kstr(&w, "title", http_status_text(status));
	jsonw_ku64(&w, "status", status);
	jsonw_kstr(&w, "detail", detail);
	if (offset != SIZE_MAX)
		jsonw_ku64(&w, "offset", offset);
	jsonw_kstr(&w, "request_id", id);
	jsonw_object_end(&w);
	return w.err;
}

void visit_refuse(struct visit *v, unsigned status, const char *name, const char *detail,
    size_t offset)
{
	const struct http_field fields[] = {
		{ SC_LIT("Content-Type"), SC_LIT(HTTP_PROBLEM_TYPE) },
		{ SC_LIT("Retry-After"), SC_LIT(HTTP_RETRY_AFTER) },
	};
	struct sc_buf body;

	v->record.status = (uint16_t)status;
	v->record.outcome = status >= 500 ? AUDIT_FAILED : AUDIT_REFUSED;
	if (v->record.kind == AUDIT_REQUEST && (status == 401 || status == 403))
		v->record.kind = AUDIT_DENIAL;
	if (v->call == NULL || v->answered) {
		if (v->call != NULL)
			http_call_break(v->call);
		visit_end(v);
		return;
	}
	sc_buf_init(&body, 4096);
	if (visit_problem(v, status, name, detail, offset, &body) != SC_OK)
		sc_buf_clear(&body);
	http_call_respond(v->call, status, fields, status == 503 ? 2 : 1, sc_buf_span(&body));
	sc_buf_fini(&body);
	v->call = NULL;
	visit_end(v);
}

void visit_answer(struct visit *v, unsigned status, const char *type, struct sc_span body)
{
	char id[17];
	struct http_field fields[] = {
		{ SC_LIT("Content-Type"), sc_span_str(type) },
		{ SC_LIT("Cache-Control"), SC_LIT("no-store") },
		{ SC_LIT("Scrim-Request-Id"), { (const uint8_t *)id, 16 } },
		{ SC_LIT("Retry-After"), SC_LIT(HTTP_RETRY_AFTER) },
	};

	hex_u64(v->record.asking.request_id, id);
	v->record.status = (uint16_t)status;
	http_call_respond(v->call, status, fields, status == 503 ? 4 : 3, body);
	v->call = NULL;
	visit_end(v);
}

struct refusal {
	unsigned status;
	const char *name, *detail;
	enum metric metric;
};

static const struct refusal by_outcome[PROTECT_OUTCOME_COUNT] = {
	[PROTECT_MALFORMED] = { 400, "malformed-json", NULL, METRIC_REFUSED_BODY },
	[PROTECT_FORBIDDEN] = { 403, "policy", NULL, METRIC_REFUSED_POLICY },
	[PROTECT_UNFIT] = { 422, "unfit-value", NULL, METRIC_REFUSED_BODY },
	[PROTECT_UNMATCHED] = { 422, "unmatched-shape", NULL, METRIC_REFUSED_BODY },
	[PROTECT_TOO_LARGE] = { 413, "value-too-large",
	    "a value, the subject or the protected document is longer than Scrim carries",
	    METRIC_REFUSED_BODY },
	[PROTECT_KEYS_AWAY] = { 503, "keys-unavailable",
	    "the key service does not answer; nothing was passed on. Try again", METRIC_KEYS_AWAY },
	[PROTECT_LOG_FULL] = { 503, "log-unavailable",
	    "the key service cannot write its log, so it opens nothing. See its health",
	    METRIC_LOG_AWAY },
	[PROTECT_REFUSED] = { 403, "key-service-refused",
	    "the key service refuses: its policy or a quota says no", METRIC_REFUSED_POLICY },
	[PROTECT_OTHER_POLICY] = { 503, "policy-mismatch",
	    "the key service decides by another policy file; nothing was passed on. Try again",
	    METRIC_KEYS_AWAY },
	[PROTECT_NO_CODEC] = { 415, "body-type",
	    "this route protects JSON: send "
	    "Content-Type: application/json without a Content-Encoding",
	    METRIC_REFUSED_BODY },
	[PROTECT_FAILED] = { 500, "internal", "the document could not be protected",
	    METRIC_REFUSED_BODY },
};

const char *visit_outcome_name(enum protect_outcome outcome)
{
	return by_outcome[outcome].name;
}

void visit_refuse_outcome(struct visit *v, const struct protect_result *r)
{
	const struct refusal *f = &by_outcome[r->outcome];

	metric_add(&v->worker->gate->metrics, f->metric, 1);
	if (r->outcome == PROTECT_MALFORMED && v->codec != NULL)
		visit_refuse(v, f->status, v->codec->malformed, r->diag.text, r->diag.offset);
	else if (f->detail == NULL)
		visit_refuse(v, f->status, f->name, r->diag.text, r->diag.offset);
	else
		visit_refuse(v, f->status, f->name, f->detail, SIZE_MAX);
}

void visit_refuse_keys(struct visit *v, enum sc_err err)
{
	struct protect_result r = { .outcome = PROTECT_FAILED };

	if (err == SC_AGAIN)
		r.outcome = PROTECT_KEYS_AWAY;
	else if (err == SC_LIMIT)
		r.outcome = PROTECT_LOG_FULL;
	else if (err == SC_AUTH)
		r.outcome = PROTECT_REFUSED;
	else if (err == SC_STALE)
		r.outcome = PROTECT_OTHER_POLICY;
	visit_refuse_outcome(v, &r);
}

/* ---- the record ------------------------------------------------------------------- */

static void add_classes(struct visit *v, const struct protect_result *r)
{
	for (size_t i = 0; i < r->n_classes; i++) {
		size_t j = 0;

		while (j < v->record.n_classes && v->classes[j].id != r->classes[i].id)
			j++;
		if (j < v->record.n_classes)
			v->classes[j].n += r->classes[i].n;
		else if (j < AUDIT_CLASSES_MAX)
			v->classes[v->record.n_classes++] = r->classes[i];
	}
	v->record.classes = v->classes;
}

/* Documents of another shape have passed: told where the owner asked for it. */
static void tell_unmatched(struct visit *v, const struct field_rule *rule)
{
	if (v->route->config->unmatched == CONFIG_SHAPE_REPORT)
		log_event(LOG_WARN, "gateway.unmatched_document",
		    LOG_NAME("route", &v->route->config->name), LOG_U64("rule_line", rule->line),
		    LOG_HEX64("request", v->record.asking.request_id), LOG_END);
}

void visit_note_result(struct visit *v, const struct protect_result *r)
{
	struct metrics *m = &v->worker->gate->metrics;

	v->record.asking.records = r->records;
	audit_counts_add(&v->record.counts, &r->counts);
	add_classes(v, r);
	for (size_t i = 0; i < r->n_subjects && v->record.n_subjects < AUDIT_HANDLES_MAX; i++)
		memcpy(v->subjects[v->record.n_subjects++], r->subjects[i], AUDIT_HANDLE_BYTES);
	v->record.subjects = (const uint8_t(*)[AUDIT_HANDLE_BYTES])v->subjects;
	if (r->record != KEYC_NO_RECORD)
		v->record.keyd_index = r->record;
	if (r->unmatched != NULL)
		tell_unmatched(v, r->unmatched);
	metric_add(m, METRIC_UNMATCHED, r->n_unmatched);
	metric_add(m, METRIC_NO_SUBJECT, r->n_nobodys);
	metric_add(m, METRIC_VALUES_SEALED, r->counts.sealed);
	metric_add(m, METRIC_VALUES_OPENED, r->counts.revealed);
	metric_add(m, METRIC_VALUES_MASKED, r->counts.masked + r->counts.generalised);
	metric_add(m, METRIC_VALUES_WITHHELD,
	    r->counts.denied + r->counts.dropped + r->counts.gone + r->counts.bad);
}

bool visit_log_ready(struct visit *v)
{
	struct gate *gate = v->worker->gate;
	bool refused = atomic_load_explicit(&gate->head, memory_order_relaxed) == GATE_HEAD_REFUSED;

	if (!tlog_failed(gate->log) && !refused)
		return true;
	metric_add(&gate->metrics, METRIC_LOG_AWAY, 1);
	visit_refuse(v, 503, "log-unavailable",
	    refused ?
		"the key service remembers another past of the access log, so nothing passes" :
		"the access log cannot be written, so nothing passes. See /readyz",
	    SIZE_MAX);
	return false;
}
