/*
 * answer.h - an upstream's answer, on to the client.
 */
#ifndef GATEWAY_PROXY_ANSWER_H
#define GATEWAY_PROXY_ANSWER_H

#include "gateway/serve/served.h"

/*
 * Answer RQ with its exchange's head and BODY, which may pass; it ends the request. The answer to
 * a HEAD has the fields that GET's would have, and no length but one that is known.
 */
void answer_pass(struct served_request *rq, struct sc_span body);

#endif
