/*
 * keydfile.h - the few things of keyd.json that the command needs to know.
 *
 * scrim-keyd reads and checks its file itself; this only finds where its root
 * key, its log and its policy are.
 */
#ifndef CLI_KEYDFILE_H
#define CLI_KEYDFILE_H

#include "cli/cli.h"

struct keyd_file {
	char *path;                         /* of keyd.json */
	char *root, *log, *policy, *socket; /* joined to its folder; NULL: not said */
	char *tenant;
};

/* keyd.json beside the configuration CONFIG_DIR stands for, unless PATH says another. */
SC_CHECKED enum sc_err keyd_file_load(const char *config_dir, const char *path, struct sc_diag *d,
    struct keyd_file *out);
void keyd_file_fini(struct keyd_file *f);

#endif
