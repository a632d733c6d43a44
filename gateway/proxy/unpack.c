/*
 * unpack.c - packed bodies where there are rules: they are read, protected, and go on unpacked.
 */
#include "gateway/proxy/unpack.h"

#include "gateway/codec/gzip.h"
#include "gateway/proxy/fields.h"
#include "gateway/proxy/withhold.h"

/* BODY, of whoever's head H is. */
static enum sc_err unpack(struct served_request *rq, const struct http_head *h,
    struct sc_span *body)
{
	const size_t max = (size_t)rq->gen->config->limits.http.max_body;
	struct sc_buf *out = &rq->unpacked;
	enum sc_err err;

	if (body->n == 0 || !fields_is_gzip(h))
		return SC_OK;
	sc_buf_fini(out);
	/* with the zeros behind it, for which there must be room too */
	sc_buf_init(out, max + CODEC_PAD);
	if ((err = gzip_inflate(*body, out)) != SC_OK)
		return err;
	if ((err = codec_pad(out)) == SC_OK)
		*body = sc_buf_span(out);
	return err;
}

bool unpack_request(struct served_request *rq, struct sc_span *body)
{
	enum sc_err err = unpack(rq, rq->call->head, body);

	if (err == SC_OK)
		return true;
	if (err == SC_NOMEM)
		return served_refuse_busy(rq);
	metric_add(&rq->worker->shared->metrics, METRIC_REFUSED_BODY, 1);
	if (err == SC_LIMIT)
		return served_refuse(rq, 413, "too-large",
		    "the body is packed, and unpacks to more than may be");
	return served_refuse(rq, 400, "malformed-gzip", "the body is packed, and broken");
}

bool unpack_answer(struct served_request *rq, struct sc_span *body)
{
	enum sc_err err = unpack(rq, rq->exchange->head, body);

	if (err == SC_OK)
		return true;
	withhold_answer(rq,
	    err == SC_SYNTAX    ? PROTECT_MALFORMED :
		err == SC_LIMIT ? PROTECT_TOO_LARGE :
				  PROTECT_FAILED,
	    SIZE_MAX);
	return false;
}

bool unpack_to_look(struct served_request *rq, bool answer, struct sc_span *body)
{
	return unpack(rq, answer ? rq->exchange->head : rq->call->head, body) == SC_OK;
}
