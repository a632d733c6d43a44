/*
 * confine.h - what keyd gives up beyond base/sandbox.h.
 */
#ifndef CRYPTO_KEYD_CONFINE_H
#define CRYPTO_KEYD_CONFINE_H

#include "base/diag.h"
#include "base/err.h"

#include <stdbool.h>

/*
 * Keep all memory, also what is to come, out of swap, where the limits allow it; says whether.
 * KEYS_LOCKED: that of the vault is so already (vault_open()), which anybody may lock.
 */
bool confine_memory(bool keys_locked);
/* seccomp: only the system calls that serving needs, in all threads, after they started. Fails with SC_IO. */
SC_CHECKED enum sc_err confine_calls(struct sc_diag *d);

#endif
