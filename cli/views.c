/*
 * views.c - where releases are made and published, and the log that says so.
 */
#include "cli/views.h"

#include "cli/logs.h"
#include "gateway/config/config.h"

/* OUT becomes SAID, or what the configuration says. */
static void choose(char out[static FILE_PATH_MAX], const char *said, const char *configured)
{
	file_path(out, "%s", said != NULL ? said : configured != NULL ? configured : "");
}

int views_find(const struct cli_call *c, struct views_places *out)
{
	const bool told = c->views.drafts != NULL && c->views.published != NULL && c->log != NULL;
	struct config *config = NULL;
	int rc = CLI_GO_ON;

	out->tenant.s[0] = '\0';
	if (!told && (rc = cli_config(c, &config)) != CLI_GO_ON)
		return rc;
	choose(out->drafts, c->views.drafts, told ? NULL : config->views.drafts);
	choose(out->published, c->views.published, told ? NULL : config->views.published);
	choose(out->log, c->log, told ? NULL : config->log_dir);
	if (!told)
		out->tenant = config->tenant;
	config_free(config);
	return out->published[0] != '\0' ?
	    CLI_GO_ON :
	    cli_fail(CLI_USAGE, "say --views DIR: the configuration has no section \"views\"");
}

int views_vkey(const struct cli_call *c, const struct views_places *p, char **vkey)
{
	bool own;
	int rc = logs_vkey(p->log, c->vkey, vkey, &own);

	if (rc == CLI_GO_ON && *vkey == NULL)
		return cli_fail(CLI_NO,
		    "there is no key of the access log in %s: name it with --vkey", p->log);
	return rc;
}
