/*
 * erasure_cost.c - erasures, sorted by how long they took.
 */
#include "bench/people/erasure_cost.h"

#include <stdio.h>
#include <stdlib.h>

#define PAGE 4096
#define SLOW 5 /* of them that are told of one by one */

static int by_value(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

double part_ms(uint32_t *us, size_t n, size_t permille)
{
	if (n == 0)
		return 0;
	qsort(us, n, sizeof(*us), by_value);
	return us[n * permille / 1000 < n ? n * permille / 1000 : n - 1] / 1e3;
}

void erasure_cost_take(struct erasure_cost *out, uint32_t finding_us, uint32_t intent_us,
    uint32_t all_us)
{
	atomic_store(&count_on, false);
	out->finding_us = finding_us;
	out->intent_us = intent_us;
	out->commit_us = all_us - finding_us - intent_us;
	out->all_us = all_us;
	for (unsigned k = 0; k < COUNT_KINDS; k++) {
		out->pages[k] = (uint32_t)(atomic_load(&count_written[k]) / PAGE);
		out->flushes[k] = (uint32_t)atomic_load(&count_flushes[k]);
		out->disk_us[k] = (uint32_t)atomic_load(&count_us[k]);
	}
}

/* Of the counters that begin AT bytes into a cost. */
static void print_counts(const char *what, const struct erasure_cost *c, size_t n, size_t at)
{
	uint32_t all[ERASURES_MAX];
	double sum = 0;

	printf("%s of one erasure, median:", what);
	for (unsigned k = 0; k < COUNT_KINDS; k++) {
		for (size_t i = 0; i < n; i++)
			all[i] = ((const uint32_t *)((const char *)&c[i] + at))[k] * 1000;
		if (part_ms(all, n, 500) > 0)
			printf(" %s %.2f", count_names[k], part_ms(all, n, 500));
		sum += part_ms(all, n, 500);
	}
	printf("; together %.2f\n", sum);
}

static int by_time(const void *a, const void *b)
{
	const struct erasure_cost *x = a, *y = b;

	return x->all_us > y->all_us ? -1 : x->all_us < y->all_us;
}

static void print_one(const char *what, const struct erasure_cost *c)
{
	printf("%s: %.2f ms: finding %.2f, intent %.2f, commit and block %.2f; at the disk:", what,
	    c->all_us / 1e3, c->finding_us / 1e3, c->intent_us / 1e3, c->commit_us / 1e3);
	for (unsigned k = 0; k < COUNT_KINDS; k++)
		if (c->flushes[k] > 0 || c->pages[k] > 0)
			printf(" %s %.2f (%u pages, %u flushes)", count_names[k],
			    c->disk_us[k] / 1e3, c->pages[k], c->flushes[k]);
	printf("\n");
}

void erasure_costs_print(struct erasure_cost *c, size_t n)
{
	uint32_t us[ERASURES_MAX];

	print_counts("pages", c, n, offsetof(struct erasure_cost, pages));
	print_counts("flushes", c, n, offsetof(struct erasure_cost, flushes));
	for (size_t i = 0; i < n; i++)
		us[i] = c[i].all_us;
	printf("erasing: p50 %.2f ms, p99 %.2f (12 pages, 4 flushes, 5 ms)\n", part_ms(us, n, 500),
	    part_ms(us, n, 990));
	qsort(c, n, sizeof(*c), by_time);
	for (size_t i = 0; i < n && i < SLOW; i++)
		print_one("a slow one", &c[i]);
	print_one("the middle one", &c[n / 2]);
}
