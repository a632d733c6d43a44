/*
 * take.h - taking a backup of a keyd that goes on working.
 *
 * One transaction beside the owner shows one moment of the store, for as long as it is
 * read; the writer waits for nothing. The key of that moment's epoch comes from the epoch
 * file: when an erasure has destroyed it meanwhile, the moment is let go, and another is taken.
 *
 * In this order:
 *	open      the store beside its owner, the epoch file, the ring, the months' keys
 *	choose    whole, or what changed since one that is there (backup_base)
 *	show      the moment: header, tables, boxes, trailer
 *	keep      durable under its name, then a row in the store, then, after a
 *		  whole one, `touched` is forgotten up to it
 */
#ifndef CRYPTO_BACKUP_TAKE_H
#define CRYPTO_BACKUP_TAKE_H

#include "crypto/backup/files.h"
#include "base/work_watch.h"
#include "crypto/settings/settings.h"

struct backup_order {
	const struct settings *settings;
	struct sc_secret *root;
	const char *target; /* a folder, or "-" */
	const char *since;  /* a file; NULL: the newest in the folder, where there is a chain */
	bool whole;         /* in any case */
	struct work_watch watch;
};

struct backup_taken {
	char name[BACKUP_NAME_MAX]; /* in the folder; "" of a pipe */
	struct backup_header header;
	struct backup_end end;
	uint64_t bytes, ms;
	unsigned tries;     /* moments let go before this one */
	unsigned destroyed; /* months' keys, whose time was over */
	char why[256];      /* it is a whole one though there are others; "": it need not be said */
};

/*
 * Fails with SC_IO, SC_LIMIT (no space), SC_AUTH, SC_CORRUPT, SC_SYNTAX (SINCE is no backup),
 * SC_STALE (an erasure came between each time, or SINCE is none that can be gone on from),
 * SC_AGAIN (asked to stop); D says why.
 */
SC_CHECKED enum sc_err backup_take(const struct backup_order *o, struct sc_diag *d,
    struct backup_taken *out);

#endif
