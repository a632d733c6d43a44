/*
 * kept.h - what there is of the four things that belong together, root key, epoch file,
 * database and log, and what to do when some of it is not there.
 *
 * A new one never stands in for what is lost: a fresh root key or epoch file opens nothing of
 * a store that is there, and looks as if it did.
 */
#ifndef CRYPTO_KEYSTORE_KEPT_H
#define CRYPTO_KEYSTORE_KEPT_H

#include "base/diag.h"
#include "base/err.h"
#include "crypto/settings/settings.h"

#include <stdbool.h>

enum kept_part {
	KEPT_ROOT = 1,
	KEPT_EPOCH = 2, /* it or its twin */
	KEPT_STORE = 4,
	KEPT_LOG = 8 /* with entries: there was a store */
};

/* Which there are. */
unsigned kept_parts(const struct settings *s);

/*
 * May keyd go on with PARTS? With INIT they are about to be made. Fails with SC_AUTH:
 * D says what is lost, and what to put back.
 */
SC_CHECKED enum sc_err kept_check(const struct settings *s, unsigned parts, bool init,
    struct sc_diag *d);

#endif
