/*
 * request.c - a reader's request, from the loop to a thread and back, and how answers leave.
 */
#include "analytics/queryd/queryd.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- refusing ----------------------------------------------------------------------------- */

/* With the field MORE, where it has a name. */
static void refuse(struct http_call *call, const struct http_problem *p, struct http_field more)
{
	const struct http_field fields[2] = {
		{ SC_LIT("Content-Type"), SC_LIT(HTTP_PROBLEM_TYPE) },
		more,
	};
	struct sc_buf body;

	sc_buf_init(&body, 4096);
	if (http_problem_print(p, SIZE_MAX, call->request_id, &body) != SC_OK)
		sc_buf_clear(&body);
	http_call_respond(call, p->status, fields, more.name.n == 0 ? 1 : 2, sc_buf_span(&body));
	sc_buf_fini(&body);
}

void queryd_refuse(struct http_call *call, unsigned status, const char *name, const char *detail)
{
	const struct http_problem p = { .status = status, .name = name, .detail = detail };
	struct http_field more = { .name = { NULL, 0 } };

	if (status == 401)
		more = (struct http_field){ SC_LIT("WWW-Authenticate"), SC_LIT("Bearer") };
	else if (status == 429 || status == 503)
		more = (struct http_field){ SC_LIT("Retry-After"), SC_LIT(HTTP_RETRY_AFTER) };
	refuse(call, &p, more);
}

void queryd_refuse_method(struct http_call *call, const struct http_allow *allow)
{
	static const struct http_problem unknown = { .status = 501, .name = "method-unknown" };
	static const struct http_problem other = { .status = 405, .name = "method-not-allowed" };
	const struct http_field more = { SC_LIT("Allow"), sc_span(allow->s, allow->n) };

	if (call->head->method_id == HTTP_OTHER)
		refuse(call, &unknown, (struct http_field){ .name = { NULL, 0 } });
	else
		refuse(call, &other, more);
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
