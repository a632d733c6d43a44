/*
 * net.c - a network's hour: how many devices were first seen in it, and whether they all
 * do one thing.
 */
#include "gateway/traffic/private.h"

#define BURST_PERCENT 70

static uint64_t key_of(const struct traffic *r, const struct traffic_event *e)
{
	const uint64_t h =
	    traffic_hash(r->key, e->prefix & TRAFFIC_TAG_MASK, ~(e->event.at_ms / TRAFFIC_HOUR_MS));

	return h == 0 ? 1 : h;
}

struct traffic_net *traffic_net_find(struct traffic *r, const struct traffic_event *e)
{
	return e->prefix == 0 ? NULL : traffic_table_find(&r->nets, key_of(r, e));
}

static void vote(struct traffic_net *n, uint32_t product)
{
	if (n->votes == 0)
		n->product = product;
	if (product != 0 && n->product == product)
		n->votes++;
	else if (n->votes > 0)
		n->votes--;
}

struct traffic_net *traffic_net_count(struct traffic *r, const struct traffic_case *c)
{
	const struct traffic_event *e = c->e;
	struct traffic_net *n;
	bool made;

	if (e->prefix == 0)
		return NULL;
	n = traffic_table_get(&r->nets, key_of(r, e), e->received_ms, &made);
	if (c->actor == NULL || !traffic_born_here(c->actor, e))
		return n;
	n->born += c->newborn;
	n->total++;
	if (e->event.kind < FEED_KIND_END)
		n->kinds[e->event.kind]++;
	vote(n, e->event.product);
	return n;
}

static uint8_t most_of(const struct traffic_net *n)
{
	uint8_t most = 0;

	for (uint8_t k = 1; k < FEED_KIND_END; k++)
		most = n->kinds[k] > n->kinds[most] ? k : most;
	return most;
}

bool traffic_one_thing(uint8_t shown, uint8_t kind)
{
	return (shown & ~(TRAFFIC_SHOWN_MESSAGE | traffic_shows(kind))) == 0;
}

/*
 * A crowd for one product looks the same from here when a sale begins: that is left to
 * the snapshot, which sees whether other networks came for it too. Who does other things as well is
 * one of the neighbours.
 */
bool traffic_burst_hits(const struct traffic_case *c)
{
	const struct traffic_net *n = c->net;
	uint8_t most;

	if (n == NULL || c->actor == NULL || !traffic_born_here(c->actor, c->e))
		return false;
	most = most_of(n);
	c->v->n = n->born;
	return n->born >= traffic_threshold(c->settings, FEED_PREFIX_BURST) &&
	    (uint64_t)n->kinds[most] * 100 >= (uint64_t)n->total * BURST_PERCENT &&
	    (uint64_t)n->votes * 4 < n->total && traffic_one_thing(c->actor->shown, most);
}
