/*
 * months.h - backup.keys: what backups are sealed under, a key a month, each destroyed
 * when no backup of its month is to be opened any more.
 *
 * The file is blocks of 4 KiB, written over in place and never cut. A block
 * whose month is over, and then the days that a backup is kept, is written over:
 * all backups of that month die where they lie. That holds for this file alone, not for
 * copies of it. What stays says of which month it was, when it died, and whether keyd's
 * log tells of it; its place is used for no other month.
 *
 *	block  "SCB1" | month u32 | key id 8 | AES-SIV(key from the root, key) | fresh random bytes
 *	dead   "SCBD" | month u32 | key id 8 | destroyed at u64 | told u8 | fresh random bytes
 *
 * bound to tenant, month and key id. A month is year * 12 + month - 1, in UTC; a time Unix ms.
 */
#ifndef CRYPTO_BACKUP_MONTHS_H
#define CRYPTO_BACKUP_MONTHS_H

#include "base/diag.h"
#include "base/name.h"
#include "crypto/backup/stream.h"
#include "crypto/prim/secret.h"

struct backup_months;

struct months_place {
	const char *path;
	const struct sc_name *tenant;
	uint32_t keep_days;
	uint64_t now_ms; /* Unix */
};

/*
 * Open what is there, or with MAKE begin it. Blocks that are due are destroyed
 * before anything else; *DESTROYED (may be NULL) is how many. Fails with SC_IO (not there, or the
 * disk), SC_SYNTAX (not such a file), SC_AUTH (others can touch it, or the root opens no
 * block), SC_NOMEM.
 */
SC_CHECKED enum sc_err months_open(const struct months_place *at, struct sc_secret *root, bool make,
    struct sc_diag *d, unsigned *destroyed, struct backup_months **out);
void months_close(struct backup_months *m); /* NULL is fine */

/* What there is after months_end(). */
struct months_left {
	unsigned destroyed;  /* by this call */
	unsigned live;       /* keys that open backups */
	uint32_t last;       /* month of the key that died last; 0: none ever did */
	uint64_t last_at_ms; /* and when */
};
/*
 * Without the root: destroy what is due, then have each that is dead, and was not told of, told:
 * TELL (may be NULL) gives SC_OK when that is durable. Fails with SC_AGAIN (somebody takes or
 * restores a backup, who destroys what is due as well), SC_SYNTAX, SC_AUTH, SC_IO, as TELL
 * does; D says why. No file is none to end.
 */
SC_CHECKED enum sc_err months_end(const struct months_place *at, struct sc_diag *d,
    enum sc_err (*tell)(void *arg, uint32_t month), void *arg, struct months_left *out);
/* Make an empty file where none is, so that who may open no other path can be given it. SC_IO. */
SC_CHECKED enum sc_err months_make(const char *path, struct sc_diag *d);

/*
 * Seal the epoch's KEY into H, whose tenant, store and epoch are set, under this month's key,
 * made when there is none. Fails with SC_AUTH (the clock stands in a month before one that there is
 * a key of: D says so), SC_IO, SC_BUG.
 */
SC_CHECKED enum sc_err months_seal(struct backup_months *m,
    const uint8_t key[static EPOCH_KEY_BYTES], struct sc_diag *d, struct backup_header *h);
/* And back. Fails with SC_AUTH: the month's key was destroyed, or is not here; D says which. */
SC_CHECKED enum sc_err months_unseal(struct backup_months *m, const struct backup_header *h,
    struct sc_diag *d, uint8_t key[static EPOCH_KEY_BYTES]);

/* The month of a moment, and the first moment after its last backup is to be opened. */
uint32_t month_of(uint64_t unix_ms);
uint64_t month_horizon(uint32_t month, uint32_t keep_days);

#endif
