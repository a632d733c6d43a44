/*
 * pg.h - a database of PostgreSQL's, as far as `scrim` writes into one.
 *
 * All SQL is ours; what goes into it are checked words, numbers, and literals that libpq quotes.
 * An error is told once, in one line, without what was sent.
 */
#ifndef CLI_PG_H
#define CLI_PG_H

#include "base/buf.h"

struct pg_conn;

/* Connect to URL, "postgresql://...". CLI_GO_ON and *OUT to pg_close(), or a code (said). */
int pg_open(const char *url, struct pg_conn **out);
void pg_close(struct pg_conn *c); /* what was begun is taken back; NULL is fine */

/* Run SQL, which answers nothing that is wanted. CLI_GO_ON, or CLI_NO (said). */
int pg_run(struct pg_conn *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Run SQL; OUT gets the first column of its rows, a line each, ended by a NUL. As above. */
int pg_ask(struct pg_conn *c, struct sc_buf *out, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* TEXT as a literal, to be given to pg_free(); NULL: it was said why. */
char *pg_literal(struct pg_conn *c, const char *text);
void pg_free(char *literal); /* NULL is fine */

/*
 * Rows by COPY, in its text form, into a table of the same transaction: pg_copy_begin() ->
 * pg_copy_put() -> pg_copy_end(), which gives how many rows arrived. As pg_run(). The rows are
 * frozen: who has an older snapshot and comes upon the table by its name sees them, not none.
 */
int pg_copy_begin(struct pg_conn *c, const char *table);
int pg_copy_put(struct pg_conn *c, struct sc_span bytes);
int pg_copy_end(struct pg_conn *c, uint64_t *rows);

#endif
