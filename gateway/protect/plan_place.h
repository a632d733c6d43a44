/*
 * plan_place.h - where in a document an offset is: the JSONPath of the value that stands there, for
 * who is told of a plan. It names no person (undeclared_path.h).
 */
#ifndef GATEWAY_PROTECT_PLAN_PLACE_H
#define GATEWAY_PROTECT_PLAN_PLACE_H

#include "gateway/protect/planner.h"

#define PLAN_PLACE_MAX UNDECLARED_PATH_MAX

/* A document being gone through for the places of offsets that ascend. */
struct plan_place_walk {
	struct planner m;
	struct undeclared_walk w; /* the last piece that begins no later than what was asked of */
	struct codec_piece next;  /* and the one behind it ... */
	bool have, over;          /* ... if it was read, and if there is one */
};

/* DOC is well-formed, and P one whose plan was made by T: its working storage is used. */
void plan_place_begin(struct plan_place_walk *k, struct plan *p, const struct plan_terms *t,
    struct sc_span doc);

/*
 * The path of what stands at AT, which is not before what was asked of last. "$.." when it cannot
 * be told.
 */
void plan_place_find(struct plan_place_walk *k, size_t at, char out[static PLAN_PLACE_MAX]);

#endif
