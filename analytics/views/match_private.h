/*
 * match_private.h - what both halves of matching share: kinds of rows, and who fits whom.
 */
#ifndef ANALYTICS_VIEWS_MATCH_PRIVATE_H
#define ANALYTICS_VIEWS_MATCH_PRIVATE_H

#include "analytics/views/match.h"

/* Rows that are equal in every cell are one kind. */
struct match_kinds {
	uint32_t *rows;  /* one kind after the other */
	uint32_t *first; /* of each kind, in ROWS; and the end */
	size_t n;
};

/* Kinds of the table that fit kinds of the release. */
struct match_edges {
	uint32_t *to;   /* kinds of the table; of release kind G from START[g] to START[g + 1] */
	uint32_t *flow; /* rows that go this way */
	size_t *start;
	size_t n, cap;
};

/*
 * Let rows flow along EDGES until every row of the release's kinds has one; LEFT: rows of each
 * of the table's kinds that are not used yet. False in *OK: there is no way. Fails with SC_NOMEM.
 */
SC_CHECKED enum sc_err match_flow(struct match_edges *e, const struct match_kinds *released,
    size_t n_original, uint32_t *left, bool *ok);

#endif
