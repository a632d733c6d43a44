/*
 * keyd_exec.c - finding scrim-keyd and its configuration, and becoming it.
 */
#include "cli/keyd_exec.h"

#include "cli/daemon.h"
#include "cli/file.h"
#include "crypto/settings/settings.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* execv() takes words that it does not change by a type that would let it. */
static char *word(const char *text)
{
	return (char *)(uintptr_t)text;
}

void keyd_exec_add(struct keyd_exec *e, const char *name, const char *value)
{
	if (value == NULL || e->n + 2 > KEYD_WORDS_MAX)
		return;
	e->words[e->n++] = word(name);
	if (value[0] != '\0')
		e->words[e->n++] = word(value);
}

/*
 * A file of the demo's says so: nobody has to say it again. One that cannot be read is
 * keyd's to tell of.
 */
static bool is_demo(const char *path)
{
	struct sc_diags all = { .n = 0 };
	struct settings s;
	bool demo;

	if (settings_load(path, &all, &s) != SC_OK)
		return false;
	demo = s.demo;
	settings_fini(&s);
	return demo;
}

int keyd_exec_run(struct keyd_exec *e, const struct cli_call *c)
{
	char exe[FILE_PATH_MAX], path[FILE_PATH_MAX];
	char *argv[KEYD_WORDS_MAX + 6] = { exe, word("--config"), path };
	size_t n = 3;

	if (c->keyd_config != NULL)
		file_path(path, "%s", c->keyd_config);
	else
		file_beside(cli_config_path(c), "keyd.json", path);
	if (!file_exists(path))
		return cli_fail(CLI_USAGE,
		    "there is no %s: run this where keyd's configuration is, or give "
		    "--keyd-config; docs/OPERATIONS.md shows one",
		    path);
	if (c->demo || is_demo(path))
		argv[n++] = word("--demo");
	if (c->json)
		argv[n++] = word("--json");
	memcpy(argv + n, e->words, e->n * sizeof(e->words[0]));
	proc_sibling("scrim-keyd", exe);
	fflush(stdout);
	execv(exe, argv);
	return cli_fail(CLI_NO, "%s cannot be started: %s", exe, strerror(errno));
}
