/*
 * proc.h - daemons as processes: starting, knowing and stopping our own.
 *
 * The supervisor holds its pid file locked as long as it lives, so that the
 * file tells the right process or none, and a reused pid is never signalled.
 */
#ifndef CLI_PROC_H
#define CLI_PROC_H

#include "base/diag.h"
#include "base/err.h"
#include "cli/file.h"

#include <stdbool.h>
#include <sys/types.h>

/* The path of NAME relative to our own executable; false when nothing is there. */
bool proc_beside(const char *name, char path[static FILE_PATH_MAX]);
/* Of PROGRAM in the same folder or ../sbin, should it be there or not. */
void proc_sibling(const char *program, char path[static FILE_PATH_MAX]);

/*
 * Start ARGV[0] with standard error and output appended to LOG_PATH (made
 * 0600) and input from nowhere. It gets SIGTERM should we die. -1, with D,
 * when it cannot be started.
 */
pid_t proc_start(char *const argv[], const char *log_path, struct sc_diag *d);

/*
 * Write our pid into PID_PATH and hold it, until the descriptor given back is
 * closed. -1, with D, when that fails or another process holds it.
 */
int proc_claim(const char *pid_path, struct sc_diag *d);

/* A handle (pidfd) on the process that holds PID_PATH; else -1. */
int proc_find(const char *pid_path, pid_t *pid);

/* Ask the process to end; false when it is still there after WAIT_MS. */
bool proc_stop(int pidfd, int wait_ms);

/* Has the process behind PIDFD ended within WAIT_MS? */
bool proc_ended(int pidfd, int wait_ms);

#endif
