/*
 * trail.h - records of the gateway's own life: start, stop, reload.
 */
#ifndef GATEWAY_SERVE_TRAIL_H
#define GATEWAY_SERVE_TRAIL_H

#include "crypto/tlog/record.h"
#include "gateway/serve/worker.h"

/* Append a record of KIND. A log that cannot take it is reported and counted. */
void trail_event(struct gate *gate, enum audit_kind kind);

#endif
