/*
 * test_proxy.c - one proxied request, step by step: what is read, protected, sent,
 * and answered, and in which order.
 *
 * Both connections, the enforcement point and the request are stood in for by
 * functions that write a word each; a test compares the whole sentence.
 */
#include "base/log.h"
#include "gateway/proxy/fields.h"
#include "gateway/phone/label.h"
#include "gateway/proxy/proxy.h"
#include "gateway/proxy/withhold.h"
#include "tap.h"

#include <stdarg.h>

static char said[4096];

__attribute__((format(printf, 1, 2))) static void say(const char *fmt, ...)
{
	size_t n = strlen(said);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(said + n, sizeof(said) - n, fmt, ap);
	va_end(ap);
}

/* Everything that was said since the last time, and nothing else. */
static bool heard(const char *want)
{
	bool same = strcmp(said, want) == 0;

	if (!same)
		printf("# said   %s\n# wanted %s\n", said, want);
	said[0] = '\0';
	return same;
}

/* ---- what stands in for the rest ---- */

static struct {
	bool unknown, log_failed, client_full, upstream_full;
	enum sc_err request_err;
	const struct http_client_handler *handler;
	bool has_subject;
} world;

static const struct policy_principal caller = { .role = 2 };
static struct http_exchange exchange;
static struct http_call call;
static struct http_head head, answer;
static struct config_route route_config;
static struct served_route route;
static struct config config;
static struct generation gen;
static struct worker_shared shared;
static struct worker worker;
static struct served_request v;
static struct protect_input given;
static char policy;
static struct protect_result result;
static size_t noted;
static char request_rules, response_rules, job, origin;

/* The body under way ends so; it is noted once. */
static void protected_with(const struct protect_result *r)
{
	size_t before = noted;

	result = *r;
	given.done((struct protect_job *)(void *)&job, given.arg);
	CHECK(noted == before + 1);
}

static const char *text_of(struct sc_span s)
{
	static char text[64];

	if (s.n > 40)
		snprintf(text, sizeof(text), "%zu bytes", s.n);
	else
		snprintf(text, sizeof(text), "%.*s", (int)s.n, (const char *)s.p);
	return text;
}

static void say_fields(const struct http_field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++)
		say("%s%.*s=%.*s", i == 0 ? "" : ",", (int)fields[i].name.n,
		    (const char *)fields[i].name.p, (int)fields[i].value.n,
		    (const char *)fields[i].value.p);
}

struct http_origin *worker_origin(struct worker *w, const struct served_route *r)
{
	return w == &worker && r == &route ? (struct http_origin *)(void *)&origin : NULL;
}

bool served_identify(struct served_request *rq, int fallback)
{
	say("identify(%d) ", fallback);
	if (world.unknown)
		say("refused ");
	return rq == &v && !world.unknown;
}

bool served_log_ready(struct served_request *rq)
{
	say("log ");
	return rq == &v && !world.log_failed;
}

void served_ask(struct served_request *rq, uint8_t op)
{
	say("contexts(%s) ", rq == &v ? policy_op_name(op) : "?");
}

void served_ask_back(struct served_request *rq)
{
	say("back%s ", rq == &v ? "" : "?");
}

void served_end(struct served_request *rq)
{
	say("end(%s %u%s) ", rq->record.outcome == AUDIT_OK ? "ok" : "?", rq->record.status,
	    rq->call == NULL ? "" : " call");
}

bool served_refuse(struct served_request *rq, unsigned status, const char *name, const char *detail)
{
	say("refuse(%u %s%s%s) ", status, name,
	    detail == NULL || detail[0] == '\0' ? " no detail" : "",
	    rq->record.why == name ? " why" : "");
	return false;
}

void served_refuse_outcome(struct served_request *rq, const struct protect_result *r)
{
	say("refuse_outcome(%d) ", rq == &v ? (int)r->outcome : -1);
}

enum sc_err served_problem(const struct served_request *rq, unsigned status, const char *name,
    const char *detail, size_t offset, struct sc_buf *out)
{
	(void)rq;
	say("problem(%u %s%s ", status, name,
	    detail == NULL || detail[0] == '\0' ? " no detail" : "");
	say(offset == SIZE_MAX ? "-) " : "%zu) ", offset);
	return sc_buf_put_str(out, "PROBLEM");
}

void served_note_result(struct served_request *rq, const struct protect_result *r)
{
	noted += rq == &v && r == &result;
}

const struct protect_result *protect_result(const struct protect_job *j)
{
	return (const void *)j == (const void *)&job ? &result : NULL;
}

struct label_binder phone_label_binder(struct worker *w)
{
	return (struct label_binder){ .worker = w };
}

