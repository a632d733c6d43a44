/*
 * sqlite.h - what store.c needs of a database; private to base/store/.
 */
#ifndef BASE_STORE_SQLITE_H
#define BASE_STORE_SQLITE_H

#include "base/store/store.h"

/* Open the database at PATH, check it, set it up and run SCHEMA. */
SC_CHECKED enum sc_err sqlite_tx_open(const char *path, const char *schema, struct sc_diag *d,
    struct store_tx **out);
void sqlite_tx_close(struct store_tx *tx); /* NULL is fine */

SC_CHECKED enum sc_err sqlite_begin(struct store_tx *tx);
/* A commit that fails is rolled back. */
SC_CHECKED enum sc_err sqlite_commit(struct store_tx *tx);
SC_CHECKED enum sc_err sqlite_savepoint(struct store_tx *tx);
/* Keep what was done since the savepoint, or take it back. */
SC_CHECKED enum sc_err sqlite_savepoint_end(struct store_tx *tx, bool keep);

/* Outside a transaction: see store_erase_traces(). */
SC_CHECKED enum sc_err sqlite_erase_traces(struct store_tx *tx);

#endif
