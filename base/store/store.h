/*
 * store.h - rows that survive a power cut, written by one thread for all.
 *
 * A job is a piece of work on the rows, handed in from any thread. The store's
 * own thread runs all waiting jobs inside one transaction, commits once, and
 * then tells each job that it is done: the cost of reaching the disk is
 * shared. A job that fails is undone alone; the others stand.
 *
 * A program says once what it keeps and in which statements it asks for it;
 * jobs name statements by number and run each for a whole batch of
 * parameters, which is one trip even to a database that stands elsewhere. A
 * backend (backend.h) answers behind a URL. The one there is: "sqlite:PATH"
 * (WAL, synchronous=FULL, secure_delete).
 */
#ifndef BASE_STORE_STORE_H
#define BASE_STORE_STORE_H

#include "base/diag.h"
#include "base/err.h"
#include "base/span.h"

struct store;
struct store_tx; /* the transaction a job runs in */

/* What a program keeps. All of it lives as long as the store. */
struct store_tables {
	/* The tables, as SQLite makes them; run at every start: CREATE TABLE IF NOT EXISTS ... */
	const char *sqlite;
	/*
	 * Statements, in what SQLite and PostgreSQL both understand. Parameters
	 * are $1, $2 ..., each appearing first in that order.
	 */
	const char *const *statements;
	size_t n;
	/*
	 * Other processes may look beside the owner (store_open_beside()), and nothing is
	 * read through at the start: who wants to know asks store_check().
	 */
	bool shared;
	/* What is deleted needs no overwriting: nothing there is of worth by itself. */
	bool worthless;
};

/*
 * Open the store at URL and start its thread; a file is made, mode 0600, when
 * it is not there. Fails with SC_IO (cannot open; D says why), SC_CORRUPT (not
 * a store, or damaged), SC_SYNTAX (no such kind of URL), SC_NOMEM, SC_BUG
 * (TABLES are wrong). *OUT is the caller's, to store_close().
 */
SC_CHECKED enum sc_err store_open(const char *url, const struct store_tables *tables,
    struct sc_diag *d, struct store **out);
/*
 * The same beside its owner, where the tables are SHARED: nothing is made and
 * nobody is kept out. A job that only reads sees one moment for as long as it
 * lasts and holds nobody up; one that writes waits for the owner's commit.
 */
SC_CHECKED enum sc_err store_open_beside(const char *url, const struct store_tables *tables,
    struct sc_diag *d, struct store **out);
/* Run what is waiting, commit, stop the thread, close. NULL is fine. */
void store_close(struct store *s);

/* What is done once for each group of jobs, on the store's thread; either may be NULL. */
struct store_group {
	/*
	 * Behind the jobs, in their transaction: what they changed in memory is
	 * written. Not SC_OK: nothing of the group stands, and all get that.
	 */
	enum sc_err (*closing)(void *arg, struct store_tx *tx);
	/*
	 * The commit is over, ERR is how it went (not called when there was
	 * none to make); nobody was told yet. Those that went well get what this gives.
	 */
	enum sc_err (*committed)(void *arg, enum sc_err err);
	void *arg;
};
/* From the next group on. Before the first job that counts on it; G is copied. */
void store_set_group(struct store *s, const struct store_group *g);

/* ---- what is asked ---- */

#define STORE_VALUES_MAX 24 /* parameters, or columns, of a statement */

struct store_value {
	enum { STORE_NUMBER, STORE_BLOB, STORE_TEXT } kind;
	int64_t number;
	struct sc_span bytes; /* of a blob or text */
};

static inline struct store_value store_number(uint64_t v)
{
	return (struct store_value){ .kind = STORE_NUMBER, .number = (int64_t)v };
}

static inline struct store_value store_blob(const void *p, size_t n)
{
	return (struct store_value){ .kind = STORE_BLOB, .bytes = sc_span(p, n) };
}

static inline struct store_value store_text(const char *s)
{
	return (struct store_value){ .kind = STORE_TEXT, .bytes = sc_span_str(s) };
}

/* One statement, run N times in one trip. */
struct store_batch {
	unsigned statement; /* its number in the tables */
	size_t n;
	/*
	 * Put the I-th run's parameters into V, from 0; false leaves it out. More
	 * than the statement takes are ignored. Their bytes must live until the
	 * batch is over. NULL: it has none.
	 */
	bool (*bind)(void *arg, size_t i, struct store_value *v);
	/*
	 * A row that the I-th run gave, columns from 0, valid until it returns;
	 * NULL columns are empty. Not SC_OK ends the batch. NULL: rows are of no interest.
	 */
	enum sc_err (*row)(void *arg, size_t i, const struct store_value *v);
	void *arg;
};

/*
 * Told on the store's thread of what jobs ask for, for who keeps a copy elsewhere. A job that is
 * undone takes back what was noted since its mark.
 */
struct store_watch {
	/* STATEMENT is about to run with V; not SC_OK fails what is asked. */
	enum sc_err (*asked)(void *arg, unsigned statement, const struct store_value *v);
	size_t (*mark)(void *arg);
	void (*back)(void *arg, size_t mark);
	void *arg;
};
/* In a job, or before the first: from the next job on. NULL: nobody watches. W is copied. */
void store_set_watch(struct store *s, const struct store_watch *w);

/* ---- jobs ---- */

/*
 * A piece of work, embedded in the caller's own structure, which must live
 * until done() is called. Both functions are called on the store's thread.
 */
struct store_job {
	/* All that most jobs do; N 0: nothing. */
	struct store_batch ask;
	/* Instead of it, more. Not SC_OK: what it did is undone, and done() gets that. */
	enum sc_err (*run)(struct store_job *, struct store_tx *);
	/* After the commit. ERR is how the work ended, or SC_IO when the commit failed. */
	void (*done)(struct store_job *, enum sc_err err);
	/*
	 * True: done() only when nothing of what the job deleted is left in any
	 * file that the backend writes: not in the database, its journal, nor a
	 * free page. Costs a pass over the whole database; a backend that cannot
	 * promise it fails the job. Copies that others made (backups, archives,
	 * replicas) are out of its reach: what must die there too is kept
	 * wrapped under a key that is somewhere else.
	 */
	bool erase_traces;
	/* private */
	struct store_job *next;
	enum sc_err err;
	bool waited; /* for, by store_run() */
};

/* Hand in a job; never waits for the disk. Jobs run in the order given. */
void store_submit(struct store *s, struct store_job *j);
/* The same, and wait instead of done(). For starts and tools, never on a loop. */
SC_CHECKED enum sc_err store_run(struct store *s, struct store_job *j);

/*
 * Inside run() only: ask B. Fails with SC_IO, SC_CORRUPT, SC_NOMEM, SC_LIMIT (a
 * value is too long), SC_SYNTAX (a constraint is broken), or what row() said;
 * some runs may have been made then: fail the job too.
 */
SC_CHECKED enum sc_err store_ask(struct store_tx *tx, const struct store_batch *b);

/*
 * Inside run() only: does the database itself hold together? A pass over its pages
 * and rows, not over what they mean. SC_CORRUPT: no, and D says where; SC_IO.
 */
SC_CHECKED enum sc_err store_check(struct store_tx *tx, struct sc_diag *d);

#endif
