/*
 * folders.h - the folders of keyd's files, and the root key in its own.
 */
#ifndef CRYPTO_KEYD_FOLDERS_H
#define CRYPTO_KEYD_FOLDERS_H

#include "crypto/settings/settings.h"

/*
 * Make the folders of store, socket and log, mode 0700; the mirror's must be there. Fails with
 * SC_IO; D says which.
 */
SC_CHECKED enum sc_err folders_prepare(const struct settings *s, struct sc_diag *d);
/* Make the root key and its folder, unless it is there. Fails like root_make(). */
SC_CHECKED enum sc_err folders_prepare_root(const struct settings *s, struct sc_diag *d);

#endif
