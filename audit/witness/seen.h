/*
 * seen.h - what a witness has cosigned last of each log, on its disk.
 *
 *	STATE/<SHA-256 of the origin, hex>           the checkpoint: the log's signature, and ours
 *	STATE/<SHA-256 of the origin, hex>.fork      one of the same size and another root, with the
 *	                                             log's signature: beside the first it is proof
 *	STATE/lock                                   flock()ed by the one that serves
 *
 * A file is replaced whole and durable before anybody is told of it, so no crash takes back what
 * a witness said. One whose cosignature does not hold was not written by us: nothing starts.
 */
#ifndef AUDIT_WITNESS_SEEN_H
#define AUDIT_WITNESS_SEEN_H

#include "audit/witness/settings.h"
#include "crypto/tlog/merkle.h"

#define SEEN_NAME_BYTES 65 /* a file's name with its NUL */

/* Of one log. */
struct seen_log {
	const struct witness_log_settings *settings;
	char name[SEEN_NAME_BYTES];
	uint64_t size; /* of the newest tree that was cosigned; 0: none, or an empty one */
	struct merkle_hash root;
	bool any; /* there is a checkpoint */
};

struct seen {
	int dirfd, lockfd;
	struct seen_log *logs;
	size_t n;
};

/*
 * Read what is in the folder of S, whose files must bear a cosignature of KEY that holds. Fails
 * with SC_AGAIN (another serves from it), SC_CORRUPT (D says which file), SC_IO, SC_NOMEM.
 */
SC_CHECKED enum sc_err seen_open(const struct witness_settings *s, const struct note_key *key,
    struct sc_diag *d, struct seen *out);
void seen_close(struct seen *s);

/* The log of ORIGIN, or of that file name; NULL: none of ours. */
struct seen_log *seen_find(const struct seen *s, const char *origin);
struct seen_log *seen_named(const struct seen *s, struct sc_span name);

/*
 * From now on L is at HEAD, as the note TEXT says: durable when this returns. What L says has
 * not changed when it fails, with SC_IO or SC_LIMIT; D says why.
 */
SC_CHECKED enum sc_err seen_advance(const struct seen *s, struct seen_log *l,
    const struct note_head *head, struct sc_span text, struct sc_diag *d);
/* Append the note. Fails with SC_IO, SC_CORRUPT, SC_NOMEM. */
SC_CHECKED enum sc_err seen_read(const struct seen *s, const struct seen_log *l,
    struct sc_buf *out);
/* Keep the note TEXT, which says another root of the same size, unless there is one already. */
void seen_keep_fork(const struct seen *s, const struct seen_log *l, struct sc_span text);

#endif
