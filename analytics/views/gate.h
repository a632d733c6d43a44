/*
 * gate.h - nothing is published that the checker has not derived again: from the finished
 * file, as whoever gets it reads it, and from the source, read once more.
 */
#ifndef ANALYTICS_VIEWS_GATE_H
#define ANALYTICS_VIEWS_GATE_H

#include "analytics/views/rules.h"

/* A release that is held against its source. */
struct view_gate {
	struct view_rules *rules;
	struct view_source *source;
	const struct check_wants *wants;
	const struct shelf_table *table;
	const char *path;     /* the database */
	const uint32_t *from; /* row of the source that each row of it was, from 0 */
	size_t n;             /* of them */
};

/*
 * Hold it. REPORT: what the checker counted. Fails with SC_CORRUPT (the file does not keep
 * what is wanted, or is not of this source; D says why), SC_STALE, SC_SYNTAX, SC_LIMIT,
 * SC_IO, SC_NOMEM.
 */
SC_CHECKED enum sc_err view_gate_hold(const struct view_gate *g, struct check_report *report,
    struct sc_diag *d);

#endif