void protect_document(struct protect_job *j, const struct protect_input *in)
{
	bool fed = (void *)j == (void *)&job && in->keyc == worker.keyc &&
	    in->policy == config.policy && in->caller == &v.record.asking &&
	    in->reader == &v.reader && in->out == &v.out && in->arg == &v &&
	    in->tap == shared.tap && in->binder.worker == &worker;

	given = *in;
	say("document(%s %s %s%s%s) ",
	    in->way == PLAN_STORE    ? "store" :
		in->way == PLAN_READ ? "read" :
				       "?",
	    in->rules == route.request      ? "request" :
		in->rules == route.response ? "response" :
					      "?",
	    text_of(in->body),
	    in->codec == &codec_ndjson   ? " lines" :
		in->codec == &codec_json ? "" :
					   "?",
	    fed ? "" : " not fed");
}

void http_call_buffer_body(struct http_call *c, size_t cap)
{
	say("read(%zu%s) ", cap, c == &call ? "" : "?");
}

void http_call_stream_body(struct http_call *c, uint64_t cap)
{
	say("stream(%s%s) ", cap == UINT64_MAX ? "any" : "?", c == &call ? "" : "?");
}

void http_call_pause(struct http_call *c)
{
	say("pause_client%s ", c == &call ? "" : "?");
}

void http_call_resume(struct http_call *c)
{
	say("resume_client%s ", c == &call ? "" : "?");
}

void http_call_respond(struct http_call *c, unsigned status, const struct http_field *fields,
    size_t n, struct sc_span body)
{
	say("respond(%u ", c == &call ? status : 0);
	say_fields(fields, n);
	say(" [%s]) ", text_of(body));
}

void http_call_start(struct http_call *c, unsigned status, const struct http_field *fields,
    size_t n, uint64_t length)
{
	say("start(%u ", c == &call ? status : 0);
	say_fields(fields, n);
	if (length == HTTP_LENGTH_CHUNKED || length == HTTP_LENGTH_NONE)
		say(length == HTTP_LENGTH_NONE ? " none) " : " chunked) ");
	else
		say(" %llu) ", (unsigned long long)length);
}

bool http_call_write(struct http_call *c, struct sc_span bytes)
{
	say("write(%s%s) ", text_of(bytes), c == &call ? "" : "?");
	return !world.client_full;
}

void http_call_end(struct http_call *c)
{
	say("end_answer%s ", c == &call ? "" : "?");
}

enum sc_err http_client_request(struct http_client *c, struct http_origin *o,
    const struct http_client_req *req, const struct http_client_handler *handler, void *user,
    struct http_exchange **out)
{
	say("send(%s", (void *)o == (void *)&origin && c == worker.client && user == &v ? "" : "?");
	say("%s", text_of(req->method));
	say(" %s ", text_of(req->target));
	say_fields(req->fields, req->n_fields);
	if (req->stream_body)
		say(req->stream_length == HTTP_LENGTH_CHUNKED ? " chunked" : " %llu",
		    (unsigned long long)req->stream_length);
	say("%s [%s]) ", req->has_body ? " body" : "", text_of(req->body));
	world.handler = handler;
	*out = NULL;
	if (world.request_err != SC_OK)
		return world.request_err;
	memset(&exchange, 0, sizeof(exchange));
	exchange.user = user;
	*out = &exchange;
	return SC_OK;
}

void http_exchange_buffer_body(struct http_exchange *x, size_t cap)
{
	say("read_answer(%zu%s) ", cap, x == &exchange ? "" : "?");
}

void http_exchange_pause(struct http_exchange *x)
{
	say("pause_upstream%s ", x == &exchange ? "" : "?");
}

void http_exchange_resume(struct http_exchange *x)
{
	say("resume_upstream%s ", x == &exchange ? "" : "?");
}

bool http_exchange_write(struct http_exchange *x, struct sc_span bytes)
{
	say("write_upstream(%s%s) ", text_of(bytes), x == &exchange ? "" : "?");
	return !world.upstream_full;
}

void http_exchange_end(struct http_exchange *x)
{
	say("end_request%s ", x == &exchange ? "" : "?");
}

/* ---- a request ---- */

static uint64_t metric(enum metric m)
{
	return atomic_load(&shared.metrics.v[m]);
}

static uint64_t metrics_in_all(void)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < METRIC_COUNT; i++)
		n += metric(i);
	return n;
}

static void put_field(struct http_head *h, const char *name, const char *value)
{
	h->fields[h->n_fields].name = sc_span_str(name);
	h->fields[h->n_fields++].value = sc_span_str(value);
}

