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
	{ "up", cli_up, CLI_UP, "start the daemons of a configuration", NONE },
	{ "down", cli_down, CLI_DOWN, "stop them", NONE },
	{ "rewrite", cli_rewrite, CLI_REWRITE | CLI_SIGN,
	    "send NDJSON through a route's rules, or restore it", NONE },
	{ "seal", cli_values, CLI_VALUES, "values to tokens", VALUES },
	{ "reveal", cli_values, CLI_VALUES | CLI_SIGN, "tokens to values, as policy allows",
	    VALUES },
	{ "index", cli_values, CLI_VALUES, "values to what can be searched for", VALUES },
	{ "mask", cli_values, CLI_VALUES, "values to their masked form", VALUES },
	{ "keys init", cli_keys_init, CLI_INIT, "make keyd's root key and store", NONE },
	{ "keys status", cli_keys_status, CLI_STATUS, "ask keyd how it is", NONE },
	{ "keys signer", cli_keys_signer, CLI_KEYS_SIGNER,
	    "make a key that a caller signs with; prints its public half", "PRINCIPAL", 1, 1 },
	{ "keys anew", cli_keys_anew, CLI_KEYS_ANEW,
	    "sign that a log whose end is lost begins anew, as keyd or scrimd asked",
	    "ORIGIN SIZE ROOT", 3, 3 },
	{ "keys rotate", cli_keys_rotate, CLI_KEYS_ROTATE,
	    "new keys from now on: of a class, all classes, a tier, or all people (epoch)",
	    "class NAME | classes | tier T0-T4 | epoch", 1, 2 },
	{ "keys destroy", cli_keys_destroy, CLI_KEYS_DESTROY,
	    "end an old version of a class's key, and all that it sealed; gives a certificate",
	    "CLASS VERSION", 2, 2 },
	{ "keys destroy-year", cli_keys_destroy_year, CLI_KEYS_DESTROY_YEAR,
	    "nobody can say any more whom that year's records are about", "YEAR", 1, 1 },
	{ "keys certificate", cli_keys_certificate, CLI_KEYS_CERTIFICATE,
	    "is it true that a key was destroyed: verify the certificate", "FILE", 1, 1 },
	{ "keys erase-subject", cli_keys_erase, CLI_ERASE, "destroy a person's key, for good", "ID",
	    1, 1 },
	{ "subjects merge", cli_subjects_merge, CLI_ERASE,
	    "two ids of one person: FROM's tokens are INTO's from now on", "FROM INTO", 2, 2 },
	{ "keys backup", cli_keys_backup, CLI_KEYS_BACKUP,
	    "everybody's keys into a folder, or a pipe, while keyd works", "FOLDER|-", 1, 1 },
	{ "keys restore", cli_keys_restore, CLI_KEYS_RESTORE,
	    "make keyd's store anew of backups, or its mirror, and of its log since",
	    "FOLDER|FILE... (none with --mirror)", 0, 256 },
	{ "keys drill", cli_keys_drill, CLI_KEYS_DRILL,
	    "restore beside keyd, open a sample, throw it away", "FOLDER|FILE", 1, 1 },
	{ "keys check", cli_keys_check, CLI_KEYS_CHECK,
	    "does all that keyd keeps hold together? Beside the keyd that runs", NONE },
	{ "keys dormant", cli_keys_dormant, CLI_KEYS_DORMANT,
	    "people for whom nothing was sealed since a day", NONE },
	{ "keys erasures", cli_keys_erasures, CLI_KEYS_ERASURES,
	    "erasures that wait, and taking one back", NONE },
	{ "doctor", cli_doctor, CLI_DOCTOR, "is this machine's Scrim as it should be?", NONE },
	{ "config check", cli_config_check, CLI_CHECK,
	    "find what a daemon would refuse, before it starts", "[FILE]", 0, 1 },
	{ "suggest", cli_suggest, CLI_SUGGEST,
	    "the route that would protect documents like these samples",
	    "[FILE...] (none or -: standard input)", 0, 256 },
	{ "try", cli_try, CLI_TRY, "what a route would do with sample documents, without a daemon",
	    "ROUTE [FILE...] (none or -: standard input)", 1, 256 },
	{ "drift", cli_drift, CLI_DRIFT,
	    "what appeared where no rule speaks, and the lines that would declare it", NONE },
	{ "audit verify", cli_audit_verify, CLI_VERIFY,
	    "recompute the logs: verified (0), unpinned (5), incomplete (6) or broken (7)", NONE },
	{ "audit trust", cli_audit_trust, CLI_TRUST,
	    "keep the logs' keys and heads in a file of yours, for audit verify", NONE },
	{ "audit readers", cli_audit_readers, CLI_READERS,
	    "have a group of this machine read the logs", "GROUP", 1, 1 },
	{ "audit show", cli_audit_show, CLI_SHOW, "entries of a log", NONE },
	{ "audit stats", cli_audit_stats, CLI_STATS, "a log in numbers", NONE },
	{ "audit prove", cli_audit_prove, CLI_PROVE, "a receipt for an entry, or check one",
	    "[INDEX]", 0, 1 },
	{ "audit reconcile", cli_audit_reconcile, CLI_RECONCILE,
	    "hold keyd's openings against scrimd's records", NONE },
	{ "witness init", cli_witness_init, CLI_WITNESS_INIT,
	    "make a witness's key and folder; prints its public half (vkey)", "FILE", 1, 1 },
	{ "witness run", cli_witness_run, CLI_WITNESS_RUN,
	    "cosign logs that only grow: a witness as c2sp.org/tlog-witness says", "FILE", 1, 1 },
	{ "phone bind", cli_phone_bind, CLI_BIND, "give orders virtual numbers",
	    "[NUMBER|TOKEN...] (none or -: lines of standard input)", 0, 4096 },
	{ "phone show", cli_phone_show, CLI_BINDING, "a binding, or those of an order", "[ID]", 0,
	    1 },
	{ "phone complete", cli_phone_complete, CLI_COMPLETE,
	    "the parcel is there: its number lives on for a few days", NONE },
	{ "phone end", cli_phone_end, CLI_BINDING, "end a binding, or those of an order, now",
	    "[ID]", 0, 1 },
	{ "phone pool", cli_phone_pool, CLI_POOL, "how full the pools are", "[NAME]", 0, 1 },
	{ "phone route", cli_phone_route, CLI_ROUTE, "what telephony would be told of a call",
	    "X [EXT]", 1, 2 },
	{ "phone simulate", cli_phone_simulate, CLI_SIMULATE,
	    "play a year of orders for a pool of numbers", NONE },
	{ "phone label", cli_phone_label, CLI_LABEL, "a page for printing: the waybill's label",
	    "[WAYBILL] (JSON; none or -: standard input)", 0, 1 },
	{ "consent show", cli_consent_show, CLI_CONSENT, "what somebody consents to, and has said",
	    "ID", 1, 1 },
	{ "consent export", cli_consent_export, CLI_CONSENT,
	    "the same as records by ISO/IEC TS 27560, in JSON", "ID", 1, 1 },
	{ "consent set", cli_consent_set, CLI_CONSENT_SET, "say a word of consent for somebody",
	    "ID", 1, 1 },
	{ "collect status", cli_collect_status, CLI_COLLECT,
	    "what came in, what was refused or set aside, and why", NONE },
	{ "collect why", cli_collect_why, CLI_COLLECT_WHY,
	    "what is held against an event, or by a rule", "[EVENT|RULE]", 0, 1 },
	{ "collect release", cli_collect_release, CLI_COLLECT_SAY,
	    "an event, or all that a rule set aside, is real", "EVENT|RULE", 1, 1 },
	{ "collect condemn", cli_collect_condemn, CLI_COLLECT_SAY,
	    "an event, or all that a rule set aside, is false", "EVENT|RULE", 1, 1 },
	{ "collect drop", cli_collect_drop, CLI_COLLECT_DROP, "forget what is set aside, for good",
	    "[EVENT|RULE]", 0, 1 },
	{ "collect rebuild", cli_collect_rebuild, CLI_COLLECT_REBUILD,
	    "make the features anew, of the whole event log", NONE },
	{ "collect snapshot", cli_collect_snapshot, CLI_COLLECT_SNAPSHOT,
	    "judge all again, make features, and wait for them", NONE },
	{ "views release", cli_views_release, CLI_VIEWS_RELEASE,
	    "make a table anonymous: a release that keeps the rules of a spec",
	    "[FILE.csv] (none: what the calendar owes of the shop's own people)", 0, 1 },
	{ "views check", cli_views_check, CLI_VIEWS_CHECK,
	    "does a release keep what it claims, derived again from its files", "FOLDER", 1, 1 },
	{ "views risk", cli_views_risk, CLI_VIEWS_RISK,
	    "how identifiable the people of a table are, and what a release would cost", "FILE.csv",
	    1, 1 },
	{ "views publish", cli_views_publish, CLI_VIEWS_PUBLISH,
	    "publish a release: record it, and put it there with its receipt", "DATASET [NUMBER]",
	    1, 2 },
	{ "views diff", cli_views_diff, CLI_VIEWS_DIFF, "what somebody who has two releases sees",
	    "FOLDER FOLDER", 2, 2 },
	{ "views grant", cli_views_grant, CLI_VIEWS_GRANT,
	    "give somebody a key to ask a dataset with", "PRINCIPAL", 1, 1 },
	{ "views revoke", cli_views_revoke, CLI_VIEWS_REVOKE,
	    "take somebody's grants back: of one dataset, or all", "PRINCIPAL", 1, 1 },
	{ "views grants", cli_views_grants, CLI_VIEWS_GRANTS, "who may ask what, and until when",
	    "[PRINCIPAL]", 0, 1 },
	{ "query", cli_query, CLI_QUERY, "ask an anonymised release: a statement, or a prompt",
	    "[DATASET] [\"SQL\"]", 0, 2 },
	{ "views list", cli_views_list, CLI_VIEWS_LIST, "what is published", "[DATASET]", 0, 1 },
	{ .name = NULL },
};

