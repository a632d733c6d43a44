/*
 * start.c - from settings to a keyd that serves, each part on those before it.
 */
#include "crypto/keyd/start.h"

#include "crypto/keyd/anew_word.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/program.h"
#include "base/sandbox.h"
#include "crypto/backup/months.h"
#include "crypto/keyd/confine.h"
#include "crypto/keyd/folders.h"
#include "crypto/keyd/own_log.h"
#include "crypto/keyring/root.h"
#include "crypto/keystore/kept.h"
#include "crypto/prim/vault.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- the parts ---- */

/*
 * Months are destroyed in that file alone: an empty one is made where there is none, for the first
 * backup to come. Who may not make it there takes no backup either.
 */
static void prepare_months(const struct settings *s)
{
	struct sc_diag d = { .text = "" };

	if (months_make(s->backup_keys, &d) != SC_OK)
		log_event(LOG_WARN, "keyd.no_backup_keys",
		    LOG_STR("what", "no backup can be taken either, until its file can be made"),
		    LOG_END);
}

static enum sc_err confine(struct keyd_parts *k, struct sc_diag *d)
{
	const struct sandbox_path paths[] = {
		/* with its journal, its lock, and what a process beside it shares with it */
		{ k->settings.store, true, SANDBOX_WRITE },
		{ k->settings.epoch, true, SANDBOX_WRITE },
		/* others may have files there */
		{ k->settings.socket, true, SANDBOX_SOCKET },
		{ k->settings.operator_ == NULL ? k->settings.socket : k->settings.operator_, true,
		    SANDBOX_SOCKET },
		{ k->settings.log, false, SANDBOX_WRITE },
		{ k->settings.policy, true, SANDBOX_READ },
		/* and the callers, which are read again with it */
		{ k->options.config, true, SANDBOX_READ },
		{ k->settings.principals.file == NULL ? k->options.config :
							k->settings.principals.file,
		    true, SANDBOX_READ },
		/* beside the root key, of which keyd needs no more once it is read */
		{ k->settings.backup_keys, true, SANDBOX_OVERWRITE },
		/* the last two, as there may be none; its folder, so that a missing one is laid anew */
		{ k->settings.epoch_twin, true, SANDBOX_WRITE },
		/* a mirror has a twin */
		{ k->settings.mirror, false, SANDBOX_WRITE },
	};

	const size_t n = sizeof(paths) / sizeof(paths[0]) - (k->settings.epoch_twin == NULL) -
	    (k->settings.mirror == NULL);

	prepare_months(&k->settings);
	return sandbox_files(paths, n, d);
}

/*
 * --init makes the epoch file before the database has a row. Without a log no keyd has run on
 * either; that nothing else is lost only who called it knows.
 */
static void say_unfinished(const struct keyd_parts *k, struct sc_diag *d)
{
	char why[sizeof(d->text)];

	if (!k->options.init || (kept_parts(&k->settings) & KEPT_LOG) != 0)
		return;
	memcpy(why, d->text, sizeof(why));
	why[sizeof(why) - 1] = '\0';
	sc_diag_set(d,
	    "%.170s; if an --init was killed and no keyd ever ran here, remove keyd.db* and "
	    "keyd.epoch",
	    why);
}

/* Store, epoch file and tree, held against each other, and the keyring under the ring key. */
static enum sc_err open_keys(struct keyd_parts *k, struct sc_diag *d)
{
	const struct settings *set = &k->settings;
	enum sc_err err;

	k->place = (struct keystore_place){ .tenant = &set->tenant,
		.store = k->url,
		.epoch = set->epoch,
		.epoch_twin = set->epoch_twin,
		.node = set->origin,
		.mirrored = set->mirror != NULL };
	snprintf(k->url, sizeof(k->url), "sqlite:%s", set->store);
	err = keystore_open(&k->place, k->root, k->options.init, d, &k->keystore);
	sc_secret_free(k->root);
	k->root = NULL;
	if (err != SC_OK) {
		say_unfinished(k, d);
		return err;
	}
	k->store = keystore_store(k->keystore);
	if ((err = keyring_open(k->store, keystore_ring(k->keystore), &set->tenant, k->options.init,
		 d, &k->keyring)) != SC_OK)
		return err;
	return mirror_keep_new(set, k->keystore, k->keyring, d, &k->mirror);
}

static enum sc_err open_log(struct keyd_parts *k, struct sc_diag *d)
{
	k->own_head.store = k->store;
	k->own_head.origin = k->settings.origin;
	k->own_head.dir = k->settings.log;
	return own_log_open(&k->own_head, k->keyring,
	    k->options.forget == NULL && !k->options.start_anew, d, &k->log);
}

static enum sc_err open_keylog(struct keyd_parts *k)
{
	enum sc_err err = loop_new(&k->loop);

