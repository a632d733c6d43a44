/*
 * service_private.h - the service from inside: private to gateway/phone/.
 */
#ifndef GATEWAY_PHONE_SERVICE_PRIVATE_H
#define GATEWAY_PHONE_SERVICE_PRIVATE_H

#include "crypto/prim/hash.h"
#include "gateway/phone/guard.h"
#include "gateway/phone/service.h"
#include "gateway/phone/tables.h"

#include <pthread.h>
#include <stdatomic.h>

struct phone_hooks;

struct phone_service {
	const struct phone_settings *settings;
	struct sc_name tenant;
	struct store *store;
	struct phone_hooks *hooks; /* NULL: nobody is told */
	struct hmac_key salt;      /* phone_keyed() */
	atomic_bool store_ok;
	uint64_t started_wall, started_mono_ms; /* the two clocks' common beginning */
	pthread_mutex_t lock; /* guards what follows; never held over a disk or a hook */
	struct phone_book *book;
	struct phone_guard *guard;
	struct phone_counts *counts; /* by pool */
	uint8_t *marks;              /* by pool: the highest watermark told of */
	uint64_t tended_at;
};

struct phone_now phone_service_now(const struct phone_service *s);
/* The 16 bytes under which the book knows an order. */
void phone_order_key(const struct phone_service *s, struct sc_span order_ref,
    uint8_t out[static 16]);
/* Submit WR's job; settle() is called on the store's thread, then done() on W's loop. */
void phone_write_submit(struct phone_service *s, struct worker *w, struct phone_write *wr);

#endif
