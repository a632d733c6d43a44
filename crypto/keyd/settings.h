/*
 * settings.h - keyd.json: where keyd's files are, and who may ask it.
 *
 *	{ "tenant": "demo", "socket": "run/keyd.sock", "store": "run/keyd/keyd.db",
 *	  "log": "run/keyd/log", "root": "keys/root.json", "policy": "policy.json",
 *	  "peers": [{ "uid": 0 }], "demo": true }
 *
 * Relative paths are relative to the file itself.
 */
#ifndef CRYPTO_KEYD_SETTINGS_H
#define CRYPTO_KEYD_SETTINGS_H

#include "base/diag.h"
#include "base/err.h"
#include "base/name.h"

#include <sys/types.h>

#define SETTINGS_PATH_MAX 1024
#define SETTINGS_PEERS_MAX 16

struct settings {
	struct sc_name tenant;
	char socket[SETTINGS_PATH_MAX], store[SETTINGS_PATH_MAX], log[SETTINGS_PATH_MAX],
	    root[SETTINGS_PATH_MAX], policy[SETTINGS_PATH_MAX];
	char origin[128]; /* of keyd's own log; "scrim/TENANT/keyd" when not given */
	uid_t peers[SETTINGS_PEERS_MAX];
	size_t n_peers;
	bool demo; /* keys made for this file are demo keys */
};

/* Fails with SC_SYNTAX, SC_LIMIT, SC_IO, SC_NOMEM; D says what and where. */
SC_CHECKED enum sc_err settings_load(const char *path, struct sc_diag *d, struct settings *out);

#endif
