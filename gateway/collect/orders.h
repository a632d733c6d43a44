/*
 * orders.h - orders that the tap heard, on their way to a worker: private to
 * gateway/collect/.
 *
 *	order_read() -> queue ---> collect_take_in(), again while it cannot be
 *	the tap's thread           the worker's loop
 */
#ifndef GATEWAY_COLLECT_ORDERS_H
#define GATEWAY_COLLECT_ORDERS_H

#include "gateway/collect/service.h"

#define ORDERS_WAITING_MAX 65536 /* in memory, while keyd or the spool is away */
#define ORDERS_UNDER_WAY_MAX 64
#define ORDERS_AGAIN_MS 500

struct queued_order;

struct order_queue {
	struct queued_order *first, **last; /* waiting */
	size_t n;                           /* waiting or under way */
	size_t n_under_way;
	bool posted, stopped;
	bool told; /* that the policy forbids it */
	struct worker *worker;
	struct worker_post post;
	struct loop_timer again;
	struct queued_order *under_way;
};

void orders_init(struct collect_service *s);
void orders_bind(struct collect_service *s, struct worker *w);
/* The tap makes tags under our key, as it is now. With the lock. */
void orders_key(struct collect_service *s);
/* When no worker runs any more: what still waits is counted as dropped. */
void orders_stop(struct collect_service *s);

/* ---- order_read.c: pure ---- */

/* What one body of the tap says of orders: taken things, whose spans are in its arena. */
struct order_read {
	struct sc_arena arena;
	struct collect_taken *taken;
	size_t n;
	struct sc_span address; /* the tag of where it goes; empty: none */
};
/*
 * Read RECORD of B as O says into OUT, which is zero. False: it is no order (no
 * number), or there is no memory; OUT is then empty. Release OUT->arena.
 */
bool order_read(const struct collect_settings *s, const struct collect_order *o,
    const struct tap_body *b, uint32_t record, struct order_read *out);

#endif
