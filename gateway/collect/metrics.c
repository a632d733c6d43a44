/*
 * metrics.c - what collecting counts, for Prometheus. Labels are rules' names: no counter
 * can carry a site, a product or a person.
 */
#include "gateway/collect/metrics.h"

#include <inttypes.h>

static enum sc_err print_head(struct sc_buf *out, const char *name, const char *type,
    const char *help)
{
	return sc_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static enum sc_err print_rules(struct sc_buf *out, const char *name, const char *help,
    const uint64_t n[FEED_RULE_END])
{
	enum sc_err err = print_head(out, name, "counter", help);

	for (unsigned i = 1; i < FEED_RULE_END && err == SC_OK; i++)
		err = sc_buf_printf(out, "%s{why=\"%s\"} %" PRIu64 "\n", name, feed_rules[i].name,
		    n[i]);
	return err;
}

struct metric_row {
	const char *name, *labels, *type, *help; /* HELP NULL: of the row above */
	uint64_t v;
};

static enum sc_err print_rows(struct sc_buf *out, const struct metric_row *rows, size_t n)
{
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < n && err == SC_OK; i++) {
		if (rows[i].help != NULL)
			err = print_head(out, rows[i].name, rows[i].type, rows[i].help);
		if (err == SC_OK)
			err = sc_buf_printf(out, "%s%s %" PRIu64 "\n", rows[i].name, rows[i].labels,
			    rows[i].v);
	}
	return err;
}

enum sc_err collect_metrics_print(struct collect_service *s, struct sc_buf *out)
{
	struct collect_stats c;
	enum sc_err err;

	collect_count(s, &c);
	{
		const struct metric_row rows[] = {
			{ "scrim_collect_events_total", "{became=\"in\"}", "counter",
			    "Events for analysis, by what became of them.", c.in },
			{ "scrim_collect_events_total", "{became=\"set_aside\"}", NULL, NULL,
			    c.set_aside },
			{ "scrim_collect_taken_total", "", "counter",
			    "Things that were sent, of whatever kind.", c.taken },
			{ "scrim_collect_orders_total", "{became=\"heard\"}", "counter",
			    "Orders that passed, by what became of them.", c.tap_orders },
			{ "scrim_collect_orders_total", "{became=\"unreadable\"}", NULL, NULL,
			    c.tap_unreadable },
			{ "scrim_collect_orders_total", "{became=\"dropped\"}", NULL, NULL,
			    c.tap_dropped },
			{ "scrim_collect_orders_waiting", "", "gauge",
			    "Orders that wait in memory for keyd or the spool.", c.tap_waiting },
			{ "scrim_collect_spool_bytes", "", "gauge",
			    "Bytes on their way to analytics.", c.spool.bytes },
			{ "scrim_collect_spool_frames", "{state=\"put\"}", "gauge",
			    "Frames, by how far they are.", c.spool.put },
			{ "scrim_collect_spool_frames", "{state=\"durable\"}", NULL, NULL,
			    c.spool.durable },
			{ "scrim_collect_spool_frames", "{state=\"fed\"}", NULL, NULL,
			    c.spool.fed },
			{ "scrim_collect_spool_connected", "", "gauge",
			    "1 when analytics takes what is handed over.", c.spool.connected },
			{ "scrim_collect_spool_failed", "", "gauge",
			    "1 when the spool's disk failed: nothing is taken until a restart.",
			    c.spool.failed },
			{ "scrim_collect_rule_bytes", "", "gauge", "Memory of the rules' tables.",
			    c.traffic.bytes },
			{ "scrim_collect_rule_evicted_total", "", "counter",
			    "Rows of those tables that had to go early.", c.traffic.evicted },
			{ "scrim_collect_snapshots_total", "", "counter",
			    "Snapshots that were made.", c.snapshots },
			{ "scrim_collect_snapshot_ms", "", "gauge", "How long the last one took.",
			    c.snapshot_ms },
		};

		err = print_rows(out, rows, sizeof(rows) / sizeof(rows[0]));
	}
	if (err == SC_OK)
		err = print_rules(out, "scrim_collect_refused_total", "Events refused, by reason.",
		    c.refused);
	if (err == SC_OK)
		err = print_rules(out, "scrim_collect_set_aside_total",
		    "Events set aside at arrival, by rule.", c.traffic.set_aside);
	return err;
}
