/*
 * whole.c - a device's fifteen days as a whole: what it has ever done, and what the rules
 * of arrival say of it when all of it is known.
 */
#include "gateway/traffic/judge.h"

#define NEAR_MS 3000
#define DAY_HOURS 24
#define REST_MIN 3
#define MILLE 1000u

bool traffic_by_actor(const struct traffic_judge *j, size_t i, const struct traffic_record *r,
    uint64_t *key)
{
	(void)j;
	(void)i;
	if (r->device == 0 && (r->person == 0 || traffic_record_orders(r->kind)))
		return false;
	*key = r->device != 0 ? r->device : traffic_mix(r->person, 1);
	return true;
}

/* ---- notes ------------------------------------------------------------------------------------ */

/* A page that came with a product is that product's; one that came alone is a list or a front page. */
static bool page_alone(const struct traffic_act *v, size_t n, size_t i)
{
	for (size_t k = i; k-- > 0 && v[i].at_ms - v[k].at_ms <= NEAR_MS;)
		if (v[k].kind == FEED_PRODUCT)
			return false;
	for (size_t k = i + 1; k < n && v[k].at_ms - v[i].at_ms <= NEAR_MS; k++)
		if (v[k].kind == FEED_PRODUCT)
			return false;
	return true;
}

static bool is_engaged(const struct traffic_act *v, size_t n, size_t i)
{
	switch (v[i].kind) {
	case FEED_SEARCH:
	case FEED_CART_ADD:
	case FEED_CART_REMOVE:
	case FEED_CHECKOUT: return true;
	case FEED_PAGE: return page_alone(v, n, i);
	default: return false;
	}
}

static uint64_t hour_of(const struct traffic_act *a)
{
	return a->at_ms / TRAFFIC_HOUR_MS;
}

void traffic_note_actor(struct traffic_judge *j, struct traffic_act *v, size_t n)
{
	uint8_t all = 0;

	traffic_sort_by_time(v, n);
	for (size_t i = 0; i < n; i++) {
		if (is_engaged(v, n, i)) {
			all |= TRAFFIC_NOTE_ENGAGED;
			v[i].note |= TRAFFIC_NOTE_SEEKS;
		}
		all |= v[i].person != 0 ? TRAFFIC_NOTE_BOUND : 0;
	}
	v[0].note |= TRAFFIC_NOTE_FIRST;
	for (size_t i = 0; i < n; i++) {
		v[i].note |= all;
		if (hour_of(&v[i]) == hour_of(&v[0]) && v[i].prefix == v[0].prefix)
			v[i].note |= TRAFFIC_NOTE_BORN;
		j->tape.note[v[i].i] = v[i].note;
	}
}

/* ---- awake ------------------------------------------------------------------------------------- */

/* Hours in which something was, of the day that ends with act LAST; V[*FROM] is its first. */
static uint32_t hours_awake(const struct traffic_act *v, size_t last, size_t *from)
{
	uint32_t hours = 0;

	while (hour_of(&v[*from]) + DAY_HOURS <= hour_of(&v[last]))
		(*from)++;
	for (size_t i = *from; i <= last; i++)
		hours += i == *from || hour_of(&v[i]) != hour_of(&v[i - 1]);
	return hours;
}

/* Every act of a day that was too long. */
static enum sc_err whole_awake(struct traffic_judge *j, const struct traffic_act *v, size_t n)
{
	struct feed_verdict said = { .rule = FEED_AWAKE,
		.threshold = traffic_threshold(j->settings, FEED_AWAKE) };
	enum sc_err err = SC_OK;
	size_t from = 0, done = 0;

	for (size_t i = 0; err == SC_OK && i < n; i++) {
		/* once an hour: at its last act */
		if (i + 1 < n && hour_of(&v[i + 1]) == hour_of(&v[i]))
			continue;
		said.n = hours_awake(v, i, &from);
		if (said.n < said.threshold)
			continue;
		done = done > from ? done : from;
		err = traffic_aside_all(j, v + done, i + 1 - done, &said);
		done = i + 1;
	}
	return err;
}

/* ---- input and cadence ----------------------------------------------------------------------------- */

static void event_of(const struct traffic_act *a, struct traffic_event *out)
{
	*out = (struct traffic_event){ .event = { .kind = a->kind, .at_ms = a->at_ms },
		.inputs = (a->bits & TRAFFIC_INPUT) != 0 ? 1 :
		    (a->bits & TRAFFIC_NO_INPUT) != 0    ? 0 :
							   UINT8_MAX,
		.vouched = (a->bits & TRAFFIC_VOUCHED) != 0 };
}

/* The acts of the session that V[I] ends. */
static size_t session_of(const struct traffic_act *v, size_t i)
{
	while (i > 0 && v[i].at_ms - v[i - 1].at_ms < TRAFFIC_SESSION_MS)
		i--;
	return i;
}

/* Where a rule of arrival hits an act, the session until then has shown the same. */
static enum sc_err whole_acts(struct traffic_judge *j, const struct traffic_act *v, size_t n,
    uint8_t rule)
{
	struct traffic_actor a = { 0 };
	struct feed_verdict said = { .rule = rule };
	struct traffic_case c = { .settings = j->settings, .actor = &a, .v = &said };
	struct traffic_event e;
	enum sc_err err = SC_OK;
	const bool engaged = (v[0].note & TRAFFIC_NOTE_ENGAGED) != 0;
	bool hit;

	c.e = &e;
	for (size_t i = 0; err == SC_OK && i < n; i++) {
		event_of(&v[i], &e);
		traffic_actor_count(&a, &e);
		a.bound |= v[i].person != 0;
		said.threshold = traffic_threshold(j->settings, rule);
		hit = rule == FEED_NO_INPUT ? !engaged && traffic_input_hits(&c) :
					      traffic_cadence_hits(&c);
		if (hit) {
			const size_t from = session_of(v, i);

			err = traffic_aside_all(j, v + from, i + 1 - from, &said);
		}
	}
	return err;
}

enum sc_err traffic_whole_actor(struct traffic_judge *j, struct traffic_act *v, size_t n)
{
	enum sc_err err = SC_OK;

	if (traffic_rule_on(j->settings, FEED_AWAKE))
		err = whole_awake(j, v, n);
	if (err == SC_OK && traffic_rule_on(j->settings, FEED_NO_INPUT))
		err = whole_acts(j, v, n, FEED_NO_INPUT);
	if (err == SC_OK && traffic_rule_on(j->settings, FEED_CADENCE))
		err = whole_acts(j, v, n, FEED_CADENCE);
	return err;
}

/* ---- the rest -------------------------------------------------------------------------------------- */

/* What a device is for the most part, at least thrice, it is wholly. */
enum sc_err traffic_same_device(struct traffic_judge *j, struct traffic_act *v, size_t n)
{
	struct feed_verdict said = { .rule = FEED_SAME_DEVICE,
		.threshold = traffic_threshold(j->settings, FEED_SAME_DEVICE) };
	size_t aside = 0;

	for (size_t i = 0; i < n; i++)
		aside += j->tape.said[v[i].i] != FEED_NO_RULE;
	if (n == 0 || aside < REST_MIN || aside * MILLE < said.threshold * n || v[0].device == 0)
		return SC_OK;
	said.n = (uint32_t)(aside * MILLE / n);
	return traffic_aside_all(j, v, n, &said);
}
