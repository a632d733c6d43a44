/*
 * fields.h - which header fields travel on, in both directions.
 */
#ifndef GATEWAY_PROXY_FIELDS_H
#define GATEWAY_PROXY_FIELDS_H

#include "gateway/serve/visit.h"

/* What a body is by the fields that describe it. */
enum fields_body {
	FIELDS_OTHER,  /* something else than JSON, and surely so */
	FIELDS_JSON,   /* application/json, anything +json */
	FIELDS_NDJSON, /* application/x-ndjson, application/ndjson, application/jsonl */
	/*
	 * What another reader may take for JSON but cannot be read here: no type
	 * or two, a JSON of another kind or charset, encoded, a part of a
	 * document. Never passes where there are rules.
	 */
	FIELDS_DOUBTFUL,
};
enum fields_body fields_body(const struct http_head *h);

/* FIELDS_JSON or FIELDS_NDJSON: rules can be applied. */
static inline bool fields_is_json(enum fields_body body)
{
	return body == FIELDS_JSON || body == FIELDS_NDJSON;
}

/* Does the body have a Content-Encoding other than identity? */
bool fields_is_encoded(const struct http_head *h);

/*
 * What the upstream gets of V's request: never the credential by which the
 * caller was known, nor any Scrim-* field. Where the answer is to be protected
 * it is asked for plain and whole; where the body was (REWRITTEN), nothing tells
 * the digest of what it was. OUT has room for HTTP_FIELDS_MAX + 2;
 * ID (17 bytes) must live as long as OUT. Returns how many.
 */
size_t fields_for_upstream(struct visit *v, struct http_field *out, bool rewritten,
    char id[static 17]);

/*
 * What the client gets of an upstream's answer, whose body was REWRITTEN or not.
 * OUT has room for HTTP_FIELDS_MAX.
 */
size_t fields_for_client(const struct http_head *h, struct http_field *out, bool rewritten);

/*
 * The same when the body is withheld and a problem document stands in its
 * place: nothing that speaks of the body, nor lets anybody keep what is answered.
 * OUT has room for HTTP_FIELDS_MAX + FIELDS_WITHHELD_MORE.
 */
#define FIELDS_WITHHELD_MORE 2
size_t fields_for_withheld(const struct http_head *h, struct http_field *out);

#endif
