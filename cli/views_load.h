/*
 * views_load.h - a published release, loaded into the analysts' own database.
 */
#ifndef CLI_VIEWS_LOAD_H
#define CLI_VIEWS_LOAD_H

#include "analytics/shelf/shelf.h"

/*
 * Load R, whose receipt was checked, into the database at URL, and make it the one that is read.
 * *ALREADY: it was. CLI_GO_ON, or a code (said); what is done when it is broken off is done, or
 * is done anew when it is asked again.
 */
int views_load(const struct shelf_release *r, const char *url, bool *already);

#endif
