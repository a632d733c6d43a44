/*
 * keyd_exec.h - what scrim-keyd does in a process of its own, in ours: its exit code,
 * its words and its progress are the command's. Root does it as the user whose keyd's store is.
 */
#ifndef CLI_KEYD_EXEC_H
#define CLI_KEYD_EXEC_H

#include "cli/cli.h"
#include "cli/file.h"

#define KEYD_WORDS_MAX 600

struct keyd_exec {
	char *words[KEYD_WORDS_MAX]; /* borrowed until it runs */
	size_t n;
	const char *folder;         /* that the words name for keyd to write to; NULL: none */
	bool scratch;               /* it wants a folder for a while, and no word names one */
	char beside[FILE_PATH_MAX]; /* our own */
};

/* "--NAME VALUE", unless VALUE is NULL; "--NAME" when it is "". NAME is a literal with its dashes. */
void keyd_exec_add(struct keyd_exec *e, const char *name, const char *value);
/* Become scrim-keyd --config ... with them, and --json as in C. Returns only when it cannot (said). */
int keyd_exec_run(struct keyd_exec *e, const struct cli_call *c);

#endif
