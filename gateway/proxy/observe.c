/*
 * observe.c - a plan of each body, and no more.
 */
#include "gateway/proxy/observe.h"

#include "gateway/collect/granted.h"
#include "gateway/proxy/unpack.h"

bool observe_holds(const struct served_request *rq, const struct http_head *h)
{
	return h->framing != HTTP_LENGTH ||
	    h->content_length <= rq->gen->config->limits.http.max_body;
}

void observe_body(struct served_request *rq, bool answer, struct sc_span body)
{
	const struct protect_input in = {
		.keyc = rq->worker->keyc,
		.policy = rq->gen->config->policy,
		.rules = answer ? rq->route->response : rq->route->request,
		.codec = rq->codec,
		.way = answer ? PLAN_READ : PLAN_STORE,
		.caller = &rq->record.asking,
		.reader = &rq->reader,
		.given = rq->given,
		.consents = collect_consents(rq->worker, rq->gen->config),
	};
	struct protect_input read = in;

	if (body.n == 0)
		return;
	read.body = body;
	if (rq->codec == NULL || !unpack_to_look(rq, answer, &read.body))
		served_note_observed(rq, NULL);
	else
		served_note_observed(rq, protect_observe(rq->job, &read));
}
