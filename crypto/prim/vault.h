/*
 * vault.h - the one region of memory where keys lie in clear: locked, left out
 * of core dumps, wiped when given back.
 *
 * Before vault_open(), and in programs that have none, the same calls give ordinary
 * memory, wiped all the same.
 */
#ifndef CRYPTO_PRIM_VAULT_H
#define CRYPTO_PRIM_VAULT_H

#include "base/diag.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Set BYTES aside, once, before the first key is read and before OpenSSL is used: its
 * allocations, and so all key schedules, come from here from then on. *LOCKED: it can never
 * be swapped out. Fails with SC_NOMEM, SC_BUG (too late).
 */
SC_CHECKED enum sc_err vault_open(size_t bytes, bool *locked, struct sc_diag *d);

/* As calloc(), realloc() and free(); NULL when full. Any thread. */
void *vault_alloc(size_t n);
void *vault_realloc(void *p, size_t n);
void vault_free(void *p); /* NULL is fine */
/* Does P lie in the region? */
bool vault_holds(const void *p);

#endif
