/*
 * limits.c - the ceilings and deadlines when nobody chose others.
 */
#include "net/http/limits.h"

const struct http_limits http_limits_default = {
	.handshake_ms = 10 * 1000,
	.head_ms = 10 * 1000,
	.idle_ms = 75 * 1000,
	.body_rate = 1024,
	.body_window_ms = 5 * 1000,
	.write_stall_ms = 30 * 1000,
	.call_ms = 120 * 1000,
	.linger_ms = 2 * 1000,
	.max_body = 1024 * 1024,
	.high_water = 256 * 1024,
	.max_connections = 20 * 1000,
	.max_buffered = 256 * 1024 * 1024,
	.connect_ms = 5 * 1000,
	.first_byte_ms = 60 * 1000,
	.gap_ms = 30 * 1000,
	.total_ms = 300 * 1000,
	.endless_ms = 300 * 1000,
	.pool_idle_ms = 30 * 1000,
	.max_per_origin = 4096,
};
