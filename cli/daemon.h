/*
 * daemon.h - daemons as processes: starting, knowing and stopping our own.
 *
 * The supervisor holds its pid file locked as long as it lives, so that the
 * file tells the right process or none, and a reused pid is never signalled.
 */
#ifndef CLI_DAEMON_H
#define CLI_DAEMON_H

#include "base/diag.h"
#include "cli/file.h"
#include "cli/users.h"

#include <stdbool.h>
#include <sys/types.h>

/* The path of NAME relative to our own executable; false when nothing is there. */
bool proc_beside(const char *name, char path[static FILE_PATH_MAX]);
/* Of PROGRAM in the same folder or ../sbin, should it be there or not. */
void proc_sibling(const char *program, char path[static FILE_PATH_MAX]);

/*
 * Start ARGV[0] with standard error and output appended to LOG_PATH (made
 * 0600) and input from nowhere, as AS (NULL: as we are), who needs no access to the program's
 * or the log's place. It gets SIGTERM should we die. -1, with D, when it cannot be started.
 */
pid_t proc_start(char *const argv[], const char *log_path, const struct user *as,
    struct sc_diag *d);

/* Run ARGV[0], which EXE is open on (O_PATH, O_CLOEXEC). Comes back when that cannot be. */
void proc_exec(int exe, char *const argv[]);

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

#define UP_PID_FILE "run/scrim-up.pid" /* of the supervisor, beside the configuration */

#define DAEMON_WORDS_MAX 400 /* of a line of its log */
#define DAEMON_STOP_MS 40000 /* more than scrimd's usual drain */

/* One daemon that `scrim up` runs: its program, its log, its pid. */
struct daemon {
	const char *name;
	char exe[FILE_PATH_MAX];
	char log[FILE_PATH_MAX], pid_file[FILE_PATH_MAX]; /* run/NAME.log and run/NAME.pid */
	const struct user *as;                            /* NULL: as we are */
	pid_t pid;
	int fd; /* pidfd; -1 when it does not run */
};

/* Program NAME, its files below the folder of CONFIG. */
void daemon_init(struct daemon *p, const char *name, const char *config);

/* Start it with --config CONFIG. CLI_GO_ON, or a code (said). */
int daemon_start(struct daemon *p, char *config, bool demo);

/* The last line of its log, which says why it ended; empty when there is none. */
void daemon_last_words(const struct daemon *p, char out[static DAEMON_WORDS_MAX]);

/* It has ended by itself: say how, with the last line of its log. CLI_NO. */
int daemon_report(struct daemon *p);

/* Does somebody listen at PATH, whom AS (NULL: who we are) can reach? */
bool daemon_answers(const struct user *as, const char *path);

/* It is not ready after SECONDS: what of its READYZ does not hold, where it says so. */
int daemon_unready(const struct daemon *p, unsigned seconds, struct sc_span readyz);

/* Ask it to end, wait, and kill it when it does not. */
void daemon_stop(struct daemon *p);

#endif
