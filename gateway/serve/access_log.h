/*
 * access_log.h - putting records into the access log.
 */
#ifndef GATEWAY_SERVE_ACCESS_LOG_H
#define GATEWAY_SERVE_ACCESS_LOG_H

#include "crypto/record/record.h"
#include "gateway/serve/worker.h"

/*
 * Append R; *INDEX is its place. URGENT: on disk as soon as can be, else within
 * TLOG_DELAY_MS. Fails like audit_record_print() and tlog_append().
 */
SC_CHECKED enum sc_err access_log_append(struct worker_shared *shared, const struct audit_record *r,
    bool urgent, uint64_t *index);

/* The same for a record nobody waits for: a failure is reported and counted. */
void access_log_note(struct worker_shared *shared, const struct audit_record *r);

/* A record of the gateway's own life: start, stop, reload. */
void access_log_event(struct worker_shared *shared, enum audit_kind kind);

#endif