/* A POST of N bytes (-1: chunked, -2: none) of TYPE to a route with rules for what WITH names. */
static void request(const char *with, const char *type, long n)
{
	said[0] = '\0';
	memset(&world, 0, sizeof(world));
	memset(&call, 0, sizeof(call));
	memset(&head, 0, sizeof(head));
	memset(&answer, 0, sizeof(answer));
	memset(&route_config, 0, sizeof(route_config));
	memset(&config, 0, sizeof(config));
	memset(&shared.metrics, 0, sizeof(shared.metrics));
	sc_buf_fini(&v.out);
	memset(&v, 0, sizeof(v));
	snprintf(route_config.name.s, sizeof(route_config.name.s), "orders");
	route_config.has_purpose = true;
	route_config.purpose = 3;
	route_config.any_role = true;
	config.limits.http.max_body = 1000;
	config.policy = (struct policy *)(void *)&policy;
	gen.config = &config;
	route.config = &route_config;
	route.request = strchr(with, 'q') == NULL ? NULL :
						    (struct protect_rules *)(void *)&request_rules;
	route.response =
	    strchr(with, 's') == NULL ? NULL : (struct protect_rules *)(void *)&response_rules;
	worker.shared = &shared;
	worker.client = (struct http_client *)(void *)&shared;
	worker.keyc = (struct keyc *)(void *)&gen;
	head.method = sc_span_str("POST");
	head.method_id = HTTP_POST;
	head.target = sc_span_str("/orders?x=1");
	if (type != NULL)
		put_field(&head, "Content-Type", type);
	head.framing = n == -1 ? HTTP_CHUNKED : n == -2 ? HTTP_NO_BODY : HTTP_LENGTH;
	head.content_length = n < 0 ? 0 : (uint64_t)n;
	call.head = &head;
	v.worker = &worker;
	v.call = &call;
	v.gen = &gen;
	v.route = &route;
	v.principal = &caller;
	v.job = (struct protect_job *)(void *)&job;
	v.record.asking.request_id = 0x0123456789abcdef;
	sc_buf_init(&v.out, 4096);
}

/* The upstream's answer is here whole: BODY, with what client.h promises behind it. */
static void answer_ends(const char *body)
{
	static char padded[256 + HTTP_BODY_PAD];

	NEED(strlen(body) <= sizeof(padded) - HTTP_BODY_PAD);
	memset(padded, 0, sizeof(padded));
	memcpy(padded, body, strlen(body));
	world.handler->on_end(&exchange, sc_span(padded, strlen(body)));
}

/* The upstream's answer's head: of N bytes (as above, -3: until it closes) of TYPE. */
static void answers(unsigned status, const char *type, long n)
{
	memset(&answer, 0, sizeof(answer));
	answer.status = (uint16_t)status;
	if (type != NULL)
		put_field(&answer, "Content-Type", type);
	put_field(&answer, "ETag", "1");
	put_field(&answer, "Digest", "1");
	answer.framing = n == -1 ? HTTP_CHUNKED :
	    n == -2              ? HTTP_NO_BODY :
	    n == -3              ? HTTP_UNTIL_CLOSE :
				   HTTP_LENGTH;
	answer.content_length = n < 0 ? 0 : (uint64_t)n;
	exchange.head = &answer;
	world.handler->on_head(&exchange);
}

#define JSON "application/json"
/* what an answer of a route with rules for it says of keeping it */
#define UNKEPT \
	"Cache-Control=private, no-store,Vary=Authorization, Scrim-Key, Scrim-Purpose, " \
	"Scrim-Reason, Scrim-Ticket"
#define ID "X-Forwarded-Proto=http,Scrim-Request-Id=0123456789abcdef"
#define BEGIN "identify(3) log contexts(read) "
#define BEGIN_JSON BEGIN "read(1000) "

/* A request that has been sent, with nothing said yet. */
static void sent(const char *with)
{
	request(with, JSON, 2);
	proxy_begin(&v);
	v.ops->on_end(&v, sc_span_str("{}"));
	if (route.request != NULL) {
		struct protect_result r = { .outcome = PROTECT_DONE };

		protected_with(&r);
	}
	said[0] = '\0';
	memset(&shared.metrics, 0, sizeof(shared.metrics));
}

/* ---- the request on its way out ---- */

static void test_begin(void)
{
	request("q", JSON, 2);
	proxy_begin(&v);
	CHECK(heard(BEGIN_JSON));
	CHECK(v.record.asking.route == &route_config.name &&
	    v.origin == (struct http_origin *)(void *)&origin);
	request("q", JSON, 2);
	route_config.has_purpose = false;
	route_config.has_to = true;
	proxy_begin(&v);
	CHECK(heard("identify(-1) log contexts(share) read(1000) "));
	request("q", JSON, 2);
	world.unknown = true;
	proxy_begin(&v);
	CHECK(heard("identify(3) refused ") && v.ops == NULL &&
	    v.record.asking.route == &route_config.name);
	request("q", JSON, 2);
	world.log_failed = true;
	proxy_begin(&v);
	CHECK(heard("identify(3) log ") && v.ops == NULL);
	CHECK(metrics_in_all() == 0);
}

/* A route that names roles is nobody else's. */
static void test_from(void)
{
	request("q", JSON, 2);
	route_config.any_role = false;
	route_config.from[1] = route_config.from[3] = true;
	proxy_begin(&v);
	CHECK(heard("identify(3) refuse(403 role-not-allowed) ") && v.ops == NULL);
	CHECK(metric(METRIC_REFUSED_AUTH) == 1 && metrics_in_all() == 1);
	request("q", JSON, 2);
	route_config.any_role = false;
	route_config.from[2] = true;
	proxy_begin(&v);
	CHECK(heard(BEGIN_JSON) && metrics_in_all() == 0);
}

