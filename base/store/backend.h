/*
 * backend.h - what store.c needs of a database; private to base/store/. A
 * new one is a file with such a row, named in store.c.
 *
 * All are called on one thread, open() before it starts and close() after it ended.
 */
#ifndef BASE_STORE_BACKEND_H
#define BASE_STORE_BACKEND_H

#include "base/store/store.h"

struct store_backend {
	const char *scheme; /* of its URLs, with the colon: "sqlite:" */
	/*
	 * Open WHERE, what follows the scheme; make TABLES and prepare their
	 * statements. BESIDE: see store_open_beside().
	 */
	enum sc_err (*open)(const char *where, const struct store_tables *tables, bool beside,
	    struct sc_diag *d, void **db);
	void (*close)(void *db);

	enum sc_err (*begin)(void *db);
	void (*rollback)(void *db);
	/* On the disk when it returns. One that fails is rolled back. */
	enum sc_err (*commit)(void *db);
	enum sc_err (*savepoint)(void *db);
	/* Keep what was done since the savepoint, or take it back. */
	enum sc_err (*savepoint_end)(void *db, bool keep);
	/* store_ask(); the statement's number is in range. */
	enum sc_err (*ask)(void *db, const struct store_batch *b);
	/* store_check(); what it finds first. */
	enum sc_err (*check)(void *db, struct sc_diag *d);

	/*
	 * Outside a transaction: see store_job.erase_traces. A database whose
	 * files are not its own to rewrite (archived journals, replicas) has to
	 * fail here, so that nobody is told of an erasure that was none.
	 */
	enum sc_err (*erase_traces)(void *db);
};

extern const struct store_backend store_sqlite;

#endif
