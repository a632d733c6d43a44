/*
 * destroyed.h - keys of classes and years that the log says were destroyed, destroyed again in a
 * store that was restored or put back from before: a certificate does not end with a backup.
 *
 * It follows a replay (keystore_replay_from.follower): what it does stands in the same commit as
 * the erasures.
 */
#ifndef CRYPTO_KEYD_DESTROYED_H
#define CRYPTO_KEYD_DESTROYED_H

#include "crypto/keyd/keylog.h"
#include "crypto/keyring/key_change.h"
#include "crypto/keystore/keystore.h"

struct destroyed_key;

/* All zero but KEYRING before; whoever replays ends it with destroyed_fini(). */
struct destroyed_keys {
	struct keyring *keyring;
	struct destroyed_key *all; /* as the log tells of them */
	size_t n, room, next;
	struct key_change *change; /* whose ring key the tree has now */
};

/* X must outlive the replay. */
struct keystore_follower destroyed_follower(struct destroyed_keys *x);
/* Behind the replay: the log tells of what was done. *N: how many. SC_LIMIT, SC_NOMEM. */
SC_CHECKED enum sc_err destroyed_tell(const struct destroyed_keys *x, struct keylog *kl, size_t *n);
void destroyed_fini(struct destroyed_keys *x);

#endif
