/*
 * withhold.c - an upstream's answer whose body cannot be protected.
 */
#include "gateway/proxy/withhold.h"
#include "base/log.h"
#include "gateway/proxy/fields.h"

#define RESET_CONTENT 205 /* like 204 it has no body, RFC 9110 §15.3.6 */

static const struct {
	struct sc_name name;      /* for the log */
	const char *why, *detail; /* for the record and for the caller */
} causes[PROTECT_OUTCOME_COUNT] = {
	[PROTECT_DONE] = { { "none" }, "answer withheld", "the upstream's answer is withheld" },
	[PROTECT_NO_CODEC] = { { "type" }, "answer withheld, not to be read",
	    "the upstream's answer is of no type that is read here and is withheld" },
	[PROTECT_TOO_LARGE] = { { "too-large" }, "answer withheld, too large",
	    "the upstream's answer is larger than what can be buffered and is withheld" },
	[PROTECT_MALFORMED] = { { "malformed" }, "answer withheld, malformed",
	    "the upstream's answer is malformed and is withheld" },
	[PROTECT_UNFIT] = { { "unfit-value" }, "answer withheld, unfit value",
	    "a value of the upstream's answer does not fit its rule, so the answer is withheld" },
	[PROTECT_UNMATCHED] = { { "unmatched-shape" }, "answer withheld, another shape",
	    "the upstream's answer has another shape than its rules describe and is withheld" },
	[PROTECT_FORBIDDEN] = { { "policy" }, "answer withheld, policy",
	    "policy does not let this caller have the upstream's answer" },
	[PROTECT_UNDECLARED] = { { "undeclared-field" }, "answer withheld, undeclared field",
	    "something personal that no rule speaks of stands in the upstream's answer; it is "
	    "withheld" },
	[PROTECT_FOREIGN] = { { "foreign-token" }, "answer withheld, foreign token",
	    "a token of somebody else stands in the upstream's answer, so it is withheld" },
	[PROTECT_NO_SUBJECT] = { { "subject-missing" }, "answer withheld, no subject",
	    "the upstream's answer names nobody, so it is withheld" },
	[PROTECT_NO_ORDER] = { { "order-missing" }, "answer withheld, no order",
	    "the upstream's answer names no order, so it is withheld" },
	[PROTECT_NUMBERS_EXHAUSTED] = { { "numbers-exhausted" }, "answer withheld, no number left",
	    "no virtual number is left, so the upstream's answer is withheld" },
	[PROTECT_NUMBERS_AWAY] = { { "numbers-unavailable" }, "answer withheld, numbers away",
	    "virtual numbers cannot be written down, so the upstream's answer is withheld" },
	[PROTECT_KEYS_AWAY] = { { "keys-unavailable" }, "answer withheld, key service away",
	    "the key service does not answer, so the upstream's answer is withheld; the upstream "
	    "has taken the request" },
	[PROTECT_OTHER_POLICY] = { { "policy-mismatch" }, "answer withheld, policies differ",
	    "the key service decides by another policy file, so the upstream's answer is withheld; "
	    "the upstream has taken the request" },
	[PROTECT_LOG_FULL] = { { "log-unavailable" }, "answer withheld, key service's log",
	    "the key service cannot write its log, so the upstream's answer is withheld; the "
	    "upstream has taken the request" },
	[PROTECT_REFUSED] = { { "key-service-refused" }, "answer withheld, key service refuses",
	    "the key service refuses, so the upstream's answer is withheld; the upstream has taken "
	    "the request" },
	[PROTECT_DORMANT] = { { "dormant" }, "answer withheld, dormant people",
	    "nothing was sealed lately for whom the upstream's answer is about; it is withheld" },
	[PROTECT_QUEUED] = { { "return-queued" }, "answer withheld, return queued",
	    "more people returned than keyd's file lets in a day, so the upstream's answer is "
	    "withheld; the upstream has taken the request" },
	[PROTECT_FAILED] = { { "internal" }, "answer withheld, internal",
	    "the upstream's answer could not be protected and is withheld" },
};

/* One line: which route, what the upstream said, why; never a value. */
static void tell(const struct served_request *rq, enum protect_outcome cause, size_t offset)
{
	struct log_field where = offset == SIZE_MAX ? LOG_END : LOG_U64("offset", offset);

	log_event(LOG_WARN, "gateway.answer_withheld", LOG_NAME("route", &rq->route->config->name),
	    LOG_U64("status", rq->exchange->head->status), LOG_NAME("cause", &causes[cause].name),
	    LOG_HEX64("request", rq->record.asking.request_id), where, LOG_END);
}

void withhold_answer(struct served_request *rq, enum protect_outcome cause, size_t offset)
{
	struct http_field fields[HTTP_FIELDS_MAX + FIELDS_MORE];
	const struct http_head *h = rq->exchange->head;
	size_t n = fields_for_withheld(h, rq->lent, fields);
	struct sc_buf body;

	forwarded_place(rq->route->config, fields, n);
	tell(rq, cause, offset);
	metric_add(&rq->worker->shared->metrics, METRIC_ANSWERS_WITHHELD, 1);
	rq->record.outcome = AUDIT_OK;
	rq->record.status = h->status;
	rq->record.why = causes[cause].why;
	sc_buf_init(&body, 4096);
	if (h->status == RESET_CONTENT ||
	    served_problem(rq, h->status, "body-withheld", causes[cause].detail, offset, &body) !=
		SC_OK)
		sc_buf_clear(&body);
	http_call_respond(rq->call, h->status, fields, n, sc_buf_span(&body));
	sc_buf_fini(&body);
	rq->call = NULL;
	served_end(rq);
}
