/*
 * undeclared_path.h - where something stands, in words that name no person. Private to protect/.
 */
#ifndef GATEWAY_PROTECT_UNDECLARED_PATH_H
#define GATEWAY_PROTECT_UNDECLARED_PATH_H

#include "gateway/protect/planner.h"

/*
 * The JSONPath of the piece that W has come to. A name that could be a value itself (a map by
 * phone number, by person) is [*]; what is too long ends with "..".
 */
void undeclared_path(const struct planner *m, const struct undeclared_walk *w,
    char out[static UNDECLARED_PATH_MAX]);

#endif
