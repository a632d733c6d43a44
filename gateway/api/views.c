/*
 * views.c - publishing an anonymised release: that it was is a record, and the record's place
 * in the log is what its receipt proves. The release itself never comes here.
 *
 *	POST /v1/views/publish	{"dataset":"portrait","number":3,"manifest_sha256":"<hex>"}
 *				-> {"index":1742}
 *
 * For roles of the policy's group "publish". The record says that it is done, so there is one,
 * durable before the answer, and none behind it. Who asks twice has two, of which each is right.
 */
#include "base/text/jsonw.h"
#include "base/text/shape.h"
#include "gateway/api/api.h"

#include <stdlib.h>

#define BODY_MAX 1024

struct publishing {
	struct sc_name dataset;
	uint8_t manifest[HASH_BYTES];
	struct audit_release release;
};

/* It is in the log: what ends the request is no record of its own. */
static void on_published(struct durable_wait *wait, bool ok)
{
	struct served_request *rq = loop_owner(wait, struct served_request, wait);
	struct jsonw w = jsonw(&rq->out);

	if (!ok) {
		served_refuse_keys(rq, SC_LIMIT);
		return;
	}
	jsonw_object(&w);
	jsonw_ku64(&w, "index", wait->index);
	jsonw_object_end(&w);
	if (w.err != SC_OK) {
		served_refuse(rq, 500, "internal", "the answer could not be built");
		return;
	}
	rq->record.outcome = AUDIT_OUTCOME_NONE;
	served_answer(rq, 200, "application/json", sc_buf_span(&rq->out));
}

#define AT(field) SHAPE_AT(struct publishing, field)
static const struct shape_row rows[] = {
	{ "dataset", shape_name, AT(dataset), .need = true },
	{ "number", shape_count, AT(release.number), .need = true, .min = 1,
	    .max = AUDIT_NUMBER_MAX },
	{ "manifest_sha256", shape_digest, AT(manifest), .need = true },
	{ .key = NULL },
};
#undef AT
static const struct shape body_shape = { .what = "body", .rows = rows };

/* False when it was refused and answered. */
static bool take_body(struct served_request *rq, struct sc_span body, struct publishing *p)
{
	struct sc_arena arena = { .left = 0 };
	struct shape_ctx c = { .arena = &arena };
	struct sc_diag diag;
	bool json, understood;

	json = doc_load_sent(&arena, body, body.n, &diag, &c.doc) == SC_OK;
	understood = json && shape_fill(&c, &body_shape, c.doc.root, p);
	sc_arena_fini(&arena);
	if (!json)
		return served_refuse_at(rq, 400, "malformed-json", diag.text, diag.offset);
	return understood ||
	    served_refuse(rq, 400, "release",
		"send {\"dataset\":NAME,\"number\":N,\"manifest_sha256\":64 hexadecimal "
		"digits}, and no other member");
}

static void on_end(struct served_request *rq, struct sc_span body)
{
	struct publishing *p = rq->state;

	if (!take_body(rq, body, p))
		return;
	p->release.dataset = &p->dataset;
	p->release.manifest = p->manifest;
	rq->record.release = &p->release;
	rq->record.outcome = AUDIT_OK;
	rq->record.status = 200;
	if (served_record_intent(rq, on_published) != SC_OK)
		served_refuse_keys(rq, SC_LIMIT);
}

static void on_leave(struct served_request *rq)
{
	rq->record.release = NULL;
	free(rq->state);
}

static const struct served_ops publish_ops = { .on_end = on_end, .on_leave = on_leave };

/* Who asks, and may they? False when it was refused and answered. */
static bool begin(struct served_request *rq)
{
	metric_add(&rq->worker->shared->metrics, METRIC_API, 1);
	rq->record.kind = AUDIT_ADMIN;
	rq->record.act = "views.publish";
	if (!served_identify(rq, -1) || !served_log_ready(rq))
		return false;
	if (policy_role_publishes(rq->gen->config->policy, rq->principal->role))
		return true;
	metric_add(&rq->worker->shared->metrics, METRIC_REFUSED_POLICY, 1);
	return served_refuse(rq, 403, "policy",
	    "this caller's role does not publish: the policy's group \"publish\" has those "
	    "that do");
}

void api_views_publish(struct served_request *rq)
{
	if (!begin(rq))
		return;
	if ((rq->state = calloc(1, sizeof(struct publishing))) == NULL) {
		served_refuse_busy(rq);
		return;
	}
	rq->ops = &publish_ops;
	http_call_buffer_body(rq->call, BODY_MAX);
}
