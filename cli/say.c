/*
 * say.c - what the command tells people: errors as one clear line.
 *
 * Values never appear in an error: messages quote configuration and our own
 * words only.
 */
#include "cli/cli.h"

#include "crypto/settings/settings.h"
#include "gateway/config/config.h"

#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

int cli_fail(int code, const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("scrim: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return code;
}

void cli_progress(const char *fmt, ...)
{
	va_list ap;

	if (!isatty(STDERR_FILENO))
		return;
	fputs("\r\033[K", stderr);
	if (fmt != NULL) {
		va_start(ap, fmt);
		vfprintf(stderr, fmt, ap);
		va_end(ap);
	}
	fflush(stderr);
}

int cli_fail_diag(int code, const struct sc_diag *d)
{
	char text[640];

	sc_diag_print(d, text, sizeof(text));
	return cli_fail(code, "%s", text);
}

int cli_fail_err(enum sc_err err, struct sc_diag *d)
{
	if (d->text[0] == '\0')
		sc_diag_set(d, "%s", cli_err_text(err));
	return cli_fail_diag(CLI_NO, d);
}

int cli_fail_diags(int code, const struct sc_diags *all)
{
	char text[640];

	for (size_t i = 0; sc_diags_print(all, i, text, sizeof(text)); i++)
		cli_fail(code, "%s", text);
	return code;
}

const char *cli_err_text(enum sc_err err)
{
	switch (err) {
	case SC_OK: return "all is well";
	case SC_AGAIN: return "it does not answer now; try again";
	case SC_NOMEM: return "out of memory";
	case SC_LIMIT: return "a ceiling was reached";
	case SC_SYNTAX: return "it is malformed";
	case SC_AUTH: return "it does not verify, or is not allowed";
	case SC_CORRUPT: return "a file is damaged";
	case SC_IO: return "it cannot be read or written";
	case SC_STALE: return "the two decide by different policies; try again";
	case SC_BUG: break;
	}
	return "an error in scrim itself";
}

const char *cli_config_path(const struct cli_call *c)
{
	const char *env = getenv("SCRIM_CONFIG");

	if (c->config != NULL)
		return c->config;
	return env != NULL && env[0] != '\0' ? env : "scrim.json";
}

static int fail_load(enum sc_err err, struct sc_diags *all)
{
	if (all->v[0].text[0] == '\0')
		sc_diag_set(&all->v[0], "%s", cli_err_text(err));
	return cli_fail_diags(CLI_NO, all);
}

int cli_config(const struct cli_call *c, struct config **out)
{
	const char *path = cli_config_path(c);
	struct sc_diags all = { .n = 0 };
	enum sc_err err;

	if (access(path, F_OK) != 0)
		return cli_fail(CLI_NO,
		    "there is no configuration %s; give --config FILE, or set $SCRIM_CONFIG", path);
	err = config_load(path, &all, out);
	return err == SC_OK ? CLI_GO_ON : fail_load(err, &all);
}

int cli_settings(const char *path, struct settings *out)
{
	struct sc_diags all = { .n = 0 };
	enum sc_err err = settings_load(path, &all, out);

	return err == SC_OK ? CLI_GO_ON : fail_load(err, &all);
}

int cli_flush(int rc)
{
	return fflush(stdout) == 0 && ferror(stdout) == 0 ?
	    rc :
	    cli_fail(CLI_NO, "standard output cannot be written");
}

int cli_out(struct sc_span text)
{
	fwrite(text.p, 1, text.n, stdout);
	if (text.n == 0 || text.p[text.n - 1] != '\n')
		putchar('\n');
	return cli_flush(CLI_DONE);
}

int cli_out_json(struct jsonw *w)
{
	int rc = w->err == SC_OK ? cli_out(sc_buf_span(w->out)) : cli_fail(CLI_NO, "out of memory");

	sc_buf_fini(w->out);
	return rc;
}
