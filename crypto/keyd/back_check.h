/*
 * back_check.h - the check of everything that is kept, in the background: soon after the
 * start and once a day, on a thread that steps back for all others.
 */
#ifndef CRYPTO_KEYD_BACK_CHECK_H
#define CRYPTO_KEYD_BACK_CHECK_H

#include "base/text/jsonw.h"
#include "crypto/keystore/keystore.h"

struct back_check;

/* KS lives longer, and its store has its owner's thread. Before keyd is confined. Fails with SC_NOMEM, SC_IO. */
SC_CHECKED enum sc_err back_check_start(struct keystore *ks, const struct keystore_place *at,
    struct sc_diag *d, struct back_check **out);
void back_check_stop(struct back_check *b); /* NULL is fine */

/* Did the last one find something wrong? Any thread; NULL: no. */
bool back_check_wrong(const struct back_check *b);
/* What it found, as the member "check"; nothing when B is NULL. */
void back_check_print(struct jsonw *w, struct back_check *b);

#endif
