/*
 * logs.c - finding the two logs of a configuration, and their keys.
 */
#include "cli/logs.h"

#include "crypto/settings/settings.h"
#include "gateway/config/config.h"

#include <string.h>

#define VKEY_BYTES 1024

int logs_find(const struct cli_call *c, struct logs_found *out)
{
	char path[FILE_PATH_MAX];
	struct config *cfg = NULL;
	struct settings s = { .n_gateways = 0 };
	int rc = cli_config(c, &cfg);

	if (rc != CLI_GO_ON)
		return rc;
	file_path(out->scrimd, "%s", cfg->log_dir);
	config_free(cfg);
	out->keyd[0] = '\0';
	file_beside(cli_config_path(c), "keyd.json", path);
	if (file_exists(path) && (rc = cli_settings(path, &s)) == CLI_GO_ON)
		file_path(out->keyd, "%s", s.log);
	settings_fini(&s);
	return rc;
}

int logs_choose(const struct cli_call *c, char dir[static FILE_PATH_MAX])
{
	struct logs_found both;
	int rc;

	if (c->log == NULL && (rc = logs_find(c, &both)) != CLI_GO_ON)
		return rc;
	file_path(dir, "%s", c->log != NULL ? c->log : c->keyd ? both.keyd : both.scrimd);
	return dir[0] != '\0' ? CLI_GO_ON :
				cli_fail(CLI_NO,
				    "there is no keyd.json beside "
				    "the configuration; name keyd's log with --log");
}

int logs_vkey(const char *dir, const char *path, char **vkey, bool *own)
{
	struct sc_diag d = { .line = 0 };
	char beside[FILE_PATH_MAX];
	struct sc_buf b;
	int rc = CLI_GO_ON;

	*vkey = NULL;
	*own = path == NULL;
	file_path(beside, "%s/vkey", dir);
	if (path == NULL && !file_exists(beside))
		return CLI_GO_ON;
	sc_buf_init(&b, VKEY_BYTES);
	if (file_read(path != NULL ? path : beside, &b, &d) != SC_OK)
		rc = cli_fail_diag(CLI_NO, &d);
	else if ((*vkey = strndup((char *)b.p, b.n)) != NULL)
		(*vkey)[strcspn(*vkey, "\r\n")] = '\0';
	sc_buf_fini(&b);
	return rc;
}
