/*
 * log_end.h - reading keyd's own log at the start: all that stands behind an entry, and how
 * it ends. Private to crypto/keystore.
 */
#ifndef CRYPTO_KEYSTORE_LOG_END_H
#define CRYPTO_KEYSTORE_LOG_END_H

#include "crypto/keystore/order.h"

/* The tiles of a log, of SIZE entries. The buffer is the caller's. */
struct log_reader {
	int dir;
	uint64_t size;
	struct sc_buf *bundle;
	struct sc_diag *d; /* which entry it was that failed */
};

typedef enum sc_err log_entry_fn(void *arg, uint64_t index, struct sc_span entry);

/* Each entry from FROM on, until FN fails; SC_IO, SC_CORRUPT. */
SC_CHECKED enum sc_err log_read_from(const struct log_reader *r, uint64_t from, log_entry_fn *fn,
    void *arg);

/* How a log ends. */
struct log_end {
	struct store_progress told; /* the newest from FROM on; zeros: none */
	struct store_progress last; /* where STOPPED: what the log ends with */
	bool stopped;               /* a clean stop, and behind it how far the store had come */
};

/*
 * Read it, from the end and no further than needed. Before FROM all is carried out and would tell
 * nothing new, but for the stop.
 */
SC_CHECKED enum sc_err log_end_read(const struct log_reader *r, uint64_t from, struct log_end *out);

#endif
