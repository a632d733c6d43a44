/*
 * feed_server.h - the socket on which gateways hand over frames (base/feed/feed.h says how).
 *
 * Whoever sends anything else is dropped. A peer that stalls costs its descriptor; one that
 * never says which spool it brings, not even that.
 */
#ifndef ANALYTICS_VIEWD_FEED_SERVER_H
#define ANALYTICS_VIEWD_FEED_SERVER_H

#include "analytics/viewd/view.h"

struct feed_server;

/* Listen as SETTINGS say, for V; both borrowed. Fails with SC_IO, SC_LIMIT, SC_NOMEM; D says why. */
SC_CHECKED enum sc_err feed_server_open(struct loop *l, struct view *v,
    const struct view_settings *settings, struct sc_diag *d, struct feed_server **out);
/* Let gateways in. Fails like loop_add(). */
SC_CHECKED enum sc_err feed_server_start(struct feed_server *s);
void feed_server_close(struct feed_server *s); /* NULL is fine */

#endif
