/*
 * fields.h - which header fields travel on, in both directions.
 */
#ifndef GATEWAY_PROXY_FIELDS_H
#define GATEWAY_PROXY_FIELDS_H

#include "gateway/serve/visit.h"

/* What a body is by its media type; anything encoded, or with two types, is OTHER. */
enum fields_body {
	FIELDS_OTHER,
	FIELDS_JSON,	/* application/json, anything +json */
	FIELDS_NDJSON,	/* application/x-ndjson, application/ndjson, application/jsonl */
};
enum fields_body fields_body(const struct http_head *h);

/* Does the body have a Content-Encoding other than identity? */
bool fields_is_encoded(const struct http_head *h);

/*
 * What the upstream gets of V's request: never the credential by which the
 * caller was known, nor any Scrim-* field; Accept-Encoding becomes identity
 * where the answer is to be protected. OUT has room for HTTP_FIELDS_MAX + 2;
 * ID (17 bytes) must live as long as OUT. Returns how many.
 */
size_t fields_for_upstream(struct visit *v, struct http_field *out, char id[static 17]);

/* What the client gets of an upstream's answer. OUT has room for HTTP_FIELDS_MAX. */
size_t fields_for_client(const struct http_head *h, struct http_field *out);

#endif
