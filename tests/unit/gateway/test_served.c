/*
 * test_served.c - a request's life: what it begins with, who is believed, what is
 * answered and recorded, and that nothing of it is there for the next.
 *
 * What a visit uses of other files, the connection, the log, keyd, is stood in for
 * by functions that write down how they were called.
 */
#include "crypto/prim/hash.h"
#include "gateway/serve/access_log.h"
#include "gateway/serve/served.h"
#include "tap.h"

#include <arpa/inet.h>

/* SHA-256 of "key-agent" and so on, in main()'s configuration. */
#define AGENT "key-agent"
#define SHOP "key-shop"

/* ---- what stands in for the rest ---- */

static struct {
	unsigned holds, releases, jobs, jobs_freed, cancels, keyc_cancels, forgets,
	    exchange_releases;
	struct protect_job *cancelled;
	struct keyc_call *keyc_cancelled;
	struct durable_wait *forgotten, *awaited;
	struct http_exchange *exchange;
	uint64_t awaited_index;
	bool no_job, log_failed, append_fails, urgent;
	/* the record */
	unsigned notes, appends;
	struct audit_record record;
	char line[AUDIT_RECORD_MAX];
	/* the answer */
	unsigned responses, breaks;
	struct http_call *answered;
	unsigned status;
	char fields[512], body[4096];
} did;

struct generation *generation_hold(struct generation *g)
{
	did.holds++;
	return g;
}

void generation_release(struct generation *g)
{
	did.releases += g != NULL;
}

struct protect_job *protect_job_new(void)
{
	if (did.no_job)
		return NULL;
	did.jobs++;
	return malloc(1);
}

void protect_job_free(struct protect_job *job)
{
	did.jobs_freed += job != NULL;
	free(job);
}

void protect_cancel(struct protect_job *job)
{
	did.cancels++;
	did.cancelled = job;
}

void keyc_cancel(struct keyc_call *call)
{
	did.keyc_cancels++;
	did.keyc_cancelled = call;
}

void worker_forget_wait(struct worker *w, struct durable_wait *wait)
{
	did.forgets += w != NULL;
	did.forgotten = wait;
}

void worker_wait_durable(struct worker *w, struct durable_wait *wait, uint64_t index)
{
	did.awaited = w == NULL ? NULL : wait;
	did.awaited_index = index;
}

void http_exchange_release(struct http_exchange *x)
{
	did.exchange_releases++;
	did.exchange = x;
}

bool tlog_failed(const struct tlog *t)
{
	(void)t;
	return did.log_failed;
}

static void keep_record(const struct audit_record *r)
{
	struct sc_buf line;

	did.record = *r;
	sc_buf_init(&line, AUDIT_RECORD_MAX);
	if (audit_record_print(r, &line) != SC_OK || sc_buf_put(&line, "", 1) != SC_OK)
		abort();
	memcpy(did.line, line.p, line.n);
	sc_buf_fini(&line);
}

enum sc_err access_log_append(struct worker_shared *shared, const struct audit_record *r,
    bool urgent, uint64_t *index)
{
	did.appends += shared != NULL;
	did.urgent = urgent;
	if (did.append_fails)
		return SC_IO;
	keep_record(r);
	*index = 77;
	return SC_OK;
}

void access_log_note(struct worker_shared *shared, const struct audit_record *r)
{
	did.notes += shared != NULL;
	keep_record(r);
}

void http_call_respond(struct http_call *call, unsigned status, const struct http_field *fields,
    size_t n, struct sc_span body)
{
	size_t at = 0;

	did.responses++;
	did.answered = call;
	did.status = status;
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(did.fields + at, sizeof(did.fields) - at, "%.*s: %.*s%s\n",
		    (int)fields[i].name.n, (const char *)fields[i].name.p, (int)fields[i].value.n,
		    (const char *)fields[i].value.p,
		    memchr(fields[i].value.p, 0, fields[i].value.n) == NULL ? "" : " and a NUL");
	snprintf(did.body, sizeof(did.body), "%.*s", (int)body.n, (const char *)body.p);
}

