/*
 * meter.c - counting steps, time and memory of one statement on one thread.
 */
#include "analytics/query/meter.h"

#include <sqlite3.h>
#include <string.h>
#include <time.h>

#define LOOK_NS 1000000u /* the processor's time is asked for once in that */
#define LOOK_CALLS 256u  /* or once in so many allocations */
#define NS_OF_MS 1000000u

static sqlite3_mem_methods below; /* SQLite's own */
static bool ready;
static _Thread_local struct query_meter *here;

static uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* ---- memory -------------------------------------------------------------------------- */

/* May N more bytes be had? */
static bool may_have(int n)
{
	struct query_meter *m = here;

	if (m == NULL)
		return true;
	if (m->end == METER_GOES && ++m->calls % LOOK_CALLS == 0 &&
	    clock_ns(CLOCK_THREAD_CPUTIME_ID) > m->until_ns)
		m->end = METER_TIME_OUT;
	if (m->bytes + n > 0 && (uint64_t)(m->bytes + n) > m->limits->heap)
		m->end = METER_MEMORY_OUT;
	return m->end != METER_MEMORY_OUT && m->end != METER_TIME_OUT;
}

static void count(int64_t n)
{
	if (here != NULL)
		here->bytes += n;
}

static void *take(int n)
{
	void *p = may_have(n) ? below.xMalloc(n) : NULL;

	if (p != NULL)
		count(below.xSize(p));
	return p;
}

static void give(void *p)
{
	count(-(int64_t)below.xSize(p));
	below.xFree(p);
}

static void *resize(void *p, int n)
{
	const int before = below.xSize(p);
	void *q = may_have(n - before) ? below.xRealloc(p, n) : NULL;

	if (q != NULL)
		count((int64_t)below.xSize(q) - before);
	return q;
}

enum sc_err meter_init(void)
{
	sqlite3_mem_methods ours;

	if (ready)
		return SC_OK;
	if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &below) != SQLITE_OK)
		return SC_BUG;
	ours = below;
	ours.xMalloc = take;
	ours.xFree = give;
	ours.xRealloc = resize;
	ready = sqlite3_config(SQLITE_CONFIG_MALLOC, &ours) == SQLITE_OK;
	return ready ? SC_OK : SC_BUG;
}

bool meter_ready(void)
{
	return ready;
}

/* ---- steps and time -------------------------------------------------------------------- */

void meter_begin(struct query_meter *m, const struct query_limits *l, const struct query_sink *s)
{
	memset(m, 0, sizeof(*m));
	m->limits = l;
	m->sink = s;
	m->until_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) + (uint64_t)l->ms * NS_OF_MS;
	here = m;
}

void meter_end(void)
{
	here = NULL;
}

/* Time, and whether anybody waits for the answer. */
static void look(struct query_meter *m, uint64_t now)
{
	m->looked_ns = now;
	if (clock_ns(CLOCK_THREAD_CPUTIME_ID) > m->until_ns)
		m->end = METER_TIME_OUT;
	else if (m->sink != NULL && m->sink->go_on != NULL &&
	    (m->told = m->sink->go_on(m->sink->arg)) != SC_OK)
		m->end = METER_TOLD;
}

int meter_tick(void *meter)
{
	struct query_meter *m = meter;
	const uint64_t now = clock_ns(CLOCK_MONOTONIC);

	m->steps += METER_STEPS;
	if (m->end == METER_GOES && m->steps > m->limits->steps)
		m->end = METER_STEPS_OUT;
	if (m->end == METER_GOES && now - m->looked_ns >= LOOK_NS)
		look(m, now);
	return m->end != METER_GOES;
}
