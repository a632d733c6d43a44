/*
 * metrics.c - the counters' names, and printing them.
 */
#include "analytics/queryd/metrics.h"

#include <string.h>

static const struct {
	const char *name, *labels, *help;
} rows[QUERYD_METRIC_COUNT] = {
	[QUERYD_ANSWERED] = { "scrim_queries_total", "{outcome=\"answered\"}",
	    "Questions, by what became of them." },
	[QUERYD_WRONG] = { "scrim_queries_total", "{outcome=\"wrong\"}", NULL },
	[QUERYD_FORBIDDEN] = { "scrim_queries_total", "{outcome=\"forbidden\"}", NULL },
	[QUERYD_RAN_OUT] = { "scrim_queries_total", "{outcome=\"ran_out\"}", NULL },
	[QUERYD_GONE] = { "scrim_queries_total", "{outcome=\"gone\"}", NULL },
	[QUERYD_FAILED] = { "scrim_queries_total", "{outcome=\"failed\"}", NULL },
	[QUERYD_DENIED] = { "scrim_queries_total", "{outcome=\"denied\"}", NULL },
	[QUERYD_STRANGER] = { "scrim_queries_total", "{outcome=\"stranger\"}", NULL },
	[QUERYD_BUSY] = { "scrim_queries_total", "{outcome=\"busy\"}", NULL },
	[QUERYD_LOG_AWAY] = { "scrim_queries_total", "{outcome=\"log_away\"}", NULL },
	[QUERYD_CUT] = { "scrim_queries_cut_total", "",
	    "Answers that had more rows than they may have." },
	[QUERYD_FILES] = { "scrim_query_files_total", "", "Manifests and reports that were read." },
	[QUERYD_ROWS] = { "scrim_query_rows_total", "", "Rows of answers." },
	[QUERYD_BYTES] = { "scrim_query_bytes_total", "", "Bytes of answers." },
	[QUERYD_GRANTS_READ] = { "scrim_query_grants_read_total", "",
	    "Times that the grants were taken over." },
};

static enum sc_err print_rows(const struct queryd_metrics *m, struct sc_buf *out)
{
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < QUERYD_METRIC_COUNT && err == SC_OK; i++) {
		/* those of one name stand together, whatever their order in the enumeration */
		const char *name = rows[i].name;

		if (rows[i].help == NULL)
			continue;
		err = sc_buf_printf(out, "# HELP %s %s\n# TYPE %s counter\n", name, rows[i].help,
		    name);
		for (size_t k = 0; k < QUERYD_METRIC_COUNT && err == SC_OK; k++)
			if (strcmp(rows[k].name, name) == 0)
				err = sc_buf_printf(out, "%s%s %llu\n", name, rows[k].labels,
				    (unsigned long long)atomic_load_explicit(&m->v[k],
					memory_order_relaxed));
	}
	return err;
}

enum sc_err queryd_metrics_print(const struct queryd_metrics *m, const struct queryd_gauges *g,
    const struct tlog_status *log, struct sc_buf *out)
{
	const struct {
		const char *name, *labels, *help;
		uint64_t v;
	} gauges[] = {
		{ "scrim_query_releases", "{state=\"served\"}",
		    "Releases in the folder, by whether they are served.", g->releases },
		{ "scrim_query_releases", "{state=\"refused\"}", NULL, g->refused },
		{ "scrim_query_waiting", "", "Questions that wait for a thread.", g->waiting },
		{ "scrim_query_grants_ok", "", "0 when the grants on disk cannot be read.",
		    g->grants_ok },
		{ "scrim_log_entries", "{state=\"taken\"}",
		    "Entries of the log, by how far they are.", log->next },
		{ "scrim_log_entries", "{state=\"durable\"}", NULL, log->durable },
		{ "scrim_log_entries", "{state=\"published\"}", NULL, log->published },
		{ "scrim_log_failed", "", "1 when the log cannot be written.", log->failed },
		{ "scrim_log_space_low", "", "1 when the disk of the log is nearly full.",
		    log->space_low },
	};
	enum sc_err err = print_rows(m, out);

	for (size_t i = 0; i < sizeof(gauges) / sizeof(gauges[0]) && err == SC_OK; i++) {
		if (gauges[i].help != NULL)
			err = sc_buf_printf(out, "# HELP %s %s\n# TYPE %s gauge\n", gauges[i].name,
			    gauges[i].help, gauges[i].name);
		if (err == SC_OK)
			err = sc_buf_printf(out, "%s%s %llu\n", gauges[i].name, gauges[i].labels,
			    (unsigned long long)gauges[i].v);
	}
	return err;
}