/* Which bodies are read whole, up to what, and which are streamed or refused. */
static void test_bodies(void)
{
	static const struct {
		const char *with, *type;
		long n;
		bool stream_unmatched;
		const char *encoding, *then;
	} cases[] = {
		{ "q", JSON, 2, false, NULL, "read(1000) " },
		{ "q", JSON, 70000, false, NULL, "read(1000) " },
		{ "q", JSON, -1, false, NULL, "read(1000) " },
		{ "q", JSON, 0, false, NULL, "read(1000) " },
		{ "q", JSON, -2, false, NULL, "read(1000) " },
		{ "q", "application/x-ndjson", 70000, false, NULL, "read(1000) " },
		{ "q", "text/plain", 0, false, NULL, "read(1000) " },
		{ "q", NULL, -2, false, NULL, "read(1000) " },
		{ "q", "text/plain", 2, false, NULL, "refuse_outcome(16) " },
		{ "q", "text/plain", -1, false, NULL, "refuse_outcome(16) " },
		{ "q", NULL, 2, false, NULL, "refuse_outcome(16) " },
		{ "q", "text/json", 2, false, NULL, "refuse_outcome(16) " },
		{ "q", JSON, 2, false, "gzip", "read(1000) " },
		{ "q", JSON, 2, false, "br", "refuse_outcome(16) " },
		{ "q", "application/x-www-form-urlencoded", 2, true, NULL, "read(1000) " },
		{ "q", "text/json", 2, true, NULL, "refuse_outcome(16) " },
		{ "q", NULL, 2, true, NULL, "refuse_outcome(16) " },
		{ "q", JSON, 2, true, "br", "refuse_outcome(16) " },
		{ "q", "text/plain", 2, true, "gzip", "refuse_outcome(16) " },
		{ "q", "text/plain", 2, true, NULL, "read(65536) " },
		{ "q", "text/plain", 65536, true, NULL, "read(65536) " },
		{ "q", "text/plain", 65537, true, NULL, NULL },
		{ "q", "text/plain", -1, true, NULL, NULL },
		{ "q", JSON, 70000, true, NULL, "read(1000) " },
		{ "s", JSON, 2, false, NULL, "read(65536) " },
		{ "s", JSON, 65536, false, NULL, "read(65536) " },
		{ "s", JSON, 65537, false, NULL, NULL },
		{ "s", "text/plain", 2, false, "gzip", "read(65536) " },
		{ "", "text/plain", 2, false, NULL, "read(65536) " },
		{ "", JSON, -1, false, NULL, NULL },
		{ "", JSON, 0, false, NULL, "read(1000) " },
		{ "", NULL, -2, false, NULL, "read(1000) " },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool refused = cases[i].then != NULL && strncmp(cases[i].then, "refuse", 6) == 0;
		char want[256];

		request(cases[i].with, cases[i].type, cases[i].n);
		if (cases[i].encoding != NULL)
			put_field(&head, "Content-Encoding", cases[i].encoding);
		if (cases[i].stream_unmatched)
			route_config.unmatched_body = CONFIG_UNMATCHED_STREAM;
		proxy_begin(&v);
		CHECK((v.ops == NULL) == refused);
		CHECK(metric(METRIC_REFUSED_BODY) == 0);
		if (cases[i].then != NULL) {
			snprintf(want, sizeof(want), BEGIN "%s", cases[i].then);
			CHECK(heard(want) && (refused || v.ops->on_body == NULL));
			continue;
		}
		CHECK(strncmp(said, BEGIN "stream(any) send(", strlen(BEGIN "stream(any) send(")) ==
		    0);
		CHECK(v.ops->on_body != NULL && metric(METRIC_PROXIED) == 1);
	}
}

static void test_request_protected(void)
{
	struct protect_result r = { .outcome = PROTECT_DONE };

	request("q", JSON, 20);
	put_field(&head, "Authorization", "Bearer x");
	put_field(&head, "Digest", "x");
	v.record.auth = AUDIT_AUTH_API_KEY;
	proxy_begin(&v);
	CHECK(heard(BEGIN_JSON));
	v.ops->on_end(&v, sc_span_str("{\"a\":1}"));
	CHECK(heard("document(store request {\"a\":1}) "));
	NEED(sc_buf_put_str(&v.out, "{\"a\":\"sct1\"}") == SC_OK);
	protected_with(&r);
	CHECK(
	    heard("send(POST /orders?x=1 Content-Type=" JSON "," ID " body [{\"a\":\"sct1\"}]) "));
	CHECK(v.exchange == &exchange && metric(METRIC_PROXIED) == 1 && metrics_in_all() == 1);
	for (unsigned o = PROTECT_MALFORMED; o <= PROTECT_FAILED; o++) {
		char want[64];

		request("q", JSON, 20);
		proxy_begin(&v);
		v.ops->on_end(&v, sc_span_str("{"));
		said[0] = '\0';
		r.outcome = o;
		protected_with(&r);
		snprintf(want, sizeof(want), "refuse_outcome(%u) ", o);
		CHECK(heard(want) && v.exchange == NULL && metrics_in_all() == 0);
	}
	/* towards a recipient it is opened */
	request("q", "application/x-ndjson", 20);
	route_config.has_to = true;
	proxy_begin(&v);
	said[0] = '\0';
	v.ops->on_end(&v, sc_span_str("{}\n{}"));
	CHECK(heard("document(read request {}\n{} lines) "));
	lent_free(v.lent);
	v.lent = NULL;
}

