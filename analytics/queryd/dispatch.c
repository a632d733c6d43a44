/*
 * dispatch.c - a table of rows says who takes a path; and how answers leave.
 */
#include "analytics/queryd/queryd.h"

#include "crypto/prim/hash.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BODY_MORE 4096 /* of a question, beside its statement escaped */

/* ---- refusing ----------------------------------------------------------------------------- */

void queryd_refuse(struct http_call *call, unsigned status, const char *name, const char *detail)
{
	const struct http_problem p = { .status = status, .name = name, .detail = detail };
	struct http_field fields[2] = { { SC_LIT("Content-Type"), SC_LIT(HTTP_PROBLEM_TYPE) } };
	struct sc_buf body;
	size_t n = 1;

	if (status == 401)
		fields[n++] = (struct http_field){ SC_LIT("WWW-Authenticate"), SC_LIT("Bearer") };
	else if (status == 429 || status == 503)
		fields[n++] =
		    (struct http_field){ SC_LIT("Retry-After"), SC_LIT(HTTP_RETRY_AFTER) };
	sc_buf_init(&body, 4096);
	if (http_problem_print(&p, SIZE_MAX, call->request_id, &body) != SC_OK)
		sc_buf_clear(&body);
	http_call_respond(call, status, fields, n, sc_buf_span(&body));
	sc_buf_fini(&body);
}

/* ---- requests that threads work on -------------------------------------------------------- */

struct reader_request *request_new(struct http_call *call, const struct query_reader *who)
{
	struct queryd *q = call->arg;
	struct reader_request *rq = calloc(1, sizeof(*rq));

	if (rq == NULL) {
		queryd_refuse(call, 503, "busy", "no memory");
		return NULL;
	}
	rq->queryd = q;
	rq->call = call;
	rq->id = call->request_id;
	rq->reader = *who;
	rq->type = "application/json";
	sc_buf_init(&rq->sql, QUERYD_SQL_MAX);
	sc_buf_init(&rq->out, SIZE_MAX);
	rq->next = q->open;
	rq->place = &q->open;
	if (rq->next != NULL)
		rq->next->place = &rq->next;
	q->open = rq;
	return rq;
}

void request_free(struct reader_request *rq)
{
	*rq->place = rq->next;
	if (rq->next != NULL)
		rq->next->place = rq->place;
	release_let_go(rq->served);
	sc_buf_fini(&rq->sql);
	sc_buf_fini(&rq->out);
	free(rq);
}

void request_fail(struct reader_request *rq, unsigned status, const char *problem, const char *why,
    const char *fmt, ...)
{
	va_list ap;

	rq->status = status;
	rq->problem = problem;
	rq->why = why;
	va_start(ap, fmt);
	vsnprintf(rq->detail, sizeof(rq->detail), fmt, ap);
	va_end(ap);
}

/* An answer of the thread's: with which release it is of, and which record tells of it. */
static void respond_answer(struct reader_request *rq)
{
	char number[24], record[24];
	struct http_field fields[] = {
		{ SC_LIT("Content-Type"), sc_span_str(rq->type) },
		{ SC_LIT("Scrim-Dataset"), sc_span_str(rq->served->dataset) },
		{ SC_LIT("Scrim-Release"), SC_LIT("") },
		{ SC_LIT("Scrim-Record"), SC_LIT("") },
		{ SC_LIT("Cache-Control"), SC_LIT("no-store") },
		{ SC_LIT("Scrim-Cut"), SC_LIT("true") },
	};
	const size_t n = sizeof(fields) / sizeof(fields[0]) - (rq->cut ? 0 : 1);

	snprintf(number, sizeof(number), "%llu", (unsigned long long)rq->served->number);
	snprintf(record, sizeof(record), "%llu", (unsigned long long)rq->record);
	fields[2].value = sc_span_str(number);
	fields[3].value = sc_span_str(record);
	http_call_respond(rq->call, rq->status, fields, n, sc_buf_span(&rq->out));
}

static void on_done(struct desk_job *j)
{
	struct reader_request *rq = loop_owner(j, struct reader_request, job);

	if (rq->call != NULL && rq->problem != NULL)
		queryd_refuse(rq->call, rq->status, rq->problem, rq->detail);
	else if (rq->call != NULL)
		respond_answer(rq);
	request_free(rq);
}

/* How many requests of that reader are under way, this one too. */
static unsigned under_way(const struct reader_request *rq)
{
	unsigned n = 0;

	for (const struct reader_request *o = rq->queryd->open; o != NULL; o = o->next)
		n += strcmp(o->reader.principal.s, rq->reader.principal.s) == 0;
	return n;
}

