/*
 * lines.c - whole lines told where they lie, split ones from a buffer that wipes itself.
 */
#include "cli/lines.h"

#include "cli/cli.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define CHUNK 16384

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

struct input_lines {
	lines_fn *fn;
	void *arg;
};

static int pass_line(void *arg, struct sc_span line)
{
	const struct input_lines *to = arg;

	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return to->fn(to->arg, line);
}

int lines_of_input(size_t max, lines_fn *fn, void *arg)
{
	struct input_lines to = { fn, arg };
	uint8_t chunk[CHUNK];
	struct sc_buf part;
	ssize_t n = 1;
	int rc = CLI_GO_ON;

	sc_buf_init(&part, max + 2 + CHUNK);
	while (rc == CLI_GO_ON && n != 0) {
		n = read(STDIN_FILENO, chunk, sizeof(chunk));
		if (n >= 0)
			rc = lines_put(&part, sc_span(chunk, (size_t)n), pass_line, &to);
		else if (errno != EINTR)
			rc = cli_fail(CLI_NO, "standard input cannot be read");
	}
	if (rc == CLI_GO_ON && part.n > 0)
		rc = pass_line(&to, sc_buf_span(&part));
	sc_wipe(chunk, sizeof(chunk));
	sc_buf_fini(&part);
	return rc;
}
