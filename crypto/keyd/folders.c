/*
 * folders.c - making what is missing of the folders keyd's files stand in.
 */
#include "crypto/keyd/folders.h"

#include "base/program.h"
#include "crypto/keyring/root.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Never made: when its disk is not mounted it would come to lie on the first one. */
static enum sc_err find_mirror(const char *path, struct sc_diag *d)
{
	struct stat st;

	if (path == NULL || (stat(path, &st) == 0 && S_ISDIR(st.st_mode)))
		return SC_OK;
	snprintf(d->file, sizeof(d->file), "%.255s", path);
	sc_diag_set(d,
	    "the mirror's folder is not there. Mount its disk, or make the folder, or take "
	    "`mirror` out of keyd.json");
	return SC_IO;
}

enum sc_err folders_prepare(const struct settings *s, struct sc_diag *d)
{
	enum sc_err err;

	if ((err = program_folders(s->store, false, d)) != SC_OK ||
	    (err = program_folders(s->epoch, false, d)) != SC_OK ||
	    (err = program_folders(s->socket, false, d)) != SC_OK ||
	    (err = program_folders(s->log, true, d)) != SC_OK)
		return err;
	return find_mirror(s->mirror, d);
}

enum sc_err folders_prepare_root(const struct settings *s, struct sc_diag *d)
{
	enum sc_err err;

	/* with a store there is nothing to be made: root_load() says what is wrong */
	if (root_there(s->root) || access(s->store, F_OK) == 0)
		return SC_OK;
	if (settings_credential(s->root) == NULL &&
	    (err = program_folders(s->root, false, d)) != SC_OK)
		return err;
	return root_make(s->root, s->demo, d);
}
