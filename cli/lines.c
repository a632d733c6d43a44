/*
 * lines.c - whole lines told where they lie, split ones from a buffer that wipes itself.
 */
#include "cli/lines.h"

#include "cli/cli.h"

#include <string.h>

int lines_put(struct sc_buf *part, struct sc_span in, lines_fn *fn, void *arg)
{
	const uint8_t *end;
	enum sc_err err = SC_OK;
	int rc;

	while (in.n > 0 && (end = memchr(in.p, '\n', in.n)) != NULL) {
		struct sc_span line = sc_span(in.p, (size_t)(end - in.p));

		in = sc_span_from(in, line.n + 1);
		if (part->n > 0) {
			if ((err = sc_buf_put_span(part, line)) != SC_OK)
				break;
			line = sc_buf_span(part);
		}
		if ((rc = fn(arg, line)) != CLI_GO_ON)
			return rc;
		sc_buf_clear(part);
	}
	if (err == SC_OK)
		err = sc_buf_put_span(part, in);
	return err == SC_OK ? CLI_GO_ON : cli_fail(CLI_NO, "a line: %s", cli_err_text(err));
}
