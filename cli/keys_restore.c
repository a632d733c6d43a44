/*
 * keys_restore.c - `scrim keys restore`: a store made anew of backups or of its mirror,
 * and what the log tells since.
 */
#include "cli/keyd_exec.h"

int cli_keys_restore(const struct cli_call *c)
{
	struct keyd_exec e = { .n = 0 };

	if ((c->n_words == 0) != (c->backup.mirror != NULL))
		return cli_fail(CLI_USAGE,
		    c->n_words > 0 ?
			"--mirror is instead of backups: name one of both" :
			"name the folder of backups, or the files of one chain, the whole one "
			"first");
	for (size_t i = 0; i < c->n_words; i++) {
		if (c->words[i][0] == '\0')
			return cli_fail(CLI_USAGE, "a backup has no name");
		keyd_exec_add(&e, "--restore", c->words[i]);
	}
	keyd_exec_add(&e, "--restore-mirror", c->backup.mirror);
	keyd_exec_add(&e, "--without-log", c->backup.without_log ? "" : NULL);
	keyd_exec_add(&e, "--vkey", c->vkey);
	return keyd_exec_run(&e, c);
}
