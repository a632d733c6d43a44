/*
 * main.c - scrim-viewd, which keeps what the gateway hands over and makes features of
 * it: composition root.
 *
 *	scrim-viewd --config viewd.json [--verbose] [--check]
 *
 * --check reads and verifies the whole event log, and ends. SIGTERM: end; what was answered
 * is on the disk, and a snapshot that is under way is made at the next start. When a sync of the
 * event log failed it ends with status 1, for it could only refuse: it is to be started anew.
 */
#include "analytics/viewd/confine.h"
#include "analytics/viewd/feed_server.h"
#include "analytics/viewd/operator.h"
#include "analytics/viewd/releases.h"
#include "analytics/viewd/settings.h"
#include "analytics/viewd/view.h"
#include "base/log.h"
#include "base/program.h"
#include "base/sandbox.h"

#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

struct options {
	const char *config;
	bool verbose, check;
};

/* Everything that runs, in the order it is made. */
struct viewd {
	struct options options;
	struct view_settings settings;
	struct feed_words *words;
	struct loop *loop;
	struct loop_io signals;
	struct releases *releases;
	struct view *view;
	struct feed_server *feed;
	struct operator_server *operators;
};

static const char help[] =
    "usage: scrim-viewd --config FILE [--verbose] [--check]\n"
    "\n"
    "Keeps the events that the gateway hands over, and makes features of them.\n"
    "\n"
    "  --config FILE  the configuration, usually viewd.json\n"
    "  --check        read and verify the whole event log, then stop\n"
    "  --verbose      log more\n"
    "  --version      print the version and exit\n"
    "  --help         print this and exit\n"
    "\n"
    "SIGTERM stops it.\n";

/* ---- signals --------------------------------------------------------------------------- */

/* All that was answered is durable: there is nothing to finish. */
static void on_signal(struct loop_io *io, uint32_t events)
{
	struct viewd *v = loop_owner(io, struct viewd, signals);
	struct signalfd_siginfo s;

	(void)events;
	if (read(io->fd, &s, sizeof(s)) == sizeof(s) && s.ssi_signo != SIGHUP)
		loop_stop(v->loop);
}

/* ---- making everything, in order ---------------------------------------------------------- */

static enum sc_err prepare_folders(const struct view_settings *s, struct sc_diag *d)
{
	enum sc_err err;

	if ((err = program_folders(s->data, true, d)) != SC_OK ||
	    (s->drafts != NULL && (err = program_folders(s->drafts, true, d)) != SC_OK) ||
	    (err = program_folders(s->feed, false, d)) != SC_OK)
		return err;
	return program_folders(s->operator_, false, d);
}

static enum sc_err confine_files(const struct view_settings *s, struct sc_diag *d)
{
	const struct sandbox_path paths[] = {
		{ s->data, false, SANDBOX_WRITE },
		{ s->drafts == NULL ? s->data : s->drafts, false, SANDBOX_WRITE },
		{ s->feed, true, SANDBOX_SOCKET },
		{ s->operator_, true, SANDBOX_SOCKET },
	};

	return sandbox_files(paths, sizeof(paths) / sizeof(paths[0]), d);
}

static enum sc_err open_all(struct viewd *v, struct sc_diag *d)
{
	const struct view_settings *s = &v->settings;
	enum sc_err err;

	if ((err = loop_new(&v->loop)) != SC_OK ||
	    (err = view_open(v->loop, s, v->words, v->releases, d, &v->view)) != SC_OK ||
	    (err = feed_server_open(v->loop, v->view, s, d, &v->feed)) != SC_OK ||
	    (err = operator_server_open(v->loop, v->view, s, d, &v->operators)) != SC_OK)
		return err;
	return SC_OK;
}

static enum sc_err start(struct viewd *v, struct sc_diags *all)
{
	struct sc_diag *d = &all->v[0];
	enum sc_err err;

	if ((err = view_settings_load(v->options.config, all, &v->settings)) != SC_OK ||
	    (err = sandbox_process(d)) != SC_OK ||
	    (err = feed_words_load(v->settings.words, all, &v->words)) != SC_OK ||
	    (err = releases_open(&v->settings, v->words, all, &v->releases)) != SC_OK ||
	    (err = prepare_folders(&v->settings, d)) != SC_OK ||
	    (err = program_signals(&v->signals.fd, d)) != SC_OK ||
	    (err = confine_files(&v->settings, d)) != SC_OK)
		return err;
	if (v->options.check)
		return view_check(&v->settings, d);
	if ((err = open_all(v, d)) != SC_OK ||
	    (err = loop_add(v->loop, &v->signals, EPOLLIN)) != SC_OK ||
	    (err = feed_server_start(v->feed)) != SC_OK ||
	    (err = operator_server_start(v->operators)) != SC_OK)
		return err;
	return view_confine(d);
}

static void stop(struct viewd *v)
{
	operator_server_close(v->operators);
	feed_server_close(v->feed);
	view_close(v->view);
	releases_close(v->releases);
	if (v->loop != NULL && v->signals.fd >= 0)
		loop_remove(v->loop, &v->signals);
	loop_free(v->loop);
	feed_words_free(v->words);
	view_settings_fini(&v->settings);
	if (v->signals.fd >= 0)
		close(v->signals.fd);
}

int main(int argc, char **argv)
{
	struct viewd v = { .signals = { .fd = -1, .on_ready = on_signal } };
	const struct program_option options[] = { { .name = "config", .text = &v.options.config },
		{ .name = "verbose", .flag = &v.options.verbose },
		{ .name = "check", .flag = &v.options.check } };
	const struct program program = { "scrim-viewd", help, options, 3, NULL };
	struct sc_diags all = { .n = 0 };
	enum sc_err err;
	int code;

	if (!program_options(&program, argc, argv, &code))
		return code;
	if (v.options.config == NULL)
		return program_misused(&program);
	log_setup(program.name, v.options.verbose ? LOG_DEBUG : LOG_INFO);
	umask(0077);
	err = start(&v, &all);
	if (err != SC_OK)
		program_say(&program, &all, err);
	else if (!v.options.check) {
		log_event(LOG_INFO, "viewd.ready", LOG_NAME("tenant", &v.settings.tenant), LOG_END);
		err = loop_run(v.loop);
		if (err == SC_OK && view_failed(v.view))
			err = SC_IO;
		log_event(LOG_INFO, "viewd.stopped", LOG_END);
	}
	stop(&v);
	return err == SC_OK ? 0 : 1;
}
