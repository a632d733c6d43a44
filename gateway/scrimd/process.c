/*
 * process.c - what scrimd asks of the operating system for itself.
 */
#include "gateway/scrimd/process.h"
#include "base/sandbox.h"
#include "gateway/serve/kept_logs.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum sc_err process_harden(struct sc_diag *diag)
{
	struct rlimit files;

	umask(077);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	return sandbox_process(diag);
}

static enum sc_err make_folder(const char *path, const char *whose, struct sc_diag *diag)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return SC_OK;
	snprintf(diag->file, sizeof(diag->file), "%s", path);
	sc_diag_set(diag, "cannot make %s folder: %s", whose, strerror(errno));
	return SC_IO;
}

enum sc_err process_confine(const struct config *c, struct sc_diag *diag)
{
	struct sandbox_path paths[6 + CONFIG_LISTENERS_MAX] = {
		{ "/", false, SANDBOX_READ },
		{ c->log_dir, false, SANDBOX_WRITE },
	};
	char heads[4096];
	size_t n = 2;
	enum sc_err err;

	if ((err = make_folder(c->log_dir, "the log's", diag)) != SC_OK)
		return err;
	if (c->collect != NULL &&
	    (err = make_folder(c->collect->spool, "the spool's", diag)) != SC_OK)
		return err;
	kept_logs_folder(c->log_dir, heads, sizeof(heads));
	if (c->n_logs > 0) {
		if ((err = make_folder(heads, "the signed heads'", diag)) != SC_OK)
			return err;
		paths[n++] = (struct sandbox_path){ heads, false, SANDBOX_WRITE };
	}
	/* SQLite writes a journal beside its file */
	if (c->phone != NULL)
		paths[n++] =
		    (struct sandbox_path){ strchr(c->store, ':') + 1, true, SANDBOX_WRITE };
	if (c->collect != NULL) {
		paths[n++] = (struct sandbox_path){ strchr(c->collect->store, ':') + 1, true,
			SANDBOX_WRITE };
		paths[n++] = (struct sandbox_path){ c->collect->spool, false, SANDBOX_WRITE };
	}
	for (size_t i = 0; i < c->n_listeners; i++)
		if (c->listeners[i].addr.ss_family == AF_UNIX)
			paths[n++] =
			    (struct sandbox_path){ c->listeners[i].address + strlen("unix:"), true,
				    SANDBOX_SOCKET };
	return sandbox_files(paths, n, diag);
}

/*
 * Whoever opens connections without end must meet our ceiling before the
 * system's: without a descriptor the log could not go on, nor any upstream.
 */
unsigned process_connections(unsigned wanted, unsigned threads)
{
	struct rlimit files;
	rlim_t own = 64 + 16 * (rlim_t)threads, room;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY)
		return wanted;
	/* each client may need an upstream */
	room = files.rlim_cur > 2 * own ? (files.rlim_cur - own) / 2 : files.rlim_cur / 4;
	return room < wanted ? (unsigned)room : wanted;
}

void process_block_signals(sigset_t *out)
{
	sigemptyset(out);
	sigaddset(out, SIGTERM);
	sigaddset(out, SIGINT);
	sigaddset(out, SIGHUP);
	pthread_sigmask(SIG_BLOCK, out, NULL);
	signal(SIGPIPE, SIG_IGN);
}

bool process_read_line(const char *path, char *out, size_t size)
{
	FILE *f = fopen(path, "re");
	bool ok;

	out[0] = '\0';
	if (f == NULL)
		return false;
	ok = fgets(out, (int)size, f) != NULL;
	fclose(f);
	out[strcspn(out, "\n")] = '\0';
	return ok && out[0] != '\0';
}

void process_say(const struct sc_diags *all, const char *what)
{
	char text[640];

	for (size_t i = 0; sc_diags_print(all, i, text, sizeof(text)); i++)
		fprintf(stderr, "scrimd: %s: %s\n", what, text);
	if (all->v[0].text[0] == '\0')
		fprintf(stderr, "scrimd: %s: %s\n", what, strerror(errno));
}
