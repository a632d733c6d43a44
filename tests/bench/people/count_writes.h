/*
 * count_writes.h - how many bytes a store of keys writes, and how often it flushes, by the
 * kind of file. Write and flush of the whole program go through count_writes.c.
 */
#ifndef TESTS_BENCH_PEOPLE_COUNT_WRITES_H
#define TESTS_BENCH_PEOPLE_COUNT_WRITES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum count_kind { IN_STORE, IN_JOURNAL, IN_EPOCH, IN_LOG, IN_ELSE, COUNT_KINDS };
extern const char *const count_names[COUNT_KINDS];
extern _Atomic bool count_on;
/* Bytes, flushes, and microseconds that both took. */
extern _Atomic uint64_t count_written[COUNT_KINDS], count_flushes[COUNT_KINDS],
    count_us[COUNT_KINDS];

void count_from_zero(void);

#endif
