/*
 * undeclared_names.h - the names that lead to where a walk has come. Private to protect/.
 */
#ifndef GATEWAY_PROTECT_UNDECLARED_NAMES_H
#define GATEWAY_PROTECT_UNDECLARED_NAMES_H

#include "gateway/protect/planner.h"

static inline uint32_t undeclared_level_of(uint32_t depth)
{
	return depth < UNDECLARED_LEVELS ? depth : UNDECLARED_LEVELS - 1;
}

/* The piece that W has come to stands in containers that began since the one before. */
void undeclared_enter(struct undeclared_walk *w);
/* The piece is a member's name: what it says is read. Fails as plan_decode(). */
SC_CHECKED enum sc_err undeclared_take_name(struct planner *m, struct undeclared_walk *w);

#endif