/* What has no rules, or no byte, or is of another type goes as it came. */
static void test_request_as_it_came(void)
{
	static const struct {
		const char *with, *type, *body;
		long n;
		const char *want;
	} cases[] = {
		{ "q", JSON, "", 0,
		    "send(POST /orders?x=1 Content-Type=" JSON "," ID " body []) " },
		{ "q", JSON, "", -1,
		    "send(POST /orders?x=1 Content-Type=" JSON "," ID " body []) " },
		{ "q", NULL, "", -2, "send(POST /orders?x=1 " ID " []) " },
		{ "q", "text/plain", "abc", 3,
		    "send(POST /orders?x=1 Content-Type=text/plain," ID " body [abc]) " },
		{ "", JSON, "{}", 2,
		    "send(POST /orders?x=1 Content-Type=" JSON ",Digest=x," ID " body [{}]) " },
		{ "s", JSON, "{}", 2,
		    "send(POST /orders?x=1 Content-Type=" JSON
		    ",Digest=x,Accept-Encoding=identity," ID " body [{}]) " },
		{ "", NULL, "", -2, "send(POST /orders?x=1 Digest=x," ID " []) " },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		request(cases[i].with, cases[i].type, cases[i].n);
		put_field(&head, "Digest", "x");
		route_config.unmatched_body = CONFIG_UNMATCHED_STREAM;
		proxy_begin(&v);
		said[0] = '\0';
		v.ops->on_end(&v, sc_span_str(cases[i].body));
		CHECK(heard(cases[i].want) && metric(METRIC_PROXIED) == 1);
	}
}

static void test_sending_fails(void)
{
	static const struct {
		enum sc_err err;
		const char *want;
	} cases[] = {
		{ SC_SYNTAX, "refuse(400 request-fields why) " },
		{ SC_LIMIT, "refuse(503 busy why) " },
		{ SC_NOMEM, "refuse(503 busy why) " },
	};

	for (size_t i = 0; i < 3; i++)
		for (unsigned stream = 0; stream < 2; stream++) {
			request("", JSON, stream ? -1 : 2);
			world.request_err = cases[i].err;
			proxy_begin(&v);
			if (!stream)
				v.ops->on_end(&v, sc_span_str("{}"));
			CHECK(strstr(said, cases[i].want) != NULL);
			CHECK(metric(METRIC_UPSTREAM_FAILED) == 1 && metrics_in_all() == 1 &&
			    v.exchange == NULL);
		}
}

static void test_streaming(void)
{
	request("", "text/plain", 70000);
	proxy_begin(&v);
	CHECK(heard(BEGIN "stream(any) send(POST /orders?x=1 Content-Type=text/plain," ID
			  " 70000 body []) "));
	request("", "text/plain", -1);
	proxy_begin(&v);
	CHECK(heard(BEGIN "stream(any) send(POST /orders?x=1 Content-Type=text/plain," ID
			  " chunked body []) "));
	v.ops->on_body(&v, sc_span_str("one"));
	CHECK(heard("write_upstream(one) "));
	world.upstream_full = true;
	v.ops->on_body(&v, sc_span_str("two"));
	CHECK(heard("write_upstream(two) pause_client "));
	world.handler->on_writable(&exchange);
	CHECK(heard("resume_client "));
	v.ops->on_end(&v, sc_span_str(""));
	CHECK(heard("end_request "));
	/* the answer on its way back pauses and goes on */
	answers(200, "text/plain", -1);
	CHECK(heard("start(200 Content-Type=text/plain,ETag=1,Digest=1 chunked) ") && v.answered &&
	    v.record.status == 200);
	v.ops->on_writable(&v);
	CHECK(heard(""));
	world.handler->on_body(&exchange, sc_span_str("abc"));
	CHECK(heard("write(abc) ") && !v.paused);
	world.client_full = true;
	world.handler->on_body(&exchange, sc_span_str("def"));
	CHECK(heard("write(def) pause_upstream ") && v.paused);
	v.ops->on_writable(&v);
	CHECK(heard("resume_upstream ") && !v.paused);
	v.ops->on_writable(&v);
	CHECK(heard(""));
	answer_ends("");
	CHECK(heard("end_answer end(ok 200) ") && v.call == NULL);
}

/* ---- the answer on its way back ---- */

