/*
 * metrics.h - what collecting counts, for Prometheus.
 */
#ifndef GATEWAY_COLLECT_METRICS_H
#define GATEWAY_COLLECT_METRICS_H

#include "gateway/collect/service.h"

/* Append everything in the Prometheus text format 0.0.4. Fails like sc_buf_put(). */
SC_CHECKED enum sc_err collect_metrics_print(struct collect_service *s, struct sc_buf *out);

#endif
