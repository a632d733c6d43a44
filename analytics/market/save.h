/*
 * save.h - files of which nobody ever sees a half.
 */
#ifndef ANALYTICS_MARKET_SAVE_H
#define ANALYTICS_MARKET_SAVE_H

#include "base/buf.h"
#include "base/diag.h"

/*
 * Write BYTES as the file NAME of FOLDER, which is made where it is missing: beside its
 * place, synced, and renamed into it. Fails with SC_IO; D says why.
 */
SC_CHECKED enum sc_err save_file(const char *folder, const char *name, struct sc_span bytes,
    struct sc_diag *d);

#endif
