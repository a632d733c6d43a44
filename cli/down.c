/*
 * down.c - `scrim down`: stop what `scrim up` started for a configuration.
 *
 * Only the supervisor is signalled; it stops its daemons in order, and they
 * end with it should it be gone.
 */
#include "cli/cli.h"

#include "cli/daemon.h"

#include <string.h>
#include <unistd.h>

int cli_down(const struct cli_command *cmd, int argc, char **argv)
{
	struct cli_common common = { .json = false };
	const struct cli_opt opts[] = { CLI_OPT_CONFIG(&common), CLI_OPT_JSON(&common),
		CLI_OPT_END };
	char pid_file[PROC_PATH_MAX];
	const char *path, *slash;
	pid_t pid;
	int fd, rc = cli_parse(cmd, opts, NULL, argc, argv);
	bool ended;

	if (rc != CLI_GO_ON)
		return rc;
	path = cli_config_path(&common);
	slash = strrchr(path, '/');
	snprintf(pid_file, sizeof(pid_file), "%.*srun/scrim-up.pid",
	    slash == NULL ? 0 : (int)(slash + 1 - path), path);
	if ((fd = proc_find(pid_file, &pid)) < 0)
		return cli_fail(CLI_NO, "nothing that `scrim up` started is running for %s", path);
	ended = proc_stop(fd, 2 * DAEMON_STOP_MS + 5000);
	close(fd);
	if (!ended)
		return cli_fail(CLI_NO, "process %ld does not stop", (long)pid);
	if (common.json)
		printf("{\"up\":false}\n");
	else
		printf("stopped\n");
	return CLI_DONE;
}
