/*
 * secret.h - keys at rest in guarded memory, opened only in brackets.
 *
 * Storage is libsodium's: locked, left out of core dumps, between guard
 * pages, and without any access while closed. A bracket costs two mprotect()
 * calls (about a microsecond) and each secret at least three pages: this is
 * for the few keys that live long (root, KEKs, class keys, log key). Keep the
 * thousands of subject keys wrapped and unwrap them on use.
 *
 * A secret belongs to one thread at a time.
 */
#ifndef CRYPTO_PRIM_SECRET_H
#define CRYPTO_PRIM_SECRET_H

#include "base/err.h"
#include "base/span.h"

#define SC_SECRET_MAX 4096

struct sc_secret;

/*
 * Make a closed secret of the N bytes at P, 1 <= N <= SC_SECRET_MAX, which are
 * wiped in any case. On SC_OK *OUT is the caller's, to release with
 * sc_secret_free(). Fails with SC_LIMIT (a size outside the range) or
 * SC_NOMEM; *OUT is then NULL.
 */
SC_CHECKED enum sc_err sc_secret_new_take(void *p, size_t n, struct sc_secret **out);
void sc_secret_free(struct sc_secret *s); /* wipes; NULL is fine */

/*
 * Make the bytes readable until the matching sc_secret_close(); brackets nest.
 * The pointer is dead after the outermost close. Aborts the program when the
 * system refuses, as nothing sound can follow.
 */
const uint8_t *sc_secret_open(struct sc_secret *s);
void sc_secret_close(struct sc_secret *s);

#endif
