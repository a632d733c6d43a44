/*
 * back_months.h - backup keys whose time is over are destroyed, and keyd's log tells of each:
 * soon after the start and once a day, on a thread that steps back for all others.
 *
 * Where that fails it is tried again the next day: whoever asks for keyd's status is told.
 */
#ifndef CRYPTO_KEYD_BACK_MONTHS_H
#define CRYPTO_KEYD_BACK_MONTHS_H

#include "base/text/jsonw.h"
#include "crypto/keyd/keylog.h"
#include "crypto/settings/settings.h"

struct back_months;

/* All live longer. Before keyd is confined. Fails with SC_NOMEM, SC_IO. */
SC_CHECKED enum sc_err back_months_start(const struct settings *s, struct keylog *kl,
    struct tlog *log, struct back_months **out);
void back_months_stop(struct back_months *b); /* NULL is fine */

/* What came of it last, as the member "backup_keys"; nothing when B is NULL. Any thread. */
void back_months_print(struct jsonw *w, struct back_months *b);

#endif
