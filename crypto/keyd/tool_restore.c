/*
 * tool_restore.c - scrim-keyd --restore SOURCE ..., or --restore-mirror FOLDER: a store made
 * anew, and then what keyd's log tells since: erasures first of all, which are carried out again.
 *
 * Without the log nobody can say who was erased since the backup: that wants
 * --without-log, and is recorded in the log that begins then.
 */
#include "crypto/keyd/tool.h"

#include "crypto/keystore/restoring.h"
#include "crypto/backup/mirror_base.h"
#include "crypto/backup/mirror_load.h"
#include "crypto/backup/rebuild.h"
#include "crypto/keyd/destroyed.h"
#include "crypto/keyd/folders.h"
#include "crypto/keyd/keylog.h"
#include "crypto/keyd/own_log.h"
#include "crypto/keystore/keystore.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define SETTLE_TRIES 600
#define SETTLE_MS 50

/*
 * Is there a log? One that was begun, not a folder somebody made: a keyd that was killed before
 * it published anything leaves `state`, and all that counts in its journal.
 */
static bool has_log(const struct settings *s)
{
	static const char *const begun[] = { "state", "checkpoint", "tile" };
	char path[SETTINGS_PATH_MAX + 16];

	for (size_t i = 0; i < sizeof(begun) / sizeof(begun[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", s->log, begun[i]);
		if (access(path, F_OK) == 0)
			return true;
	}
	return false;
}

static enum sc_err judge_log(const struct tool_run *r, struct sc_diag *d)
{
	const bool there = has_log(&r->settings);

	if (there != r->options->without_log)
		return SC_OK;
	snprintf(d->file, sizeof(d->file), "%.255s", r->settings.log);
	sc_diag_set(d,
	    there ? "there is a log: --without-log is for when it is lost. If it is one that "
		    "such a restore began and did not end, move it away" :
		    "keyd's log is not there. It tells who was erased since the backup: put it "
		    "there. If it is lost, --without-log restores all the same, and whoever was "
		    "erased since comes back");
	return SC_AUTH;
}

static enum sc_err rebuild(struct tool_run *r, struct sc_diag *d, struct backup_rebuilt *out)
{
	struct backup_chain chain = { .n = 0 };
	const struct backup_rebuild how = { .settings = &r->settings,
		.root = r->root,
		.chain = &chain,
		.without_log = r->options->without_log,
		.mirror = r->options->mirror,
		.watch = r->watch };
	struct sign_public key;
	const char *mirror = r->options->mirror;
	bool has_key;
	enum sc_err err;

	if ((err = tool_vkey(r->options->vkey, d, &key, &has_key)) == SC_OK &&
	    (err = backup_places_empty(&r->settings, mirror == NULL, d)) == SC_OK &&
	    (err = mirror != NULL ? mirror_chain(mirror, d, &chain) :
				    backup_chain_find(r->options->restore.v, r->options->restore.n,
					&r->settings.tenant, d, &chain)) == SC_OK &&
	    (err = backup_chain_verify(&chain, has_key ? &key : NULL, &r->watch, d)) == SC_OK)
		err = backup_rebuild(&how, d, out);
	backup_chain_fini(&chain);
	return err;
}

/* ---- the log, since the backup ---- */

/* In the order they are made. */
struct replaying {
	struct keystore *keystore;
	struct keyring *keyring;
	struct mirror_keep *mirror;
	struct own_head head;
	struct tlog *log;
	struct loop *loop;
	struct keylog *keylog;
	struct destroyed_keys destroyed;
};

/* Until all that is durable can be read back from the folder. */
static enum sc_err settle(struct tlog *log, struct sc_diag *d, uint64_t *size)
{
	const struct timespec wait = { .tv_nsec = SETTLE_MS * 1000000L };
	struct tlog_status s;

	for (unsigned i = 0; i < SETTLE_TRIES; i++) {
		tlog_status(log, &s);
		*size = s.published;
		if (s.failed)
			break;
		if (s.published == s.durable)
			return SC_OK;
		nanosleep(&wait, NULL);
	}
	sc_diag_set(d, "keyd's log cannot be brought up to date");
	return SC_IO;
}

static enum sc_err open_all(struct replaying *p, struct tool_run *r, struct sc_diag *d)
{
	const struct settings *s = &r->settings;
	char url[sizeof("sqlite:") + SETTINGS_PATH_MAX];
	const struct keystore_place at = { .tenant = &s->tenant,
		.store = url,
		.epoch = s->epoch,
		.epoch_twin = s->epoch_twin,
		.node = s->origin,
		.mirrored = s->mirror != NULL };
	enum sc_err err;

	snprintf(url, sizeof(url), "sqlite:%s", s->store);
	if ((err = keystore_open(&at, r->root, false, d, &p->keystore)) != SC_OK)
		return err;
	p->head.store = keystore_store(p->keystore);
	p->head.origin = s->origin;
	p->head.dir = s->log;
	if ((err = keyring_open(p->head.store, keystore_ring(p->keystore), &s->tenant, false, d,
		 &p->keyring)) != SC_OK ||
	    (err = mirror_keep_new(s, p->keystore, p->keyring, d, &p->mirror)) != SC_OK ||
	    (err = own_log_open(&p->head, p->keyring, true, d, &p->log)) != SC_OK ||
	    (err = loop_new(&p->loop)) != SC_OK)
		return err;
	return keylog_new(p->loop, p->log, &s->tenant, &p->keylog);
}

/* What was done, and that it is a restore. */
static enum sc_err tell_restored(const struct tool_run *r, const struct replaying *p,
    size_t *destroyed)
{
	enum sc_err err = destroyed_tell(&p->destroyed, p->keylog, destroyed);

	return err != SC_OK ?
	    err :
	    keylog_event(p->keylog, AUDIT_ADMIN,
		r->options->without_log ? "keys.restore-without-log" : "keys.restore", AUDIT_OK);
}

/* As at a start of keyd; the mark stays until all of it is done and the log tells of it. */
static enum sc_err replay(struct tool_run *r, struct sc_diag *d, struct keystore_replayed *out,
    size_t *destroyed)
{
	struct replaying p = { .keystore = NULL };
	const struct keystore_follower follower = destroyed_follower(&p.destroyed);
	struct keystore_replay_from from = { .dir = r->settings.log,
		.older = true,
		.follower = &follower };
	enum sc_err err;

	if ((err = open_all(&p, r, d)) == SC_OK && (err = settle(p.log, d, &from.size)) == SC_OK) {
		from.slot_key = keyring_slot_key(p.keyring);
		from.keyring = p.keyring;
		p.destroyed.keyring = p.keyring;
		err = keystore_replay(p.keystore, &from, d, out);
	}
	if (err == SC_OK)
		err = tell_restored(r, &p, destroyed);
	destroyed_fini(&p.destroyed);
	keylog_free(p.keylog);
	tlog_close(p.log);
	loop_free(p.loop);
	keystore_close(p.keystore);
	mirror_keep_free(p.mirror);
	keyring_free(p.keyring);
	return err;
}

enum sc_err tool_restore(struct tool_run *r, struct sc_diags *all)
{
	struct sc_diag *d = &all->v[0];
	struct keystore_replayed log = { .entries = 0 };
	struct backup_rebuilt b;
	size_t destroyed;
	enum sc_err err;

	if ((err = judge_log(r, d)) != SC_OK || (err = folders_prepare(&r->settings, d)) != SC_OK ||
	    (err = rebuild(r, d, &b)) != SC_OK)
		return err;
	/* from here on it goes to its end */
	r->watch.tell(r->watch.arg, "replaying the log", 0, 0);
	if ((err = replay(r, d, &log, &destroyed)) != SC_OK ||
	    (err = restoring_clear(r->settings.store, d)) != SC_OK)
		return err;
	const struct tool_fact facts[] = { { "people", NULL, b.people }, { "boxes", NULL, b.boxes },
		{ "epoch", NULL, b.header.epoch }, { "backup of", tool_time, b.header.at_ms },
		{ "entries replayed", NULL, log.entries }, { "erased by replay", NULL, log.erased },
		{ "slots lost", NULL, log.lost + b.lost }, { "keys destroyed", NULL, destroyed } };

	if (r->options->without_log)
		fputs("scrim-keyd: restored WITHOUT the log: whoever was erased since this backup "
		      "is there again. Erase them anew from your own records.\n",
		    stderr);
	return tool_tell(r, facts, sizeof(facts) / sizeof(facts[0]));
}
