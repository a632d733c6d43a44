/*
 * signed_lines.h - lines of JSON on their way up, each with the caller's own statement before it,
 * that its tokens may be opened: {"scrim_signature":"BASE64"}.
 *
 * A line without a token has none, nor has one that is no JSON, which scrimd tells.
 */
#ifndef CLI_SIGNED_LINES_H
#define CLI_SIGNED_LINES_H

#include "cli/cli.h"

struct signed_lines;

/* With C's signing key. CLI_GO_ON and *OUT, or a code (said). */
int signed_lines_new(const struct cli_call *c, struct signed_lines **out);
void signed_lines_free(struct signed_lines *s); /* NULL is fine */

/* Bytes of lines; END: those are all, and a last line need not have an end. CLI_GO_ON or a code (said). */
int signed_lines_put(struct signed_lines *s, struct sc_span in, bool end);
/* What may go up, and at most ROOM of it, into P. */
size_t signed_lines_left(const struct signed_lines *s);
size_t signed_lines_take(struct signed_lines *s, char *p, size_t room);

#endif