void http_call_break(struct http_call *call)
{
	did.breaks++;
	did.answered = call;
}

/* ---- a shared, a worker, a request ---- */

static struct config *config;
static struct generation gen;
static struct worker_shared shared;
static struct worker worker;
static struct http_head head;
static struct sockaddr_storage peer;
static struct http_call call;

static void request(void)
{
	memset(&did, 0, sizeof(did));
	memset(&shared.metrics, 0, sizeof(shared.metrics));
	memset(&head, 0, sizeof(head));
	memset(&peer, 0, sizeof(peer));
	memset(&call, 0, sizeof(call));
	call.head = &head;
	call.peer = &peer;
	call.request_id = 0x0123456789abcdef;
}

static void field(const char *name, const char *value)
{
	head.fields[head.n_fields].name = sc_span_str(name);
	head.fields[head.n_fields++].value = sc_span_str(value);
}

static uint64_t metric(enum metric m)
{
	return atomic_load(&shared.metrics.v[m]);
}

/* The sum of all: that nothing else was counted. */
static uint64_t metrics_in_all(void)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < METRIC_COUNT; i++)
		n += metric(i);
	return n;
}

static void forget_spares(void)
{
	struct served_request *rq;

	while ((rq = worker.spare) != NULL) {
		worker.spare = rq->next;
		protect_job_free(rq->job);
		sc_buf_fini(&rq->out);
		free(rq);
	}
	worker.n_spare = 0;
}

static bool problem(unsigned status, const char *name, const char *detail)
{
	char want[512];

	snprintf(want, sizeof(want),
	    "{\"type\":\"urn:scrim:problem:%s\",\"title\":\"%s\",\"status\":%u,"
	    "\"detail\":\"%s\",\"request_id\":\"0123456789abcdef\"}",
	    name, http_status_text(status), status, detail);
	if (did.responses == 1 && did.answered == &call && did.status == status &&
	    strcmp(did.fields,
		status == 503 ? "Content-Type: application/problem+json\nRetry-After: 1\n" :
				"Content-Type: application/problem+json\n") == 0 &&
	    strcmp(did.body, want) == 0)
		return true;
	printf("# %u %s%s\n# %s\n", did.status, did.fields, did.body, want);
	return false;
}

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

