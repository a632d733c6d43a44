/*
 * names.h - which properties were dropped, by name: the most frequent of them, in a
 * table of a fixed size.
 *
 * take.c lets only what looks like a name through. Still, a name is told only when it
 * came NAMES_TOLD_FROM times for certain: what somebody writes once in the place of a
 * name is shown to nobody.
 */
#ifndef GATEWAY_COLLECT_NAMES_H
#define GATEWAY_COLLECT_NAMES_H

#include "gateway/collect/service.h"

#include <pthread.h>

#define NAMES_SETS 64
#define NAMES_WAYS 4
#define NAMES_KEY_BYTES 16
#define NAMES_TOLD_FROM 3

struct name_row {
	struct collect_name name; /* n: at most so often */
	uint64_t certain;         /* at least so often */
};

struct name_table {
	struct collect_dropped dropped; /* counts here; any thread */
	pthread_mutex_t lock;
	uint8_t key[NAMES_KEY_BYTES];
	struct name_row rows[NAMES_SETS][NAMES_WAYS];
};

void names_init(struct name_table *t);
void names_fini(struct name_table *t);
/* The most frequent, at most MAX; returns how many. */
size_t names_most(struct name_table *t, struct collect_name *out, size_t max);

#endif
