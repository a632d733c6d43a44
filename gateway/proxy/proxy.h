/*
 * proxy.h - a request that belongs to a route: protect it, forward it, protect
 * the answer.
 */
#ifndef GATEWAY_PROXY_PROXY_H
#define GATEWAY_PROXY_PROXY_H

#include "gateway/serve/served.h"

/* Take over the request RQ, whose route is set and whose head has just come. */
void proxy_begin(struct served_request *rq);

#endif