/* Every byte of a visit that is used again is as new, but for its job and its buffer. */
static void test_nothing_left(void)
{
	struct served_request *rq, fresh;
	struct protect_job *job;
	uint8_t *block;

	request();
	NEED((rq = served_begin(&worker, &call)) != NULL);
	job = rq->job;
	memset(rq, 0xA5, sizeof(*rq));
	rq->worker = &worker;
	rq->gen = &gen;
	rq->job = job;
	rq->ops = &staying;
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

/* ---- who ---- */

static void spki(const char *text, uint8_t out[32])
{
	hash_sha256(sc_span_str(text), out);
}

/* Who the request is from, by its principal's name; "" and the answer when from nobody. */
static const char *who(int purpose, const uint8_t *certificate)
{
	static char name[SC_NAME_MAX + 1];
	struct served_request *rq;

	call.peer_spki = certificate;
	name[0] = '\0';
	if ((rq = served_begin(&worker, &call)) == NULL)
		return name;
	if (!served_identify(rq, purpose))
		return name;
	snprintf(name, sizeof(name), "%s", rq->principal->name.s);
	rq->record.outcome = AUDIT_OK;
	served_end(rq);
	return name;
}

static uint8_t purpose_id(const char *name)
{
	uint8_t id = 255;

	if (!policy_purpose(config->policy, sc_span_str(name), &id))
		abort();
	return id;
}

static void test_credentials(void)
{
	static const struct {
		const char *field[2], *value[2];
		const char *certificate; /* its key's text */
		const char *who, *auth;
	} cases[] = {
		{ { "Authorization" }, { "Bearer " AGENT }, NULL, "agent", "api_key" },
		{ { "authorization" }, { "bearer " AGENT }, NULL, "agent", "api_key" },
		{ { "Authorization" }, { "Bearer " SHOP }, NULL, "shop", "api_key" },
		{ { "Scrim-Key" }, { SHOP }, NULL, "shop", "api_key" },
		{ { "Scrim-Key", "Authorization" }, { SHOP, "Basic eDp5" }, NULL, "shop",
		    "api_key" },
		{ { "Scrim-Key", "Authorization" }, { SHOP, "Bearer " AGENT }, NULL, "shop",
		    "api_key" },
		{ { "Scrim-Key", "Authorization" }, { "wrong", "Bearer " AGENT }, NULL, "",
		    "api_key" },
		{ { "Authorization" }, { "Bearer  " AGENT }, NULL, "", "api_key" },
		{ { "Authorization" }, { "Bearer " AGENT " " }, NULL, "", "api_key" },
		{ { "Authorization" }, { "Bearer x" }, NULL, "", "api_key" },
		{ { "Authorization" }, { "Basic " AGENT }, NULL, "", NULL },
		{ { "Authorization" }, { AGENT }, NULL, "", NULL },
		{ { "Authorization" }, { "Bearer " }, NULL, "", NULL },
		{ { "Authorization" }, { "Bearer" }, NULL, "", NULL },
		{ { NULL }, { NULL }, NULL, "", NULL },
		{ { NULL }, { NULL }, "courier", "courier", "certificate" },
		{ { NULL }, { NULL }, "stranger", "", "certificate" },
		{ { NULL }, { NULL }, AGENT, "",
		    "certificate" }, /* a key's digest is no certificate's */
		{ { "Scrim-Key" }, { "courier" }, NULL, "",
		    "api_key" }, /* nor the other way round */
		{ { "Authorization" }, { "Bearer wrong" }, "courier", "", "api_key" },
		{ { "Authorization" }, { "Bearer " AGENT }, "courier", "agent", "api_key" },
		{ { "Authorization" }, { "Basic eDp5" }, "courier", "courier", "certificate" },
		{ { "Scrim-Key" }, { "" }, "courier", "courier", "certificate" },
	};
	struct served_request *rq;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t digest[32];
		char want[64];
		bool known = cases[i].who[0] != '\0';

		request();
		for (size_t k = 0; k < 2 && cases[i].field[k] != NULL; k++)
			field(cases[i].field[k], cases[i].value[k]);
		if (cases[i].certificate != NULL)
			spki(cases[i].certificate, digest);
		CHECK(
		    strcmp(who(purpose_id("service"), cases[i].certificate == NULL ? NULL : digest),
			cases[i].who) == 0);
		CHECK(did.notes == 1);
		snprintf(want, sizeof(want), "\"auth\":\"%s\"",
		    cases[i].auth == NULL ? "" : cases[i].auth);
		CHECK((strstr(did.line, "\"auth\"") != NULL) == (cases[i].auth != NULL));
		CHECK(cases[i].auth == NULL || strstr(did.line, want) != NULL);
		CHECK(metric(METRIC_REFUSED_AUTH) == !known && metrics_in_all() == !known);
		CHECK((did.record.asking.principal != NULL) == known &&
		    (did.record.role != NULL) == known);
		CHECK(did.record.kind == (known ? AUDIT_REQUEST : AUDIT_DENIAL));
		if (!known)
			CHECK(problem(401, "credential",
			    cases[i].auth == NULL ?
				"send an API key (Authorization: Bearer ...) or a client certificate" :
				"this credential is not known here"));
	}
	/* whatever was wanted of us, from nobody it is a denial */
	request();
	NEED((rq = served_begin(&worker, &call)) != NULL);
	rq->record.kind = AUDIT_SEAL;
	CHECK(!served_identify(rq, 0) && did.record.kind == AUDIT_DENIAL);
	request();
	field("Scrim-Key", AGENT);
	CHECK(strcmp(who(purpose_id("service"), NULL), "agent") == 0);
	CHECK(strcmp(did.record.asking.principal->s, "agent") == 0 &&
	    strcmp(did.record.role->s, "support") == 0);
	request();
	field("Scrim-Key", SHOP);
	CHECK(strcmp(who(purpose_id("service"), NULL), "shop") == 0);
	CHECK(strcmp(did.record.role->s, "shop") == 0);
}

