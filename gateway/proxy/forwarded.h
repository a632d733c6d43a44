/*
 * forwarded.h - what an upstream is told of how it was called, and what a caller is told of
 * where it answers.
 */
#ifndef GATEWAY_PROXY_FORWARDED_H
#define GATEWAY_PROXY_FORWARDED_H

#include "gateway/config/config.h"

/*
 * Of the N fields at V, on their way to an upstream: X-Forwarded-Proto and -Host say how the
 * gateway was called, over TLS or not and by the name HOST (empty: by none). What else speaks of
 * that is left out where TLS ends here, since then nobody knows it better; on a plain listener
 * somebody may stand in front, whose word stands. V has room for FORWARDED_MORE more, and
 * borrows HOST. Returns how many.
 */
#define FORWARDED_MORE 2
size_t forwarded_tell(enum config_forwarded how, bool tls, struct sc_span host,
    struct http_field *v, size_t n);

/*
 * Of the N fields at V of an upstream's answer: a Location at the upstream's own address, which
 * means nothing to the caller, becomes its path, which is the same here.
 */
void forwarded_place(const struct config_route *r, struct http_field *v, size_t n);

#endif
