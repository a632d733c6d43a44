/*
 * barren.c - a network whose visitors only look: next to nobody searches, lists or fills a
 * cart, as people do.
 */
#include "gateway/traffic/judge.h"

#define EVENTS_MIN 30
#define DEVICES_MIN 6
#define TIMES_ENGAGED 3
#define ALONE_EVENTS 50
#define ALONE_PRODUCTS 40
#define MILLE 1000u

/* What a network's visitors did; accounts do not count. */
struct barren_sum {
	size_t events, seeks;
	size_t devices; /* that never did any of it */
	size_t engaged; /* that did */
};

bool traffic_by_net(const struct traffic_judge *j, size_t i, const struct traffic_record *r,
    uint64_t *key)
{
	(void)j;
	(void)i;
	*key = r->prefix;
	return r->prefix != 0 && (r->bits & TRAFFIC_VOUCHED) == 0;
}

/* What another rule has set aside counts too: where there is one robot there are more. */
static bool counts(const struct traffic_act *a)
{
	return a->device != 0 && (a->note & TRAFFIC_NOTE_BOUND) == 0;
}

static void sum_up(const struct traffic_act *v, size_t n, struct barren_sum *out)
{
	uint64_t last = 0;

	*out = (struct barren_sum){ 0 };
	for (size_t i = 0; i < n; i++) {
		const bool engaged = (v[i].note & TRAFFIC_NOTE_ENGAGED) != 0;

		if (!counts(&v[i]))
			continue;
		out->events++;
		out->seeks += (v[i].note & TRAFFIC_NOTE_SEEKS) != 0;
		if (v[i].device == last)
			continue;
		last = v[i].device;
		out->engaged += engaged;
		out->devices += !engaged;
	}
}

void traffic_usual_seeks(struct traffic_judge *j)
{
	uint64_t events = 0, seeks = 0;

	for (size_t i = 0; i < j->tape.n; i++) {
		const uint8_t note = j->tape.note[i];

		if (j->tape.said[i] != FEED_NO_RULE || (note & TRAFFIC_NOTE_BOUND) != 0)
			continue;
		events++;
		seeks += (note & TRAFFIC_NOTE_SEEKS) != 0;
	}
	j->usual_seeks = events == 0 ? 0 : (uint32_t)(seeks * MILLE / events);
}

/*
 * Either hardly anything that people do is done, or those who never do any of it are
 * several times as many as the others, which a household is not.
 */
static bool is_barren(const struct barren_sum *s, uint32_t threshold)
{
	if (s->events < EVENTS_MIN || s->devices < DEVICES_MIN)
		return false;
	return s->seeks * MILLE < (size_t)threshold * s->events ||
	    s->devices > TIMES_ENGAGED * (s->engaged + 1);
}

static void verdict_of(const struct traffic_judge *j, const struct barren_sum *s,
    struct feed_verdict *out)
{
	*out = (struct feed_verdict){ .rule = FEED_BARREN,
		.n = (uint32_t)(s->seeks * MILLE / s->events),
		.expected = j->usual_seeks,
		.threshold = traffic_threshold(j->settings, FEED_BARREN) };
}

/* Many looks of one device, at many products, and nothing else: it is its own network. */
static bool is_crawler(struct traffic_act *v, size_t n, uint32_t threshold)
{
	struct barren_sum sum;
	size_t products = 0;

	sum_up(v, n, &sum);
	if (sum.events < ALONE_EVENTS || sum.seeks * MILLE >= (size_t)threshold * sum.events)
		return false;
	traffic_sort_by_product(v, n);
	for (size_t i = 0; i < n; i++)
		products += v[i].product != 0 && (i == 0 || v[i].product != v[i - 1].product);
	return products >= ALONE_PRODUCTS;
}

enum sc_err traffic_barren_actor(struct traffic_judge *j, struct traffic_act *v, size_t n)
{
	struct feed_verdict said;
	struct barren_sum sum;

	if (!is_crawler(v, n, traffic_threshold(j->settings, FEED_BARREN)))
		return SC_OK;
	sum_up(v, n, &sum);
	verdict_of(j, &sum, &said);
	return traffic_aside_all(j, v, n, &said);
}

enum sc_err traffic_barren(struct traffic_judge *j, struct traffic_act *v, size_t n)
{
	enum sc_err err = SC_OK;
	struct feed_verdict said;
	struct barren_sum sum;

	traffic_sort_by_device(v, n);
	sum_up(v, n, &sum);
	if (!is_barren(&sum, traffic_threshold(j->settings, FEED_BARREN)))
		return SC_OK;
	verdict_of(j, &sum, &said);
	for (size_t i = 0; err == SC_OK && i < n; i++)
		if (counts(&v[i]) && (v[i].note & TRAFFIC_NOTE_ENGAGED) == 0)
			err = traffic_aside(j, v[i].i, &said);
	return err;
}