static void test_purpose(void)
{
	static const struct {
		const char *key, *said;
		const char *fallback; /* NULL: none */
		const char *got;      /* NULL: refused */
		unsigned status;
		const char *name, *detail;
	} cases[] = {
		{ SHOP, NULL, "order_processing", "order_processing", 0, NULL, NULL },
		{ SHOP, "", "order_processing", "order_processing", 0, NULL, NULL },
		{ SHOP, "delivery", "order_processing", "delivery", 0, NULL, NULL },
		{ SHOP, "delivery", NULL, "delivery", 0, NULL, NULL },
		{ SHOP, NULL, NULL, NULL, 400, "purpose-missing",
		    "say what for: send a Scrim-Purpose header" },
		{ SHOP, "fun", "order_processing", NULL, 400, "purpose-unknown",
		    "the policy has no purpose of that name" },
		{ AGENT, "service", NULL, "service", 0, NULL, NULL },
		{ AGENT, NULL, "service", "service", 0, NULL, NULL },
		{ AGENT, "delivery", "service", NULL, 403, "purpose-not-allowed",
		    "this credential may not act for that purpose" },
		{ AGENT, NULL, "delivery", NULL, 403, "purpose-not-allowed",
		    "this credential may not act for that purpose" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		request();
		field("Scrim-Key", cases[i].key);
		if (cases[i].said != NULL)
			field("Scrim-Purpose", cases[i].said);
		(void)who(cases[i].fallback == NULL ? -1 : purpose_id(cases[i].fallback), NULL);
		CHECK(did.notes == 1);
		CHECK(metric(METRIC_REFUSED_AUTH) == (cases[i].status == 403) &&
		    metrics_in_all() == (cases[i].status == 403));
		if (cases[i].got != NULL) {
			NEED(did.record.purpose != NULL && did.responses == 0);
			CHECK(strcmp(did.record.purpose->s, cases[i].got) == 0);
		} else {
			CHECK(problem(cases[i].status, cases[i].name, cases[i].detail));
			CHECK(did.record.purpose == NULL && did.record.asking.principal != NULL);
		}
	}
	/* purpose 0 is one like any other */
	request();
	field("Scrim-Key", SHOP);
	CHECK(strcmp(who(0, NULL), "shop") == 0 &&
	    did.record.purpose == policy_purpose_name(config->policy, 0));
}

static void test_words(void)
{
	struct served_request *rq;

	request();
	field("Scrim-Key", SHOP);
	NEED((rq = served_begin(&worker, &call)) != NULL && served_identify(rq, 0));
	CHECK(rq->record.asking.reason == NULL && rq->record.asking.ticket == NULL);
	served_end(rq);
	request();
	field("Scrim-Key", SHOP);
	field("Scrim-Reason", "delivery question");
	NEED((rq = served_begin(&worker, &call)) != NULL && served_identify(rq, 0));
	CHECK(rq->record.asking.reason == &rq->reason &&
	    strcmp(rq->reason.s, "delivery question") == 0);
	CHECK(rq->record.asking.ticket == NULL);
	served_end(rq);
	request();
	field("Scrim-Key", SHOP);
	field("Scrim-Ticket", "T-17");
	field("Scrim-Reason", "");
	NEED((rq = served_begin(&worker, &call)) != NULL && served_identify(rq, 0));
	CHECK(rq->record.asking.ticket == &rq->ticket && strcmp(rq->ticket.s, "T-17") == 0);
	CHECK(rq->record.asking.reason == NULL);
	served_end(rq);
	/* one letter is a reason */
	request();
	field("Scrim-Key", SHOP);
	field("Scrim-Reason", "r");
	field("Scrim-Ticket", "t");
	NEED((rq = served_begin(&worker, &call)) != NULL && served_identify(rq, 0));
	CHECK(rq->record.asking.reason == &rq->reason && rq->record.asking.ticket == &rq->ticket);
	served_end(rq);
	for (unsigned i = 0; i < 2; i++) {
		request();
		field("Scrim-Key", SHOP);
		field(i == 0 ? "Scrim-Reason" : "Scrim-Ticket", "she is at 07700 900123");
		field(i == 0 ? "Scrim-Ticket" : "Scrim-Reason", "fine");
		NEED((rq = served_begin(&worker, &call)) != NULL && !served_identify(rq, 0));
		CHECK(
		    did.status == 400 && strstr(did.body, "urn:scrim:problem:bad-reason") != NULL);
		CHECK(strstr(did.body, "900123") == NULL && strstr(did.line, "900123") == NULL);
		CHECK(strstr(did.body, "\"detail\":\"\"") == NULL && did.responses == 1 &&
		    did.notes == 1);
		CHECK(did.record.asking.reason == NULL && did.record.asking.ticket == NULL &&
		    did.record.purpose == NULL);
	}
}

static void test_address(void)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&peer;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&peer;

	request();
	v4->sin_family = AF_INET;
	inet_pton(AF_INET, "192.0.2.77", &v4->sin_addr);
	(void)who(0, NULL);
	CHECK(strstr(did.line, "\"net\":\"192.0.2.0/24\"") != NULL);
	request();
	v6->sin6_family = AF_INET6;
	inet_pton(AF_INET6, "2001:db8:1:2:3:4:5:6", &v6->sin6_addr);
	field("Scrim-Key", SHOP);
	(void)who(0, NULL);
	CHECK(strstr(did.line, "\"net\":\"2001:db8:1::/48\"") != NULL);
	CHECK(did.record.address.bytes[5] == 1);
	request();
	peer.ss_family = AF_UNIX;
	(void)who(0, NULL);
	CHECK(strstr(did.line, "\"net\"") == NULL);
}

