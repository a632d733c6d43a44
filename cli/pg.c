/*
 * pg.c - libpq, as far as `scrim` needs it.
 */
#include "cli/pg.h"

#include "cli/cli.h"

#include <libpq-fe.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SQL_MAX (1u << 20)

struct pg_conn {
	PGconn *c;
	struct sc_buf sql;
};

static void say_nothing(void *arg, const char *message)
{
	(void)arg;
	(void)message;
}

/* MESSAGE's first line, with what it was about. */
static int fail(int code, const char *message)
{
	return cli_fail(code, "the database: %.*s", (int)strcspn(message, "\n"), message);
}

int pg_open(const char *url, struct pg_conn **out)
{
	struct pg_conn *c = calloc(1, sizeof(*c));
	int rc;

	*out = NULL;
	if (c == NULL)
		return cli_fail(CLI_NO, "%s", cli_err_text(SC_NOMEM));
	sc_buf_init(&c->sql, SQL_MAX);
	c->c = PQconnectdb(url);
	if (PQstatus(c->c) != CONNECTION_OK) {
		rc = fail(CLI_UNREACHABLE, PQerrorMessage(c->c));
		pg_close(c);
		return rc;
	}
	PQsetNoticeProcessor(c->c, say_nothing, NULL);
	/* without the context of an error, which has rows in it */
	PQsetErrorVerbosity(c->c, PQERRORS_TERSE);
	/* nobody's functions or tables stand in front of the system's */
	if ((rc = pg_run(c, "SET search_path = pg_catalog")) == CLI_GO_ON)
		rc = pg_run(c, "SET client_encoding = 'UTF8'");
	if (rc != CLI_GO_ON)
		pg_close(c);
	else
		*out = c;
	return rc;
}

void pg_close(struct pg_conn *c)
{
	if (c == NULL)
		return;
	PQfinish(c->c);
	sc_buf_fini(&c->sql);
	free(c);
}

/* The statement, as text in C's buffer; NULL: no memory. */
__attribute__((format(printf, 2, 0))) static const char *print(struct pg_conn *c, const char *fmt,
    va_list ap)
{
	va_list again;
	uint8_t *p;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	sc_buf_clear(&c->sql);
	if (n < 0 || sc_buf_grow(&c->sql, (size_t)n + 1, &p) != SC_OK)
		return NULL;
	vsnprintf((char *)p, (size_t)n + 1, fmt, ap);
	return (const char *)c->sql.p;
}

/* What a statement answered is WANTED; otherwise it is told why not. */
static int check(struct pg_conn *c, PGresult *r, ExecStatusType wanted)
{
	if (PQresultStatus(r) == wanted)
		return CLI_GO_ON;
	return fail(CLI_NO, r != NULL ? PQresultErrorMessage(r) : PQerrorMessage(c->c));
}

int pg_run(struct pg_conn *c, const char *fmt, ...)
{
	const char *sql;
	PGresult *r;
	va_list ap;
	int rc;

	va_start(ap, fmt);
	sql = print(c, fmt, ap);
	va_end(ap);
	if (sql == NULL)
		return cli_fail(CLI_NO, "%s", cli_err_text(SC_NOMEM));
	r = PQexec(c->c, sql);
	rc = check(c, r, PGRES_COMMAND_OK);
	PQclear(r);
	return rc;
}

static enum sc_err put_lines(const PGresult *r, struct sc_buf *out)
{
	enum sc_err err = SC_OK;

	for (int i = 0; i < PQntuples(r) && err == SC_OK; i++)
		if ((err = sc_buf_put_str(out, PQgetvalue(r, i, 0))) == SC_OK)
			err = sc_buf_put_str(out, "\n");
	return err == SC_OK ? sc_buf_put(out, "", 1) : err;
}

int pg_ask(struct pg_conn *c, struct sc_buf *out, const char *fmt, ...)
{
	const char *sql;
	PGresult *r;
	va_list ap;
	int rc;

	va_start(ap, fmt);
	sql = print(c, fmt, ap);
	va_end(ap);
	if (sql == NULL)
		return cli_fail(CLI_NO, "%s", cli_err_text(SC_NOMEM));
	r = PQexec(c->c, sql);
	sc_buf_clear(out);
	if ((rc = check(c, r, PGRES_TUPLES_OK)) == CLI_GO_ON && put_lines(r, out) != SC_OK)
		rc = cli_fail(CLI_NO, "%s", cli_err_text(SC_LIMIT));
	PQclear(r);
	return rc;
}

char *pg_literal(struct pg_conn *c, const char *text)
{
	char *literal = PQescapeLiteral(c->c, text, strlen(text));

	if (literal == NULL)
		fail(CLI_NO, PQerrorMessage(c->c));
	return literal;
}

void pg_free(char *literal)
{
	PQfreemem(literal);
}

int pg_copy_begin(struct pg_conn *c, const char *table)
{
	char sql[256];
	PGresult *r;
	int rc;

	snprintf(sql, sizeof(sql), "COPY %s FROM STDIN (FREEZE)", table);
	r = PQexec(c->c, sql);
	rc = check(c, r, PGRES_COPY_IN);
	PQclear(r);
	return rc;
}

int pg_copy_put(struct pg_conn *c, struct sc_span bytes)
{
	if (PQputCopyData(c->c, (const char *)bytes.p, (int)bytes.n) == 1)
		return CLI_GO_ON;
	return fail(CLI_NO, PQerrorMessage(c->c));
}

int pg_copy_end(struct pg_conn *c, uint64_t *rows)
{
	PGresult *r;
	int rc;

	*rows = 0;
	if (PQputCopyEnd(c->c, NULL) != 1)
		return fail(CLI_NO, PQerrorMessage(c->c));
	r = PQgetResult(c->c);
	if ((rc = check(c, r, PGRES_COMMAND_OK)) == CLI_GO_ON &&
	    !sc_span_u64(sc_span_str(PQcmdTuples(r)), rows))
		rc = cli_fail(CLI_NO, "the database does not say how many rows it took");
	PQclear(r);
	while ((r = PQgetResult(c->c)) != NULL)
		PQclear(r);
	return rc;
}
