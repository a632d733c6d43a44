/*
 * reconcile.h - hold keyd's openings against scrimd's records.
 *
 * Every opening in keyd's log must have a record with the same request id in
 * scrimd's log that tells of one, and the other way round. One without its pair
 * means that a side was bypassed, or that its log lost something.
 */
#ifndef AUDIT_REVIEW_RECONCILE_H
#define AUDIT_REVIEW_RECONCILE_H

#include "audit/review/show.h"

struct audit_reconciled {
	uint64_t keyd_openings;          /* records of openings in keyd's log */
	uint64_t scrimd_openings;        /* records in scrimd's that tell of one */
	uint64_t pairs;                  /* request ids on both sides */
	uint64_t only_keyd, only_scrimd; /* request ids on one side */
	uint64_t recent;                 /* of those, younger than GRACE_MS: may still arrive */
	uint64_t without_id;             /* openings without a request id: cannot be joined */
};

/*
 * LINE is told each lone opening as a JSON line of ours,
 * {"side":"keyd","index":12,"req":"00000000000000ab","at":1789}, in the order of
 * their request ids. Lone ones younger than GRACE_MS before the newest entry of
 * either log are only counted.
 * SC_OK whatever was found: `only_*` and `without_id` say whether it is well.
 */
SC_CHECKED enum sc_err audit_reconcile(const char *keyd_dir, const char *scrimd_dir,
    uint64_t grace_ms, audit_line_fn *line, void *arg, struct sc_diag *d,
    struct audit_reconciled *out);

#endif
