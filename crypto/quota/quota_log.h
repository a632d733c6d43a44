/*
 * quota_log.h - who was shown whom, and who was erased, as keyd's own log tells it.
 */
#ifndef CRYPTO_QUOTA_QUOTA_LOG_H
#define CRYPTO_QUOTA_QUOTA_LOG_H

#include "base/diag.h"
#include "crypto/quota/quota_rows.h"

/*
 * What the log tells of a day's openings, searches, sealings, merges and erasures: SUBJECT
 * counts in WHO's book of KIND (quota_rows.h); SUBJECT 0: N whom the record does not name.
 */
struct quota_told {
	unsigned kind;
	uint64_t day, subject, n;
	struct sc_name who; /* a principal, or a gateway */
};
typedef enum sc_err quota_shown_fn(void *arg, const struct quota_told *t);

/*
 * Tell SHOWN of each of the entries FROM to before *TO, of a tree of SIZE entries in
 * the folder DIRFD. Whoever does not stand in a record but in parts before it is told of with it:
 * *TO is never between them, but moves on to behind it. Fails with SC_CORRUPT, SC_IO, SC_NOMEM,
 * SC_LIMIT, or as SHOWN does; D says why.
 */
SC_CHECKED enum sc_err quota_log_read(int dirfd, uint64_t from, uint64_t *to, uint64_t size,
    quota_shown_fn *shown, void *arg, struct sc_diag *d);

/*
 * The entry before which nothing is of DAY or later, but for a clock that was set
 * back: found from the newest one backwards. Fails likewise.
 */
SC_CHECKED enum sc_err quota_log_begin(int dirfd, uint64_t size, uint64_t day, uint64_t *out,
    struct sc_diag *d);

#endif
