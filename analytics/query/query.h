/*
 * query.h - one statement over one release, by somebody who is not trusted.
 *
 * The file is opened read-only and immutable. What a statement may do is told by an
 * authorizer's allow-list (SELECT; READ of the release's own tables; functions that stand in
 * the list), how much by limits that the statement cannot raise. One statement a call.
 */
#ifndef ANALYTICS_QUERY_QUERY_H
#define ANALYTICS_QUERY_QUERY_H

#include "analytics/shelf/shelf.h"

struct query_limits {
	uint64_t steps; /* of SQLite's machine */
	uint64_t rows;  /* of the answer; more are cut off, which is told */
	uint64_t bytes; /* of the answer's values; likewise */
	uint64_t heap;  /* bytes of memory */
	uint32_t sql_bytes;
	uint32_t ms; /* of the processor's time */
};
extern const struct query_limits query_usual_limits;

/*
 * Before anything else in the process uses SQLite: its memory is counted from then on, for
 * each thread by itself. Fails with SC_BUG: SQLite was in use already.
 */
SC_CHECKED enum sc_err query_init(void);

struct query_file; /* of one thread at a time */
/*
 * Open R's database. R may go afterwards. Fails with SC_IO, SC_CORRUPT (it holds no such
 * tables), SC_NOMEM, SC_BUG (without query_init()).
 */
SC_CHECKED enum sc_err query_file_open(const struct shelf_release *r, struct sc_diag *d,
    struct query_file **out);
void query_file_close(struct query_file *f); /* NULL is fine */

enum query_type { QUERY_NULL, QUERY_INTEGER, QUERY_REAL, QUERY_TEXT };
struct query_value {
	enum query_type type;
	int64_t integer;
	double real;
	struct sc_span text;
};

struct query_sink {
	/* Names of the N columns, before any row. Not SC_OK ends it. */
	enum sc_err (*columns)(void *arg, const char *const *names, size_t n);
	enum sc_err (*row)(void *arg, const struct query_value *v, size_t n);
	/* Asked now and then, also where no row comes for long; may be NULL. Likewise. */
	enum sc_err (*go_on)(void *arg);
	void *arg;
};

struct query_done {
	uint64_t rows, steps;
	bool cut; /* there is more: rows or bytes ran out */
	/* names of the tables that were read, as the authorizer heard them: for the record */
	const char *tables[SHELF_TABLES_MAX + 1]; /* of them, and the dictionary; F's */
	size_t n_tables;
};

#define QUERY_DICTIONARY "dictionary" /* a table of every release */

/*
 * Is SQL one statement that may run? For the record that comes before it runs: DONE's tables.
 * Fails like query_run().
 */
SC_CHECKED enum sc_err query_check(struct query_file *f, struct sc_span sql,
    const struct query_limits *l, struct sc_diag *d, struct query_done *out);
/*
 * Run SQL. Fails with SC_SYNTAX (D: what is wrong, with its place), SC_AUTH (it wants what is
 * not allowed; D names it), SC_LIMIT (steps, time, memory or length ran out; D says which),
 * SC_IO, SC_NOMEM, or what the sink said.
 */
SC_CHECKED enum sc_err query_run(struct query_file *f, struct sc_span sql,
    const struct query_limits *l, const struct query_sink *sink, struct sc_diag *d,
    struct query_done *out);

/*
 * SHA-256 of what SQL is when its literals, comments, blanks and the names that are its own
 * (aliases) are left out: which question was asked, and nothing that was put into it.
 * Fails with SC_NOMEM, SC_LIMIT.
 */
SC_CHECKED enum sc_err query_fingerprint(struct query_file *f, struct sc_span sql,
    uint8_t out[static SHELF_SHA_BYTES]);

#endif
