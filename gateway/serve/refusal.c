/*
 * refusal.c - answers, and the problem that belongs to each way of being refused.
 */
#include "gateway/serve/served.h"

#include "base/clock.h"
#include "base/text/hex.h"
#include "base/weak.h"
#include "crypto/tlog/seen.h"
#include "crypto/tlog/writer.h"
#include "net/http/problem.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>

enum sc_err served_problem(const struct served_request *rq, unsigned status, const char *name,
    const char *detail, size_t offset, struct sc_buf *out)
{
	const struct http_problem p = { status, name, NULL, detail };

	return http_problem_print(&p, offset, rq->record.asking.request_id, out);
}

bool served_refuse(struct served_request *rq, unsigned status, const char *name, const char *detail)
{
	return served_refuse_at(rq, status, name, detail, SIZE_MAX);
}

bool served_refuse_busy(struct served_request *rq)
{
	return served_refuse(rq, 503, "busy", "memory is short; try again");
}

/* Answer with P and, where it has a name, the field MORE. Always false. */
static bool refuse_with(struct served_request *rq, const struct http_problem *p, size_t offset,
    struct http_field more)
{
	const struct http_field fields[] = {
		{ SC_LIT("Content-Type"), SC_LIT(HTTP_PROBLEM_TYPE) },
		more,
	};
	struct sc_buf body;

	rq->record.status = (uint16_t)p->status;
	if (rq->record.why == NULL)
		rq->record.why = p->name;
	/* 501 is for an unknown method: nothing of ours failed */
	rq->record.outcome = p->status >= 500 && p->status != 501 ? AUDIT_FAILED : AUDIT_REFUSED;
	if (rq->record.kind == AUDIT_REQUEST && (p->status == 401 || p->status == 403))
		rq->record.kind = AUDIT_DENIAL;
	if (rq->call == NULL || rq->answered) {
		if (rq->call != NULL)
			http_call_break(rq->call);
		served_end(rq);
		return false;
	}
	sc_buf_init(&body, 4096);
	if (served_problem(rq, p->status, p->name, p->detail, offset, &body) != SC_OK)
		sc_buf_clear(&body);
	http_call_respond(rq->call, p->status, fields, more.name.n == 0 ? 1 : 2,
	    sc_buf_span(&body));
	sc_buf_fini(&body);
	served_end(rq);
	return false;
}

/* Answer with P; where it is a 503, RETRY says after how many seconds; a 401 says by what. Always false. */
static bool refuse(struct served_request *rq, const struct http_problem *p, size_t offset,
    const char *retry)
{
	struct http_field more = { SC_LIT("Retry-After"), sc_span_str(retry) };

	if (p->status == 401) /* RFC 9110 §11.6.1 */
		more = (struct http_field){ SC_LIT("WWW-Authenticate"), SC_LIT("Bearer") };
	else if (p->status != 503)
		more.name = sc_span(NULL, 0);
	return refuse_with(rq, p, offset, more);
}

bool served_refuse_method(struct served_request *rq, const struct http_allow *allow)
{
	static const struct http_problem unknown = { 501, "method-unknown", NULL,
		"no such method is understood here" };
	static const struct http_problem other = { 405, "method", NULL,
		"this path takes another method: see Allow" };
	struct http_field more = { SC_LIT("Allow"), sc_span(allow->s, allow->n) };

	if (rq->call->head->method_id != HTTP_OTHER)
		return refuse_with(rq, &other, SIZE_MAX, more);
	more.name = sc_span(NULL, 0);
	return refuse_with(rq, &unknown, SIZE_MAX, more);
}

bool served_refuse_at(struct served_request *rq, unsigned status, const char *name,
    const char *detail, size_t offset)
{
	const struct http_problem p = { status, name, NULL, detail };

	return refuse(rq, &p, offset, HTTP_RETRY_AFTER);
}

void served_answer(struct served_request *rq, unsigned status, const char *type,
    struct sc_span body)
{
	char id[17];
	struct http_field fields[] = {
		{ SC_LIT("Content-Type"), sc_span_str(type) },
		{ SC_LIT("Cache-Control"), SC_LIT("no-store") },
		{ SC_LIT("Scrim-Request-Id"), { (const uint8_t *)id, 16 } },
		{ SC_LIT("Retry-After"), SC_LIT(HTTP_RETRY_AFTER) },
	};

