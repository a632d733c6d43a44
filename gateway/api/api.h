/*
 * api.h - Scrim's own endpoints, one begin function per row of the table in
 * serve/dispatch.c. Each takes over a request whose head has just come.
 *
 * docs/openapi.yaml describes what goes in and comes out.
 */
#ifndef GATEWAY_API_API_H
#define GATEWAY_API_API_H

#include "gateway/serve/served.h"

/* values.c: batches of single values */
void api_batch_begin(struct served_request *rq);

/* rewrite.c: a route's rewriting on a stream of NDJSON */
void api_rewrite_begin(struct served_request *rq);

/* subjects.c: POST /v1/subjects/erase and /v1/subjects/{id}/erase */
void api_erase_begin(struct served_request *rq);
void api_subject_begin(struct served_request *rq);
/* merge.c: POST /v1/subjects/{id}/merge; ID, percent-encoded still, is empty for another path */
void api_merge_begin(struct served_request *rq, struct sc_span id);
struct sc_span api_merge_id(const struct http_head *h);
/* Is it a request for the erasure of an id? That may hold what no other path may. */
bool api_subject_path(const struct http_head *h);
/*
 * The one segment of PATH between PREFIX and SUFFIX as it stands, percent-encoded; empty when the
 * path has another shape.
 */
struct sc_span api_path_id(struct sc_span path, const char *prefix, const char *suffix);

/* consents.c: PUT and GET /v1/subjects/{id}/consents, /v1/devices/{id}/consents */
void api_consents_put(struct served_request *rq);
void api_consents_get(struct served_request *rq);
/* Is it a request for one of these? Like api_subject_path(). */
bool api_consents_path(const struct http_head *h);

/* bindings_make.c, bindings_list.c, bindings_change.c, bindings_end.c, pools.c: virtual numbers */
void api_bindings_make(struct served_request *rq);
void api_bindings_list(struct served_request *rq);
void api_binding_get(struct served_request *rq);
void api_binding_change(struct served_request *rq);
void api_binding_end(struct served_request *rq);
void api_bindings_end(struct served_request *rq);
void api_bindings_complete(struct served_request *rq);
void api_pools(struct served_request *rq);
void api_pool(struct served_request *rq);
/* calling.c: is it a telephony peer's, and are there virtual numbers? False: it was refused and answered. */
bool api_telephony_begin(struct served_request *rq);
/* route.c, sms.c, call_events.c: POST /v1/route, /v1/sms, /v1/call-events */
void api_route_begin(struct served_request *rq);
void api_sms_begin(struct served_request *rq);
void api_call_events_begin(struct served_request *rq);

/* twiml.c: POST /v1/telephony/twiml/... */
void api_twiml_begin(struct served_request *rq);

/* collect.c: POST /v1/batch and its like */
void api_collect_begin(struct served_request *rq);
/* collect_script.c: GET /collect.js, /sourceConfig/, OPTIONS on what pages use */
void api_collect_preflight(struct served_request *rq);
void api_collect_script(struct served_request *rq);
void api_collect_source_config(struct served_request *rq);
/* collect_ask.c: POST /v1/collect/snapshot, GET /v1/collect/number, /v1/collect/status */
void api_collect_snapshot(struct served_request *rq);
void api_collect_number(struct served_request *rq);
void api_collect_status(struct served_request *rq);

/* views.c: POST /v1/views/publish */
void api_views_publish(struct served_request *rq);

/* health.c */
void api_healthz(struct served_request *rq);
void api_readyz(struct served_request *rq);
void api_metrics(struct served_request *rq);

#endif
