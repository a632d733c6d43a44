/*
 * withhold.h - an upstream's answer whose body cannot be protected.
 *
 * The upstream has done what it did: its status stands, and with it every
 * field that does not speak of the body. A 2xx turned into a 502 makes a shop
 * send its order again; a final 4xx turned into one makes it try for ever.
 */
#ifndef GATEWAY_PROXY_WITHHOLD_H
#define GATEWAY_PROXY_WITHHOLD_H

#include "gateway/serve/visit.h"

/*
 * Answer V with the status of its exchange's head, the fields that may travel
 * on, and a problem document of our own in the body's place, because of CAUSE (not PROTECT_DONE), and end the visit. OFFSET:
 * byte of the upstream's body, or SIZE_MAX. Recorded, counted and logged.
 */
void withhold_answer(struct visit *v, enum protect_outcome cause, size_t offset);

#endif