	hex_u64(rq->record.asking.request_id, id);
	rq->record.status = (uint16_t)status;
	http_call_respond(rq->call, status, fields, status == 503 ? 4 : 3, body);
	served_end(rq);
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
	[PROTECT_UNDECLARED] = { 422, "undeclared-field", NULL, METRIC_REFUSED_BODY },
	[PROTECT_FOREIGN] = { 422, "foreign-token", NULL, METRIC_REFUSED_BODY },
	[PROTECT_NO_SUBJECT] = { 422, "subject-missing", NULL, METRIC_REFUSED_BODY },
	[PROTECT_NO_ORDER] = { 422, "order-missing", NULL, METRIC_REFUSED_BODY },
	[PROTECT_NUMBERS_EXHAUSTED] = { 503, "numbers-exhausted",
	    "no virtual number is left, and the real one is never handed out. See /v1/pools",
	    METRIC_NUMBERS_AWAY },
	[PROTECT_NUMBERS_AWAY] = { 503, "numbers-unavailable",
	    "the store of virtual numbers cannot be written; nothing was passed on. Try again",
	    METRIC_NUMBERS_AWAY },
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
	[PROTECT_DORMANT] = { 403, "dormant",
	    "a person's values stay closed: nothing of theirs was sealed lately",
	    METRIC_REFUSED_POLICY },
	[PROTECT_QUEUED] = { 503, "return-queued",
	    "more people returned than keyd's file lets in a day; this one waits their turn, and "
	    "nothing was passed on. Try again tomorrow",
	    METRIC_RETURN_QUEUED },
	[PROTECT_OTHER_POLICY] = { 503, "policy-mismatch",
	    "the key service decides by another policy file; nothing was passed on. Try again",
	    METRIC_KEYS_AWAY },
	[PROTECT_NO_CODEC] = { 415, "body-type",
	    "this route protects JSON, XML and forms: send Content-Type: application/json, "
	    "application/xml, application/x-www-form-urlencoded or multipart/form-data in UTF-8, "
	    "as it is or packed by gzip",
	    METRIC_REFUSED_BODY },
	[PROTECT_FAILED] = { 500, "internal", "the document could not be protected",
	    METRIC_REFUSED_BODY },
};

const char *served_outcome_name(enum protect_outcome outcome)
{
	return by_outcome[outcome].name;
}

/* Refused until AT, Unix seconds (0: not known; then for USUAL more). */
static void refuse_until(struct served_request *rq, const struct refusal *f, uint64_t at,
    const char *usual)
{
	const struct http_problem p = { f->status, f->name, NULL, f->detail };
	uint64_t now = clock_unix_ms() / 1000;
	char retry[24];

	snprintf(retry, sizeof(retry), "%" PRIu64, at - now);
	refuse(rq, &p, SIZE_MAX, at > now ? retry : at != 0 ? HTTP_RETRY_AFTER : usual);
}

void served_refuse_outcome(struct served_request *rq, const struct protect_result *r)
{
	const struct refusal *f = &by_outcome[r->outcome];

	metric_add(&rq->worker->shared->metrics, f->metric, 1);
	if (r->outcome == PROTECT_MALFORMED && rq->codec != NULL)
		served_refuse_at(rq, f->status, rq->codec->malformed, r->diag.text, r->diag.offset);
	else if (f->detail == NULL)
		served_refuse_at(rq, f->status, f->name, r->diag.text, r->diag.offset);
	else
		/* slots come back when bindings end, not in a second */
		refuse_until(rq, f, r->retry_at,
		    r->outcome == PROTECT_NUMBERS_EXHAUSTED ? "60" : HTTP_RETRY_AFTER);
}

void served_refuse_keys(struct served_request *rq, enum sc_err err)
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
	served_refuse_outcome(rq, &r);
}

/*
 * What is wrong with our log; NULL: nothing is. Until keyd has said whether it knows the log it may
 * be an older copy, and what passed would be in no log that stays. It says so in a moment; a keyd
 * that is away opens nothing, and what needs none of it passes.
 */
static const char *log_wrong(const struct worker *w)
{
	const struct worker_shared *shared = w->shared;
	const int head = atomic_load_explicit(&shared->head, memory_order_relaxed);

	if (tlog_failed(shared->log))
		return "the access log cannot be written, so nothing passes. See /readyz";
	if (head == SHARED_HEAD_REFUSED)
		return "the key service remembers another past of the access log, so nothing "
		       "passes";
	if (head == SHARED_HEAD_UNKNOWN && keyc_ready(w->keyc) && !WEAK("refused-head-forgotten"))
		return "the key service has not said yet that it knows the access log";
	return NULL;
}

bool served_log_ready(struct served_request *rq)
{
	struct worker_shared *shared = rq->worker->shared;
	const char *wrong;

	if (atomic_load_explicit(&rq->worker->keyd_past, memory_order_relaxed) > SEEN_WELL) {
		metric_add(&shared->metrics, METRIC_LOG_AWAY, 1);
		return served_refuse(rq, 503, "keyd-log-refused",
		    "the key service's log does not go on from where it was seen last, so nothing "
		    "passes. See keyd_past in /readyz");
	}
	if ((wrong = log_wrong(rq->worker)) == NULL)
		return true;
	metric_add(&shared->metrics, METRIC_LOG_AWAY, 1);
	return served_refuse(rq, 503, "log-unavailable", wrong);
}
