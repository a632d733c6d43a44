/*
 * orders.c - orders from the tap to the pipeline, in the order in which they passed.
 *
 * The order itself is in its order system by then, and its answer is given: here nobody
 * waits. What cannot be taken in for now (keyd away, spool full) is tried again; what
 * finds no room in the queue is counted, and so are those that a restart loses. A back
 * end that sends its orders too makes up for both: they have the same numbers.
 */
#include "gateway/collect/orders.h"

#include "base/log.h"
#include "gateway/collect/service_private.h"
#include "gateway/protect/plan.h"
#include "gateway/protect/tap.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct queued_order {
	struct queued_order *next;
	struct collect_service *service;
	struct generation *gen; /* by which it is asked, while it is under way */
	struct collect_batch batch;
	struct order_read read;
};

static void order_free(struct queued_order *q)
{
	if (q == NULL)
		return;
	generation_release(q->gen);
	free(q->batch.fate);
	free(q->batch.why);
	sc_arena_fini(&q->read.arena);
	free(q);
}

/* ---- on the worker's loop ---------------------------------------------------------------- */

static void pump(struct collect_service *s);

/* With the lock. */
static void unlink_order(struct order_queue *o, struct queued_order *q)
{
	struct queued_order **p = &o->under_way;

	while (*p != NULL && *p != q)
		p = &(*p)->next;
	if (*p == q)
		*p = q->next;
	o->n_under_way--;
}

/* With the lock: Q is the next one again. */
static void put_back(struct order_queue *o, struct queued_order *q)
{
	if (o->first == NULL)
		o->last = &q->next;
	q->next = o->first;
	o->first = q;
}

/*
 * What the policy forbids is not tried for ever; it is told, since orders are missing
 * from then on.
 */
static bool is_for_later(enum sc_err err)
{
	return err == SC_AGAIN || err == SC_LIMIT || err == SC_IO || err == SC_NOMEM;
}

static void on_done(struct collect_batch *b, enum sc_err err)
{
	struct queued_order *q = loop_owner(b, struct queued_order, batch);
	struct collect_service *s = q->service;
	struct order_queue *o = &s->orders;
	bool later = is_for_later(err) && !o->stopped;

	pthread_mutex_lock(&s->lock);
	unlink_order(o, q);
	if (later) {
		put_back(o, q);
	} else {
		o->n--;
		s->stats.tap_dropped += err != SC_OK;
	}
	pthread_mutex_unlock(&s->lock);
	if (err == SC_AUTH && !o->told)
		log_event(LOG_ERROR, "collect.orders_not_allowed",
		    LOG_STR("do", "let the role of collecting write customer ids for its purpose"),
		    LOG_END);
	o->told = err == SC_AUTH || (o->told && err != SC_OK);
	if (later)
		loop_timer_set(o->worker->loop, &o->again, ORDERS_AGAIN_MS);
	else
		order_free(q);
	if (err == SC_OK && !o->stopped)
		pump(s);
}

/* As whom keyd is asked: the door itself, which nobody came to. */
static void fill_asking(struct queued_order *q, struct worker *w)
{
	const struct collect_settings *set = collect_settings_of(q->service);
	const struct config *c;

	generation_release(q->gen);
	q->gen = generation_hold(w->current);
	c = q->gen->config;
	q->batch.asking = (struct asking){ .tenant = &c->tenant,
		.principal = &c->node,
		.role = c->collect != NULL ? c->collect->role : set->role,
		.purpose = c->collect != NULL ? c->collect->purpose : set->purpose,
		.op = POLICY_WRITE,
		.records = 1,
		.now_ms = q->batch.visit.received_ms,
		.policy_hash = c->policy_hash };
}

/* The next one, now under way; NULL: none waits, or enough are. */
static struct queued_order *next_order(struct collect_service *s)
{
	struct order_queue *o = &s->orders;
	struct queued_order *q = NULL;

	pthread_mutex_lock(&s->lock);
	if (o->n_under_way < ORDERS_UNDER_WAY_MAX && (q = o->first) != NULL) {
		if ((o->first = q->next) == NULL)
			o->last = &o->first;
		q->next = o->under_way;
		o->under_way = q;
		o->n_under_way++;
	}
	pthread_mutex_unlock(&s->lock);
	return q;
}

static void pump(struct collect_service *s)
{
	struct queued_order *q;
	enum sc_err err = SC_OK;

	while (err == SC_OK && (q = next_order(s)) != NULL) {
		fill_asking(q, s->orders.worker);
		if ((err = collect_take_in(s, s->orders.worker, &q->batch)) != SC_OK)
			on_done(&q->batch, err);
	}
}