static void test_answer_heads(void)
{
	static const struct {
		const char *with, *type;
		unsigned status;
		long n;
		bool stream_unmatched;
		const char *want;
		enum protect_outcome withhold;
	} cases[] = {
		{ "s", JSON, 200, 9, false, "read_answer(1000) ", PROTECT_DONE },
		{ "s", JSON, 200, -1, false, "read_answer(1000) ", PROTECT_DONE },
		{ "s", JSON, 200, -3, true, "read_answer(1000) ", PROTECT_DONE },
		{ "s", "application/x-ndjson", 200, 9, false, "read_answer(1000) ", PROTECT_DONE },
		{ "s", "text/html", 404, 9, false, "read_answer(65536) ", PROTECT_NO_CODEC },
		{ "s", "text/html", 404, 99999, false, "read_answer(65536) ", PROTECT_NO_CODEC },
		{ "s", "text/html", 404, -1, false, "read_answer(65536) ", PROTECT_NO_CODEC },
		{ "s", "text/json", 200, 9, true, "read_answer(65536) ", PROTECT_NO_CODEC },
		{ "s", NULL, 200, 9, true, "read_answer(65536) ", PROTECT_NO_CODEC },
		{ "s", JSON, 206, 9, true, "read_answer(65536) ", PROTECT_NO_CODEC },
		{ "s", "text/html", 200, 9, true,
		    "start(200 Content-Type=text/html,ETag=1,Digest=1 9) ", PROTECT_DONE },
		{ "s", "text/html", 200, 0, false, "read_answer(65536) ", PROTECT_DONE },
		{ "s", "text/html", 204, -2, false, "read_answer(65536) ", PROTECT_DONE },
		{ "q", "text/html", 200, 9, false, "read_answer(65536) ", PROTECT_DONE },
		{ "q", "text/html", 200, 65536, false, "read_answer(65536) ", PROTECT_DONE },
		{ "q", "text/html", 200, 65537, false,
		    "start(200 Content-Type=text/html,ETag=1,Digest=1 65537) ", PROTECT_DONE },
		{ "q", JSON, 200, -1, false,
		    "start(200 Content-Type=" JSON ",ETag=1,Digest=1 chunked) ", PROTECT_DONE },
		{ "q", JSON, 200, -3, false,
		    "start(200 Content-Type=" JSON ",ETag=1,Digest=1 chunked) ", PROTECT_DONE },
		{ "", JSON, 200, -2, false, "read_answer(65536) ", PROTECT_DONE },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		sent(cases[i].with);
		if (cases[i].stream_unmatched)
			route_config.unmatched_body = CONFIG_UNMATCHED_STREAM;
		answers(cases[i].status, cases[i].type, cases[i].n);
		CHECK(heard(cases[i].want));
		CHECK(v.withhold == cases[i].withhold);
		CHECK(v.answered == (strncmp(cases[i].want, "start", 5) == 0));
		CHECK(v.record.status == (v.answered ? cases[i].status : 0));
		CHECK(metrics_in_all() == 0);
	}
}

static void test_answer_protected(void)
{
	struct protect_result r = { .outcome = PROTECT_DONE };

	sent("s");
	answers(201, JSON, 9);
	said[0] = '\0';
	NEED(sc_buf_put_str(&v.out, "of the request") == SC_OK);
	answer_ends("{\"a\":1}");
	CHECK(heard("back document(read response {\"a\":1}) ") && v.out.n == 0);
	NEED(sc_buf_put_str(&v.out, "{\"a\":null}") == SC_OK);
	protected_with(&r);
	CHECK(heard("respond(201 Content-Type=" JSON "," UNKEPT " [{\"a\":null}]) end(ok 201) "));
	CHECK(v.call == NULL && metrics_in_all() == 0);
	sent("s");
	answers(201, "application/x-ndjson", 9);
	said[0] = '\0';
	answer_ends("{}");
	CHECK(heard("back document(read response {} lines) "));
	/* what a recipient was shown is put back before, and out of the fields */
	sent("s");
	answers(201, JSON, 9);
	said[0] = '\0';
	NEED((v.lent = lent_new()) != NULL &&
	    lent_note(v.lent, sc_span_str("Ann Example"), sc_span_str("TOKEN")) == SC_OK &&
	    lent_note(v.lent, sc_span_str("1"), sc_span_str("TOKEN")) == SC_OK);
	answer_ends("{\"a\":\"Ann Example\"}");
	CHECK(heard("back document(read response {\"a\":\"TOKEN\"}) "));
	CHECK(metric(METRIC_VALUES_PUT_BACK) == 1);
	protected_with(&r);
	CHECK(heard("respond(201 Content-Type=" JSON "," UNKEPT " []) end(ok 201) "));
	lent_free(v.lent);
	v.lent = NULL;
	memset(&shared.metrics, 0, sizeof(shared.metrics));
	/* where it cannot be put back nothing passes */
	sent("s");
	answers(201, JSON, 9);
	said[0] = '\0';
	NEED((v.lent = lent_new()) != NULL &&
	    lent_note(v.lent, sc_span_str("Ann Example"), sc_span_str("TOKEN")) == SC_OK);
	answer_ends("{\"Ann Example\":1}");
	CHECK(strstr(said, "document") == NULL && strstr(said, "respond(201") != NULL &&
	    strstr(said, "Ann") == NULL && metric(METRIC_ANSWERS_WITHHELD) == 1);
	lent_free(v.lent);
	v.lent = NULL;
	said[0] = '\0';
	memset(&shared.metrics, 0, sizeof(shared.metrics));
	/* no rules: as it came, with its digest */
	sent("q");
	answers(409, JSON, 9);
	said[0] = '\0';
	answer_ends("{\"a\":1}");
	CHECK(
	    heard("respond(409 Content-Type=" JSON ",ETag=1,Digest=1 [{\"a\":1}]) end(ok 409) ") &&
	    v.call == NULL);
	/* no byte: whatever its type */
	for (unsigned i = 0; i < 2; i++) {
		sent("s");
		answers(201, i == 0 ? "text/html" : JSON, -1);
		said[0] = '\0';
		answer_ends("");
		CHECK(heard(i == 0 ?
			"respond(201 Content-Type=text/html," UNKEPT " []) end(ok 201) " :
			"respond(201 Content-Type=" JSON "," UNKEPT " []) end(ok 201) "));
	}
}

