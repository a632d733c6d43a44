/*
 * process.h - what scrimd asks of the operating system for itself.
 */
#ifndef GATEWAY_SCRIMD_PROCESS_H
#define GATEWAY_SCRIMD_PROCESS_H

#include "base/diag.h"
#include "base/err.h"
#include "gateway/config/config.h"

#include <signal.h>
#include <stdbool.h>

/* No new privileges, no core dumps, not traceable; as many descriptors as allowed. Fails with SC_IO. */
SC_CHECKED enum sc_err process_harden(struct sc_diag *diag);

/*
 * From now on nothing is written but in C's folders of the log (made when
 * missing), of the stores and of the spool, nothing is read but there, in the folders of the
 * files that C names, and of the system's what serving needs; sockets are made only where C
 * listens on some, and nothing is executed. Before any thread is started. Fails with SC_IO,
 * SC_NOMEM.
 */
SC_CHECKED enum sc_err process_confine(const struct config *c, struct sc_diag *diag);

/* How many connections may be open: WANTED, or fewer when descriptors are few. */
unsigned process_connections(unsigned wanted, unsigned threads);

/* Block SIGTERM, SIGINT and SIGHUP (to be waited for) and ignore SIGPIPE. */
void process_block_signals(sigset_t *out);

/* The first line of the file at PATH; false when there is none. */
bool process_read_line(const char *path, char *out, size_t size);

/* Tell a person on standard error WHAT failed and all that is said of it. */
void process_say(const struct sc_diags *all, const char *what);

#endif
