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

enum withhold {
	WITHHOLD_NONE,      /* the body passes, or nobody has looked yet */
	WITHHOLD_TYPE,      /* it is not plain JSON */
	WITHHOLD_TOO_LARGE, /* than limits.body_max, or what is buffered in all */
	WITHHOLD_MALFORMED,
	WITHHOLD_UNFIT, /* a value that its rule refuses */
	WITHHOLD_SHAPE, /* not that of the rules */
	WITHHOLD_POLICY,
	WITHHOLD_KEYS,         /* keyd does not answer */
	WITHHOLD_OTHER_POLICY, /* keyd decides by another file at the moment */
	WITHHOLD_LOG,          /* keyd cannot record */
	WITHHOLD_REFUSED,      /* keyd refuses the caller */
	WITHHOLD_FAILED,
	WITHHOLD_COUNT
};

/* Why a document's outcome (not PROTECT_DONE) withholds it. */
enum withhold withhold_of(enum protect_outcome outcome);

/*
 * Answer V with the status of its exchange's head, the fields that may travel
 * on, and a problem document of our own in the body's place, and end the visit. OFFSET:
 * byte of the upstream's body, or SIZE_MAX. Recorded, counted and logged.
 */
void withhold_answer(struct visit *v, enum withhold cause, size_t offset);

#endif