static void too_busy(struct reader_request *rq, unsigned status, const char *detail)
{
	queryd_count(&rq->queryd->metrics, QUERYD_BUSY, 1);
	queryd_refuse(rq->call, status, status == 429 ? "too-many" : "busy", detail);
	request_free(rq);
}

void request_submit(struct reader_request *rq, void (*work)(struct desk_job *j))
{
	struct queryd *q = rq->queryd;

	if (under_way(rq) > q->settings->at_once) {
		too_busy(rq, 429, "more questions of yours are under way than may be at once");
		return;
	}
	rq->job.work = work;
	rq->job.done = on_done;
	rq->call->user = rq;
	if (!desk_put(q->desk, &rq->job)) {
		rq->call->user = NULL;
		too_busy(rq, 503, "too many questions wait: try again");
	}
}

/* ---- who --------------------------------------------------------------------------------- */

/* One credential, of one kind; anything else is a stranger's. */
static bool find_reader(struct http_call *call, struct query_reader *out)
{
	static const char bearer[] = "Bearer ";
	struct queryd *q = call->arg;
	struct sc_span key = http_head_only(call->head, "Authorization");
	const struct query_grant *g;
	const size_t n = sizeof(bearer) - 1;

	if (granted_look(&q->granted)) {
		queryd_count(&q->metrics, QUERYD_GRANTS_READ, 1);
		own_log_note(q->log, AUDIT_RELOAD, "query.grants");
	}
	if (key.n <= n || strncasecmp((const char *)key.p, bearer, n) != 0)
		return false;
	hash_sha256(sc_span_from(key, n), out->key);
	if ((g = query_grants_whose(&q->granted.grants, out->key)) == NULL)
		return false;
	out->principal = g->principal;
	out->role = g->role;
	out->purpose = (struct sc_name){ "" };
	return true;
}

/* ---- rows -------------------------------------------------------------------------------- */

struct dispatch_row {
	enum http_method method;
	const char *path;
	bool prefix;
	void (*plain)(struct http_call *call); /* needs no key; or: */
	void (*read)(struct http_call *call, const struct query_reader *who);
	void (*ask)(struct http_call *call, struct sc_span body, const struct query_reader *who);
};

static const struct dispatch_row dispatch_rows[] = {
	{ HTTP_GET, "/healthz", .plain = tell_health },
	{ HTTP_GET, "/readyz", .plain = tell_ready },
	{ HTTP_GET, "/metrics", .plain = tell_metrics },
	{ HTTP_POST, "/v1/query", .ask = ask_query },
	{ HTTP_GET, "/v1/datasets", .read = ask_datasets },
	{ HTTP_GET, "/v1/datasets/", true, .read = ask_file },
};

static const struct dispatch_row *find_row(const struct http_head *h, bool *path_known)
{
	*path_known = false;
	for (size_t i = 0; i < sizeof(dispatch_rows) / sizeof(dispatch_rows[0]); i++) {
		const struct dispatch_row *r = &dispatch_rows[i];

		if (r->prefix ? !sc_span_starts(h->path, r->path) : !sc_span_is(h->path, r->path))
			continue;
		*path_known = true;
		if (r->method == h->method_id)
			return r;
	}
	return NULL;
}

static void on_head(struct http_call *call)
{
	struct queryd *q = call->arg;
	const struct dispatch_row *r;
	struct query_reader who;
	bool path_known;

	if ((r = find_row(call->head, &path_known)) == NULL) {
		queryd_refuse(call, path_known ? 405 : 404,
		    path_known ? "method-not-allowed" : "not-found", NULL);
	} else if (r->plain != NULL) {
		r->plain(call);
	} else if (!find_reader(call, &who)) {
		queryd_count(&q->metrics, QUERYD_STRANGER, 1);
		queryd_refuse(call, 401, "unauthenticated",
		    "send a key that was granted something: Authorization: Bearer KEY");
	} else {
		http_call_buffer_body(call,
		    r->ask == NULL ? 0 : 6 * (size_t)q->settings->limits.sql_bytes + BODY_MORE);
	}
}

/* The key is looked up again: its row may have gone while the body came. */
static void on_end(struct http_call *call, struct sc_span body)
{
	bool path_known;
	const struct dispatch_row *r = find_row(call->head, &path_known); /* as at its head */
	struct query_reader who;

	if (!find_reader(call, &who))
		queryd_refuse(call, 401, "unauthenticated", "this key is granted nothing");
	else if (r->ask != NULL)
		r->ask(call, body, &who);
	else
		r->read(call, &who);
}

static void on_abort(struct http_call *call)
{
	struct reader_request *rq = call->user;

	if (rq == NULL)
		return;
	rq->call = NULL;
	atomic_store(&rq->gone, true);
}

const struct http_handler queryd_handler = {
	.on_head = on_head,
	.on_end = on_end,
	.on_abort = on_abort,
};
