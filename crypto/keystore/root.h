/*
 * root.h - the root seal key: the one key that wraps all others.
 *
 * Kept in a file of mode 0600 or 0400:
 *	{"scrim_root":1,"kind":"file","key":"<base64, 32 bytes>","demo":true}
 * "kind" leaves room for a key rebuilt from shares or held by a token.
 */
#ifndef CRYPTO_KEYSTORE_ROOT_H
#define CRYPTO_KEYSTORE_ROOT_H

#include "base/diag.h"
#include "base/err.h"
#include "crypto/prim/secret.h"

#define ROOT_BYTES 32

/*
 * Read the root key. A demo key, or one in a folder named keys-example, is
 * refused with SC_AUTH unless ALLOW_DEMO; so is a file that others can read.
 * Fails with SC_IO (no such file), SC_SYNTAX, SC_NOMEM; D says why.
 * *OUT is the caller's, to sc_secret_free().
 */
SC_CHECKED enum sc_err root_load(const char *path, bool allow_demo, struct sc_diag *d,
    struct sc_secret **out);

/* Make a new one. Fails with SC_IO, also when the file is there already. */
SC_CHECKED enum sc_err root_make(const char *path, bool demo, struct sc_diag *d);

#endif
