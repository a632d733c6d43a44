/*
 * quote.h - text out of a log as people see it on a terminal: one word, or in quotes, so that it
 * looks like nothing else on its line and moves nothing on the screen.
 */
#ifndef CLI_QUOTE_H
#define CLI_QUOTE_H

#include "base/span.h"

#include <stdbool.h>
#include <stdio.h>

/*
 * Print TEXT: as it is when all of it is letters, digits and ._:/- of ASCII and ALWAYS is not
 * asked for, else as a JSON string, in which all that cannot be seen, such as what turns the
 * direction of writing, is an escape.
 */
void quote_print(FILE *out, struct sc_span text, bool always);

/* JSON as it was written, with the same escapes for what may not reach a terminal. */
void quote_print_json(FILE *out, struct sc_span json);

#endif
