/*
 * opts.c - command lines: one table per subcommand gives parsing and help.
 */
#include "cli/cli.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void print_name(FILE *f, const struct cli_command *cmd)
{
	fprintf(f, "scrim %s%s%s", cmd->name, cmd->sub == NULL ? "" : " ",
	    cmd->sub == NULL ? "" : cmd->sub);
}

static void print_usage(const struct cli_command *cmd, const struct cli_opt *opts,
    const struct cli_args *args)
{
	char left[64];

	printf("usage: ");
	print_name(stdout, cmd);
	printf(" [options]%s%s\n\n  %s\n\n", args == NULL ? "" : " ",
	    args == NULL ? "" : args->meta, cmd->line);
	for (; opts->name != NULL; opts++) {
		snprintf(left, sizeof(left), "--%s%s%s", opts->name, opts->meta == NULL ? "" : " ",
		    opts->meta == NULL ? "" : opts->meta);
		printf("  %-22s %s\n", left, opts->help);
	}
	printf("  %-22s %s\n", "--help", "this");
}

__attribute__((format(printf, 2, 3))) static int wrong(const struct cli_command *cmd,
    const char *fmt, ...)
{
	va_list ap;

	print_name(stderr, cmd);
	fputs(": ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputs("; `", stderr);
	print_name(stderr, cmd);
	fputs(" --help` tells more\n", stderr);
	return CLI_USAGE;
}

/* The row for --NAME or --NAME=VALUE; *VALUE is then what follows the '='. */
static const struct cli_opt *find(const struct cli_opt *opts, const char *arg, const char **value)
{
	const char *eq = strchr(arg, '=');
	size_t n = eq == NULL ? strlen(arg) : (size_t)(eq - arg);

	*value = eq == NULL ? NULL : eq + 1;
	for (; opts->name != NULL; opts++)
		if (strlen(opts->name) == n && memcmp(opts->name, arg, n) == 0)
			return opts;
	return NULL;
}

static bool parse_number(const char *s, uint64_t *out)
{
	char *end;

	if (*s < '0' || *s > '9')
		return false;
	errno = 0;
	*out = strtoull(s, &end, 10);
	return errno == 0 && *end == '\0';
}

/* An unknown option is named only when it cannot be a value by mistake. */
static int unknown(const struct cli_command *cmd, const char *arg)
{
	size_t n = strspn(arg, "abcdefghijklmnopqrstuvwxyz-");

	if (strncmp(arg, "--", 2) == 0 && n <= 24 && arg[n] == '\0')
		return wrong(cmd, "there is no option %s", arg);
	return wrong(cmd, "there is no such option (put -- before values that begin with a dash)");
}

static int set(const struct cli_command *cmd, const struct cli_opt *o, const char *value)
{
	if (o->kind == CLI_TEXT)
		*(const char **)o->out = value;
	else if (!parse_number(value, o->out))
		return wrong(cmd, "--%s needs a whole number", o->name);
	return CLI_GO_ON;
}

int cli_parse(const struct cli_command *cmd, const struct cli_opt *opts, struct cli_args *args,
    int argc, char **argv)
{
	const struct cli_opt *o;
	const char *value;
	bool only_args = false;
	size_t kept = 0;
	int rc;

	for (int i = 0; i < argc; i++) {
		if (only_args || argv[i][0] != '-' || argv[i][1] == '\0') {
			argv[kept++] = argv[i];
			continue;
		}
		if (strcmp(argv[i], "--") == 0) {
			only_args = true;
			continue;
		}
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			print_usage(cmd, opts, args);
			return CLI_DONE;
		}
		if (argv[i][1] != '-' || (o = find(opts, argv[i] + 2, &value)) == NULL)
			return unknown(cmd, argv[i]);
		if (o->kind == CLI_FLAG) {
			if (value != NULL)
				return wrong(cmd, "--%s takes no value", o->name);
			*(bool *)o->out = true;
			continue;
		}
		if (value == NULL && i + 1 == argc)
			return wrong(cmd, "--%s needs %s", o->name, o->meta);
		if (value == NULL)
			value = argv[++i];
		if ((rc = set(cmd, o, value)) != CLI_GO_ON)
			return rc;
	}
	if (args == NULL)
		return kept == 0 ? CLI_GO_ON : wrong(cmd, "it takes options only");
	if (kept < args->min)
		return wrong(cmd, "%s is missing", args->meta);
	if (kept > args->max)
		return wrong(cmd, "there is one word too many");
	args->v = argv;
	args->n = kept;
	return CLI_GO_ON;
}
