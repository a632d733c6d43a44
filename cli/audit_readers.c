/*
 * audit_readers.c - `scrim audit readers`: the logs, and what is kept of their heads, for a group
 * of this machine to read. The folders themselves say so from then on.
 */
#include "cli/audit_set.h"
#include "cli/owner.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* By its name or number; root's reads everything already. */
static int find_group(const char *name, gid_t *out)
{
	struct group entry, *g = NULL;
	char buf[16384], *end;
	unsigned long n;

	(void)getgrnam_r(name, &entry, buf, sizeof(buf), &g);
	errno = 0;
	n = strtoul(name, &end, 10);
	if (g != NULL)
		*out = g->gr_gid;
	else if (name[0] >= '0' && name[0] <= '9' && *end == '\0' && errno == 0 && n < UINT32_MAX)
		*out = (gid_t)n;
	else
		return cli_fail(CLI_NO, "there is no group %s here: addgroup makes one", name);
	return *out != 0 ? CLI_GO_ON : cli_fail(CLI_USAGE, "root's group needs no leave to read");
}

/* One folder, whoever's it is. What is not there yet is left to be made. */
static int let_read(const char *base, const char *path, gid_t readers, bool *any)
{
	struct sc_diag d = { .line = 0 };
	struct user owner = { .name = "its owner", .of = "whoever has the log" };
	struct stat st;

	if (path[0] == '\0' || (lstat(path, &st) != 0 && errno == ENOENT))
		return CLI_GO_ON;
	if (lstat(path, &st) != 0)
		return cli_fail(CLI_NO, "%s: %s: run it as root, or as its user", path,
		    strerror(errno));
	owner.uid = st.st_uid;
	owner.gid = st.st_gid;
	if (owner_readers(base, path, &owner, readers, &d) != SC_OK)
		return cli_fail_diag(CLI_NO, &d);
	printf("%s\n", path);
	*any = true;
	return CLI_GO_ON;
}

/* The folder that PATH stands in; "" for none. */
static void above(const char *path, char out[static FILE_PATH_MAX])
{
	char *slash;

	file_path(out, "%s", path == NULL ? "" : path);
	slash = strrchr(out, '/');
	if (slash != NULL)
		*slash = '\0';
	else
		out[0] = '\0';
}

static int let_all(const struct cli_call *c, const struct audit_set *s, gid_t readers)
{
	char base[FILE_PATH_MAX], heads[FILE_PATH_MAX], done[FILE_PATH_MAX] = "";
	bool any = false;
	int rc = CLI_GO_ON;

	above(cli_config_path(c), base);
	if (base[0] == '\0')
		file_path(base, ".");
	for (size_t i = 0; i < s->n && rc == CLI_GO_ON; i++) {
		rc = let_read(base, s->logs[i].dir, readers, &any);
		above(s->logs[i].checkpoint, heads);
		if (rc == CLI_GO_ON && strcmp(heads, done) != 0)
			rc = let_read(base, heads, readers, &any);
		file_path(done, "%s", heads);
	}
	if (rc == CLI_GO_ON && !any)
		rc = cli_fail(CLI_NO, "there is no log yet: start the daemons first");
	return rc;
}

int cli_audit_readers(const struct cli_call *c)
{
	struct audit_set *s = NULL;
	gid_t readers = 0;
	int rc = find_group(c->words[0], &readers);

	if (rc == CLI_GO_ON)
		rc = audit_set_find(c, &s);
	if (rc == CLI_GO_ON)
		rc = let_all(c, s, readers);
	free(s);
	if (rc != CLI_GO_ON)
		return rc;
	printf("group %s reads these from now on\n", c->words[0]);
	return cli_flush(CLI_DONE);
}
