/*
 * traffic_barren.c - a network whose visitors only look: next to nobody searches, lists or fills a
 * cart, as people do.
 */
#include "gateway/collect/traffic_judge.h"

#define EVENTS_MIN 30
#define DEVICES_MIN 6
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

static bool counts(const struct traffic_judge *j, const struct traffic_act *a)
{
	return a->device != 0 && (a->note & TRAFFIC_NOTE_BOUND) == 0 &&
	    j->tape.said[a->i] == FEED_NO_RULE;
}

static void sum_up(const struct traffic_judge *j, const struct traffic_act *v, size_t n,
    struct barren_sum *out)
{
	uint64_t last = 0;

	*out = (struct barren_sum){ 0 };
	for (size_t i = 0; i < n; i++) {
		const bool engaged = (v[i].note & TRAFFIC_NOTE_ENGAGED) != 0;

		if (!counts(j, &v[i]))
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

static bool is_barren(const struct barren_sum *s, uint32_t threshold)
{
	return s->events >= EVENTS_MIN && s->devices >= DEVICES_MIN &&
	    s->seeks * MILLE < (size_t)threshold * s->events;
}

enum sc_err traffic_barren(struct traffic_judge *j, struct traffic_act *v, size_t n)
{
	struct feed_verdict said = { .rule = FEED_BARREN,
		.threshold = traffic_threshold(j->settings, FEED_BARREN) };
	enum sc_err err = SC_OK;
	struct barren_sum sum;

	traffic_sort_by_device(v, n);
	sum_up(j, v, n, &sum);
	if (!is_barren(&sum, said.threshold))
		return SC_OK;
	said.n = (uint32_t)(sum.seeks * MILLE / sum.events);
	said.expected = j->usual_seeks;
	for (size_t i = 0; err == SC_OK && i < n; i++)
		if (counts(j, &v[i]) && (v[i].note & TRAFFIC_NOTE_ENGAGED) == 0)
			err = traffic_aside(j, v[i].i, &said);
	return err;
}
