/*
 * demo_peer.c - the other side of the demo: a small order system or carrier,
 * which keeps what it receives and can be told to misbehave.
 *
 *	demo_peer --role order_system|carrier|echo --port N [--store FILE]
 *	          [--requests FILE] [--heads FILE] [--fault NAME] [--fault-file FILE]
 *	          [--answer-file FILE]
 *
 * Every request body is appended to the store as one line, whatever is answered,
 * so the store tells what arrived and how often. order_system also
 * answers GET /…/N with the N-th line it stored, echo answers the body itself.
 * --requests keeps a line per whole request, "METHOD PATH", and "partial" for
 * each connection that ended within one. --heads keeps a line per whole request as
 * it came: the lines of its head and its body, with tabs between.
 * --fault-file names a file whose one word is read at every request; it wins
 * over --fault, so a running peer can change its manners. --answer-file names a
 * file whose bytes, head and all, are the answer to every request while there
 * is such a file; the connection is then closed. Loopback only. Part of the
 * demo and the tests, never of the product.
 */
#include "demo_http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum role { ORDER_SYSTEM, CARRIER, ECHO };

struct peer {
	enum role role;
	int port, store, requests, heads;
	const char *fault, *fault_file, *answer_file;
	pthread_mutex_t lock;
	struct {
		long long at;
		size_t n;
	} * lines;
	size_t n_lines, cap_lines;
	long long end;
};

struct visit {
	struct peer *peer;
	int fd;
};

static void fatal(const char *what)
{
	perror(what);
	exit(1);
}

/* Append BODY as one line; its number (from 1) comes back. */
static size_t keep(struct peer *p, const char *body, size_t n)
{
	char *line = malloc(n + 1);
	size_t number;

	if (line == NULL)
		fatal("malloc");
	for (size_t i = 0; i < n; i++)
		line[i] = body[i] == '\n' || body[i] == '\r' ? ' ' : body[i];
	line[n] = '\n';
	pthread_mutex_lock(&p->lock);
	if (p->store >= 0 && write(p->store, line, n + 1) != (ssize_t)(n + 1))
		fatal("store");
	if (p->n_lines == p->cap_lines) {
		p->cap_lines = p->cap_lines * 2 + 64;
		p->lines = realloc(p->lines, p->cap_lines * sizeof(*p->lines));
		if (p->lines == NULL)
			fatal("malloc");
	}
	p->lines[p->n_lines].at = p->end;
	p->lines[p->n_lines++].n = n;
	p->end += (long long)n + 1;
	number = p->n_lines;
	pthread_mutex_unlock(&p->lock);
	free(line);
	return number;
}

/* The stored line NUMBER, the caller's to free; NULL when there is none. */
static char *fetch(struct peer *p, size_t number, size_t *n)
{
	char *line = NULL;

	pthread_mutex_lock(&p->lock);
	if (number >= 1 && number <= p->n_lines && p->store >= 0) {
		*n = p->lines[number - 1].n;
		line = malloc(*n + 1);
		if (line != NULL &&
		    pread(p->store, line, *n, p->lines[number - 1].at) != (ssize_t)*n) {
			free(line);
			line = NULL;
		}
	}
	pthread_mutex_unlock(&p->lock);
	return line;
}

static void current_fault(const struct peer *p, char out[static 32])
{
	FILE *f;

	snprintf(out, 32, "%s", p->fault);
	if (p->fault_file == NULL || (f = fopen(p->fault_file, "r")) == NULL)
		return;
	if (fscanf(f, "%31s", out) != 1)
		out[0] = '\0';
	fclose(f);
}

static void note(const struct peer *p, const char *line)
{
	if (p->requests >= 0 && dprintf(p->requests, "%s\n", line) < 0)
		fatal("requests");
}

