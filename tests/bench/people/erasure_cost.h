/*
 * erasure_cost.h - what erasures cost, and what the slow ones among them waited for.
 */
#ifndef TESTS_BENCH_PEOPLE_ERASURE_COST_H
#define TESTS_BENCH_PEOPLE_ERASURE_COST_H

#include "bench/people/count_writes.h"

#include <stddef.h>

#define ERASURES_MAX 200

struct erasure_cost {
	uint32_t pages[COUNT_KINDS], flushes[COUNT_KINDS];
	uint32_t disk_us[COUNT_KINDS]; /* in writes and flushes of the kind, of all threads */
	uint32_t finding_us, intent_us, commit_us, all_us;
};

/* What was counted since count_from_zero(), which ends it. INTENT_US: until it was durable. */
void erasure_cost_take(struct erasure_cost *out, uint32_t finding_us, uint32_t intent_us,
    uint32_t all_us);
/* Of N, ERASURES_MAX at most; sorts C. */
void erasure_costs_print(struct erasure_cost *c, size_t n);

/* Sorts US; below what PERMILLE of them stay, in milliseconds. */
double part_ms(uint32_t *us, size_t n, size_t permille);

#endif
