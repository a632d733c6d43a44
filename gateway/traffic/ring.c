/*
 * ring.c - orders that buyers place for each other's eyes: products of which far more
 * than usual go to addresses where several accounts take it in turns to buy them.
 *
 * An address alone says nothing: pick-up points and families share one.
 */
#include "gateway/traffic/judge.h"

#include <stdlib.h>

#define ORDERS_MIN 8
#define DAYS_MIN 3
#define PAIR_BUYERS 2
#define PAIR_DAYS 2
#define TIMES_USUAL 5
#define ACCOUNT_ORDERS 2
#define MILLE 1000u

struct ring_product {
	uint32_t product, n, expected;
};
struct traffic_rings {
	uint64_t orders, paired; /* of all products */
	struct ring_product *v;
	size_t n, room;
};
struct ring_sum {
	uint64_t orders, paired, days;
};

static bool by_product(const struct traffic_judge *j, size_t i, const struct traffic_record *r,
    uint64_t *key)
{
	*key = r->product;
	return r->kind == FEED_ITEM && (r->bits & TRAFFIC_VOUCHED) != 0 && r->product != 0 &&
	    r->address != 0 && r->person != 0 && j->tape.said[i] == FEED_NO_RULE;
}

static uint64_t day_of(const struct traffic_act *a)
{
	return a->at_ms / TRAFFIC_DAY_MS;
}

/* V is in the order of addresses, then buyers; a line that stands twice in an order is one. */
static bool is_again(const struct traffic_act *v, size_t i)
{
	return i > 0 && v[i].order == v[i - 1].order && v[i].person == v[i - 1].person &&
	    v[i].address == v[i - 1].address;
}

static uint64_t days_of(const struct traffic_act *v, size_t n)
{
	uint32_t seen = 0;
	uint64_t first = UINT64_MAX;

	for (size_t i = 0; i < n; i++)
		first = day_of(&v[i]) < first ? day_of(&v[i]) : first;
	for (size_t i = 0; i < n; i++)
		if (day_of(&v[i]) - first < 32)
			seen |= 1u << (day_of(&v[i]) - first);
	return (uint64_t)__builtin_popcount(seen);
}

/* One address's orders of one product: do several take it in turns? */
static bool is_pair(const struct traffic_act *v, size_t n)
{
	size_t buyers = 0;

	for (size_t i = 0; i < n; i++)
		buyers += i == 0 || v[i].person != v[i - 1].person;
	return buyers >= PAIR_BUYERS && days_of(v, n) >= PAIR_DAYS;
}

static void sum_up(struct traffic_act *v, size_t n, struct ring_sum *s)
{
	*s = (struct ring_sum){ .days = days_of(v, n) };
	traffic_sort_by_address(v, n);
	for (size_t i = 0, end; i < n; i = end) {
		uint64_t orders = 0;
		bool pair;

		for (end = i; end < n && v[end].address == v[i].address; end++)
			orders += !is_again(v, end);
		pair = is_pair(v + i, end - i);
		s->orders += orders;
		s->paired += pair ? orders : 0;
		for (size_t k = i; pair && k < end; k++)
			v[k].note |= TRAFFIC_NOTE_RING;
	}
}

static enum sc_err count_product(struct traffic_judge *j, struct traffic_act *v, size_t n)
{
	struct ring_sum s;

	sum_up(v, n, &s);
	j->rings->orders += s.orders;
	j->rings->paired += s.paired;
	return SC_OK;
}

static enum sc_err rings_add(struct traffic_rings *r, const struct ring_product *p)
{
	if (r->n == r->room) {
		const size_t room = r->room == 0 ? 64 : r->room * 2;
		struct ring_product *more = realloc(r->v, room * sizeof(*more));

		if (more == NULL)
			return SC_NOMEM;
		r->v = more;
		r->room = room;
	}
	r->v[r->n++] = *p;
	return SC_OK;
}

/* What is usual is without itself. */
static enum sc_err judge_product(struct traffic_judge *j, struct traffic_act *v, size_t n)
{
	const uint32_t threshold = traffic_threshold(j->settings, FEED_RING);
	struct ring_product p = { .product = v[0].product };
	struct ring_sum s;
	uint64_t others;

