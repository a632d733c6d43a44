/*
 * points.h - places of a document that say whose it is and of which order. Private to protect/.
 */
#ifndef GATEWAY_PROTECT_POINTS_H
#define GATEWAY_PROTECT_POINTS_H

#include "gateway/protect/planner.h"

/* F stands at POINTS: places of the subject's, or the order's. Fails as plan_decode(). */
SC_CHECKED enum sc_err points_take(struct planner *m, const struct codec_field *f, uint32_t points);
/* The first place where something stands says whose the document is. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err points_settle_subject(struct planner *m);
/*
 * The whole document was seen: whose it is, and of which order, is known now. It is refused, or
 * what is nobody's closed, where it must name somebody. Fails with SC_NOMEM, SC_LIMIT.
 */
SC_CHECKED enum sc_err points_settle(struct planner *m);

#endif
