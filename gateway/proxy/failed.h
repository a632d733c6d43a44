/*
 * failed.h - a request whose upstream gave no answer that could be passed on.
 */
#ifndef GATEWAY_PROXY_FAILED_H
#define GATEWAY_PROXY_FAILED_H

#include "gateway/serve/served.h"

/*
 * Answer RQ with the problem that belongs to WHY, and end it. An upstream that was
 * reached is told of in one line of the log.
 */
void failed_upstream(struct served_request *rq, enum http_client_error why);
/* The same where the request could not be sent at all: ERR is http_client_request()'s. */
void failed_sending(struct served_request *rq, enum sc_err err);

#endif
