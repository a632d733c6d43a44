/*
 * test_served.c - a request's life: what it begins with, what is answered, and that
 * nothing of it is there for the next.
 */
#include "served_stage.h"

#include "base/clock.h"

/* ---- beginning and ending ---- */

static void test_begin(void)
{
	struct served_request *rq;

	request();
	NEED((rq = served_begin(&worker, &call)) != NULL);
	CHECK(rq->worker == &worker && rq->call == &call && rq->gen == &gen && call.user == rq);
	CHECK(did.holds == 1 && did.jobs == 1 && rq->job != NULL);
	CHECK(
	    rq->record.kind == AUDIT_REQUEST && rq->record.asking.request_id == 0x0123456789abcdef);
	CHECK(rq->record.asking.tenant == &config->tenant &&
	    rq->record.asking.policy_hash == config->policy_hash);
	CHECK(rq->record.keyd_index == AUDIT_NONE && rq->record.outcome == AUDIT_OUTCOME_NONE);
	CHECK(rq->record.at_ms != 0 && rq->out.max == VISIT_OUT_MAX && rq->out.n == 0);
	served_end(rq);
	forget_spares();
	CHECK(did.jobs_freed == 1);

	request();
	did.no_job = true;
	CHECK(served_begin(&worker, &call) == NULL && did.holds == 0 && call.user == NULL);
}

static unsigned left;

/* The record is not written yet: what the handler still has to say of it is heard. */
static void on_leave(struct served_request *rq)
{
	left++;
	rq->record.asking.records = 7;
	CHECK(did.notes == 0 && did.keyc_cancels == 0);
}
static const struct served_ops leaving = { .on_leave = on_leave }, staying = { .on_body = NULL };

static void test_end(void)
{
	struct http_exchange exchange;
	struct served_request *rq;

	request();
	NEED((rq = served_begin(&worker, &call)) != NULL);
	rq->exchange = &exchange;
	served_end(rq); /* no outcome: a health check */
	CHECK(did.notes == 0);
	CHECK(did.releases == 1 && did.holds == 1);
	CHECK(did.cancels == 1 && did.cancelled == rq->job);
	CHECK(did.keyc_cancels == 1 && did.keyc_cancelled == &rq->key_call);
	CHECK(did.forgets == 1 && did.forgotten == &rq->wait);
	CHECK(did.exchange_releases == 1 && did.exchange == &exchange);
	CHECK(worker.spare == rq && worker.n_spare == 1);
	request();
	NEED(served_begin(&worker, &call) == rq);
	rq->record.outcome = AUDIT_OK;
	rq->ops = &leaving;
	served_end(rq);
	CHECK(did.notes == 1 && did.record.outcome == AUDIT_OK);
	CHECK(left == 1 && did.record.asking.records == 7 && rq->ops == NULL);
	forget_spares();
}

/* Every byte of a request that is used again is as new, but for its job and its buffer. */
static void test_nothing_left(void)
{
	struct served_request *rq, fresh;
	struct protect_job *job;
	uint8_t *block;

	request();
	NEED((rq = served_begin(&worker, &call)) != NULL);
	job = rq->job;
	memset(rq, 0xA5, sizeof(*rq));
	rq->named = true;
	rq->worker = &worker;
	rq->gen = &gen;
	rq->job = job;
	rq->ops = &staying;
	rq->lent = NULL;
	sc_buf_init(&rq->whose, WHOSE_MAX);
	sc_buf_init(&rq->unpacked, 1);
	sc_buf_init(&rq->out, VISIT_OUT_MAX);
	NEED(sc_buf_put_str(&rq->out, "07700 900123") == SC_OK);
	block = rq->out.p;
	rq->record.outcome = AUDIT_OUTCOME_NONE;
	served_end(rq);
	CHECK(rq->out.n == 0 && rq->out.p == block &&
	    memcmp(block, "\0\0\0\0\0\0\0\0\0\0\0\0", 12) == 0);
	fresh = *rq;
	CHECK(fresh.job == job);
	fresh.job = NULL;
	memset(&fresh.out, 0, sizeof(fresh.out));
	for (size_t i = 0; i < sizeof(fresh); i++)
		NEED(((const uint8_t *)&fresh)[i] == 0);
	request();
	NEED(served_begin(&worker, &call) == rq);
	CHECK(did.jobs == 0 && rq->job == job && rq->call == &call && rq->gen == &gen);
	CHECK(worker.spare == NULL && worker.n_spare == 0);
	served_end(rq);
	forget_spares();
}

