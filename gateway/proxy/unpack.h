/*
 * unpack.h - a body that came packed, as the document that it was.
 */
#ifndef GATEWAY_PROXY_UNPACK_H
#define GATEWAY_PROXY_UNPACK_H

#include "gateway/serve/served.h"

/*
 * Where its head says that BODY, of the request of RQ, is packed by gzip it becomes what it was,
 * in RQ->unpacked, followed by CODEC_PAD zeros; never more than one body may be. False when it is
 * none, torn or too much: refused and answered.
 */
bool unpack_request(struct served_request *rq, struct sc_span *body);

/* The same for the answer to RQ. False when it was withheld. */
bool unpack_answer(struct served_request *rq, struct sc_span *body);

/* The same of either, to be looked at alone. False when it cannot be; nobody is answered. */
bool unpack_to_look(struct served_request *rq, bool answer, struct sc_span *body);

#endif
