/*
 * untapped.c - purchases that pages told of and that never were orders: none came by the
 * tap or a back end.
 *
 * Only of shops of whose pages' purchases others were orders: where no order is ever
 * heard of, nothing can be missed.
 */
#include "gateway/traffic/judge.h"

#include <stdlib.h>

#define SHOPS 65536

static bool by_page(const struct traffic_act *a)
{
	return (a->bits & TRAFFIC_VOUCHED) == 0;
}

static bool is_order(const struct traffic_act *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!by_page(&v[i]))
			return true;
	return false;
}

static enum sc_err note_tapped(struct traffic_judge *j, struct traffic_act *v, size_t n)
{
	const bool order = is_order(v, n);

	for (size_t i = 0; i < n; i++)
		if (!by_page(&v[i]) && v[i].at_ms < j->oldest_order_ms)
			j->oldest_order_ms = v[i].at_ms;
	for (size_t i = 0; order && i < n; i++)
		if (by_page(&v[i]))
			j->tapped[v[i].shop] = 1;
	return SC_OK;
}

static enum sc_err judge_order(struct traffic_judge *j, struct traffic_act *v, size_t n)
{
	struct feed_verdict said = { .rule = FEED_UNTAPPED,
		.threshold = traffic_threshold(j->settings, FEED_UNTAPPED) };
	enum sc_err err = SC_OK;

	if (is_order(v, n))
		return SC_OK;
	for (size_t i = 0; err == SC_OK && i < n; i++) {
		/* orders of before the log are forgotten: what is as old may have been one */
		if (v[i].at_ms < j->oldest_order_ms || j->tapped[v[i].shop] == 0 ||
		    v[i].at_ms + said.threshold * (uint64_t)TRAFFIC_HOUR_MS > j->now_ms)
			continue;
		said.n = (uint32_t)((j->now_ms - v[i].at_ms) / TRAFFIC_HOUR_MS);
		err = traffic_aside(j, v[i].i, &said);
	}
	return err;
}

enum sc_err traffic_untapped(struct traffic_judge *j)
{
	enum sc_err err;

	if (!traffic_rule_on(j->settings, FEED_UNTAPPED))
		return SC_OK;
	if ((j->tapped = calloc(SHOPS, 1)) == NULL)
		return SC_NOMEM;
	j->oldest_order_ms = UINT64_MAX;
	err = traffic_each_group(j, traffic_by_order, note_tapped);
	if (err == SC_OK)
		err = traffic_each_group(j, traffic_by_order, judge_order);
	free(j->tapped);
	j->tapped = NULL;
	return err;
}
