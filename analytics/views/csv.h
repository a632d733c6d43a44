/*
 * csv.h - RFC 4180, a record at a time: quotes, line ends of one or two bytes, a byte order
 * mark, and "," or ";" or a tab between cells.
 *
 * Strict: a quote that is not where it may be, a line with other cells than the first, bytes
 * that are not UTF-8 are refused by line and column, and never quoted. Lines that are empty
 * are none.
 */
#ifndef ANALYTICS_VIEWS_CSV_H
#define ANALYTICS_VIEWS_CSV_H

#include "base/buf.h"
#include "base/diag.h"

#include <sys/types.h>

#define CSV_RECORD_MAX (1u << 20) /* bytes */
#define CSV_CELLS_MAX 1024

struct csv_reader;

/* Up to N bytes into P; 0: the end; below 0: it cannot be read. */
typedef ssize_t csv_read_fn(void *arg, void *p, size_t n);

/*
 * SEPARATOR 0: the one of "," ";" and tab that is most in the first line. NAME (borrowed) is
 * the file's, in messages. Fails with SC_NOMEM. *OUT is the caller's.
 */
SC_CHECKED enum sc_err csv_new(csv_read_fn *read, void *arg, char separator, const char *name,
    struct csv_reader **out);
void csv_free(struct csv_reader *r); /* NULL is fine */
/* From the start: the caller has put its file back. The separator stays as it was found. */
void csv_again(struct csv_reader *r);

/*
 * The next record: *CELLS of *N cells, valid until the next call; *N 0: there is none. Fails
 * with SC_SYNTAX and SC_LIMIT (D: where), SC_IO, SC_NOMEM.
 */
SC_CHECKED enum sc_err csv_next(struct csv_reader *r, const struct sc_span **cells, size_t *n,
    struct sc_diag *d);
/* The line that the record began in, from 1. */
unsigned csv_line(const struct csv_reader *r);

#endif
