/*
 * withhold.h - an upstream's answer whose body cannot be protected.
 *
 * The upstream has done what it did: its status stands, and with it every
 * field that does not speak of the body. A 2xx turned into a 502 makes a shop
 * send its order again; a final 4xx turned into one makes it try for ever.
 */
#ifndef GATEWAY_PROXY_WITHHOLD_H
#define GATEWAY_PROXY_WITHHOLD_H

#include "gateway/serve/served.h"

/*
 * Answer RQ with the status of its exchange's head, the fields that may travel
 * on, and in the body's place a problem document of our own, because of CAUSE
 * (not PROTECT_DONE); it ends the request. OFFSET: byte of the upstream's body,
 * or SIZE_MAX. Recorded, counted and logged.
 */
void withhold_answer(struct served_request *rq, enum protect_outcome cause, size_t offset);

#endif
