/*
 * problem.h - error answers: RFC 9457 application/problem+json.
 *
 * {"type":"urn:scrim:problem:NAME","title":...,"status":...,"detail":...,
 *  "offset":..., "request_id":"16 hex digits"}. It quotes nothing that a client sent.
 */
#ifndef NET_HTTP_PROBLEM_H
#define NET_HTTP_PROBLEM_H

#include "base/buf.h"

struct http_problem {
	unsigned status;
	const char *name;   /* stable, kebab-case: "too-large" */
	const char *title;  /* NULL: the status's own text */
	const char *detail; /* static text for a person; NULL: left out */
};

#define HTTP_PROBLEM_TYPE "application/problem+json"
#define HTTP_RETRY_AFTER "1" /* seconds; goes with every 503 */

/* Append the JSON object to OUT. OFFSET: byte of the body, or SIZE_MAX. Fails like sc_buf_put(). */
SC_CHECKED enum sc_err http_problem_print(const struct http_problem *p, size_t offset,
    uint64_t request_id, struct sc_buf *out);

#endif
