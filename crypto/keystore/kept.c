/*
 * kept.c - what is said of each set of what is there.
 */
#include "crypto/keystore/kept.h"

#include "crypto/keyring/root.h"
#include "crypto/keystore/restoring.h"

#include <stdio.h>
#include <unistd.h>

static bool there(const char *path)
{
	return path != NULL && access(path, F_OK) == 0;
}

/* The log's newest head is written once it has an entry. */
static bool has_log(const char *dir)
{
	char path[SETTINGS_PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s/checkpoint", dir);
	return there(path);
}

/* A credential that was not handed over is not lost: root_load() says what it wants. */
static bool has_root(const char *root)
{
	return settings_credential(root) != NULL || root_there(root);
}

unsigned kept_parts(const struct settings *s)
{
	return (has_root(s->root) ? KEPT_ROOT : 0u) |
	    (there(s->epoch) || there(s->epoch_twin) ? KEPT_EPOCH : 0u) |
	    (there(s->store) ? KEPT_STORE : 0u) | (has_log(s->log) ? KEPT_LOG : 0u);
}

#define WITHOUT "; without it no key opens, and a new one opens none"

/*
 * What is said of root key, epoch file and database; NULL: keystore_open() says more, which
 * looks into them. The log counts only where nothing else tells of a store.
 */
static const char *const lost[8] = {
	[0] = "root key, epoch file and database are lost, the log is there: put back the copy of "
	      "the root key, then `scrim keys restore` the newest backup",
	[KEPT_ROOT] =
	    "epoch file and database are lost, the log is there: `scrim keys restore` the "
	    "newest backup, which has both",
	[KEPT_EPOCH] = "root key and database are lost: put back the copy of the root key, then "
		       "`scrim keys restore` the newest backup" WITHOUT,
	[KEPT_STORE] =
	    "root key and epoch file are lost: put back the copies of both; a backup of the "
	    "same epoch has the epoch's key, and wants the root key" WITHOUT,
	[KEPT_EPOCH | KEPT_STORE] = "the root key is lost: put back its copy" WITHOUT,
};

/*
 * Beside a log there was a store: a database without its epoch file is what is left of it,
 * even where it is an empty one that keystore_open() would take for none.
 */
static const char no_epoch[] =
    "the log is there, and keyd.epoch, without which the database opens nothing, is not: put it "
    "or its twin back, or `scrim keys restore` the newest backup" WITHOUT;

static const char *lost_of(unsigned parts)
{
	return parts == (KEPT_ROOT | KEPT_STORE | KEPT_LOG) ?
	    no_epoch :
	    lost[parts & (KEPT_ROOT | KEPT_EPOCH | KEPT_STORE)];
}

/* Nothing tells of a store that was: one may be made, and is not by itself. */
static enum sc_err fresh(bool init, struct sc_diag *d)
{
	if (init)
		return SC_OK;
	sc_diag_set(d,
	    "there is no store yet: `scrim keys init` makes one; if there was one, "
	    "`scrim keys restore` its newest backup instead");
	return SC_AUTH;
}

enum sc_err kept_check(const struct settings *s, unsigned parts, bool init, struct sc_diag *d)
{
	const char *what = lost_of(parts);
	enum sc_err err;

	/* whose marker is there is a store with people missing, whatever else is */
	if ((err = restoring_check(s->store, d)) != SC_OK || what == NULL)
		return err;
	snprintf(d->file, sizeof(d->file), "%.255s", (parts & KEPT_ROOT) == 0 ? s->root : s->store);
	if ((parts & ~(unsigned)KEPT_ROOT) == 0)
		return fresh(init, d);
	sc_diag_set(d, "%s", what);
	return SC_AUTH;
}
