/* whose.h - whose a proxied document is, as far as the request's own line and fields say it. */
#ifndef GATEWAY_PROXY_WHOSE_H
#define GATEWAY_PROXY_WHOSE_H

#include "gateway/config/config.h"
#include "net/http/head.h"

/*
 * What stands at those places of ROUTE's subject that are no bodies, in GIVEN, decoded into TEXT
 * where it must be. GIVEN borrows both. Fails with SC_NOMEM, SC_LIMIT.
 */
SC_CHECKED enum sc_err whose_find(const struct config_route *route, const struct http_head *h,
    struct sc_buf *text, struct subject_found given[static SUBJECT_PLACES_MAX]);

#endif
