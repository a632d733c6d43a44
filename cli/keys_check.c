/*
 * keys_check.c - `scrim keys check`: does all that keyd keeps hold together?
 */
#include "cli/keyd_exec.h"

int cli_keys_check(const struct cli_call *c)
{
	struct keyd_exec e = { .n = 0 };

	keyd_exec_add(&e, "--check", "");
	return keyd_exec_run(&e, c);
}