/* All of a request in one line. */
static void keep_head(const struct peer *p, const struct demo_request *q)
{
	size_t n = strlen(q->head);
	char *line = p->heads < 0 ? NULL : malloc(n + q->body_n + 2);

	if (p->heads < 0)
		return;
	if (line == NULL)
		fatal("malloc");
	memcpy(line, q->head, n);
	line[n] = '\n';
	memcpy(line + n + 1, q->body, q->body_n);
	n += 1 + q->body_n;
	for (size_t i = 0; i < n; i++)
		line[i] = line[i] == '\n' ? '\t' : line[i] == '\r' ? ' ' : line[i];
	line[n++] = '\n';
	if (write(p->heads, line, n) != (ssize_t)n)
		fatal("heads");
	free(line);
}

enum manners { ANSWER, ANSWERED, SPOILT };

/* Misbehave on purpose; what is left to do with the connection comes back. */
static enum manners misbehave(const char *fault, int fd, const char *body, size_t n)
{
	struct linger now = { 1, 0 };
	char byte;
	static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

	if (strcmp(fault, "slow") == 0) {
		sleep(3);
		return ANSWER;
	}
	if (strcmp(fault, "early-close") == 0)
		return SPOILT;
	if (strcmp(fault, "reset") == 0) {
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
		return SPOILT;
	}
	if (strcmp(fault, "half-head") == 0) {
		demo_print(fd, "HTTP/1.1 200 OK\r\nContent-Ty");
		return SPOILT;
	}
	if (strcmp(fault, "garbage") == 0) {
		demo_print(fd, "220 mail.example ESMTP\r\n\r\n");
		return SPOILT;
	}
	if (strcmp(fault, "short") == 0) { /* promises more than it sends */
		demo_print(fd, "%sContent-Length: %zu\r\n\r\n", ok, n + 1000);
		demo_send(fd, body, n);
		return SPOILT;
	}
	if (strcmp(fault, "two-lengths") == 0) {
		demo_print(fd, "%sContent-Length: 2\r\nContent-Length: 20\r\n\r\n{}", ok);
		return SPOILT;
	}
	if (strcmp(fault, "extra") == 0) { /* sends more than it promised */
		demo_print(fd,
		    "%sContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\nContent-Length: "
		    "9\r\n\r\n\"smuggled",
		    ok);
		sleep(1);
		return SPOILT;
	}
	if (strcmp(fault, "bad-chunk") == 0) {
		demo_print(fd, "%sTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", ok);
		return SPOILT;
	}
	if (strcmp(fault, "events") == 0 || strcmp(fault, "trickle") == 0) {
		/* two, some time apart, and then none */
		demo_print(fd, "HTTP/1.1 200 OK\r\nContent-Type: text/%s\r\n\r\n",
		    fault[0] == 'e' ? "event-stream" : "plain");
		demo_print(fd, "data: first\n\n");
		sleep(3);
		demo_print(fd, "data: second\n\n");
		while (recv(fd, &byte, 1, 0) > 0)
			;
		return SPOILT;
	}
	if (strcmp(fault, "500") == 0) {
		demo_answer(fd, "500 Internal Server Error", "{\"error\":\"demo\"}", 16);
		return SPOILT;
	}
	return ANSWER;
}

/* Send the file's bytes as they stand; false when there is none. */
static bool answer_verbatim(const struct peer *p, int fd)
{
	FILE *f = p->answer_file == NULL ? NULL : fopen(p->answer_file, "r");
	char bytes[16384];
	size_t n;

	if (f == NULL)
		return false;
	while ((n = fread(bytes, 1, sizeof(bytes), f)) != 0)
		demo_send(fd, bytes, n);
	fclose(f);
	return true;
}

static void answer(struct peer *p, int fd, const struct demo_request *q)
{
	char text[96], *stored = NULL;
	size_t n = 0;
	const char *last = strrchr(q->path, '/');

	if (strcmp(q->method, "GET") == 0) {
		stored = fetch(p, last == NULL ? 0 : strtoul(last + 1, NULL, 10), &n);
		if (stored == NULL)
			demo_answer(fd, "404 Not Found", "{\"error\":\"no such order\"}", 25);
		else
			demo_answer(fd, "200 OK", stored, n);
		free(stored);
		return;
	}
	n = keep(p, q->body, q->body_n);
	if (p->role == ECHO) {
		demo_answer(fd, "200 OK", q->body, q->body_n);
		return;
	}
	snprintf(text, sizeof(text),
	    p->role == CARRIER ? "{\"label\":%zu,\"printed\":true}" : "{\"stored\":%zu}", n);
	demo_answer(fd, "201 Created", text, strlen(text));
}

