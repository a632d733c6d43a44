/*
 * api.h - Scrim's own endpoints, one begin function per row of the table in
 * serve/dispatch.c. Each takes over a visit whose head has just come.
 *
 * docs/openapi.yaml describes what goes in and comes out.
 */
#ifndef GATEWAY_API_API_H
#define GATEWAY_API_API_H

#include "gateway/serve/visit.h"

/* values.c: batches of single values */
void api_seal_begin(struct visit *v);
void api_reveal_begin(struct visit *v);
void api_index_begin(struct visit *v);
void api_mask_begin(struct visit *v);

/* rewrite.c: a route's rewriting on a stream of NDJSON */
void api_rewrite_begin(struct visit *v);

/* subjects.c: POST /v1/subjects/erase and /v1/subjects/{id}/erase */
void api_erase_begin(struct visit *v);
void api_subject_begin(struct visit *v);
/* Is it a request for the second? Its id may hold what no other path may. */
bool api_subject_path(const struct http_head *h);

/* health.c */
void api_healthz(struct visit *v);
void api_readyz(struct visit *v);
void api_metrics(struct visit *v);

#endif
