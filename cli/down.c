/*
 * down.c - `scrim down`: the end of what `scrim up` started.
 */
#include "cli/cli.h"
#include "cli/daemon.h"

#include <stdio.h>
#include <unistd.h>

/*
 * Only the supervisor is signalled; it stops its daemons in order, and they
 * end with it should it be gone.
 */
int cli_down(const struct cli_call *c)
{
	const char *path = cli_config_path(c);
	char pid_file[FILE_PATH_MAX];
	bool ended;
	pid_t pid;
	int fd;

	file_beside(path, UP_PID_FILE, pid_file);
	if ((fd = proc_find(pid_file, &pid)) < 0)
		return cli_fail(CLI_NO, "nothing that `scrim up` started is running for %s", path);
	ended = proc_stop(fd, 2 * DAEMON_STOP_MS + 5000);
	close(fd);
	if (!ended)
		return cli_fail(CLI_NO, "process %ld does not stop", (long)pid);
	printf(c->json ? "{\"up\":false}\n" : "stopped\n");
	return CLI_DONE;
}
