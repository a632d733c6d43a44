/*
 * random.h - random bytes for keys, nonces and handles, from the kernel.
 */
#ifndef CRYPTO_PRIM_RANDOM_H
#define CRYPTO_PRIM_RANDOM_H

#include <stddef.h>

/*
 * Fill N bytes at P from getrandom(2). Waits, at boot, until the kernel has
 * been seeded; aborts the program when the system has none to give, so no
 * caller can go on with a guessable key.
 */
void random_bytes(void *p, size_t n);

#endif
