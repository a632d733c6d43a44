/*
 * proxy.h - a request that belongs to a route: protect it, forward it, protect
 * the answer.
 */
#ifndef GATEWAY_PROXY_PROXY_H
#define GATEWAY_PROXY_PROXY_H

#include "gateway/serve/visit.h"

/* Take over the visit V, whose route is set and whose head has just come. */
void proxy_begin(struct visit *v);

#endif
