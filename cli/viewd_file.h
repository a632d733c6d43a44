/*
 * viewd_file.h - viewd.json, beside the configuration: is it of the same deployment?
 *
 * Frames are numbers, so that neither program can see that the other means something else
 * by them. What viewd says of the file itself is viewd's to tell.
 */
#ifndef CLI_VIEWD_FILE_H
#define CLI_VIEWD_FILE_H

#include "base/diag.h"
#include "gateway/config/config.h"

/* Add to ALL where PATH does not fit C, which collects; what can be read of it is compared. */
void viewd_file_check(const char *path, const struct config *c, struct sc_diags *all);

#endif
