/*
 * program.c - the first steps of a program.
 */
#include "base/program.h"

#include "base/version.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>

#define PATH_BYTES 4096
#define VERSION PROGRAM_OPTIONS_MAX
#define HELP (PROGRAM_OPTIONS_MAX + 1)

int program_misused(const struct program *p)
{
	fputs(p->help, stderr);
	return 2;
}

/* The number of the option that ends the reading; -1: none is left. */
static int read_all(const struct program *p, int argc, char **argv)
{
	struct option rows[PROGRAM_OPTIONS_MAX + 3] = { { .name = NULL } };
	int c;

	for (size_t i = 0; i < p->n; i++)
		rows[i] = (struct option){ p->options[i].name,
			p->options[i].flag == NULL ? required_argument : no_argument, NULL,
			(int)i };
	rows[p->n] = (struct option){ "version", no_argument, NULL, VERSION };
	rows[p->n + 1] = (struct option){ "help", no_argument, NULL, HELP };
	while ((c = getopt_long(argc, argv, "", rows, NULL)) >= 0 && c < (int)p->n) {
		const struct program_option *o = &p->options[c];

		if (o->text != NULL)
			*o->text = optarg;
		else if (o->flag != NULL)
			*o->flag = true;
		else if (o->texts->n == PROGRAM_TEXTS_MAX)
			return '?';
		else
			o->texts->v[o->texts->n++] = optarg;
	}
	return c;
}

bool program_options(const struct program *p, int argc, char **argv, int *code)
{
	const int end = read_all(p, argc, argv);
	const bool words = p->word == NULL ?
	    optind == argc :
	    optind + 1 == argc && strcmp(argv[optind], p->word) == 0;

	*code = 0;
	if (end == VERSION)
		printf("%s %s\n", p->name, SCRIM_VERSION);
	else if (end == HELP)
		fputs(p->help, stdout);
	else if (end != -1 || !words)
		*code = program_misused(p);
	else
		return true;
	return false;
}

enum sc_err program_signals(int *fd, struct sc_diag *d)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == 0 &&
	    (*fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC)) >= 0)
		return SC_OK;
	sc_diag_set(d, "cannot take signals: %s", strerror(errno));
	return SC_IO;
}

enum sc_err program_folders(const char *path, bool whole, struct sc_diag *d)
{
	const size_t n = strlen(path);
	char part[PATH_BYTES];

	if (n >= sizeof(part)) {
		sc_diag_set(d, "a path is too long");
		return SC_LIMIT;
	}
	for (size_t i = 1; i <= n; i++) {
		if (path[i] != '/' && !(whole && i == n))
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0700) != 0 && errno != EEXIST) {
			snprintf(d->file, sizeof(d->file), "%.255s", part);
			sc_diag_set(d, "cannot make the folder: %s", strerror(errno));
			return SC_IO;
		}
	}
	return SC_OK;
}

void program_say(const struct program *p, struct sc_diags *all, enum sc_err err)
{
	char text[600];

	if (all->v[0].text[0] == '\0')
		sc_diag_set(&all->v[0], "cannot start (%s)", sc_err_name(err));
	for (size_t i = 0; sc_diags_print(all, i, text, sizeof(text)); i++)
		fprintf(stderr, "%s: %s\n", p->name, text);
}
