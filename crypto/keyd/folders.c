/*
 * folders.c - making what is missing of the folders keyd's files stand in.
 */
#include "crypto/keyd/folders.h"

#include "crypto/keyd/root.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Make the folders that PATH is in, and PATH itself when WHOLE. */
static enum sc_err make_folders(const char *path, bool whole, struct sc_diag *d)
{
	char part[SETTINGS_PATH_MAX];
	size_t n = strlen(path);

	for (size_t i = 1; i <= n; i++) {
		if (path[i] != '/' && !(whole && i == n))
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0700) != 0 && errno != EEXIST) {
			snprintf(d->file, sizeof(d->file), "%.255s", part);
			sc_diag_set(d, "cannot make the folder: %s", strerror(errno));
			return SC_IO;
		}
	}
	return SC_OK;
}

enum sc_err folders_prepare(const struct settings *s, struct sc_diag *d)
{
	enum sc_err err;

	if ((err = make_folders(s->store, false, d)) != SC_OK ||
	    (err = make_folders(s->socket, false, d)) != SC_OK ||
	    (err = make_folders(s->log, true, d)) != SC_OK)
		return err;
	return SC_OK;
}

enum sc_err folders_prepare_root(const struct settings *s, struct sc_diag *d)
{
	enum sc_err err;

	if (access(s->root, F_OK) == 0)
		return SC_OK;
	if ((err = make_folders(s->root, false, d)) != SC_OK)
		return err;
	return root_make(s->root, s->demo, d);
}
