/*
 * main.c - scrim-keyd: the only process that has keys.
 *
 *	scrim-keyd --config keyd.json [--demo] [--init | --forget-head ORIGIN]
 *
 * --init makes what is missing of folders, root key and keyring, and ends.
 * --forget-head records that a log is lost, lets it begin anew, and ends.
 * SIGTERM: answer what is under way, then end. SIGHUP: read the policy again.
 */
#include "crypto/keyd/confine.h"

#include "base/log.h"
#include "base/program.h"
#include "base/sandbox.h"
#include "crypto/keyd/engine.h"
#include "crypto/keyd/folders.h"
#include "crypto/keyd/own_head.h"
#include "crypto/keystore/root.h"
#include "crypto/keyd/server.h"
#include "crypto/keystore/signed_heads.h"
#include "crypto/keystore/tables.h"
#include "crypto/settings/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define DRAIN_MS 2000

struct options {
	const char *config;
	const char *forget; /* the origin of a log whose head is to be forgotten */
	bool demo, init;
};

/* Everything that runs, in the order it is made. */
struct keyd {
	struct options options;
	struct settings settings;
	struct sc_secret *root;
	struct policy *policy; /* until the engine has it */
	struct store *store;
	struct keyring *keyring;
	struct own_head own_head;
	struct tlog *log;
	struct loop *loop;
	struct inbox inbox;
	bool has_inbox;
	struct subject_keys *subjects;
	struct keylog *keylog;
	struct engine *engine;
	struct server *server;
	struct loop_io signals;
};

static const char help[] =
    "usage: scrim-keyd --config FILE [--demo] [--init | --forget-head ORIGIN]\n"
    "\n"
    "The key service: the only program that ever has a key.\n"
    "\n"
    "  --config FILE  the configuration, usually keyd.json\n"
    "  --init         make what is missing of root key and keyring, then stop\n"
    "  --forget-head ORIGIN\n"
    "                 that log is lost: record it, let it begin anew, then stop\n"
    "  --demo         accept a root key that was made for the demo\n"
    "  --version      print the version and exit\n"
    "  --help         print this and exit\n"
    "\n"
    "SIGHUP reloads the policy, SIGTERM finishes what is under way and stops.\n";

/* ---- the log ---- */

/* The public key, for whoever wants to verify the log. */
static enum sc_err write_vkey(const struct keyd *k, const struct sc_buf *vkey, struct sc_diag *d)
{
	char path[SETTINGS_PATH_MAX + 8];
	int fd;
	bool ok;

	snprintf(path, sizeof(path), "%s/vkey", k->settings.log);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	ok = fd >= 0 && write(fd, vkey->p, vkey->n) == (ssize_t)vkey->n && write(fd, "\n", 1) == 1;
	if (fd >= 0)
		close(fd);
	if (ok)
		return SC_OK;
	sc_diag_set(d, "cannot write the log's vkey: %s", strerror(errno));
	return SC_IO;
}

static enum sc_err open_log(struct keyd *k, struct sc_diag *d)
{
	struct tlog_options o = { .dir = k->settings.log,
		.origin = k->settings.origin,
		.sign = own_head_sign,
		.sign_arg = &k->own_head };
	struct sc_buf vkey;
	enum sc_err err;

	sc_buf_init(&vkey, NOTE_VKEY_MAX);
	if ((err = keyring_signer(k->keyring, k->settings.origin, &k->own_head.signer)) != SC_OK ||
	    (err = note_key_print(&k->own_head.signer.key, &vkey)) != SC_OK ||
	    (err = write_vkey(k, &vkey, d)) != SC_OK || (err = sc_buf_put(&vkey, "", 1)) != SC_OK)
		goto out;
	o.vkey = (const char *)vkey.p;
	k->own_head.store = k->store;
	k->own_head.origin = k->settings.origin;
	k->own_head.dir = k->settings.log;
	if ((err = tlog_open(&o, d, &k->log)) == SC_OK && k->options.forget == NULL)
		err = own_head_check(&k->own_head, k->log, d);
out:
	sc_buf_fini(&vkey);
	return err;
}

/* ---- signals ---- */

