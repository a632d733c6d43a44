/*
 * beside.h - what a request says beside its body: its query, and its header fields.
 *
 * On a route that looks at what no rule speaks of both are looked at as the body is: the query as
 * a form, under the request's own rules (servlets and PHP read a name of a form's in the query as
 * if it stood in the form), the fields as one that has a field's name and value each. What is for
 * the way, or known by its name to be a program's own, is left alone.
 */
#ifndef GATEWAY_PROXY_BESIDE_H
#define GATEWAY_PROXY_BESIDE_H

#include "gateway/serve/served.h"

struct beside;

/* Is there anything to be looked at beside RQ's body? */
bool beside_wanted(const struct served_request *rq);

typedef void beside_done_fn(struct served_request *rq);
/*
 * Look at it, for the person SUBJECT (empty: of nobody), who is borrowed until done; DONE is
 * called when all of it may travel on. When it may not RQ was refused and answered.
 */
void beside_protect(struct served_request *rq, struct sc_span subject, beside_done_fn *done);
void beside_free(struct beside *b); /* NULL is fine */

/* What RQ's target is now. */
struct sc_span beside_target(const struct served_request *rq);
/* The N fields at V, which are RQ's, with what their values have become. */
void beside_fields(const struct served_request *rq, struct http_field *v, size_t n);

#endif