	if (err == SC_OK &&
	    (err = keylog_new(k->loop, k->log, &k->settings.tenant, &k->keylog)) == SC_OK)
		keylog_names(k->keylog, k->keyring);
	return err;
}

static enum sc_err on_erased(void *arg, const struct logged_erasure *x)
{
	struct keyd_parts *k = arg;
	enum sc_err err =
	    keyring_make_years(k->keyring, clock_unix_ms(), keylog_made_year, k->keylog);

	return err != SC_OK ? err : keylog_erased_late(k->keylog, x);
}

static void tell_replayed(const struct keystore_replayed *r, const struct sc_diag *d)
{
	if (r->entries > 0)
		log_event(LOG_INFO, "keyd.replayed", LOG_U64("entries", r->entries),
		    LOG_U64("erased", r->erased), LOG_END);
	if (r->skipped > 0)
		log_event(LOG_INFO, "keyd.slots_skipped", LOG_U64("slots", r->skipped), LOG_END);
	if (r->order != ORDER_STORE_BEHIND)
		return;
	fprintf(stderr, "scrim-keyd: %s\n", d->text);
	log_event(LOG_ERROR, "keyd.store_older", LOG_U64("commits_behind", r->behind),
	    LOG_U64("slots_lost", r->lost),
	    LOG_STR("do", "docs/OPERATIONS.md, Erasing: when the store is wrong"), LOG_END);
}

/* What the log tells and the store has not done yet. */
static enum sc_err replay(struct keyd_parts *k, struct sc_diag *d)
{
	const struct keystore_follower follower = destroyed_follower(&k->destroyed);
	struct keystore_replay_from from = { .dir = k->settings.log,
		.slot_key = keyring_slot_key(k->keyring),
		.keyring = k->keyring,
		.start_anew = k->options.start_anew,
		.follower = &follower,
		.erased = on_erased,
		.arg = k };
	enum sc_err err;
	size_t n;

	k->destroyed.keyring = k->keyring;
	if ((err = own_log_settle(k->log, d, &from.size)) != SC_OK ||
	    (err = keystore_replay(k->keystore, &from, d, &k->replayed)) != SC_OK ||
	    (err = destroyed_tell(&k->destroyed, k->keylog, &n)) != SC_OK)
		return err;
	destroyed_fini(&k->destroyed);
	keylog_leased(k->keylog, k->replayed.now.lease);
	tell_replayed(&k->replayed, d);
	*d = (struct sc_diag){ .line = 0 };
	return SC_OK;
}

_Static_assert(SETTINGS_GATEWAYS_MAX == PEOPLE_GATEWAYS_MAX, "all gateways' returns are counted");

static enum sc_err open_engine(struct keyd_parts *k, struct sc_diag *d)
{
	struct engine_parts parts = { .tenant = &k->settings.tenant,
		.origin = k->settings.origin,
		.logs = k->settings.logs,
		.n_logs = k->settings.n_logs,
		.email_domain = sc_span_str(k->settings.email_domain),
		.gateways = k->settings.gateways,
		.n_gateways = k->settings.n_gateways,
		.find = server_find };
	const struct people_log tell = { keylog_progress, keylog_returned, k->keylog };
	struct people_gateway gateways[PEOPLE_GATEWAYS_MAX];
	enum sc_err err;

	inbox_init(&k->inbox, k->loop, k->store);
	k->has_inbox = true;
	if ((err = people_new(k->keystore, k->keyring, &k->inbox, k->log, &tell, &k->people)) !=
		SC_OK ||
	    (err = key_uses_new(k->keyring, k->loop, &k->inbox, &k->uses)) != SC_OK)
		return err;
	keylog_people(k->keylog, k->people);
	for (size_t i = 0; i < k->settings.n_gateways; i++)
		gateways[i] = (struct people_gateway){ k->settings.gateways[i].node,
			k->settings.gateways[i].returning_per_day };
	if ((err = people_gateways(k->people, gateways, k->settings.n_gateways)) != SC_OK ||
	    (err = people_grace(k->people, k->settings.erasure_grace_hours * UINT64_C(3600000))) !=
		SC_OK)
		return err;
	parts.keyring = k->keyring;
	parts.people = k->people;
	parts.loop = k->loop;
	parts.inbox = &k->inbox;
	parts.log = k->log;
	parts.keylog = k->keylog;
	parts.arg = k->server;
	if ((err = back_check_start(k->keystore, &k->place, d, &k->check)) != SC_OK)
		return err;
	parts.check = k->check;
	if ((err = back_months_start(&k->settings, k->keylog, k->log, &k->months)) != SC_OK ||
	    (err = backup_tell_new(k->loop, &k->inbox, k->keylog, &k->backups)) != SC_OK)
		return err;
	parts.months = k->months;
	parts.backups = k->backups;
	parts.replayed = &k->replayed;
	if ((err = engine_new(&parts, d, &k->engine)) != SC_OK ||
	    (err = engine_policy(k->engine, k->policy, k->callers)) != SC_OK)
		return err;
	k->policy = NULL;
	k->callers = NULL;
	if ((err = engine_restore(k->engine, k->settings.log, d)) != SC_OK)
		return err;
	backup_tell_begin(k->backups);
	return SC_OK;
}