static void reload(struct keyd *k)
{
	struct sc_diags all = { .n = 0 };
	struct policy *p = NULL;
	char text[600];
	enum sc_err err;

	if ((err = policy_load_file(k->settings.policy, &all, &p)) == SC_OK &&
	    (err = engine_policy(k->engine, p)) == SC_OK) {
		server_greet(k->server);
		log_event(LOG_INFO, "keyd.policy_loaded", LOG_END);
		err = keylog_event(k->keylog, AUDIT_RELOAD, "policy.load", AUDIT_OK);
	} else {
		policy_free(p);
		for (size_t i = 0; sc_diags_print(&all, i, text, sizeof(text)); i++)
			fprintf(stderr, "scrim-keyd: the old policy stays: %s\n", text);
		log_event(LOG_ERROR, "keyd.policy_refused", LOG_ERR("err", err), LOG_END);
		err = keylog_event(k->keylog, AUDIT_RELOAD, "policy.load", AUDIT_REFUSED);
	}
	if (err != SC_OK)
		log_event(LOG_ERROR, "keyd.log_refused", LOG_ERR("err", err), LOG_END);
}

static void on_signal(struct loop_io *io, uint32_t events)
{
	struct keyd *k = loop_owner(io, struct keyd, signals);
	struct signalfd_siginfo s;

	(void)events;
	if (read(io->fd, &s, sizeof(s)) != sizeof(s))
		return;
	if (s.ssi_signo == SIGHUP)
		reload(k);
	else
		server_drain(k->server, DRAIN_MS);
}

/* ---- making everything, in order ---- */

static enum sc_err confine(struct keyd *k, struct sc_diag *d)
{
	const struct sandbox_path paths[] = {
		{ k->settings.store, true, SANDBOX_WRITE },
		{ k->settings.socket, true, SANDBOX_WRITE },
		{ k->settings.log, false, SANDBOX_WRITE },
		{ k->settings.policy, true, SANDBOX_READ },
	};

	return sandbox_files(paths, sizeof(paths) / sizeof(paths[0]), d);
}

static enum sc_err open_keys(struct keyd *k, struct sc_diag *d)
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

static enum sc_err open_engine(struct keyd *k, struct sc_diag *d)
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
static enum sc_err forget_head(struct keyd *k, struct sc_diag *d)
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

/* Before any key is read. Memory that cannot be locked is no reason not to serve. */
static enum sc_err give_up(struct sc_diag *d)
{
	(void)confine_memory();
	return sandbox_process(d);
}

static enum sc_err start(struct keyd *k, struct sc_diags *all)
{
	struct sc_diag *d = &all->v[0];
	enum sc_err err;

	if ((err = settings_load(k->options.config, all, &k->settings)) != SC_OK ||
	    (err = give_up(d)) != SC_OK || (err = folders_prepare(&k->settings, d)) != SC_OK ||
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
static void settle(struct keyd *k)
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
static void stop(struct keyd *k)
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

int main(int argc, char **argv)
{
	struct keyd k = { .signals = { .fd = -1, .on_ready = on_signal } };
	const struct program_option options[] = { { .name = "config", .text = &k.options.config },
		{ .name = "demo", .flag = &k.options.demo },
		{ .name = "init", .flag = &k.options.init },
		{ .name = "forget-head", .text = &k.options.forget } };
	const struct program program = { "scrim-keyd", help, options, 4, NULL };
	struct sc_diags all = { .n = 0 };
	enum sc_err err;
	int code;

	log_setup(program.name, LOG_INFO);
	if (!program_options(&program, argc, argv, &code))
		return code;
	if (k.options.config == NULL)
		return program_misused(&program);
	if (sodium_init() < 0) {
		fputs("scrim-keyd: libsodium does not start\n", stderr);
		return 1;
	}
	umask(0077);
	err = start(&k, &all);
	if (err != SC_OK) {
		program_say(&program, &all, err);
	} else if (!k.options.init && k.options.forget == NULL) {
		log_event(LOG_INFO, "keyd.ready", LOG_NAME("tenant", &k.settings.tenant), LOG_END);
		err = loop_run(k.loop);
		log_event(LOG_INFO, "keyd.stopped", LOG_END);
	}
	stop(&k);
	return err == SC_OK ? 0 : 1;
}
