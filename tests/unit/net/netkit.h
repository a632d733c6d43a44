/*
 * netkit.h - a server on a thread of its own and blocking raw sockets, for
 * the tests of net/.
 */
#ifndef TESTS_NETKIT_H
#define TESTS_NETKIT_H

#include "net/http/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define KIT_WAIT_MS 10000 /* for what must happen */

struct kit_server {
	struct loop *loop;
	struct http_server *server;
	pthread_t thread;
	uint16_t port;
};

static inline void kit_die(const char *what)
{
	printf("Bail out! %s\n", what);
	exit(1);
}

static inline void *kit_thread(void *arg)
{
	struct kit_server *k = arg;

	if (loop_run(k->loop) != SC_OK)
		kit_die("loop_run");
	return NULL;
}

static inline void kit_start(struct kit_server *k, const struct http_handler *h, void *arg,
    const struct http_limits *limits, struct tls_context *tls)
{
	struct http_server_options o = { .handler = h, .arg = arg, .limits = limits };
	struct sc_diag d = { .text = "" };

	if (loop_new(&k->loop) != SC_OK)
		kit_die("loop_new");
	o.loop = k->loop;
	if (http_server_new(&o, &k->server) != SC_OK ||
	    http_server_listen(k->server, "127.0.0.1:0", tls, &d, &k->port) != SC_OK)
		kit_die(d.text);
	if (pthread_create(&k->thread, NULL, kit_thread, k) != 0)
		kit_die("pthread_create");
}

static inline void kit_stop(struct kit_server *k)
{
	loop_stop(k->loop);
	pthread_join(k->thread, NULL);
	http_server_free(k->server);
	loop_free(k->loop);
}

/* ---- raw sockets ---- */

static inline int kit_connect(uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0)
		kit_die("connect");
	return fd;
}

static inline void kit_send(int fd, const void *p, size_t n)
{
	const char *c = p;

	while (n > 0) {
		ssize_t r = send(fd, c, n, MSG_NOSIGNAL);

		if (r <= 0)
			return; /* the peer closed; the test will see */
		c += r;
		n -= (size_t)r;
	}
}

static inline void kit_send_str(int fd, const char *s)
{
	kit_send(fd, s, strlen(s));
}

/* A growing NUL-ended text of what was received. */
struct kit_text {
	char *s;
	size_t n, cap;
};

/* Receive once. 1 more, 0 closed (or reset), -1 nothing within MS. */
static inline int kit_recv(int fd, struct kit_text *t, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t r;

	if (t->cap - t->n < 65536) {
		t->cap = t->cap * 2 + 131072;
		t->s = realloc(t->s, t->cap);
	}
	t->s[t->n] = '\0';
	if (poll(&p, 1, ms) <= 0)
		return -1;
	r = recv(fd, t->s + t->n, t->cap - t->n - 1, 0);
	if (r <= 0)
		return 0;
	t->n += (size_t)r;
	t->s[t->n] = '\0';
	return 1;
}

/* Receive until the peer closes. True when it did. */
static inline bool kit_recv_closed(int fd, struct kit_text *t)
{
	int r;

	while ((r = kit_recv(fd, t, KIT_WAIT_MS)) == 1)
		;
	return r == 0;
}

/* Receive until TEXT is in it. */
static inline bool kit_recv_until(int fd, struct kit_text *t, const char *text)
{
	while (t->s == NULL || memmem(t->s, t->n, text, strlen(text)) == NULL)
		if (kit_recv(fd, t, KIT_WAIT_MS) != 1)
			return false;
	return true;
}

static inline size_t kit_count(const struct kit_text *t, const char *text)
{
	size_t count = 0;

	for (const char *p = t->s; p != NULL && (p = strstr(p, text)) != NULL; p++)
		count++;
	return count;
}

static inline void kit_text_free(struct kit_text *t)
{
	free(t->s);
	*t = (struct kit_text){ 0 };
}

/* Send REQUEST, receive until closed, and say whether it was; the answer is in T. */
static inline bool kit_ask_closed(uint16_t port, const char *request, size_t n, struct kit_text *t)
{
	int fd = kit_connect(port);
	bool closed;

	kit_send(fd, request, n);
	closed = kit_recv_closed(fd, t);
	close(fd);
	return closed;
}

#endif
