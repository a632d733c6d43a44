/*
 * rebuild.h - a store and its epoch file made anew of a chain of backups, in places where
 * nothing is.
 *
 *	mark      STORE.restoring: until all is done keyd refuses what is there
 *	load      every link in its order: tables, boxes
 *	people    every leaf opened from the top box down; handles sorted, then inserted
 *	epoch     the epoch file, with the key that the newest link carries, and a fresh spare
 *	store     its own row: only now is it one
 *
 * What the log tells since then (erasures first of all) is for the caller, who
 * clears the mark.
 */
#ifndef CRYPTO_BACKUP_REBUILD_H
#define CRYPTO_BACKUP_REBUILD_H

#include "crypto/backup/chain.h"

struct backup_rebuild {
	const struct settings *settings;
	struct sc_secret *root;
	struct sc_secret *under;          /* the epoch file made; NULL: ROOT */
	const struct backup_chain *chain; /* verified */
	bool without_log; /* nothing tells what came later: a wide gap of slots is lost */
	/*
	 * The chain is the base of this mirror (folder): its journal is loaded too, and the
	 * epoch file is its twin's. That stays where it is, and is never removed.
	 */
	const char *mirror;
	struct work_watch watch;
};

struct backup_rebuilt {
	struct backup_header header; /* of the newest link */
	uint64_t people;             /* keys that open */
	uint64_t boxes;
	uint64_t lost; /* slots given up WITHOUT_LOG */
};

/*
 * Is nothing there, where the store and its epoch file are to be, and (TWIN) that's twin?
 * SC_LIMIT, D says what is.
 */
SC_CHECKED enum sc_err backup_places_empty(const struct settings *s, bool twin, struct sc_diag *d);

/*
 * Fails with SC_AUTH (the backup key is not there any more, or not this root's; the log key
 * inside is not who signed), SC_CORRUPT (a box does not open), SC_AGAIN (asked to stop), SC_IO,
 * SC_NOMEM; what was made is removed then, the mark last.
 */
SC_CHECKED enum sc_err backup_rebuild(const struct backup_rebuild *b, struct sc_diag *d,
    struct backup_rebuilt *out);

/* Remove the store, epoch file and mark of S, and the TWIN. The epoch file is written over first. */
void backup_places_clear(const struct settings *s, bool twin);

#endif
