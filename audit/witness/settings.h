/*
 * settings.h - witness.json: who a witness is, and whose logs it looks at.
 *
 *	{ "name": "witness.example/w1", "key": "witness.key", "state": "witness",
 *	  "listen": { "address": "127.0.0.1:7690" },
 *	  "logs": [{ "origin": "demo/scrimd", "vkey": "demo/scrimd+1a2b3c4d+AbC..." }] }
 *
 * Relative paths are relative to the file itself.
 */
#ifndef AUDIT_WITNESS_SETTINGS_H
#define AUDIT_WITNESS_SETTINGS_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "crypto/tlog/note.h"
#include "net/http/listen_shape.h"

#define WITNESS_LOGS_MAX 1024

struct witness_log_settings {
	const char *origin;
	struct note_key key; /* of type NOTE_ED25519: the log's */
};

struct witness_settings {
	const char *name;  /* the cosigner's key name: a URL without its scheme, by custom */
	const char *key;   /* the file of its key */
	const char *state; /* the folder of what it has seen */
	struct listen_settings listen;
	struct witness_log_settings *logs;
	size_t n_logs;
	struct sc_arena arena;
};

/* Every key that the file may have. */
extern const struct shape witness_settings_shape;

/*
 * On SC_OK OUT is the caller's to witness_settings_fini(). Fails with SC_SYNTAX, SC_LIMIT, SC_IO,
 * SC_NOMEM; ALL (empty) tells what is wrong, and where.
 */
SC_CHECKED enum sc_err witness_settings_load(const char *path, struct sc_diags *all,
    struct witness_settings *out);
void witness_settings_fini(struct witness_settings *s); /* all zero is fine */

#endif
