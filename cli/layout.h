/*
 * layout.h - whose each folder and key file is that the configurations name, where the daemons
 * have users of their own.
 */
#ifndef CLI_LAYOUT_H
#define CLI_LAYOUT_H

#include "cli/cli.h"
#include "cli/file.h"
#include "cli/users.h"
#include "gateway/config/config.h"

/* The files of a deployment; each but the first may be missing. */
struct layout_files {
	const char *config, *keyd, *viewd, *queryd;
	bool demo; /* the configuration's folder may be opened for others to pass */
};

/*
 * Give USERS what C and the files beside it say is theirs, by root and before anything is started.
 * CLI_GO_ON, or a code (said): two users in one folder, a folder of somebody else's, a gateway
 * that keyd would not know, or a configuration that they cannot read. What was given stays so.
 * With USERS NULL all run as we do, and folders that are missing are made.
 */
int layout_give(const struct layout_files *f, const struct config *c, const struct user *users);

#endif