/* ---- ways out ---- */

/* Keys and log as far as it takes to write into both; the log is not held against anything. */
static enum sc_err open_for_record(struct keyd_parts *k, struct sc_diag *d)
{
	enum sc_err err;

	if ((err = open_keys(k, d)) != SC_OK || (err = open_log(k, d)) != SC_OK)
		return err;
	return open_keylog(k);
}

/*
 * The way out when another's log is lost for good: what was signed last is written
 * down, and no longer asked for.
 */
static enum sc_err forget_head(struct keyd_parts *k, struct sc_diag *d)
{
	struct anew_word word;
	struct signed_head old;
	enum sc_err err;

	if (strcmp(k->options.forget, k->settings.origin) == 0) {
		sc_diag_set(d, "that is keyd's own log: --start-anew takes it as it is");
		return SC_AUTH;
	}
	if ((err = open_for_record(k, d)) != SC_OK ||
	    (err = signed_heads_read(k->store, k->options.forget, &old)) != SC_OK)
		return err;
	if (old.size == 0) {
		sc_diag_set(d, "no head is kept for that log");
		return SC_AUTH;
	}
	if ((err = anew_word_take(&k->settings, k->options.statement, old.origin, &old, &word,
		 d)) != SC_OK ||
	    (err = keylog_forget(k->keylog, &word.asking, &old)) != SC_OK ||
	    (err = signed_heads_forget(k->store, old.origin)) != SC_OK)
		return err;
	return own_head_check(&k->own_head, k->log, d);
}

/* It has all that was signed and all that was carried out: nothing is to be taken as it is. */
static bool log_is_whole(struct keyd_parts *k)
{
	struct sc_diag unheard;

	return own_head_check(&k->own_head, k->log, &unheard) == SC_OK &&
	    tlog_next(k->log) >= keystore_applied(k->keystore);
}

/*
 * The way out when keyd's own log was rolled back or is lost: it is taken as it is. That
 * it will be is on disk before the store believes it.
 */
static enum sc_err start_anew(struct keyd_parts *k, struct sc_diag *d)
{
	struct anew_word word;
	struct signed_head old;
	uint64_t size;
	enum sc_err err;

	if ((err = open_for_record(k, d)) != SC_OK)
		return err;
	if (log_is_whole(k)) {
		sc_diag_set(d,
		    "keyd's own log has all that was signed and carried out: there is nothing to "
		    "start anew from. Start keyd without --start-anew");
		return SC_AUTH;
	}
	if ((err = signed_heads_read(k->store, k->settings.origin, &old)) != SC_OK ||
	    (err = anew_word_take(&k->settings, k->options.statement, k->settings.origin, &old,
		 &word, d)) != SC_OK ||
	    (err = keylog_start_anew(k->keylog, &word.asking, &old, NULL)) != SC_OK ||
	    (err = own_log_settle(k->log, d, &size)) != SC_OK ||
	    (old.size > 0 && (err = signed_heads_forget(k->store, old.origin)) != SC_OK) ||
	    (err = own_head_check(&k->own_head, k->log, d)) != SC_OK ||
	    (err = replay(k, d)) != SC_OK)
		return err;
	return keylog_start_anew(k->keylog, &word.asking, &old, &k->replayed.now);
}

/* The way out when what time it is is doubted, and the machine's clock is right. */
static enum sc_err believe_clock(struct keyd_parts *k, struct sc_diag *d)
{
	uint64_t size;
	enum sc_err err;

	if ((err = open_for_record(k, d)) != SC_OK ||
	    (err = own_head_check(&k->own_head, k->log, d)) != SC_OK ||
	    (err = keylog_event(k->keylog, AUDIT_ADMIN, "clock.believe", AUDIT_OK)) != SC_OK ||
	    (err = own_log_settle(k->log, d, &size)) != SC_OK)
		return err;
	return people_believe_clock(k->keystore, clock_unix_ms());
}

/*
 * Before any key is read, and before OpenSSL is used. Memory that cannot be locked is no
 * reason not to serve.
 */
static enum sc_err give_up(struct sc_diag *d)
{
	enum sc_err err;
	bool locked;

	if ((err = vault_open(VAULT_BYTES, &locked, d)) != SC_OK)
		return err;
	(void)confine_memory(locked);
	return sandbox_process(d);
}

/*
 * On disk before the first answer: else a log that ends with a clean stop would be believed after a
 * crash.
 */