/* Is WORD the first of C's? */
static bool is_first(const struct cli_command *c, const char *word)
{
	size_t n = strcspn(c->name, " ");

	return strlen(word) == n && memcmp(c->name, word, n) == 0;
}

static void print_commands(FILE *f, const char *only)
{
	for (const struct cli_command *c = cli_commands; c->name != NULL; c++)
		if (only == NULL || is_first(c, only))
			fprintf(f, "  scrim %-20s %s\n", c->name, c->line);
}

static void print_help(FILE *f)
{
	fprintf(f, "scrim - the terminal side of the privacy gateway\n\n");
	print_commands(f, NULL);
	fprintf(f,
	    "\n`scrim COMMAND --help` tells its options. Exit codes: "
	    "0 done, 1 the answer is no,\n2 wrong usage, 3 cannot reach a "
	    "service, 4 refused by policy; of audit verify and trust also 5 unpinned,\n"
	    "6 incomplete, 7 broken.\n");
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
	struct cli_call call = { .label = "-",
		.grace_ms = 60000,
		.request_ms = AUDIT_REQUEST_MS,
		.simulate = cli_simulation };
	bool group = false;
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
	for (const struct cli_command *c = cli_commands; c->name != NULL; c++) {
		const char *second = strchr(c->name, ' ');
		int words = second == NULL ? 2 : 3; /* the program's and the command's */

		if (!is_first(c, argv[1]))
			continue;
		group = true;
		if (second != NULL && (argc < 3 || strcmp(second + 1, argv[2]) != 0))
			continue;
		call.cmd = c;
		if ((rc = cli_parse(&call, argc - words, argv + words)) != CLI_GO_ON)
			return rc;
		if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
			return cli_fail(CLI_NO, "libcurl does not start");
		rc = c->run(&call);
		curl_global_cleanup();
		return rc;
	}
	if (group)
		return explain_group(argv[1], argc < 3 ? NULL : argv[2]);
	fprintf(stderr, "scrim: there is no such command; `scrim --help` lists them\n");
	return CLI_USAGE;
}