/* ---- what keyd is told ---- */

static void test_contexts(void)
{
	struct served_route route = { .config = NULL };
	uint8_t hash[HASH_BYTES];
	struct served_request *rq;

	request();
	field("Scrim-Key", AGENT);
	field("Scrim-Reason", "delivery question");
	field("Scrim-Ticket", "T-17");
	NEED((rq = served_begin(&worker, &call)) != NULL &&
	    served_identify(rq, purpose_id("service")));
	memset(&rq->reader, 0xA5, sizeof(rq->reader));
	served_ask(rq, POLICY_READ);
	CHECK(strcmp(rq->reader.tenant->s, "demo") == 0 &&
	    strcmp(rq->reader.principal->s, "agent") == 0);
	CHECK(
	    rq->reader.role == rq->principal->role && rq->reader.purpose == purpose_id("service"));
	CHECK(rq->reader.op == POLICY_READ && rq->reader.request_id == 0x0123456789abcdef);
	CHECK(
	    rq->reader.route == NULL && rq->reader.recipient == NULL && rq->reader.approvals == 0);
	CHECK(rq->reader.reason == &rq->reason && rq->reader.ticket == &rq->ticket);
	CHECK(rq->reader.records == 1);
	hash_sha256(policy_text(config->policy), hash);
	CHECK(memcmp(rq->reader.policy_hash, hash, 32) == 0);
	CHECK(memcmp(&rq->record.asking, &rq->reader, sizeof(rq->reader)) == 0);

	/* on a route: its recipient only where it hands something to him */
	route.config = config_route_find(config, sc_span_str("away"));
	NEED(route.config != NULL && route.config->has_to);
	rq->route = &route;
	served_ask(rq, POLICY_READ);
	CHECK(rq->reader.role == rq->principal->role && rq->reader.recipient == NULL &&
	    rq->record.asking.recipient == NULL);
	served_ask(rq, POLICY_SHARE);
	CHECK(rq->record.asking.role == rq->principal->role &&
	    rq->record.asking.purpose == purpose_id("service"));
	CHECK(rq->reader.op == POLICY_SHARE && rq->reader.role == route.config->to_role &&
	    rq->reader.role != rq->principal->role && rq->reader.purpose == purpose_id("delivery"));
	CHECK(rq->reader.recipient == &route.config->recipient &&
	    rq->record.asking.recipient == &route.config->recipient);
	CHECK(rq->record.asking.op == POLICY_SHARE);

	/* a route without one, and no route at all */
	rq->record.asking.recipient = NULL;
	route.config = config_route_find(config, sc_span_str("in"));
	served_ask(rq, POLICY_SHARE);
	CHECK(rq->reader.role == rq->principal->role && rq->record.asking.recipient == NULL &&
	    rq->reader.op == POLICY_SHARE);
	rq->route = NULL;
	served_ask(rq, POLICY_SHARE);
	CHECK(rq->reader.role == rq->principal->role && rq->record.asking.recipient == NULL);
	served_end(rq);
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
	    "this route protects JSON: send Content-Type: application/json without a "
	    "Content-Encoding",
	    METRIC_REFUSED_BODY },
	{ PROTECT_UNMATCHED, 422, "unmatched-shape", NULL, METRIC_REFUSED_BODY },
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

