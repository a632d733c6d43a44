/*
 * beside.c - the query and the fields as documents, one after the other, and back.
 */
#include "gateway/proxy/beside.h"

#include "base/weak.h"
#include "gateway/collect/granted.h"
#include "policy/detect/detect.h"
#include "policy/detect/member.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TEXT_MAX (1u << 20)

struct beside {
	struct protect_job *job;
	beside_done_fn *done;
	struct subject_found whose[SUBJECT_PLACES_MAX];
	struct sc_buf doc;    /* the document that is being looked at */
	struct sc_buf target; /* the new one; empty: as it was */
	struct sc_buf fields; /* the fields' document, protected */
	struct sc_buf values; /* new values of fields, one after another */
	struct {
		uint16_t field; /* of the request's */
		uint32_t at, n; /* in VALUES */
	} value[HTTP_FIELDS_MAX];
	size_t n_values;
};

/* ---- what is looked at --------------------------------------------------------------------------- */

/* For the way, for who is asked, or about the body; credentials are taken out or the upstream's. */
static const char *const known[] = { "host", "user-agent", "cookie", "authorization", "date",
	"pragma", "origin", "dnt", "connection", "te", "trailer", "upgrade", "via", "warning",
	"expect", "from-gateway", "priority", "traceparent", "tracestate", "forwarded",
	"idempotency-key", "x-request-id", "x-correlation-id", "x-real-ip", "true-client-ip",
	"cf-connecting-ip", NULL };
static const char *const prefixes[] = { "accept", "content-", "cache-", "if-", "sec-", "scrim-",
	"proxy-", "x-forwarded-", "access-control-", "upgrade-", "x-b3-", NULL };
/* A sign over other bytes, or a key: what is changed in it is broken. */
static const char *const parts[] = { "signature", "hmac", "digest", "nonce", "timestamp", "api-key",
	"apikey", "csrf", "xsrf", NULL };

static bool begins_caseless(struct sc_span s, const char *with)
{
	size_t n = strlen(with);

	return s.n >= n && strncasecmp((const char *)s.p, with, n) == 0;
}

static bool has_caseless(struct sc_span s, const char *part)
{
	for (; s.n != 0; s = sc_span_from(s, 1))
		if (begins_caseless(s, part))
			return true;
	return false;
}

/* Every request has such: the first letter tells most of them apart. */
static bool is_known(struct sc_span name)
{
	const char first = (char)(name.p[0] | 0x20);

	for (size_t i = 0; known[i] != NULL; i++)
		if (known[i][0] == first && sc_span_caseeq(name, known[i]))
			return true;
	for (size_t i = 0; prefixes[i] != NULL; i++)
		if (prefixes[i][0] == first && begins_caseless(name, prefixes[i]))
			return true;
	return false;
}

static bool is_proof(struct sc_span name)
{
	for (size_t i = 0; parts[i] != NULL; i++)
		if (has_caseless(name, parts[i]))
			return true;
	return false;
}

/* Does some rule of R speak of the field NAME? Its place is $['name']. */
static bool is_ruled(const struct served_route *r, struct sc_span name)
{
	const struct config_rules *rules = &r->config->header;

	for (size_t i = 0; i < rules->n; i++) {
		const char *at = rules->v[i].at + strlen("$['");

		if (strlen(at) == name.n + strlen("']") &&
		    strncasecmp(at, (const char *)name.p, name.n) == 0)
			return true;
	}
	return false;
}

/* Is the field worth a document? Most requests have none that is. */
static bool is_looked_at(const struct served_route *r, const struct http_field *f)
{
	struct member says;

	if (f->value.n == 0)
		return false;
	if (is_ruled(r, f->name))
		return true;
	if (is_known(f->name) || r->fields->undeclared.found + r->fields->undeclared.named == 0)
		return false;
	if (!detect_nothing(f->value))
		return !is_proof(f->name);
	member_read(f->name, &says);
	return member_class(&says, 1) != CLASS_NONE && !is_proof(f->name);
}

bool beside_wanted(const struct served_request *rq)
{
	const struct http_head *h = rq->call->head;

	if (rq->route->query == NULL || WEAK("undeclared-passes"))
		return false;
	if (h->query.n != 0)
		return true;
	for (size_t i = 0; i < h->n_fields; i++)
		if (is_looked_at(rq->route, &h->fields[i]))
			return true;
	return false;
}

