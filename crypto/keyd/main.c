/*
 * main.c - scrim-keyd: the only process that has keys.
 *
 *	scrim-keyd --config keyd.json [--demo] [--init | --forget-head ORIGIN | --start-anew |
 *		--believe-clock]
 *
 * --backup, --restore, --drill and --check are a process of their own: tool.h.
 * --init makes what is missing of folders, root key, store and keyring, and ends.
 * --forget-head records that another's log is lost, lets it begin anew, and ends.
 * --start-anew records that keyd's own log is taken as it is, and ends.
 * --believe-clock records that the machine's clock is right, takes it for the time, and ends.
 * SIGTERM: answer what is under way, then end. SIGHUP: read the policy and callers again.
 */
#include "crypto/keyd/start.h"
#include "crypto/keyd/tool.h"

#include "base/log.h"
#include "base/program.h"

#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define DRAIN_MS 2000

static const char help[] =
    "usage: scrim-keyd --config FILE [--demo]\n"
    "                  [--init | --forget-head ORIGIN | --start-anew | --believe-clock]\n"
    "                  [--statement FILE]\n"
    "       scrim-keyd --config FILE [--demo] [--json] --backup FOLDER|- [--since FILE | --full]\n"
    "       scrim-keyd --config FILE [--demo] [--json] --restore SOURCE ... [--without-log]\n"
    "       scrim-keyd --config FILE [--demo] [--json] --restore-mirror FOLDER [--without-log]\n"
    "       scrim-keyd --config FILE [--demo] [--json] --drill SOURCE [--scratch DIR]\n"
    "       scrim-keyd --config FILE [--demo] [--json] --check\n"
    "\n"
    "The key service: the only program that ever has a key.\n"
    "\n"
    "  --config FILE  the configuration, usually keyd.json\n"
    "  --init         make what is missing of root key, store and keyring, then stop\n"
    "  --forget-head ORIGIN\n"
    "                 that log is lost: record it, let it begin anew, then stop\n"
    "  --start-anew   keyd's own log was rolled back or is lost: record it, take it as it\n"
    "                 is, then stop\n"
    "  --believe-clock\n"
    "                 the machine's clock is right: record it, take it for the time, then stop\n"
    "  --backup FOLDER\n"
    "                 everybody's keys into a file there, or (-) into standard output, beside\n"
    "                 the keyd that runs: what changed since the folder's newest backup, or since\n"
    "                 --since FILE, or all (--full)\n"
    "  --restore FOLDER, or FILE again and again in their order\n"
    "                 make store and epoch file anew, and replay the log; --without-log when\n"
    "                 that is lost\n"
    "  --restore-mirror FOLDER\n"
    "                 the same of a mirror, with all that was answered before the store was lost\n"
    "  --drill SOURCE restore into a scratch folder, open a sample, remove it\n"
    "  --check        does all that is kept hold together? Beside the keyd that runs\n"
    "  --vkey FILE    who must have signed what is restored\n"
    "  --json         tell what was done, and how far it is, in JSON\n"
    "  --demo         accept a root key that was made for the demo\n"
    "  --version      print the version and exit\n"
    "  --help         print this and exit\n"
    "\n"
    "SIGHUP reloads the policy and the callers, SIGTERM finishes what is under way and stops.\n";

/* ---- signals ---- */

static void reload(struct keyd_parts *k)
{
	struct sc_diags all = { .n = 0 };
	struct policy *p = NULL;
	struct callers *c = NULL;
	char text[600];
	enum sc_err err;

	if ((err = policy_load_file(k->settings.policy, &all, &p)) == SC_OK &&
	    (err = callers_load(k->options.config, p, &all, &c)) == SC_OK &&
	    (err = engine_policy(k->engine, p, c)) == SC_OK) {
		server_rejoin(k->server);
		log_event(LOG_INFO, "keyd.policy_loaded", LOG_END);
		err = keylog_event(k->keylog, AUDIT_RELOAD, "policy.load", AUDIT_OK);
	} else {
		callers_free(c);
		policy_free(p);
		for (size_t i = 0; sc_diags_print(&all, i, text, sizeof(text)); i++)
			fprintf(stderr, "scrim-keyd: the old policy and callers stay: %s\n", text);
		log_event(LOG_ERROR, "keyd.policy_refused", LOG_ERR("err", err), LOG_END);
		err = keylog_event(k->keylog, AUDIT_RELOAD, "policy.load", AUDIT_REFUSED);
	}
	if (err != SC_OK)
		log_event(LOG_ERROR, "keyd.log_refused", LOG_ERR("err", err), LOG_END);
}

static void on_signal(struct loop_io *io, uint32_t events)
{
	struct keyd_parts *k = loop_owner(io, struct keyd_parts, signals);
	struct signalfd_siginfo s;

	(void)events;
	if (read(io->fd, &s, sizeof(s)) != sizeof(s))
		return;
	if (s.ssi_signo == SIGHUP)
		reload(k);
	else
		server_drain(k->server, DRAIN_MS);
}

int main(int argc, char **argv)
{
	struct tool_options tool = { .config = NULL };
	struct keyd_parts k = { .signals = { .fd = -1, .on_ready = on_signal } };
	const struct program_option options[] = { { .name = "config", .text = &k.options.config },
		{ .name = "demo", .flag = &k.options.demo },
		{ .name = "init", .flag = &k.options.init },
		{ .name = "forget-head", .text = &k.options.forget },
		{ .name = "start-anew", .flag = &k.options.start_anew },
		{ .name = "statement", .text = &k.options.statement },
		{ .name = "believe-clock", .flag = &k.options.believe_clock },
		{ .name = "backup", .text = &tool.backup },
		{ .name = "since", .text = &tool.since }, { .name = "full", .flag = &tool.full },
		{ .name = "restore", .texts = &tool.restore },
		{ .name = "restore-mirror", .text = &tool.mirror },
		{ .name = "without-log", .flag = &tool.without_log },
		{ .name = "vkey", .text = &tool.vkey }, { .name = "drill", .text = &tool.drill },
		{ .name = "scratch", .text = &tool.scratch },
		{ .name = "check", .flag = &tool.check }, { .name = "json", .flag = &tool.json } };
	const struct program program = { "scrim-keyd", help, options,
		sizeof(options) / sizeof(options[0]), NULL };
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
	umask(0027); /* a log may have a group that reads it; all else is made for nobody else */
	tool.config = k.options.config;
	tool.demo = k.options.demo;
	if (tool_wanted(&tool))
		return tool_main(&program, &tool);
	err = keyd_start(&k, &all);
	if (err != SC_OK) {
		program_say(&program, &all, err);
	} else if (keyd_serves(&k.options)) {
		log_event(LOG_INFO, "keyd.ready", LOG_NAME("tenant", &k.settings.tenant), LOG_END);
		err = loop_run(k.loop);
		log_event(LOG_INFO, "keyd.stopped", LOG_END);
	} else if (k.options.start_anew) {
		puts("start-anew is recorded in keyd's log, which is taken as it is: what the lost "
		     "part told of is not done again. Start keyd.");
	} else if (k.options.believe_clock) {
		puts(
		    "the machine's clock is believed from now on, which is recorded in keyd's log. "
		    "Start keyd.");
	}
	keyd_stop(&k);
	return err == SC_OK ? 0 : 1;
}
