/*
 * demo_http.c - see demo_http.h.
 */
#include "demo_http.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/types.h>

#define BODY_MAX (64u << 20)

void demo_conn_init(struct demo_conn *c, int fd)
{
	memset(c, 0, sizeof(*c));
	c->fd = fd;
}

void demo_conn_fini(struct demo_conn *c)
{
	free(c->p);
	memset(c, 0, sizeof(*c));
}

static bool more(struct demo_conn *c)
{
	ssize_t got;

	if (c->cap - c->n < 4096) {
		char *p = realloc(c->p, c->cap * 2 + 16384);

		if (p == NULL || c->n > BODY_MAX) {
			c->p = p != NULL ? p : c->p;
			return false;
		}
		c->p = p;
		c->cap = c->cap * 2 + 16384;
	}
	got = recv(c->fd, c->p + c->n, c->cap - c->n - 1, 0);
	if (got <= 0)
		return false;
	c->n += (size_t)got;
	c->p[c->n] = '\0';
	return true;
}

/* The value of a header, or NULL. HEAD is NUL-ended. */
static const char *header(const char *head, const char *name)
{
	size_t n = strlen(name);

	for (const char *s = strstr(head, "\r\n"); s != NULL; s = strstr(s + 2, "\r\n")) {
		if (strncasecmp(s + 2, name, n) == 0 && s[2 + n] == ':') {
			s += 3 + n;
			return s + strspn(s, " ");
		}
	}
	return NULL;
}

/* Read a chunked body that starts at AT and close it up in place. */
static bool read_chunked(struct demo_conn *c, size_t at, size_t *body_n)
{
	size_t to = at;

	for (;;) {
		char *end;
		size_t n, line;

		while (c->n <= at || (end = memchr(c->p + at, '\n', c->n - at)) == NULL)
			if (!more(c))
				return false;
		n = strtoul(c->p + at, NULL, 16);
		line = (size_t)(end - (c->p + at)) + 1;
		if (n > BODY_MAX)
			return false;
		while (c->n < at + line + n + 2)
			if (!more(c))
				return false;
		memmove(c->p + to, c->p + at + line, n);
		to += n;
		at += line + n + 2;
		if (n == 0)
			break;
	}
	*body_n = to;
	c->used = at;
	return true;
}

bool demo_read_request(struct demo_conn *c, struct demo_request *q)
{
	char *end;
	const char *length, *coding;
	size_t head_n, body_n;

	if (c->used > 0) {
		memmove(c->p, c->p + c->used, c->n - c->used);
		c->n -= c->used;
		c->p[c->n] = '\0';
		c->used = 0;
	}
	while (c->n == 0 || (end = strstr(c->p, "\r\n\r\n")) == NULL)
		if (!more(c))
			return false;
	*end = '\0';
	if (sscanf(c->p, "%15s %511s", q->method, q->path) != 2)
		return false;
	head_n = (size_t)(end - c->p) + 4;
	length = header(c->p, "Content-Length");
	coding = header(c->p, "Transfer-Encoding");
	body_n = length == NULL ? 0 : strtoul(length, NULL, 10);
	if (header(c->p, "Expect") != NULL)
		demo_print(c->fd, "HTTP/1.1 100 Continue\r\n\r\n");
	if (coding != NULL) {
		if (!read_chunked(c, head_n, &body_n))
			return false;
		body_n -= head_n;
	} else {
		if (body_n > BODY_MAX)
			return false;
		while (c->n < head_n + body_n)
			if (!more(c))
				return false;
		c->used = head_n + body_n;
	}
	q->head = c->p;
	q->body = c->p + head_n;
	q->body_n = body_n;
	return true;
}

void demo_send(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		p += sent;
		n -= (size_t)sent;
	}
}

void demo_print(int fd, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n > 0)
		demo_send(fd, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

void demo_answer(int fd, const char *status, const char *body, size_t n)
{
	char *all = malloc(n + 256);
	int head;

	if (all == NULL)
		return;
	head = snprintf(all, 256,
	    "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", status,
	    n);
	memcpy(all + head, body, n);
	demo_send(fd, all, (size_t)head + n);
	free(all);
}
