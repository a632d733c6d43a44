/*
 * drift.h - telling of what appeared where no rule speaks: the first time at once, and what came
 * since by the hour.
 *
 * An entry of the access log says the route, the place, the class and how often, so that "since
 * when" has the log's proof; no entry says a value. Places are bounded: whoever invents names
 * fills the table, and from then on is only counted.
 */
#ifndef GATEWAY_SERVE_DRIFT_H
#define GATEWAY_SERVE_DRIFT_H

#include "gateway/protect/plan.h"
#include "gateway/serve/worker.h"

#define DRIFT_PLACES_MAX 1024
#define DRIFT_AGAIN_MS 3600000u /* what came since is told so often */

struct drift; /* any thread may use it */

/* NULL: no memory. It tells by way of SHARED, which outlives it. */
struct drift *drift_new(struct worker_shared *shared);
/* What was not told yet is told first: before the log's end. NULL is fine. */
void drift_free(struct drift *d);

/* The N places of SEEN, on ROUTE, in the request of that ID. D NULL: nobody is told. */
void drift_note(struct drift *d, const struct sc_name *route, uint64_t request_id,
    const struct undeclared_seen *seen, size_t n);

#endif
