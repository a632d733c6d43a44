/*
 * metrics.h - what is counted of virtual numbers, for Prometheus. No label carries
 * more than a name that configuration gave.
 */
#ifndef GATEWAY_PHONE_METRICS_H
#define GATEWAY_PHONE_METRICS_H

#include "gateway/phone/service.h"

/* Append it in the Prometheus text format 0.0.4. Fails like sc_buf_put(), and with SC_NOMEM. */
SC_CHECKED enum sc_err phone_metrics_print(struct phone_service *s, struct sc_buf *out);

#endif