static void test_spares(void)
{
	struct served_request *rq[66];

	request();
	for (size_t i = 0; i < 66; i++)
		NEED((rq[i] = served_begin(&worker, &call)) != NULL);
	CHECK(did.jobs == 66);
	for (size_t i = 0; i < 64; i++)
		served_end(rq[i]);
	CHECK(worker.n_spare == 64 && did.jobs_freed == 0);
	served_end(rq[64]); /* one too many */
	served_end(rq[65]);
	CHECK(worker.n_spare == 64 && did.jobs_freed == 2 && did.releases == 66);
	for (size_t i = 64; i-- > 0;) {
		CHECK(worker.n_spare == i + 1);
		CHECK(served_begin(&worker, &call) == rq[i]);
	}
	CHECK(worker.spare == NULL && worker.n_spare == 0);
	for (size_t i = 0; i < 64; i++)
		served_end(rq[i]);
	forget_spares();
}

/* A buffer of 256 KiB is kept, a larger one is not. */
static void test_large_buffers(void)
{
	struct served_request *rq;

	for (unsigned large = 0; large < 2; large++) {
		request();
		NEED((rq = served_begin(&worker, &call)) != NULL);
		NEED(sc_buf_reserve(&rq->out, (256u << 10) + large) == SC_OK);
		served_end(rq);
		CHECK(
		    rq->out.cap == (large ? 0 : 256u << 10) && (rq->out.p == NULL) == (large != 0));
		CHECK(rq->out.max == VISIT_OUT_MAX);
	}
	forget_spares();
}

/* ---- answers ---- */

static void test_refuse(void)
{
	static const struct {
		unsigned status;
		enum audit_kind kind, recorded;
		enum audit_outcome outcome;
	} cases[] = {
		{ 400, AUDIT_REQUEST, AUDIT_REQUEST, AUDIT_REFUSED },
		{ 401, AUDIT_REQUEST, AUDIT_DENIAL, AUDIT_REFUSED },
		{ 402, AUDIT_REQUEST, AUDIT_REQUEST, AUDIT_REFUSED },
		{ 403, AUDIT_REQUEST, AUDIT_DENIAL, AUDIT_REFUSED },
		{ 404, AUDIT_REQUEST, AUDIT_REQUEST, AUDIT_REFUSED },
		{ 499, AUDIT_REQUEST, AUDIT_REQUEST, AUDIT_REFUSED },
		{ 500, AUDIT_REQUEST, AUDIT_REQUEST, AUDIT_FAILED },
		{ 501, AUDIT_REQUEST, AUDIT_REQUEST, AUDIT_REFUSED },
		{ 503, AUDIT_REQUEST, AUDIT_REQUEST, AUDIT_FAILED },
		{ 403, AUDIT_ERASE, AUDIT_ERASE, AUDIT_REFUSED },
		{ 401, AUDIT_SEAL, AUDIT_SEAL, AUDIT_REFUSED },
	};
	struct served_request *rq;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		request();
		NEED((rq = served_begin(&worker, &call)) != NULL);
		rq->record.kind = cases[i].kind;
		served_refuse(rq, cases[i].status, "some-name", "some detail");
		CHECK(problem(cases[i].status, "some-name", "some detail"));
		CHECK(did.notes == 1 && did.record.kind == cases[i].recorded &&
		    did.record.outcome == cases[i].outcome && did.record.status == cases[i].status);
		CHECK(did.breaks == 0 && did.releases == 1 && metrics_in_all() == 0 &&
		    rq->call == NULL);
	}
	request();
	NEED((rq = served_begin(&worker, &call)) != NULL);
	served_refuse_at(rq, 400, "n", "d", 0);
	CHECK(strstr(did.body, "\"detail\":\"d\",\"offset\":0,\"request_id\"") != NULL);
	request();
	NEED((rq = served_begin(&worker, &call)) != NULL);
	served_refuse_at(rq, 400, "a-name-that-is-much-longer-than-any-of-ours-is-and-is-cut", "d",
	    12345);
	CHECK(strstr(did.body, "\"offset\":12345,") != NULL);
	CHECK(strstr(did.body, "-ours-is-and-is-cut\"") != NULL);
}

static void test_refuse_method(void)
{
	struct http_allow allow = { "GET, PUT", 8 };
	struct served_request *rq;

	request();
	head.method_id = HTTP_POST;
	NEED((rq = served_begin(&worker, &call)) != NULL);
	CHECK(!served_refuse_method(rq, &allow));
	CHECK(did.status == 405 && strstr(did.body, "urn:scrim:problem:method\"") != NULL);
	CHECK(strcmp(did.fields, "Content-Type: application/problem+json\nAllow: GET, PUT\n") == 0);
	CHECK(did.record.outcome == AUDIT_REFUSED && did.notes == 1);
	request();
	head.method_id = HTTP_OTHER;
	NEED((rq = served_begin(&worker, &call)) != NULL);
	CHECK(!served_refuse_method(rq, &allow));
	CHECK(problem(501, "method-unknown", "no such method is understood here"));
	CHECK(did.record.outcome == AUDIT_REFUSED && did.notes == 1);
}

