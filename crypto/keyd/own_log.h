/*
 * own_log.h - keyd's own log: opened under the keyring's log key, its vkey beside it,
 * and held against the head that was kept of it.
 */
#ifndef CRYPTO_KEYD_OWN_LOG_H
#define CRYPTO_KEYD_OWN_LOG_H

#include "crypto/keyd/own_head.h"
#include "crypto/keyring/keyring.h"

/*
 * H has store, origin and dir, and lives as long as the log; CHECK: it must extend the
 * head that was kept. Fails as tlog_open() and own_head_check() do, and with SC_IO (the
 * vkey cannot be written); *OUT may be open then, and is the caller's to tlog_close() all the same.
 */
SC_CHECKED enum sc_err own_log_open(struct own_head *h, struct keyring *kr, bool check,
    struct sc_diag *d, struct tlog **out);
/*
 * Wait until all that is durable has gone into the tree, so that it can be read back
 * from the folder: *SIZE entries. Fails with SC_IO when it does not get there; D says why.
 */
SC_CHECKED enum sc_err own_log_settle(struct tlog *log, struct sc_diag *d, uint64_t *size);
/* Wait until all that was appended is on the disk. Fails with SC_IO; D says why. */
SC_CHECKED enum sc_err own_log_durable(struct tlog *log, struct sc_diag *d);

#endif
