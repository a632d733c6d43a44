/*
 * own_log.h - queryd's own log: who asked which release what, and for what, before anything
 * of the answer leaves.
 *
 * Nobody signs its heads here, for queryd reaches nobody who could: the gateway reads the
 * folder, and has them signed.
 */
#ifndef ANALYTICS_QUERYD_OWN_LOG_H
#define ANALYTICS_QUERYD_OWN_LOG_H

#include "base/diag.h"
#include "crypto/record/record.h"
#include "crypto/tlog/writer.h"

struct own_log; /* of any thread */

/* The log in DIR, of TENANT, which is borrowed. Fails like tlog_open(). */
SC_CHECKED enum sc_err own_log_open(const char *dir, const struct sc_name *tenant,
    struct sc_diag *d, struct own_log **out);
void own_log_close(struct own_log *l); /* nobody waits in it any more; NULL is fine */

/* Take R, with its tenant, and give its index. Fails with SC_IO, SC_AGAIN, SC_NOMEM, SC_BUG. */
SC_CHECKED enum sc_err own_log_append(struct own_log *l, struct audit_record *r, uint64_t *index);
/* The same, and wait until it is on the disk. SC_IO also when that takes too long. */
SC_CHECKED enum sc_err own_log_commit(struct own_log *l, struct audit_record *r, uint64_t *index);
/* A record about queryd itself; ACT may be NULL. */
void own_log_note(struct own_log *l, enum audit_kind kind, const char *act);

void own_log_status(struct own_log *l, struct tlog_status *out);

#endif
