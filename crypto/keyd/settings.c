/*
 * settings.c - keyd.json, read once.
 */
#include "crypto/keyd/settings.h"

#include "base/text/jsonc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const keys[] = { "tenant", "socket", "store", "log", "root", "policy", "origin",
	"peers", "demo", NULL };
static const char *const peer_keys[] = { "uid", NULL };

/* NAME as seen from the folder that the settings file is in. */
static enum sc_err resolve(const char *file, const char *name, char out[SETTINGS_PATH_MAX],
    struct sc_diag *d)
{
	const char *slash = strrchr(file, '/');
	int dir = name[0] == '/' || slash == NULL ? 0 : (int)(slash - file + 1);
	int n = snprintf(out, SETTINGS_PATH_MAX, "%.*s%s", dir, file, name);

	if (n > 0 && n < SETTINGS_PATH_MAX)
		return SC_OK;
	sc_diag_set(d, "a path is too long");
	return SC_LIMIT;
}

static enum sc_err read_peers(const struct jsonc *doc, struct sc_diag *d, struct settings *out)
{
	const cJSON *list, *item;
	enum sc_err err;

	if ((err = jsonc_array(doc, jsonc_root(doc), "peers", JSONC_REQUIRED, d, &list)) != SC_OK)
		return err;
	cJSON_ArrayForEach(item, list)
	{
		uint64_t uid = 0;

		if (out->n_peers == SETTINGS_PEERS_MAX)
			return jsonc_error(doc, item, d, "more than %d peers", SETTINGS_PEERS_MAX);
		if ((err = jsonc_check_keys(doc, item, peer_keys, d)) != SC_OK ||
		    (err = jsonc_u64(doc, item, "uid", JSONC_REQUIRED, 0, UINT32_MAX - 1, d,
			 &uid)) != SC_OK)
			return err;
		out->peers[out->n_peers++] = (uid_t)uid;
	}
	if (out->n_peers == 0)
		return jsonc_error(doc, list, d, "nobody may ask: give at least one peer");
	return SC_OK;
}

static enum sc_err read_paths(const struct jsonc *doc, const char *file, struct sc_diag *d,
    struct settings *out)
{
	const struct {
		const char *key;
		char *to;
	} rows[] = {
		{ "socket", out->socket },
		{ "store", out->store },
		{ "log", out->log },
		{ "root", out->root },
		{ "policy", out->policy },
	};
	const char *text;
	enum sc_err err;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((err = jsonc_string(doc, jsonc_root(doc), rows[i].key, JSONC_REQUIRED, d,
			 &text)) != SC_OK ||
		    (err = resolve(file, text, rows[i].to, d)) != SC_OK)
			return err;
	return SC_OK;
}

static enum sc_err read_origin(const struct jsonc *doc, struct sc_diag *d, struct settings *out)
{
	const char *text;
	enum sc_err err;
	int n;

	if ((err = jsonc_string(doc, jsonc_root(doc), "origin", JSONC_OPTIONAL, d, &text)) != SC_OK)
		return err;
	if (text == NULL)
		n = snprintf(out->origin, sizeof(out->origin), "scrim/%s/keyd", out->tenant.s);
	else
		n = snprintf(out->origin, sizeof(out->origin), "%s", text);
	if (n > 0 && (size_t)n < sizeof(out->origin))
		return SC_OK;
	sc_diag_set(d, "the log's origin is too long");
	return SC_LIMIT;
}

enum sc_err settings_load(const char *path, struct sc_diag *d, struct settings *out)
{
	struct jsonc *doc = NULL;
	const cJSON *root;
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	if ((err = jsonc_load_file(path, d, &doc)) != SC_OK)
		goto out;
	root = jsonc_root(doc);
	if ((err = jsonc_check_keys(doc, root, keys, d)) != SC_OK ||
	    (err = jsonc_name(doc, root, "tenant", JSONC_REQUIRED, d, &out->tenant)) != SC_OK ||
	    (err = jsonc_bool(doc, root, "demo", JSONC_OPTIONAL, d, &out->demo)) != SC_OK ||
	    (err = read_paths(doc, path, d, out)) != SC_OK ||
	    (err = read_origin(doc, d, out)) != SC_OK || (err = read_peers(doc, d, out)) != SC_OK)
		goto out;
out:
	jsonc_free(doc);
	return err;
}
