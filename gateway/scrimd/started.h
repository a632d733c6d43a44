/*
 * started.h - what scrimd was started with and a reload does not change.
 *
 * Sockets, threads, the log, virtual numbers and the way to keyd are made once. A reload that
 * names others takes over the rest, and says which of these wait for a restart.
 */
#ifndef GATEWAY_SCRIMD_STARTED_H
#define GATEWAY_SCRIMD_STARTED_H

#include "gateway/serve/generation.h"

struct started;

/* Remember G (held) and its TLS files as they are now. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err started_new(struct generation *g, struct started **out);
/* A line for each route of C that observes: nothing that passes it is protected. */
void started_tell_observing(const struct config *c);

void started_free(struct started *s); /* NULL is fine */

/* A line "gateway.reload_needs_restart" for each member of C that is not as it was. */
void started_tell(const struct started *s, const struct config *c);

#endif
