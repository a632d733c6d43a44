/*
 * restoring.h - a store that is being restored says so, beside itself, and keyd does not open it.
 */
#ifndef CRYPTO_KEYSTORE_RESTORING_H
#define CRYPTO_KEYSTORE_RESTORING_H

#include "base/diag.h"
#include "base/err.h"

/* STORE is the path of a database. The marker is durable when this returns. SC_IO, SC_LIMIT. */
SC_CHECKED enum sc_err restoring_set(const char *store, struct sc_diag *d);
SC_CHECKED enum sc_err restoring_clear(const char *store, struct sc_diag *d);
/* Fails with SC_CORRUPT when it is there: D says what to do. */
SC_CHECKED enum sc_err restoring_check(const char *store, struct sc_diag *d);

#endif
