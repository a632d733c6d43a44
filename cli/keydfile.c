/*
 * keydfile.c - where keyd's files are, as its configuration says.
 */
#include "cli/keydfile.h"

#include "base/text/jsonc.h"
#include "cli/file.h"

#include <stdlib.h>
#include <string.h>

static char *joined(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');
	char *out = NULL;

	if (name == NULL)
		return NULL;
	if (name[0] == '/' || slash == NULL)
		return strdup(name);
	return asprintf(&out, "%.*s/%s", (int)(slash - path), path, name) < 0 ? NULL : out;
}

enum sc_err keyd_file_load(const char *config_dir, const char *path, struct sc_diag *d,
    struct keyd_file *out)
{
	const char *root = NULL, *log = NULL, *policy = NULL, *sock = NULL, *tenant = NULL;
	struct jsonc *doc = NULL;
	const cJSON *top;
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	out->path = path != NULL ? strdup(path) : file_beside(config_dir, "keyd.json");
	if (out->path == NULL)
		return SC_NOMEM;
	if ((err = jsonc_load_file(out->path, d, &doc)) != SC_OK)
		goto out;
	top = jsonc_root(doc);
	if ((err = jsonc_string(doc, top, "root", JSONC_OPTIONAL, d, &root)) != SC_OK ||
	    (err = jsonc_string(doc, top, "log", JSONC_OPTIONAL, d, &log)) != SC_OK ||
	    (err = jsonc_string(doc, top, "policy", JSONC_OPTIONAL, d, &policy)) != SC_OK ||
	    (err = jsonc_string(doc, top, "socket", JSONC_OPTIONAL, d, &sock)) != SC_OK ||
	    (err = jsonc_string(doc, top, "tenant", JSONC_OPTIONAL, d, &tenant)) != SC_OK)
		goto out;
	out->root = joined(out->path, root);
	out->log = joined(out->path, log);
	out->policy = joined(out->path, policy);
	out->socket = joined(out->path, sock);
	out->tenant = tenant == NULL ? NULL : strdup(tenant);
out:
	if (err != SC_OK)
		keyd_file_fini(out);
	jsonc_free(doc);
	return err;
}

void keyd_file_fini(struct keyd_file *f)
{
	free(f->path);
	free(f->root);
	free(f->log);
	free(f->policy);
	free(f->socket);
	free(f->tenant);
	memset(f, 0, sizeof(*f));
}