static enum sc_err tell_start(struct keyd_parts *k, struct sc_diag *d)
{
	enum sc_err err = keylog_event(k->keylog, AUDIT_START, "keyd.start", AUDIT_OK);

	return err != SC_OK ? err : own_log_durable(k->log, d);
}

enum sc_err keyd_start(struct keyd_parts *k, struct sc_diags *all)
{
	struct sc_diag *d = &all->v[0];
	enum sc_err err;

	if ((err = give_up(d)) != SC_OK ||
	    (err = settings_load(k->options.config, all, &k->settings)) != SC_OK ||
	    (err = folders_prepare(&k->settings, d)) != SC_OK ||
	    (err = kept_check(&k->settings, kept_parts(&k->settings), k->options.init, d)) !=
		SC_OK ||
	    (k->options.init && (err = folders_prepare_root(&k->settings, d)) != SC_OK) ||
	    (err = root_load(k->settings.root,
		 k->options.demo || (k->options.init && k->settings.demo), d, &k->root)) != SC_OK)
		return err;
	if (k->options.init)
		return open_keys(k, d);
	if (k->options.forget != NULL)
		return forget_head(k, d);
	if (k->options.start_anew)
		return start_anew(k, d);
	if (k->options.believe_clock)
		return believe_clock(k, d);
	if ((err = policy_load_file(k->settings.policy, all, &k->policy)) != SC_OK ||
	    (err = callers_load(k->options.config, k->policy, all, &k->callers)) != SC_OK ||
	    (err = program_signals(&k->signals.fd, d)) != SC_OK || (err = confine(k, d)) != SC_OK ||
	    (err = open_keys(k, d)) != SC_OK || (err = open_log(k, d)) != SC_OK ||
	    (err = open_keylog(k)) != SC_OK || (err = replay(k, d)) != SC_OK ||
	    (err = server_open(k->loop, &k->settings, d, &k->server)) != SC_OK ||
	    (err = open_engine(k, d)) != SC_OK ||
	    (err = server_start(k->server, k->engine, k->log)) != SC_OK ||
	    (err = loop_add(k->loop, &k->signals, EPOLLIN)) != SC_OK ||
	    (err = confine_calls(d)) != SC_OK)
		return err;
	return tell_start(k, d);
}

/* What the store was asked for is done, and what waited for it is told. */
static void settle(struct keyd_parts *k)
{
	struct store_job last = { .run = NULL };

	do {
		if (store_run(k->store, &last) != SC_OK)
			return;
		inbox_deliver(&k->inbox);
		engine_durable(k->engine, tlog_durable(k->log), tlog_failed(k->log));
	} while (engine_pending(k->engine) > 0 || engine_counting(k->engine) ||
	    (k->backups != NULL && backup_tell_busy(k->backups)));
}

/* First what is under way, then the log, whose last head goes into the store. */
void keyd_stop(struct keyd_parts *k)
{
	struct sc_diag d = { .text = "" };

	back_check_stop(k->check);
	back_months_stop(k->months);
	if (k->engine != NULL) {
		settle(k);
		/* what was counted has its place in the log before it has one in the store */
		engine_tell(k->engine);
		if (own_log_durable(k->log, &d) != SC_OK)
			log_event(LOG_ERROR, "keyd.log_refused", LOG_END);
		if (engine_keep(k->engine) != SC_OK)
			log_event(LOG_ERROR, "keyd.counts_not_kept", LOG_END);
	}
	if (k->uses != NULL && key_uses_save(k->uses) != SC_OK)
		log_event(LOG_ERROR, "keyd.uses_not_kept", LOG_END);
	/* what was counted first: this, and how far the store has come, end the log */
	if (k->keylog != NULL && k->engine != NULL && keylog_stop(k->keylog) != SC_OK)
		log_event(LOG_ERROR, "keyd.log_refused", LOG_END);
	/* an erasure that still waits for its intent holds the log's place in the store */
	if (k->keylog != NULL)
		keylog_people(k->keylog, NULL);
	people_free(k->people);
	keylog_free(k->keylog);
	tlog_close(k->log);
	keystore_close(k->keystore);
	mirror_keep_free(k->mirror);
	if (k->loop != NULL && k->signals.fd >= 0)
		loop_remove(k->loop, &k->signals);
	server_close(k->server);
	engine_free(k->engine);
	backup_tell_free(k->backups);
	if (k->has_inbox)
		inbox_fini(&k->inbox);
	key_uses_free(k->uses);
	destroyed_fini(&k->destroyed);
	loop_free(k->loop);
	keyring_free(k->keyring);
	policy_free(k->policy);
	callers_free(k->callers);
	sc_secret_free(k->root);
	settings_fini(&k->settings);
	if (k->signals.fd >= 0)
		close(k->signals.fd);
}
