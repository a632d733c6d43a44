/*
 * demo_http.h - just enough blocking HTTP/1.1 for the demo's own servers.
 *
 * Lenient on purpose: it stands for other people's systems. The product's own
 * parser is net/http.
 */
#ifndef TESTS_DEMO_HTTP_H
#define TESTS_DEMO_HTTP_H

#include <stdbool.h>
#include <stddef.h>

struct demo_conn {
	int fd;
	char *p;
	size_t n, cap, used; /* bytes read, room, bytes of the last request */
};

struct demo_request {
	char method[16], path[512];
	const char
	    *head; /* NUL-ended; both inside the connection's buffer until the next request */
	char *body;
	size_t body_n;
};

void demo_conn_init(struct demo_conn *c, int fd);
void demo_conn_fini(struct demo_conn *c);

/* Wait for one whole request; false when the other side is gone or unclear. */
bool demo_read_request(struct demo_conn *c, struct demo_request *q);

void demo_send(int fd, const char *p, size_t n);
void demo_print(int fd, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A JSON answer with its length; the connection stays open. */
void demo_answer(int fd, const char *status, const char *body, size_t n);

#endif
