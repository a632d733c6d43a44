/*
 * collect_answer.c - what a page, a back end, an SDK is told.
 *
 * A browser lets a page read an answer only when it says so: errors too, or a client
 * library takes "come again later" for a broken network.
 */
#include "gateway/api/collect.h"
#include "net/http/problem.h"

#define FIELDS_MAX 5

size_t collect_put_origin(struct http_field *f, size_t n, struct sc_span origin)
{
	static const struct http_field vary = { SC_LIT("Vary"), SC_LIT("Origin") };
	static const struct sc_span allow = SC_LIT("Access-Control-Allow-Origin");

	f[n++] = vary;
	if (origin.n != 0)
		f[n++] = (struct http_field){ allow, origin };
	return n;
}

void collect_answer(struct served_request *rq, unsigned status, const char *type,
    struct sc_span body, struct sc_span origin, const char *retry)
{
	static const struct sc_span retry_after = SC_LIT("Retry-After");
	struct http_field fields[FIELDS_MAX] = {
		{ SC_LIT("Content-Type"), sc_span_str(type) },
		{ SC_LIT("Cache-Control"), SC_LIT("no-store") },
	};
	size_t n = collect_put_origin(fields, 2, origin);

	if (retry != NULL)
		fields[n++] = (struct http_field){ retry_after, sc_span_str(retry) };
	rq->record.status = (uint16_t)status;
	http_call_respond(rq->call, status, fields, n, body);
	served_end(rq);
}

bool collect_refuse(struct served_request *rq, unsigned status, const char *name,
    const char *detail, struct sc_span origin)
{
	struct sc_buf body;

	rq->record.outcome = status >= 500 || status == 429 ? AUDIT_FAILED : AUDIT_REFUSED;
	if (status == 401 || status == 403)
		rq->record.kind = AUDIT_DENIAL;
	sc_buf_init(&body, 4096);
	if (served_problem(rq, status, name, detail, SIZE_MAX, &body) != SC_OK)
		sc_buf_clear(&body);
	collect_answer(rq, status, HTTP_PROBLEM_TYPE, sc_buf_span(&body), origin,
	    status == 429     ? "10" :
		status == 503 ? HTTP_RETRY_AFTER :
				NULL);
	sc_buf_fini(&body);
	return false;
}
