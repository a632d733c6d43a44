/*
 * quota_log.h - who was shown whom today, read back from keyd's own log when
 * it starts, so that a restart gives nobody a second quota of openings.
 */
#ifndef CRYPTO_KEYD_QUOTA_LOG_H
#define CRYPTO_KEYD_QUOTA_LOG_H

#include "base/diag.h"
#include "crypto/keyd/quota.h"

#define QUOTA_LOG_ENTRIES 500000u /* looked at, newest first; some seconds */

/*
 * Read the log in DIR, a tree of SIZE entries, back to the beginning of the
 * UTC day of NOW_MS. *CUT tells that the day has more entries than are read.
 * Fails with SC_CORRUPT, SC_IO, SC_NOMEM, SC_LIMIT; D says why.
 */
SC_CHECKED enum sc_err quota_restore(struct quota *q, const char *dir, uint64_t size,
    uint64_t now_ms, bool *cut, struct sc_diag *d);

#endif
