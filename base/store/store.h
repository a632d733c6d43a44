/*
 * store.h - rows that survive a power cut, written by one thread for all.
 *
 * A job is a piece of work on the rows, handed in from any thread. The store's
 * own thread runs all waiting jobs inside one transaction, commits once, and
 * then tells each job that it is done: the cost of reaching the disk is
 * shared. A job that fails is undone alone; the others stand.
 *
 * SQLite stands behind it (WAL, synchronous=FULL, secure_delete); nothing
 * here names it, so that another database can take its place.
 */
#ifndef BASE_STORE_STORE_H
#define BASE_STORE_STORE_H

#include "base/diag.h"
#include "base/err.h"
#include "base/span.h"

struct store;
struct store_tx;   /* the transaction a job runs in */
struct store_stmt; /* one statement of it */

struct store_options {
	const char *path; /* made, mode 0600, when it is not there */
	const char
	    *schema; /* statements that may run at every start: CREATE TABLE IF NOT EXISTS ... */
};

/*
 * Open the store and start its thread. Fails with SC_IO (cannot open; DIAG
 * says why), SC_CORRUPT (not a store, or damaged), SC_NOMEM.
 * *OUT is the caller's, to store_close().
 */
SC_CHECKED enum sc_err store_open(const struct store_options *o, struct sc_diag *d,
    struct store **out);
/* Run what is waiting, commit, stop the thread, close. NULL is fine. */
void store_close(struct store *s);

/*
 * A piece of work, embedded in the caller's own structure, which must live
 * until done() is called. Both functions are called on the store's thread.
 */
struct store_job {
	/* Work on the rows. Not SC_OK: what it did is undone, and done() gets that. */
	enum sc_err (*run)(struct store_job *, struct store_tx *);
	/* After the commit. ERR is run()'s answer, or SC_IO when the commit failed. */
	void (*done)(struct store_job *, enum sc_err err);
	/*
	 * True: done() only after what the job deleted is in neither the
	 * database, nor its journal, nor any free page (see store_erase_traces()).
	 */
	bool erase_traces;
	struct store_job *next; /* private */
	enum sc_err err;        /* private */
};

/* Hand in a job; never waits for the disk. Jobs run in the order given. */
void store_submit(struct store *s, struct store_job *j);
/* The same, and wait until it is done (done may be NULL). For starts and tools, never on a loop. */
SC_CHECKED enum sc_err store_run(struct store *s, struct store_job *j);

/*
 * Rewrite the files so that no deleted row is left in them: the journal is
 * copied back and cut to nothing, the database rewritten. Costs a pass
 * over the whole database. Waits; a job with erase_traces does not.
 */
SC_CHECKED enum sc_err store_erase_traces(struct store *s);

/*
 * Statements, inside run() only. SQL must be a string that lives as long as
 * the store (a literal): each is prepared once and then kept. Parameters are
 * ?1, ?2 ...; columns count from 0. All fail with SC_IO, SC_CORRUPT or
 * SC_NOMEM; a broken constraint is SC_SYNTAX; wrong SQL is SC_BUG.
 */
SC_CHECKED enum sc_err store_prepare(struct store_tx *tx, const char *sql, struct store_stmt **out);
/* Bound bytes must live until store_reset(). */
SC_CHECKED enum sc_err store_bind_i64(struct store_stmt *st, int i, int64_t v);
SC_CHECKED enum sc_err store_bind_blob(struct store_stmt *st, int i, struct sc_span v);
SC_CHECKED enum sc_err store_bind_text(struct store_stmt *st, int i, struct sc_span v);
SC_CHECKED enum sc_err store_bind_null(struct store_stmt *st, int i);
/* Run to the next row; *ROW is false at the end. */
SC_CHECKED enum sc_err store_step(struct store_stmt *st, bool *row);
/* Columns of the row; spans are valid until the next step or reset. */
int64_t store_i64(struct store_stmt *st, int col);
struct sc_span store_bytes(struct store_stmt *st, int col);
bool store_is_null(struct store_stmt *st, int col);
/* Done with it for now; forgets the parameters. NULL is fine. */
void store_reset(struct store_stmt *st);
/* Rows that the last statement changed. */
int64_t store_changes(struct store_tx *tx);

#endif
