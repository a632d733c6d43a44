/*
 * release_rig.h - a small release by hand, with things in its file that no statement may see.
 *
 *	sales(category text, channel text, orders integer, revenue integer)	RIG_ROWS rows
 *	people(region text, age text, visits integer)				RIG_ROWS rows
 *	dictionary
 *	hidden(secret text), a view and an index over it	of no release: RIG_CANARY in each row
 */
#ifndef TESTS_UNIT_QUERY_RELEASE_RIG_H
#define TESTS_UNIT_QUERY_RELEASE_RIG_H

#include "analytics/shelf/shelf.h"

#define RIG_ROWS 200
#define RIG_CANARY "canary-3f9a1c"
#define RIG_CANARY_NUMBER 7700900123

struct release_rig {
	char folder[128];
	struct shelf_release release;
};

/* Make it in a folder of its own below $TMPDIR; another file with the canary stands beside. */
void release_rig_init(struct release_rig *r);
void release_rig_fini(struct release_rig *r);

#endif
