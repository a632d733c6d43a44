/*
 * root.h - the root seal key: the one key that wraps all others.
 *
 * Where it is, a row of root.c each:
 *	a path			a file of mode 0600 or 0400 that belongs to keyd's own user
 *	credential:NAME		NAME in $CREDENTIALS_DIRECTORY, where systemd lays what a unit's
 *				LoadCredentialEncrypted= names: encrypted on disk, opened unattended
 * Both hold
 *	{"scrim_root":1,"kind":"file","key":"<base64, 32 bytes>","demo":true}
 * and "kind" says that the key stands there itself.
 */
#ifndef CRYPTO_KEYRING_ROOT_H
#define CRYPTO_KEYRING_ROOT_H

#include "base/diag.h"
#include "base/err.h"
#include "base/span.h"
#include "crypto/prim/secret.h"

#include <stdbool.h>

#define ROOT_BYTES 32

/* Is there one? */
bool root_there(const char *root);

/*
 * Read the root key. A demo key, or one in a folder named keys-example, is
 * refused with SC_AUTH unless ALLOW_DEMO; so is a file that others can read.
 * Fails with SC_IO (there is none), SC_SYNTAX, SC_NOMEM; D says why.
 * *OUT is the caller's, to sc_secret_free().
 */
SC_CHECKED enum sc_err root_load(const char *root, bool allow_demo, struct sc_diag *d,
    struct sc_secret **out);
/* The same of a text, for tests and the fuzzer. */
SC_CHECKED enum sc_err root_parse(struct sc_span json, const char *path, bool allow_demo,
    struct sc_diag *d, struct sc_secret **out);

/*
 * Make a new one. Fails with SC_IO, also when the file is there already, and with SC_AUTH
 * where keyd cannot: D says how it is made.
 */
SC_CHECKED enum sc_err root_make(const char *root, bool demo, struct sc_diag *d);

#endif