static void *serve(void *arg)
{
	struct visit v = *(struct visit *)arg;
	struct demo_conn c;
	struct demo_request q;
	char fault[32], line[sizeof(q.method) + sizeof(q.path) + 1];
	enum manners manners;
	bool whole;
	int one = 1;

	free(arg);
	setsockopt(v.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	demo_conn_init(&c, v.fd);
	while ((whole = demo_read_request(&c, &q))) {
		snprintf(line, sizeof(line), "%s %s", q.method, q.path);
		note(v.peer, line);
		keep_head(v.peer, &q);
		current_fault(v.peer, fault);
		manners = fault[0] == '\0' ? ANSWER : misbehave(fault, v.fd, q.body, q.body_n);
		if (manners == ANSWER && answer_verbatim(v.peer, v.fd))
			manners = SPOILT;
		if (manners == ANSWER)
			answer(v.peer, v.fd, &q);
		else if (strcmp(q.method, "GET") != 0)
			keep(v.peer, q.body, q.body_n);
		if (manners == SPOILT)
			break;
	}
	if (!whole && c.n != 0)
		note(v.peer, "partial");
	demo_conn_fini(&c);
	close(v.fd);
	return NULL;
}

static int listen_on(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
	    bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0 || listen(fd, 512) != 0)
		fatal("listen");
	return fd;
}

static bool parse_options(int argc, char **argv, struct peer *p)
{
	const int keeping = O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC;
	const char *store = NULL, *requests = NULL, *heads = NULL;

	p->store = p->requests = p->heads = -1;
	p->fault = "";
	for (int i = 1; i + 1 < argc; i += 2) {
		const char *v = argv[i + 1];

		if (strcmp(argv[i], "--role") == 0)
			p->role = v[0] == 'c' ? CARRIER : v[0] == 'e' ? ECHO : ORDER_SYSTEM;
		else if (strcmp(argv[i], "--port") == 0)
			p->port = (int)strtol(v, NULL, 10);
		else if (strcmp(argv[i], "--store") == 0)
			store = v;
		else if (strcmp(argv[i], "--requests") == 0)
			requests = v;
		else if (strcmp(argv[i], "--heads") == 0)
			heads = v;
		else if (strcmp(argv[i], "--fault") == 0)
			p->fault = v;
		else if (strcmp(argv[i], "--fault-file") == 0)
			p->fault_file = v;
		else if (strcmp(argv[i], "--answer-file") == 0)
			p->answer_file = v;
		else
			return false;
	}
	if (store != NULL && (p->store = open(store, keeping, 0600)) < 0)
		fatal(store);
	if (requests != NULL && (p->requests = open(requests, keeping, 0600)) < 0)
		fatal(requests);
	if (heads != NULL && (p->heads = open(heads, keeping, 0600)) < 0)
		fatal(heads);
	return argc % 2 == 1 && p->port > 0 && p->port < 65536;
}

int main(int argc, char **argv)
{
	struct peer p = { .lock = PTHREAD_MUTEX_INITIALIZER };
	pthread_attr_t attr;
	int fd;

	if (!parse_options(argc, argv, &p)) {
		fprintf(stderr,
		    "usage: demo_peer --role order_system|carrier|echo --port N "
		    "[--store FILE] [--requests FILE] [--heads FILE] [--fault NAME] "
		    "[--fault-file FILE] [--answer-file FILE]\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, 256 * 1024);
	fd = listen_on(p.port);
	for (;;) {
		struct visit *v = malloc(sizeof(*v));
		pthread_t t;

		if (v == NULL)
			fatal("malloc");
		v->peer = &p;
		v->fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
		if (v->fd < 0 || pthread_create(&t, &attr, serve, v) != 0) {
			if (v->fd >= 0)
				close(v->fd);
			free(v);
		}
	}
}
