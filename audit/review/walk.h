/*
 * walk.h - opening a log to read it, also while it is being written, and going
 * through its entries. For the reviewers of this folder.
 */
#ifndef AUDIT_REVIEW_WALK_H
#define AUDIT_REVIEW_WALK_H

#include "audit/review/review.h"
#include "crypto/tlog/state.h"

/* D, of these and of the reviewers, is cleared first. */
struct walk_log {
	int dirfd;
	struct tlog_state state;
	bool has_checkpoint;
	struct tlog_checkpoint checkpoint;
};

/*
 * Read state and checkpoint such that they belong together. KEY: its signature
 * must verify (SC_AUTH), NULL: not asked. LOG is the caller's to close, also
 * after a failure.
 */
SC_CHECKED enum sc_err walk_open(const char *dir, const struct note_key *key, struct sc_diag *d,
    struct walk_log *log);
void walk_close(struct walk_log *log);

/* The log in DIR opened, its entries from SINCE on told, and closed. */
SC_CHECKED enum sc_err walk_dir(const char *dir, uint64_t since, audit_line_fn *line, void *arg,
    struct sc_diag *d);

/* Entries from SINCE on: those in the tree, then those in the journal. */
SC_CHECKED enum sc_err walk_entries(struct walk_log *log, uint64_t since, audit_line_fn *line,
    void *arg, struct sc_diag *d);

#endif