/* ---- the record ---- */

static void test_counts(void)
{
	struct protect_result r = {
		.counts = { .sealed = 1,
		    .indexed = 20,
		    .revealed = 300,
		    .masked = 4000,
		    .generalised = 50000,
		    .tokenised = 600000,
		    .dropped = 7000000,
		    .denied = 80000000,
		    .gone = 90000000,
		    .bad = 5 },
		.record = 9,
	};
	struct served_request *rq;

	request();
	NEED((rq = served_begin(&worker, &call)) != NULL);
	served_note_result(rq, &r);
	CHECK(memcmp(&rq->record.counts, &r.counts, sizeof(r.counts)) == 0);
	CHECK(rq->record.keyd_index == 9);
	CHECK(metric(METRIC_VALUES_SEALED) == 1 && metric(METRIC_VALUES_OPENED) == 300 &&
	    metric(METRIC_VALUES_MASKED) == 54000 && metric(METRIC_VALUES_WITHHELD) == 177000005);
	CHECK(metrics_in_all() == 1 + 300 + 54000 + 177000005);
	r.record = WIRE_NO_RECORD;
	served_note_result(rq, &r);
	CHECK(rq->record.keyd_index == 9);
	CHECK(rq->record.counts.sealed == 2 && rq->record.counts.indexed == 40 &&
	    rq->record.counts.revealed == 600 && rq->record.counts.masked == 8000 &&
	    rq->record.counts.generalised == 100000 && rq->record.counts.tokenised == 1200000 &&
	    rq->record.counts.dropped == 14000000 && rq->record.counts.denied == 160000000 &&
	    rq->record.counts.gone == 180000000 && rq->record.counts.bad == 10);
	r.record = 0;
	served_note_result(rq, &r);
	CHECK(rq->record.keyd_index == 0);
	served_end(rq);
}

/* Documents of another shape are counted, and those that were sealed for nobody. */
static void test_unmatched(void)
{
	static const struct field_rule rule = { .line = 7 };
	struct protect_result r = { .record = WIRE_NO_RECORD };
	struct served_route route = { .config = &config->routes[0] };
	struct served_request *rq;

	for (unsigned with = 0; with < 2; with++) {
		request();
		NEED((rq = served_begin(&worker, &call)) != NULL);
		rq->route = &route;
		r.unmatched = with ? &rule : NULL;
		r.n_unmatched = 2 * with;
		r.n_nobodys = 3 * with;
		r.records = 7;
		served_note_result(rq, &r);
		CHECK(
		    metric(METRIC_UNMATCHED) == 2 * with && metric(METRIC_NO_SUBJECT) == 3 * with);
		CHECK(metrics_in_all() == 5 * with && rq->record.asking.records == 7);
		served_end(rq);
	}
}

