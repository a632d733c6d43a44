/*
 * show.h - walk a log's entries, oldest first, through a filter. Includes what
 * is durable in the journal but not yet in the tree.
 *
 * Showing does not verify: audit_verify() does.
 */
#ifndef AUDIT_REVIEW_SHOW_H
#define AUDIT_REVIEW_SHOW_H

#include "base/diag.h"
#include "base/span.h"
#include "base/err.h"

/* Every field that is set must match. All zero: everything. */
struct audit_filter {
	uint64_t since;             /* first index looked at */
	uint64_t limit;             /* stop after so many matches; 0: all */
	uint64_t from_ms, until_ms; /* Unix ms, until exclusive; 0: open */
	uint64_t request_id;        /* 0: any */
	const char *kind;           /* "reveal" ...; NULL: any */
	const char *principal, *role, *purpose, *route, *op, *outcome;
	const char *subject; /* handle, 32 hex digits */
};

/* One entry: its index and its JSON, borrowed. Another code than SC_OK stops the walk. */
typedef enum sc_err audit_line_fn(void *arg, uint64_t index, struct sc_span json);

/* Fails with SC_CORRUPT (unreadable file), SC_IO, SC_NOMEM, or what LINE said. */
SC_CHECKED enum sc_err audit_show(const char *dir, const struct audit_filter *f,
    audit_line_fn *line, void *arg, struct sc_diag *d, uint64_t *matched);

#endif