/* Where the answer has begun nothing else can be said; where nobody is left, nothing at all. */
static void test_refuse_late(void)
{
	struct served_request *rq;

	request();
	NEED((rq = served_begin(&worker, &call)) != NULL);
	rq->answered = true;
	served_refuse(rq, 502, "n", "d");
	CHECK(did.responses == 0 && did.breaks == 1 && did.answered == &call);
	CHECK(did.notes == 1 && did.record.status == 502 && did.releases == 1);
	request();
	NEED((rq = served_begin(&worker, &call)) != NULL);
	rq->call = NULL;
	served_refuse(rq, 503, "n", "d");
	CHECK(did.responses == 0 && did.breaks == 0 && did.notes == 1 &&
	    did.record.outcome == AUDIT_FAILED);
	request();
	NEED((rq = served_begin(&worker, &call)) != NULL);
	rq->call = NULL;
	rq->answered = true;
	served_refuse(rq, 503, "n", "d");
	CHECK(did.responses == 0 && did.breaks == 0 && did.notes == 1 && did.releases == 1);
}

struct told {
	enum protect_outcome outcome;
	unsigned status;
	const char *name, *detail; /* NULL: the document's own diagnosis */
	enum metric metric;
};

static const struct told tells[] = {
	{ PROTECT_MALFORMED, 400, "malformed-json", NULL, METRIC_REFUSED_BODY },
	{ PROTECT_FORBIDDEN, 403, "policy", NULL, METRIC_REFUSED_POLICY },
	{ PROTECT_UNFIT, 422, "unfit-value", NULL, METRIC_REFUSED_BODY },
	{ PROTECT_TOO_LARGE, 413, "value-too-large",
	    "a value, the subject or the protected document is longer than Scrim carries",
	    METRIC_REFUSED_BODY },
	{ PROTECT_KEYS_AWAY, 503, "keys-unavailable",
	    "the key service does not answer; nothing was passed on. Try again", METRIC_KEYS_AWAY },
	{ PROTECT_LOG_FULL, 503, "log-unavailable",
	    "the key service cannot write its log, so it opens nothing. See its health",
	    METRIC_LOG_AWAY },
	{ PROTECT_REFUSED, 403, "key-service-refused",
	    "the key service refuses: its policy or a quota says no", METRIC_REFUSED_POLICY },
	{ PROTECT_OTHER_POLICY, 503, "policy-mismatch",
	    "the key service decides by another policy file; nothing was passed on. Try again",
	    METRIC_KEYS_AWAY },
	{ PROTECT_NO_CODEC, 415, "body-type",
	    "this route protects JSON, XML and forms: send Content-Type: application/json, "
	    "application/xml, application/x-www-form-urlencoded or multipart/form-data in UTF-8, "
	    "as it is or packed by gzip",
	    METRIC_REFUSED_BODY },
	{ PROTECT_UNMATCHED, 422, "unmatched-shape", NULL, METRIC_REFUSED_BODY },
	{ PROTECT_UNDECLARED, 422, "undeclared-field", NULL, METRIC_REFUSED_BODY },
	{ PROTECT_FOREIGN, 422, "foreign-token", NULL, METRIC_REFUSED_BODY },
	{ PROTECT_NO_SUBJECT, 422, "subject-missing", NULL, METRIC_REFUSED_BODY },
	{ PROTECT_NO_ORDER, 422, "order-missing", NULL, METRIC_REFUSED_BODY },
	{ PROTECT_NUMBERS_EXHAUSTED, 503, "numbers-exhausted",
	    "no virtual number is left, and the real one is never handed out. See /v1/pools",
	    METRIC_NUMBERS_AWAY },
	{ PROTECT_NUMBERS_AWAY, 503, "numbers-unavailable",
	    "the store of virtual numbers cannot be written; nothing was passed on. Try again",
	    METRIC_NUMBERS_AWAY },
	{ PROTECT_FAILED, 500, "internal", "the document could not be protected",
	    METRIC_REFUSED_BODY },
};

