/*
 * main.c - scrim-queryd, which answers questions to anonymised releases: composition root.
 *
 *	scrim-queryd --config queryd.json [--verbose] [--check]
 *
 *	options -> settings -> the log's key -> hardening -> log -> releases -> threads
 *	-> listener -> no more system calls than these -> serve -> drain -> close in reverse
 *
 * It never had a person's row, and what it may read is: releases, grants, its own log.
 */
#include "analytics/queryd/confine.h"
#include "analytics/queryd/queryd.h"
#include "base/log.h"
#include "base/program.h"
#include "base/sandbox.h"
#include "crypto/tlog/note.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define DRAIN_MS 15000
#define PATH_BYTES 1024

struct options {
	const char *config;
	bool verbose, check;
};

struct daemon {
	struct options options;
	struct queryd_settings settings;
	char vkey[NOTE_VKEY_MAX + 2];
	struct queryd queryd;
	struct tls_context *tls;
	struct http_server *server;
	struct loop_io signals;
	struct loop_timer late;
};

static const char help[] =
    "usage: scrim-queryd --config FILE [--verbose] [--check]\n"
    "\n"
    "Answers questions to anonymised releases, each recorded before its answer.\n"
    "\n"
    "  --config FILE  the configuration, usually queryd.json\n"
    "  --check        say what would be served, and stop\n"
    "  --verbose      log more\n"
    "  --version      print the version and exit\n"
    "  --help         print this and exit\n"
    "\n"
    "SIGTERM drains and stops it. Grants and releases are looked at while it runs.\n";

/* ---- signals --------------------------------------------------------------------------- */

static void on_drained(void *arg)
{
	struct daemon *v = arg;

	loop_stop(v->queryd.loop);
}

static void on_late(struct loop_timer *t)
{
	struct daemon *v = loop_owner(t, struct daemon, late);

	log_event(LOG_WARN, "queryd.drain_cut_short", LOG_END);
	loop_stop(v->queryd.loop);
}

static void on_signal(struct loop_io *io, uint32_t events)
{
	struct daemon *v = loop_owner(io, struct daemon, signals);
	struct signalfd_siginfo s;

	(void)events;
	if (read(io->fd, &s, sizeof(s)) != sizeof(s) || s.ssi_signo == SIGHUP || v->queryd.draining)
		return;
	v->queryd.draining = true;
	loop_timer_set(v->queryd.loop, &v->late, DRAIN_MS);
	http_server_drain(v->server, on_drained, v);
}

/* ---- making everything, in order ---------------------------------------------------------- */

static enum sc_err complain(struct sc_diag *d, enum sc_err err, const char *file, const char *what)
{
	snprintf(d->file, sizeof(d->file), "%.255s", file);
	sc_diag_set(d, "%s", what);
	return err;
}

/* The first line of the file: read before anything is given up, for it stands among what is. */
static enum sc_err read_vkey(struct daemon *v, struct sc_diag *d)
{
	const char *path = v->settings.log_vkey;
	struct note_key key;
	FILE *f = fopen(path, "re");
	bool ok = f != NULL && fgets(v->vkey, sizeof(v->vkey), f) != NULL;

	if (f != NULL)
		fclose(f);
	v->vkey[strcspn(v->vkey, "\n")] = '\0';
	if (!ok)
		return complain(d, SC_IO, path,
		    "the key of the gateway's log is not there: scrimd writes it when keyd has "
		    "signed its first head");
	if (note_key_parse(sc_span_str(v->vkey), &key) != SC_OK)
		return complain(d, SC_SYNTAX, path, "this is no key of a log");
	return SC_OK;
}

/*
 * What may be read is told by folders. So the grants have one of their own, or code that runs
 * here by somebody's trick would read what lies beside them.
 */
static enum sc_err check_grants_folder(const char *grants, struct sc_diag *d)
{
	const char *slash = strrchr(grants, '/'), *name = slash == NULL ? grants : slash + 1;
	char folder[PATH_BYTES];
	const struct dirent *e;
	enum sc_err err;
	DIR *dir;

	snprintf(folder, sizeof(folder), "%.*s", (int)(slash == NULL ? 1 : slash - grants + 1),
	    slash == NULL ? "." : grants);
	if ((err = program_folders(folder, true, d)) != SC_OK)
		return err;
	if ((dir = opendir(folder)) == NULL)
		return complain(d, SC_IO, folder, "the folder cannot be read");
	while (err == SC_OK && (e = readdir(dir)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
		    strncmp(e->d_name, name, strlen(name)) != 0)
			err = complain(d, SC_AUTH, folder,
			    "other things stand beside the grants, and queryd would be able to "
			    "read them: give the grants a folder of their own");
	closedir(dir);
	return err;
}

static enum sc_err prepare(struct daemon *v, struct sc_diags *all)
{
	const struct queryd_settings *s = &v->settings;
	struct sc_diag *d = &all->v[0];
	enum sc_err err;

