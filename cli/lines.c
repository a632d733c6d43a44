/*
 * lines.c - lines of a descriptor, in a buffer that wipes itself.
 */
#include "cli/lines.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define CHUNK 65536

void lines_init(struct lines *l, int fd, size_t max)
{
	l->fd = fd;
	l->ended = false;
	l->used = 0;
	sc_buf_init(&l->buf, max + 2 + CHUNK);
}

void lines_fini(struct lines *l)
{
	sc_buf_fini(&l->buf);
}

/* Read once more behind what there is; more than a line and a chunk is too much. */
static enum sc_err fill(struct lines *l)
{
	size_t had = l->buf.n;
	enum sc_err err;
	uint8_t *room;
	ssize_t n;

	if ((err = sc_buf_grow(&l->buf, CHUNK, &room)) != SC_OK)
		return err;
	do
		n = read(l->fd, room, CHUNK);
	while (n < 0 && errno == EINTR);
	sc_buf_truncate(&l->buf, had + (n < 0 ? 0 : (size_t)n));
	l->ended = n == 0;
	return n < 0 ? SC_IO : SC_OK;
}

enum sc_err lines_next(struct lines *l, struct sc_span *line, bool *more)
{
	const uint8_t *end = NULL;
	size_t looked = 0, n;
	enum sc_err err;

	sc_buf_consume(&l->buf, l->used);
	l->used = 0;
	for (;;) {
		if (l->buf.n > looked)
			end = memchr(l->buf.p + looked, '\n', l->buf.n - looked);
		if (end != NULL || l->ended)
			break;
		looked = l->buf.n;
		if ((err = fill(l)) != SC_OK)
			return err;
	}
	n = end == NULL ? l->buf.n : (size_t)(end - l->buf.p);
	*more = end != NULL || n > 0;
	l->used = end == NULL ? n : n + 1;
	if (n > 0 && l->buf.p[n - 1] == '\r')
		n--;
	*line = sc_span(l->buf.p, n);
	return SC_OK;
}
