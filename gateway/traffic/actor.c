/*
 * actor.c - what is remembered of one device: what it has shown, when it was awake, how
 * evenly it acts, and whether anybody touched it.
 *
 * Integers alone, so that every machine says the same.
 */
#include "gateway/traffic/private.h"

#include <string.h>

#define DAY_HOURS 24
#define DAY_BITS ((1u << DAY_HOURS) - 1)
#define LOG_BITS 11 /* of 1/2048 */

bool traffic_is_act(uint8_t kind)
{
	return kind >= FEED_PAGE && kind <= FEED_CHECKOUT;
}

/* ---- gaps --------------------------------------------------------------------------------- */

/* log2 of V (not 0) in parts of 2^-LOG_BITS: the whole part, then a bit for each squaring. */
static uint32_t log2_of(uint32_t v)
{
	const unsigned whole = 31 - (unsigned)__builtin_clz(v);
	uint64_t x = (uint64_t)v << (31 - whole); /* 1.0 is 2^31 */
	uint32_t out = whole;

	for (unsigned i = 0; i < LOG_BITS; i++) {
		x = x * x >> 31;
		out <<= 1;
		if (x >> 32 != 0) {
			out |= 1;
			x >>= 1;
		}
	}
	return out;
}

static uint64_t root_of(uint64_t v)
{
	uint64_t out = 0;

	for (uint64_t bit = (uint64_t)1 << 62; bit != 0; bit >>= 2) {
		const bool fits = v >= out + bit;

		v -= fits ? out + bit : 0;
		out = (out >> 1) + (fits ? bit : 0);
	}
	return out;
}

uint32_t traffic_actor_cadence(const struct traffic_actor *a)
{
	uint64_t sum = 0, squares = 0, spread;

	if (a->n_gaps < TRAFFIC_GAPS)
		return UINT32_MAX;
	for (unsigned i = 0; i < TRAFFIC_GAPS; i++) {
		sum += a->gaps[i];
		squares += (uint64_t)a->gaps[i] * a->gaps[i];
	}
	/* n^2 times the variance, from 1/2048 of log2 to thousandths of ln: (1000 ln 2 / 2048)^2 */
	spread = (TRAFFIC_GAPS * squares - sum * sum) * 114549 / 1000000;
	return (uint32_t)(root_of(spread) / TRAFFIC_GAPS);
}

static void gap_add(struct traffic_actor *a, uint32_t gap_ms)
{
	a->gaps[a->next_gap] = (uint16_t)log2_of(gap_ms);
	a->next_gap = (uint8_t)((a->next_gap + 1) % TRAFFIC_GAPS);
	if (a->n_gaps < TRAFFIC_GAPS)
		a->n_gaps++;
}

/* ---- hours --------------------------------------------------------------------------------- */

static void hour_add(struct traffic_actor *a, uint32_t hour)
{
	if (hour >= a->hour + 32 || a->hours == 0)
		a->hours = 1;
	else if (hour > a->hour)
		a->hours = a->hours << (hour - a->hour) | 1;
	else if (a->hour - hour < DAY_HOURS)
		a->hours |= 1u << (a->hour - hour);
	if (hour > a->hour)
		a->hour = hour;
}

uint32_t traffic_actor_awake(const struct traffic_actor *a)
{
	return (uint32_t)__builtin_popcount(a->hours & DAY_BITS);
}

/* ---- sessions ------------------------------------------------------------------------------- */

uint32_t traffic_actor_quiet(const struct traffic_actor *a)
{
	return a->touched ? 0 : (uint32_t)a->quiet + a->quiet_session;
}

static void session_begin(struct traffic_actor *a)
{
	const unsigned quiet = (unsigned)a->quiet + a->quiet_session;

	a->quiet = a->touched ? 0 : (uint8_t)(quiet < UINT8_MAX ? quiet : UINT8_MAX);
	a->quiet_session = 0;
	a->touched = false;
}

