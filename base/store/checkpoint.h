/*
 * checkpoint.h - SQLite's journal carried into the database beside the writer; private to
 * base/store/, and for stores that others may open.
 */
#ifndef BASE_STORE_CHECKPOINT_H
#define BASE_STORE_CHECKPOINT_H

#include "base/err.h"

#include <sqlite3.h>

struct store_checkpoint;

/*
 * Take over the checkpoints of WRITER, a connection to the database at PATH in WAL mode, from its
 * next commit on. Fails with SC_NOMEM or SC_IO. *OUT is the caller's, to release with
 * checkpoint_stop() before WRITER is closed.
 */
SC_CHECKED enum sc_err checkpoint_start(const char *path, sqlite3 *writer,
    struct store_checkpoint **out);
/* Waits for what is under way. NULL is fine. */
void checkpoint_stop(struct store_checkpoint *c);

#endif
