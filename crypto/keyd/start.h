/*
 * start.h - everything that runs in keyd, made in order and freed in reverse.
 */
#ifndef CRYPTO_KEYD_START_H
#define CRYPTO_KEYD_START_H

#include "crypto/backup/mirror_base.h"
#include "crypto/keyd/backup_tell.h"
#include "crypto/keyd/destroyed.h"
#include "crypto/keyd/engine.h"
#include "crypto/keyd/own_head.h"
#include "crypto/keyd/server.h"
#include "crypto/keyring/key_uses.h"
#include "crypto/keystore/keystore.h"
#include "crypto/settings/settings.h"

struct keyd_options {
	const char *config;
	const char *forget;    /* the origin of a log whose head is to be forgotten */
	const char *statement; /* the file of whoever says that a log begins anew */
	bool demo, init, start_anew, believe_clock;
};

/* Not done once and over. */
static inline bool keyd_serves(const struct keyd_options *o)
{
	return !o->init && o->forget == NULL && !o->start_anew && !o->believe_clock;
}

/* In the order they are made; all zero but options and signals before. */
struct keyd_parts {
	struct keyd_options options;
	struct settings settings;
	struct sc_secret *root;
	struct policy *policy; /* until the engine has both */
	struct callers *callers;
	char url[sizeof("sqlite:") + SETTINGS_PATH_MAX];
	struct keystore_place place;
	struct keystore *keystore;
	struct store *store; /* the keystore's */
	struct keyring *keyring;
	struct mirror_keep *mirror; /* NULL: there is none */
	struct own_head own_head;
	struct tlog *log;
	struct loop *loop;
	struct keylog *keylog;
	struct backup_tell *backups;
	struct keystore_replayed replayed;
	struct destroyed_keys destroyed;
	struct inbox inbox;
	bool has_inbox;
	struct people *people;
	struct key_uses *uses;
	struct back_check *check;
	struct back_months *months;
	struct engine *engine;
	struct server *server;
	struct loop_io signals; /* on_ready is the caller's, fd -1 until they are taken */
};

/*
 * Make all that the options want: a keyd that serves when its loop runs, or what was
 * done once and is over (--init, --forget-head, --start-anew). Fails with whatever a part fails
 * with; ALL (empty) says what is wrong. Either way keyd_stop() afterwards.
 */
SC_CHECKED enum sc_err keyd_start(struct keyd_parts *k, struct sc_diags *all);
/* First what is under way, then the log, whose last head goes into the store. */
void keyd_stop(struct keyd_parts *k);

#endif