static void on_post(struct worker_post *p)
{
	struct order_queue *o = loop_owner(p, struct order_queue, post);
	struct collect_service *s = loop_owner(o, struct collect_service, orders);

	pthread_mutex_lock(&s->lock);
	o->posted = false;
	pthread_mutex_unlock(&s->lock);
	if (!o->stopped && !loop_timer_is_set(&o->again))
		pump(s);
}

static void on_again(struct loop_timer *t)
{
	pump(loop_owner(loop_owner(t, struct order_queue, again), struct collect_service, orders));
}

/* ---- on the tap's thread ------------------------------------------------------------------- */

static const struct collect_order *order_of(const struct collect_settings *s,
    const struct sc_name *route)
{
	for (size_t i = 0; i < s->n_orders; i++)
		if (strcmp(s->orders[i].route.s, route->s) == 0)
			return &s->orders[i];
	return NULL;
}

static struct queued_order *order_new(struct collect_service *s, const struct collect_order *o,
    const struct tap_body *b, uint32_t record)
{
	struct queued_order *q = calloc(1, sizeof(*q));

	if (q == NULL)
		return NULL;
	q->service = s;
	if (!order_read(s->settings, o, b, record, &q->read) ||
	    (q->batch.fate = calloc(q->read.n, 1)) == NULL ||
	    (q->batch.why = calloc(q->read.n, 1)) == NULL) {
		order_free(q);
		return NULL;
	}
	q->batch.done = on_done;
	q->batch.visit = (struct collect_visit){ .site = &s->settings->sites[o->shop - 1],
		.shop = o->shop,
		.received_ms = b->at_ms,
		.vouched = true };
	q->batch.taken = q->read.taken;
	q->batch.n = q->read.n;
	return q;
}

static void enqueue(struct collect_service *s, struct queued_order *q)
{
	struct order_queue *o = &s->orders;
	bool room, post;

	pthread_mutex_lock(&s->lock);
	if (q != NULL && q->read.address.n != 0)
		q->batch.address = door_tag(&s->keys, "a", q->read.address);
	room = q != NULL && o->n < ORDERS_WAITING_MAX && o->worker != NULL && !o->stopped;
	s->stats.tap_orders += q != NULL;
	s->stats.tap_unreadable += q == NULL;
	s->stats.tap_dropped += q != NULL && !room;
	if (room) {
		q->next = NULL;
		*o->last = q;
		o->last = &q->next;
		o->n++;
	}
	if ((post = room && !o->posted))
		o->posted = true;
	pthread_mutex_unlock(&s->lock);
	if (post)
		worker_post(o->worker, &o->post);
	if (!room)
		order_free(q);
}

void collect_on_order(void *service, const struct tap_body *b)
{
	struct collect_service *s = service;
	const struct collect_order *o = order_of(s->settings, &b->route);
	uint32_t records = 0;

	if (o == NULL || b->way != PLAN_STORE)
		return;
	for (uint32_t i = 0; i < b->n_fields; i++)
		if (b->fields[i].record >= records)
			records = b->fields[i].record + 1;
	for (uint32_t r = 0; r < records; r++)
		enqueue(s, order_new(s, o, b, r));
}

/* ---- life ---------------------------------------------------------------------------------- */

void orders_init(struct collect_service *s)
{
	s->orders.last = &s->orders.first;
	s->orders.post.on_loop = on_post;
	loop_timer_init(&s->orders.again, on_again);
}

void orders_key(struct collect_service *s)
{
	uint8_t key[DOOR_KEY_BYTES];

	if (s->tap == NULL)
		return;
	door_tap_key(&s->keys, key);
	tap_set_key(s->tap, key);
	sc_wipe(key, sizeof(key));
}

void collect_service_tap(struct collect_service *s, struct tap *t)
{
	pthread_mutex_lock(&s->lock);
	s->tap = t;
	orders_key(s);
	pthread_mutex_unlock(&s->lock);
}

void orders_bind(struct collect_service *s, struct worker *w)
{
	pthread_mutex_lock(&s->lock);
	s->orders.worker = w;
	pthread_mutex_unlock(&s->lock);
}

void orders_stop(struct collect_service *s)
{
	struct order_queue *o = &s->orders;
	struct queued_order *q, *next;

	pthread_mutex_lock(&s->lock);
	o->stopped = true;
	q = o->first;
	o->first = NULL;
	o->last = &o->first;
	pthread_mutex_unlock(&s->lock);
	if (o->worker != NULL)
		loop_timer_clear(o->worker->loop, &o->again);
	for (; q != NULL; q = next) {
		next = q->next;
		order_free(q);
	}
	for (q = o->under_way; q != NULL; q = next) {
		next = q->next;
		if (collect_give_up(&q->batch)) {
			unlink_order(o, q);
			order_free(q);
		}
	}
}
