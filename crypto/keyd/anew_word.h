/*
 * anew_word.h - whose signed word it is that a log begins anew, at keyd: from the file that an
 * operator brought.
 */
#ifndef CRYPTO_KEYD_ANEW_WORD_H
#define CRYPTO_KEYD_ANEW_WORD_H

#include "crypto/rows/signed_heads.h"
#include "crypto/settings/settings.h"
#include "crypto/statement/anew.h"

/*
 * Take the statement in the file PATH (NULL: none was brought) for the log ORIGIN, whose last head
 * is LAST (size 0: none is known). Fails with SC_AUTH when it is not good, or there is none: D then
 * has the command that makes one; SC_IO, SC_LIMIT, SC_NOMEM.
 */
SC_CHECKED enum sc_err anew_word_take(const struct settings *s, const char *path,
    const char *origin, const struct signed_head *last, struct anew_word *out, struct sc_diag *d);

#endif