static void test_classes(void)
{
	static const struct sc_name own = { "loyalty" };
	struct protect_result r = { .record = WIRE_NO_RECORD,
		.n_classes = 3,
		.classes = { { .id = 1, .n = 2 }, { .id = 200, .n = 3, .name = &own },
		    { .id = 7, .n = 4 } } };
	struct served_request *rq;

	request();
	NEED((rq = served_begin(&worker, &call)) != NULL);
	served_note_result(rq, &r);
	CHECK(rq->record.classes == rq->classes && rq->record.n_classes == 3);
	CHECK(memcmp(rq->classes, r.classes, 3 * sizeof(r.classes[0])) == 0);
	r.n_classes = 2;
	r.classes[0] = (struct audit_class){ .id = 7, .n = 10 };
	r.classes[1] = (struct audit_class){ .id = 9, .n = 20 };
	served_note_result(rq, &r);
	CHECK(rq->record.n_classes == 4 && rq->classes[0].n == 2 && rq->classes[1].n == 3 &&
	    rq->classes[2].n == 14 && rq->classes[3].id == 9 && rq->classes[3].n == 20);
	/* as many as a record holds; what is known already is still added to */
	for (unsigned id = 100; id < 140; id++) {
		r.n_classes = 1;
		r.classes[0] = (struct audit_class){ .id = (uint8_t)id, .n = 1 };
		served_note_result(rq, &r);
	}
	CHECK(rq->record.n_classes == AUDIT_CLASSES_MAX && rq->classes[31].id == 127 &&
	    rq->classes[31].n == 1);
	r.classes[0].id = 127;
	served_note_result(rq, &r);
	CHECK(rq->classes[31].n == 2 && rq->record.n_classes == AUDIT_CLASSES_MAX);
	served_end(rq);
}

static void test_subjects(void)
{
	struct protect_result r = { .record = WIRE_NO_RECORD, .n_subjects = 10 };
	struct served_request *rq;

	request();
	NEED((rq = served_begin(&worker, &call)) != NULL);
	for (unsigned i = 0; i < 10; i++)
		memset(r.subjects[i], (int)i + 1, AUDIT_HANDLE_BYTES);
	served_note_result(rq, &r);
	CHECK(rq->record.n_subjects == 10 &&
	    (const void *)rq->record.subjects == (const void *)rq->subjects);
	CHECK(memcmp(rq->subjects, r.subjects, 10 * AUDIT_HANDLE_BYTES) == 0);
	served_note_result(rq, &r);
	CHECK(rq->record.n_subjects == AUDIT_HANDLES_MAX);
	CHECK(memcmp(rq->subjects[10], r.subjects[0], AUDIT_HANDLE_BYTES) == 0);
	CHECK(memcmp(rq->subjects[15], r.subjects[5], AUDIT_HANDLE_BYTES) == 0);
	served_end(rq);
}

static void on_durable(struct durable_wait *w, bool ok)
{
	(void)w;
	(void)ok;
}

static void test_intent(void)
{
	struct served_request *rq;

	request();
	NEED((rq = served_begin(&worker, &call)) != NULL);
	CHECK(served_record_intent(rq, on_durable) == SC_OK);
	CHECK(did.appends == 1 && did.urgent && did.record.asking.request_id == 0x0123456789abcdef);
	CHECK(did.awaited == &rq->wait && did.awaited_index == 77 &&
	    rq->wait.on_durable == on_durable);
	served_end(rq);
	request();
	NEED((rq = served_begin(&worker, &call)) != NULL);
	did.append_fails = true;
	CHECK(served_record_intent(rq, on_durable) == SC_IO);
	CHECK(did.awaited == NULL && rq->wait.on_durable == NULL);
	served_end(rq);
}

static void test_log_ready(void)
{
	struct served_request *rq;

	request();
	NEED((rq = served_begin(&worker, &call)) != NULL);
	CHECK(served_log_ready(rq) && did.responses == 0 && metrics_in_all() == 0);
	did.log_failed = true;
	CHECK(!served_log_ready(rq));
	CHECK(problem(503, "log-unavailable",
	    "the access log cannot be written, so nothing passes. See /readyz"));
	CHECK(metric(METRIC_LOG_AWAY) == 1 && metrics_in_all() == 1 && did.notes == 1);
	request();
	atomic_store(&shared.head, SHARED_HEAD_REFUSED);
	NEED((rq = served_begin(&worker, &call)) != NULL);
	CHECK(!served_log_ready(rq));
	CHECK(problem(503, "log-unavailable",
	    "the key service remembers another past of the access log, so nothing passes"));
	CHECK(metric(METRIC_LOG_AWAY) == 1 && metrics_in_all() == 1 && did.notes == 1);
	atomic_store(&shared.head, 0);
}

