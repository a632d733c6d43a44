/*
 * daemon.h - one daemon that `scrim up` runs: its program, its log, its pid.
 */
#ifndef CLI_DAEMON_H
#define CLI_DAEMON_H

#include "cli/proc.h"

#define DAEMON_STOP_MS 40000 /* more than scrimd's usual drain */

struct daemon {
	const char *name;
	char exe[FILE_PATH_MAX];
	char log[FILE_PATH_MAX], pid_file[FILE_PATH_MAX]; /* run/NAME.log and run/NAME.pid */
	pid_t pid;
	int fd; /* pidfd; -1 when it does not run */
};

/* Program NAME, its files below the folder of CONFIG. */
void daemon_init(struct daemon *p, const char *name, const char *config);

/* Start it with --config CONFIG. CLI_GO_ON, or a code (said). */
int daemon_start(struct daemon *p, char *config, bool demo);

/* It has ended by itself: say how, with the last line of its log. CLI_NO. */
int daemon_report(struct daemon *p);

/* Ask it to end, wait, and kill it when it does not. */
void daemon_stop(struct daemon *p);

#endif
