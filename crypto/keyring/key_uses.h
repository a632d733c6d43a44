/*
 * key_uses.h - what still uses each version of a class's key: counted as it is used, and
 * told to the store at most once a second.
 *
 * A crash loses the last second's counts: they tell whether a version may go, and are no
 * record (keyd's log is).
 */
#ifndef CRYPTO_KEYRING_KEY_USES_H
#define CRYPTO_KEYRING_KEY_USES_H

#include "crypto/keyring/keyring.h"
#include "crypto/rows/inbox.h"

struct key_uses;

/* From here on what keyring_sealed() and keyring_opened() count is kept. All are borrowed. */
SC_CHECKED enum sc_err key_uses_new(struct keyring *kr, struct loop *l, struct inbox *in,
    struct key_uses **out);
/* What was not told yet, now. Waits for the store: when the loop has ended. */
SC_CHECKED enum sc_err key_uses_save(struct key_uses *u);
/* When nothing of it is under way any more (the store is closed). NULL is fine. */
void key_uses_free(struct key_uses *u);

#endif
