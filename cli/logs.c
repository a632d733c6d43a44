/*
 * logs.c - finding the two logs of a configuration, and their keys.
 */
#include "cli/logs.h"

#include "cli/file.h"
#include "crypto/settings/settings.h"
#include "gateway/config/config.h"

#include <stdlib.h>
#include <string.h>

#define VKEY_BYTES 1024

int logs_of_config(const struct cli_common *c, char **scrimd, char **keyd)
{
	struct config *cfg = NULL;
	struct settings s = { .n_peers = 0 };
	char *path;
	int rc = cli_config(c, &cfg);

	*scrimd = *keyd = NULL;
	if (rc != CLI_GO_ON)
		return rc;
	path = file_beside(cfg->dir, "keyd.json");
	*scrimd = strdup(cfg->log_dir);
	if (path != NULL && !file_exists(path))
		*keyd = strdup("");
	else if (path != NULL && (rc = cli_settings(path, &s)) == CLI_GO_ON)
		*keyd = strdup(s.log);
	if (rc == CLI_GO_ON && (*scrimd == NULL || *keyd == NULL))
		rc = cli_fail(CLI_NO, "out of memory");
	settings_fini(&s);
	free(path);
	config_free(cfg);
	return rc;
}

int log_chosen(const struct log_choice *l, char **dir)
{
	char *scrimd = NULL, *keyd = NULL;
	int rc;

	*dir = NULL;
	if (l->dir != NULL) {
		*dir = strdup(l->dir);
		return *dir == NULL ? cli_fail(CLI_NO, "out of memory") : CLI_GO_ON;
	}
	if ((rc = logs_of_config(&l->common, &scrimd, &keyd)) == CLI_GO_ON) {
		*dir = l->keyd ? keyd : scrimd;
		if (l->keyd)
			keyd = NULL;
		else
			scrimd = NULL;
		if ((*dir)[0] == '\0')
			rc = cli_fail(CLI_NO,
			    "there is no keyd.json beside "
			    "the configuration; name keyd's log with --log");
	}
	free(scrimd);
	free(keyd);
	return rc;
}

int log_vkey(const char *dir, const char *path, char **vkey, bool *own)
{
	struct sc_diag d = { .line = 0 };
	char *beside = file_beside(dir, "vkey");
	const char *from = path != NULL ? path : beside;
	struct sc_buf b;
	int rc = CLI_GO_ON;

	*vkey = NULL;
	*own = path == NULL;
	sc_buf_init(&b, VKEY_BYTES);
	if (from == NULL)
		rc = cli_fail(CLI_NO, "out of memory");
	else if (path != NULL || file_exists(from)) {
		if (file_read(from, VKEY_BYTES, &b, &d) != SC_OK)
			rc = cli_fail_diag(CLI_NO, &d);
		else if ((*vkey = strndup((char *)b.p, b.n)) != NULL)
			(*vkey)[strcspn(*vkey, "\r\n")] = '\0';
	}
	sc_buf_fini(&b);
	free(beside);
	return rc;
}
