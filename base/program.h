/*
 * program.h - what programs of ours begin with: their options, signals, folders, and saying why
 * they do not start.
 */
#ifndef BASE_PROGRAM_H
#define BASE_PROGRAM_H

#include "base/diag.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* Of an option that may be given again and again. */
#define PROGRAM_TEXTS_MAX 256
struct program_texts {
	const char *v[PROGRAM_TEXTS_MAX];
	size_t n;
};

/* "--NAME TEXT" or "--NAME": one of the three is where it goes. */
struct program_option {
	const char *name;
	const char **text;
	bool *flag;
	struct program_texts *texts; /* in order; past PROGRAM_TEXTS_MAX the usage is wrong */
};
#define PROGRAM_OPTIONS_MAX 32

struct program {
	const char *name;                     /* "scrim-viewd" */
	const char *help;                     /* whole lines */
	const struct program_option *options; /* and --version and --help, which all have */
	size_t n;
	const char *word; /* the one word that must follow the options; NULL: none may */
};

/*
 * Read the command line. True to go on; false to exit with *CODE: the help or the version
 * was printed, or the usage is wrong (2, with the help on standard error).
 */
bool program_options(const struct program *p, int argc, char **argv, int *code);
/* The usage is wrong for another reason: the help on standard error, and 2. */
int program_misused(const struct program *p);

/*
 * SIGTERM, SIGINT and SIGHUP are to be read from *FD from now on, a struct signalfd_siginfo each,
 * without waiting; SIGPIPE is ignored. Before any thread is started. Fails with SC_IO.
 */
SC_CHECKED enum sc_err program_signals(int *fd, struct sc_diag *d);

/* Make the folders that PATH is in, and PATH itself where WHOLE, mode 0700. Fails with SC_IO, SC_LIMIT. */
SC_CHECKED enum sc_err program_folders(const char *path, bool whole, struct sc_diag *d);

/* Tell a person on standard error why P does not start: all that is said of it, or else ERR. */
void program_say(const struct program *p, struct sc_diags *all, enum sc_err err);

#endif