/* ---- the fields as a document, and back ------------------------------------------------------------- */

static enum sc_err put_field(struct sc_buf *out, const struct http_field *f)
{
	const size_t before = out->n;
	enum sc_err err = codec_form.encode(f->name, out);

	/* names of fields are alike whatever their case */
	for (size_t i = before; i < out->n; i++)
		if (out->p[i] >= 'A' && out->p[i] <= 'Z' &&
		    (i < before + 2 || out->p[i - 1] != '%'))
			out->p[i] |= 0x20;
	if (err == SC_OK && (err = sc_buf_put(out, "=", 1)) == SC_OK &&
	    (err = codec_form.encode(f->value, out)) == SC_OK)
		err = sc_buf_put(out, "&", 1);
	return err;
}

static enum sc_err put_fields(struct beside *b, const struct served_route *r,
    const struct http_head *h)
{
	enum sc_err err = SC_OK;

	b->n_values = 0;
	for (size_t i = 0; i < h->n_fields && err == SC_OK; i++) {
		if (!is_looked_at(r, &h->fields[i]))
			continue;
		b->value[b->n_values++].field = (uint16_t)i;
		err = put_field(&b->doc, &h->fields[i]);
	}
	return err;
}

/* A value may stand in a field (RFC 9110 §5.5). */
static bool may_stand(struct sc_span s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((s.p[i] < ' ' && s.p[i] != '\t') || s.p[i] == 0x7F)
			return false;
	return true;
}

static enum sc_err take_fields(struct beside *b)
{
	struct sc_span doc = sc_buf_span(&b->fields);
	struct codec_piece p = { .kind = 0 };
	size_t from = 0, k = 0;
	enum sc_err err;

	while (codec_form.piece(doc, &from, &p)) {
		const struct sc_span raw = sc_span(doc.p + p.start, p.end - p.start);

		if (p.name) {
			if (k == b->n_values)
				return SC_BUG;
			b->value[k].at = (uint32_t)b->values.n;
			b->value[k++].n = 0;
			continue;
		}
		if (k == 0)
			return SC_BUG;
		if ((err = codec_form.decode(raw, &b->values, NULL)) != SC_OK)
			return err;
		b->value[k - 1].n = (uint32_t)(b->values.n - b->value[k - 1].at);
	}
	for (size_t i = 0; i < k; i++)
		if (!may_stand(sc_span(b->values.p + b->value[i].at, b->value[i].n)))
			return SC_SYNTAX;
	return k == b->n_values ? SC_OK : SC_BUG;
}

/* ---- one after the other -------------------------------------------------------------------------------- */

/* What is refused names the query or a field, and no byte of the body. */
static void refuse(struct served_request *rq, const struct protect_result *r)
{
	struct protect_result told = *r;

	if (r->outcome == PROTECT_MALFORMED) {
		served_refuse(rq, 400, "malformed-query",
		    "the query, or a header field, is no text that can be looked at: "
		    "percent-encoded UTF-8");
		return;
	}
	told.diag.offset = SIZE_MAX;
	served_refuse_outcome(rq, &told);
}

static void protect(struct served_request *rq, struct sc_buf *out,
    const struct protect_rules *rules, protect_done_fn *done)
{
	struct beside *b = rq->beside;
	const uint32_t records = rq->record.asking.records;
	const struct protect_input in = {
		.keyc = rq->worker->keyc,
		.policy = rq->gen->config->policy,
		.codec = &codec_form,
		.rules = rules,
		.way = PLAN_STORE,
		.caller = &rq->record.asking,
		.reader = &rq->reader,
		.given = b->whose,
		.body = sc_buf_span(&b->doc),
		.out = out,
		.consents = collect_consents(rq->worker, rq->gen->config),
		.done = done,
		.arg = rq,
	};

	if (rq->route->config->observe) {
		served_note_observed(rq, protect_observe(b->job, &in));
		rq->record.asking.records = records; /* of the body alone */
		done(b->job, rq);
		return;
	}
	protect_document(b->job, &in);
}

