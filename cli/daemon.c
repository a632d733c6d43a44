/*
 * daemon.c - one daemon of the supervisor: start, report, stop.
 */
#include "cli/daemon.h"

#include "cli/cli.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

void daemon_init(struct daemon *p, const char *name, const char *config)
{
	char file[64];

	p->name = name;
	p->fd = -1;
	proc_sibling(name, p->exe);
	snprintf(file, sizeof(file), "run/%s.log", name);
	file_beside(config, file, p->log);
	snprintf(file, sizeof(file), "run/%s.pid", name);
	file_beside(config, file, p->pid_file);
}

int daemon_start(struct daemon *p, char *config, bool demo)
{
	char words[][16] = { "--config", "--demo" }, pid[32];
	char *argv[] = { p->exe, words[0], config, demo ? words[1] : NULL, NULL };
	struct sc_diag d = { .line = 0 };

	if ((p->pid = proc_start(argv, p->log, &d)) < 0)
		return cli_fail_diag(CLI_NO, &d);
	if ((p->fd = pidfd_open(p->pid, 0)) < 0)
		return cli_fail(CLI_NO, "%s cannot be watched: %s", p->name, strerror(errno));
	snprintf(pid, sizeof(pid), "%ld\n", (long)p->pid);
	if (file_write(p->pid_file, 0600, true, sc_span_str(pid), &d) != SC_OK)
		return cli_fail_diag(CLI_NO, &d);
	return CLI_GO_ON;
}

/* The last line of its log, which says why it ended. */
static void last_words(const struct daemon *p, char out[400])
{
	FILE *f = fopen(p->log, "re");
	char line[400];

	out[0] = '\0';
	if (f == NULL)
		return;
	if (fseek(f, -4096, SEEK_END) != 0)
		rewind(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] != '\0')
			memcpy(out, line, sizeof(line));
	}
	fclose(f);
}

/* It has ended: take notice, and forget it. How it ended. */
static int reap(struct daemon *p)
{
	int st = 0;

	waitpid(p->pid, &st, 0);
	close(p->fd);
	p->fd = -1;
	unlink(p->pid_file);
	return st;
}

int daemon_report(struct daemon *p)
{
	int st = reap(p);
	char words[400];

	last_words(p, words);
	return cli_fail(CLI_NO, "%s ended (%s %d)%s%s; its log is %s", p->name,
	    WIFSIGNALED(st) ? "signal" : "exit code",
	    WIFSIGNALED(st) ? WTERMSIG(st) : WEXITSTATUS(st), words[0] == '\0' ? "" : ": ", words,
	    p->log);
}

void daemon_stop(struct daemon *p)
{
	if (p->fd < 0)
		return;
	if (!proc_stop(p->fd, DAEMON_STOP_MS)) {
		cli_fail(CLI_NO, "%s does not stop; it is killed", p->name);
		pidfd_send_signal(p->fd, SIGKILL, NULL, 0);
	}
	(void)reap(p);
}
