/*
 * collecting.c - events for analysis as scrimd has them: one service for all workers, the
 * first of which works for the tap.
 */
#include "gateway/scrimd/collecting.h"

#include "base/log.h"

#include <pthread.h>
#include <stdlib.h>

#define ORDERS_WAIT_MS 2000

struct collecting {
	struct collect_service *service;
	struct worker *worker; /* that works for the tap */
};

enum sc_err collecting_new(const struct config *c, struct sc_diag *d, struct collecting **out)
{
	struct collecting *k;
	enum sc_err err;

	*out = NULL;
	if (c->collect == NULL)
		return SC_OK;
	if ((k = calloc(1, sizeof(*k))) == NULL)
		return SC_NOMEM;
	if ((err = collect_service_new(c->collect, &c->tenant, c->collect->store, d,
		 &k->service)) != SC_OK) {
		free(k);
		return err;
	}
	*out = k;
	return SC_OK;
}

static void *wait_for_orders(void *arg)
{
	struct collecting *k = arg;

	collect_service_idle(k->service, ORDERS_WAIT_MS);
	loop_stop(k->worker->loop);
	return NULL;
}

/*
 * Orders that the tap heard last go by way of the first worker's loop, which runs once
 * more for them.
 */
void collecting_drained(struct collecting *k)
{
	pthread_t waiter;

	if (k == NULL)
		return;
	if (k->worker != NULL && pthread_create(&waiter, NULL, wait_for_orders, k) == 0) {
		if (loop_run(k->worker->loop) != SC_OK)
			log_event(LOG_ERROR, "gateway.loop_failed", LOG_END);
		pthread_join(waiter, NULL);
	}
	collect_service_settle(k->service);
}

void collecting_free(struct collecting *k)
{
	if (k == NULL)
		return;
	collect_service_free(k->service);
	free(k);
}

struct collect_service *collecting_service(const struct collecting *k)
{
	return k == NULL ? NULL : k->service;
}

struct tap_listener collecting_listener(struct collecting *k)
{
	if (k == NULL || collect_settings_of(k->service)->n_orders == 0)
		return (struct tap_listener){ .name = NULL };
	return (
	    struct tap_listener){ .name = "collect", .take = collect_on_order, .arg = k->service };
}

void collecting_tap(struct collecting *k, struct tap *t)
{
	if (k != NULL)
		collect_service_tap(k->service, t);
}

void collecting_bind(struct collecting *k, struct worker *w)
{
	if (k == NULL)
		return;
	k->worker = w;
	collect_service_bind(k->service, w);
}
