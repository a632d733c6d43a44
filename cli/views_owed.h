/*
 * views_owed.h - releases of the shop's own people, which scrim-viewd makes.
 */
#ifndef CLI_VIEWS_OWED_H
#define CLI_VIEWS_OWED_H

#include "cli/cli.h"

/* Have made what is owed, and say how many that were. A code. */
int views_owed(const struct cli_call *c);

#endif
