/*
 * operator.h - the socket on which operators ask: one question a connection, the answer in
 * frames, END the last. Who asks is told by the kernel, never by the question.
 *
 *	FEED_STATUS	TALLYs
 *	FEED_WHY_EVENT	the EVENT and its VERDICTs, oldest first; nothing: it is not there
 *	FEED_WHY_RULE	VERDICTs, the newest first; TALLYs
 *	FEED_DO_RELEASE, _CONDEMN
 *			a TALLY: how many events it is of. SC_STALE: no such event;
 *			SC_SYNTAX: no reason
 *	FEED_DO_DROP	PROGRESSes; a TALLY: how many were dropped
 *	FEED_DO_REBUILD	PROGRESSes, the last of all frames; TALLYs of the features that were made
 *	FEED_DO_DRAFT	the same work; TALLYs of the releases that were owed
 *
 * SC_AUTH: who asks may not. SC_AGAIN: a job runs, ask later.
 */
#ifndef ANALYTICS_VIEWD_OPERATOR_H
#define ANALYTICS_VIEWD_OPERATOR_H

#include "analytics/viewd/view.h"

struct operator_server;

/* Listen as SETTINGS say, for V; both borrowed. Fails with SC_IO, SC_LIMIT, SC_NOMEM; D says why. */
SC_CHECKED enum sc_err operator_server_open(struct loop *l, struct view *v,
    const struct view_settings *settings, struct sc_diag *d, struct operator_server **out);
/* Let operators in. Fails like loop_add(). */
SC_CHECKED enum sc_err operator_server_start(struct operator_server *s);
void operator_server_close(struct operator_server *s); /* NULL is fine */

#endif
