/*
 * burst.c - a network's hour seen whole: many new devices that do one thing, and not for a
 * product that the world came for.
 */
#include "gateway/traffic/judge.h"

#define BURST_PERCENT 70
#define CROWD_TIMES 2

struct burst_sum {
	uint32_t born, total, kinds[FEED_KIND_END];
	uint32_t product, of_product; /* the one that most came for, when half of them did */
	uint64_t elsewhere;           /* how often it was looked at */
};

static uint64_t hour_of(const struct traffic_act *a)
{
	return a->at_ms / TRAFFIC_HOUR_MS;
}

static bool counts(const struct traffic_act *a)
{
	return (a->note & TRAFFIC_NOTE_BORN) != 0 && (a->note & TRAFFIC_NOTE_BOUND) == 0;
}

static void sum_up(const struct traffic_act *v, size_t n, struct burst_sum *s)
{
	uint32_t votes = 0;

	*s = (struct burst_sum){ 0 };
	for (size_t i = 0; i < n; i++) {
		if (!counts(&v[i]))
			continue;
		s->total++;
		s->born += (v[i].note & TRAFFIC_NOTE_FIRST) != 0;
		s->kinds[v[i].kind < FEED_KIND_END ? v[i].kind : 0]++;
		if (votes == 0)
			s->product = v[i].product;
		votes += v[i].product == s->product ? 1 : (uint32_t)-1;
	}
	for (size_t i = 0; i < n; i++)
		s->of_product += counts(&v[i]) && v[i].product == s->product;
}

/* Other networks look at it too, in all twice as often as this one in the hour: it is a sale. */
static bool is_crowd(const struct burst_sum *s)
{
	return s->product != 0 && s->of_product * 2 >= s->total &&
	    s->elsewhere >= (uint64_t)s->of_product * CROWD_TIMES;
}

/* How often all other networks looked at the product that most of this one's hour came for. */
static uint64_t elsewhere(const struct traffic_judge *j, const struct traffic_act *v, size_t n,
    uint32_t product)
{
	uint64_t all = traffic_products_of(&j->products, product);

	for (size_t i = 0; i < n && all > 0; i++)
		all -= v[i].kind == FEED_PRODUCT && v[i].product == product &&
		    j->tape.said[v[i].i] == FEED_NO_RULE;
	return all;
}

static uint8_t most_of(const struct burst_sum *s)
{
	uint8_t most = 0;

	for (uint8_t k = 1; k < FEED_KIND_END; k++)
		most = s->kinds[k] > s->kinds[most] ? k : most;
	return most;
}

static bool is_burst(const struct burst_sum *s, uint32_t threshold)
{
	return s->born >= threshold &&
	    (uint64_t)s->kinds[most_of(s)] * 100 >= (uint64_t)s->total * BURST_PERCENT &&
	    !is_crowd(s);
}

/* One device's hour, unless it did other things too. */
static enum sc_err device_aside(struct traffic_judge *j, const struct traffic_act *v, size_t n,
    uint8_t kind, const struct feed_verdict *said)
{
	uint8_t shown = 0;

	for (size_t i = 0; i < n; i++)
		shown |= traffic_shows(v[i].kind);
	if (!traffic_one_thing(shown, kind) || !counts(&v[0]))
		return SC_OK;
	return traffic_aside_all(j, v, n, said);
}

/* ALL[FROM..TO-1] is an hour of the network that ALL is of. */
static enum sc_err hour_judge(struct traffic_judge *j, struct traffic_act *all, size_t n_all,
    size_t from, size_t to)
{
	struct traffic_act *v = all + from;
	const size_t n = to - from;
	struct feed_verdict said = { .rule = FEED_PREFIX_BURST,
		.threshold = traffic_threshold(j->settings, FEED_PREFIX_BURST) };
	struct burst_sum sum;
	enum sc_err err = SC_OK;

	sum_up(v, n, &sum);
	said.n = sum.born;
	if (sum.born < said.threshold)
		return SC_OK;
	sum.elsewhere = elsewhere(j, all, n_all, sum.product);
	if (!is_burst(&sum, said.threshold))
		return SC_OK;
	traffic_sort_by_device(v, n);
	for (size_t i = 0, end; err == SC_OK && i < n; i = end) {
		for (end = i + 1; end < n && v[end].device == v[i].device;)
			end++;
		err = device_aside(j, v + i, end - i, most_of(&sum), &said);
	}
	return err;
}

enum sc_err traffic_whole_burst(struct traffic_judge *j, struct traffic_act *v, size_t n)
{
	enum sc_err err = SC_OK;

	traffic_sort_by_time(v, n);
	for (size_t i = 0, end; err == SC_OK && i < n; i = end) {
		for (end = i + 1; end < n && hour_of(&v[end]) == hour_of(&v[i]);)
			end++;
		err = hour_judge(j, v, n, i, end);
	}
	return err;
}
