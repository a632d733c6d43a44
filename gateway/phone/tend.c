/*
 * tend.c - what is done now and then: slots recycled, watermarks, the clock.
 *
 * A binding whose cooldown is over loses its rows first, and its slot is free
 * when that is on disk: never two rows for one slot.
 */
#include "gateway/phone/calls.h"
#include "gateway/phone/service_private.h"
#include "gateway/phone/tell.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SWEEP_MAX 1024 /* bindings of one job */
#define SWEEPS_MAX 16  /* jobs of one turn */
#define CLOCK_EVERY_S 60

struct sweep_work {
	struct phone_write write;
	struct phone_service *s;
	uint32_t at[SWEEP_MAX];
	uint8_t ids[SWEEP_MAX][PHONE_ID_BYTES];
	size_t n;
	struct phone_binding expired[SWEEP_MAX]; /* of which others are told */
	size_t n_expired;
};

/* ---- recycling ----------------------------------------------------------------------------- */

static void on_due(void *arg, uint32_t at, enum book_due what)
{
	struct sweep_work *k = arg;
	struct phone_binding b;

	phone_view(k->s, at, &b);
	if (what != BOOK_RELEASE) {
		k->expired[k->n_expired++] = b;
		return;
	}
	memcpy(k->ids[k->n], b.id, PHONE_ID_BYTES);
	k->at[k->n++] = at;
}

static bool bind_forget(void *arg, size_t i, struct store_value *v)
{
	const struct sweep_work *k = arg;

	v[0] = phone_tenant(k->s);
	v[1] = phone_id_value(k->ids[i]);
	v[2] = store_text("");
	return true;
}

static enum sc_err forget_rows(struct store_job *j, struct store_tx *tx)
{
	static const unsigned statements[] = { BINDING_FORGET, ORDER_FORGET, CALLER_FORGET,
		IDEM_FORGET };
	struct sweep_work *k =
	    loop_owner(loop_owner(j, struct phone_write, job), struct sweep_work, write);
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]) && err == SC_OK; i++) {
		const struct store_batch forget = { statements[i], k->n, bind_forget, NULL, k };

		err = store_ask(tx, &forget);
	}
	return err;
}

static void settle(struct phone_write *wr)
{
	struct sweep_work *k = loop_owner(wr, struct sweep_work, write);
	struct phone_binding b;

	pthread_mutex_lock(&k->s->lock);
	for (size_t i = 0; i < k->n; i++) {
		if (wr->err != SC_OK) {
			book_keep(k->s->book, k->at[i]);
			continue;
		}
		book_view(k->s->book, k->at[i], &b);
		phone_trend_note(k->s, b.pool, -1);
		book_release(k->s->book, k->at[i]);
	}
	pthread_mutex_unlock(&k->s->lock);
}

static void on_swept(struct phone_write *wr, enum sc_err err)
{
	(void)err;
	free(loop_owner(wr, struct sweep_work, write));
}

/* What is due, one job's worth; false when there was less. */
static bool sweep(struct phone_service *s)
{
	struct phone_now now = phone_service_now(s);
	struct sweep_work *k = calloc(1, sizeof(*k));
	size_t n;

	if (k == NULL)
		return false;
	k->s = s;
	k->write.job.run = forget_rows;
	k->write.settle = settle;
	k->write.done = on_swept;
	pthread_mutex_lock(&s->lock);
	n = book_sweep(s->book, &now, SWEEP_MAX, on_due, k);
	pthread_mutex_unlock(&s->lock);
	for (size_t i = 0; i < k->n_expired; i++)
		phone_tell_binding(s, PHONE_EVENT_BINDING_EXPIRED, &k->expired[i]);
	/* nothing is written of one that is being released but this: the order does not matter */
	if (k->n != 0)
		phone_write_submit(s, NULL, &k->write);
	else
		free(k);
	return n == SWEEP_MAX;
}

/* ---- now and then ----------------------------------------------------------------------------- */

void phone_tend(struct phone_service *s, struct worker *w)
{
	uint64_t now = phone_service_now(s).steady;

	for (size_t i = 0; i < SWEEPS_MAX && sweep(s); i++)
		;
	phone_tell_watermarks(s);
	/* a store that failed is tried again with something small */
	if (now - s->tended_at < CLOCK_EVERY_S && phone_store_ok(s))
		return;
	s->tended_at = now;
	phone_clock_put(s, false);
	phone_calls_tend(s, w);
}