static bool note(struct served_request *rq, struct protect_job *job)
{
	const struct protect_result *r = protect_result(job);
	const uint32_t records = rq->record.asking.records;

	if (rq->route->config->observe)
		return true; /* it was, and all stays */
	served_note_result(rq, r);
	rq->record.asking.records = records; /* of the body alone */
	if (r->outcome != PROTECT_DONE)
		refuse(rq, r);
	return r->outcome == PROTECT_DONE;
}

static void on_fields(struct protect_job *job, void *arg)
{
	struct served_request *rq = arg;

	if (!note(rq, job))
		return;
	if (rq->route->config->observe)
		rq->beside->n_values = 0;
	if (!rq->route->config->observe && take_fields(rq->beside) != SC_OK)
		served_refuse(rq, 500, "internal", "a header field could not be protected");
	else
		rq->beside->done(rq);
}

static void look_at_fields(struct served_request *rq)
{
	struct beside *b = rq->beside;
	enum sc_err err;

	sc_buf_clear(&b->doc);
	err = put_fields(b, rq->route, rq->call->head);
	if (err == SC_SYNTAX && rq->route->config->observe) {
		served_note_observed(rq, NULL);
		b->n_values = 0;
		b->done(rq);
	} else if (err == SC_SYNTAX)
		served_refuse(rq, 400, "malformed-query",
		    "a header field that would have to be looked at is not UTF-8");
	else if (err != SC_OK || codec_pad(&b->doc) != SC_OK)
		served_refuse_busy(rq);
	else if (b->n_values == 0)
		b->done(rq);
	else
		protect(rq, &b->fields, rq->route->fields, on_fields);
}

static void on_query(struct protect_job *job, void *arg)
{
	struct served_request *rq = arg;

	if (note(rq, job))
		look_at_fields(rq);
}

static struct beside *beside_new(void)
{
	struct beside *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	sc_buf_init(&b->doc, TEXT_MAX);
	sc_buf_init(&b->target, TEXT_MAX);
	sc_buf_init(&b->fields, TEXT_MAX);
	sc_buf_init(&b->values, TEXT_MAX);
	if ((b->job = protect_job_new()) == NULL) {
		beside_free(b);
		return NULL;
	}
	return b;
}

void beside_free(struct beside *b)
{
	if (b == NULL)
		return;
	protect_job_free(b->job);
	sc_buf_fini(&b->doc);
	sc_buf_fini(&b->target);
	sc_buf_fini(&b->fields);
	sc_buf_fini(&b->values);
	free(b);
}

void beside_protect(struct served_request *rq, struct sc_span subject, beside_done_fn *done)
{
	const struct http_head *h = rq->call->head;
	struct beside *b = rq->beside = beside_new();

	if (b == NULL) {
		served_refuse_busy(rq);
		return;
	}
	b->done = done;
	b->whose[0].id = subject;
	if (h->query.n == 0) {
		look_at_fields(rq);
		return;
	}
	if (sc_buf_put_span(&b->doc, h->query) != SC_OK || codec_pad(&b->doc) != SC_OK ||
	    (!rq->route->config->observe &&
		(sc_buf_put_span(&b->target, h->path) != SC_OK ||
		    sc_buf_put(&b->target, "?", 1) != SC_OK))) {
		served_refuse_busy(rq);
		return;
	}
	protect(rq, &b->target, rq->route->query, on_query);
}

/* ---- what it has become -------------------------------------------------------------------------------------- */

struct sc_span beside_target(const struct served_request *rq)
{
	return rq->beside == NULL || rq->beside->target.n == 0 ? rq->call->head->target :
								 sc_buf_span(&rq->beside->target);
}

void beside_fields(const struct served_request *rq, struct http_field *v, size_t n)
{
	const struct beside *b = rq->beside;

	for (size_t k = 0; b != NULL && k < b->n_values; k++) {
		const struct http_field *f = &rq->call->head->fields[b->value[k].field];

		for (size_t i = 0; i < n; i++)
			if (v[i].value.p == f->value.p && v[i].name.p == f->name.p)
				v[i].value = sc_span(b->values.p + b->value[k].at, b->value[k].n);
	}
}
