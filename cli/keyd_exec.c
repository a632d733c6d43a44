/*
 * keyd_exec.c - finding scrim-keyd and its configuration, and becoming it.
 */
#include "cli/keyd_exec.h"

#include "cli/daemon.h"
#include "cli/file.h"
#include "cli/owner.h"
#include "crypto/settings/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
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

/* ---- as whom ---- */

/*
 * What is made is keyd's, and what keyd made may be somebody else's who was keyd for a while: root
 * goes on as the user whose the store is. An empty folder of root's is given to that user first.
 */
static int become_keyd(struct keyd_exec *e, const struct settings *s)
{
	struct user u = { .name = "keyd's", .of = "keyd" };
	struct sc_diag d = { .line = 0 };
	struct stat st;

	if (geteuid() != 0 || stat(s->store, &st) != 0 || st.st_uid == 0)
		return CLI_GO_ON;
	u.uid = st.st_uid;
	u.gid = st.st_gid;
	if (e->folder != NULL && strcmp(e->folder, "-") != 0 &&
	    owner_empty(e->folder, &u, &d) != SC_OK)
		return cli_fail_diag(CLI_NO, &d);
	if (e->scratch) {
		file_beside(s->store, ".", e->beside);
		keyd_exec_add(e, "--scratch", e->beside);
	}
	return user_become(&u) ?
	    CLI_GO_ON :
	    cli_fail(CLI_NO, "cannot go on as keyd's user (%u)", (unsigned)u.uid);
}

/*
 * What keyd's file says of whom and what this is: one of the demo's says so, and nobody has to say
 * it again. One that cannot be read is keyd's to tell of.
 */
static int prepare(struct keyd_exec *e, const char *path, bool *demo)
{
	struct sc_diags all = { .n = 0 };
	struct settings s;
	int rc;

	if (settings_load(path, &all, &s) != SC_OK)
		return CLI_GO_ON;
	*demo |= s.demo;
	rc = become_keyd(e, &s);
	settings_fini(&s);
	return rc;
}

int keyd_exec_run(struct keyd_exec *e, const struct cli_call *c)
{
	char exe[FILE_PATH_MAX], path[FILE_PATH_MAX];
	char *argv[KEYD_WORDS_MAX + 6] = { exe, word("--config"), path };
	bool demo = c->demo;
	size_t n = 3;
	int fd, rc;

	if (c->keyd_config != NULL)
		file_path(path, "%s", c->keyd_config);
	else
		file_beside(cli_config_path(c), "keyd.json", path);
	if (!file_exists(path))
		return cli_fail(CLI_USAGE,
		    "there is no %s: run this where keyd's configuration is, or give "
		    "--keyd-config; docs/OPERATIONS.md shows one",
		    path);
	proc_sibling("scrim-keyd", exe);
	fd = open(exe, O_PATH | O_CLOEXEC);
	if ((rc = prepare(e, path, &demo)) != CLI_GO_ON) {
		close(fd);
		return rc;
	}
	if (demo)
		argv[n++] = word("--demo");
	if (c->json)
		argv[n++] = word("--json");
	memcpy(argv + n, e->words, e->n * sizeof(e->words[0]));
	fflush(stdout);
	proc_exec(fd, argv);
	close(fd);
	return cli_fail(CLI_NO, "%s cannot be started: %s", exe, strerror(errno));
}