#define WITHHELD(status, at) \
	"problem(" status " body-withheld " at ") respond(" status \
	" Content-Type=application/problem+json," UNKEPT " [PROBLEM]) end(ok " status ") "

/* HEAD has the fields of GET, and says no length that is not GET's. */
static void test_answer_to_head(void)
{
	static const struct {
		const char *with, *type, *length;
		unsigned status;
		bool stream;
		const char *want;
	} cases[] = {
		{ "s", JSON, "9", 200, false, "start(200 Content-Type=" JSON "," UNKEPT " none) " },
		{ "s", JSON, NULL, 404, false,
		    "start(404 Content-Type=" JSON "," UNKEPT " none) " },
		/* GET's body would be withheld */
		{ "s", "text/html", "9", 200, false,
		    "start(200 Content-Type=application/problem+json," UNKEPT " none) " },
		{ "s", "text/html", "9", 200, true,
		    "start(200 Content-Type=text/html," UNKEPT " none) " },
		{ "s", "text/json", "9", 200, true,
		    "start(200 Content-Type=application/problem+json," UNKEPT " none) " },
		/* and of these there is none */
		{ "s", "text/html", "0", 200, false,
		    "start(200 Content-Type=text/html," UNKEPT " none) " },
		{ "s", "text/html", NULL, 304, false,
		    "start(304 Content-Type=text/html," UNKEPT " none) " },
		{ "s", "text/html", NULL, 204, false,
		    "start(204 Content-Type=text/html," UNKEPT " none) " },
		{ "q", JSON, "9", 200, false,
		    "start(200 Content-Type=" JSON ",ETag=1,Digest=1 9) " },
		{ "q", JSON, NULL, 200, false,
		    "start(200 Content-Type=" JSON ",ETag=1,Digest=1 none) " },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		sent(cases[i].with);
		head.method_id = HTTP_HEAD;
		if (cases[i].stream)
			route_config.unmatched_body = CONFIG_UNMATCHED_STREAM;
		answers(cases[i].status, cases[i].type, -2);
		if (cases[i].length != NULL) {
			put_field(&answer, "Content-Length", cases[i].length);
			answer.content_length = strtoul(cases[i].length, NULL, 10);
		}
		said[0] = '\0';
		answer_ends("");
		CHECK(strncmp(said, cases[i].want, strlen(cases[i].want)) == 0);
		CHECK(strstr(said, "end_answer end(ok ") != NULL && v.call == NULL &&
		    metrics_in_all() == 0);
	}
}

