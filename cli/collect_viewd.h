/*
 * collect_viewd.h - asking scrim-viewd, by frames over its operator's socket (base/feed/feed.h).
 */
#ifndef CLI_COLLECT_VIEWD_H
#define CLI_COLLECT_VIEWD_H

#include "base/feed/feed.h"
#include "cli/cli.h"

/* Each frame of an answer, in order, but END. Not CLI_GO_ON: no more is read, and that is the code. */
typedef int viewd_each_fn(void *arg, const struct feed_frame *f);

/*
 * Ask viewd ASK, at --viewd or where viewd.json beside the configuration says.
 * CLI_GO_ON when it said that all is well, what EACH returned, or a code (said): CLI_UNREACHABLE
 * it does not answer, CLI_REFUSED it does not take this user's word, CLI_NO it says no.
 */
int viewd_ask(const struct cli_call *c, const struct feed_ask *ask, viewd_each_fn *each, void *arg);

/* What WORD names: an event by its sixteen digits, or a rule. CLI_GO_ON, or CLI_USAGE (said). */
int viewd_what(const char *word, struct feed_ask *ask);

/* Unix milliseconds as "2026-11-21 10:00:00Z". */
void viewd_time(uint64_t at_ms, char out[static 24]);

/* The last snapshot viewd has made. */
struct viewd_snapshot {
	uint64_t number, at_ms, people, digest;
};
int viewd_snapshot(const struct cli_call *c, struct viewd_snapshot *out);

#endif
