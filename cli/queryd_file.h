/*
 * queryd_file.h - what others need of queryd.json: where it listens, and where its grants are;
 * and whether it is of the same deployment as the configuration.
 */
#ifndef CLI_QUERYD_FILE_H
#define CLI_QUERYD_FILE_H

#include "cli/cli.h"
#include "cli/file.h"
#include "gateway/config/config.h"

struct queryd_file {
	char path[FILE_PATH_MAX];
	char url[320];              /* "https://127.0.0.1:8445"; of a socket "http://queryd" */
	char socket[FILE_PATH_MAX]; /* "" unless it listens on one */
	char cert[FILE_PATH_MAX];   /* what it shows; "" where it is plain */
	char grants[FILE_PATH_MAX];
};

/* queryd.json beside the configuration. CLI_GO_ON, or a code (said). */
int queryd_file_read(const struct cli_call *c, struct queryd_file *out);

/* Add to ALL where PATH does not fit C; what can be read of it is compared. */
void queryd_file_check(const char *path, const struct config *c, struct sc_diags *all);

#endif
