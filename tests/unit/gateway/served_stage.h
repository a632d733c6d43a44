/*
 * served_stage.h - a request and what it uses of other files: the connection, the
 * log, keyd are stood in for by functions that write down how they were called.
 * A test includes this once.
 */
#ifndef TESTS_SERVED_STAGE_H
#define TESTS_SERVED_STAGE_H

#include "crypto/prim/hash.h"
#include "gateway/serve/access_log.h"
#include "gateway/serve/served.h"
#include "tap.h"

/* Keys of two, by their SHA-256 in load()'s configuration. */
#define AGENT "key-agent-of-tests"
#define SHOP "key-shop-of-a-test"

/* ---- what stands in for the rest ---- */

static struct {
	unsigned holds, releases, jobs, jobs_freed, cancels, keyc_cancels, forgets,
	    exchange_releases;
	struct protect_job *cancelled;
	struct keyc_call *keyc_cancelled;
	struct durable_wait *forgotten, *awaited;
	struct http_exchange *exchange;
	uint64_t awaited_index;
	bool no_job, log_failed, append_fails, urgent, keyd_there, under_way;
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

bool protect_under_way(const struct protect_job *job)
{
	return job != NULL && did.under_way;
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

bool keyc_ready(const struct keyc *kc)
{
	(void)kc;
	return did.keyd_there;
}

bool tlog_failed(const struct tlog *t)
{
	(void)t;
	return did.log_failed;
}

static inline void keep_record(const struct audit_record *r)
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

static inline void request(void)
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

static inline void field(const char *name, const char *value)
{
	head.fields[head.n_fields].name = sc_span_str(name);
	head.fields[head.n_fields++].value = sc_span_str(value);
}

static inline uint64_t metric(enum metric m)
{
	return atomic_load(&shared.metrics.v[m]);
}

/* The sum of all: that nothing else was counted. */
static inline uint64_t metrics_in_all(void)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < METRIC_COUNT; i++)
		n += metric(i);
	return n;
}

static inline void forget_spares(void)
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

static inline bool problem(unsigned status, const char *name, const char *detail)
{
	char want[512];

	snprintf(want, sizeof(want),
	    "{\"type\":\"urn:scrim:problem:%s\",\"title\":\"%s\",\"status\":%u,"
	    "\"detail\":\"%s\",\"request_id\":\"0123456789abcdef\"}",
	    name, http_status_text(status), status, detail);
	if (did.responses == 1 && did.answered == &call && did.status == status &&
	    strcmp(did.fields,
		status == 503 ?
		    "Content-Type: application/problem+json\nRetry-After: 1\n" :
		    status == 401 ?
		    "Content-Type: application/problem+json\nWWW-Authenticate: Bearer\n" :
		    "Content-Type: application/problem+json\n") == 0 &&
	    strcmp(did.body, want) == 0)
		return true;
	printf("# %u %s%s\n# %s\n", did.status, did.fields, did.body, want);
	return false;
}

static inline bool load(void)
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
	    "{ \"name\": \"courier\", \"role\": \"carrier\", \"cert_spki_sha256\": \"%s\" },"
	    "{ \"name\": \"switch\", \"role\": \"telephony\", \"socket\": true }],"
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

static inline bool stage_begin(void)
{
	if (!load())
		return false;
	gen.config = config;
	worker.shared = &shared;
	worker.current = &gen;
	return true;
}

static inline int stage_over(void)
{
	forget_spares();
	config_free(config);
	return tap_done();
}

#endif
