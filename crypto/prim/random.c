/*
 * random.c - random bytes straight from the kernel.
 *
 * No generator in the process: nothing to seed, to leak, or to repeat after
 * a fork.
 */
#include "crypto/prim/random.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

void random_bytes(void *p, size_t n)
{
	uint8_t *at = p;
	ssize_t got;

	while (n != 0) {
		got = getrandom(at, n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			fputs("the kernel gives no random bytes\n", stderr);
			abort();
		}
		at += got;
		n -= (size_t)got;
	}
}