static void test_answer_withheld(void)
{
	static const struct {
		enum protect_outcome outcome;
		bool placed, passes_by;
		const char *why;
	} cases[] = {
		{ PROTECT_MALFORMED, true, false, "answer withheld, malformed" },
		{ PROTECT_FORBIDDEN, true, false, "answer withheld, policy" },
		{ PROTECT_UNFIT, true, false, "answer withheld, unfit value" },
		{ PROTECT_UNMATCHED, true, false, "answer withheld, another shape" },
		{ PROTECT_OTHER_POLICY, false, true, "answer withheld, policies differ" },
		{ PROTECT_TOO_LARGE, false, false, "answer withheld, too large" },
		{ PROTECT_KEYS_AWAY, false, true, "answer withheld, key service away" },
		{ PROTECT_LOG_FULL, false, true, "answer withheld, key service's log" },
		{ PROTECT_REFUSED, false, true, "answer withheld, key service refuses" },
		{ PROTECT_FOREIGN, false, false, "answer withheld, foreign token" },
		{ PROTECT_NO_SUBJECT, false, false, "answer withheld, no subject" },
		{ PROTECT_NO_ORDER, false, false, "answer withheld, no order" },
		{ PROTECT_NUMBERS_EXHAUSTED, false, false, "answer withheld, no number left" },
		{ PROTECT_NUMBERS_AWAY, false, false, "answer withheld, numbers away" },
		{ PROTECT_FAILED, false, false, "answer withheld, internal" },
	};
	static const struct {
		enum http_method method;
		bool safe;
	} methods[] = { { HTTP_POST, false }, { HTTP_PUT, false }, { HTTP_DELETE, false },
		{ HTTP_PATCH, false }, { HTTP_OTHER, false }, { HTTP_GET, true },
		{ HTTP_OPTIONS, true } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t m = 0; m < sizeof(methods) / sizeof(methods[0]); m++) {
			struct protect_result r = { .outcome = cases[i].outcome,
				.diag = { .offset = 17 } };
			char want[64];

			sent("s");
			head.method_id = methods[m].method;
			answers(201, JSON, 9);
			answer_ends("{\"a\":1}");
			said[0] = '\0';
			protected_with(&r);
			if (methods[m].safe && cases[i].passes_by) {
				snprintf(want, sizeof(want), "refuse_outcome(%u) ",
				    cases[i].outcome);
				CHECK(heard(want) && metrics_in_all() == 0);
				continue;
			}
			CHECK(
			    heard(cases[i].placed ? WITHHELD("201", "17") : WITHHELD("201", "-")));
			CHECK(v.record.why != NULL && strcmp(v.record.why, cases[i].why) == 0);
			CHECK(metric(METRIC_ANSWERS_WITHHELD) == 1 && metrics_in_all() == 1 &&
			    v.call == NULL);
		}
	/* what is no JSON */
	sent("s");
	answers(404, "text/html", 9);
	said[0] = '\0';
	answer_ends("<html>");
	CHECK(heard(WITHHELD("404", "-")) &&
	    strcmp(v.record.why, "answer withheld, not to be read") == 0);
	/* 205 has no body, not even ours */
	sent("s");
	answers(205, "text/html", 9);
	said[0] = '\0';
	answer_ends("<html>");
	CHECK(
	    heard("respond(205 Content-Type=application/problem+json," UNKEPT " []) end(ok 205) "));
}

static void test_upstream_errors(void)
{
	static const struct {
		enum http_client_error why;
		const char *want; /* before anything of an answer came */
		bool too_much;
	} cases[] = {
		{ HTTP_ERR_CONNECT, "refuse(502 upstream-connect why) ", false },
		{ HTTP_ERR_TIMEOUT, "refuse(504 upstream-timeout why) ", false },
		{ HTTP_ERR_PROTOCOL, "refuse(502 upstream-answer why) ", false },
		{ HTTP_ERR_CLOSED, "refuse(502 upstream-answer why) ", false },
		{ HTTP_ERR_TOO_LARGE, "refuse(503 busy why) ", true },
		{ HTTP_ERR_MEMORY, "refuse(503 busy why) ", true },
		{ HTTP_ERR_HEAD, "refuse(502 upstream-head why) ", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		sent("s");
		world.handler->on_error(&exchange, cases[i].why);
		CHECK(heard(cases[i].want) && metric(METRIC_UPSTREAM_FAILED) == 1 &&
		    metrics_in_all() == 1);
		/* JSON that was under way: only what is too much leaves its status standing */
		sent("s");
		answers(201, JSON, 9);
		said[0] = '\0';
		world.handler->on_error(&exchange, cases[i].why);
		CHECK(heard(cases[i].too_much ? WITHHELD("201", "-") : cases[i].want));
		CHECK(metric(METRIC_UPSTREAM_FAILED) == !cases[i].too_much);
		CHECK(
		    !cases[i].too_much || strcmp(v.record.why, "answer withheld, too large") == 0);
		/* what would not have passed anyway keeps its status, and its cause */
		sent("s");
		answers(201, "text/html", -1);
		said[0] = '\0';
		world.handler->on_error(&exchange, cases[i].why);
		CHECK(heard(WITHHELD("201", "-")) &&
		    strcmp(v.record.why, "answer withheld, not to be read") == 0);
		/* what has begun can only be broken */
		sent("");
		answers(200, "text/html", -1);
		said[0] = '\0';
		world.handler->on_error(&exchange, cases[i].why);
		CHECK(heard(cases[i].want));
	}
}

int main(void)
{
	log_setup("test", LOG_ERROR);
	RUN(test_begin,
	    "a request is of somebody, for something, and recordable, or goes no further");
	RUN(test_from, "a route that names roles takes no other");
	RUN(test_bodies, "which bodies are read whole, which are streamed, which are refused");
	RUN(test_request_protected, "a document is protected before it is sent, or it is not sent");
	RUN(test_request_as_it_came, "what has nothing to protect goes as it came");
	RUN(test_sending_fails, "what cannot be sent is refused");
	RUN(test_streaming, "a stream waits for the slower side");
	RUN(test_answer_heads, "which answers are read whole, up to what, and which are streamed");
	RUN(test_answer_protected, "an answer is protected for the caller, before it is given");
	RUN(test_answer_to_head, "HEAD: the fields of GET, and no length that is a lie");
	RUN(test_answer_withheld,
	    "an answer that cannot be protected keeps its status and loses its body");
	RUN(test_upstream_errors, "what an upstream fails to do is told, where nothing else was");
	sc_buf_fini(&v.out);
	return tap_done();
}
