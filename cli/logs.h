/*
 * logs.h - which log a subcommand is about, and the key it is signed with.
 */
#ifndef CLI_LOGS_H
#define CLI_LOGS_H

#include "cli/cli.h"
#include "cli/file.h"

/* The folders of both logs of a configuration; "" for keyd's when keyd.json is not there. */
struct logs_found {
	char scrimd[FILE_PATH_MAX], keyd[FILE_PATH_MAX];
};
int logs_find(const struct cli_call *c, struct logs_found *out);

/* The folder that --log, or --keyd and the configuration, choose. CLI_GO_ON or a code (said). */
int logs_choose(const struct cli_call *c, char dir[static FILE_PATH_MAX]);

/*
 * The verifying key for the log in DIR: PATH, or the file `vkey` that the
 * daemon keeps in the folder (*OWN is then true), or NULL with CLI_GO_ON when
 * neither is there. In the heap.
 */
int logs_vkey(const char *dir, const char *path, char **vkey, bool *own);

#endif
