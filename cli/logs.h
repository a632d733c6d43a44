/*
 * logs.h - which log a subcommand is about, and the key it is signed with.
 */
#ifndef CLI_LOGS_H
#define CLI_LOGS_H

#include "cli/cli.h"

struct log_choice {
	struct cli_common common;
	const char *dir;  /* --log: this folder, no configuration needed */
	const char *vkey; /* --vkey: the file with its key */
	bool keyd;        /* keyd's log instead of scrimd's */
};
#define CLI_OPT_LOG(l) \
	CLI_OPT_CONFIG(&(l)->common), \
	    { "log", CLI_TEXT, &(l)->dir, "DIR", "a log's folder, by itself" }, \
	    { "keyd", CLI_FLAG, &(l)->keyd, NULL, "keyd's log, not scrimd's" }, \
	    CLI_OPT_JSON(&(l)->common)

/* The folders of both logs; "" for keyd's when keyd.json is not there. In the heap. */
int logs_of_config(const struct cli_common *c, char **scrimd, char **keyd);

/* The folder chosen, in the heap. CLI_GO_ON or a code (said). */
int log_chosen(const struct log_choice *l, char **dir);

/*
 * The verifying key for the log in DIR: PATH, or the file `vkey` that the
 * daemon keeps in the folder (*OWN is then true), or NULL with CLI_GO_ON when
 * neither is there. In the heap.
 */
int log_vkey(const char *dir, const char *path, char **vkey, bool *own);

#endif
