/*
 * drift_line.h - the line of a route's "request" that declares what nobody did.
 */
#ifndef CLI_DRIFT_LINE_H
#define CLI_DRIFT_LINE_H

#include "base/buf.h"

#include <stdbool.h>

/* Does PLACE lead to one place? Not when it ends with "..": it was too long, or not to be told. */
bool drift_line_leads(const char *place);
/*
 * Append the rule for PLACE, where something of the class was seen: IN_TEXT, in a part of a text,
 * which is scanned. Fails like sc_buf_put().
 */
SC_CHECKED enum sc_err drift_line(const char *place, const char *class_name, bool in_text,
    struct sc_buf *out);

#endif
