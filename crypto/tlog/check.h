/*
 * check.h - do the stored files agree with one another? Entries with the lowest
 * tile, each whole tile with its place in the tile above, the right edge with
 * the state, the state with the signed checkpoint.
 *
 * Of the right edge this is done when a log is opened, of all of it again and
 * again, a few bundles at a time, while it is open, and by who walks over it.
 */
#ifndef CRYPTO_TLOG_CHECK_H
#define CRYPTO_TLOG_CHECK_H

#include "crypto/tlog/state.h"
#include "crypto/tlog/tile.h"

/*
 * Entry bundle N of a tree of SIZE against its tile, and every tile that is
 * completed by it against the tile above. D names the first entry or tile that
 * does not match. Fails with SC_CORRUPT, SC_IO, SC_NOMEM.
 */
SC_CHECKED enum sc_err check_bundle(int dirfd, uint64_t n, uint64_t size, struct sc_diag *d);

/* Bundle N and its tile are there, with a possible length. Cheap. */
SC_CHECKED enum sc_err check_presence(int dirfd, uint64_t n, uint64_t size, struct sc_diag *d);

/*
 * The tree that the files hold has STATE's root, and extends the checkpoint C
 * (NULL: there is none, and then none may have been signed). *EDGE is its
 * frontier. Fails with SC_CORRUPT, SC_IO, SC_NOMEM.
 */
SC_CHECKED enum sc_err check_edge(int dirfd, const struct tlog_state *state,
    const struct tlog_checkpoint *c, struct merkle_frontier *edge, struct sc_diag *d);

/*
 * A walk over all of a log, beside its writer or without: what was written when it
 * began. Fails with SC_CORRUPT, SC_IO, SC_NOMEM; D names the file.
 */
struct check_walk {
	int dirfd; /* borrowed */
	struct tlog_state state;
	uint64_t bundles, next; /* of all, the next */
};
/* State, checkpoint (KEY may be NULL) and right edge. A folder without a log has no bundles. */
SC_CHECKED enum sc_err check_walk_begin(struct check_walk *w, int dirfd, const struct note_key *key,
    struct sc_diag *d);
/* The next N bundles; over when `next` is `bundles`. */
SC_CHECKED enum sc_err check_walk_on(struct check_walk *w, uint64_t n, struct sc_diag *d);

#endif
