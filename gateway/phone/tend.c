/*
 * tend.c - what is done now and then: slots recycled, watermarks, the clock.
 *
 * A binding whose cooldown is over loses its rows first, and its slot is free
 * when that is on disk: never two rows for one slot. An expiry changes no row, so
 * what has been told is kept: until when, in the commit of the events themselves.
 * What is not on disk is tried again, and told after the next start at the latest.
 */
#include "gateway/phone/calls.h"
#include "gateway/phone/service_private.h"
#include "gateway/phone/tell.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SWEEP_MAX 1024 /* bindings of one job */
#define SWEEPS_MAX 16  /* jobs under way */
#define CLOCK_EVERY_S 60

struct sweep_work {
	struct phone_untold waits; /* first: its events could not be written */
	struct phone_write write;
	struct phone_service *s;
	uint32_t at[SWEEP_MAX];
	uint8_t ids[SWEEP_MAX][PHONE_ID_BYTES];
	size_t n;
	struct phone_binding expired[SWEEP_MAX]; /* of which others are told */
	size_t n_expired;
	uint64_t until; /* of all that expired by then, with those before it; 0: there is more */
	struct hooks_put told;
	bool again; /* its events wait for another try */
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

static enum sc_err put_expired(struct sweep_work *k, struct store_tx *tx)
{
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < k->n_expired && err == SC_OK; i++)
		err = phone_put_binding(k->s, tx, PHONE_EVENT_BINDING_EXPIRED, &k->expired[i],
		    &k->told);
	/* not past those that are still to be told */
	if (err == SC_OK && k->n_expired != 0 && k->until != 0 && k->s->n_untold == 0)
		err = phone_told_put(tx, k->until);
	return err;
}

static enum sc_err write_rows(struct store_job *j, struct store_tx *tx)
{
	static const unsigned statements[] = { BINDING_FORGET, ORDER_FORGET, CALLER_FORGET,
		IDEM_FORGET };
	struct sweep_work *k =
	    loop_owner(loop_owner(j, struct phone_write, job), struct sweep_work, write);
	enum sc_err err = put_expired(k, tx);

	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]) && err == SC_OK; i++) {
		const struct store_batch forget = { statements[i], k->n, bind_forget, NULL, k };

		err = store_ask(tx, &forget);
	}
	return err;
}

static void free_slots(struct sweep_work *k, bool gone)
{
	struct phone_binding b;

	pthread_mutex_lock(&k->s->lock);
	for (size_t i = 0; i < k->n; i++) {
		if (!gone) {
			book_keep(k->s->book, k->at[i]);
			continue;
		}
		book_view(k->s->book, k->at[i], &b);
		phone_trend_note(k->s, b.pool, -1);
		book_release(k->s->book, k->at[i]);
	}
	pthread_mutex_unlock(&k->s->lock);
	k->n = 0;
}

static void settle(struct phone_write *wr)
{
	struct sweep_work *k = loop_owner(wr, struct sweep_work, write);

	hooks_put_over(k->s->hooks, &k->told, wr->err);
	free_slots(k, wr->err == SC_OK);
	k->s->n_untold -= k->again;
	k->again = wr->err != SC_OK && k->n_expired != 0;
	k->s->n_untold += k->again;
}

static void on_swept(struct phone_write *wr, enum sc_err err)
{
	struct sweep_work *k = loop_owner(wr, struct sweep_work, write);
	struct phone_service *s = k->s;

	(void)err;
	pthread_mutex_lock(&s->lock);
	if (k->again) {
		k->waits.next = s->untold;
		s->untold = &k->waits;
	} else {
		s->n_sweeps--;
	}
	pthread_mutex_unlock(&s->lock);
	if (!k->again)
		free(k);
}

static void submit(struct sweep_work *k)
{
	k->write = (struct phone_write){ .done = on_swept, .settle = settle };
	k->write.job.run = write_rows;
	phone_write_submit(k->s, NULL, &k->write);
}

/* What could not be told before. */
static void tell_again(struct phone_service *s)
{
	struct phone_untold *u, *next;

	pthread_mutex_lock(&s->lock);
	u = s->untold;
	s->untold = NULL;
	pthread_mutex_unlock(&s->lock);
	for (; u != NULL; u = next) {
		next = u->next;
		submit(loop_owner(u, struct sweep_work, waits));
	}
}

/* What is due, one job's worth; false when there was less. */
static bool sweep(struct phone_service *s)
{
	struct phone_now now = phone_service_now(s);
	struct sweep_work *k = calloc(1, sizeof(*k));
	size_t n = 0;

	if (k == NULL)
		return false;
	k->s = s;
	pthread_mutex_lock(&s->lock);
	if (s->n_sweeps < SWEEPS_MAX)
		n = book_sweep(s->book, &now, SWEEP_MAX, on_due, k);
	s->n_sweeps += n != 0;
	pthread_mutex_unlock(&s->lock);
	k->until = n < SWEEP_MAX ? now.steady : 0;
	/* nothing is written of one that is being released but this: the order does not matter */
	if (n != 0)
		submit(k);
	else
		free(k);
	return n == SWEEP_MAX;
}

/* ---- now and then ----------------------------------------------------------------------------- */

void phone_tend(struct phone_service *s, struct worker *w)
{
	uint64_t now = phone_service_now(s).steady;

	tell_again(s);
	while (sweep(s))
		;
	phone_tell_watermarks(s);
	/* a store that failed is tried again with something small */
	if (now - s->tended_at < CLOCK_EVERY_S && phone_store_ok(s))
		return;
	s->tended_at = now;
	phone_clock_put(s, false);
	phone_calls_tend(s, w);
}