static void act_add(struct traffic_actor *a, const struct traffic_event *e)
{
	const uint64_t at = e->event.at_ms;
	const bool first = a->last_ms == 0, back = at < a->last_ms;
	const uint64_t gap = first || back ? 0 : at - a->last_ms;
	const bool begins = first || gap >= TRAFFIC_SESSION_MS;

	if (begins)
		session_begin(a);
	else if (gap >= TRAFFIC_GAP_MIN_MS)
		gap_add(a, (uint32_t)gap);
	/* the first of a session may come with the page */
	if (e->inputs == 0 && !begins && a->quiet_session < UINT8_MAX)
		a->quiet_session++;
	if (e->inputs != 0 && e->inputs != UINT8_MAX) {
		a->touched = true;
		a->quiet = 0;
	}
	if (!back)
		a->last_ms = at;
}

static const uint8_t shows[FEED_KIND_END] = {
	[FEED_PAGE] = TRAFFIC_SHOWN_PAGE,
	[FEED_PRODUCT] = TRAFFIC_SHOWN_PRODUCT,
	[FEED_SEARCH] = TRAFFIC_SHOWN_SEARCH,
	[FEED_CART_ADD] = TRAFFIC_SHOWN_CART,
	[FEED_CART_REMOVE] = TRAFFIC_SHOWN_CART,
	[FEED_CHECKOUT] = TRAFFIC_SHOWN_CART,
	[FEED_PURCHASE] = TRAFFIC_SHOWN_BOUGHT,
	[FEED_ITEM] = TRAFFIC_SHOWN_BOUGHT,
	[FEED_REFUND] = TRAFFIC_SHOWN_BOUGHT,
	[FEED_EXPOSURE] = TRAFFIC_SHOWN_MESSAGE,
	[FEED_OUTCOME] = TRAFFIC_SHOWN_MESSAGE,
};

uint8_t traffic_shows(uint8_t kind)
{
	return kind < FEED_KIND_END ? shows[kind] : 0;
}

void traffic_actor_count(struct traffic_actor *a, const struct traffic_event *e)
{
	const uint8_t kind = e->event.kind;

	a->shown |= traffic_shows(kind);
	/* orders come from systems, which never sleep */
	if (traffic_record_orders(kind) && e->vouched)
		return;
	hour_add(a, (uint32_t)(e->event.at_ms / TRAFFIC_HOUR_MS));
	if (traffic_is_act(kind))
		act_add(a, e);
}

/* ---- whose row -------------------------------------------------------------------------------- */

static uint64_t key_of(const struct traffic *r, const struct traffic_event *e)
{
	const uint64_t device = e->event.device;
	const uint64_t h =
	    traffic_hash(r->key, device != 0 ? device : e->event.person, device != 0);

	return h == 0 ? 1 : h;
}

/* A visitor that turns out to be an account's goes where no flood of visitors can push it out. */
static struct traffic_actor *bind(struct traffic *r, struct traffic_actor *visitor, uint64_t key,
    uint64_t now_ms, bool *made)
{
	struct traffic_actor *a = traffic_table_get(&r->accounts, key, now_ms, made);

	if (visitor != NULL) {
		*a = *visitor;
		a->row.age_ms = now_ms;
		*made = false;
		traffic_table_drop(&r->visitors, visitor);
	}
	a->bound = true;
	return a;
}

struct traffic_actor *traffic_actor_of(struct traffic *r, const struct traffic_event *e, bool *made)
{
	const uint64_t key = key_of(r, e), now = e->received_ms;
	struct traffic_actor *a;

	*made = false;
	if (e->event.device == 0 && e->event.person == 0)
		return NULL;
	if ((a = traffic_table_find(&r->accounts, key)) != NULL)
		a->row.age_ms = now;
	else if (e->event.person != 0)
		a = bind(r, traffic_table_find(&r->visitors, key), key, now, made);
	else
		a = traffic_table_get(&r->visitors, key, now, made);
	if (*made) {
		a->born_hour = (uint32_t)(e->event.at_ms / TRAFFIC_HOUR_MS);
		a->born_prefix = (uint32_t)e->prefix;
	}
	return a;
}

bool traffic_born_here(const struct traffic_actor *a, const struct traffic_event *e)
{
	return !a->bound && a->born_prefix == (uint32_t)e->prefix &&
	    a->born_hour == (uint32_t)(e->event.at_ms / TRAFFIC_HOUR_MS);
}
