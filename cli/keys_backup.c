/*
 * keys_backup.c - `scrim keys backup`: everybody's keys into a folder or a pipe, while keyd works.
 */
#include "cli/keyd_exec.h"

int cli_keys_backup(const struct cli_call *c)
{
	struct keyd_exec e = { .n = 0 };

	if (c->backup.full && c->backup.since != NULL)
		return cli_fail(CLI_USAGE, "--full begins a chain, --since goes on with one");
	if (c->words[0][0] == '\0')
		return cli_fail(CLI_USAGE, "name a folder, or - for a pipe");
	keyd_exec_add(&e, "--backup", c->words[0]);
	keyd_exec_add(&e, "--since", c->backup.since);
	keyd_exec_add(&e, "--full", c->backup.full ? "" : NULL);
	e.folder = c->words[0];
	return keyd_exec_run(&e, c);
}
