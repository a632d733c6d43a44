/*
 * meter.h - what a statement may use up: steps of SQLite's machine, time of the processor,
 * memory. Private to analytics/query.
 *
 * SQLite's own ceiling on memory is the whole process's, so that one greedy statement would
 * starve its neighbours. Here every allocation is counted for the thread that makes it, and
 * refused past the statement's share. That also ends a statement that is greedy while it is
 * prepared, where this SQLite asks no progress handler.
 */
#ifndef ANALYTICS_QUERY_METER_H
#define ANALYTICS_QUERY_METER_H

#include "analytics/query/query.h"

#define METER_STEPS 50 /* of the machine, between two looks */

enum meter_end { METER_GOES, METER_STEPS_OUT, METER_TIME_OUT, METER_MEMORY_OUT, METER_TOLD };

struct query_meter {
	const struct query_limits *limits;
	const struct query_sink *sink; /* NULL, or who is asked whether to go on */
	uint64_t steps;
	int64_t bytes;                /* taken and not given back since it began */
	uint64_t looked_ns, until_ns; /* clock that runs on; the processor's for this thread */
	unsigned calls;               /* of the allocator */
	enum meter_end end;
	enum sc_err told; /* by the sink, with METER_TOLD */
};

/* As query_init(). */
SC_CHECKED enum sc_err meter_init(void);
bool meter_ready(void);

/* This thread's SQLite is on M from now on, or no more. */
void meter_begin(struct query_meter *m, const struct query_limits *l, const struct query_sink *s);
void meter_end(void);

/* A progress handler, called each METER_STEPS steps: not 0 ends the statement. */
int meter_tick(void *meter);

#endif
