/*
 * changes.h - telling a change from a first writing: at a place of a known order another token
 * stands than the one before.
 *
 *	what passed (the tap's thread) -> what stood there (the store's) -> a record of what differs
 *
 * Of each order and place eight bytes are kept, a keyed hash of the token, under eight of where it
 * stands: neither tells a value or a person. No request waits for any of it; a change
 * of which nothing is known is a first writing.
 */
#ifndef GATEWAY_CHANGES_CHANGES_H
#define GATEWAY_CHANGES_CHANGES_H

#include "gateway/protect/tap.h"
#include "gateway/serve/worker.h"

struct changes;

/*
 * For the routes of C that say "changes"; *OUT is NULL where none does. It keeps a database beside
 * C's store. Fails like store_open().
 */
SC_CHECKED enum sc_err changes_new(const struct config *c, struct worker_shared *shared,
    struct sc_diag *d, struct changes **out);
/* What was heard is recorded first: after the tap's end, before the log's. NULL is fine. */
void changes_free(struct changes *k);

/* Does a route of C say so? */
bool changes_wanted(const struct config *c);

/* Who listens for K; without a name when K is NULL. */
struct tap_listener changes_listener(struct changes *k);

#endif
