/*
 * rules.c - the rules of arrival that look at one event and at what its device has shown.
 */
#include "gateway/traffic/private.h"

static const uint32_t usual[FEED_RULE_END] = {
	[FEED_NO_INPUT] = 3,      /* acts */
	[FEED_CADENCE] = 120,     /* thousandths: sd of ln gap */
	[FEED_AWAKE] = 20,        /* hours of 24 */
	[FEED_PREFIX_BURST] = 20, /* devices */
	[FEED_UNTAPPED] = 1,      /* hours in which an order may still come */
	[FEED_FOCUS] = 6,         /* times what is usual */
	[FEED_BARREN] = 60,       /* per mille */
	[FEED_RING] = 300,        /* per mille */
	[FEED_REPLAY] = 4,        /* acts in a row */
	[FEED_SAME_DEVICE] = 500, /* per mille */
};

uint32_t traffic_threshold(const struct collect_settings *s, uint8_t rule)
{
	return s->rules[rule].threshold != 0 ? s->rules[rule].threshold : usual[rule];
}

bool traffic_rule_on(const struct collect_settings *s, uint8_t rule)
{
	return !s->rules[rule].off;
}

/* ---- refused: a page's word alone --------------------------------------------------------- */

/* Counts as it asks: every event of a site counts, and what is an order's goes on. */
bool traffic_ceiling_hits(const struct traffic_case *c)
{
	const struct traffic_event *e = c->e;
	const uint16_t shop = e->event.shop;
	const uint64_t minute = e->received_ms / 60000;
	struct traffic_minute *m;

	if (shop == 0 || shop > c->settings->n_sites)
		return false;
	m = &c->rules->minutes[shop];
	if (m->minute != minute)
		*m = (struct traffic_minute){ .minute = minute };
	m->n++;
	c->v->n = m->n;
	c->v->threshold = c->settings->sites[shop - 1].per_minute;
	if (e->vouched && traffic_record_orders(e->event.kind))
		return false;
	return c->v->threshold != 0 && m->n > c->v->threshold;
}

bool traffic_bot_hits(const struct traffic_case *c)
{
	return c->e->bot && !c->e->app && !c->e->vouched;
}

bool traffic_webdriver_hits(const struct traffic_case *c)
{
	return c->e->webdriver && !c->e->vouched;
}

bool traffic_honeypot_hits(const struct traffic_case *c)
{
	return c->e->honeypot && !c->e->vouched;
}

/* Of a device that may have been known and was pushed out, nothing is sure: its order will tell. */
static bool may_be_forgotten(const struct traffic_case *c)
{
	const struct traffic_table *t = &c->rules->visitors;

	return c->newborn &&
	    t->evicted_ms + COLLECT_WINDOW_S * UINT64_C(1000) > c->e->received_ms && t->evicted > 0;
}

bool traffic_impossible_hits(const struct traffic_case *c)
{
	const struct traffic_event *e = c->e;
	const uint8_t kind = e->event.kind;

	if (e->vouched || (kind != FEED_PURCHASE && kind != FEED_ITEM))
		return false;
	if (e->order != 0 && traffic_set_has(&c->rules->orders, e->order))
		return false;
	return c->actor == NULL ||
	    (c->actor->shown == 0 && !c->actor->bound && !may_be_forgotten(c));
}

/* ---- set aside ------------------------------------------------------------------------------ */

bool traffic_hints_hits(const struct traffic_case *c)
{
	const struct traffic_event *e = c->e;

	return e->hints_due && e->tls && !e->hints && !e->app && !e->vouched;
}

/*
 * Who does several things without a touch may use a program that reads the page aloud: held
 * to it are only those who do one thing alone.
 */
bool traffic_input_hits(const struct traffic_case *c)
{
	const struct traffic_actor *a = c->actor;

	if (a == NULL || a->bound || c->e->vouched || !traffic_is_act(c->e->event.kind))
		return false;
	c->v->n = traffic_actor_quiet(a);
	return (a->shown & ~TRAFFIC_SHOWN_MESSAGE) == traffic_shows(c->e->event.kind) &&
	    c->v->n >= traffic_threshold(c->settings, FEED_NO_INPUT);
}

bool traffic_cadence_hits(const struct traffic_case *c)
{
	if (c->actor == NULL || !traffic_is_act(c->e->event.kind))
		return false;
	c->v->n = traffic_actor_cadence(c->actor);
	return c->v->n < traffic_threshold(c->settings, FEED_CADENCE);
}

bool traffic_awake_hits(const struct traffic_case *c)
{
	if (c->actor == NULL || (c->e->vouched && traffic_record_orders(c->e->event.kind)))
		return false;
	c->v->n = traffic_actor_awake(c->actor);
	return c->v->n >= traffic_threshold(c->settings, FEED_AWAKE);
}
