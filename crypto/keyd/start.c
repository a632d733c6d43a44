/*
 * start.c - from settings to a keyd that serves, each part on those before it.
 */
#include "crypto/keyd/start.h"

#include "base/log.h"
#include "base/program.h"
#include "base/sandbox.h"
#include "crypto/keyd/confine.h"
#include "crypto/keyd/folders.h"
#include "crypto/keyd/own_log.h"
#include "crypto/keystore/kept.h"
#include "crypto/keystore/root.h"
#include "crypto/keystore/tables.h"
#include "crypto/prim/vault.h"

#include <stdio.h>
#include <unistd.h>

/* ---- the parts ---- */

static enum sc_err confine(struct keyd_parts *k, struct sc_diag *d)
{
	const struct sandbox_path paths[] = {
		{ k->settings.store, true, SANDBOX_WRITE },
		{ k->settings.socket, true, SANDBOX_WRITE },
		{ k->settings.operator_ == NULL ? k->settings.socket : k->settings.operator_, true,
		    SANDBOX_WRITE },
		{ k->settings.log, false, SANDBOX_WRITE },
		{ k->settings.policy, true, SANDBOX_READ },
	};

	return sandbox_files(paths, sizeof(paths) / sizeof(paths[0]), d);
}

static enum sc_err open_keys(struct keyd_parts *k, struct sc_diag *d)
{
	char url[sizeof("sqlite:") + SETTINGS_PATH_MAX];
	enum sc_err err;

	snprintf(url, sizeof(url), "sqlite:%s", k->settings.store);
	if ((err = store_open(url, &keyd_tables, d, &k->store)) != SC_OK)
		return err;
	err = keyring_open(k->store, sc_secret_open(k->root), &k->settings.tenant, k->options.init,
	    d, &k->keyring);
	sc_secret_close(k->root);
	sc_secret_free(k->root);
	k->root = NULL;
	return err;
}

static enum sc_err open_log(struct keyd_parts *k, struct sc_diag *d)
{
	k->own_head.store = k->store;
	k->own_head.origin = k->settings.origin;
	k->own_head.dir = k->settings.log;
	return own_log_open(&k->own_head, k->keyring, k->options.forget == NULL, d, &k->log);
}

static enum sc_err open_engine(struct keyd_parts *k, struct sc_diag *d)
{
	struct engine_parts parts = { .tenant = &k->settings.tenant,
		.origin = k->settings.origin,
		.logs = k->settings.logs,
		.n_logs = k->settings.n_logs,
		.find = server_find };
	enum sc_err err;

	inbox_init(&k->inbox, k->loop, k->store);
	k->has_inbox = true;
	if ((err = subject_keys_new(k->keyring, &k->inbox, k->log, &k->subjects)) != SC_OK ||
	    (err = keylog_new(k->loop, k->log, &k->settings.tenant, &k->keylog)) != SC_OK)
		return err;
	parts.keyring = k->keyring;
	parts.subjects = k->subjects;
	parts.loop = k->loop;
	parts.inbox = &k->inbox;
	parts.log = k->log;
	parts.keylog = k->keylog;
	parts.arg = k->server;
	if ((err = engine_new(&parts, d, &k->engine)) != SC_OK ||
	    (err = engine_policy(k->engine, k->policy)) != SC_OK)
		return err;
	k->policy = NULL;
	return engine_restore(k->engine, k->settings.log, d);
}

/*
 * The way out when a log is lost for good, keyd's own or another's: what was
 * signed last is written down, and no longer asked for.
 */
static enum sc_err forget_head(struct keyd_parts *k, struct sc_diag *d)
{
	struct signed_head old;
	enum sc_err err;

	if ((err = open_keys(k, d)) != SC_OK || (err = open_log(k, d)) != SC_OK ||
	    (err = loop_new(&k->loop)) != SC_OK ||
	    (err = keylog_new(k->loop, k->log, &k->settings.tenant, &k->keylog)) != SC_OK ||
	    (err = signed_heads_read(k->store, k->options.forget, &old)) != SC_OK)
		return err;
	if (old.size == 0) {
		sc_diag_set(d, "no head is kept for that log");
		return SC_AUTH;
	}
	if ((err = keylog_forget(k->keylog, &old)) != SC_OK ||
	    (err = signed_heads_forget(k->store, old.origin)) != SC_OK)
		return err;
	return own_head_check(&k->own_head, k->log, d);
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
	if ((err = policy_load_file(k->settings.policy, all, &k->policy)) != SC_OK ||
	    (err = program_signals(&k->signals.fd, d)) != SC_OK || (err = confine(k, d)) != SC_OK ||
	    (err = open_keys(k, d)) != SC_OK || (err = open_log(k, d)) != SC_OK ||
	    (err = loop_new(&k->loop)) != SC_OK ||
	    (err = server_open(k->loop, &k->settings, d, &k->server)) != SC_OK ||
	    (err = open_engine(k, d)) != SC_OK ||
	    (err = server_start(k->server, k->engine, k->log)) != SC_OK ||
	    (err = loop_add(k->loop, &k->signals, EPOLLIN)) != SC_OK ||
	    (err = confine_calls(d)) != SC_OK)
		return err;
	return keylog_event(k->keylog, AUDIT_START, "keyd.start", AUDIT_OK);
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
	} while (engine_pending(k->engine) > 0);
}

/* First what is under way, then the log, whose last head goes into the store. */
void keyd_stop(struct keyd_parts *k)
{
	if (k->engine != NULL)
		settle(k);
	if (k->keylog != NULL && k->engine != NULL &&
	    keylog_event(k->keylog, AUDIT_STOP, "keyd.stop", AUDIT_OK) != SC_OK)
		log_event(LOG_ERROR, "keyd.log_refused", LOG_END);
	keylog_free(k->keylog);
	tlog_close(k->log);
	store_close(k->store);
	if (k->loop != NULL && k->signals.fd >= 0)
		loop_remove(k->loop, &k->signals);
	server_close(k->server);
	engine_free(k->engine);
	subject_keys_free(k->subjects);
	if (k->has_inbox)
		inbox_fini(&k->inbox);
	loop_free(k->loop);
	keyring_free(k->keyring);
	policy_free(k->policy);
	sc_secret_free(k->root);
	settings_fini(&k->settings);
	if (k->signals.fd >= 0)
		close(k->signals.fd);
}
