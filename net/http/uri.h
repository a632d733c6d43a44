/*
 * uri.h - the parts of a request's target that are read, not routed by.
 */
#ifndef NET_HTTP_URI_H
#define NET_HTTP_URI_H

#include "base/buf.h"

/*
 * Append what IN, percent-encoded, stands for (RFC 3986 §2.1). False when it is
 * malformed or does not fit OUT.
 */
bool http_percent_decode(struct sc_span in, struct sc_buf *out);

/* The value of NAME in a QUERY of plain name=value pairs, as it stands; empty when absent. */
struct sc_span http_query_value(struct sc_span query, const char *name);

#endif
