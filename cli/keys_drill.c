/*
 * keys_drill.c - `scrim keys drill`: is what was backed up worth anything?
 */
#include "cli/keyd_exec.h"

int cli_keys_drill(const struct cli_call *c)
{
	struct keyd_exec e = { .n = 0 };

	if (c->words[0][0] == '\0')
		return cli_fail(CLI_USAGE, "name the folder of backups, or a whole one");
	keyd_exec_add(&e, "--drill", c->words[0]);
	keyd_exec_add(&e, "--scratch", c->backup.scratch);
	keyd_exec_add(&e, "--vkey", c->vkey);
	e.folder = c->words[0];
	e.scratch = c->backup.scratch == NULL;
	return keyd_exec_run(&e, c);
}
