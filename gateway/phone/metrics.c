/*
 * metrics.c - pools, calls and hooks as numbers: a row each.
 */
#include "gateway/phone/metrics.h"

#include "gateway/phone/hooks.h"
#include "gateway/phone/service_private.h"

#include <stdlib.h>

struct metric_row {
	const char *name, *type, *help;
	size_t at; /* of the uint64_t */
};

struct pool_numbers {
	struct book_stats stats;
	struct phone_counts counts;
};

#define GAUGE(name, field, help) \
	{ \
		name, "gauge", help, offsetof(struct pool_numbers, stats.field) \
	}
#define COUNT(name, field, help) \
	{ \
		name, "counter", help, offsetof(struct pool_numbers, counts.field) \
	}
static const struct metric_row pool_rows[] = {
	GAUGE("scrim_pool_slots", total, "Slots of a pool of virtual numbers."),
	GAUGE("scrim_pool_live", live, "Slots that lead to somebody."),
	GAUGE("scrim_pool_cooling", cooling, "Slots that cool down, for nobody."),
	GAUGE("scrim_pool_free", free, "Slots that may be given out."),
	COUNT("scrim_pool_bound_total", bound, "Bindings made."),
	COUNT("scrim_pool_exhausted_total", exhausted, "Bindings for which there was no slot."),
	COUNT("scrim_pool_connected_total", connected, "Calls and messages that reached somebody."),
	COUNT("scrim_pool_late_calls_total", late_calls, "Calls to a binding that has ended."),
	COUNT("scrim_pool_misses_total", misses, "Calls that lead to nobody."),
	COUNT("scrim_pool_blocked_total", blocked, "Calls not compared, after too many misses."),
};

#define HOOKS(name, type, field, help) \
	{ \
		name, type, help, offsetof(struct hooks_stats, field) \
	}
static const struct metric_row hook_rows[] = {
	HOOKS("scrim_hooks_delivered_total", "counter", delivered, "Events that a receiver took."),
	HOOKS("scrim_hooks_retried_total", "counter", retried, "Tries that failed."),
	HOOKS("scrim_hooks_given_up_total", "counter", given_up,
	    "Events that nobody will be told of any more."),
	HOOKS("scrim_hooks_waiting", "gauge", waiting, "Events that wait to be told."),
};

#define ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))

static unsigned long long number_at(const void *numbers, const struct metric_row *row)
{
	return *(const uint64_t *)(const void *)((const char *)numbers + row->at);
}

static enum sc_err print_head(const struct metric_row *row, struct sc_buf *out)
{
	return sc_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", row->name, row->help, row->name,
	    row->type);
}

static enum sc_err print_pools(const struct phone_settings *set, const struct pool_numbers *v,
    struct sc_buf *out)
{
	enum sc_err err = SC_OK;

	for (size_t r = 0; r < ROWS(pool_rows) && err == SC_OK; r++) {
		err = print_head(&pool_rows[r], out);
		for (size_t i = 0; i < set->n_pools && err == SC_OK; i++)
			err = sc_buf_printf(out, "%s{pool=\"%s\"} %llu\n", pool_rows[r].name,
			    set->pools[i].name.s, number_at(&v[i], &pool_rows[r]));
	}
	return err;
}

static enum sc_err print_hooks(struct phone_hooks *h, struct sc_buf *out)
{
	struct hooks_stats stats;
	enum sc_err err = SC_OK;

	hooks_stats(h, &stats);
	for (size_t r = 0; r < ROWS(hook_rows) && err == SC_OK; r++) {
		err = print_head(&hook_rows[r], out);
		if (err == SC_OK)
			err = sc_buf_printf(out, "%s %llu\n", hook_rows[r].name,
			    number_at(&stats, &hook_rows[r]));
	}
	return err;
}

enum sc_err phone_metrics_print(struct phone_service *s, struct sc_buf *out)
{
	const struct phone_settings *set = s->settings;
	struct pool_numbers *v = calloc(set->n_pools, sizeof(*v));
	enum sc_err err;

	if (v == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < set->n_pools; i++) {
		phone_pool_stats(s, (uint16_t)i, &v[i].stats);
		phone_pool_counts(s, (uint16_t)i, &v[i].counts);
	}
	err = print_pools(set, v, out);
	free(v);
	return err != SC_OK || s->hooks == NULL ? err : print_hooks(s->hooks, out);
}