	sum_up(v, n, &s);
	if (s.orders < ORDERS_MIN)
		return SC_OK;
	others = j->rings->orders - s.orders;
	p.n = (uint32_t)(s.paired * MILLE / s.orders);
	p.expected = others == 0 ? 0 : (uint32_t)((j->rings->paired - s.paired) * MILLE / others);
	if (s.days < DAYS_MIN || p.n < threshold || p.n < TIMES_USUAL * p.expected)
		return SC_OK;
	for (size_t i = 0; i < n; i++)
		j->tape.note[v[i].i] |= v[i].note & TRAFFIC_NOTE_RING;
	return rings_add(j->rings, &p);
}

/* ---- accounts, then whole orders ----------------------------------------------------------- */

static bool by_buyer(const struct traffic_judge *j, size_t i, const struct traffic_record *r,
    uint64_t *key)
{
	*key = r->person;
	return (j->tape.note[i] & TRAFFIC_NOTE_RING) != 0 && traffic_record_orders(r->kind);
}

static int ring_order(const void *a, const void *b)
{
	const struct ring_product *x = a, *y = b;

	return x->product < y->product ? -1 : x->product > y->product;
}

static enum sc_err line_aside(struct traffic_judge *j, const struct traffic_act *a)
{
	const struct ring_product key = { .product = a->product };
	const struct ring_product *p =
	    bsearch(&key, j->rings->v, j->rings->n, sizeof(key), ring_order);
	const struct feed_verdict said = { .rule = FEED_RING,
		.n = p->n,
		.expected = p->expected,
		.threshold = traffic_threshold(j->settings, FEED_RING) };

	j->tape.note[a->i] |= TRAFFIC_NOTE_RINGED;
	return traffic_aside(j, a->i, &said);
}

static enum sc_err judge_buyer(struct traffic_judge *j, struct traffic_act *v, size_t n)
{
	enum sc_err err = SC_OK;
	size_t orders = 1;

	traffic_sort_by_time(v, n);
	for (size_t i = 1; i < n; i++)
		orders += v[i].order != v[i - 1].order;
	for (size_t i = 0; orders >= ACCOUNT_ORDERS && err == SC_OK && i < n; i++)
		err = line_aside(j, &v[i]);
	return err;
}

bool traffic_by_order(const struct traffic_judge *j, size_t i, const struct traffic_record *r,
    uint64_t *key)
{
	(void)j;
	(void)i;
	*key = r->order;
	return r->order != 0;
}

/* What else there is of an order that has a line of a ring's. */
static enum sc_err judge_order(struct traffic_judge *j, struct traffic_act *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((v[i].note & TRAFFIC_NOTE_RINGED) != 0) {
			const struct ring_product *p, key = { .product = v[i].product };
			struct feed_verdict said = { .rule = FEED_RING,
				.threshold = traffic_threshold(j->settings, FEED_RING) };

			p = bsearch(&key, j->rings->v, j->rings->n, sizeof(key), ring_order);
			said.n = p->n;
			said.expected = p->expected;
			return traffic_aside_all(j, v, n, &said);
		}
	return SC_OK;
}

enum sc_err traffic_ring(struct traffic_judge *j)
{
	struct traffic_rings rings = { 0 };
	enum sc_err err;

	if (!traffic_rule_on(j->settings, FEED_RING))
		return SC_OK;
	j->rings = &rings;
	err = traffic_each_group(j, by_product, count_product);
	if (err == SC_OK)
		err = traffic_each_group(j, by_product, judge_product);
	if (rings.n > 0)
		qsort(rings.v, rings.n, sizeof(*rings.v), ring_order);
	if (err == SC_OK && rings.n > 0)
		err = traffic_each_group(j, by_buyer, judge_buyer);
	if (err == SC_OK && rings.n > 0)
		err = traffic_each_group(j, traffic_by_order, judge_order);
	free(rings.v);
	j->rings = NULL;
	return err;
}