	if ((err = queryd_settings_load(v->options.config, all, &v->settings)) != SC_OK ||
	    (err = sandbox_process(d)) != SC_OK || (err = read_vkey(v, d)) != SC_OK ||
	    (err = program_folders(s->log, true, d)) != SC_OK ||
	    (err = program_folders(s->views, true, d)) != SC_OK ||
	    (err = check_grants_folder(s->grants, d)) != SC_OK)
		return err;
	const struct tls_options tls = { .cert = s->listen.cert, .key = s->listen.key };

	if (tls.cert != NULL && (err = tls_server_new(&tls, d, &v->tls)) != SC_OK)
		return err;
	if ((err = program_signals(&v->signals.fd, d)) != SC_OK || (err = query_init()) != SC_OK)
		return err;
	return queryd_confine_files(s, d);
}

static enum sc_err open_all(struct daemon *v, struct sc_diags *all)
{
	const struct queryd_settings *s = &v->settings;
	struct sc_diag *d = &all->v[0];
	struct queryd *q = &v->queryd;
	enum sc_err err;

	q->settings = s;
	if ((err = loop_new(&q->loop)) != SC_OK ||
	    (err = granted_open(&q->granted, s->grants, all)) != SC_OK ||
	    (err = own_log_open(s->log, &s->tenant, d, &q->log)) != SC_OK ||
	    (err = releases_open(s->views, v->vkey, d, &q->releases)) != SC_OK ||
	    (err = desk_new(q->loop, s->threads, s->queue, &q->desk)) != SC_OK)
		return err;
	loop_timer_init(&v->late, on_late);
	return loop_add(q->loop, &v->signals, EPOLLIN);
}

static enum sc_err listen_at(struct daemon *v, struct sc_diag *d)
{
	const struct http_server_options o = { .loop = v->queryd.loop,
		.handler = &queryd_handler,
		.arg = &v->queryd };
	enum sc_err err;

	if ((err = http_address_vacant(v->settings.listen.address, d)) != SC_OK ||
	    (err = http_server_new(&o, &v->server)) != SC_OK)
		return err;
	return http_server_listen(v->server, v->settings.listen.address, v->tls, d, NULL);
}

static void tell(void *arg, const struct served_release *s)
{
	(void)arg;
	printf("%s %llu\n", s->dataset, (unsigned long long)s->number);
}

static enum sc_err start(struct daemon *v, struct sc_diags *all)
{
	enum sc_err err;

	if ((err = prepare(v, all)) != SC_OK || (err = open_all(v, all)) != SC_OK)
		return err;
	if (v->options.check) {
		releases_each(v->queryd.releases, tell, NULL);
		return SC_OK;
	}
	if ((err = listen_at(v, &all->v[0])) != SC_OK)
		return err;
	return queryd_confine(&all->v[0]);
}

/* Requests end first, for they hold what comes after them. */
static void stop(struct daemon *v)
{
	struct queryd *q = &v->queryd;

	http_server_free(v->server);
	desk_free(q->desk);
	releases_close(q->releases);
	own_log_close(q->log);
	granted_close(&q->granted);
	if (q->loop != NULL && v->signals.fd >= 0) {
		loop_timer_clear(q->loop, &v->late);
		loop_remove(q->loop, &v->signals);
	}
	loop_free(q->loop);
	tls_context_free(v->tls);
	queryd_settings_fini(&v->settings);
	if (v->signals.fd >= 0)
		close(v->signals.fd);
}

int main(int argc, char **argv)
{
	struct daemon v = { .signals = { .fd = -1, .on_ready = on_signal } };
	const struct program_option options[] = { { .name = "config", .text = &v.options.config },
		{ .name = "verbose", .flag = &v.options.verbose },
		{ .name = "check", .flag = &v.options.check } };
	const struct program program = { "scrim-queryd", help, options, 3, NULL };
	struct sc_diags all = { .n = 0 };
	enum sc_err err;
	int code;

	if (!program_options(&program, argc, argv, &code))
		return code;
	if (v.options.config == NULL)
		return program_misused(&program);
	log_setup(program.name, v.options.verbose ? LOG_DEBUG : LOG_INFO);
	umask(0027); /* a log may have a group that reads it; all else is made for nobody else */
	err = start(&v, &all);
	if (err != SC_OK) {
		program_say(&program, &all, err);
	} else if (!v.options.check) {
		own_log_note(v.queryd.log, AUDIT_START, NULL);
		log_event(LOG_INFO, "queryd.ready", LOG_NAME("tenant", &v.settings.tenant),
		    LOG_END);
		err = loop_run(v.queryd.loop);
		own_log_note(v.queryd.log, AUDIT_STOP, NULL);
		log_event(LOG_INFO, "queryd.stopped", LOG_END);
	}
	stop(&v);
	return err == SC_OK ? 0 : 1;
}
