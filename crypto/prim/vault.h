/*
 * vault.h - the one region of memory where keys lie in clear: locked, left out
 * of core dumps and of children, between guard pages, wiped when given back.
 *
 * Before vault_open(), and in programs that have none, the same calls give ordinary
 * memory, wiped all the same. What is given back twice, was never given out or was
 * written past ends the program: nothing sound can follow.
 */
#ifndef CRYPTO_PRIM_VAULT_H
#define CRYPTO_PRIM_VAULT_H

#include "base/diag.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What keyd sets aside: 4.2 MB of open boxes, .4 MB that OpenSSL and the tiers' keys take, 2.1 KB
 * for each version of a class's key that is in use, of which 1,000 fit. Less than the 8 MiB
 * that most systems let anybody lock.
 */
#define VAULT_BYTES ((size_t)7 << 20)
#define VAULT_MAX ((size_t)1 << 30)

/*
 * Set BYTES (at most VAULT_MAX) aside, once, before the first key is read and before OpenSSL is
 * used: its allocations, and so all key schedules, come from here from then on, and are
 * refused when it is full. *LOCKED: it can never be swapped out; if not, it serves all the
 * same. Fails with SC_NOMEM, SC_BUG (too late); D says why.
 */
SC_CHECKED enum sc_err vault_open(size_t bytes, bool *locked, struct sc_diag *d);

/* As calloc(), realloc() and free(); NULL when full. Any thread. */
void *vault_alloc(size_t n);
void *vault_realloc(void *p, size_t n); /* what is new is zero; N 0: vault_free() */
void vault_free(void *p);               /* NULL is fine */
/* Does P lie in the region? */
bool vault_holds(const void *p);

/* What is given out. */
struct vault_use {
	size_t bytes, now, most; /* of the region; with what each allocation costs beside */
	uint64_t allocations;    /* since vault_open() */
};
void vault_count(struct vault_use *out);

/*
 * Wipe what the calls before left below on this thread's stack, where compilers and
 * libraries keep pieces of keys that nobody can reach to wipe: after each batch.
 */
void vault_sweep(void);

#endif
