/*
 * views.h - where releases are made and published, and the log that says so.
 */
#ifndef CLI_VIEWS_H
#define CLI_VIEWS_H

#include "analytics/shelf/shelf.h"
#include "cli/cli.h"
#include "cli/file.h"

struct views_places {
	struct sc_name tenant;                                /* "": no configuration was needed */
	char drafts[FILE_PATH_MAX], published[FILE_PATH_MAX]; /* "": not said */
	char log[FILE_PATH_MAX];
};

/*
 * By the options, and by the configuration where they do not say it. CLI_GO_ON, or a code
 * (said).
 */
int views_find(const struct cli_call *c, struct views_places *out);
/*
 * The key of the access log, in the heap. CLI_GO_ON, or a code (said): also when there is none.
 */
int views_vkey(const struct cli_call *c, const struct views_places *p, char **vkey);

#endif
