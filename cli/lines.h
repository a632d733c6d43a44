/*
 * lines.h - bytes as they come, told line by line.
 */
#ifndef CLI_LINES_H
#define CLI_LINES_H

#include "base/buf.h"

/* One whole line, without its newline; anything but CLI_GO_ON stops. */
typedef int lines_fn(void *arg, struct sc_span line);

/*
 * Tell FN the lines that IN completes, and keep the rest in PART, whose ceiling
 * no line may reach. CLI_GO_ON, what FN said, or CLI_NO (said).
 */
int lines_put(struct sc_buf *part, struct sc_span in, lines_fn *fn, void *arg);
/*
 * The same for all of standard input, also for a last line without an end; \r\n
 * ends a line as well. No line may have more than MAX bytes.
 */
int lines_of_input(size_t max, lines_fn *fn, void *arg);

#endif