/* ---- */

static bool load(void)
{
	char text[2048], agent[65], shop[65], courier[65];
	uint8_t digest[32];
	struct sc_diags all = { .n = 0 };
	const char *const keys[] = { AGENT, SHOP, "courier" };
	char *const hex[] = { agent, shop, courier };

	for (size_t i = 0; i < 3; i++) {
		hash_sha256(sc_span_str(keys[i]), digest);
		for (size_t k = 0; k < 32; k++)
			snprintf(hex[i] + 2 * k, 3, "%02x", digest[k]);
	}
	snprintf(text, sizeof(text),
	    "{ \"tenant\": \"demo\", \"policy\": \"default.json\", \"keyd\": \"unix:k\","
	    "\"listen\": [{ \"address\": \"127.0.0.1:1\" }], \"store\": \"sqlite:s\", \"log\": \"l\", \"principals\": ["
	    "{ \"name\": \"agent\", \"role\": \"support\", \"api_key_sha256\": \"%s\", \"purposes\": [\"service\"] },"
	    "{ \"name\": \"shop\", \"role\": \"shop\", \"api_key_sha256\": \"%s\" },"
	    "{ \"name\": \"courier\", \"role\": \"carrier\", \"cert_spki_sha256\": \"%s\" }],"
	    "\"routes\": [{ \"name\": \"in\", \"match\": { \"path\": \"/in\" }, \"upstream\": \"http://127.0.0.1:2\" },"
	    "{ \"name\": \"away\", \"match\": { \"path\": \"/away\" }, \"upstream\": \"http://127.0.0.1:2\","
	    "\"purpose\": \"order_processing\", \"from\": [\"shop\", \"order_system\", \"support\"], \"to\": { \"role\": \"carrier\", \"purpose\": \"delivery\", \"name\": \"parcels\" },"
	    "\"request\": [{ \"at\": \"$.a\", \"class\": \"name\", \"do\": \"policy\" }] }] }",
	    agent, shop, courier);
	if (config_parse(sc_span_str(text), "policy/scrim.json", &all, &config) == SC_OK)
		return true;
	printf("Bail out! %u:%u: %s\n", all.v[0].line, all.v[0].column, all.v[0].text);
	return false;
}

int main(void)
{
	if (!load())
		return 1;
	gen.config = config;
	worker.shared = &shared;
	worker.current = &gen;
	RUN(test_begin,
	    "a request begins with a record of its own, and with the generation in force");
	RUN(test_end, "it ends once: recorded, cancelled and given back");
	RUN(test_nothing_left, "nothing of one request is there for the next");
	RUN(test_spares, "sixty-four are kept, and no more");
	RUN(test_large_buffers, "a large buffer is not kept");
	RUN(test_credentials, "who asks is who holds the key, or else the certificate");
	RUN(test_purpose, "what for is what is said, or what the route says, and must be allowed");
	RUN(test_words, "reasons and tickets are optional, and hold no personal data");
	RUN(test_address, "of the address the network is recorded, never more");
	RUN(test_contexts, "keyd is told who stores, and who reads");
	RUN(test_refuse, "a refusal is a problem and a record");
	RUN(test_refuse_late,
	    "a refusal that comes too late breaks the connection, if there is one");
	RUN(test_outcomes, "every outcome of a document has its problem and its counter");
	RUN(test_keys, "every failure of a call to keyd has its problem");
	RUN(test_answer, "an answer of the API has its three fields");
	RUN(test_counts, "all ten counts are recorded, and counted");
	RUN(test_unmatched, "a document of another shape that passed is counted");
	RUN(test_classes, "classes add up, as many as a record holds");
	RUN(test_subjects, "subjects are recorded, as many as a record holds");
	RUN(test_intent, "an intent is on its way to the disk before anything happens");
	RUN(test_log_ready, "where nothing can be recorded nothing passes");
	forget_spares();
	config_free(config);
	return tap_done();
}
