/*
 * limits.h - every ceiling and deadline of the HTTP server and client.
 */
#ifndef NET_HTTP_LIMITS_H
#define NET_HTTP_LIMITS_H

#include <stddef.h>
#include <stdint.h>

#define HTTP_HEAD_MAX 16384   /* bytes of a head, its empty line included */
#define HTTP_FIELDS_MAX 100   /* fields in a head */
#define HTTP_WINDOW_MAX 65536 /* bytes of one on_body() span, at most */
#define HTTP_BODY_PAD 64      /* readable zero bytes behind a buffered body */

/* http_limits_default has the values in the comments. */
struct http_limits {
	/* server */
	uint32_t handshake_ms;   /* 10,000: accept to TLS established */
	uint32_t head_ms;        /* 10,000: a head, from its first byte to its last */
	uint32_t idle_ms;        /* 75,000: between requests, and before the first */
	uint32_t body_rate;      /* 1,024: bytes a second a body must arrive with ... */
	uint32_t body_window_ms; /* 5,000: ... measured over this (a pause by us does not count) */
	uint32_t write_stall_ms; /* 30,000: the peer takes no byte of what is waiting */
	uint32_t call_ms;        /* 120,000: the handler's answer begins after the request ended */
	uint32_t linger_ms; /* 2,000: reading on after an early close, so that the answer arrives */
	size_t max_body;    /* 1 MiB: for handlers that choose no cap of their own */
	size_t high_water;  /* 256 KiB: http_call_write() asks to pause above it */
	unsigned max_connections; /* 20,000, of all servers that share */
	size_t
	    max_buffered; /* 256 MiB of bodies outside the connections' own buffers, of all that share */
	/* client */
	uint32_t connect_ms;    /* 5,000: TCP and TLS together */
	uint32_t first_byte_ms; /* 60,000: request sent to the response's first byte */
	uint32_t gap_ms;        /* 30,000: no byte of a response (or none of ours taken) */
	uint32_t total_ms;      /* 300,000: the whole exchange, unless it has no end */
	uint32_t endless_ms;    /* 300,000: no byte of an answer without an end */
	uint32_t
	    pool_idle_ms; /* 30,000: an unused connection is kept; keep it below the upstream's own */
	unsigned max_per_origin; /* 4,096 connections, idle ones included */
};

extern const struct http_limits http_limits_default;

#endif
