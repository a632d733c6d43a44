/*
 * metrics.h - what queryd counts, for Prometheus. Names and label values are literals in
 * metrics.c: no counter tells a dataset, a question or a reader.
 */
#ifndef ANALYTICS_QUERYD_METRICS_H
#define ANALYTICS_QUERYD_METRICS_H

#include "base/buf.h"
#include "crypto/tlog/writer.h"

#include <stdatomic.h>

enum queryd_metric {
	QUERYD_ANSWERED,
	QUERYD_CUT, /* of them, those with more rows than they may have */
	QUERYD_WRONG,
	QUERYD_FORBIDDEN,
	QUERYD_RAN_OUT, /* steps, time, memory */
	QUERYD_GONE,    /* nobody waited any more */
	QUERYD_FAILED,
	QUERYD_DENIED, /* no grant, or not for that */
	QUERYD_STRANGER,
	QUERYD_BUSY,
	QUERYD_LOG_AWAY,
	QUERYD_FILES, /* manifests and reports */
	QUERYD_ROWS,
	QUERYD_BYTES,
	QUERYD_GRANTS_READ,
	QUERYD_METRIC_COUNT
};

struct queryd_metrics {
	atomic_uint_fast64_t v[QUERYD_METRIC_COUNT];
};

static inline void queryd_count(struct queryd_metrics *m, enum queryd_metric which, uint64_t n)
{
	atomic_fetch_add_explicit(&m->v[which], n, memory_order_relaxed);
}

struct queryd_gauges {
	size_t releases, refused; /* those that are served, and those that are not */
	size_t waiting;
	bool grants_ok;
};

/* Append everything in the Prometheus text format 0.0.4. Fails like sc_buf_put(). */
SC_CHECKED enum sc_err queryd_metrics_print(const struct queryd_metrics *m,
    const struct queryd_gauges *g, const struct tlog_status *log, struct sc_buf *out);

#endif
