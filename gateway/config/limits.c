/*
 * limits.c - the ceilings an operator may lower or raise.
 */
#include "gateway/config/sections.h"

#define AT(field) SHAPE_AT(struct config_limits, field)
#define HOUR_MS (3600u * 1000)

static const struct shape_row rows[] = {
	{ "body_max", shape_bytes, AT(http.max_body), .usual = 8u << 20,
	    .max = CONFIG_BODY_CEILING },
	{ "connections_max", shape_count, AT(http.max_connections), .usual = 65536, .min = 1,
	    .max = 1u << 20 },
	{ "body_min_rate", shape_count, AT(http.body_rate), .usual = 128, .max = 1u << 20 },
	{ "head", shape_duration, AT(http.head_ms), .usual = 10000, .max = HOUR_MS },
	{ "body_idle", shape_duration, AT(http.body_window_ms), .usual = 20000, .max = HOUR_MS },
	{ "keepalive", shape_duration, AT(http.idle_ms), .usual = 75000, .max = HOUR_MS },
	{ "connect", shape_duration, AT(http.connect_ms), .usual = 5000, .max = HOUR_MS },
	{ "first_byte", shape_duration, AT(http.first_byte_ms), .usual = 60000, .max = HOUR_MS },
	{ "answer_idle", shape_duration, AT(http.gap_ms), .usual = 30000, .max = HOUR_MS },
	{ "stream_idle", shape_duration, AT(http.endless_ms), .usual = 300000,
	    .max = 24 * HOUR_MS },
	{ "total", shape_duration, AT(http.total_ms), .usual = 300000, .max = 24 * HOUR_MS },
	{ "drain", shape_duration, AT(drain_ms), .usual = 30000, .max = HOUR_MS },
	{ "upstream_idle", shape_duration, AT(http.pool_idle_ms), .usual = 30000, .max = HOUR_MS },
	{ "items_max", shape_count, AT(items_max), .usual = 4096, .min = 1, .max = 4096 },
	{ .key = NULL },
};

const struct shape config_limits = { .what = "section", .rows = rows };
