/*
 * wheel.h - the loop's hierarchical timer wheel (private to net/loop).
 *
 * Level k has 64 slots of 64^k ms. A timer is filed at the level of the
 * highest 6-bit digit in which its time differs from the wheel's, so the
 * lowest level that is not empty holds the earliest timer, and a 64-bit map
 * per level finds it without a search. A slot that comes up either fires its
 * timers or files them again one level down.
 */
#ifndef NET_LOOP_WHEEL_H
#define NET_LOOP_WHEEL_H

#include "net/loop/loop.h"

#define WHEEL_LEVELS 6
#define WHEEL_SLOTS 64
#define WHEEL_DELAY_MAX ((uint64_t)1 << 31) /* 24 days; the levels hold 2 years */

struct wheel {
	uint64_t now;
	uint64_t map[WHEEL_LEVELS];
	struct loop_timer slots[WHEEL_LEVELS * WHEEL_SLOTS]; /* list heads */
	struct loop_timer due; /* list head: fires at the next wheel_run() */
};

void wheel_init(struct wheel *w, uint64_t now_ms);
void wheel_set(struct wheel *w, struct loop_timer *t, uint64_t delay_ms);
void wheel_clear(struct wheel *w, struct loop_timer *t);
/* When something comes up next; UINT64_MAX when nothing is set. */
uint64_t wheel_next(const struct wheel *w);
/* Fire what is due at NOW_MS. Timers set from inside wait for the next call. */
void wheel_run(struct wheel *w, uint64_t now_ms);

#endif