static void test_outcomes(void)
{
	struct protect_result r;
	struct served_request *rq;

	for (size_t i = 0; i < sizeof(tells) / sizeof(tells[0]); i++) {
		request();
		memset(&r, 0, sizeof(r));
		r.outcome = tells[i].outcome;
		r.diag.offset = 42;
		r.retry_at = 1; /* long past */
		snprintf(r.diag.text, sizeof(r.diag.text), "its own words");
		NEED((rq = served_begin(&worker, &call)) != NULL);
		served_refuse_outcome(rq, &r);
		CHECK(metric(tells[i].metric) == 1);
		/* a shape is counted apart, besides */
		CHECK(metrics_in_all() == 1);
		if (tells[i].detail != NULL)
			CHECK(problem(tells[i].status, tells[i].name, tells[i].detail));
		else
			CHECK(did.status == tells[i].status &&
			    strstr(did.body, tells[i].name) != NULL &&
			    strstr(did.body, "\"detail\":\"its own words\",\"offset\":42,") !=
				NULL);
	}
}

/* When the next number becomes free is told; where nobody knows, ask in a minute. */
static void test_retry(void)
{
	static const struct {
		bool known;
		int64_t from_now;
		long least, most;
	} rows[] = { { true, 7200, 7198, 7200 }, { true, -5, 1, 1 }, { true, 0, 1, 1 },
		{ false, 0, 60, 60 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct protect_result r = { .outcome = PROTECT_NUMBERS_EXHAUSTED,
			.retry_at = rows[i].known ?
			    (uint64_t)((int64_t)(clock_unix_ms() / 1000) + rows[i].from_now) :
			    0 };
		struct served_request *rq;
		long after = 0;

		request();
		NEED((rq = served_begin(&worker, &call)) != NULL);
		served_refuse_outcome(rq, &r);
		CHECK(did.status == 503 &&
		    sscanf(did.fields, "%*[^\n]\nRetry-After: %ld", &after) == 1);
		CHECK(after >= rows[i].least && after <= rows[i].most);
	}
}

static void test_keys(void)
{
	static const struct {
		enum sc_err err;
		enum protect_outcome outcome;
	} cases[] = {
		{ SC_AGAIN, PROTECT_KEYS_AWAY },
		{ SC_LIMIT, PROTECT_LOG_FULL },
		{ SC_AUTH, PROTECT_REFUSED },
		{ SC_STALE, PROTECT_OTHER_POLICY },
		{ SC_NOMEM, PROTECT_FAILED },
		{ SC_IO, PROTECT_FAILED },
		{ SC_BUG, PROTECT_FAILED },
		{ SC_OK, PROTECT_FAILED },
	};
	struct served_request *rq;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t k = 0; k < sizeof(tells) / sizeof(tells[0]); k++) {
			if (tells[k].outcome != cases[i].outcome)
				continue;
			request();
			NEED((rq = served_begin(&worker, &call)) != NULL);
			served_refuse_keys(rq, cases[i].err);
			CHECK(problem(tells[k].status, tells[k].name, tells[k].detail));
			CHECK(metric(tells[k].metric) == 1 && metrics_in_all() == 1);
		}
}

static void test_answer(void)
{
	struct served_request *rq;

	request();
	NEED((rq = served_begin(&worker, &call)) != NULL);
	rq->record.outcome = AUDIT_OK;
	served_answer(rq, 207, "application/json", sc_span_str("{}"));
	CHECK(did.responses == 1 && did.answered == &call && did.status == 207 &&
	    strcmp(did.body, "{}") == 0);
	CHECK(strcmp(did.fields,
		  "Content-Type: application/json\nCache-Control: no-store\n"
		  "Scrim-Request-Id: 0123456789abcdef\n") == 0);
	CHECK(did.notes == 1 && did.record.status == 207 && did.record.outcome == AUDIT_OK &&
	    rq->call == NULL);
	CHECK(did.releases == 1);
}

int main(void)
{
	if (!stage_begin())
		return 1;
	RUN(test_begin,
	    "a request begins with a record of its own, and with the generation in force");
	RUN(test_end, "it ends once: recorded, cancelled and given back");
	RUN(test_nothing_left, "nothing of one request is there for the next");
	RUN(test_spares, "sixty-four are kept, and no more");
	RUN(test_large_buffers, "a large buffer is not kept");
	RUN(test_refuse, "a refusal is a problem and a record");
	RUN(test_refuse_method, "an unknown method is 501, another one is told what is taken");
	RUN(test_refuse_late,
	    "a refusal that comes too late breaks the connection, if there is one");
	RUN(test_outcomes, "every outcome of a document has its problem and its counter");
	RUN(test_retry, "who finds no number left learns when there will be one");
	RUN(test_keys, "every failure of a call to keyd has its problem");
	RUN(test_answer, "an answer of the API has its three fields");
	return stage_over();
}
