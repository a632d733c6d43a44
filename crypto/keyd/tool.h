/*
 * tool.h - what scrim-keyd does once, beside a keyd that runs or in its place: taking a
 * backup, restoring one, rehearsing that, and checking what is kept.
 *
 * A process of its own, of keyd's user. It ends by SIGINT, SIGTERM or SIGHUP,
 * and leaves nothing then that counts.
 */
#ifndef CRYPTO_KEYD_TOOL_H
#define CRYPTO_KEYD_TOOL_H

#include "base/program.h"
#include "base/text/jsonw.h"
#include "crypto/backup/take.h"

#include <stdio.h>

struct tool_options {
	const char *config;
	bool demo, json;
	const char *backup, *since; /* a folder or "-"; a file */
	bool full;
	struct program_texts restore; /* a folder, or files in order */
	const char *mirror;           /* a folder, instead of sources */
	bool without_log;
	const char *vkey; /* a file */
	const char *drill, *scratch;
	bool check;
};

/* One run: settings and root, whom to tell, how to be stopped. */
struct tool_run {
	const struct tool_options *options;
	struct settings settings;
	struct sc_secret *root;
	struct work_watch watch;
	const char *what; /* that was told last, and when */
	uint64_t told_ms;
	bool terminal, drawn;
	FILE *out; /* where the summary goes */
};

/* Is one of them wanted? Of tool_main.c, as the next. */
bool tool_wanted(const struct tool_options *o);
/* Do it: an exit code. */
int tool_main(const struct program *p, const struct tool_options *o);

/* Settings and root, signals, no rights that are not needed. tool_close() in any case. */
SC_CHECKED enum sc_err tool_open(struct tool_run *r, const struct tool_options *o,
    struct sc_diags *all);
void tool_close(struct tool_run *r);
/* The line of progress is over. */
void tool_quiet(struct tool_run *r);

/* A summary: pairs of name and value, as lines or as one JSON object. */
struct tool_fact {
	const char *name;
	const char *text; /* NULL: the number; tool_time: it is a time, in Unix milliseconds */
	uint64_t number;
};
extern const char tool_time[];
SC_CHECKED enum sc_err tool_tell(struct tool_run *r, const struct tool_fact *facts, size_t n);

/* Of tool_backup.c, tool_restore.c, tool_drill.c, tool_check.c. */
SC_CHECKED enum sc_err tool_backup(struct tool_run *r, struct sc_diags *all);
SC_CHECKED enum sc_err tool_restore(struct tool_run *r, struct sc_diags *all);
SC_CHECKED enum sc_err tool_drill(struct tool_run *r, struct sc_diags *all);
SC_CHECKED enum sc_err tool_check(struct tool_run *r, struct sc_diags *all);

/* The public key in the file at PATH, or (NULL) none: *HAS. */
SC_CHECKED enum sc_err tool_vkey(const char *path, struct sc_diag *d, struct sign_public *key,
    bool *has);

#endif
