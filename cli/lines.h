/*
 * lines.h - lines of a descriptor, one at a time, with a ceiling.
 */
#ifndef CLI_LINES_H
#define CLI_LINES_H

#include "base/buf.h"

struct lines {
	int fd;
	bool ended;
	size_t used; /* bytes at the front that were handed out */
	struct sc_buf buf;
};

/* No line may be longer than MAX bytes. */
void lines_init(struct lines *l, int fd, size_t max);
void lines_fini(struct lines *l);

/*
 * The next line without its end (\n or \r\n), borrowed until the next call;
 * *MORE is false when there is none. Fails with SC_LIMIT, SC_IO, SC_NOMEM.
 */
SC_CHECKED enum sc_err lines_next(struct lines *l, struct sc_span *line, bool *more);

#endif
