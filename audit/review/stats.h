/*
 * stats.h - a log in numbers: entries, kinds, values, who and what.
 */
#ifndef AUDIT_REVIEW_STATS_H
#define AUDIT_REVIEW_STATS_H

#include "base/diag.h"
#include "crypto/record/record.h"

#define AUDIT_STATS_NAMES \
	64 /* principals, routes, classes kept apart; the rest is counted as "other" */

struct audit_tally {
	char name[SC_NAME_MAX + 1];
	uint64_t n;
};

struct audit_stats {
	uint64_t entries, bytes;
	uint64_t first_ms, last_ms; /* 0 when empty */
	uint64_t kinds[AUDIT_KIND_COUNT];
	uint64_t unreadable; /* entries that are not records of ours */
#define AUDIT_SUM(name) uint64_t name;
	AUDIT_COUNTS(AUDIT_SUM)
#undef AUDIT_SUM
	struct audit_tally principals[AUDIT_STATS_NAMES], routes[AUDIT_STATS_NAMES],
	    classes[AUDIT_STATS_NAMES]; /* most first; an empty name ends the list */
};

/* Fails as audit_show() does. */
SC_CHECKED enum sc_err audit_stats(const char *dir, struct sc_diag *d, struct audit_stats *out);

#endif
