/*
 * process.c - what scrimd asks of the operating system for itself.
 */
#include "gateway/scrimd/process.h"
#include "base/sandbox.h"
#include "base/weak.h"
#include "gateway/changes/changes.h"
#include "gateway/serve/kept_logs.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum sc_err process_harden(struct sc_diag *diag)
{
	struct rlimit files;

	umask(0027); /* a log may have a group that reads it; all else is made for nobody else */
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

/* ---- files ---- */

/* What the C library and OpenSSL read while scrimd serves; of these, what is there. */
static const char *const system_folders[] = {
	"/etc", /* names of hosts, name servers, certificates; often replaced */
	"/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager", /* name servers, too */
	"/usr/lib/ssl", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates",
	"/usr/share/zoneinfo",     /* of sites, at a reload */
	"/sys/devices/system/cpu", /* how many there are */
};
#define SYSTEM_FOLDERS (sizeof(system_folders) / sizeof(system_folders[0]))

struct allowed {
	struct sandbox_path *v;
	size_t n;
	char **links; /* paths that are the list's own */
	size_t n_links;
};

static void allow(struct allowed *a, const char *path, bool is_file, enum sandbox_right right)
{
	a->v[a->n++] = (struct sandbox_path){ path, is_file, right };
}

static bool is_there(const char *path, mode_t kind)
{
	struct stat st;

	return stat(path, &st) == 0 && (st.st_mode & S_IFMT) == kind;
}

/* The folder of the name, and of the file where that is a link into another. */
static void allow_named(struct allowed *a, const char *path)
{
	char *real = realpath(path, NULL);

	allow(a, path, true, SANDBOX_READ);
	if (real == NULL)
		return;
	allow(a, real, true, SANDBOX_READ);
	a->links[a->n_links++] = real;
}

/*
 * Where another's log stands, or what there is of the path: who writes it may start later, and a
 * log that is put back is another folder.
 */
static void allow_log(struct allowed *a, const char *dir)
{
	char *path = strdup(dir), *slash;

	if (path == NULL)
		return;
	a->links[a->n_links++] = path;
	while ((slash = strrchr(path, '/')) != NULL && slash != path) {
		*slash = '\0';
		if (is_there(path, S_IFDIR))
			break;
	}
	if (is_there(path, S_IFDIR))
		allow(a, path, false, SANDBOX_READ);
}

/*
 * What the configuration names, and itself: by folder, as each is replaced by another file before a
 * reload. A file that a later configuration names elsewhere wants a new start.
 */
static void allow_reading(struct allowed *a, const struct config *c)
{
	for (size_t i = 0; i < SYSTEM_FOLDERS; i++)
		if (is_there(system_folders[i], S_IFDIR))
			allow(a, system_folders[i], false, SANDBOX_READ);
	allow_named(a, c->file);
	for (const struct shape_named *x = c->named; x != NULL; x = x->next)
		if (is_there(x->path, S_IFREG))
			allow_named(a, x->path);
	for (size_t i = 0; i < c->n_logs; i++)
		allow_log(a, c->logs[i].dir);
}

/* Folders of its own: files come and go in a log, in a spool, and beside a database. */
static void allow_writing(struct allowed *a, const struct config *c, const char *heads)
{
	allow(a, c->log_dir, false, SANDBOX_WRITE);
	if (c->n_logs > 0 || c->n_witnesses > 0)
		allow(a, heads, false, SANDBOX_WRITE);
	if (c->phone != NULL || changes_wanted(c))
		allow(a, strchr(c->store, ':') + 1, true, SANDBOX_WRITE);
	if (c->collect != NULL) {
		allow(a, strchr(c->collect->store, ':') + 1, true, SANDBOX_WRITE);
		allow(a, c->collect->spool, false, SANDBOX_WRITE);
	}
	for (size_t i = 0; i < c->n_listeners; i++)
		if (c->listeners[i].addr.ss_family == AF_UNIX)
			allow(a, c->listeners[i].address + strlen("unix:"), true, SANDBOX_SOCKET);
}

static size_t at_most(const struct config *c)
{
	size_t n = SYSTEM_FOLDERS + 7 + c->n_listeners + c->n_logs;

	for (const struct shape_named *x = c->named; x != NULL; x = x->next)
		n += 2;
	return n;
}

enum sc_err process_confine(const struct config *c, struct sc_diag *diag)
{
	const bool others = c->n_logs > 0 || c->n_witnesses > 0;
	struct allowed a = { .n = 0 };
	char heads[4096];
	enum sc_err err;

	kept_logs_folder(c->log_dir, heads, sizeof(heads));
	if ((err = make_folder(c->log_dir, "the log's", diag)) != SC_OK ||
	    (c->collect != NULL &&
		(err = make_folder(c->collect->spool, "the spool's", diag)) != SC_OK) ||
	    (others && (err = make_folder(heads, "the signed heads'", diag)) != SC_OK))
		return err;
	a.v = calloc(at_most(c), sizeof(*a.v));
	a.links = calloc(at_most(c), sizeof(*a.links));
	err = SC_NOMEM;
	if (a.v != NULL && a.links != NULL) {
		allow_reading(&a, c);
		allow_writing(&a, c, heads);
		err = WEAK("scrimd-unconfined") ? SC_OK : sandbox_files(a.v, a.n, diag);
	}
	while (a.n_links > 0)
		free(a.links[--a.n_links]);
	free(a.links);
	free(a.v);
	return err;
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
