/*
 * main.c - the `scrim` command: a table of subcommands and nothing else.
 */
#include "cli/cli.h"

#include "base/log.h"
#include "base/version.h"

#include <curl/curl.h>
#include <signal.h>
#include <string.h>

/* What may follow the options, and how many of it. */
#define NONE NULL, 0, 0
#define VALUES "[VALUE...] (none: lines of standard input)", 0, 4096

static const struct cli_command cli_commands[] = {
	{ "up", NULL, cli_up, CLI_UP, "start the daemons of a configuration", NONE },
	{ "down", NULL, cli_down, CLI_DOWN, "stop them", NONE },
	{ "rewrite", NULL, cli_rewrite, CLI_REWRITE,
	    "send NDJSON through a route's rules, or restore it", NONE },
	{ "seal", NULL, cli_values, CLI_VALUES, "values to tokens", VALUES },
	{ "reveal", NULL, cli_values, CLI_VALUES, "tokens to values, as policy allows", VALUES },
	{ "index", NULL, cli_values, CLI_VALUES, "values to what can be searched for", VALUES },
	{ "mask", NULL, cli_values, CLI_VALUES, "values to their masked form", VALUES },
	{ "keys", "init", cli_keys_init, CLI_INIT, "make keyd's root key and store", NONE },
	{ "keys", "status", cli_keys_status, CLI_STATUS, "ask keyd how it is", NONE },
	{ "keys", "erase-subject", cli_keys_erase, CLI_ERASE, "destroy a person's key, for good",
	    "ID", 1, 1 },
	{ "config", "check", cli_config_check, CLI_CHECK,
	    "find what a daemon would refuse, before it starts", "[FILE]", 0, 1 },
	{ "audit", "verify", cli_audit_verify, CLI_VERIFY, "recompute both logs", NONE },
	{ "audit", "show", cli_audit_show, CLI_SHOW, "entries of a log", NONE },
	{ "audit", "stats", cli_audit_stats, CLI_STATS, "a log in numbers", NONE },
	{ "audit", "prove", cli_audit_prove, CLI_PROVE, "a receipt for an entry, or check one",
	    "[INDEX]", 0, 1 },
	{ "audit", "reconcile", cli_audit_reconcile, CLI_RECONCILE,
	    "hold keyd's openings against scrimd's records", NONE },
	{ .name = NULL },
};

static void print_commands(FILE *f, const char *only)
{
	const struct cli_command *c;
	char words[64];

	for (c = cli_commands; c->name != NULL; c++) {
		if (only != NULL && strcmp(c->name, only) != 0)
			continue;
		snprintf(words, sizeof(words), "%s%s%s", c->name, c->sub == NULL ? "" : " ",
		    c->sub == NULL ? "" : c->sub);
		fprintf(f, "  scrim %-20s %s\n", words, c->line);
	}
}

static void print_help(FILE *f)
{
	fprintf(f, "scrim - the terminal side of the privacy gateway\n\n");
	print_commands(f, NULL);
	fprintf(f,
	    "\n`scrim COMMAND --help` tells its options. Exit codes: "
	    "0 done, 1 the answer is no,\n2 wrong usage, 3 cannot reach a "
	    "service, 4 refused by policy.\n");
}

static bool is_help(const char *s)
{
	return strcmp(s, "--help") == 0 || strcmp(s, "-h") == 0 || strcmp(s, "help") == 0;
}

/* `scrim keys` without, or with an unknown, second word. */
static int explain_group(const char *name, const char *given)
{
	bool asked = given != NULL && is_help(given);

	if (!asked && given != NULL)
		fprintf(stderr, "scrim %s: there is no such subcommand\n", name);
	print_commands(asked ? stdout : stderr, name);
	return asked ? CLI_DONE : CLI_USAGE;
}

int main(int argc, char **argv)
{
	/* a record of the last minute may be on its way */
	struct cli_call call = { .label = "-", .grace_ms = 60000 };
	const struct cli_command *c;
	const char *group = NULL;
	int rc;

	signal(SIGPIPE, SIG_IGN);
	log_setup("scrim", LOG_ERROR); /* a terminal wants words, not events */
	if (argc < 2) {
		print_help(stderr);
		return CLI_USAGE;
	}
	if (is_help(argv[1])) {
		print_help(stdout);
		return CLI_DONE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("scrim %s\n", SCRIM_VERSION);
		return CLI_DONE;
	}
	for (c = cli_commands; c->name != NULL; c++) {
		if (strcmp(c->name, argv[1]) != 0)
			continue;
		group = c->name;
		if (c->sub != NULL && (argc < 3 || strcmp(c->sub, argv[2]) != 0))
			continue;
		call.cmd = c;
		rc = cli_parse(&call, argc - (c->sub == NULL ? 2 : 3),
		    argv + (c->sub == NULL ? 2 : 3));
		if (rc != CLI_GO_ON)
			return rc;
		if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
			return cli_fail(CLI_NO, "libcurl does not start");
		rc = c->run(&call);
		curl_global_cleanup();
		return rc;
	}
	if (group != NULL)
		return explain_group(group, argc < 3 ? NULL : argv[2]);
	fprintf(stderr, "scrim: there is no such command; `scrim --help` lists them\n");
	return CLI_USAGE;
}
