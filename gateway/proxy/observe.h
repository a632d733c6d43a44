/*
 * observe.h - bodies on a route that observes ("observe": true): looked at, and left as they are.
 */
#ifndef GATEWAY_PROXY_OBSERVE_H
#define GATEWAY_PROXY_OBSERVE_H

#include "gateway/serve/served.h"

/* What RULES would do with BODY, of RQ's request or (ANSWER) of its answer, is noted. */
void observe_body(struct served_request *rq, bool answer, struct sc_span body);

/* May the body with head H be held back to be looked at? One that is larger streams, unread. */
bool observe_holds(const struct served_request *rq, const struct http_head *h);

#endif
