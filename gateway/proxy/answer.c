/*
 * answer.c - the head that goes with a body, or with none.
 */
#include "gateway/proxy/answer.h"

#include "gateway/proxy/fields.h"

/* Would the body be withheld for its type, were it asked for? */
static bool is_unread(const struct served_request *rq)
{
	const struct http_head *h = rq->exchange->head;
	const bool empty = http_head_find(h, "Content-Length").p != NULL && h->content_length == 0;
	uint8_t fit;

	if (!served_changes_answer(rq->route) || empty || h->status == 204 || h->status == 304)
		return false;
	return fields_codec(h, &fit) == NULL &&
	    (fit == CODEC_DOUBTFUL || rq->route->config->unmatched_body == CONFIG_UNMATCHED_REFUSE);
}

static size_t fields_of_answer(const struct served_request *rq, bool head, struct http_field *out)
{
	const struct http_head *h = rq->exchange->head;

	return head && is_unread(rq) ?
	    fields_for_withheld(h, rq->lent, out) :
	    fields_for_client(h, rq->lent, out, served_changes_answer(rq->route));
}

/* The length of what GET would have: what rules make of it nobody knows before it was made. */
static uint64_t length_of_get(const struct served_request *rq)
{
	const struct http_head *h = rq->exchange->head;

	return !served_changes_answer(rq->route) && http_head_find(h, "Content-Length").p != NULL ?
	    h->content_length :
	    HTTP_LENGTH_NONE;
}

void answer_pass(struct served_request *rq, struct sc_span body)
{
	struct http_field fields[HTTP_FIELDS_MAX + FIELDS_MORE];
	const unsigned status = rq->exchange->head->status;
	const bool head = rq->call->head->method_id == HTTP_HEAD;
	size_t n = fields_of_answer(rq, head, fields);

	forwarded_place(rq->route->config, fields, n);
	rq->record.outcome = AUDIT_OK;
	rq->record.status = (uint16_t)status;
	if (head) {
		http_call_start(rq->call, status, fields, n, length_of_get(rq));
		http_call_end(rq->call);
	} else {
		http_call_respond(rq->call, status, fields, n, body);
	}
	rq->call = NULL;
	served_end(rq);
}
