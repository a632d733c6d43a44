/*
 * daemon.h - one daemon that `scrim up` runs: its program, its log, its pid.
 */
#ifndef CLI_DAEMON_H
#define CLI_DAEMON_H

#include "cli/proc.h"

#define DAEMON_STOP_MS 40000 /* more than scrimd's usual drain */

struct daemon {
	const char *name;
	char exe[PROC_PATH_MAX];
	char *log, *pid_file; /* run/NAME.log and run/NAME.pid */
	pid_t pid;
	int fd; /* pidfd; -1 when it does not run */
};

/* Program NAME for the configuration in DIR; false when out of memory. */
bool daemon_init(struct daemon *p, const char *name, const char *dir);
void daemon_fini(struct daemon *p);

/* Start it with --config CONFIG. CLI_GO_ON, or a code (said). */
int daemon_start(struct daemon *p, const char *config, bool demo);

/* It has ended by itself: say how, with the last line of its log. CLI_NO. */
int daemon_report(struct daemon *p);

/* Ask it to end, wait, and kill it when it does not. */
void daemon_stop(struct daemon *p);

#endif
