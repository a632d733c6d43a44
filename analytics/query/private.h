/*
 * private.h - a release that is asked, as the rooms of analytics/query share it.
 *
 *	query.c		opens it, prepares, steps
 *	allow.c		what a statement may name
 *	say.c		what is said of one that may not
 *	fingerprint.c	what is recorded of one
 *	meter.c		what it may use up
 */
#ifndef ANALYTICS_QUERY_PRIVATE_H
#define ANALYTICS_QUERY_PRIVATE_H

#include "analytics/query/meter.h"
#include "analytics/query/query.h"

#include <sqlite3.h>

#define QUERY_WORD_BYTES 80
#define QUERY_HIDDEN_MAX 256 /* things in the file that are not of the release */

struct query_table {
	const char *name;
	const char *const *columns;
	size_t n_columns;
	bool read; /* by the statement at hand */
};

/* What the authorizer said no to, first. */
struct query_denial {
	enum query_denied {
		DENIED_NOTHING,
		DENIED_TABLE,
		DENIED_COLUMN,
		DENIED_CALL,
		DENIED_ACT
	} what;
	char name[QUERY_WORD_BYTES]; /* "" where it has none that could be told */
	const char *table;           /* of a column */
};

struct query_file {
	sqlite3 *db;
	struct sc_arena arena;
	struct query_table tables[SHELF_TABLES_MAX + 1];
	size_t n_tables;
	const char *hidden[QUERY_HIDDEN_MAX];
	size_t n_hidden;
	struct query_denial denial;
};

/* Tables and columns of M, and the dictionary. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err allow_learn(struct query_file *f, const struct shelf_manifest *m);
/* sqlite3_set_authorizer()'s; its argument is the file. */
int allow_act(void *file, int act, const char *a, const char *b, const char *db, const char *by);
/* Name I of what may be called; NULL is after the last. */
const char *allow_function(const void *arg, unsigned i);
bool allow_is_function(const char *name);
const struct query_table *allow_find_table(const struct query_file *f, const char *name);

/* SQLite refused with RC: the code of it, and D. SQL is the statement. */
SC_CHECKED enum sc_err say_refused(const struct query_file *f, const struct query_meter *m, int rc,
    struct sc_span sql, struct sc_diag *d);
/* D's place is AT of SQL. */
void say_place(struct sc_span sql, size_t at, struct sc_diag *d);

#endif
